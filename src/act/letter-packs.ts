/**
 * The wording of letters, a pack for each country: templates/letters/<country>.yaml, its sources in the
 * comments. Read and checked whole at the first use; a pack takes from the default what it does not say.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import Handlebars from 'handlebars';
import { z } from 'zod';
import type { LetterKind, LetterWords } from '../domain/letter.ts';
import { readDataFile } from '../domain/data-file.ts';
import { PolicyError } from '../errors.ts';
import { checkTemplate, parseTemplate } from './template-check.ts';

const wording = z.strictObject({
  subject: z.string().min(1),
  before: z.string().min(1),
  after: z.string().min(1),
});
const daysAtLeast = z.number().int().min(1).max(60);

const PackText = z.strictObject({
  countries: z.array(z.string().regex(/^[A-Z]{2}$/)),
  minimumDays: z.strictObject({ formal: daysAtLeast, final: daysAtLeast }),
  /** What the law gives, said apart from what is asked for. */
  law: z.string().min(1).optional(),
  formal: wording.optional(),
  final: wording.optional(),
  /** For debtors who are natural persons, where they have rules of their own. */
  individual: z.strictObject({ minimumDays: daysAtLeast, final: wording }).optional(),
});
type Pack = z.infer<typeof PackText>;

export interface Wording {
  pack: string;
  minimumDays: number;
  render(words: LetterWords): LetterTexts;
}

export interface LetterTexts {
  subject: string;
  before: string[];
  after: string[];
  law: string | null;
}

export interface LetterPacks {
  names(): string[];
  /** The standard wording as it is written, for whoever looks at its words. */
  sourceOf(kind: LetterKind): { subject: string; text: string };
  wordingFor(country: string, kind: LetterKind, isIndividual: boolean): Wording;
}

const FOLDER = path.resolve(import.meta.dirname, '../../templates/letters');
const DEFAULT = 'default';

const WORDS: { [K in keyof LetterWords]: true } = {
  businessName: true,
  customerName: true,
  amountDue: true,
  deadline: true,
  isSingle: true,
  invoices: true,
  number: true,
  dueOn: true,
  oldest: true,
  handsOver: true,
};
const VARIABLES = { values: new Set(Object.keys(WORDS)), lists: new Map<string, Set<string>>() };

let shared: LetterPacks | undefined;

/** The product's own packs, read once. */
export function letterPacks(): LetterPacks {
  shared ??= readPacks(FOLDER);
  return shared;
}

export function readPacks(folder: string): LetterPacks {
  const packs = new Map(
    readdirSync(folder)
      .filter((file) => file.endsWith('.yaml'))
      .map((file) => [file.slice(0, -5), readPack(folder, file)]),
  );
  const standard = packs.get(DEFAULT);
  if (standard?.formal === undefined || standard.final === undefined) {
    throw new PolicyError(`letters need ${DEFAULT}.yaml with both a formal and a final wording`);
  }
  const complete = { formal: standard.formal, final: standard.final };
  return {
    names: () => [...packs.keys()].sort(),
    sourceOf(kind) {
      const { subject, before, after } = complete[kind];
      return { subject, text: `${before}\n${after}` };
    },
    wordingFor(country, kind, isIndividual) {
      const [name, pack] = [...packs].find(([, { countries }]) => countries.includes(country)) ?? [
        DEFAULT,
        standard,
      ];
      const own = isIndividual && kind === 'final' ? pack.individual : undefined;
      const texts = own?.final ?? pack[kind] ?? complete[kind];
      return {
        pack: name,
        minimumDays: own?.minimumDays ?? pack.minimumDays[kind],
        render: rendererOf(`letters/${name}`, texts, pack.law),
      };
    },
  };
}

function readPack(folder: string, file: string): Pack {
  const { data } = readDataFile(
    `letters/${file}`,
    readFileSync(path.join(folder, file), 'utf8'),
    PackText,
  );
  const wordings = [data.formal, data.final, data.individual?.final];
  const sources = wordings.flatMap((texts) => (texts === undefined ? [] : Object.values(texts)));
  for (const source of [...sources, data.law ?? '']) compile(`letters/${file}`, source);
  return data;
}

function rendererOf(
  name: string,
  texts: z.infer<typeof wording>,
  law: string | undefined,
): Wording['render'] {
  const [subject, before, after] = [texts.subject, texts.before, texts.after].map((source) =>
    compile(name, source),
  );
  const lawText = law === undefined ? null : compile(name, law);
  return (words) => ({
    subject: oneLine(subject?.(words) ?? ''),
    before: paragraphs(before?.(words) ?? ''),
    after: paragraphs(after?.(words) ?? ''),
    law: lawText === null ? null : oneLine(lawText(words)),
  });
}

/** The same cut-down template language as in messages; a letter is text, so nothing is escaped. */
function compile(name: string, source: string): (words: LetterWords) => string {
  const program = parseTemplate(name, source);
  checkTemplate(name, program, VARIABLES, new Set());
  return Handlebars.create().compile(program, {
    strict: true,
    noEscape: true,
    knownHelpers: { if: true, unless: true },
    knownHelpersOnly: true,
  });
}

function paragraphs(text: string): string[] {
  return text
    .split('\n')
    .map(oneLine)
    .filter((paragraph) => paragraph !== '');
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
