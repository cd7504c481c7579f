/**
 * Peak memory of a process that syncs a whole book for the first time, at two sizes: what grows
 * with the book would not fit at some size. The sandbox runs in a process of its own.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openDatabase } from '../src/store/db.ts';
import type { BenchDatabase } from './databases.ts';
import { runChild, withServer } from './processes.ts';
import type { Measure, Progress } from './report.ts';

/** Far above what a first sync needs: the limiter must not be what is measured. */
const DAY_LIMIT = 100_000;

interface Synced {
  invoices: number;
  payments: number;
  calls: number;
  seconds: number;
  peakMb: number;
}

export async function measureMemory(
  database: BenchDatabase,
  options: { sizes: readonly [small: number, large: number]; progress: Progress },
): Promise<Measure[]> {
  const peaks: Synced[] = [];
  for (const invoices of options.sizes) {
    options.progress(`${database.name}: first sync of ${invoices.toLocaleString('en')} invoices`);
    peaks.push(await syncOnce(database, invoices));
  }
  const [small, large] = peaks;
  if (small === undefined || large === undefined) return [];
  const growth = (large.peakMb / small.peakMb - 1) * 100;
  const told = peaks.map((peak) => `${peak.peakMb.toFixed(0)} MB`).join(' → ');
  const rate = (large.invoices + large.payments) / large.seconds;
  return [
    {
      what: `growth of peak memory, ${sizes(options.sizes)} invoices`,
      on: database.name,
      figure: growth,
      unit: '%',
      goal: 20,
      note: `${told}; ${large.calls} calls, ${rate.toFixed(0)} records a second`,
    },
  ];
}

function sizes([small, large]: readonly [number, number]): string {
  return `${small.toLocaleString('en')} → ${large.toLocaleString('en')}`;
}

async function syncOnce(database: BenchDatabase, invoices: number): Promise<Synced> {
  const folder = await mkdtemp(path.join(tmpdir(), 'duebook-bench-'));
  try {
    await database.db.executeSql('delete from book; delete from "grant"');
    // Creating an embedded database takes more memory than any sync, and would hide what a sync takes.
    const elsewhere = database.elsewhere(folder);
    await (await openDatabase(elsewhere)).close();
    const sandbox = {
      invoices,
      enforceLimits: false,
      dayLimit: DAY_LIMIT,
      books: { xero: 1, quickbooks: false },
    };
    const answer = await withServer('connectors/sandbox/serve.ts', sandbox, (announced) => {
      const { settings } = announced as { settings: Record<string, string> };
      return runChild('bench/sync-once.ts', {
        settings: { ...settings, XERO_DAY_LIMIT: String(DAY_LIMIT) },
        database: elsewhere,
      });
    });
    return answer as Synced;
  } finally {
    await rm(folder, { recursive: true });
  }
}
