/** What stops a whole book for today: its figures are old, or the platform reminds by itself. */
import type { Reason } from './dunning-case.ts';

const MS_PER_HOUR = 3_600_000;

interface GatedBook {
  lastSyncedAt: Date | null;
  platformRemindersOn: boolean;
}

export function bookGate(book: GatedBook, now: Date, freshnessHours: number): Reason | null {
  if (book.lastSyncedAt === null) {
    return {
      code: 'never_synced',
      text: 'The ledger has not been read yet: nothing is asked for before that.',
    };
  }
  const ageMs = now.getTime() - book.lastSyncedAt.getTime();
  if (ageMs > freshnessHours * MS_PER_HOUR) {
    return {
      code: 'stale',
      text: `The ledger was last read at ${minuteText(book.lastSyncedAt)}, more than ${freshnessHours} hours ago: a payment may have arrived since.`,
      figures: { lastSyncedAt: book.lastSyncedAt.toISOString(), freshnessHours },
    };
  }
  if (book.platformRemindersOn) {
    return {
      code: 'platform_reminders',
      text: 'The accounting platform sends its own reminders: switch them off first, or every letter would go out twice.',
    };
  }
  return null;
}

function minuteText(at: Date): string {
  return `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
