/** One action as its page shows it. */
import { MAY_BE_ISSUED } from '../../act/index.ts';
import { isLetter } from '../../domain/deadline.ts';
import { FAULT_WORDS, FAULTS, REASON_CODES, REASONS } from '../../domain/reasons.ts';
import { CALL_OUTCOMES, isTaskOutcome, OUTCOME_RULES } from '../../domain/task-outcomes.ts';
import type { BookRow } from '../params.ts';
import type { LetterOrProblem } from '../letter.ts';
import type { ActionPage } from '../queries/action.ts';
import { bookHead } from './book-day.ts';
import { actionState, channelWord, codeWords } from './words.ts';

const SENTENCES: Readonly<Record<string, string>> = {
  proposed: 'Read it, then approve it or cancel it. It waits until you do.',
  planned: 'It leaves by itself at the time below, if the invoices are still unpaid then.',
  claimed: 'It is being sent now.',
  handing_over: 'It is being handed to the mail server now.',
  deferred: 'The mail server asked to wait; it is tried again by itself.',
  sent: 'The mail server took it. Nothing is left to do.',
  rejected:
    'The mail server refused it for good. Mend the address in the ledger; the next run decides anew.',
  cancelled: 'It was cancelled and will not be sent.',
  in_doubt:
    'The mail server may have accepted it when we lost contact. Ask the customer or look in the sent mail before anything is sent again.',
  todo: 'A person does this. Mark it as done afterwards.',
  done: 'A person has done this.',
};

export function actionView(
  book: BookRow,
  action: ActionPage,
  found: LetterOrProblem | null,
  now: Date,
) {
  const letter = found !== null && 'letter' in found ? found.letter : null;
  return {
    ...bookHead(book, now),
    action: {
      ...action,
      message: null,
      word: actionState(action.state),
      channelName: channelWord(action.channel),
    },
    sentence: SENTENCES[action.state] ?? '',
    letter,
    paper: paperOf(action),
    problem: found !== null && 'problem' in found ? found.problem : null,
    isProposed: action.state === 'proposed',
    fourEyes: action.approvalsNeeded > 1 ? { sentence: fourEyesSentence(action) } : null,
    isInDoubt: action.state === 'in_doubt',
    isTodo: action.state === 'todo',
    isCall: action.channel === 'call',
    isOfSeveral: action.invoices.filter((invoice) => invoice.isTrigger).length > 1,
    outcome:
      action.outcome === null
        ? null
        : { ...action.outcome, words: outcomeWords(action.outcome.code) },
    outcomes: CALL_OUTCOMES.map((code) => ({ code, words: outcomeWords(code) })),
    reasons: FAULTS.map((fault) => ({
      fault: FAULT_WORDS[fault],
      codes: REASON_CODES.filter((code) => REASONS[code].fault === fault).map((code) => ({
        code,
        words: REASONS[code].words,
      })),
    })),
    canCancel: ['proposed', 'planned', 'deferred', 'todo'].includes(action.state),
  };
}

/** Letters on paper; one that goes by email is issued by being sent. */
function paperOf(action: ActionPage) {
  const { issued, state } = action;
  if (!isLetter(action) || (action.isEmail && issued === null)) return null;
  return {
    issuedAt: issued?.createdAt ?? null,
    sha256: issued?.sha256 ?? null,
    canIssue: MAY_BE_ISSUED.has(state),
  };
}

function fourEyesSentence({ approvals, approvalsNeeded }: ActionPage): string {
  const needed = `Needs the word of ${approvalsNeeded === 2 ? 'two' : approvalsNeeded} different people`;
  return approvals.length === 0
    ? `${needed}; nobody has approved it yet.`
    : `${needed}; ${approvals.join(' and ')} approved it.`;
}

function outcomeWords(code: string): string {
  if (!isTaskOutcome(code)) return codeWords(code);
  const { words } = OUTCOME_RULES[code];
  return words.charAt(0).toUpperCase() + words.slice(1);
}
