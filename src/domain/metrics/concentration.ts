/**
 * How much hangs on few: the share of the largest, the five and the ten largest balances, and the
 * Herfindahl index, the sum of the squared shares in ten-thousandths: 10,000 is one customer, ten equal
 * ones are 1,000. Balances of 500, 300 and 200: the largest has 50 %, the index is 3,800.
 */
import { customerDrill, PerCurrency, shareOf, TopRows } from './collect.ts';
import type { Accumulator, Metric, MetricContext } from './metric.ts';

const TOPS = [1, 5, 10];

function begin({ asOn }: MetricContext): Accumulator {
  const tallies = new PerCurrency(() => ({
    total: 0,
    squares: 0n,
    largest: [] as number[],
    rows: new TopRows(),
  }));
  return {
    customer(customer) {
      const balances = new Map<string, number>();
      for (const invoice of customer.invoices) {
        const { currency } = invoice.row;
        balances.set(currency, (balances.get(currency) ?? 0) + invoice.openOn(asOn));
      }
      for (const [currency, open] of balances) {
        if (open <= 0) continue;
        const tally = tallies.of(currency);
        tally.total += open;
        tally.squares += BigInt(open) ** 2n;
        tally.largest = [...tally.largest, open].sort((a, b) => b - a).slice(0, Math.max(...TOPS));
        tally.rows.add(customerDrill(customer, open, 'money'));
      }
    },
    figures: () =>
      tallies.figures(({ total, squares, largest, rows }) => ({
        value: (Number(squares) / total / total) * 10_000,
        note: null,
        parts: TOPS.map((count) => ({
          name: count === 1 ? 'largest' : `${count} largest`,
          value: shareOf(
            largest.slice(0, count).reduce((sum, open) => sum + open, 0),
            total,
          ),
          unit: 'share' as const,
        })),
        ...rows.list,
      })),
  };
}

export const CONCENTRATION: Metric = {
  id: 'concentration',
  name: 'Concentration',
  formula:
    'Sum of the squared shares of each customer’s balance, in ten-thousandths; with the shares of the 1, 5 and 10 largest.',
  includes: 'Open balances per customer, disputed ones too; unused credits are not netted.',
  unit: 'index',
  begin,
};
