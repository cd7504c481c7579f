/**
 * Figures for whoever watches the process, in the form Prometheus reads. Labels are the platform, the
 * number of a book's row, and words of this program: never a name, an address or a company's id.
 */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Platform } from './domain/receivables.ts';

/** One HTTP call to a platform. `status` null: no answer came. */
export interface VendorCall {
  platform: Platform;
  bookId: number;
  resource: string;
  status: number | null;
  ms: number;
  dayRemaining: number | null;
}

/** How things stand in the database at the moment of asking. */
export interface OperationFigures {
  actions: { channel: string; state: string; count: number }[];
  notes: { state: string; count: number }[];
  books: {
    id: number;
    platform: Platform;
    isConnected: boolean;
    isParked: boolean;
    /** null: never synced. */
    lastSyncedAt: Date | null;
  }[];
  /** When the email that has waited longest fell due; null: none waits. */
  oldestDueAt: Date | null;
  quarantined: number;
}

export interface Metrics {
  onVendorCall(call: VendorCall): void;
  /** The whole page. */
  page(figures: OperationFigures, now: Date): Promise<{ contentType: string; text: string }>;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'duebook_' });
  const calls = vendorInstruments(registry);
  const standing = standingInstruments(registry);
  return {
    onVendorCall({ platform, bookId, resource, status, ms, dayRemaining }) {
      calls.total.inc({ platform, resource, status: status ?? 'none' });
      calls.seconds.observe({ platform }, ms / 1000);
      if (dayRemaining !== null) calls.dayLeft.set({ platform, book: bookId }, dayRemaining);
    },
    async page(figures, now) {
      show(standing, figures, now);
      return { contentType: registry.contentType, text: await registry.metrics() };
    },
  };
}

function vendorInstruments(registry: Registry) {
  const registers = [registry];
  return {
    total: new Counter({
      name: 'duebook_vendor_calls_total',
      help: 'HTTP calls to Xero and QuickBooks made by this process; status none: no answer came.',
      labelNames: ['platform', 'resource', 'status'],
      registers,
    }),
    seconds: new Histogram({
      name: 'duebook_vendor_call_seconds',
      help: 'How long those calls took.',
      labelNames: ['platform'],
      buckets: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
      registers,
    }),
    dayLeft: new Gauge({
      name: 'duebook_vendor_day_calls_left',
      help: 'Calls left today for a book, as the platform last told this process.',
      labelNames: ['platform', 'book'],
      registers,
    }),
  };
}

function standingInstruments(registry: Registry) {
  const registers = [registry];
  const gauge = <L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Gauge({ name: `duebook_${name}`, help, labelNames, registers });
  return {
    actions: gauge('actions', 'Actions by channel and state.', ['channel', 'state']),
    inDoubt: gauge('actions_in_doubt', 'Emails of which only a person can say whether they left.'),
    oldest: gauge(
      'oldest_waiting_action_seconds',
      'Since when the released email that has waited longest is due; 0: none waits.',
    ),
    notes: gauge('notes', 'Notes for the ledgers by state.', ['state']),
    syncAge: gauge('sync_age_seconds', 'Since the last finished sync of a connected book.', [
      'platform',
      'book',
    ]),
    neverSynced: gauge('books_never_synced', 'Connected books without a finished sync.'),
    connected: gauge('book_connected', '1: connected, 0: somebody has to connect it again.', [
      'platform',
      'book',
    ]),
    parked: gauge('books_parked', 'Books waiting for a day limit of their platform to pass.'),
    quarantined: gauge('records_quarantined', 'Records of the ledgers that could not be read.'),
  };
}

function show(
  standing: ReturnType<typeof standingInstruments>,
  figures: OperationFigures,
  now: Date,
): void {
  // A state that has become empty, or a book that is gone, must not keep its last figure.
  for (const gauge of Object.values(standing)) gauge.reset();
  const secondsSince = (at: Date): number => Math.max(0, (now.getTime() - at.getTime()) / 1000);
  let inDoubt = 0;
  for (const { channel, state, count } of figures.actions) {
    standing.actions.set({ channel, state }, count);
    if (state === 'in_doubt') inDoubt += count;
  }
  standing.inDoubt.set(inDoubt);
  standing.oldest.set(figures.oldestDueAt === null ? 0 : secondsSince(figures.oldestDueAt));
  for (const { state, count } of figures.notes) standing.notes.set({ state }, count);
  const connected = figures.books.filter((book) => book.isConnected);
  for (const { id: book, platform, isConnected } of figures.books) {
    standing.connected.set({ platform, book }, isConnected ? 1 : 0);
  }
  for (const { id: book, platform, lastSyncedAt } of connected) {
    if (lastSyncedAt !== null) standing.syncAge.set({ platform, book }, secondsSince(lastSyncedAt));
  }
  standing.neverSynced.set(connected.filter((book) => book.lastSyncedAt === null).length);
  standing.parked.set(connected.filter((book) => book.isParked).length);
  standing.quarantined.set(figures.quarantined);
}
