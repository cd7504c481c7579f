/** What a demo folder remembers between starts, so that the same day's second run finds its own traces. */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { type Day, formatDay, parseDay } from '../domain/day.ts';
import { lockFolder } from '../store/folder-lock.ts';

export interface DemoState {
  /** The day the invented history ends; later days bring new invoices and payments. */
  bornOn: Day;
  /** Invoices per book. */
  size: number;
}

const Stored = z.object({ bornOn: z.string(), size: z.number().int() });
// The sandbox invents one year ahead of the day it was born.
const DAYS_MAX = 300;

/**
 * Gives the folder's state, or begins a new one: when there is none, the size asked for differs,
 * the demo's year is over, or the calendar went back.
 */
export async function openDemoFolder(
  folder: string,
  today: Day,
  size: number,
  options: { fresh: boolean },
): Promise<{ state: DemoState; isNew: boolean }> {
  const file = path.join(folder, 'demo.json');
  const state = await readState(file);
  if (
    !options.fresh &&
    state !== null &&
    state.size === size &&
    today >= state.bornOn &&
    today - state.bornOn <= DAYS_MAX
  ) {
    return { state, isNew: false };
  }
  await emptyFolder(folder);
  const fresh = { bornOn: today, size };
  await writeFile(file, JSON.stringify({ bornOn: formatDay(today), size }));
  return { state: fresh, isNew: true };
}

async function readState(file: string): Promise<DemoState | null> {
  try {
    const stored = Stored.parse(JSON.parse(await readFile(file, 'utf8')));
    const bornOn = parseDay(stored.bornOn);
    return bornOn === null ? null : { bornOn, size: stored.size };
  } catch {
    // No file, or one that nobody can read: the demo holds nothing that is worth an error.
    return null;
  }
}

/** Under the lock, so that a demo that runs elsewhere keeps its floor. */
async function emptyFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const lock = await lockFolder(folder);
  try {
    for (const name of await readdir(folder)) {
      if (name !== 'lock.sock') await rm(path.join(folder, name), { recursive: true, force: true });
    }
  } finally {
    await lock.release();
  }
}
