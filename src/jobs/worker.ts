/**
 * The background: a minute's tick finds books that need attention and queues one job for each.
 * The queue keeps at most one job waiting and one running per book, over all processes.
 */
import PgBoss from 'pg-boss';
import type { App } from '../app.ts';
import { readMailbox } from '../bounces/mailbox.ts';
import type { BookId } from '../domain/receivables.ts';
import { AppError, StoppedError } from '../errors.ts';
import { createEnding, type EndSignals } from './ending.ts';
import { applyRetention } from './retention.ts';
import { sayAlive } from '../store/alive.ts';
import { booksToTend, tendBook } from './tend-book.ts';

const TICK = 'tick';
const TEND = 'tend-book';
const RETENTION = 'retention';
const BOUNCES = 'bounces';
// Two for each core of a small server: most of a book's time is waiting for its ledger's answers.
const BOOKS_AT_ONCE = 4;
// A job that outlives this is believed dead and given to another worker. Work stops itself well before.
const JOB_MINUTES_MAX = 15;
const WORK_MINUTES_MAX = 12;
// Of the ten seconds in which everything is finished or handed back.
const STOP_MS_MAX = 9_000;

export interface Worker {
  /** Queues a look at a book; a second request while one waits is the same request. */
  requestTend(bookId: BookId): Promise<void>;
  /** Finishes or hands back what runs, within ten seconds. */
  stop(): Promise<void>;
}

export interface WorkerOptions {
  /** false: only queue (a web process beside worker processes). */
  work?: boolean;
}

export async function startWorker(app: App, options: WorkerOptions = {}): Promise<Worker> {
  const works = options.work ?? true;
  const boss = new PgBoss({ db: app.db, schema: 'jobs', schedule: works, supervise: works });
  boss.on('error', (err) => app.log.error({ err }, 'job queue'));
  await boss.start();
  await boss.createQueue(TICK, { name: TICK, policy: 'stately', retryLimit: 0 });
  await boss.createQueue(BOUNCES, { name: BOUNCES, policy: 'stately', retryLimit: 0 });
  await boss.createQueue(RETENTION, { name: RETENTION, policy: 'stately', retryLimit: 0 });
  await boss.createQueue(TEND, {
    name: TEND,
    policy: 'stately',
    retryLimit: 0,
    expireInMinutes: JOB_MINUTES_MAX,
  });

  const requestTend = async (bookId: BookId, afterMs = 0): Promise<void> => {
    const startAfter = Math.ceil(afterMs / 1_000);
    await boss.send(TEND, { bookId }, { singletonKey: String(bookId), startAfter });
  };

  const ending = createEnding(app);
  if (works) {
    // One process owns an embedded database: whatever it left running died with its predecessor.
    if (app.db.kind === 'pglite') await failOrphans(app);
    await boss.schedule(TICK, '* * * * *');
    await boss.schedule(BOUNCES, '*/5 * * * *');
    await boss.work(BOUNCES, () => readBounces(app));
    await boss.schedule(RETENTION, '17 3 * * *');
    await boss.work(RETENTION, async () => {
      app.log.info({ forgotten: await applyRetention(app) }, 'retention applied');
    });
    await boss.work(TICK, async () => {
      await sayAlive(app);
      for (const bookId of await booksToTend(app)) await requestTend(bookId);
    });
    const workers = Array.from({ length: BOOKS_AT_ONCE }, () =>
      boss.work<{ bookId: BookId }>(TEND, { batchSize: 1 }, async (jobs) => {
        for (const { data } of jobs) {
          const againMs = await tendSafely(app, data.bookId, ending.signals);
          if (againMs !== null) await requestTend(data.bookId, againMs);
        }
      }),
    );
    await Promise.all(workers);
    await boss.send(TICK, {});
  }

  return {
    requestTend,
    async stop() {
      ending.begin();
      try {
        await boss.stop({ graceful: true, wait: true, timeout: STOP_MS_MAX });
      } finally {
        ending.over();
      }
    },
  };
}

async function tendSafely(app: App, bookId: BookId, signals: EndSignals): Promise<number | null> {
  const stop = AbortSignal.any([signals.stop, AbortSignal.timeout(WORK_MINUTES_MAX * 60_000)]);
  try {
    return await tendBook(app, bookId, { ...signals, stop });
  } catch (err) {
    if (err instanceof StoppedError) return null;
    // An expected failure is on the book for people to see, and the next tick tries again when it may.
    const level = err instanceof AppError ? 'warn' : 'error';
    app.log[level]({ err, book: bookId }, 'a book could not be tended');
    return null;
  }
}

async function readBounces(app: App): Promise<void> {
  if (app.config.imap === null) return;
  try {
    const read = await readMailbox(app.config.imap, app);
    if (read.looked > 0) app.log.info({ read }, 'bounce mailbox read');
  } catch (err) {
    app.log.warn({ err }, 'the bounce mailbox could not be read');
  }
}

async function failOrphans(app: App): Promise<void> {
  await app.db.executeSql(
    `update jobs.job set state = 'failed', completed_on = now() where name = $1 and state = 'active'`,
    [TEND],
  );
}
