/**
 * What stops all of a run's messages once it is seen how many there are: the first run of a book, and
 * a number far above the usual. They are not lost: each waits for a person, and says which of the two
 * it was. Nothing of a run leaves before its end (the claim asks for a finished run), so this comes in time.
 */
import type { Day } from '../domain/day.ts';
import type { Policy } from '../domain/policy.ts';
import type { BookId } from '../domain/receivables.ts';
import { plural } from '../domain/text.ts';
import { exceededUsual, USUAL_DAYS } from '../domain/volume-breaker.ts';
import type { Tx } from '../store/db.ts';
import {
  countUnreleased,
  hasEarlierRun,
  readVolumes,
  type StoppedBy,
  stopMessages,
} from '../store/run-volume.ts';

export interface StoppedRun {
  by: StoppedBy;
  reason: string;
  /** Messages that now wait for a person. */
  messages: number;
}

/** null: nothing stops it, or there is nothing to stop. */
export async function stopRun(
  tx: Tx,
  run: { id: number; bookId: BookId; asOn: Day },
  policy: Policy,
  at: Date,
): Promise<StoppedRun | null> {
  const { id, bookId, asOn } = run;
  const found = await whatStops(tx, run, policy);
  if (found === null) return null;
  const messages = await stopMessages(tx, bookId, asOn, { ...found, at });
  if (messages === 0) return null;
  await tx.audit.create({
    data: {
      bookId,
      at,
      actor: 'system',
      action: 'run.stopped',
      subject: `run ${id}`,
      detail: { ...found, messages },
    },
  });
  return { ...found, messages };
}

async function whatStops(
  tx: Tx,
  { id, bookId, asOn }: { id: number; bookId: BookId; asOn: Day },
  { budgets }: Policy,
): Promise<Omit<StoppedRun, 'messages'> | null> {
  if (!(await hasEarlierRun(tx, bookId, id))) {
    const reason = 'The first run of this book: a person looks before anything leaves.';
    return { by: 'first_run', reason };
  }
  const messages = await countUnreleased(tx, bookId, asOn);
  const before = await readVolumes(tx, bookId, asOn, USUAL_DAYS);
  const usual = exceededUsual(messages, before, budgets.volumeBreaker);
  if (usual === null) return null;
  const reason = `The volume breaker: ${plural(messages, 'message')} today, usually ${usual}, and the policy stops at ${budgets.volumeBreaker} times the usual.`;
  return { by: 'volume_breaker', reason };
}
