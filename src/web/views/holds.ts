/** Promises, disputes, plans and holds of one customer, as shown. */
import type { Day } from '../../domain/day.ts';
import { DISPUTE_CODES } from '../../domain/dispute.ts';
import {
  endsInDays,
  holdState,
  type HoldState,
  isCurrent,
  stateWords,
} from '../../domain/hold-state.ts';
import { holdLine } from '../../domain/hold-words.ts';
import { type Hold, type HoldRules, PROMISE_SOURCES } from '../../domain/holds.ts';
import { REASONS } from '../../domain/reasons.ts';
import type { ListedHold } from '../../store/holds.ts';
import { plural } from '../helpers.ts';
import type { Word } from './words.ts';

/** Those in force, and those that are over while anything they speak of is still open. */
export function holdViews(
  holds: readonly ListedHold[],
  rulesOf: (hold: Hold) => HoldRules,
  today: Day,
) {
  return holds
    .map((hold) => ({ hold, standing: holdState(hold, rulesOf(hold), today) }))
    .filter(({ hold, standing }) => isCurrent(hold, standing))
    .map(({ hold, standing }) => ({
      id: hold.id,
      line: holdLine(hold),
      reason: hold.reason,
      quote: hold.kind === 'promise' ? hold.terms.quote : null,
      owner: hold.owner,
      word: wordOf(hold, standing),
      detail: standing.detail,
      lastOn: standing.isOver ? hold.untilOn : standing.lastOn,
      ending: endingText(standing, today),
      awaitsApproval: hold.awaitsApproval,
      isOpenDispute: standing.state === 'open',
      stopsChasing: !standing.isOver && !hold.awaitsApproval,
    }));
}

function wordOf(hold: ListedHold, { state, isOver }: HoldState): Word {
  if (hold.awaitsApproval) return { text: 'waits for approval', tone: 'plain' };
  const text = stateWords(state);
  if (state === 'broken' || state === 'partly_kept' || state === 'void') {
    return { text, tone: 'bad' };
  }
  return { text, tone: isOver ? 'plain' : 'held' };
}

function endingText(standing: HoldState, today: Day): string | null {
  const days = endsInDays(standing, today);
  if (days === null) return null;
  return days === 0 ? 'ends today' : `ends in ${plural(days, 'day', 'days')}`;
}

/** What the form offers. */
export const HOLD_CHOICES = {
  promiseSources: PROMISE_SOURCES,
  disputeReasons: DISPUTE_CODES.map((code) => ({ code, words: REASONS[code].words })),
};
