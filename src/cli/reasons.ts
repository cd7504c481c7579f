import type { Command } from 'commander';
import { addDays, type Day, formatDay, parseDay } from '../domain/day.ts';
import { reportReasons, type ReasonReport } from '../domain/reason-report.ts';
import { FAULT_WORDS } from '../domain/reasons.ts';
import { moneyText, percentText, plural } from '../domain/text.ts';
import { UsageError } from '../errors.ts';
import { todayOf } from '../pipeline.ts';
import { readReasons } from '../store/reasons.ts';
import { chooseBook, type CliContext, withApp } from './context.ts';

interface ReasonsOptions {
  from?: string;
  to?: string;
  json?: true;
}

const DAYS_BACK = 90;

export function reasonsCommand(program: Command, context: CliContext) {
  program
    .command('reasons <book>')
    .description('why invoices were not paid, and whose doing it was')
    .option('--from <day>', `first day, YYYY-MM-DD; ${DAYS_BACK} days back when left out`)
    .option('--to <day>', 'last day, YYYY-MM-DD; today when left out')
    .option('--json', 'as one JSON object')
    .action(async (wanted: string, options: ReasonsOptions) => {
      await withApp(context, async (app) => {
        const book = await chooseBook(app, wanted);
        const to = dayOption('--to', options.to) ?? (await todayOf(app, book.id));
        const from = dayOption('--from', options.from) ?? addDays(to, -DAYS_BACK);
        if (from > to) {
          throw new UsageError(`--from ${formatDay(from)} is after --to ${formatDay(to)}`);
        }
        const report = reportReasons(await readReasons(app.db.prisma, book.id, from, to));
        context.print(
          options.json === true
            ? JSON.stringify(forJson(book.id, from, to, report), null, 2)
            : inWords(book.name, from, to, report).join('\n'),
        );
      });
    });
}

function dayOption(name: string, text: string | undefined): Day | null {
  if (text === undefined) return null;
  const on = parseDay(text);
  if (on === null) throw new UsageError(`${name} ${text}: should be a day written YYYY-MM-DD`);
  return on;
}

function forJson(book: number, from: Day, to: Day, report: ReasonReport) {
  return {
    book,
    from: formatDay(from),
    to: formatDay(to),
    ...report,
    reasons: report.reasons.map((line) => ({
      ...line,
      invoices: line.invoices.map((row) => ({ ...row, givenOn: formatDay(row.givenOn) })),
    })),
  };
}

function inWords(name: string, from: Day, to: Day, report: ReasonReport): string[] {
  const lines = [
    `${name}, ${formatDay(from)} to ${formatDay(to)}: ${plural(report.count, 'invoice')} with a reason`,
  ];
  if (report.count === 0) return lines;
  const amounts = (sums: ReasonReport['faults'][number]['amounts']) =>
    sums.map(({ currency, amountMinor }) => moneyText(amountMinor, currency)).join(', ');
  for (const { fault, share, count, amounts: sums } of report.faults) {
    if (count === 0) continue;
    lines.push(`  ${percentText(share)} ${FAULT_WORDS[fault]}: ${count}, ${amounts(sums)}`);
  }
  for (const { words, fault, count, amounts: sums, invoices } of report.reasons) {
    lines.push('', `${words} (${FAULT_WORDS[fault]}): ${count}, ${amounts(sums)}`);
    for (const row of invoices) {
      const note = row.note === null ? '' : `: ${row.note}`;
      lines.push(
        `  ${row.number} of ${row.customerName}, ${moneyText(row.amountMinor, row.currency)}, ${formatDay(row.givenOn)} (${row.by})${note}`,
      );
    }
  }
  return lines;
}
