/**
 * People release what the rules proposed. A step under four eyes waits until two different people
 * have said so; the same person's second word changes nothing.
 */
import type { Clock } from '../clock.ts';
import { personKey, personName } from '../domain/person.ts';
import type { BookId } from '../domain/receivables.ts';
import { UsageError } from '../errors.ts';
import type { Db, Tx } from '../store/db.ts';
import { idsFrom } from '../store/json-rows.ts';
import { assertLegal } from './states.ts';

export interface PeopleDeps {
  db: Db;
  clock: Clock;
}

export interface Approved {
  /** Emails that now leave, letters and hand-overs that now are to do. */
  released: number;
  /** This person's word is taken down; another person's is still needed. */
  waiting: number;
  /** Under four eyes, and nobody was named: not touched. */
  unnamed: number;
}

export interface ApproveOptions {
  /** The actor is a console or a browser, not the name of a person: too little for four eyes. */
  isUnnamed?: boolean;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const NAME_MAX = 80;

export function isActionId(text: string): boolean {
  return UUID.test(text);
}

/** What is no longer proposed, or belongs to another book, is left alone. */
export async function approveActions(
  deps: PeopleDeps,
  bookId: BookId,
  actionIds: readonly string[] | 'all',
  actor: string,
  options: ApproveOptions = {},
): Promise<Approved> {
  const by = personName(actor);
  if (by === '' || by.length > NAME_MAX) {
    throw new UsageError(`say who approves, in at most ${NAME_MAX} characters`);
  }
  const at = deps.clock.now();
  assertLegal('proposed', 'planned');
  assertLegal('proposed', 'todo');
  const isUnnamed = options.isUnnamed === true;
  const wanted =
    actionIds === 'all'
      ? null
      : JSON.stringify(actionIds.filter(isActionId).map((id) => id.toLowerCase()));
  return deps.db.tx(async (tx) => {
    const given = await takeDown(tx, bookId, wanted, { by, at, most: isUnnamed ? 1 : null });
    const released = await release(tx, bookId, given, by, at);
    await tx.audit.createMany({
      data: given.map((id) => ({
        bookId,
        at,
        actor: by,
        action: 'action.approve',
        subject: `action ${id}`,
        ...(released.has(id) ? {} : { detail: { stillNeeded: true } }),
      })),
    });
    return {
      released: released.size,
      waiting: given.length - released.size,
      unnamed: isUnnamed ? await countFourEyes(tx, bookId, wanted) : 0,
    };
  });
}

/**
 * The ids for which this person's word is new. The lock makes two people who approve in the same
 * moment take turns, so that the second one sees the first one's word.
 */
async function takeDown(
  tx: Tx,
  bookId: BookId,
  wanted: string | null,
  word: { by: string; at: Date; most: number | null },
): Promise<string[]> {
  const rows = await tx.$queryRawUnsafe<{ id: string }[]>(
    `with proposed as (
       select id from action
        where ${PROPOSED} and ($6::int is null or approvals_needed <= $6::int)
        order by id for update)
     insert into action_approval (action_id, person, by, at)
     select id, $3::text, $4::text, $5::timestamptz from proposed
     on conflict do nothing
     returning action_id::text as id`,
    bookId,
    wanted,
    personKey(word.by),
    word.by,
    word.at.toISOString(),
    word.most,
  );
  return rows.map((row) => row.id);
}

// A null list would make the sub-select fail, so it is asked for first.
const PROPOSED = `book_id = $1::int and state = 'proposed'
          and ($2::text is null or id::text = any(${idsFrom("coalesce($2::text, '[]')")}))`;

async function countFourEyes(tx: Tx, bookId: BookId, wanted: string | null): Promise<number> {
  const [row] = await tx.$queryRawUnsafe<{ count: number }[]>(
    `select count(*)::int as count from action where ${PROPOSED} and approvals_needed > 1`,
    bookId,
    wanted,
  );
  return row?.count ?? 0;
}

/** Of those, the ones that now have as many words as they need. */
async function release(
  tx: Tx,
  bookId: BookId,
  ids: readonly string[],
  by: string,
  at: Date,
): Promise<Set<string>> {
  const rows = await tx.$queryRawUnsafe<{ id: string }[]>(
    `update action a
        set state = case a.channel when 'email' then 'planned' else 'todo' end::action_state,
            state_reason = null, approved_by = words.names, approved_at = $4::timestamptz,
            updated_at = $4::timestamptz
       from (select action_id, count(*) as count,
                    string_agg(by, ' and ' order by (person = $3::text), at, by) as names
               from action_approval where action_id::text = any(${idsFrom('$2')})
              group by action_id) words
      where a.book_id = $1::int and a.id = words.action_id and a.state = 'proposed'
        and words.count >= a.approvals_needed
      returning a.id::text as id`,
    bookId,
    JSON.stringify(ids),
    personKey(by),
    at.toISOString(),
  );
  return new Set(rows.map((row) => row.id));
}
