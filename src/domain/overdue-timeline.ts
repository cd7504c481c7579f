/**
 * What of a customer's open invoices is overdue on any day, if nothing else happens: sums by currency
 * and the number of invoices. Due on the 1st and the 10th: nothing on the 1st, one invoice from the
 * 2nd, two from the 11th.
 */
import { addDays, type Day, soonest } from './day.ts';
import { openDueItems } from './due-items.ts';
import type { ChaseInvoice } from './dunning-case.ts';
import { groupBy } from './group-by.ts';
import type { Currency, Minor } from './money.ts';

interface Growth {
  on: Day;
  /** From this day on. */
  total: number;
}

export class OverdueTimeline {
  readonly #invoices: readonly ChaseInvoice[];
  #read: { sums: ReadonlyMap<Currency, Growth[]>; counts: readonly Growth[] } | null = null;

  /** Worked out when it is first asked. */
  constructor(invoices: readonly ChaseInvoice[]) {
    this.#invoices = invoices;
  }

  sumOn(currency: Currency, on: Day): Minor {
    return totalOn(this.#growth().sums.get(currency) ?? [], on);
  }

  countOn(on: Day): number {
    return totalOn(this.#growth().counts, on);
  }

  /** The first day after `on` on which the sum in this currency or the count is another. */
  changesOn(currency: Currency, on: Day): Day | null {
    const { sums, counts } = this.#growth();
    const next = (steps: readonly Growth[]) => steps.find((step) => step.on > on)?.on ?? null;
    return soonest(next(sums.get(currency) ?? []), next(counts));
  }

  #growth() {
    this.#read ??= readGrowth(this.#invoices);
    return this.#read;
  }
}

function readGrowth(invoices: readonly ChaseInvoice[]) {
  const open = invoices.filter((invoice) => invoice.status === 'open');
  const parts = open.flatMap((invoice) =>
    openDueItems(invoice).map((item) => ({
      dueOn: item.dueOn,
      by: item.openMinor,
      currency: invoice.currency,
    })),
  );
  const firsts = open
    .filter((invoice) => invoice.kind === 'invoice')
    .flatMap((invoice) => openDueItems(invoice).slice(0, 1));
  return {
    sums: new Map(
      [...groupBy(parts, (part) => part.currency)].map(([currency, own]) => [
        currency,
        growth(own),
      ]),
    ),
    counts: growth(firsts.map((item) => ({ dueOn: item.dueOn, by: 1 }))),
  };
}

/** What falls due on a day is overdue from the next. */
function growth(parts: readonly { dueOn: Day; by: number }[]): Growth[] {
  let total = 0;
  return parts
    .toSorted((a, b) => a.dueOn - b.dueOn)
    .map((part) => {
      total += part.by;
      return { on: addDays(part.dueOn, 1), total };
    });
}

function totalOn(steps: readonly Growth[], on: Day): number {
  return steps.findLast((step) => step.on <= on)?.total ?? 0;
}
