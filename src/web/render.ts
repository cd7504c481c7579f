/**
 * Handlebars with the safety on: every template is read once at start, a variable that is
 * missing stops the page, and everything is escaped. What the ledger says is only ever text.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import Handlebars from 'handlebars';
import { helpers } from './helpers.ts';

const TEMPLATES = fileURLToPath(new URL('../../templates/pages/', import.meta.url));
export const PUBLIC_FOLDER = fileURLToPath(new URL('./public/', import.meta.url));

/** What stands around a page. */
export interface Frame {
  title: string;
  /** Where this page hangs: links from the portfolio down, without the page itself. */
  crumbs: { href: string; name: string }[];
  /** null where nobody is signed in. */
  csrf: string | null;
  /** The demo's caught mail is there to read. */
  hasMail: boolean;
  /** A sentence about what the last click did. */
  flash: string | null;
  now: Date;
}

export type Render = (page: string, model: object, frame: Frame) => string;

export function createRender(): Render {
  const engine = Handlebars.create();
  engine.registerHelper(helpers);
  // compile() waits for the first use; parsing now makes a broken template stop the start.
  const compile = (source: string) => {
    Handlebars.parse(source);
    return engine.compile(source, { strict: true, preventIndent: true });
  };
  for (const [name, source] of readTemplates(path.join(TEMPLATES, 'partials'))) {
    engine.registerPartial(name, compile(source));
  }
  const pages = new Map(readTemplates(TEMPLATES).map(([name, source]) => [name, compile(source)]));
  const layout = pages.get('layout');
  if (layout === undefined) throw new Error('templates/pages/layout.hbs is missing');
  const stylesheet = `/assets/duebook.css?v=${digestOf('duebook.css')}`;

  return (page, model, frame) => {
    const template = pages.get(page);
    if (template === undefined) throw new Error(`no template for page ${page}`);
    const data = { now: frame.now, csrf: frame.csrf };
    const body = new Handlebars.SafeString(template(model, { data }));
    return layout({ ...frame, body, stylesheet }, { data });
  };
}

function readTemplates(folder: string): [string, string][] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.hbs'))
    .map((file) => [file.slice(0, -4), readFileSync(path.join(folder, file), 'utf8')]);
}

function digestOf(file: string): string {
  const bytes = readFileSync(path.join(PUBLIC_FOLDER, file));
  return createHash('sha256').update(bytes).digest('hex').slice(0, 12);
}
