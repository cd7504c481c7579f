/**
 * A ledger whose calls can be walked away from. The vendors' SDKs cannot cancel a call, and one that
 * hangs would keep a claim past the end of the process: when the signal comes, the caller gets a
 * StoppedError and hands its claim back, and the call is left to finish alone.
 */
import type { Ledger } from '../../connectors/ledger.ts';
import { StoppedError } from '../errors.ts';

export function endableLedger<L extends Ledger>(ledger: L, end: AbortSignal): L {
  const unlessEnded = <T>(call: () => Promise<T>): Promise<T> => orStopped(call, end);
  const endable: Ledger = {
    platform: ledger.platform,
    organisation: () => unlessEnded(() => ledger.organisation()),
    async *pull(cursor, options) {
      const pages = ledger.pull(cursor, options)[Symbol.asyncIterator]();
      for (;;) {
        const next = await unlessEnded(() => pages.next());
        if (next.done === true) return;
        yield next.value;
      }
    },
    readInvoice: (id) => unlessEnded(() => ledger.readInvoice(id)),
    invoicePdf: (id) => unlessEnded(() => ledger.invoicePdf(id)),
    payLink: (id) => unlessEnded(() => ledger.payLink(id)),
    findNote: (target, ref) => unlessEnded(() => ledger.findNote(target, ref)),
    writeNote: (note) => unlessEnded(() => ledger.writeNote(note)),
    setExpectedPayDate: (id, on) => unlessEnded(() => ledger.setExpectedPayDate(id, on)),
  };
  // What a ledger has beside the interface, as its count of calls, stays readable.
  return Object.assign(Object.create(ledger) as L, endable);
}

async function orStopped<T>(call: () => Promise<T>, end: AbortSignal): Promise<T> {
  if (end.aborted) throw new StoppedError();
  let stop: (() => void) | undefined;
  const stopped = new Promise<never>((_resolve, reject) => {
    stop = () => reject(new StoppedError());
    end.addEventListener('abort', stop, { once: true });
  });
  const running = call();
  // Left behind, it may still fail, and nobody is listening.
  running.catch(() => undefined);
  try {
    return await Promise.race([running, stopped]);
  } finally {
    if (stop !== undefined) end.removeEventListener('abort', stop);
  }
}
