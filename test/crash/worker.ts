/**
 * One life of a Duebook process: the product as it is composed in earnest, told by its parent what time
 * it is. Each tick does what the worker's minute does, and answers how things stand.
 */
import { approveActions, resolveInDoubt } from '../../src/act/index.ts';
import type { App } from '../../src/app.ts';
import { ManualClock } from '../../src/clock.ts';
import { readConfig } from '../../src/config.ts';
import type { BookId } from '../../src/domain/receivables.ts';
import { AppError } from '../../src/errors.ts';
import { booksToTend, tendBook } from '../../src/jobs/tend-book.ts';
import { compose } from '../../src/main.ts';
import { type Armed, arm, PLANTED, takeFired, wake } from './failpoint.ts';
import { readStanding, type Standing } from '../support/standing.ts';

export interface Tick {
  now: string;
  armed: Armed | null;
  /** Makes this work due, as a person's click does. */
  asked: 'sync' | 'run' | null;
  /** What a person found out about messages in doubt. */
  resolved: { bookId: number; actionId: string; resolution: 'mark_sent' | 'resend' }[];
}

/** A process that slept through what others did meanwhile goes on. */
export interface Wake {
  wakesAt: string;
}

export type Answer =
  | { kind: 'ready' }
  | { kind: 'seen'; standing: Standing }
  | { kind: 'hanging' }
  | {
      kind: 'done';
      /** The planted error was thrown. */
      thrown: boolean;
      /** Errors that nobody planted. */
      errors: string[];
      before: Standing;
      after: Standing;
    };

const never = new AbortController().signal;
const NEVER = { stop: never, handBack: never };
const clock = new ManualClock(process.env['CRASH_NOW'] ?? '');
let app: App;
void live();

async function live(): Promise<void> {
  app = await compose(readConfig(process.env), { clock, keepPace: false });
  process.on('message', (message) => void hear(message as 'look' | Wake | Tick));
  process.on('disconnect', () => process.exit());
  say({ kind: 'ready' });
}

function hear(message: 'look' | Wake | Tick): Promise<void> {
  if (message === 'look') return look();
  if (!('wakesAt' in message)) return answer(message);
  setClock(message.wakesAt);
  wake();
  return Promise.resolve();
}

/** Sleeping within the product may have taken it further already. */
function setClock(now: string): void {
  clock.set(new Date(Math.max(Date.parse(now), clock.now().getTime())));
}

async function look(): Promise<void> {
  say({ kind: 'seen', standing: await readStanding(app) });
}

async function answer(tick: Tick): Promise<void> {
  setClock(tick.now);
  const before = await readStanding(app);
  for (const { bookId, actionId, resolution } of tick.resolved) {
    await resolveInDoubt(app, bookId as BookId, actionId, resolution, 'a person');
  }
  if (tick.asked !== null) await ask(tick.asked);
  await approveAll();
  arm(tick.armed, () => say({ kind: 'hanging' }));
  const errors = await tendAll();
  arm(null);
  const thrown = takeFired();
  say({ kind: 'done', thrown, errors, before, after: await readStanding(app) });
}

async function ask(work: 'sync' | 'run'): Promise<void> {
  const at = clock.now();
  const data = work === 'sync' ? { syncRequestedAt: at } : { runRequestedAt: at };
  await app.db.prisma.book.updateMany({ data });
}

/** What a first run, a busy day or four eyes leave to people: two of them agree. */
async function approveAll(): Promise<void> {
  for (const { id } of await app.db.prisma.book.findMany({ select: { id: true } })) {
    for (const person of ['Ana', 'Ben']) await approveActions(app, id as BookId, 'all', person);
  }
}

/** The books in turn; a planted error ends the tick, so that what it left is met by the next one. */
async function tendAll(): Promise<string[]> {
  const errors: string[] = [];
  for (const bookId of await booksToTend(app)) {
    try {
      await tendBook(app, bookId, NEVER);
    } catch (err) {
      if (String(err).includes(PLANTED)) return errors;
      // Expected failures are on the book, as after a job of the queue.
      if (!(err instanceof AppError)) {
        errors.push(err instanceof Error ? (err.stack ?? err.message) : String(err));
      }
    }
  }
  return errors;
}

function say(message: Answer): void {
  process.send?.(message);
}
