/**
 * How a process ends while books are worked on, within ten seconds: told to stop, it begins nothing
 * new; five seconds later it waits for nobody any more, and gives back what it holds.
 */
import type { App } from '../app.ts';
import { openLedger } from '../connect/open-ledger.ts';
import type { BookId } from '../domain/receivables.ts';
import { stageDeps } from '../pipeline.ts';
import { endableLedger } from './endable-ledger.ts';

export interface EndSignals {
  /** Begin nothing new. */
  stop: AbortSignal;
  /** Give back what is held: no call to a ledger is waited for any longer. */
  handBack: AbortSignal;
}

export interface Ending {
  signals: EndSignals;
  begin(): void;
  /** Everything has ended: nothing is left to be cut short. */
  over(): void;
}

const FINISH_MS = 5_000;

export function createEnding(app: Pick<App, 'mailer'>): Ending {
  const stop = new AbortController();
  const handBack = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  return {
    signals: { stop: stop.signal, handBack: handBack.signal },
    begin() {
      stop.abort();
      // By the machine's clock: whoever stopped the process is waiting in real time.
      timer = setTimeout(() => {
        handBack.abort();
        void app.mailer?.close();
      }, FINISH_MS);
    },
    over() {
      clearTimeout(timer);
    },
  };
}

/**
 * What the stages are handed, with ledgers that are not waited for once what is held is given back, and
 * not for longer than `waitMsMax` when the platform's limits ask for it.
 */
export function endableDeps(app: App, handBack: AbortSignal, waitMsMax?: number) {
  return {
    ...stageDeps(app),
    openLedger: async (bookId: BookId, priority?: 'interactive' | 'background') =>
      endableLedger(await openLedger(app, bookId, priority, waitMsMax), handBack),
  };
}
