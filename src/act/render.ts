/**
 * Templates to messages. A template is three files, `<name>.<language>.{subject,text,html}.hbs`,
 * checked whole when first read; a name that the view does not have stops the message.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import Handlebars from 'handlebars';
import { PolicyError } from '../errors.ts';
import { REMINDER_VARIABLES, type ReminderView } from './reminder-view.ts';
import { checkTemplate, parseTemplate } from './template-check.ts';

export interface Rendered {
  subject: string;
  text: string;
  html: string;
}

export interface Renderer {
  /** The language a template is there in: the one asked for, or English. */
  languageOf(name: string, wanted: string): string;
  render(name: string, language: string, view: ReminderView): Rendered;
  /** Names of all templates. */
  names(): string[];
}

export const REMINDER_FOLDER = path.resolve(import.meta.dirname, '../../templates/reminders');
export const PARTS = ['subject', 'text', 'html'] as const;
type Part = (typeof PARTS)[number];

const NAME = /^[a-z0-9][a-z0-9-]{0,39}$/;
const LANGUAGE = /^[a-z]{2,3}$/;
const FALLBACK = 'en';
const SUBJECT_MAX = 180;
const KNOWN_HELPERS = { if: true, unless: true, each: true };

type Compiled = (view: ReminderView) => string;

let shared: Renderer | undefined;

/** The product's own templates, read once. */
export function reminders(): Renderer {
  shared ??= createRenderer(REMINDER_FOLDER);
  return shared;
}

export function createRenderer(folder: string): Renderer {
  const files = new Set(readdirSync(folder).filter((file) => file.endsWith('.hbs')));
  const compiled = new Map<string, Compiled>();
  const partials = new Map(PARTS.map((part) => [part, readPartials(folder, part)]));

  const compile = (file: string, part: Part): Compiled => {
    const known = compiled.get(file);
    if (known !== undefined) return known;
    const made = compileFile(folder, file, part, partials.get(part) ?? new Map());
    compiled.set(file, made);
    return made;
  };

  const languageOf = (name: string, wanted: string): string => {
    const [language = FALLBACK] = wanted.toLowerCase().split('-');
    const isThere = LANGUAGE.test(language) && files.has(`${name}.${language}.html.hbs`);
    return isThere ? language : FALLBACK;
  };

  return {
    languageOf,
    names: () => [
      ...new Set([...files].map((file) => file.split('.')[0] ?? '').filter((name) => name !== '')),
    ],
    render(name, language, view) {
      const part = (kind: Part): string => {
        const file = `${name}.${languageOf(name, language)}.${kind}.hbs`;
        if (!NAME.test(name) || !files.has(file)) {
          throw new PolicyError(`there is no template ${file.replace(/\.hbs$/, '')}`);
        }
        return compile(file, kind)(view);
      };
      return {
        subject: part('subject').replace(/\s+/g, ' ').trim().slice(0, SUBJECT_MAX),
        text: `${part('text')
          .replace(/\n{3,}/g, '\n\n')
          .trim()}\n`,
        html: part('html'),
      };
    },
  };
}

type Partials = ReadonlyMap<string, hbs.AST.Program>;

function readPartials(folder: string, part: Part): Partials {
  const inside = path.join(folder, 'partials');
  const suffix = `.${part}.hbs`;
  const files = listFiles(inside).filter((file) => file.endsWith(suffix));
  return new Map(
    files.map((file) => {
      const program = parseTemplate(file, readFileSync(path.join(inside, file), 'utf8'));
      // A partial brings in no other: nothing can turn in a circle.
      checkTemplate(`partials/${file}`, program, REMINDER_VARIABLES, new Set());
      return [file.slice(0, -suffix.length), program];
    }),
  );
}

function listFiles(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function compileFile(folder: string, file: string, part: Part, partials: Partials): Compiled {
  const template = file.replace(/\.hbs$/, '');
  const program = parseTemplate(template, readFileSync(path.join(folder, file), 'utf8'));
  checkTemplate(template, program, REMINDER_VARIABLES, new Set(partials.keys()));
  const options: CompileOptions = {
    strict: true,
    noEscape: part !== 'html',
    knownHelpers: KNOWN_HELPERS,
    knownHelpersOnly: true,
    preventIndent: true,
  };
  // An environment of its own: nothing that others register can reach a message.
  const environment = Handlebars.create();
  for (const [name, partial] of partials) {
    environment.registerPartial(name, environment.compile(partial, options));
  }
  const render = environment.compile(program, options);
  return (view) => {
    try {
      return render(view);
    } catch (err) {
      const { lineNumber } = err as { lineNumber?: unknown };
      const message = err instanceof Error ? err.message : 'it cannot be rendered';
      throw new PolicyError(
        `template ${template}: ${message}`,
        typeof lineNumber === 'number' ? lineNumber : undefined,
      );
    }
  };
}
