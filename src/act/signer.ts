/** Who signs a message or a letter. */
import { roleOf, type Sender } from '../domain/senders.ts';
import type { LoadedReminder } from './load-reminder.ts';

export interface Signer {
  /** null: the business as such. */
  name: string | null;
  /** The person's own title; without one the word of the level. */
  role: string | null;
  /** A line under the name, as a telephone number. */
  line: string | null;
}

/**
 * Whoever signs an email of this step signs its letter and its statement too. With nobody entered the name is
 * that of the address, and it is nobody's director: it signs as accounts receivable, whatever the step asks for.
 */
export function signerOf(
  { sender: person }: Pick<LoadedReminder, 'sender'>,
  sender: Sender | null,
): Signer {
  return {
    name: person?.name ?? sender?.from.name ?? null,
    role: person?.title ?? roleOf(person?.level ?? 'collector'),
    line: person?.signature ?? null,
  };
}
