import { expect, test } from 'vitest';
import type { BookId } from '../../src/domain/receivables.ts';
import { bookGate } from '../../src/domain/book-gate.ts';
import type { BookRow } from '../../src/store/book-facts.ts';

const now = new Date('2026-06-15T08:00:00Z');
const book = (more: Partial<BookRow>): BookRow => ({
  id: 1 as BookId,
  name: 'Kauri',
  country: 'NZ',
  baseCurrency: 'NZD',
  timeZone: 'Pacific/Auckland',
  mode: 'automatic',
  platformRemindersOn: false,
  flagNotes: false,
  lastSyncedAt: now,
  assessedOn: null,
  assessedBy: null,
  createdAt: now,
  ...more,
});

test.each([
  ['2026-06-14T08:00:01Z', undefined],
  ['2026-06-14T08:00:00Z', undefined],
  ['2026-06-14T07:59:59Z', 'stale'],
])('figures read at %s, 24 hours allowed: %s', (at, code) => {
  expect(bookGate(book({ lastSyncedAt: new Date(at) }), now, 24)?.code).toBe(code);
});

test('what stops a whole book is said, with what to do about it', () => {
  expect(bookGate(book({ lastSyncedAt: null }), now, 24)).toEqual({
    code: 'never_synced',
    text: 'The ledger has not been read yet: nothing is asked for before that.',
  });
  expect(bookGate(book({ lastSyncedAt: new Date('2026-06-13T21:05:59Z') }), now, 24)).toEqual({
    code: 'stale',
    text: 'The ledger was last read at 2026-06-13 21:05 UTC, more than 24 hours ago: a payment may have arrived since.',
    figures: { lastSyncedAt: '2026-06-13T21:05:59.000Z', freshnessHours: 24 },
  });
  expect(bookGate(book({ platformRemindersOn: true }), now, 24)).toEqual({
    code: 'platform_reminders',
    text: 'The accounting platform sends its own reminders: switch them off first, or every letter would go out twice.',
  });
});

test('figures that are old are said to be before the platform’s own reminders', () => {
  const both = { platformRemindersOn: true, lastSyncedAt: new Date('2026-06-01T00:00:00Z') };
  expect(bookGate(book(both), now, 24)?.code).toBe('stale');
  expect(bookGate(book({ ...both, lastSyncedAt: null }), now, 24)?.code).toBe('never_synced');
});
