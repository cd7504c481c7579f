import { describe, expect, test } from 'vitest';
import { day } from '../../src/domain/day.ts';
import {
  dueRunDay,
  isSyncDue,
  type ScheduledBook,
  syncIntervalMinutes,
} from '../../src/jobs/schedule.ts';

const settings = { syncMinutes: 30, xeroDayLimit: 1000 };
const auckland: ScheduledBook = {
  id: 1,
  platform: 'xero',
  status: 'connected',
  timeZone: 'Pacific/Auckland',
  runAtMinute: 480,
  lastSyncedAt: new Date('2026-06-10T00:00:00Z'),
  syncRequestedAt: null,
  runRequestedAt: null,
  parkedUntil: null,
};

describe('when a sync is owed', () => {
  test('a book never synced is due at once', () => {
    expect(
      isSyncDue({ ...auckland, lastSyncedAt: null }, new Date('2026-06-10T00:00:01Z'), settings),
    ).toBe(true);
  });

  test('not before the interval, and at the latest a tenth after it', () => {
    expect(isSyncDue(auckland, new Date('2026-06-10T00:29:59Z'), settings)).toBe(false);
    expect(isSyncDue(auckland, new Date('2026-06-10T00:33:00Z'), settings)).toBe(true);
  });

  test('two hundred books do not call at the same minute', () => {
    const now = new Date('2026-06-10T00:31:30Z');
    const due = Array.from({ length: 200 }, (_, id) =>
      isSyncDue({ ...auckland, id }, now, settings),
    );
    expect(due.filter(Boolean).length).toBeGreaterThan(50);
    expect(due.filter(Boolean).length).toBeLessThan(150);
  });

  test('a webhook after the last sync makes it due, one from before does not', () => {
    const now = new Date('2026-06-10T00:05:00Z');
    const asked = (at: string) =>
      isSyncDue({ ...auckland, syncRequestedAt: new Date(at) }, now, settings);
    expect(asked('2026-06-10T00:04:00Z')).toBe(true);
    expect(asked('2026-06-09T23:59:00Z')).toBe(false);
  });

  test('a disconnected or parked book is left alone, until the platform’s own time', () => {
    const now = new Date('2026-06-11T00:00:00Z');
    expect(isSyncDue({ ...auckland, status: 'disconnected' }, now, settings)).toBe(false);
    expect(
      isSyncDue({ ...auckland, parkedUntil: new Date('2026-06-11T00:00:01Z') }, now, settings),
    ).toBe(false);
    expect(isSyncDue({ ...auckland, parkedUntil: now }, now, settings)).toBe(true);
  });

  test('an eager interval is stretched so that quiet syncs take at most half of Xero’s day', () => {
    const eager = { syncMinutes: 5, xeroDayLimit: 1000 };
    const minutes = syncIntervalMinutes('xero', eager);
    expect((1440 / minutes) * 6).toBeLessThanOrEqual(500);
    expect(syncIntervalMinutes('xero', settings)).toBe(30);
    expect(syncIntervalMinutes('quickbooks', eager)).toBe(5);
  });
});

const ranOn = (asOn: string, startedAt = `${asOn}T00:00:00Z`) => ({
  asOn: day(asOn),
  startedAt: new Date(startedAt),
});

describe('when the daily run is owed', () => {
  test('from the book’s own morning, not before, and once a day', () => {
    // 8:00 in Auckland on 10 June (NZST, UTC+12) is 20:00 UTC on the 9th.
    expect(dueRunDay(auckland, null, new Date('2026-06-09T19:59:59Z'))).toBeNull();
    expect(dueRunDay(auckland, null, new Date('2026-06-09T20:00:00Z'))).toBe(day('2026-06-10'));
    expect(dueRunDay(auckland, ranOn('2026-06-10'), new Date('2026-06-09T20:01:00Z'))).toBeNull();
    expect(dueRunDay(auckland, ranOn('2026-06-09'), new Date('2026-06-09T20:01:00Z'))).toBe(
      day('2026-06-10'),
    );
  });

  test('the morning follows daylight saving', () => {
    // NZDT (UTC+13) began on 27 September 2026.
    expect(dueRunDay(auckland, null, new Date('2026-09-27T18:59:59Z'))).toBeNull();
    expect(dueRunDay(auckland, null, new Date('2026-09-27T19:00:00Z'))).toBe(day('2026-09-28'));
  });

  test('a person may ask for another one, once', () => {
    const asked = { ...auckland, runRequestedAt: new Date('2026-06-09T22:00:00Z') };
    const now = new Date('2026-06-09T22:00:05Z');
    expect(dueRunDay(asked, ranOn('2026-06-10', '2026-06-09T20:00:00Z'), now)).toBe(
      day('2026-06-10'),
    );
    expect(dueRunDay(asked, ranOn('2026-06-10', '2026-06-09T22:00:03Z'), now)).toBeNull();
  });

  test('a clock set back does not owe a day that was run', () => {
    expect(dueRunDay(auckland, ranOn('2026-06-10'), new Date('2026-06-08T21:00:00Z'))).toBeNull();
  });
});
