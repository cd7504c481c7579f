import { describe, expect, test } from 'vitest';
import { consentEndsSoon, consentEndWords } from '../../src/connect/consent-end.ts';
import { connectionDetail, connectionWord } from '../../src/web/views/portfolio.ts';

const endsAt = new Date('2032-02-29T10:00:00Z');
const on = (instant: string) =>
  consentEndsSoon({ refreshHardExpiresAt: endsAt }, new Date(instant));

describe('trust 5: a consent that no refresh can prolong', () => {
  test('is told thirty days ahead, not earlier, and still when it is over', () => {
    expect(on('2032-01-30T09:59:59Z')).toBeNull();
    expect(on('2032-01-30T10:00:00Z')).toEqual(endsAt);
    expect(on('2032-03-05T00:00:00Z')).toEqual(endsAt);
  });

  test('is nothing where the platform has no such end, or nothing is connected', () => {
    expect(consentEndsSoon({ refreshHardExpiresAt: null }, endsAt)).toBeNull();
    expect(consentEndsSoon(null, endsAt)).toBeNull();
  });

  test('shows on the book’s connection, with its day and what to do', () => {
    const book = {
      status: 'connected' as const,
      ...{ statusReason: null, parkedUntil: null, parkedReason: null, lastSyncError: null },
      lastSyncedAt: endsAt,
      consentEndsAt: endsAt,
    };
    expect(connectionWord(book)).toEqual({ text: 'consent ends soon', tone: 'due' });
    expect(connectionDetail(book)).toBe(consentEndWords(endsAt));
    expect(connectionDetail(book)).toContain('2032-02-29');
    expect(connectionDetail({ ...book, status: 'disconnected' })).toBeNull();
  });
});
