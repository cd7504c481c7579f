/**
 * The calls of one book, as everybody who makes some has to know them. A call holds its place from
 * before it leaves until a whole window after its answer: the platform counted it at a moment in
 * between that nobody is told, and so no way of counting can find one too many. Pure: the same rule
 * holds in one process, which keeps the count in memory, and in several, which keep it in one place.
 *
 * 60 a minute: a call that left at 10:00:00 and was answered at 10:00:02 makes room at 10:01:02.
 */
export type Priority = 'interactive' | 'background';
export type RateProblem = 'minute' | 'day' | 'concurrent' | 'appminute' | 'unknown';

/** What an answer of the platform says about the budget. */
export interface RateReport {
  dayRemaining?: number;
  minuteRemaining?: number;
  retryAfterMs?: number;
  problem?: RateProblem;
}

export interface CallRule {
  inFlight: number;
  windows: readonly { calls: number; ms: number }[];
  /** null: the platform has no limit by the day. */
  dayCalls: number | null;
}

/** Instants are milliseconds since 1970. */
export interface CallCount {
  /** Calls that have left or are about to, by id: how long each is believed to be under way. */
  underWay: Readonly<Record<string, number>>;
  /** When the calls of the longest window were answered. */
  answeredAt: readonly number[];
  /** A short "try again", which is waited for. */
  pausedUntil: number;
  /** A long one, or a day limit: calls fail until then. */
  parkedUntil: number;
  /** The platform's day begins at an hour it does not tell: 24 hours are counted from the first call. */
  day: { used: number; since: number };
  /** What the platform last said is left of its day. */
  dayLeft: { calls: number; toldAt: number } | null;
}

export const NO_CALLS: CallCount = {
  underWay: {},
  answeredAt: [],
  pausedUntil: 0,
  parkedUntil: 0,
  day: { used: 0, since: 0 },
  dayLeft: null,
};

/** Where several processes keep their counts. */
export interface CountPlace {
  read(key: string): Promise<CallCount>;
  /** Puts `after` in the place of `before`; false when it is no longer `before` that is there. */
  swap(key: string, before: CallCount, after: CallCount): Promise<boolean>;
  close(): void;
}

export type Turn =
  | { kind: 'go' }
  | { kind: 'wait'; for: 'pause' | 'window'; ms: number }
  /** Until an answer comes, whenever that is. */
  | { kind: 'wait'; for: 'answer' }
  | { kind: 'refused'; why: string; ms: number };

/** The longest "try again" that is waited for; anything longer parks the book. */
export const WAIT_MS_MAX = 60_000;
/** Without a Retry-After: Xero names none for these, Intuit asks for a minute. */
const PAUSE_MS: Readonly<Record<RateProblem, number>> = {
  concurrent: 1_000,
  minute: 60_000,
  appminute: 15_000,
  unknown: 60_000,
  day: 3_600_000,
};
/** The part of every budget that only people may use. */
const KEPT_FOR_PEOPLE = 0.1;
/** A process that died in a call tells nobody: after this its call is taken as answered long ago. */
const UNDER_WAY_MS_MAX = 120_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** Answers may overtake each other by so many calls. */
const OVERTAKEN = 10;

/** May a call go now? When it may, it is counted under `id`. */
export function takeTurn(
  before: CallCount,
  rule: CallRule,
  wanted: { id: string; priority: Priority },
  now: number,
): [CallCount, Turn] {
  const count = forgetOld(before, rule, now);
  const turn = turnNow(count, rule, wanted.priority, now);
  if (turn.kind !== 'go') return [count, turn];
  const underWay = { ...count.underWay, [wanted.id]: now + UNDER_WAY_MS_MAX };
  const since = count.day.used === 0 ? now : count.day.since;
  const day = { used: count.day.used + 1, since };
  // The one call that looks again: until it answers, the old figure holds for the others.
  const told = count.dayLeft;
  const dayLeft = told !== null && isStale(told, now) ? { ...told, toldAt: now } : told;
  return [{ ...count, underWay, day, dayLeft }, turn];
}

/** The call has its answer, or is given up. */
export function endCall(
  before: CallCount,
  rule: CallRule,
  ended: { id: string; report: RateReport },
  now: number,
): CallCount {
  const count = forgetOld(before, rule, now);
  const { [ended.id]: _over, ...underWay } = count.underWay;
  const answered = { ...count, underWay, answeredAt: [...count.answeredAt, now] };
  return heard(answered, rule, ended.report, now);
}

function turnNow(count: CallCount, rule: CallRule, priority: Priority, now: number): Turn {
  if (count.parkedUntil > now) {
    const why = 'the platform asked this book to wait';
    return { kind: 'refused', why, ms: count.parkedUntil - now };
  }
  const spentMs = daySpentForMs(count, rule, priority, now);
  if (spentMs > 0) {
    const why = 'the calls of the day for this book are used up';
    return { kind: 'refused', why, ms: spentMs };
  }
  const pauseMs = Math.min(count.pausedUntil - now, WAIT_MS_MAX);
  if (pauseMs > 0) return { kind: 'wait', for: 'pause', ms: pauseMs };
  if (Object.keys(count.underWay).length >= share(rule.inFlight, priority)) {
    return { kind: 'wait', for: 'answer' };
  }
  const windowMs = Math.max(
    0,
    ...rule.windows.map(({ calls, ms }) => windowWaitMs(count, share(calls, priority), ms, now)),
  );
  return windowMs > 0 ? { kind: 'wait', for: 'window', ms: windowMs } : { kind: 'go' };
}

function share(calls: number, priority: Priority): number {
  return priority === 'interactive' ? calls : calls - Math.ceil(calls * KEPT_FOR_PEOPLE);
}

/** 0 when one more fits; what is under way makes room in a whole window at the earliest. */
function windowWaitMs(count: CallCount, calls: number, ms: number, now: number): number {
  const recent = count.answeredAt.filter((at) => at > now - ms).sort((a, b) => a - b);
  const tooMany = Object.keys(count.underWay).length + recent.length - calls + 1;
  if (tooMany <= 0) return 0;
  const freesPlace = recent[tooMany - 1];
  return freesPlace === undefined ? ms : Math.min(freesPlace + ms - now, ms);
}

function heard(count: CallCount, rule: CallRule, report: RateReport, now: number): CallCount {
  const told = hearDay(hearMinute(count, rule, report.minuteRemaining, now), report, now);
  if (report.problem === undefined && report.retryAfterMs === undefined) return told;
  const problem = report.problem ?? 'unknown';
  const until = now + (report.retryAfterMs ?? PAUSE_MS[problem]);
  return problem === 'day' || until > now + WAIT_MS_MAX
    ? { ...told, parkedUntil: until }
    : { ...told, pausedUntil: Math.max(told.pausedUntil, until) };
}

/** The platform counts more than we did: another program calls this book too. Its calls are taken as made now. */
function hearMinute(
  count: CallCount,
  rule: CallRule,
  left: number | undefined,
  now: number,
): CallCount {
  const window = rule.windows.at(-1);
  if (left === undefined || window === undefined) return count;
  const known = count.answeredAt.length + Object.keys(count.underWay).length;
  const unseen = Math.max(0, window.calls - left - known);
  return { ...count, answeredAt: [...count.answeredAt, ...Array<number>(unseen).fill(now)] };
}

function hearDay(count: CallCount, { dayRemaining: calls }: RateReport, now: number): CallCount {
  if (calls === undefined) return count;
  // Much more left than before: the platform's day began anew.
  const isNewDay = count.dayLeft !== null && calls > count.dayLeft.calls + OVERTAKEN;
  const day = isNewDay ? { used: 0, since: now } : count.day;
  return { ...count, day, dayLeft: { calls, toldAt: now } };
}

/** What the platform says is left is believed for an hour: then one call may look again. */
function daySpentForMs(
  { day, dayLeft }: CallCount,
  { dayCalls }: CallRule,
  priority: Priority,
  now: number,
): number {
  if (dayCalls === null) return 0;
  if (day.used >= share(dayCalls, priority)) return day.since + DAY_MS - now;
  const kept = dayCalls - share(dayCalls, priority);
  if (dayLeft === null || isStale(dayLeft, now) || dayLeft.calls > kept) return 0;
  return dayLeft.toldAt + HOUR_MS - now;
}

function isStale({ toldAt }: { toldAt: number }, now: number): boolean {
  return now - toldAt >= HOUR_MS || now < toldAt;
}

/**
 * Two machines' clocks may differ a little, so a stamp of the near future counts. One of the far
 * future means that a clock was set back; it must not hold calls for hours.
 */
function forgetOld(count: CallCount, rule: CallRule, now: number): CallCount {
  const longestMs = Math.max(0, ...rule.windows.map(({ ms }) => ms));
  const isNear = (at: number) => at > now - longestMs && at <= now + longestMs;
  const isUnderWay = ([, until]: [string, number]) =>
    until > now && until <= now + UNDER_WAY_MS_MAX + longestMs;
  const { used, since } = count.day;
  const isOtherDay = now - since >= DAY_MS || now < since;
  return {
    ...count,
    underWay: Object.fromEntries(Object.entries(count.underWay).filter(isUnderWay)),
    answeredAt: count.answeredAt.filter(isNear),
    day: used > 0 && isOtherDay ? { used: 0, since: now } : count.day,
  };
}
