/** What the processes of the load tell each other. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

export type Told =
  { kind: 'ready' } | ({ kind: 'memory' } & Memory) | ({ kind: 'served' } & Served);

/** A person asks for a look at an invoice, and waits. */
export interface Asked {
  bookId: number;
  invoiceId: string;
}

/** By the sandbox's clock. */
export interface Served extends Asked {
  askedAt: number;
  servedAt: number;
  /** The code of the error; null: the invoice came. */
  failed: string | null;
}

/** Of one process, in megabytes. */
export interface Memory {
  /** What is left when all garbage has been collected, buffers outside the heap among it. */
  keptMb: number;
  /** What the machine has given it. */
  residentMb: number;
}

const SAMPLE_MS = 3_000;

export function tell(message: Told): void {
  process.send?.(message);
}

/** On a machine with much memory V8 collects late, so the resident size says little of what is kept. */
export function sampleMemory(): void {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const sample = (): void => {
    collectGarbage();
    const { rss, heapUsed, external } = process.memoryUsage();
    tell({ kind: 'memory', keptMb: (heapUsed + external) / 2 ** 20, residentMb: rss / 2 ** 20 });
  };
  setInterval(sample, SAMPLE_MS).unref();
}
