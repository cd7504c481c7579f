import type { Command } from 'commander';
import type { App } from '../app.ts';
import {
  type Contradiction,
  CONTRADICTION_WORDS,
  CONTRADICTIONS,
} from '../domain/contradictions.ts';
import { type Day, dayIn, formatDay } from '../domain/day.ts';
import {
  backtest,
  type BacktestFigures,
  backtestHistory,
  type BacktestReport,
} from '../domain/predict/backtest.ts';
import { type History, HistoryBuilder } from '../domain/predict/history.ts';
import {
  type Contradicted,
  type PaymentObservation,
  separateContradictions,
} from '../domain/predict/observation.ts';
import { dayText, percentText, plural } from '../domain/text.ts';
import { UsageError } from '../errors.ts';
import { type InvoicePayment, readPaymentHistory } from '../store/payment-history.ts';
import { type BookChoice, chooseBook, type CliContext, withApp } from './context.ts';
import { dateFormats } from './date-format.ts';
import { parseCsvMap, type PaymentCsv, readPaymentCsv } from './payment-csv.ts';

interface BacktestOptions {
  csv?: string;
  map?: string;
  dateFormat?: string;
  json?: true;
}

export function backtestCommand(program: Command, context: CliContext) {
  program
    .command('backtest [book]')
    .description('how good the predictions would have been, walking forward over a past')
    .option('--csv <file>', 'over the history in a CSV file, instead of a book’s own')
    .option(
      '--map <columns>',
      'customer=…,invoice_date=…,due_date=…,paid_date=…,amount=…[,currency=…,number=…]: the file’s own column names',
    )
    .option(
      '--date-format <format>',
      'how the file writes days, like M/d/yyyy, or M/d/yyyy,due_date=yyyyMMdd (default: yyyy-MM-dd)',
    )
    .option('--json', 'as one JSON object')
    .action(async (book: string | undefined, options: BacktestOptions) => {
      const named: Tested<PaymentObservation> =
        options.csv === undefined
          ? await backtestBook(context, book, options)
          : await backtestCsv(book, options.csv, options);
      if (named.report === null) {
        throw new UsageError(
          `${named.name}: too short a history to test on; it takes 50 invoices, and some that fell due after the first 40 %`,
        );
      }
      context.print(
        options.json === true
          ? JSON.stringify({ ...figuresOf(named.report), repeated: named.repeated?.lines.length })
          : inWords(named.name, named.report, named.placeOf, named.repeated).join('\n'),
      );
    });
}

interface Tested<T extends PaymentObservation> {
  name: string;
  report: BacktestReport<T> | null;
  /** How a person finds an observation again. */
  placeOf: (observation: T) => string;
  /** Of a file. */
  repeated?: PaymentCsv['repeated'];
}

async function backtestCsv(book: string | undefined, file: string, options: BacktestOptions) {
  if (book !== undefined) throw new UsageError('backtest: name a book or --csv, not both');
  if (options.map === undefined) {
    throw new UsageError(
      '--map is missing: say which columns to read, like --map customer=customerID,invoice_date=InvoiceDate,due_date=DueDate,paid_date=SettledDate,amount=InvoiceAmount',
    );
  }
  const map = parseCsvMap(options.map);
  const { observations, repeated } = await readPaymentCsv(
    file,
    map,
    dateFormats(options.dateFormat ?? 'yyyy-MM-dd'),
  );
  return { ...tested(file, backtest(observations), (one) => `line ${one.line}`), repeated };
}

async function backtestBook(
  context: CliContext,
  book: string | undefined,
  options: BacktestOptions,
) {
  if (options.map !== undefined || options.dateFormat !== undefined) {
    throw new UsageError('--map and --date-format go with --csv');
  }
  return withApp(context, async (app) => {
    const choice = await chooseBook(app, book);
    const { history, contradicted, asOn } = await readHistoryAsKnown(app, choice);
    const report = backtestHistory(history, contradicted, asOn);
    return tested(choice.name, report, (one) => `invoice ${one.number}`);
  });
}

function tested<T extends PaymentObservation>(
  name: string,
  report: BacktestReport<T> | null,
  placeOf: (observation: T) => string,
): Tested<PaymentObservation> {
  return { name, report, placeOf: placeOf as (observation: PaymentObservation) => string };
}

export interface KnownHistory {
  history: History;
  contradicted: Contradicted<InvoicePayment>[];
  asOn: Day;
}

/** What the ledger says after the last sync is not known yet. Only the numbers of a page are kept. */
export async function readHistoryAsKnown(app: App, book: BookChoice): Promise<KnownHistory> {
  const builder = new HistoryBuilder();
  const contradicted: Contradicted<InvoicePayment>[] = [];
  for await (const page of readPaymentHistory(app.db.prisma, book.id)) {
    const separated = separateContradictions(page);
    separated.usable.forEach((payment) => {
      builder.add(payment);
    });
    contradicted.push(...separated.contradicted);
  }
  const row = await app.db.prisma.book.findUniqueOrThrow({
    where: { id: book.id },
    select: { timeZone: true, lastSyncedAt: true },
  });
  const asOn = dayIn(row.timeZone, row.lastSyncedAt ?? app.clock.now());
  return { history: builder.build(), contradicted, asOn };
}

/** Scripts read this: the keys stay as they are. */
function figuresOf(report: BacktestReport) {
  const { contradicted, table, asOn, predictedFrom, ...figures } = report;
  return {
    ...figures,
    excluded: excludedCounts(contradicted),
    asOn: formatDay(asOn),
    predictedFrom: formatDay(predictedFrom),
    calibration: table,
  };
}

function excludedCounts(contradicted: BacktestReport['contradicted']) {
  const countOf = (code: Contradiction) =>
    contradicted.filter(({ contradiction }) => contradiction === code).length;
  return Object.fromEntries(CONTRADICTIONS.map((code) => [code, countOf(code)]));
}

function inWords(
  name: string,
  report: BacktestReport,
  placeOf: (observation: PaymentObservation) => string,
  repeated: PaymentCsv['repeated'] = { lines: [], areLeftOut: false },
): string[] {
  return [
    `${name}: ${plural(report.invoices, 'invoice')} of ${plural(report.customers, 'customer')}, ${percentText(report.lateShare)} late`,
    ...contradictionLines(report, placeOf),
    ...repeatedLines(repeated),
    `Walked forward month by month from ${dayText(report.predictedFrom)}; ${plural(report.predicted, 'invoice')} predicted at the issue date and since due, ${report.unpaid} of them unpaid.`,
    'Unpaid invoices count as late and as outside every band; the error in days is over paid ones.',
    ...unpaidLines(report),
    '',
    ...figureLines(report),
    '',
    `Chance alone would make a calibration error of about ${number(report.calibrationByChance, 3)} of so many invoices, were every chance exactly right.`,
    '',
    'How chances came true, in ten groups of equal size',
    '  predicted   late   invoices',
    ...report.table.map(
      (row) =>
        `  ${percent(row.predicted)} ${percent(row.late).padStart(9)} ${String(row.count).padStart(9)}`,
    ),
    '',
    severityLine(report),
  ];
}

/** Where money is collected, few of the invoices that have fallen due are unpaid at any time. */
const UNPAID_SHARE_MAX = 0.15;

/** An export that ends with its payments and not with its invoices makes every figure look worse than it is. */
function unpaidLines({ unpaid, predicted }: BacktestReport): string[] {
  if (unpaid <= UNPAID_SHARE_MAX * predicted) return [];
  return [
    `That is ${percentText(unpaid / predicted)} of them, which is many. If the payments of the last months are missing here, these figures are worse than the truth: leave out the invoices that fell due after the last known payment.`,
  ];
}

const NAMED_MAX = 3;

function contradictionLines(
  report: BacktestReport,
  placeOf: (observation: PaymentObservation) => string,
): string[] {
  return Object.entries(CONTRADICTION_WORDS).flatMap(([code, words]) => {
    const found = report.contradicted.filter(({ contradiction }) => contradiction === code);
    if (found.length === 0) return [];
    const named = found.slice(0, NAMED_MAX).map(({ observation }) => placeOf(observation));
    const more = found.length > NAMED_MAX ? ', …' : '';
    return [`Left out: ${plural(found.length, 'invoice')} ${words} (${named.join(', ')}${more})`];
  });
}

function repeatedLines({ lines, areLeftOut }: PaymentCsv['repeated']): string[] {
  if (lines.length === 0) return [];
  const named = lines.slice(0, NAMED_MAX).map((line) => `line ${line}`);
  const found = `${plural(lines.length, 'line')} that say what an earlier one said (${named.join(', ')}${lines.length > NAMED_MAX ? ', …' : ''})`;
  return [
    areLeftOut
      ? `Left out: ${found}`
      : `Counted: ${found}; with number=COLUMN in --map such lines are one invoice`,
  ];
}

function figureLines({ model, baselines }: BacktestReport): string[] {
  const header = [
    ...['', 'AUC', 'Brier', 'log-loss', 'calib.', 'mean days', 'median', 'P50', 'P80', 'P90'],
  ];
  const rows = [
    ['this model', ...cells(model)],
    ['overall rate', ...cells(baselines.overall)],
    ['customer’s rate', ...cells(baselines.customerRate)],
    ['customer’s median', ...cells(baselines.customerMedian)],
    ['both, shrunken', ...cells(baselines.shrunken)],
  ];
  return [header, ...rows].map((row) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(18) : cell.padStart(10))).join(''),
  );
}

function cells(figures: BacktestFigures): string[] {
  const { coverage } = figures;
  return [
    number(figures.auc, 3),
    number(figures.brier, 4),
    number(figures.logLoss, 3),
    number(figures.calibrationError, 3),
    number(figures.meanErrorDays, 1),
    number(figures.medianErrorDays, 1),
    ...[coverage.p50, coverage.p80, coverage.p90].map((share) =>
      share === null ? '–' : percentText(share),
    ),
  ];
}

function number(value: number | null, digits: number): string {
  return value === null ? '–' : value.toFixed(digits);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`.padStart(8);
}

function severityLine({ highRisk, lowRisk }: BacktestReport): string {
  return (
    `Of the last twelve months: of the ${plural(highRisk.count, 'invoice')} we called high risk (50 % and more), ` +
    `${percentText(highRisk.late)} were late; of the ${lowRisk.count} others, ${percentText(lowRisk.late)}.`
  );
}
