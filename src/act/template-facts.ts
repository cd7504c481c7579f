/** The reminder templates as the lint of a policy looks at them: their words, and why one cannot be used. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { LintTemplate } from '../domain/policy-lint.ts';
import { PolicyError } from '../errors.ts';
import { letterPacks } from './letter-packs.ts';
import { PARTS, REMINDER_FOLDER, reminders } from './render.ts';
import { REMINDER_VARIABLES } from './reminder-view.ts';
import { checkTemplate, parseTemplate } from './template-check.ts';

export function lintTemplates(folder = REMINDER_FOLDER): Map<string, LintTemplate> {
  const partials = new Set(
    readdirSync(path.join(folder, 'partials')).map((file) => file.split('.')[0] ?? ''),
  );
  return new Map(
    reminders()
      .names()
      .map((name) => [name, readTemplate(folder, name, partials)]),
  );
}

function readTemplate(folder: string, name: string, partials: ReadonlySet<string>): LintTemplate {
  const sources = PARTS.map((part) => {
    const file = `${name}.en.${part}.hbs`;
    return { file, source: readFileSync(path.join(folder, file), 'utf8') };
  });
  const [subject, text] = sources;
  const letter = letterWordsOf(name);
  return {
    subject: `${subject?.source ?? ''} ${letter.subject}`,
    text: `${text?.source ?? ''} ${letter.text}`,
    problem: problemOf(sources, partials),
  };
}

/** What a letter says stands in its wording pack, not in the template. */
function letterWordsOf(name: string): { subject: string; text: string } {
  if (!name.startsWith('letter-')) return { subject: '', text: '' };
  return letterPacks().sourceOf(name === 'letter-final' ? 'final' : 'formal');
}

function problemOf(
  sources: readonly { file: string; source: string }[],
  partials: ReadonlySet<string>,
): string | null {
  try {
    for (const { file, source } of sources) {
      checkTemplate(file, parseTemplate(file, source), REMINDER_VARIABLES, partials);
    }
    return null;
  } catch (err) {
    if (err instanceof PolicyError) return err.message;
    throw err;
  }
}
