/**
 * The daily run looks only at whom it must. Two installations live the same sixty days beside the same
 * sandbox: invoices are raised, paid and credited, letters leave, tasks wait. In one of them every
 * run is made to forget what stood and decides about everybody; both must tell the same story.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ManualClock } from '../src/clock.ts';
import { runPipeline } from '../src/pipeline.ts';
import type { Db } from '../src/store/db.ts';
import { useDatabase } from './support/database.ts';
import { type Installation, openInstallation } from './support/installation.ts';

const DAYS = 60;
const START = Date.parse('2026-11-16T20:00:00Z');
const MS_PER_DAY = 86_400_000;
/** What stands is compared after so many days; every decision says on which day it was made. */
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

/** Without a finished run that it knows of, a run looks at everybody, from the ledger. */
async function forget(db: Db): Promise<void> {
  await db.prisma.run.updateMany({ data: { context: '' } });
}

async function story(db: Db): Promise<Record<string, unknown[]>> {
  const read = async (sql: string) => (await db.executeSql(sql)).rows;
  return {
    decisions: await read(
      `select book_id, invoice_id, customer_id, decided_on, replaced_on, outcome, step, because,
              action_key, next_on, path::text, facts::text
         from decision where replaced_on is null or replaced_on > decided_on
        order by book_id, invoice_id, decided_on, id`,
    ),
    actions: await read(
      `select book_id, customer_id, key, channel, step, state, planned_on
         from action order by book_id, key, planned_on`,
    ),
    flags: await read(
      `select book_id, customer_id, code, severity, opened_on, closed_on
         from flag order by book_id, customer_id, code, opened_on`,
    ),
  };
}

interface Counts {
  decidedFor?: number;
}

async function decidedFor(db: Db): Promise<number> {
  const runs = await db.prisma.run.findMany({ select: { counts: true } });
  return runs.reduce((sum, { counts }) => sum + ((counts as Counts).decidedFor ?? 0), 0);
}

test(
  'sixty days of runs that look only at whom they must give the same as deciding about everybody each day',
  async () => {
    const [frugal, thorough] = installations;
    if (frugal === undefined || thorough === undefined) throw new Error('two installations');
    for (let count = 0; count < DAYS; count += 1) {
      for (const one of installations) {
        const { installation, clock } = one;
        clock.set(new Date(START + count * MS_PER_DAY));
        if (one === thorough) await forget(installation.app.db);
        for (const bookId of installation.bookIds) await runPipeline(installation.app, bookId);
      }
      if ((count + 1) % COMPARED_EVERY > 0) continue;
      const [mine, theirs] = [
        await story(frugal.installation.app.db),
        await story(thorough.installation.app.db),
      ];
      expect(mine, `day ${count}`).toEqual(theirs);
    }
    const { decisions, actions } = await story(frugal.installation.app.db);
    expect(decisions?.length).toBeGreaterThan(200);
    expect(actions?.length).toBeGreaterThan(50);
    const [few, many] = [
      await decidedFor(frugal.installation.app.db),
      await decidedFor(thorough.installation.app.db),
    ];
    expect(few).toBeLessThan(0.7 * many);
  },
  30 * 60_000,
);
