/** The web process of the load: it takes the webhooks and serves the people. */
import { listen } from '../../src/cli/start.ts';
import { readConfig } from '../../src/config.ts';
import { openLedger } from '../../src/connect/open-ledger.ts';
import type { BookId, InvoiceId } from '../../src/domain/receivables.ts';
import { AppError } from '../../src/errors.ts';
import { startWorker } from '../../src/jobs/worker.ts';
import { compose } from '../../src/main.ts';
import { fastClock, type Pace } from './clock.ts';
import { type Asked, sampleMemory, tell } from './talk.ts';

const pace = JSON.parse(process.env['LOAD_PACE'] ?? '') as Pace;
const app = await compose(readConfig(process.env), { clock: fastClock(pace) });
const queue = await startWorker(app, { work: false });
const web = await listen(app, queue);

process.on('message', (message) => {
  if (message !== 'stop') void serve(message as Asked);
  else void close();
});
process.on('disconnect', () => process.exit());
sampleMemory();
tell({ kind: 'ready' });

async function serve(asked: Asked): Promise<void> {
  const askedAt = app.clock.now().getTime();
  const failed = await look(asked);
  tell({ kind: 'served', ...asked, askedAt, servedAt: app.clock.now().getTime(), failed });
}

async function look({ bookId, invoiceId }: Asked): Promise<string | null> {
  try {
    const ledger = await openLedger(app, bookId as BookId, 'interactive');
    await ledger.readInvoice(invoiceId as InvoiceId);
    return null;
  } catch (err) {
    return err instanceof AppError ? err.code : String(err);
  }
}

async function close(): Promise<void> {
  await web.close();
  await queue.stop();
  await app.close();
  process.exit();
}
