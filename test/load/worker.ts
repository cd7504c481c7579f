/**
 * A worker process of the load: the job worker as it is composed in earnest, by the sandbox's clock.
 * The queue's own minute is the machine's, so the minute's tick of the sandbox is made here.
 */
import { readConfig } from '../../src/config.ts';
import { booksToTend } from '../../src/jobs/tend-book.ts';
import { startWorker } from '../../src/jobs/worker.ts';
import { compose } from '../../src/main.ts';
import { fastClock, type Pace } from './clock.ts';
import { sampleMemory, tell } from './talk.ts';

const MINUTE_MS = 60_000;

void work();

async function work(): Promise<void> {
  const pace = JSON.parse(process.env['LOAD_PACE'] ?? '') as Pace;
  const app = await compose(readConfig(process.env), { clock: fastClock(pace) });
  const worker = await startWorker(app);
  const tick = async (): Promise<void> => {
    for (const bookId of await booksToTend(app)) await worker.requestTend(bookId);
  };
  const ticking = setInterval(() => void tick(), MINUTE_MS / pace.speed);
  process.on('message', () => {
    clearInterval(ticking);
    void worker
      .stop()
      .then(() => app.close())
      .then(() => process.exit());
  });
  process.on('disconnect', () => process.exit());
  sampleMemory();
  tell({ kind: 'ready' });
}
