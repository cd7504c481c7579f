import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { type Day, formatDay, parseDay } from '../domain/day.ts';
import { parsePolicy, type Policy } from '../domain/policy.ts';
import type { ReplayedAction } from '../domain/replay/replay-debtor.ts';
import { dayText, moneyText, percentText, plural } from '../domain/text.ts';
import { PolicyError, UsageError } from '../errors.ts';
import { replayBook, type ReplayReport } from '../escalate/replay-book.ts';
import { chooseBook, type CliContext, progressOf, withApp } from './context.ts';

interface ReplayOptions {
  from: string;
  to: string;
  against?: string;
  list?: true;
  json?: true;
}

export function replayCommand(program: Command, context: CliContext) {
  program
    .command('replay <policy> [book]')
    .description('try a policy, a YAML file, on a book’s synced past: what it would have sent')
    .requiredOption('--from <day>', 'first day, YYYY-MM-DD')
    .requiredOption('--to <day>', 'last day, YYYY-MM-DD')
    .option('--against <policy>', 'another policy file, tried on the same past')
    .option('--list', 'every message and task; with --against only those that differ')
    .option('--json', 'one JSON object; with --list one more for each message before it')
    .action(async (file: string, wanted: string | undefined, options: ReplayOptions) => {
      const [from, to] = [dayOption('--from', options.from), dayOption('--to', options.to)];
      if (to < from) throw new UsageError('--to is before --from');
      const policy = await readPolicyFile(file);
      const against = options.against === undefined ? null : await readPolicyFile(options.against);
      await withApp(context, async (app) => {
        const book = await chooseBook(app, wanted);
        const list = (mark: string, action: ReplayedAction): void => {
          if (options.list !== true) return;
          context.print(
            options.json === true
              ? JSON.stringify({ only: mark, ...action, on: formatDay(action.on) })
              : `${mark}${actionLine(action)}`,
          );
        };
        const report = await replayBook(app, book.id, {
          policy,
          against,
          from,
          to,
          onProgress: progressOf(context, `${book.name}: `),
          ...(against === null
            ? { onAction: (action) => list('', action) }
            : {
                onDifference: ({ onlyFirst, onlySecond }) => {
                  for (const action of onlyFirst) list('- ', action);
                  for (const action of onlySecond) list('+ ', action);
                },
              }),
        });
        context.print(
          options.json === true
            ? JSON.stringify({ book: book.id, name: book.name, ...options, ...report })
            : inWords(report, policy, against, { book: book.name, from, to }),
        );
      });
    });
}

function dayOption(name: string, text: string): Day {
  const day = parseDay(text);
  if (day === null) throw new UsageError(`${name} ${text}: should be a day written YYYY-MM-DD`);
  return day;
}

async function readPolicyFile(file: string): Promise<Policy> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch {
    throw new UsageError(`${file}: cannot be read; name a policy file, like my-policy.yaml`);
  }
  try {
    return parsePolicy(text);
  } catch (err) {
    if (err instanceof PolicyError) throw new UsageError(`${file}, ${err.message}`);
    throw err;
  }
}

/** "2026-06-11 Second reminder by email to Acme: NZD 200.00, 2 invoices; they paid within 3 days" */
function actionLine(action: ReplayedAction): string {
  const { on, stepName, channel, debtorName, currency, totalMinor, invoices } = action;
  const needless = action.isNeedless ? '; paid within 3 days' : '';
  return `${formatDay(on)} ${stepName} by ${channel} to ${debtorName}: ${moneyText(totalMinor, currency)}, ${plural(invoices.length, 'invoice')}${needless}`;
}

interface Span {
  book: string;
  from: Day;
  to: Day;
}

function inWords(
  report: ReplayReport,
  policy: Policy,
  against: Policy | null,
  { book, from, to }: Span,
): string {
  const columns = [{ name: policy.name, figures: report.policy }];
  if (report.against !== null && against !== null) {
    columns.push({ name: against.name, figures: report.against });
  }
  const row = (label: string, cells: readonly string[]): string =>
    `${label.padEnd(LABEL)}${cells.map((cell) => cell.padStart(CELL)).join('')}`;
  const figures = (label: string, read: (column: (typeof columns)[number]) => string): string =>
    row(
      label,
      columns.map((column) => read(column)),
    );
  return [
    `${book}, ${dayText(from)} to ${dayText(to)}, ${plural(report.debtors, 'customer')} with invoices.`,
    ...(report.guessed === 0
      ? []
      : [
          `For ${plural(report.guessed, 'customer')} the flags, score or segment of the first days are not on record: today’s stand in.`,
        ]),
    'As if connected on the first day, every letter sent at once. A morning knows what was in the books the evening before.',
    '',
    row(
      '',
      columns.map(({ name }) => name.slice(0, CELL - 2)),
    ),
    figures('messages', ({ figures: { messages } }) => String(messages)),
    figures('customers written to', ({ figures: { customers } }) => String(customers)),
    figures('to people who paid within 3 days', ({ figures: { needless, needlessShare } }) =>
      needlessShare === null ? '0' : `${needless} (${percentText(needlessShare)})`,
    ),
    figures('tasks for people', ({ figures: { tasks } }) => String(tasks)),
    figures('stopped by the volume breaker', ({ figures: { breakerDays } }) =>
      plural(breakerDays.length, 'day'),
    ),
    ...columns.flatMap(({ name, figures: { steps } }) => [
      '',
      row(`steps of ${name}`.slice(0, LABEL - 1), ['taken', 'invoices', 'days late']),
      ...steps.map((step) =>
        row(step.name, [
          String(step.actions),
          String(step.invoices),
          step.medianDaysPastDue === null ? '–' : String(step.medianDaysPastDue),
        ]),
      ),
    ]),
    ...columns.flatMap(({ name, figures: { stopped, breakerDays } }) => [
      ...Object.entries(stopped).map(
        ([code, count]) => `${name}: ${plural(count, 'message')} waited or was held: ${code}`,
      ),
      ...breakerDays.map(
        ({ on, messages, usual }) =>
          `${name}: the breaker would have stopped ${on}: ${messages} messages, usually ${usual}`,
      ),
    ]),
    ...differenceLines(report, policy, against),
  ].join('\n');
}

const LABEL = 40;
const CELL = 18;

function differenceLines(
  { difference }: ReplayReport,
  policy: Policy,
  against: Policy | null,
): string[] {
  if (difference === null || against === null) return [];
  const { onlyFirst, onlySecond, customersOnlyFirst, customersOnlySecond } = difference;
  return [
    '',
    `Only ${policy.name} would have sent ${plural(onlyFirst, 'message')}, and written to ${plural(customersOnlyFirst, 'customer')} that ${against.name} leaves alone;`,
    `only ${against.name} ${plural(onlySecond, 'message')}, and to ${plural(customersOnlySecond, 'customer')} that ${policy.name} leaves alone.`,
  ];
}
