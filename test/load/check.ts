/** The judge: what the vendors' servers and the mail server logged, against what was promised. */
import type { Call } from '../../connectors/sandbox/http.ts';
import type { Platform } from '../../src/domain/receivables.ts';
import { judgeSending, SENDING_INVARIANTS } from '../support/sending.ts';
import type { Change, History, MemorySample } from './scene.ts';
import type { Memory } from './talk.ts';
import type { LoadBook } from './world.ts';

const { unfinished: _ofEverything, ...OF_SENDING } = SENDING_INVARIANTS;

export const INVARIANTS = {
  inFlight: 'calls of one book in flight at once: 5 at Xero, 8 at QuickBooks',
  window:
    'calls of one book: 60 in any minute at Xero, 8 in any second and 450 in any minute at QuickBooks',
  day: 'calls of one Xero book in the day',
  early: 'calls before a Retry-After had passed',
  refused: 'calls the vendor refused by its own limits',
  ...OF_SENDING,
  held: 'claims nobody finished',
  doubts: 'messages in doubt though no mail server failed',
  webhooks: 'webhooks not answered with 200 in time: 5 s for Xero, 3 s for Intuit',
  unseen:
    'changes not read within a job’s twelve minutes of their webhook, or not in the mirror at the end',
  slowed: 'books that were slowed by others that are told to wait',
  people: 'people who waited more than 15 s for a call, Retry-After apart, or were refused',
  memory:
    'processes that kept more than a quarter more memory in the second half than in the first',
  troubles: 'processes that ended by themselves, and work nobody came to',
} as const;

export type Invariant = keyof typeof INVARIANTS;

export interface Finding {
  /** The worst that was met, in words; what is only counted has none. */
  worst: string | null;
  breaches: string[];
}

export type Findings = Record<Invariant, Finding>;

const IN_FLIGHT: Record<Platform, number> = { xero: 5, quickbooks: 8 };
const WINDOWS: Record<Platform, readonly { calls: number; ms: number }[]> = {
  xero: [{ calls: 60, ms: 60_000 }],
  quickbooks: [
    { calls: 8, ms: 1_000 },
    { calls: 450, ms: 60_000 },
  ],
};
/** A call that another process had begun when the refusal was on its way is nobody's fault. */
const ON_ITS_WAY_MS = 3_000;
const ANSWER_MS: Record<Platform, number> = { xero: 5_000, quickbooks: 3_000 };
/** The longest job of the book that may be under way already. */
const SEEN_MS_MAX = 12 * 60_000;
/** With books parked the others may take twice as long and ten seconds, as chance would have it. */
const SLOWED_TIMES = 2;
const SLOWED_MS = 10_000;
const MINUTE_MS = 60_000;
/** A minute of which less than this has been used is one with room. */
const ROOM_SHARE = 0.75;
const PERSON_MS_MAX = 15_000;
const GROWTH_MAX = 1.25;
/** Of the time: a process that has just begun grows for good reasons. */
const WARMING_UP = 0.2;
const SAMPLES_MIN = 5;
/** The list in which a changed customer is met. */
const CHANGE_LIST: Record<Platform, RegExp> = { xero: /^Contacts$/, quickbooks: /^cdc$/ };

export function check(history: History): Findings {
  const books = byBook(history.calls);
  const parked = new Set<number>(history.parked);
  const { reminders, notes } = history.standing;
  // What a parked book has planned waits for it, and nobody holds it.
  const sending = judgeSending({
    ...history,
    standing: {
      reminders: reminders.filter(
        ({ bookId, state }) => !parked.has(bookId) || !['planned', 'deferred'].includes(state),
      ),
      notes: notes.filter(({ state }) => state !== 'planned'),
    },
  });
  const counted = Object.fromEntries(
    Object.keys(OF_SENDING).map((key) => [
      key,
      { worst: null, breaches: sending[key as keyof typeof OF_SENDING] },
    ]),
  ) as Record<keyof typeof OF_SENDING, Finding>;
  return {
    ...counted,
    inFlight: worstOf(books, ({ platform, calls }) => [
      { found: mostAtOnce(calls), allowed: IN_FLIGHT[platform], words: 'at once' },
    ]),
    window: worstOf(books, ({ platform, calls }) =>
      WINDOWS[platform].map((rule) => ({
        found: mostWithin(calls, rule.ms),
        allowed: rule.calls,
        words: `in ${rule.ms / 1000} s`,
      })),
    ),
    day: worstOf(
      books.filter(({ platform }) => platform === 'xero'),
      ({ calls }) => [{ found: calls.length, allowed: history.dayLimit, words: 'in the day' }],
    ),
    early: { worst: null, breaches: books.flatMap(earlyCalls) },
    refused: { worst: null, breaches: books.flatMap(refusedCalls) },
    held: { worst: null, breaches: history.held },
    doubts: {
      worst: null,
      breaches: reminders
        .filter(({ state }) => state === 'in_doubt')
        .map(({ actionId }) => actionId),
    },
    webhooks: judgeWebhooks(history),
    unseen: judgeSeen(history, books),
    slowed: judgeSlowed(history, books),
    people: judgePeople(history, books),
    memory: judgeMemory(history),
    troubles: { worst: null, breaches: history.troubles },
  };
}

interface BookCalls {
  platform: Platform;
  externalId: string;
  /** In the order in which they came. */
  calls: Call[];
}

function byBook(calls: History['calls']): BookCalls[] {
  return (['xero', 'quickbooks'] as const).flatMap((platform) => {
    const books = new Map<string, Call[]>();
    for (const call of calls[platform]) {
      if (call.book === null) continue;
      books.set(call.book, [...(books.get(call.book) ?? []), call]);
    }
    return [...books].map(([externalId, own]) => ({
      platform,
      externalId,
      calls: own.toSorted((a, b) => a.at - b.at),
    }));
  });
}

interface Measured {
  found: number;
  allowed: number;
  words: string;
}

function worstOf(books: readonly BookCalls[], measure: (book: BookCalls) => Measured[]): Finding {
  const worst = new Map<string, Measured>();
  const breaches: string[] = [];
  for (const book of books) {
    for (const measured of measure(book)) {
      const { found, allowed, words } = measured;
      const key = `${book.platform} ${words}`;
      if (found > (worst.get(key)?.found ?? -1)) worst.set(key, measured);
      if (found > allowed)
        breaches.push(`${nameOf(book)}: ${found} ${words}, ${allowed} are allowed`);
    }
  }
  const words = [...worst].map(([key, { found, allowed }]) => `${key} ${found} of ${allowed}`);
  return { worst: words.join('; '), breaches };
}

function nameOf({ platform, externalId }: { platform: Platform; externalId: string }): string {
  return `${platform} ${externalId.slice(0, 12)}`;
}

function mostAtOnce(calls: readonly Call[]): number {
  const moments = calls.flatMap(({ at, answeredAt }) => [
    { at, change: 1 },
    { at: answeredAt, change: -1 },
  ]);
  moments.sort((a, b) => a.at - b.at || a.change - b.change);
  let now = 0;
  let most = 0;
  for (const { change } of moments) {
    now += change;
    most = Math.max(most, now);
  }
  return most;
}

function mostWithin(calls: readonly Call[], ms: number): number {
  let most = 0;
  let from = 0;
  calls.forEach(({ at }, index) => {
    while ((calls[from]?.at ?? at) <= at - ms) from += 1;
    most = Math.max(most, index - from + 1);
  });
  return most;
}

function earlyCalls(book: BookCalls): string[] {
  return book.calls.flatMap((refusal) => {
    if (refusal.retryAfterMs === null) return [];
    const from = refusal.answeredAt + ON_ITS_WAY_MS;
    const until = refusal.answeredAt + refusal.retryAfterMs;
    return book.calls
      .filter(({ at }) => at > from && at < until)
      .map(({ at, resource }) => {
        const seconds = (at - refusal.answeredAt) / 1000;
        return `${nameOf(book)}: ${resource} ${seconds} s after "try again in ${refusal.retryAfterMs} ms"`;
      });
  });
}

function refusedCalls(book: BookCalls): string[] {
  return book.calls
    .filter(({ status, isOrdered }) => status === 429 && !isOrdered)
    .map(({ resource, at }) => `${nameOf(book)}: ${resource} at ${new Date(at).toISOString()}`);
}

function judgeWebhooks({ deliveries }: History): Finding {
  const slowest = Math.max(0, ...deliveries.map(({ ms }) => ms));
  return {
    worst: `${deliveries.length} deliveries, the slowest ${Math.round(slowest)} ms`,
    breaches: deliveries
      .filter(({ platform, status, ms }) => status !== 200 || ms > ANSWER_MS[platform])
      .map(
        ({ platform, status, ms }) => `${platform}: ${status ?? 'none'} in ${Math.round(ms)} ms`,
      ),
  };
}

function callsOf({ externalId }: LoadBook, books: readonly BookCalls[]): readonly Call[] {
  return books.find((book) => book.externalId === externalId)?.calls ?? [];
}

/** From the change to the answer of the first list of it that was asked for afterwards; null: never. */
function seenMs({ book, at }: Change, books: readonly BookCalls[]): number | null {
  const list = callsOf(book, books).find(
    (call) => call.at >= at && call.status < 300 && CHANGE_LIST[book.platform].test(call.resource),
  );
  return list === undefined ? null : list.answeredAt - at;
}

function judgeSeen(history: History, books: readonly BookCalls[]): Finding {
  const changes = history.changes.filter(({ book }) => !history.parked.includes(book.id));
  const seen = changes.map((change) => ({ change, ms: seenMs(change, books) }));
  const worst = Math.max(0, ...seen.map(({ ms }) => ms ?? 0));
  return {
    worst: `${changes.length} changes, the last seen after ${seconds(worst)}`,
    breaches: [
      ...seen
        .filter(({ ms }) => ms === null || ms > SEEN_MS_MAX)
        .map(({ change, ms }) => `${nameOf(change.book)}: ${ms === null ? 'never' : seconds(ms)}`),
      ...changes
        .filter(({ isMirrored }) => !isMirrored)
        .map(({ book, email }) => `${nameOf(book)}: ${email} is not in the mirror`),
    ],
  };
}

/**
 * A book that was refused itself, or used up its own minute with what it sends, waits whatever the others
 * do: only books with room of their own can tell whether others slowed them.
 */
function hadRoom(change: Change, books: readonly BookCalls[]): boolean {
  const { book, at } = change;
  const own = callsOf(book, books);
  const until = at + (seenMs(change, books) ?? SEEN_MS_MAX);
  const wasRefused = own.some(
    ({ answeredAt, retryAfterMs }) =>
      retryAfterMs !== null && answeredAt < until && answeredAt + retryAfterMs > at,
  );
  const around = own.filter((call) => call.at > at - MINUTE_MS && call.at <= until);
  const fills = WINDOWS[book.platform].some(
    ({ calls, ms }) => ms === MINUTE_MS && mostWithin(around, ms) >= ROOM_SHARE * calls,
  );
  return !wasRefused && !fills;
}

function judgeSlowed(history: History, books: readonly BookCalls[]): Finding {
  const others = history.changes.filter(
    (change) => !history.parked.includes(change.book.id) && hadRoom(change, books),
  );
  const usual = (changes: Change[]) =>
    percentile(
      changes.map((change) => seenMs(change, books) ?? SEEN_MS_MAX),
      0.75,
    );
  const before = usual(others.filter(({ at }) => at < history.parkedAt));
  const after = usual(others.filter(({ at }) => at >= history.parkedAt));
  const words =
    `${history.parked.length} books parked; three in four changes of the ${others.length} ` +
    `of others with room of their own were seen within ${seconds(before)} before, ${seconds(after)} after`;
  return {
    worst: words,
    breaches: [
      ...(after > SLOWED_TIMES * before + SLOWED_MS ? [words] : []),
      ...(history.parked.length === 0 ? ['no book was parked: nothing was measured'] : []),
    ],
  };
}

function judgePeople(history: History, books: readonly BookCalls[]): Finding {
  const waits = history.served.flatMap((served) => {
    const book = history.books.find(({ id }) => id === served.bookId);
    const own = books.find(({ externalId }) => externalId === book?.externalId);
    if (book === undefined || own === undefined || history.parked.includes(book.id)) return [];
    const until = Math.max(
      served.askedAt,
      ...own.calls
        .filter(({ answeredAt }) => answeredAt <= served.servedAt)
        .map(({ answeredAt, retryAfterMs }) => answeredAt + (retryAfterMs ?? 0)),
    );
    return [{ book, ms: Math.max(0, served.servedAt - until), failed: served.failed }];
  });
  const worst = Math.max(0, ...waits.map(({ ms }) => ms));
  return {
    worst: `${waits.length} looks, the longest wait ${seconds(worst)}`,
    breaches: waits
      .filter(({ ms, failed }) => ms > PERSON_MS_MAX || failed !== null)
      .map(({ book, ms, failed }) => `${nameOf(book)}: ${failed ?? seconds(ms)}`),
  };
}

function judgeMemory({ memory, began, ended }: History): Finding {
  const from = began + WARMING_UP * (ended - began);
  const middle = from + (ended - from) / 2;
  const processes = Object.entries(memory).map(([name, samples]) => {
    const first = typical(samples.filter(({ at }) => at >= from && at < middle));
    const second = typical(samples.filter(({ at }) => at >= middle && at < ended));
    const kept = `kept ${first?.keptMb ?? '?'} → ${second?.keptMb ?? '?'} MB`;
    const resident = `resident ${first?.residentMb ?? '?'} → ${second?.residentMb ?? '?'} MB`;
    const isFlat = first !== null && second !== null && second.keptMb <= first.keptMb * GROWTH_MAX;
    return { isFlat, words: `${name}: ${kept} (${resident})` };
  });
  return {
    worst: processes.map(({ words }) => words).join('; '),
    breaches: processes.filter(({ isFlat }) => !isFlat).map(({ words }) => words),
  };
}

/** The median, which one burst of work does not move. */
function typical(samples: readonly MemorySample[]): Memory | null {
  if (samples.length < SAMPLES_MIN) return null;
  const medianOf = (key: keyof Memory) =>
    Math.round(
      percentile(
        samples.map((sample) => sample[key]),
        0.5,
      ),
    );
  return { keptMb: medianOf('keptMb'), residentMb: medianOf('residentMb') };
}

function percentile(values: readonly number[], part: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * part)] ?? 0;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
