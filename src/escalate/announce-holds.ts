/**
 * What became of holds by itself: kept, broken, finished, expired, or about to end. Each is told once,
 * in the audit log and as a note in the ledger; that a hold is about to end is for us alone.
 */
import type { Day } from '../domain/day.ts';
import { endsInDays, holdState, stateWords } from '../domain/hold-state.ts';
import { noteBody } from '../domain/hold-words.ts';
import type { HoldRules } from '../domain/holds.ts';
import type { BookId } from '../domain/receivables.ts';
import { plural } from '../domain/text.ts';
import type { Tx } from '../store/db.ts';
import { HoldRulesInForce } from '../store/hold-rules.ts';
import { markTold, nextUntold, type UntoldHold } from '../store/holds.ts';
import { planNotes, type PlannedNote, refOf } from '../store/notes.ts';
import { lineOf, targetOf } from './tell-hold.ts';

const HOLDS_PER_PAGE = 500;
const REF_CHARS = 16;
const ENDING = 'ending';

interface News {
  hold: UntoldHold;
  word: string;
  sentence: string;
}

/** Gives how many were told. */
export async function announceHolds(tx: Tx, bookId: BookId, asOn: Day, at: Date): Promise<number> {
  const rules = await HoldRulesInForce.open(tx, bookId, asOn);
  let told = 0;
  let after = 0;
  for (;;) {
    const page = await nextUntold(tx, bookId, after, asOn, HOLDS_PER_PAGE);
    const last = page.at(-1);
    if (last === undefined) return told;
    const news = page
      .map((hold) => newsOf(hold, rules.forHold(hold), asOn))
      .filter((one) => one !== null);
    await write(tx, bookId, news, at);
    told += news.length;
    after = last.id;
  }
}

function newsOf(hold: UntoldHold, rules: HoldRules, asOn: Day): News | null {
  const standing = holdState(hold, rules, asOn);
  const left = endsInDays(standing, asOn);
  const word = standing.isOver ? standing.state : left === null ? null : ENDING;
  // That a dispute was rejected was told when somebody said so.
  if (word === null || word === hold.toldState || word === 'rejected') return null;
  const what = word === ENDING ? `ends in ${plural(left ?? 0, 'day')}` : stateWords(standing.state);
  return { hold, word, sentence: `${lineOf(hold, hold.invoices)}: ${what}, ${standing.detail}.` };
}

async function write(tx: Tx, bookId: BookId, news: readonly News[], at: Date): Promise<void> {
  if (news.length === 0) return;
  await tx.audit.createMany({
    data: news.map(({ hold, word, sentence }) => ({
      bookId,
      at,
      actor: 'system',
      action: `hold.${word}`,
      subject: `hold ${hold.id}`,
      detail: { customerId: hold.customerId, sentence },
    })),
  });
  const notes = news
    .filter(({ word }) => word !== ENDING)
    .map(({ hold, word, sentence }): PlannedNote => {
      const ref = refOf(`hold ${bookId} ${hold.id} ${word}`, REF_CHARS);
      const target = targetOf(hold.customerId, hold.invoices);
      return { target, ref, body: noteBody(sentence, ref), expectedPayOn: null };
    });
  await planNotes(tx, bookId, notes, at);
  await markTold(
    tx,
    bookId,
    news.map(({ hold, word }) => ({ id: hold.id, word })),
  );
}
