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

test('never read, and reminders of the platform’s own', () => {
  expect(bookGate(book({ lastSyncedAt: null }), now, 24)?.code).toBe('never_synced');
  expect(bookGate(book({ platformRemindersOn: true }), now, 24)?.code).toBe('platform_reminders');
});
