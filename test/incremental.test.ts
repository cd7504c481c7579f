/**
 * The daily assessment and run look only at whom they must. Two installations live the same sixty days
 * beside the same sandbox: invoices are raised, paid and credited, letters leave, tasks wait. One of them
 * is made to forget each day what stood, and assesses and decides about everybody; both must tell the
 * same story.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sendDue } from '../src/act/index.ts';
import { assessBook } from '../src/assess/assess-book.ts';
import { ManualClock } from '../src/clock.ts';
import { escalateBook } from '../src/escalate/escalate-book.ts';
import { stageDeps, todayOf } from '../src/pipeline.ts';
import type { Db } from '../src/store/db.ts';
import { syncBook } from '../src/sync/sync-book.ts';
import { useDatabase } from './support/database.ts';
import { type Installation, openInstallation } from './support/installation.ts';

const DAYS = 60;
const START = Date.parse('2026-11-16T20:00:00Z');
const MS_PER_DAY = 86_400_000;
/** What tells its own days is compared after so many of them; what only says how it stands, on each. */
const COMPARED_EVERY = 10;

const dbs = [useDatabase(), useDatabase()];
const installations: { installation: Installation; clock: ManualClock }[] = [];

beforeAll(async () => {
  for (const db of dbs) {
    const clock = new ManualClock(new Date(START));
    const installation = await openInstallation(db(), clock, { platforms: ['xero'] });
    installations.push({ installation, clock });
  }
}, 120_000);
afterAll(async () => {
  for (const { installation } of installations) await installation.close();
});

/** Without a finished run or assessment that they know of, both look at everybody, from the ledger. */
async function forget(db: Db): Promise<void> {
  await db.prisma.run.updateMany({ data: { context: '' } });
  await db.prisma.book.updateMany({ data: { assessedOn: null } });
}

async function rows(db: Db, sql: string): Promise<unknown[]> {
  return (await db.executeSql(sql)).rows;
}

/** What an assessment leaves: the digest is of the score's points, the segment and the advice. */
async function standing(db: Db): Promise<Record<string, unknown[]>> {
  return {
    flags: await rows(
      db,
      `select book_id, customer_id, code, severity, opened_on, closed_on
         from flag order by book_id, customer_id, code, opened_on`,
    ),
    risks: await rows(
      db,
      `select book_id, customer_id, as_on, score, grade, segment, digest
         from customer_risk order by book_id, customer_id`,
    ),
  };
}

async function story(db: Db): Promise<Record<string, unknown[]>> {
  return {
    decisions: await rows(
      db,
      `select book_id, invoice_id, customer_id, decided_on, replaced_on, outcome, step, because,
              action_key, next_on, path::text, facts::text
         from decision where replaced_on is null or replaced_on > decided_on
        order by book_id, invoice_id, decided_on, id`,
    ),
    actions: await rows(
      db,
      `select book_id, customer_id, key, channel, step, state, planned_on
         from action order by book_id, key, planned_on`,
    ),
    assessments: await rows(
      db,
      `select book_id, customer_id, as_on, digest from assessment
        order by book_id, customer_id, as_on`,
    ),
  };
}

interface Looked {
  assessed: number;
  decidedFor: number;
}

/** What decides of a day, in its order. Predictions and notes in the ledger change no answer. */
async function live({ app, bookIds }: Installation): Promise<Looked> {
  const deps = stageDeps(app);
  const looked = { assessed: 0, decidedFor: 0 };
  for (const bookId of bookIds) {
    await syncBook(deps, bookId);
    const asOn = await todayOf(app, bookId);
    looked.assessed += (await assessBook(deps, bookId, { asOn })).customers;
    looked.decidedFor += (await escalateBook(deps, bookId, { asOn })).decidedFor;
    await sendDue(deps, bookId);
  }
  return looked;
}

test(
  'sixty days of looking only at whom one must give the same as looking at everybody each day',
  async () => {
    const [frugal, thorough] = installations;
    if (frugal === undefined || thorough === undefined) throw new Error('two installations');
    const few = { assessed: 0, decidedFor: 0 };
    const many = { assessed: 0, decidedFor: 0 };
    for (let count = 0; count < DAYS; count += 1) {
      for (const { clock } of installations) clock.set(new Date(START + count * MS_PER_DAY));
      add(few, await live(frugal.installation));
      await forget(thorough.installation.app.db);
      add(many, await live(thorough.installation));
      const [mine, theirs] = [frugal.installation.app.db, thorough.installation.app.db];
      expect(await standing(mine), `day ${count}`).toEqual(await standing(theirs));
      if ((count + 1) % COMPARED_EVERY > 0) continue;
      expect(await story(mine), `day ${count}`).toEqual(await story(theirs));
    }
    const { decisions, actions } = await story(frugal.installation.app.db);
    expect(decisions?.length).toBeGreaterThan(200);
    expect(actions?.length).toBeGreaterThan(50);
    expect(few.decidedFor).toBeLessThan(0.7 * many.decidedFor);
    expect(few.assessed).toBeLessThan(0.7 * many.assessed);
  },
  30 * 60_000,
);

function add(sum: Looked, one: Looked): void {
  sum.assessed += one.assessed;
  sum.decidedFor += one.decidedFor;
}
