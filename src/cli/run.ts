import type { Command } from 'commander';
import type { App } from '../app.ts';
import { assessBook } from '../assess/assess-book.ts';
import { predictBook } from '../assess/predict-book.ts';
import { type Day, parseDay } from '../domain/day.ts';
import type { Proposal } from '../domain/dunning-case.ts';
import { formatMoney } from '../domain/money.ts';
import type { BookId } from '../domain/receivables.ts';
import { plural } from '../domain/text.ts';
import { UsageError } from '../errors.ts';
import { escalateBook, type RunReport } from '../escalate/escalate-book.ts';
import { stageDeps, todayOf } from '../pipeline.ts';
import {
  type BookChoice,
  chooseBooks,
  type CliContext,
  EXIT,
  type ExitCode,
  progressOf,
  withApp,
} from './context.ts';

interface RunCliOptions {
  asOf?: string;
  dryRun?: true;
  json?: true;
}

export function runCommand(
  program: Command,
  context: CliContext,
  finish: (code: ExitCode) => void,
) {
  program
    .command('run [book]')
    .description('assess every customer and decide for every open invoice, as of a day')
    .option('--as-of <day>', 'YYYY-MM-DD; today in the book’s time zone when left out')
    .option('--dry-run', 'decide and show what would go out, but write nothing')
    .option('--json', 'one JSON object per book')
    .action(async (wanted: string | undefined, options: RunCliOptions) => {
      const asOf = options.asOf === undefined ? null : parseDay(options.asOf);
      if (options.asOf !== undefined && asOf === null) {
        throw new UsageError(`--as-of ${options.asOf}: should be a day written YYYY-MM-DD`);
      }
      await withApp(context, async (app) => {
        for (const book of await chooseBooks(app, wanted)) {
          const asOn = asOf ?? (await todayOf(app, book.id));
          const heldReason =
            options.dryRun === true
              ? await dryRun(app, context, book, asOn, options)
              : await realRun(app, context, book, asOn, options);
          if (heldReason !== null) finish(EXIT.attention);
        }
      });
    });
}

async function realRun(
  app: App,
  context: CliContext,
  book: BookChoice,
  asOn: Day,
  options: RunCliOptions,
): Promise<string | null> {
  const onProgress = progressOf(context, `${book.name}: `);
  await assessBook(stageDeps(app), book.id, { asOn, onProgress });
  await predictBook(stageDeps(app), book.id, { asOn, onProgress });
  const report = await escalateBook(stageDeps(app), book.id, { asOn, onProgress });
  context.print(
    options.json === true
      ? JSON.stringify({ book: book.id, name: book.name, ...report })
      : `${inWords(book, report)}; ${report.actions} new actions (${report.mode})${heldWords(report)}`,
  );
  return report.heldReason ?? report.stopped?.reason ?? null;
}

/** A dry run changes nothing, so it decides on the flags that are open now. */
async function dryRun(
  app: App,
  context: CliContext,
  book: BookChoice,
  asOn: Day,
  options: RunCliOptions,
): Promise<string | null> {
  const proposals: Proposal[] = [];
  const report = await escalateBook(stageDeps(app), book.id, {
    asOn,
    dryRun: true,
    onProgress: progressOf(context, `${book.name}: `),
    onProposal: (proposal) => proposals.push(proposal),
  });
  const plan = await describeProposals(app, book.id, proposals);
  if (options.json === true) {
    context.print(JSON.stringify({ book: book.id, name: book.name, ...report, plan }));
    return report.heldReason;
  }
  context.print(
    `${inWords(book, report)}; ${plan.length} would go out (dry run)${heldWords(report)}`,
  );
  for (const { step, channel, customer, currency, totalMinor, invoices } of plan) {
    const count = invoices === 1 ? '1 invoice' : `${invoices} invoices`;
    context.print(
      `  ${step} by ${channel} to ${customer}: ${formatMoney(totalMinor, currency)}, ${count}`,
    );
  }
  return report.heldReason;
}

async function describeProposals(app: App, bookId: BookId, proposals: Proposal[]) {
  const customers = await app.db.prisma.customer.findMany({
    where: { bookId, id: { in: proposals.map((proposal) => proposal.debtorId) } },
    select: { id: true, name: true },
  });
  const nameOf = new Map(customers.map((customer) => [customer.id, customer.name]));
  return proposals.map((proposal) => ({
    step: proposal.step.name,
    channel: proposal.step.channel,
    customerId: proposal.debtorId,
    customer: nameOf.get(proposal.debtorId) ?? proposal.debtorId,
    currency: proposal.currency,
    totalMinor: proposal.totalMinor,
    invoices: proposal.invoices.length,
  }));
}

function inWords(book: BookChoice, report: RunReport): string {
  const parts = Object.entries(report.decisions).map(([outcome, count]) => `${count} ${outcome}`);
  return `${book.name}: ${parts.length === 0 ? 'no open invoice' : parts.join(', ')}`;
}

function heldWords({ heldReason, stopped }: RunReport): string {
  if (heldReason !== null) return `; held: ${heldReason}`;
  return stopped === null
    ? ''
    : `; ${plural(stopped.messages, 'message')} for a person to release: ${stopped.reason}`;
}
