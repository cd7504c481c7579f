/** Figures as pages show them: a few on the book's day, one opened on a page of its own. */
import type { Day } from '../../domain/day.ts';
import { figureText, valueText } from '../../domain/metrics/metric-text.ts';
import type { Figure, Metric, MetricContext } from '../../domain/metrics/metric.ts';
import { findMetric } from '../../domain/metrics/registry.ts';
import type { BookId } from '../../domain/receivables.ts';
import { contextOf, measureBook } from '../../measure/measure-book.ts';
import type { Db } from '../../store/db.ts';
import type { BookRow } from '../params.ts';
import { bookHead } from './book-day.ts';

const HEADLINES = [
  ...['dso-countback', 'days-late', 'past-due-amount'],
  ...['cei', 'days-to-pay-weighted', 'concentration'],
];

/** Reading a larger book whole takes longer than a page may: its figures are worked out when one is opened. */
const INVOICES_MAX = 5_000;

export async function headlines(db: Db, bookId: BookId, today: Day) {
  const metrics = HEADLINES.flatMap((id) => findMetric(id) ?? []);
  const invoices = await db.prisma.invoice.count({ where: { bookId } });
  const measured =
    invoices > INVOICES_MAX ? [] : await measureBook(db, bookId, contextOf(today), metrics);
  return metrics.map((metric) => ({
    id: metric.id,
    name: metric.name,
    values: (measured.find((one) => one.metric === metric)?.figures ?? []).map((figure) =>
      figureText(metric, figure),
    ),
  }));
}

export function metricView(
  book: BookRow,
  metric: Metric,
  figures: readonly Figure[],
  { asOn, from }: MetricContext,
  now: Date,
) {
  return {
    ...bookHead(book, now),
    metric: { name: metric.name, formula: metric.formula, includes: metric.includes },
    ...{ asOn, from },
    figures: figures.map((figure) => ({
      text: figureText(metric, figure),
      note: figure.note,
      parts: figure.parts.map((part) => ({
        name: part.name,
        value: valueText(part.value, part.unit, figure.currency),
      })),
      rows: figure.rows.map((row) => ({
        ...row,
        value: valueText(row.contribution, row.unit, figure.currency),
      })),
      rowCount: figure.rowCount,
    })),
  };
}
