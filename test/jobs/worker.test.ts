import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { App } from '../../src/app.ts';
import { ManualClock } from '../../src/clock.ts';
import { readFigures } from '../../src/demo/figures.ts';
import { startWorker } from '../../src/jobs/worker.ts';
import { useDatabase } from '../support/database.ts';
import { type Installation, openInstallation } from '../support/installation.ts';

const db = useDatabase();
const clock = new ManualClock('2026-11-19T20:00:00Z');
let installation: Installation;

beforeAll(async () => {
  installation = await openInstallation(db(), clock);
}, 60_000);
afterAll(() => installation.close());

/** Without the one that stands for long ago. */
const runsOfNow = (app: App) =>
  app.db.prisma.run.count({ where: { state: 'done', policyVersionId: { gt: 0 } } });

describe('the background worker', () => {
  test('finds both books by itself, brings each to its notes, and stops with nothing running', async () => {
    const { app, sandbox, catcher, bookIds } = installation;
    const worker = await startWorker(app);
    try {
      // The queue looks for work every two seconds by the machine's clock.
      await vi.waitFor(
        async () => {
          const runs = await runsOfNow(app);
          expect(runs).toBe(bookIds.length);
          const waiting = await app.db.prisma.note.count({ where: { state: { not: 'written' } } });
          const figures = await readFigures(app, sandbox, catcher);
          expect(waiting).toBe(0);
          expect(figures.actionsSent).toBeGreaterThan(4);
          expect(figures.notesHeld).toBe(figures.actionsSent);
        },
        { timeout: 90_000, interval: 250 },
      );
    } finally {
      await worker.stop();
    }
    const { rows } = await app.db.executeSql(
      `select count(*)::int as running from jobs.job where state = 'active' and name = 'tend-book'`,
    );
    expect(rows).toEqual([{ running: 0 }]);
    const mails = catcher.messages().length;
    expect(await runsOfNow(app)).toBe(bookIds.length);
    expect(mails).toBe(await app.db.prisma.action.count({ where: { state: 'sent' } }));
  }, 120_000);

  test('two requests for one book while it waits are one job', async () => {
    const { app, bookIds } = installation;
    const [bookId] = bookIds;
    if (bookId === undefined) throw new Error('no book');
    const queue = await startWorker(app, { work: false });
    await queue.requestTend(bookId);
    await queue.requestTend(bookId);
    await queue.stop();
    const { rows } = await app.db.executeSql(
      `select count(*)::int as waiting from jobs.job where state = 'created' and name = 'tend-book' and singleton_key = $1`,
      [String(bookId)],
    );
    expect(rows).toEqual([{ waiting: 1 }]);
  });
});
