/**
 * A sandbox in a process of its own: `tsx connectors/sandbox/serve.ts '{"invoices":20000}'`. Prints one
 * line of JSON, { settings, externalIds }, and ends on SIGTERM, SIGINT or when its standard input closes.
 * The options are those of startSandbox; `now`, an instant, makes the clock stand still there.
 */
import { ManualClock, systemClock } from '../../src/clock.ts';
import { parseDay } from '../../src/domain/day.ts';
import { startSandbox } from './index.ts';
import type { SandboxOptions } from './options.ts';

type Given = Omit<SandboxOptions, 'clock' | 'bornOn'> & { now?: string; bornOn?: string };

const { now, bornOn: bornText, ...rest } = JSON.parse(process.argv[2] ?? '{}') as Given;
const bornOn = parseDay(bornText ?? '');
const sandbox = await startSandbox({
  ...rest,
  clock: now === undefined ? systemClock : new ManualClock(now),
  ...(bornOn === null ? {} : { bornOn }),
});

let closing = false;
async function close(): Promise<void> {
  if (closing) return;
  closing = true;
  await sandbox.close();
  process.exit(0);
}

process.once('SIGTERM', () => void close());
process.once('SIGINT', () => void close());
process.stdin.once('end', () => void close());
process.stdin.once('close', () => void close());
process.stdin.resume();

const { settings, xero, quickbooks } = sandbox;
const externalIds = { xero: xero.externalIds, quickbooks: quickbooks.externalIds };
process.stdout.write(`${JSON.stringify({ settings, externalIds })}\n`);
