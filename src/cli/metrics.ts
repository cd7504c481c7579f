import type { Command } from 'commander';
import type { App } from '../app.ts';
import { type Day, formatDay, parseDay } from '../domain/day.ts';
import { figureText, valueText } from '../domain/metrics/metric-text.ts';
import type { Metric } from '../domain/metrics/metric.ts';
import { findMetric, METRICS } from '../domain/metrics/registry.ts';
import { UsageError } from '../errors.ts';
import { contextOf, measureBook, type Measured } from '../measure/measure-book.ts';
import { todayOf } from '../pipeline.ts';
import { type BookChoice, chooseBook, chooseBooks, type CliContext, withApp } from './context.ts';

interface MetricsOptions {
  asOf?: string;
  days?: string;
  bounds?: string;
  loss?: string;
  metric?: string;
  drill?: true;
  all?: true;
  json?: true;
}

export function metricsCommand(program: Command, context: CliContext) {
  program
    .command('metrics [book]')
    .description(
      'aging, DSO, CEI, days to pay and the rest as of any day, each with its formula and rows',
    )
    .option('--as-of <day>', 'YYYY-MM-DD; today in the book’s time zone when left out')
    .option('--days <count>', 'length of the period that ends on the day', '90')
    .option('--bounds <days>', 'upper bounds of the aging buckets', '30,60,90')
    .option(
      '--loss <percents>',
      'loss per bucket for the provision, in place of the book’s own past',
    )
    .option('--metric <id>', 'one metric, with its formula and what it includes')
    .option('--drill', 'with --metric: the rows behind it, the heaviest first')
    .option('--all', 'every book beside the others, metric by metric')
    .option('--json', 'one JSON object per book')
    .action(async (wanted: string | undefined, options: MetricsOptions) => {
      const asked = readOptions(options);
      if (wanted !== undefined && options.all === true) {
        throw new UsageError('--all: is of every book; leave the book out');
      }
      await withApp(context, async (app) => {
        const books =
          options.all === true
            ? await chooseBooks(app, undefined)
            : [await chooseBook(app, wanted)];
        const measured: MeasuredBook[] = [];
        for (const book of books) measured.push(await measure(app, book, asked));
        if (options.json === true) {
          for (const one of measured) context.print(JSON.stringify(forScripts(one, options)));
        } else if (options.all === true) context.print(benchmark(measured));
        else for (const one of measured) context.print(inWords(one, options));
      });
    });
}

interface MeasuredBook {
  book: BookChoice;
  asOn: Day;
  from: Day;
  measured: Measured[];
}

interface Asked {
  asOf: Day | null;
  days: number;
  bounds: number[];
  lossPercents: number[] | null;
  metrics: readonly Metric[];
}

async function measure(app: App, book: BookChoice, asked: Asked): Promise<MeasuredBook> {
  const asOn = asked.asOf ?? (await todayOf(app, book.id));
  const { days, bounds, lossPercents } = asked;
  const context = contextOf(asOn, {
    ...{ days, bounds },
    ...(lossPercents === null ? {} : { lossPercents }),
  });
  const measured = await measureBook(app.db, book.id, context, asked.metrics);
  return { book, asOn, from: context.from, measured };
}

function readOptions(options: MetricsOptions): Asked {
  const asOf = options.asOf === undefined ? null : parseDay(options.asOf);
  if (options.asOf !== undefined && asOf === null) {
    throw new UsageError(`--as-of ${options.asOf}: should be a day written YYYY-MM-DD`);
  }
  const days = Number(options.days ?? '90');
  if (!Number.isInteger(days) || days < 1 || days > 3660) {
    throw new UsageError(`--days ${options.days ?? ''}: should be a whole number from 1 to 3660`);
  }
  const bounds = (options.bounds ?? '30,60,90').split(',').map(Number);
  const rising = bounds.every((bound, index) => bound > (bounds[index - 1] ?? 0));
  if (!bounds.every(Number.isInteger) || !rising) {
    throw new UsageError(
      `--bounds ${options.bounds ?? ''}: should be rising whole days such as 30,60,90`,
    );
  }
  const metric = options.metric === undefined ? undefined : findMetric(options.metric);
  if (options.metric !== undefined && metric === undefined) {
    throw new UsageError(
      `--metric ${options.metric}: should be one of ${METRICS.map(({ id }) => id).join(', ')}`,
    );
  }
  if (options.drill === true && metric === undefined) {
    throw new UsageError('--drill: say which figure to open with --metric');
  }
  return {
    ...{ asOf, days, bounds },
    lossPercents: options.loss === undefined ? null : lossesOf(options.loss, bounds.length + 2),
    metrics: metric === undefined ? METRICS : [metric],
  };
}

function lossesOf(text: string, buckets: number): number[] {
  const percents = text.split(',').map(Number);
  const isGood = percents.length === buckets && percents.every((x) => x >= 0 && x <= 100);
  if (isGood) return percents;
  throw new UsageError(
    `--loss ${text}: should be ${buckets} percentages, current first, such as 0.3,1.5,3.4,7.1,10.8`,
  );
}

function forScripts({ book, asOn, from, measured }: MeasuredBook, options: MetricsOptions) {
  return {
    ...{ book: book.id, name: book.name, asOf: formatDay(asOn), from: formatDay(from) },
    metrics: measured.map(({ metric, figures }) => ({
      ...{ id: metric.id, name: metric.name, formula: metric.formula, includes: metric.includes },
      unit: metric.unit,
      figures: figures.map(({ rows, ...figure }) =>
        options.drill === true ? { ...figure, rows } : figure,
      ),
    })),
  };
}

function inWords({ book, asOn, from, measured }: MeasuredBook, options: MetricsOptions): string {
  const lines = [
    `${book.name} as of ${formatDay(asOn)}; periods from ${formatDay(from)} to that day`,
  ];
  for (const { metric, figures } of measured) {
    const values = figures.map((figure) => figureText(metric, figure));
    lines.push(
      `${metric.name} (${metric.id}): ${values.length === 0 ? 'nothing to measure' : values.join(' · ')}`,
    );
    if (options.metric === undefined) continue;
    lines.push(`  ${metric.formula}`, `  Includes: ${metric.includes}`);
    for (const figure of figures) {
      if (figure.note !== null) lines.push(`  ${figure.currency ?? ''} ${figure.note}`);
      for (const part of figure.parts) {
        lines.push(`  ${part.name}: ${valueText(part.value, part.unit, figure.currency)}`);
      }
      if (options.drill !== true) continue;
      lines.push(`  ${figure.rows.length} of ${figure.rowCount} rows behind it`);
      for (const row of figure.rows) {
        const what = valueText(row.contribution, row.unit, figure.currency);
        lines.push(`  ${what}  ${row.customerName}  ${row.label}`);
      }
    }
  }
  return lines.map((line) => line.replace(/[\p{Cc}\p{Cf}]/gu, '�')).join('\n');
}

/** Books side by side; figures in different currencies stand in different lines. */
function benchmark(books: readonly MeasuredBook[]): string {
  const lines: string[] = [];
  const [first] = books;
  for (const { metric } of first?.measured ?? []) {
    const rows = books.flatMap(({ book, measured }) =>
      (measured.find((one) => one.metric.id === metric.id)?.figures ?? []).map((figure) => ({
        currency: figure.currency ?? '',
        text: `  ${figureText(metric, figure)}  ${book.name}`,
      })),
    );
    if (rows.length === 0) continue;
    rows.sort((a, b) => (a.currency < b.currency ? -1 : a.currency > b.currency ? 1 : 0));
    lines.push(`${metric.name} (${metric.id})`, ...rows.map(({ text }) => text));
  }
  return lines.join('\n');
}
