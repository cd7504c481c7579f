/**
 * `npm run bench`: how fast and how small Duebook is here, as ratios to something simple measured
 * in the same run. Options: --json, --runs N, --invoices N, --only pages,memory,run.
 */
import { parseArgs } from 'node:util';
import { type BenchDatabase, benchPglite, benchPostgres } from './databases.ts';
import { measureMemory } from './memory.ts';
import { measureRun } from './one-run.ts';
import { type Measure, type Progress, table } from './report.ts';
import { measureStorePages } from './store-pages.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    runs: { type: 'string', default: '5' },
    invoices: { type: 'string', default: '20000' },
    only: { type: 'string', default: 'pages,memory,run' },
  },
});
const runs = Number(values.runs);
const invoices = Number(values.invoices);
const wanted = new Set(values.only.split(','));
const progress: Progress = (line) => void process.stderr.write(`${line}\n`);

const measures: Measure[] = [];
for (const open of [benchPostgres, benchPglite]) {
  const database: BenchDatabase | null = await open();
  if (database === null) {
    progress('no PostgreSQL answers at DATABASE_URL: its figures are left out');
    continue;
  }
  try {
    if (wanted.has('pages')) {
      measures.push(...(await measureStorePages(database, { invoices, runs, progress })));
    }
    if (wanted.has('memory')) {
      measures.push(...(await measureMemory(database, { sizes: [10_000, 100_000], progress })));
    }
    if (wanted.has('run')) {
      measures.push(...(await measureRun(database, { invoices: 100_000, progress })));
    }
  } finally {
    await database.drop();
  }
}
process.stdout.write(`${values.json ? JSON.stringify(measures) : table(measures)}\n`);
