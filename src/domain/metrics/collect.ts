/** What accumulators are made of: sums per currency, the heaviest rows, and shares that may not exist. */
import type { Currency } from '../money.ts';
import type { CustomerView, DrillRow, Figure, InvoiceView, Unit } from './metric.ts';

/** A drill-down lists this many; the figure itself is of all of them. */
export const DRILL_ROWS_MAX = 200;

/** The heaviest rows met so far, whatever the order they come in. */
export class TopRows {
  #rows: DrillRow[] = [];
  #count = 0;

  add(row: DrillRow): void {
    if (row.contribution === 0) return;
    this.#count += 1;
    this.#rows.push(row);
    if (this.#rows.length >= 2 * DRILL_ROWS_MAX) this.#rows = heaviest(this.#rows);
  }

  get list(): { rows: DrillRow[]; rowCount: number } {
    return { rows: heaviest(this.#rows), rowCount: this.#count };
  }
}

function heaviest(rows: readonly DrillRow[]): DrillRow[] {
  return rows
    .toSorted(
      (a, b) =>
        Math.abs(b.contribution) - Math.abs(a.contribution) || (keyOf(a) < keyOf(b) ? -1 : 1),
    )
    .slice(0, DRILL_ROWS_MAX);
}

const keyOf = (row: DrillRow) => `${row.customerId}\n${row.invoiceId ?? ''}\n${row.label}`;

/** One tally for each currency that appears, made when it first does. */
export class PerCurrency<T> {
  readonly #tallies = new Map<Currency, T>();
  readonly #make: () => T;

  constructor(make: () => T) {
    this.#make = make;
  }

  of(currency: Currency): T {
    const known = this.#tallies.get(currency);
    if (known !== undefined) return known;
    const made = this.#make();
    this.#tallies.set(currency, made);
    return made;
  }

  /** One figure for each currency, in the order of the codes. */
  figures(figureOf: (tally: T) => Omit<Figure, 'currency'>): Figure[] {
    return [...this.#tallies.entries()]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([currency, tally]) => ({ currency, ...figureOf(tally) }));
  }
}

/** null when there is nothing to divide by. */
export function shareOf(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}

/** Sums of amounts times days outgrow what a number holds exactly. */
export class WeightedSum {
  #weighted = 0n;
  #weight = 0n;

  add(weight: number, value: number): void {
    this.#weighted += BigInt(weight) * BigInt(value);
    this.#weight += BigInt(weight);
  }

  /** null without any weight. */
  get mean(): number | null {
    return this.#weight === 0n ? null : Number(this.#weighted) / Number(this.#weight);
  }
}

export function invoiceDrill(
  customer: CustomerView,
  { row }: InvoiceView,
  contribution: number,
  unit: Unit,
): DrillRow {
  return {
    customerId: customer.id,
    customerName: customer.name,
    invoiceId: row.id,
    label: row.number,
    contribution,
    unit,
  };
}

export function customerDrill(
  customer: { id: string; name: string },
  contribution: number,
  unit: Unit,
): DrillRow {
  return {
    customerId: customer.id,
    customerName: customer.name,
    invoiceId: null,
    label: customer.name,
    contribution,
    unit,
  };
}
