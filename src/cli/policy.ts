import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { lintTemplates } from '../act/template-facts.ts';
import { parseDay } from '../domain/day.ts';
import { parsePolicy } from '../domain/policy.ts';
import type { Scope } from '../domain/policy-choice.ts';
import { type Finding, hasErrors, lintPolicy } from '../domain/policy-lint.ts';
import { diffPolicies } from '../domain/policy-words.ts';
import { UsageError } from '../errors.ts';
import {
  assignPolicy,
  driftOf,
  listPolicies,
  policyText,
  savePolicy,
} from '../escalate/policy-library.ts';
import {
  type BookChoice,
  chooseBook,
  type CliContext,
  EXIT,
  type ExitCode,
  withApp,
} from './context.ts';
import type { App } from '../app.ts';

interface Options {
  book?: string;
  library?: true;
  json?: true;
}

interface SaveOptions extends Options {
  reason: string;
  effective?: string;
  author: string;
  from?: string;
}

const BOOK = ['--book <book>', 'number or name of the book'] as const;
const JSON_OPTION = ['--json', 'as JSON'] as const;
const AUTHOR = ['--author <name>', 'who decides it'] as const;

export function policyCommand(
  program: Command,
  context: CliContext,
  finish: (code: ExitCode) => void,
) {
  const policy = program
    .command('policy')
    .description('reminder policies: read, check, save, assign and compare them');
  readingCommands(policy, context);
  policy
    .command('lint <file>')
    .description('check a policy file; nothing is saved')
    .option('--country <code>', 'two letters of the country whose rules count, like AU')
    .option(...JSON_OPTION)
    .action(async (file: string, options: Options & { country?: string }) => {
      const country = options.country?.toUpperCase() ?? null;
      const text = await readText(file);
      const findings = lintPolicy(text, { templates: lintTemplates(), country });
      report(context, options, file, findings);
      if (hasErrors(findings)) finish(EXIT.failed);
    });
  policy
    .command('save <file>')
    .description('save a policy file as the next version; errors of the lint refuse it')
    .option(...BOOK)
    .option('--library', 'into the library, for every book')
    .requiredOption('--reason <text>', 'why it changes')
    .option('--effective <day>', 'first day, YYYY-MM-DD; today when left out')
    .option('--from <name>', 'the policy of the library it is made from')
    .option(...AUTHOR, 'command line')
    .option(...JSON_OPTION)
    .action(async (file: string, options: SaveOptions) => {
      const text = await readText(file);
      const effectiveOn = dayOption(options.effective);
      await withApp(context, async (app) => {
        const book = await placeOf(app, options);
        const saved = await savePolicy(app, {
          text,
          bookId: book?.id ?? null,
          author: options.author,
          reason: options.reason,
          templates: lintTemplates(),
          ...(effectiveOn === null ? {} : { effectiveOn }),
          ...(options.from === undefined ? {} : { from: options.from }),
        });
        if (options.json === true) context.print(JSON.stringify(saved));
        else report(context, options, file, saved.findings);
        if (saved.version === null) {
          context.note(`${file} was not saved: mend the errors first`);
          finish(EXIT.failed);
          return;
        }
        const what = saved.isSame ? 'is already' : 'saved as';
        context.note(`${saved.name} ${what} version ${saved.version}`);
      });
    });
  assignCommand(policy, context);
}

function readingCommands(policy: Command, context: CliContext): void {
  policy
    .command('list')
    .description('the library and, with --book, the book’s own policies and who follows them')
    .option(...BOOK)
    .option(...JSON_OPTION)
    .action((options: Options) =>
      withApp(context, async (app) => {
        const book = options.book === undefined ? null : await chooseBook(app, options.book);
        for (const row of await listPolicies(app.db, book?.id ?? null)) {
          const owner = row.bookId === null ? 'library' : 'book';
          const version =
            row.version === 0 ? 'not used yet' : `version ${row.version} from ${row.effectiveOn}`;
          const followed =
            row.assignedTo.length === 0 ? '' : `; followed by ${row.assignedTo.join(', ')}`;
          context.print(
            options.json === true
              ? JSON.stringify(row)
              : `${row.name}  ${owner}, ${version} (${row.author}: ${row.reason})${followed}`,
          );
        }
      }),
    );
  policy
    .command('show <name>')
    .description('the text of a policy, its latest version unless one is named')
    .option(...BOOK)
    .option('--version-number <n>', 'which version')
    .option(...JSON_OPTION)
    .action((name: string, options: Options & { versionNumber?: string }) =>
      withApp(context, async (app) => {
        const book = options.book === undefined ? null : await chooseBook(app, options.book);
        const version = versionOption(options.versionNumber);
        const found = await policyText(app.db.prisma, book?.id ?? null, name, version);
        context.print(options.json === true ? JSON.stringify(found) : found.text.trimEnd());
      }),
    );
  policy
    .command('diff <name> <before> [after]')
    .description('what differs between two versions, in words; the latest when one is named')
    .option(...BOOK)
    .option(...JSON_OPTION)
    .action((name: string, before: string, after: string | undefined, options: Options) =>
      withApp(context, async (app) => {
        const book = options.book === undefined ? null : await chooseBook(app, options.book);
        const read = (version: number | undefined) =>
          policyText(app.db.prisma, book?.id ?? null, name, version);
        const [was, is] = [await read(versionOption(before)), await read(versionOption(after))];
        const differences = diffPolicies(parsePolicy(was.text), parsePolicy(is.text));
        if (options.json === true) {
          const [from, to] = [was.version, is.version];
          context.print(JSON.stringify({ name, before: from, after: to, differences }));
          return;
        }
        if (differences.length === 0) context.note('the two versions say the same');
        for (const line of differences) context.print(line);
      }),
    );
  policy
    .command('drift [book]')
    .description('where a book’s own policies differ from the library they come from')
    .option(...JSON_OPTION)
    .action((wanted: string | undefined, options: Options) =>
      withApp(context, async (app) => {
        const book = await chooseBook(app, wanted);
        const drifts = await driftOf(app.db, book.id);
        if (drifts.length === 0) context.note(`${book.name} goes by the library alone`);
        for (const drift of drifts) {
          if (options.json === true) context.print(JSON.stringify(drift));
          else for (const line of driftLines(drift)) context.print(line);
        }
      }),
    );
}

function driftLines(drift: Awaited<ReturnType<typeof driftOf>>[number]): string[] {
  const { name, version, base, differences, sinceThen } = drift;
  const moved = base.version === base.latest ? '' : `, which is at version ${base.latest} by now`;
  const list = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : [`  ${title}`, ...lines.map((line) => `    ${line}`)];
  return [
    `${name} version ${version} was made from "${base.name}" version ${base.version}${moved}`,
    ...list('Different here (library → book)', differences),
    ...list('Changed in the library since', sinceThen),
  ];
}

function assignCommand(policy: Command, context: CliContext): void {
  policy
    .command('assign [name]')
    .description(
      'let a policy speak for the book, or for a segment, customer or invoice of it; the narrowest wins',
    )
    .requiredOption(...BOOK)
    .option('--segment <name>', 'customers of one segment, like punctual')
    .option('--customer <id>', 'one customer')
    .option('--invoice <id>', 'one invoice')
    .option('--none', 'take away what is assigned there')
    .option(...AUTHOR, 'command line')
    .action(
      async (
        name: string | undefined,
        options: Options & {
          segment?: string;
          customer?: string;
          invoice?: string;
          none?: true;
          author: string;
        },
      ) => {
        if ((name === undefined) === (options.none === undefined)) {
          throw new UsageError('name the policy, or say --none');
        }
        const narrow = (['segment', 'customer', 'invoice'] as const).filter(
          (scope) => options[scope] !== undefined,
        );
        if (narrow.length > 1) throw new UsageError('say one of --segment, --customer, --invoice');
        const scope: Scope = narrow[0] ?? 'book';
        const scopeId = (narrow[0] === undefined ? undefined : options[narrow[0]]) ?? '';
        await withApp(context, async (app) => {
          const book = await chooseBook(app, options.book);
          const request = { scope, scopeId, policy: name ?? null };
          await assignPolicy(app, book.id, request, options.author);
          const whom = `${scope} ${scopeId}`.trim();
          context.print(
            name === undefined
              ? `${book.name}: nothing of its own for ${whom}`
              : `${book.name}: "${name}" speaks for ${whom}`,
          );
        });
      },
    );
}

function report(
  context: CliContext,
  options: Options,
  file: string,
  findings: readonly Finding[],
): void {
  for (const finding of findings) {
    const { severity, code, line, text, mend } = finding;
    const where = line === null ? file : `${file} line ${line}`;
    context.print(
      options.json === true
        ? JSON.stringify(finding)
        : `${where}: ${severity} ${code}: ${text} ${mend}`,
    );
  }
  if (findings.length === 0) context.note(`${file}: nothing to mend`);
}

async function placeOf(app: App, options: Options): Promise<BookChoice | null> {
  if ((options.book === undefined) === (options.library === undefined)) {
    throw new UsageError('say where it goes: --book BOOK or --library');
  }
  return options.book === undefined ? null : chooseBook(app, options.book);
}

function dayOption(text: string | undefined) {
  if (text === undefined) return null;
  const on = parseDay(text);
  if (on === null) throw new UsageError(`--effective ${text}: should be a day written YYYY-MM-DD`);
  return on;
}

function versionOption(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new UsageError(`"${text}" is no number of a version`);
  return Number(text);
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch {
    throw new UsageError(`${file}: cannot be read; name a policy file, like my-policy.yaml`);
  }
}
