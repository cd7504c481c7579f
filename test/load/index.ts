/**
 * `npm run test:load`: two worker processes and one for the web on one PostgreSQL, 200 books, ten
 * minutes of the sandbox's clock with rate-limit storms and bursts of webhooks. Judged by what the
 * vendors' servers and the mail server logged. Exit code 1 on any breach.
 */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { bundleWorker } from '../crash/bundle.ts';
import { check, type Findings, INVARIANTS, type Invariant } from './check.ts';
import { type Fault, FAULTS } from './faults.ts';
import { type History, playScene } from './scene.ts';
import { openWorld } from './world.ts';

const ENTRY = path.join(import.meta.dirname, 'worker.ts');

const { values } = parseArgs({
  options: {
    books: { type: 'string', default: '200' },
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    speed: { type: 'string', default: '2' },
    json: { type: 'boolean', default: false },
    'self-test': { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
  },
});

const server = process.env['TEST_DATABASE_URL'] ?? '';
if (server === '') {
  throw new Error('set TEST_DATABASE_URL to a PostgreSQL server that may create databases');
}

interface Size {
  books: number;
  minutes: number;
  seed: number;
  speed: number;
  /** Of the largest book of each platform. */
  invoices: number;
  dayLimit: number;
}

/** The largest Xero book uses its day up before the ten minutes are over. */
const LARGEST = { invoices: 200, dayLimit: 250 };
/** Few books, of which two have more to send than a minute allows, at the machine's own speed. */
const SMALL: Size = { books: 6, minutes: 2.5, seed: 1, speed: 1, invoices: 400, dayLimit: 1_000 };

process.exitCode = (await (values['self-test'] ? selfTest() : wholeLoad())) ? 0 : 1;

async function wholeLoad(): Promise<boolean> {
  const { books, minutes, seed, speed } = values;
  const size: Size = {
    ...{ books: Number(books), minutes: Number(minutes) },
    ...{ seed: Number(seed), speed: Number(speed) },
    ...LARGEST,
  };
  const history = await run(size, null);
  const findings = check(history);
  if (values.json) printJson(size, history, findings);
  else print(size, history, findings);
  return Object.values(findings).every(({ breaches }) => breaches.length === 0);
}

/** Each fault alone; it must break the limit it is known to break. */
async function selfTest(): Promise<boolean> {
  let areCaught = true;
  for (const fault of FAULTS.filter(({ name }) => name.includes(values.only))) {
    const { breaches } = check(await run(SMALL, fault))[fault.breaks];
    const isCaught = breaches.length > 0;
    areCaught &&= isCaught;
    const words = `${isCaught ? 'caught' : 'MISSED'}  ${fault.name}: ${INVARIANTS[fault.breaks]}`;
    process.stdout.write(`${words} (${breaches.length})\n`);
  }
  return areCaught;
}

async function run(size: Size, fault: Fault | null): Promise<History> {
  const { minutes, seed, dayLimit } = size;
  const name = fault === null ? 'load' : `load-fault-${FAULTS.indexOf(fault)}`;
  const worker = await bundleWorker({ name, entry: ENTRY, fault });
  const redisUrl = process.env['TEST_REDIS_URL'] ?? null;
  const world = await openWorld({ ...size, server, redisUrl, worker });
  try {
    return await playScene(world, { minutes, seed, dayLimit, onProgress: say });
  } finally {
    await world.close();
  }
}

function print(size: Size, history: History, findings: Findings): void {
  const out = (line: string) => process.stdout.write(`${line}\n`);
  const { calls, accepted, ledgerNotes, deliveries } = history;
  out(
    `${size.books} books, two workers, ${size.minutes} minutes at ${size.speed} times their speed`,
  );
  out(`${calls.xero.length} calls to Xero, ${calls.quickbooks.length} to QuickBooks,`);
  out(`${accepted.length} messages, ${ledgerNotes.length} notes, ${deliveries.length} webhooks`);
  out('');
  for (const [key, words] of Object.entries(INVARIANTS)) {
    const { worst, breaches } = findings[key as Invariant];
    out(`${String(breaches.length).padStart(5)}  ${words}`);
    if (worst !== null) out(`       ${worst}`);
    for (const breach of breaches.slice(0, 10)) out(`       ! ${breach}`);
  }
}

function printJson(size: Size, history: History, findings: Findings): void {
  const { calls, accepted, ledgerNotes, deliveries } = history;
  const counts = {
    xeroCalls: calls.xero.length,
    quickbooksCalls: calls.quickbooks.length,
    messages: accepted.length,
    notes: ledgerNotes.length,
    webhooks: deliveries.length,
  };
  process.stdout.write(`${JSON.stringify({ ...size, ...counts, findings })}\n`);
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
