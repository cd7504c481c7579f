/** What the processes of the load tell each other. */
export type Told =
  | { kind: 'ready' }
  | { kind: 'memory'; atMs: number; rssMb: number }
  | ({ kind: 'served' } & Served);

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

const SAMPLE_MS = 1_000;

export function tell(message: Told): void {
  process.send?.(message);
}

export function sampleMemory(): void {
  const sample = (): void => {
    const { rss } = process.memoryUsage();
    tell({ kind: 'memory', atMs: performance.now(), rssMb: rss / 2 ** 20 });
  };
  setInterval(sample, SAMPLE_MS).unref();
}
