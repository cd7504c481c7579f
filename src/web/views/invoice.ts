/** One invoice as its page shows it: the facts, and the answer to "why?". */
import { type Day, parseDay } from '../../domain/day.ts';
import type { Explanation } from '../../escalate/explain.ts';
import { formatAmount, formatDayText, plural } from '../helpers.ts';
import type { BookRow } from '../params.ts';
import type { InvoicePage } from '../queries/invoice.ts';
import { bookHead } from './book-day.ts';
import {
  actionState,
  channelWord,
  codeWords,
  daysLateText,
  invoiceStatus,
  outcomeWord,
} from './words.ts';

export function invoiceView(
  book: BookRow,
  invoice: InvoicePage,
  explanation: Explanation,
  today: Day,
  now: Date,
) {
  const { decision } = explanation;
  return {
    ...bookHead(book, now),
    invoice: {
      ...invoice,
      status: invoiceStatus(invoice.status),
      late: isOwed(invoice) ? daysLateText(today - invoice.dueOn) : '',
      showRate: invoice.baseRate !== null && invoice.currency !== book.baseCurrency,
      baseCurrency: book.baseCurrency,
    },
    sentence: decision?.because ?? undecided(invoice),
    decision:
      decision === null
        ? null
        : {
            ...decision,
            outcome: outcomeWord(decision.outcome),
            facts: factsOf(decision.facts),
          },
    history: invoice.history.map((row) => ({ ...row, outcome: outcomeWord(row.outcome) })),
    allocations: invoice.allocations.map((allocation) => ({
      ...allocation,
      kind: codeWords(allocation.kind ?? allocation.sourceKind),
    })),
    counterfactuals: explanation.counterfactuals,
    holds: explanation.holds,
    prediction: explanation.prediction,
    actions: explanation.actions.toReversed().map((action) => ({
      ...action,
      state: actionState(action.state),
      channelName: channelWord(action.channel),
    })),
  };
}

type Facts = NonNullable<Explanation['decision']>['facts'];

/** What the rule knew, each with its name; what it did not know is left out. */
function factsOf(facts: Facts): { name: string; value: string }[] {
  const { currency } = facts;
  const money = (amount: number | undefined) =>
    amount === undefined || currency === undefined
      ? undefined
      : `${currency} ${formatAmount(amount, currency)}`;
  const late = facts.daysPastDue;
  const pairs: [string, string | undefined][] = [
    ['Asked for', money(facts.askedMinor)],
    ['Days past due', late === undefined || late < 0 ? undefined : plural(late, 'day', 'days')],
    ['Overdue altogether', money(facts.overdueMinor)],
    ['Credit not yet used', facts.unappliedMinor === 0 ? undefined : money(facts.unappliedMinor)],
    ['Written to', facts.debtorName],
    ['Addresses', facts.recipients?.to.join(', ')],
    ['Steps taken', facts.taken?.map(stepText).join(', ')],
  ];
  return pairs.flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [{ name, value }],
  );
}

function stepText(taken: { step: string; on: string }): string {
  const on = parseDay(taken.on);
  return `${taken.step} on ${on === null ? taken.on : formatDayText(on)}`;
}

function isOwed(invoice: InvoicePage): boolean {
  return invoice.status === 'open' && invoice.openMinor > 0;
}

function undecided(invoice: InvoicePage): string {
  return invoice.status === 'open'
    ? 'No run has looked at this invoice yet.'
    : 'No run has had to decide about this invoice.';
}
