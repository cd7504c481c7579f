/** A book's day as its page shows it, with the one sentence on top. */
import { consentEndsSoon } from '../../connect/consent-end.ts';
import type { BookRow } from '../params.ts';
import { type Day, formatDay } from '../../domain/day.ts';
import { plural } from '../helpers.ts';
import { type BookDay, DAY_ROWS_MAX, type DayAction } from '../queries/book-day.ts';
import { connectionDetail, connectionWord } from './portfolio.ts';
import {
  actionState,
  agingView,
  channelWord,
  codeWords,
  MODE_WORDS,
  PLATFORM_WORDS,
} from './words.ts';

export interface DayAbilities {
  canSync: boolean;
  canRun: boolean;
  /** The platform's app is configured, so the book can be reconnected. */
  canConnect: boolean;
}

export function bookDayView(book: BookRow, day: BookDay, today: Day, now: Date, can: DayAbilities) {
  const head = bookHead(book, now);
  const rows = (actions: DayAction[]) => actions.map(actionRow);
  return {
    ...head,
    ...can,
    today,
    sentence: daySentence(book, day, today),
    counts: day.counts,
    aging: day.money.map(agingView),
    run: day.run,
    proposed: rows(day.proposed),
    needsName: day.proposed.some((action) => action.approvalsNeeded > 1),
    leaving: rows(day.leaving),
    inDoubt: rows(day.inDoubt),
    tasks: rows(day.tasks),
    finished: rows(day.finished),
    shadowed: day.shadowed.map((row) => ({ ...row, channelName: channelWord(row.channel) })),
    held: day.held,
    heldReasons: day.heldReasons.map((reason) => ({ ...reason, name: codeWords(reason.code) })),
    waiting: day.waiting,
    nextOn: day.nextOn,
    modes: (['shadow', 'approve', 'automatic'] as const).map((mode) => ({
      mode,
      ...MODE_WORDS[mode],
      isSet: book.mode === mode,
    })),
    isConnected: book.status === 'connected',
    rowsMax: DAY_ROWS_MAX,
  };
}

/** Beside what a person decides on: what a letter lacks. */
export function withNeeds(
  view: ReturnType<typeof bookDayView>,
  needs: ReadonlyMap<string, readonly string[]>,
) {
  const lacking = (rows: ReturnType<typeof actionRow>[]) =>
    rows.map((row) => ({ ...row, needs: needs.get(row.id) ?? [] }));
  return { ...view, proposed: lacking(view.proposed), tasks: lacking(view.tasks) };
}

/** What every page of a book says about it. */
export function bookHead(book: BookRow, now: Date) {
  const parked = book.parkedUntil !== null && book.parkedUntil > now;
  const health = {
    ...book,
    parkedUntil: parked ? book.parkedUntil : null,
    consentEndsAt: consentEndsSoon(book.grant, now),
  };
  return {
    id: book.id,
    name: book.name,
    platform: book.platform,
    platformName: PLATFORM_WORDS[book.platform],
    modeName: MODE_WORDS[book.mode].name,
    timeZone: book.timeZone,
    connection: connectionWord(health),
    connectionDetail: connectionDetail(health),
    parkedUntil: health.parkedUntil,
    lastSyncedAt: book.lastSyncedAt,
  };
}

function actionRow(action: DayAction) {
  return {
    ...action,
    state: actionState(action.state),
    channelName: channelWord(action.channel),
    isEmail: action.channel === 'email',
    isCall: action.channel === 'call',
  };
}

/** "What should I do now?", the most pressing first. */
function daySentence(book: BookRow, day: BookDay, today: Day): string {
  const { counts } = day;
  const messages = (count: number) => plural(count, 'message', 'messages');
  if (book.status === 'disconnected') {
    return `Reconnect ${PLATFORM_WORDS[book.platform]}. Until then nothing is synced and nothing is sent.`;
  }
  if (counts.inDoubt > 0) {
    return `Decide about ${messages(counts.inDoubt)} in doubt: the mail server may have accepted what we could not confirm.`;
  }
  if (book.lastSyncedAt === null) {
    return 'The first sync is still to come. Figures and decisions appear when it is through.';
  }
  const held = day.run?.heldReason ?? null;
  if (held !== null) return `The whole run is on hold: ${sentenceEnd(held)}`;
  if (counts.proposed > 0) {
    return `Read and approve ${messages(counts.proposed)}. What you do not approve stays here.`;
  }
  if (counts.tasks > 0) {
    return `See to ${plural(counts.tasks, 'task', 'tasks')}: calls, letters and hand-overs a person does.`;
  }
  if (book.mode === 'shadow') return shadowSentence(counts.shadowed, messages);
  if (counts.leaving > 0) return `Nothing needs you: ${messages(counts.leaving)} on the way out.`;
  return `${quietSentence(day, today)}${counts.held > 0 ? ' See below what is held, and why.' : ''}`;
}

function quietSentence(day: BookDay, today: Day): string {
  const { sentToday } = day.counts;
  if (sentToday > 0) {
    return `Nothing needs you: ${plural(sentToday, 'message', 'messages')} went out today.`;
  }
  return day.run !== null && day.run.asOn < formatDay(today)
    ? 'Nothing needs you. Today’s run is still to come.'
    : 'Nothing needs you today.';
}

function shadowSentence(shadowed: number, messages: (count: number) => string): string {
  return shadowed === 0
    ? 'Nothing leaves in shadow mode, and nothing would have left today.'
    : `Nothing leaves in shadow mode. Read the ${messages(shadowed)} that would have left, then choose how far this book may go.`;
}

function sentenceEnd(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
