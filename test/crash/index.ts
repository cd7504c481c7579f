/**
 * `npm run test:crash -- --seeds N [--db pglite|postgres]`: kills the product at every failpoint, lets it
 * recover, and judges it by what the mail server and the ledgers logged. Exit code 1 on any breach.
 */
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { bundleWorker } from './bundle.ts';
import { check, type Findings, INVARIANTS, type Invariant, mergeFindings } from './check.ts';
import { FAILPOINTS, idOf } from './failpoints.ts';
import type { Mode } from './failpoint.ts';
import { FAULTS, type Fault } from './faults.ts';
import { crashesOf, type History, runTrial } from './trial.ts';
import type { DbKind } from './world.ts';

const ENTRY = path.join(import.meta.dirname, 'worker.ts');
/** Only a server has room for the sleeper and for the process that takes over. */
const MODES: Readonly<Record<DbKind, readonly Mode[]>> = {
  pglite: ['kill', 'throw', 'hang'],
  postgres: ['kill', 'throw', 'hang', 'sleep'],
};

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1' },
    from: { type: 'string', default: '1' },
    db: { type: 'string' },
    only: { type: 'string', default: '' },
    'self-test': { type: 'boolean', default: false },
  },
});

const hasServer = (process.env['TEST_DATABASE_URL'] ?? '') !== '';
const points = FAILPOINTS.filter((point) => idOf(point).includes(values.only));
const seeds = Array.from({ length: Number(values.seeds) }, (_, n) => Number(values.from) + n);

interface Job {
  seed: number;
  db: DbKind;
}

interface Judged extends Job {
  history: History;
  findings: Findings;
}

const isKept = values['self-test'] ? await selfTest() : await wholeSuite(jobsOf(values.db));
process.exitCode = isKept ? 0 : 1;

async function wholeSuite(jobs: readonly Job[]): Promise<boolean> {
  const worker = await bundleWorker({ name: 'whole', entry: ENTRY, failpoints: FAILPOINTS });
  const judged = await inTurn(jobs, async ({ seed, db }) => {
    const name = `seed ${seed} on ${db}`;
    const history = await runTrial({
      ...{ seed, db, worker, crashes: crashesOf(points, MODES[db], seed) },
      onProgress: (line) => say(`${name}: ${line}`),
    });
    const clean = await runTrial({ seed, db, worker, crashes: [], weeks: history.weeks });
    return { seed, db, history, findings: check(history, clean) };
  });
  print(judged);
  return judged.every(({ findings }) => Object.values(findings).every((list) => list.length === 0));
}

/** Each fault alone, at the points that bring it to light; it must break the limit it is known to break. */
async function selfTest(): Promise<boolean> {
  const asked = FAULTS.filter(({ name }) => name.includes(values.only));
  const faults = asked.filter(({ db }) => hasServer || db !== 'postgres');
  if (faults.length < asked.length)
    say('TEST_DATABASE_URL is not set: not every mistake is planted');
  const caught = await inTurn(faults, async (fault) => {
    const found = await breachesOf(fault);
    const isCaught = found[fault.breaks].length > 0;
    const words = `${isCaught ? 'caught' : 'MISSED'}  ${fault.name}: ${INVARIANTS[fault.breaks]}`;
    process.stdout.write(`${words} (${found[fault.breaks].length})\n`);
    return isCaught;
  });
  return caught.every((isCaught) => isCaught);
}

async function breachesOf(fault: Fault): Promise<Findings> {
  const at = FAILPOINTS.filter((point) => fault.at.includes(idOf(point)));
  if (at.length !== fault.at.length) throw new Error(`${fault.name}: no such failpoint`);
  const worker = await bundleWorker({
    name: `fault-${FAULTS.indexOf(fault)}`,
    entry: ENTRY,
    failpoints: at,
    fault,
  });
  const crashes = crashesOf(at, [fault.mode ?? 'kill'], 1);
  const history = await runTrial({ seed: 1, db: fault.db ?? 'pglite', worker, crashes });
  if (history.crashes < crashes.length)
    throw new Error(`${fault.name}: ${history.unreached.join()}`);
  const needsClean = fault.breaks === 'otherMirror' || fault.breaks === 'otherLetters';
  return check(history, needsClean ? await cleanRun() : null);
}

async function cleanRun(): Promise<History> {
  const worker = await bundleWorker({ name: 'sound', entry: ENTRY });
  return runTrial({ seed: 1, db: 'pglite', worker, crashes: [] });
}

function print(judged: readonly Judged[]): void {
  const crashes = judged.reduce((sum, { history }) => sum + history.crashes, 0);
  const where = [...new Set(judged.map(({ db }) => db))].join(' and ');
  const out = (line: string) => process.stdout.write(`${line}\n`);
  out(`${points.length} failpoints, each with every end, ${judged.length} trials on ${where}`);
  out(`${crashes} crashes; the mail servers took ${sum(judged, 'accepted')} messages,`);
  out(`the ledgers hold ${sum(judged, 'ledgerNotes')} notes`);
  out('');
  const findings = mergeFindings(judged.map((one) => one.findings));
  for (const [key, words] of Object.entries(INVARIANTS)) {
    out(`${String(findings[key as Invariant].length).padStart(5)}  ${words}`);
  }
  out(`${most(judged, 'heldSeconds')} s  longest hold of a dead process after the restart`);
  out(`${most(judged, 'quietSeconds')} s  longest time from a restart to rest`);
  for (const { seed, db, findings: own } of judged) {
    for (const [key, list] of Object.entries(own)) {
      for (const breach of list) out(`seed ${seed} on ${db}: ${key}: ${breach}`);
    }
  }
}

function sum(judged: readonly Judged[], key: 'accepted' | 'ledgerNotes'): number {
  return judged.reduce((total, { history }) => total + history[key].length, 0);
}

function most(judged: readonly Judged[], key: 'heldSeconds' | 'quietSeconds'): string {
  return String(Math.max(...judged.map(({ history }) => history[key]))).padStart(3);
}

/** As many at a time as there are cores, two at most: each has a process of its own beside this one. */
async function inTurn<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let index = next; index < items.length; index = next) {
      next += 1;
      results[index] = await work(items[index] as T);
    }
  };
  await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, lane));
  return results;
}

/** Which seed runs where. Without a server everything runs on PGlite, and says so. */
function jobsOf(asked: string | undefined): Job[] {
  const choice = asked ?? (hasServer ? 'both' : 'pglite');
  if (!['pglite', 'postgres', 'both', 'alternate'].includes(choice)) {
    throw new Error('--db: pglite, postgres, both, or alternate (one seed here, the next there)');
  }
  if (choice !== 'pglite' && !hasServer) {
    throw new Error('set TEST_DATABASE_URL to a PostgreSQL server that may create databases');
  }
  if (asked === undefined && !hasServer) say('TEST_DATABASE_URL is not set: PGlite only');
  return seeds.flatMap((seed, index): Job[] => {
    if (choice === 'both')
      return [
        { seed, db: 'pglite' },
        { seed, db: 'postgres' },
      ];
    if (choice === 'alternate') return [{ seed, db: index % 2 === 0 ? 'pglite' : 'postgres' }];
    return [{ seed, db: choice === 'postgres' ? 'postgres' : 'pglite' }];
  });
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
