/** When and how much somebody of a given behaviour pays of one invoice, left to themselves. */
import { addDays, type Day } from '../../../src/domain/day.ts';
import type { Minor } from '../../../src/domain/money.ts';
import { fridayOnOrAfter, monthEndOnOrAfter, onWorkday } from './calendar.ts';
import type { CustomerPlan } from './plan.ts';
import type { Random } from './random.ts';

interface Piece {
  on: Day;
  amountMinor: Minor;
}

export interface Intent {
  pieces: Piece[];
  /** Promised on `madeOn` to pay on `payOn`. */
  promise: { madeOn: Day; payOn: Day } | null;
  /** The unpaid rest is forgiven with a credit note on that day. */
  settledByCredit: Day | null;
}

export function payIntent(
  random: Random,
  customer: CustomerPlan,
  invoice: { issuedOn: Day; dueOn: Day },
  owedMinor: Minor,
  bornOn: Day,
): Intent {
  const whole = (on: Day): Intent => ({
    pieces: [{ on: afterIssue(on, invoice.issuedOn), amountMinor: owedMinor }],
    promise: null,
    settledByCredit: null,
  });
  const { dueOn } = invoice;
  switch (customer.behaviour) {
    case 'punctual':
    case 'newcomer':
      return whole(onTime(random, dueOn));
    case 'early':
      return whole(onWorkday(addDays(dueOn, random.days(-8, 4))));
    case 'ten_days_late':
    case 'dormant':
      return whole(onWorkday(addDays(dueOn, Math.max(4, random.days(10, 3)))));
    case 'month_end':
      return whole(monthEndOnOrAfter(dueOn));
    case 'friday_run':
      return whole(fridayOnOrAfter(addDays(dueOn, -2)));
    case 'deteriorating': {
      const months = Math.max(0, (invoice.issuedOn - bornOn + 540) / 30);
      return whole(onWorkday(addDays(dueOn, random.days(-16 + 2.4 * months, 3))));
    }
    case 'slow':
      return whole(onWorkday(addDays(dueOn, Math.max(8, random.days(38, 14)))));
    case 'disputing':
      return disputed(random, invoice, owedMinor);
    case 'partial':
      return inParts(random, invoice, owedMinor);
    case 'promise_breaker':
      return brokenPromise(random, invoice, owedMinor);
    case 'bankrupt':
      return invoice.issuedOn < bornOn - 200
        ? whole(onWorkday(addDays(dueOn, random.days(6, 4))))
        : { pieces: [], promise: null, settledByCredit: null };
  }
}

/** Mostly on the day or a little before; one in six slips past a weekend or a holiday. */
function onTime(random: Random, dueOn: Day): Day {
  const slip = random.chance(0.16) ? random.int(1, 5) : -random.int(0, 4);
  const on = addDays(dueOn, slip);
  return slip > 0 ? onWorkday(on) : on;
}

function afterIssue(on: Day, issuedOn: Day): Day {
  return on > issuedOn ? on : addDays(issuedOn, 1);
}

function disputed(
  random: Random,
  invoice: { issuedOn: Day; dueOn: Day },
  owedMinor: Minor,
): Intent {
  const on = onWorkday(addDays(invoice.dueOn, Math.max(1, random.days(9, 5))));
  if (random.chance(0.45)) {
    return { pieces: [{ on, amountMinor: owedMinor }], promise: null, settledByCredit: null };
  }
  const paid = Math.round((owedMinor * random.int(80, 94)) / 100);
  return {
    pieces: [{ on, amountMinor: paid }],
    promise: null,
    settledByCredit: random.chance(0.7) ? addDays(on, random.int(40, 80)) : null,
  };
}

function inParts(random: Random, invoice: { issuedOn: Day; dueOn: Day }, owedMinor: Minor): Intent {
  const first = Math.round(owedMinor * 0.4);
  const second = Math.round(owedMinor * 0.3);
  const start = onWorkday(addDays(invoice.dueOn, random.int(0, 6)));
  return {
    pieces: [
      { on: start, amountMinor: first },
      { on: onWorkday(addDays(start, 18)), amountMinor: second },
      { on: onWorkday(addDays(start, 40)), amountMinor: owedMinor - first - second },
    ].filter((piece) => piece.amountMinor > 0),
    promise: null,
    settledByCredit: null,
  };
}

function brokenPromise(
  random: Random,
  invoice: { issuedOn: Day; dueOn: Day },
  owedMinor: Minor,
): Intent {
  const madeOn = addDays(invoice.dueOn, 4);
  const payOn = onWorkday(addDays(invoice.dueOn, 14));
  return {
    pieces: [{ on: onWorkday(addDays(payOn, random.int(20, 45))), amountMinor: owedMinor }],
    promise: { madeOn, payOn },
    settledByCredit: null,
  };
}
