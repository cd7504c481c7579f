/**
 * A hold in one line, as it stands in a list and in the ledger's notes: what was agreed, about which
 * invoices, whose it is and why.
 * "Promise to pay NZD 500.00 on 18 Jun 2026 (email) for INV-1 and 2 more; Ana: pays with the month-end run."
 */
import type { Hold, HoldTerms } from './holds.ts';
import { REASONS, type ReasonCode } from './reasons.ts';
import { dayText, moneyText, plural } from './text.ts';

/** As much as a ledger keeps of a note. */
export const NOTE_MAX = 250;

export function agreed(hold: HoldTerms & Pick<Hold, 'untilOn'>): string {
  switch (hold.kind) {
    case 'promise': {
      const { amountMinor, currency, payOn, source } = hold.terms;
      return `Promise to pay ${moneyText(amountMinor, currency)} on ${dayText(payOn)} (${source})`;
    }
    case 'dispute': {
      const { part, reason } = hold.terms;
      const what =
        part === null ? 'Dispute' : `Dispute of ${moneyText(part.amountMinor, part.currency)}`;
      return `${what} (${disputeWords(reason)})`;
    }
    case 'plan': {
      const { instalments, currency } = hold.terms;
      const total = instalments.reduce((sum, part) => sum + part.amountMinor, 0);
      const [first] = instalments;
      const from = first === undefined ? '' : ` from ${dayText(first.dueOn)}`;
      return `Payment plan of ${plural(instalments.length, 'instalment')}${from}, ${moneyText(total, currency)} in all,`;
    }
    case 'settlement': {
      const { acceptMinor, owedMinor, currency, payBy } = hold.terms;
      return `Settlement: ${moneyText(acceptMinor, currency)} accepted instead of ${moneyText(owedMinor, currency)} if paid by ${dayText(payBy)},`;
    }
    case 'extension':
      return `Due date moved to ${dayText(hold.terms.dueOn)}`;
    case 'reply':
      return `Answer of theirs (${hold.terms.source})`;
    case 'manual':
      return `On hold ${hold.untilOn === null ? 'until ended' : `until ${dayText(hold.untilOn)}`}`;
  }
}

/** A code of the list of reasons as a clause: "less was delivered than invoiced". */
export function disputeWords(reason: ReasonCode): string {
  const words = REASONS[reason].words;
  return words.charAt(0).toLowerCase() + words.slice(1);
}

/** "INV-1", "INV-1 and 2 more", "everything owed". */
export function concerned(numbers: readonly string[]): string {
  const [first, ...others] = numbers;
  if (first === undefined) return 'everything owed';
  return others.length === 0 ? first : `${first} and ${others.length} more`;
}

export function holdLine(hold: Hold): string {
  const numbers = hold.invoices.map((invoice) => invoice.number);
  return `${agreed(hold)} for ${concerned(numbers)}`;
}

/** A sentence and its reference, short enough for every ledger. */
export function noteBody(sentence: string, ref: string): string {
  const room = NOTE_MAX - ref.length - 1;
  const text = oneLine(sentence);
  return `${text.length <= room ? text : `${text.slice(0, room - 1)}…`} ${ref}`;
}

/** People type line breaks; and what hides or reorders text has no place in a ledger. */
function oneLine(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}
