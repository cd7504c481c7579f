/**
 * Two policies on the same past, debtor by debtor: on which days only one of them would have written.
 * Steps have other names in another policy, so two messages are the same when they would have gone to
 * the same customer in the same currency on the same day.
 * Under A on the 4th and the 11th, under B on the 4th and the 14th: one message only under either.
 */
import type { ReplayedAction, ReplayedDebtor } from './replay-debtor.ts';

export interface ReplayDifference {
  /** Messages that only the first, or only the second, would have sent, in the order of their days. */
  onlyFirst: ReplayedAction[];
  onlySecond: ReplayedAction[];
}

export function compareReplays(first: ReplayedDebtor, second: ReplayedDebtor): ReplayDifference {
  return { onlyFirst: missingIn(second, first), onlySecond: missingIn(first, second) };
}

function missingIn(there: ReplayedDebtor, here: ReplayedDebtor): ReplayedAction[] {
  const known = new Set(messagesOf(there).map(keyOf));
  return messagesOf(here).filter((action) => !known.has(keyOf(action)));
}

function messagesOf({ actions }: ReplayedDebtor): ReplayedAction[] {
  return actions.filter((action) => action.channel === 'email');
}

function keyOf({ on, currency }: ReplayedAction): string {
  return `${on} ${currency}`;
}

export interface DifferenceFigures {
  onlyFirst: number;
  onlySecond: number;
  /** Customers whom only one of the two would have written to at all. */
  customersOnlyFirst: number;
  customersOnlySecond: number;
}

export class DifferenceTally {
  readonly figures: DifferenceFigures = {
    onlyFirst: 0,
    onlySecond: 0,
    customersOnlyFirst: 0,
    customersOnlySecond: 0,
  };

  add(first: ReplayedDebtor, second: ReplayedDebtor): ReplayDifference {
    const difference = compareReplays(first, second);
    this.figures.onlyFirst += difference.onlyFirst.length;
    this.figures.onlySecond += difference.onlySecond.length;
    const [byFirst, bySecond] = [messagesOf(first).length > 0, messagesOf(second).length > 0];
    if (byFirst && !bySecond) this.figures.customersOnlyFirst += 1;
    if (bySecond && !byFirst) this.figures.customersOnlySecond += 1;
    return difference;
  }
}
