/** Which customer is invoiced on which day: growing sales, working days mostly, and the cast's own stories. */
import { addDays, type Day } from '../../../src/domain/day.ts';
import { lastWorkday } from './calendar.ts';
import type { BookShape, Cast } from './customers.ts';
import type { CustomerPlan } from './plan.ts';
import type { Random } from './random.ts';

export interface Slot {
  customer: CustomerPlan;
  on: Day;
  /** Position among the certain invoices of a role, newest last; null for the rest. */
  certain: { index: number; last: boolean; roleKey: string } | null;
}

/** Exactly `shape.invoices` slots on or before the day before the book was born, then the future at today's pace. */
export function scheduleInvoices(random: Random, shape: BookShape, cast: Cast): Slot[] {
  const certain = certainSlots(shape, cast).slice(0, shape.invoices);
  const draw = customerDraw(random, cast.customers);
  const past = certain;
  const span = shape.bornOn - shape.startOn - 1;
  while (past.length < shape.invoices) {
    // Sales grow: the last month sees about three times the first one's invoices.
    const share = growing(random.next());
    const on = workdayMostly(random, addDays(shape.startOn, Math.floor(share * span)), shape);
    past.push({ customer: draw(on), on, certain: null });
  }
  past.sort(byDay);
  const pace = (shape.invoices / span) * 1.4;
  const days = shape.endOn - shape.bornOn;
  const future: Slot[] = [];
  for (let i = 0; i < Math.round(pace * days); i += 1) {
    const on = addDays(shape.bornOn, 1 + Math.floor(random.next() * days));
    future.push({ customer: draw(on), on, certain: null });
  }
  future.sort(byDay);
  return [...past, ...future];
}

/** Maps 0…1 evenly drawn to 0…1 with density 0.5 + x. */
function growing(draw: number): number {
  return -0.5 + Math.sqrt(0.25 + 2 * draw);
}

function byDay(a: Slot, b: Slot): number {
  return a.on - b.on || a.customer.n - b.customer.n;
}

function workdayMostly(random: Random, on: Day, shape: BookShape): Day {
  const moved = random.chance(0.95) ? lastWorkday(on) : on;
  return moved < shape.startOn ? shape.startOn : moved;
}

function certainSlots(shape: BookShape, cast: Cast): Slot[] {
  return [...cast.roles.values()].flatMap(({ role, customer }) =>
    role.invoicedBefore.map((before, index) => ({
      customer,
      on: addDays(shape.bornOn, -before),
      certain: { index, last: index === role.invoicedBefore.length - 1, roleKey: role.key },
    })),
  );
}

/** Draws by weight among those who buy on that day. */
function customerDraw(random: Random, customers: CustomerPlan[]): (on: Day) => CustomerPlan {
  const cumulative: number[] = [];
  let total = 0;
  for (const customer of customers) {
    total += customer.weight;
    cumulative.push(total);
  }
  return (on) => {
    for (;;) {
      const customer = customers[firstAbove(cumulative, random.next() * total)];
      if (customer !== undefined && customer.firstOn <= on && on <= customer.lastOn) {
        return customer;
      }
    }
  };
}

function firstAbove(cumulative: readonly number[], value: number): number {
  let low = 0;
  let high = cumulative.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((cumulative[middle] ?? 0) > value) high = middle;
    else low = middle + 1;
  }
  return low;
}
