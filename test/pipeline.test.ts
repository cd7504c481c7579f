import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ManualClock } from '../src/clock.ts';
import { runPipeline } from '../src/pipeline.ts';
import { readFigures } from '../src/demo/figures.ts';
import { useDatabase } from './support/database.ts';
import { type Installation, openInstallation } from './support/installation.ts';

const db = useDatabase();
// A Thursday afternoon in New York and a Friday morning in Auckland.
const clock = new ManualClock('2026-11-19T20:00:00Z');
let installation: Installation;

beforeAll(async () => {
  installation = await openInstallation(db(), clock);
}, 60_000);
afterAll(() => installation.close());

const figures = () => readFigures(installation.app, installation.sandbox, installation.catcher);
const runAll = async () => {
  for (const bookId of installation.bookIds) await runPipeline(installation.app, bookId);
};

describe('the whole pipeline, on both platforms', () => {
  test('ends with one accepted email and one note in the ledger for every action marked sent', async () => {
    await runAll();
    const after = await figures();
    expect(after.actionsSent).toBeGreaterThan(4);
    expect(after.emailsHeld).toBe(after.actionsSent);
    expect(after.notesHeld).toBe(after.actionsSent);
    expect(after.quarantined).toBe(0);
    const ids = installation.catcher.messages().map((mail) => mail.messageId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('every open invoice has exactly one decision in force', async () => {
    const { prisma } = installation.app.db;
    const open = await prisma.invoice.findMany({
      where: { status: 'open' },
      select: { bookId: true, id: true },
    });
    const inForce = await prisma.decision.findMany({
      where: { replacedOn: null },
      select: { bookId: true, invoiceId: true },
    });
    const names = (rows: { bookId: number; id: string }[]) =>
      rows.map((row) => `${row.bookId} ${row.id}`).sort();
    const decided = inForce.map(({ bookId, invoiceId }) => ({ bookId, id: invoiceId }));
    expect(names(decided)).toEqual(names(open));
  });

  test('run again the same day: no new email, no new note, one call per Xero list and one at QuickBooks', async () => {
    const before = await figures();
    clock.advance(60 * 60_000);
    await runAll();
    const after = await figures();
    expect(after).toMatchObject({
      emailsHeld: before.emailsHeld,
      notesHeld: before.notesHeld,
      actionsSent: before.actionsSent,
    });
    expect(after.apiCalls - before.apiCalls).toBeLessThanOrEqual(6 + 1);
  });

  test('a week on, what was paid meanwhile is not asked for', async () => {
    const before = installation.catcher.messages().length;
    clock.set('2026-11-25T20:00:00Z');
    await runAll();
    const after = await figures();
    expect(after.emailsHeld).toBe(after.actionsSent);
    expect(after.notesHeld).toBe(after.actionsSent);
    const paid = await installation.app.db.prisma.invoice.findMany({
      where: { status: { in: ['paid', 'voided', 'deleted'] } },
      select: { number: true },
    });
    const fresh = installation.catcher.messages().slice(before);
    expect(fresh.length).toBeGreaterThan(0);
    for (const mail of fresh) {
      for (const { number } of paid) {
        expect(mail.subject.split(/[\s,]+/)).not.toContain(number);
      }
    }
  });
});
