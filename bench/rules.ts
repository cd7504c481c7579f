/**
 * `npm run bench:rules`: what a run costs over a book of a million open invoices on PostgreSQL, as a
 * ratio to one sequential scan of the same rows in the same run, and the peak memory of the process.
 * Options: --json, --invoices N, --runs N.
 */
import { parseArgs } from 'node:util';
import type { BookId } from '../src/domain/receivables.ts';
import { type BenchDatabase, benchPostgres } from './databases.ts';
import { runChild } from './processes.ts';
import { type Measure, median, table } from './report.ts';
import { DUE_DAYS, seedBook, SEEDED_ON } from './rules-seed.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    invoices: { type: 'string', default: '1000000' },
    runs: { type: 'string', default: '3' },
  },
});
const invoices = Number(values.invoices);
const size = `${invoices.toLocaleString('en')} open invoices`;
const progress = (line: string) => void process.stderr.write(`${line}\n`);

const database = await benchPostgres();
if (database === null) {
  progress('no PostgreSQL answers at DATABASE_URL');
  process.exitCode = 1;
} else {
  try {
    const measures = await measureRules(database);
    process.stdout.write(`${values.json ? JSON.stringify(measures) : table(measures)}\n`);
  } finally {
    await database.drop();
  }
}

interface Once {
  ms: number;
  peakMb: number;
  decidedFor: number;
  changed: number;
  actions: number;
  decisions: Record<string, number>;
}

async function measureRules(bench: BenchDatabase): Promise<Measure[]> {
  progress(`making ${size}`);
  const bookId = await seedBook(bench.db, { invoices, progress });
  const scans: number[] = [await scanMs(bench, bookId)];
  const once = async (asOn: string, isFull: boolean): Promise<Once> => {
    scans.push(await scanMs(bench, bookId));
    progress(`${isFull ? 'everybody' : 'who is due'}, as of ${asOn}`);
    const given = { database: bench.elsewhere(''), bookId, asOn, isFull };
    const answer = (await runChild('bench/rules-once.ts', given)) as Once;
    scans.push(await scanMs(bench, bookId));
    return answer;
  };
  const full: Once[] = [];
  for (let count = 0; count < Number(values.runs); count += 1)
    full.push(await once(SEEDED_ON, true));
  const daily: Once[] = [];
  for (const asOn of DUE_DAYS) daily.push(await once(asOn, false));
  const floorMs = median(scans);
  return [
    ratio(`full evaluation of ${size}`, full, floorMs, 10),
    ratio(`daily run, 2.5 % of ${size} due`, daily, floorMs, 2.5),
    {
      what: 'peak memory of these runs',
      on: bench.name,
      figure: Math.max(...[...full, ...daily].map((run) => run.peakMb)),
      unit: 'MB',
      goal: 512,
      note: `full: ${JSON.stringify(full.at(-1))}; daily: ${JSON.stringify(daily.at(-1))}`,
    },
  ];
}

function ratio(what: string, runs: Once[], floorMs: number, goal: number): Measure {
  const oursMs = median(runs.map((run) => run.ms));
  return { what, on: 'PostgreSQL', figure: oursMs / floorMs, unit: '×', goal, oursMs, floorMs };
}

/** One backend, no parallel workers: what the machine needs to read the rows at all. */
async function scanMs(bench: BenchDatabase, bookId: BookId): Promise<number> {
  return bench.db.bulk(async (sql) => {
    await sql('set local max_parallel_workers_per_gather = 0');
    await sql('set local enable_indexscan = off');
    await sql('set local enable_bitmapscan = off');
    const startedAt = performance.now();
    await sql(
      `select count(*), sum(open_minor), min(due_on), max(due_on) from invoice
        where book_id = $1::int and status = 'open'`,
      [bookId],
    );
    return performance.now() - startedAt;
  });
}
