import type { Command } from 'commander';
import type { App } from '../app.ts';
import { formatDay, parseDay } from '../domain/day.ts';
import { minorDigits, parseMinor } from '../domain/money.ts';
import { isReasonCode, REASON_CODES } from '../domain/reasons.ts';
import { CALL_OUTCOMES, isTaskOutcome } from '../domain/task-outcomes.ts';
import { moneyText, plural } from '../domain/text.ts';
import { UsageError } from '../errors.ts';
import { readLetterNeeds } from '../store/addresses.ts';
import { readTasks, type TaskRow } from '../store/tasks.ts';
import { recordTask } from '../tasks.ts';
import { chooseBooks, type CliContext, withApp } from './context.ts';

interface DoneOptions {
  on?: string;
  amount?: string;
  reason?: string;
  invoice?: string[];
  note?: string;
  as?: string;
}

export function taskCommand(program: Command, context: CliContext) {
  const task = program
    .command('task')
    .description('work for people: calls, letters, hand-overs, what follows from a call');
  task
    .command('list [book]')
    .description('what is to do, the most urgent first')
    .option('--json', 'one JSON object per book')
    .action(async (wanted: string | undefined, options: { json?: true }) => {
      await withApp(context, async (app) => {
        for (const book of await chooseBooks(app, wanted)) {
          const tasks = await readTasks(app.db.prisma, book.id);
          const needs = await readLetterNeeds(app.db.prisma, book.id, 'all', ['todo']);
          const linesOf = (task: TaskRow) => [
            taskLine(task),
            ...(needs.get(task.id) ?? []).map((need) => `            ${need}`),
          ];
          context.print(
            options.json === true
              ? JSON.stringify({ book: book.id, name: book.name, tasks: tasks.map(forJson) })
              : [`${book.name}: ${plural(tasks.length, 'task')}`, ...tasks.flatMap(linesOf)].join(
                  '\n',
                ),
          );
        }
      });
    });
  task
    .command('done <task> <outcome>')
    .description(`what came of it: ${CALL_OUTCOMES.join(', ')} for a call, done for other work`)
    .option('--on <day>', 'the day they will pay or the pause ends, YYYY-MM-DD')
    .option('--amount <amount>', 'a part only, in the currency of the task')
    .option('--reason <reason>', 'why it was not paid')
    .option('--invoice <numbers...>', 'only these invoices of the task')
    .option('--note <text>', 'a remark')
    .option('--as <name>', 'who did it')
    .action(async (id: string, outcome: string, options: DoneOptions) => {
      await withApp(context, async (app) => {
        const found = await findTask(app, id);
        const consequence = await recordTask(
          app,
          found.bookId,
          found.id,
          requestOf(outcome, options, found.currency),
          options.as ?? 'command line',
        );
        context.print(`${found.stepName}: ${consequence.words}`);
      });
    });
}

/** By its id, or by the first characters of it when they fit one task. */
async function findTask(app: App, id: string) {
  const tasks = await app.db.prisma.action.findMany({
    where: { state: 'todo' },
    select: { id: true, bookId: true, currency: true, stepName: true },
  });
  const found = tasks.filter((task) => task.id.startsWith(id.toLowerCase()));
  const [only] = found;
  if (only === undefined) {
    throw new UsageError(`no task to do begins with "${id}": see \`duebook task list\``);
  }
  if (found.length > 1) throw new UsageError(`"${id}" fits ${found.length} tasks: give more of it`);
  return { ...only, bookId: only.bookId as Parameters<typeof recordTask>[1] };
}

function requestOf(outcome: string, options: DoneOptions, currency: string) {
  if (!isTaskOutcome(outcome)) {
    throw new UsageError(`"${outcome}" is no outcome: say ${CALL_OUTCOMES.join(', ')} or done`);
  }
  const { reason = null } = options;
  if (reason !== null && !isReasonCode(reason)) {
    throw new UsageError(`--reason ${reason}: should be one of ${REASON_CODES.join(', ')}`);
  }
  const on = options.on === undefined ? null : parseDay(options.on);
  if (options.on !== undefined && on === null) {
    throw new UsageError(`--on ${options.on}: should be a day written YYYY-MM-DD`);
  }
  return {
    outcome,
    on,
    amountMinor: options.amount === undefined ? null : amountOf(options.amount, currency),
    reason,
    note: options.note ?? '',
    invoices: options.invoice ?? null,
  };
}

function amountOf(text: string, currency: string): number {
  const minor = parseMinor(text, currency);
  if (minor !== null) return minor;
  throw new UsageError(
    `--amount ${text}: should be an amount in ${currency} with at most ${minorDigits(currency)} decimals`,
  );
}

function taskLine(task: TaskRow): string {
  return `  ${task.id.slice(0, 8)}  ${formatDay(task.dueOn)}  ${task.stepName}: ${task.customerName}, ${moneyText(task.amountMinor, task.currency)} (${task.sender.replace('_', ' ')})${task.contact === null ? '' : ` [${task.contact.replace('_', ' ')}]`}`;
}

function forJson(task: TaskRow) {
  return { ...task, dueOn: formatDay(task.dueOn) };
}
