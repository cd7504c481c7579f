/**
 * One trial: the same fifty customers, one process after the other. Each process is ended at one point
 * of the list; the next one finds what it left, goes on, and is ended at another, until every point has
 * had its turn and the last process comes to rest.
 */
import type { Answer as MailAnswer, Moment } from '../../src/demo/mail-catcher.ts';
import type { Mode } from './failpoint.ts';
import { type Failpoint, idOf, STAGES } from './failpoints.ts';
import { type Ended, Life } from './life.ts';
import { randomFrom } from '../support/random.ts';
import type { Evidence } from '../support/sending.ts';
import type { Standing } from '../support/standing.ts';
import { type DbKind, openWorld, type World } from './world.ts';

export interface Crash {
  point: Failpoint;
  mode: Mode;
}

export interface TrialOptions {
  seed: number;
  db: DbKind;
  worker: string;
  crashes: readonly Crash[];
  /** Goes on for so many weeks, also when every crash has come. */
  weeks?: number;
  onProgress?: (line: string) => void;
}

/** What a trial leaves to be judged: the servers' logs, and what our own rows claim. */
export interface History extends Evidence {
  seed: number;
  db: DbKind;
  crashes: number;
  /** Weeks of the calendar it took. */
  weeks: number;
  kept: { messageId: string; to: string; subject: string }[];
  standing: Standing;
  /** Doubts that a process left which did not end in the handover. */
  strayDoubts: string[];
  errors: string[];
  /** Points that were never passed. */
  unreached: string[];
  /** The longest anything stayed in a dead process's hands after the restart, in seconds, and beyond its lease. */
  heldSeconds: number;
  heldBeyondLease: number;
  /** The longest from a restart to rest, in seconds. */
  quietSeconds: number;
}

const MINUTE_MS = 60_000;
const HANG_MS = 60_000;
const WEEK_MS = 7 * 24 * 60 * MINUTE_MS;
/** When a week's reminders are used up and crashes are left, the next week brings more. */
const WEEKS_MAX = 3;
/** So long without rest is a breach of its own. */
const TICKS_MAX = 15;

/**
 * Every point with every mode, stage by stage; within a stage in an order of the seed's. Put to sleep is
 * a process only where something leaves, neither in a transaction, whose locks all others would wait for,
 * nor while it waits for the mail server, which would have to sleep with it.
 */
export function crashesOf(
  points: readonly Failpoint[],
  modes: readonly Mode[],
  seed: number,
): Crash[] {
  const random = randomFrom(seed);
  const all = points.flatMap((point) =>
    modes
      .filter((mode) => mode !== 'sleep' || mayBeSleptAt(point))
      .map((mode) => ({ point, mode, at: random() })),
  );
  const rank = ({ point }: Crash) => STAGES.indexOf(point.stage) + (point.last === true ? 0.5 : 0);
  return all.toSorted((a, b) => rank(a) - rank(b) || a.at - b.at);
}

function mayBeSleptAt(point: Failpoint): boolean {
  const leaves = point.stage === 'act' || point.stage === 'write back';
  return leaves && 'awaits' in point && !point.name.includes('uncommitted');
}

export async function runTrial(options: TrialOptions): Promise<History> {
  const world = await openWorld(options.seed, options.db);
  const trial = new Trial(world, options);
  try {
    return await trial.run();
  } finally {
    await trial.end();
    await world.close();
  }
}

type Resolved = { bookId: number; actionId: string; resolution: 'mark_sent' | 'resend' }[];

class Trial {
  readonly #world: World;
  readonly #options: TrialOptions;
  #life: Life | null = null;
  /** Believed dead, and only asleep. */
  readonly #sleepers: Life[] = [];
  #standing: Standing | null = null;
  readonly #errors: string[] = [];
  readonly #strayDoubts: string[] = [];
  readonly #watch = new Watch();
  #serverFired = false;
  #quietSeconds = 0;

  constructor(world: World, options: TrialOptions) {
    this.#world = world;
    this.#options = options;
  }

  async run(): Promise<History> {
    const todo = [...this.#options.crashes];
    const beganAt = this.#now();
    let fired = 0;
    let weeks = 1;
    let awakeSince = this.#now();
    for (let ticks = 0; ticks < TICKS_MAX; ticks += 1) {
      const hasFired = await this.#tick(todo[0] ?? null);
      if (hasFired) {
        todo.shift();
        fired += 1;
        this.#options.onProgress?.(`${fired} of ${this.#options.crashes.length}`);
        awakeSince = this.#now();
        ticks = 0;
      } else if (this.#standing?.isQuiet !== true || this.#doubts().length > 0) {
        this.#world.clock.advance(MINUTE_MS);
      } else if (this.#sleepers.length > 0) {
        await this.#wakeAll();
      } else {
        this.#quietSeconds = Math.max(this.#quietSeconds, (this.#now() - awakeSince) / 1000);
        awakeSince = this.#now();
        if (weeks >= (todo.length > 0 ? WEEKS_MAX : (this.#options.weeks ?? 1))) break;
        const monday = new Date(beganAt + weeks * WEEK_MS);
        this.#world.clock.set(monday);
        this.#world.vendorClock.set(monday);
        weeks += 1;
        awakeSince = this.#now();
        ticks = 0;
      }
    }
    this.#quietSeconds = Math.max(this.#quietSeconds, (this.#now() - awakeSince) / 1000);
    const unreached = todo.map(({ point, mode }) => `${idOf(point)} (${mode})`);
    return this.#history(fired, weeks, unreached);
  }

  async end(): Promise<void> {
    for (const life of [this.#life, ...this.#sleepers]) await life?.kill();
  }

  #now(): number {
    return this.#world.clock.now().getTime();
  }

  /** A minute's tick; true when the planted end came. */
  async #tick(crash: Crash | null): Promise<boolean> {
    const { worker } = this.#options;
    const { env, clock, sandbox } = this.#world;
    this.#life ??= await Life.start(worker, { ...env, CRASH_NOW: clock.now().toISOString() });
    if (crash?.point.needsRefresh === true) {
      sandbox.xero.expireAccess();
      sandbox.quickbooks.expireAccess();
    }
    this.#scriptServer(crash);
    const ended = await this.#life.tick({
      now: clock.now().toISOString(),
      armed:
        crash !== null && 'awaits' in crash.point
          ? { id: idOf(crash.point), mode: crash.mode }
          : null,
      asked: crash === null ? null : workOf(crash.point),
      resolved: this.#standing?.isQuiet === true ? this.#doubts() : [],
    });
    return this.#afterTick(ended, crash);
  }

  async #afterTick(ended: Ended, crash: Crash | null): Promise<boolean> {
    const serverFired = this.#serverFired;
    this.#serverFired = false;
    if (ended.how === 'done') {
      const { before, after, thrown } = ended.answer;
      this.#watch.see(before, this.#now());
      this.#standing = after;
      this.#watch.see(after, this.#now());
      this.#noteErrors(ended);
      const hasFired = thrown || serverFired;
      if (hasFired && crash !== null) this.#judgeDoubts(after, crash);
      if (hasFired) this.#watch.restart(after, this.#now());
      return hasFired;
    }
    if (ended.how === 'hanging') this.#world.clock.advance(HANG_MS);
    this.#noteErrors(ended);
    const isAsleep = ended.how === 'hanging' && crash?.mode === 'sleep';
    if (isAsleep && this.#life !== null) this.#sleepers.push(this.#life);
    else await this.#life?.kill();
    this.#life = null;
    await this.#restart(crash);
    return true;
  }

  /** What they slept over has been taken over and done; now they go on where they were. */
  async #wakeAll(): Promise<void> {
    const wakesAt = this.#world.clock.now().toISOString();
    for (const sleeper of this.#sleepers.splice(0)) {
      const woken = await sleeper.wake({ wakesAt });
      this.#noteErrors(woken);
      if (woken.how === 'hanging') this.#errors.push('a process that slept fell asleep again');
      await sleeper.kill();
    }
    this.#standing = (await this.#life?.look()) ?? null;
  }

  #noteErrors(ended: Ended): void {
    if (ended.how === 'done') this.#errors.push(...ended.answer.errors);
    if (ended.how === 'died' && ended.signal !== 'SIGKILL') {
      this.#errors.push(`the process ended by itself (${ended.signal ?? ''}): ${ended.words}`);
    }
  }

  /** The next process says what it finds, before it does anything. */
  async #restart(crash: Crash | null): Promise<void> {
    const { env, clock } = this.#world;
    this.#world.catcher.behave();
    this.#life = await Life.start(this.#options.worker, {
      ...{ ...env, CRASH_NOW: clock.now().toISOString() },
    });
    const found = await this.#life.look();
    if (crash !== null) this.#judgeDoubts(found, crash);
    this.#standing = found;
    this.#watch.restart(found, this.#now());
  }

  /** A doubt that was not there before is one too many, unless this crash was in the handover. */
  #judgeDoubts(found: Standing, crash: Crash): void {
    const fresh = this.#watch.newDoubts(found);
    if (crash.point.inHandover === true) return;
    this.#strayDoubts.push(...fresh.map((id) => `${id} after ${idOf(crash.point)}`));
  }

  #scriptServer(crash: Crash | null): void {
    if (crash === null || !('moment' in crash.point)) {
      this.#world.catcher.behave();
      return;
    }
    const { moment } = crash.point;
    this.#world.catcher.behave(({ at }: Moment): MailAnswer | undefined => {
      // After the drop nothing more is taken in this tick, or it would empty the outbox.
      if (this.#serverFired) return at === 'connect' ? 'drop' : undefined;
      if (at !== moment) return undefined;
      this.#serverFired = true;
      if (crash.mode === 'throw') return 'drop';
      void this.#life?.kill();
      return 'hang';
    });
  }

  /** What a person finds out who has the mail server's log at hand. */
  #doubts(): Resolved {
    const kept = new Set(this.#world.catcher.messages().map((mail) => mail.messageId));
    return (this.#standing?.reminders ?? [])
      .filter((reminder) => reminder.state === 'in_doubt')
      .map(({ bookId, actionId, messageId }) => ({
        bookId,
        actionId,
        resolution: messageId !== null && kept.has(messageId) ? 'mark_sent' : 'resend',
      }));
  }

  #history(crashes: number, weeks: number, unreached: string[]): History {
    const { catcher, sandbox } = this.#world;
    if (this.#standing === null) throw new Error('nothing was seen');
    return {
      seed: this.#options.seed,
      db: this.#options.db,
      crashes,
      weeks,
      accepted: catcher.accepted(),
      kept: catcher.messages().map(({ messageId, to, subject }) => ({
        ...{ messageId, to: to.join(', '), subject },
      })),
      ledgerNotes: [...sandbox.xero.notes(), ...sandbox.quickbooks.notes()].map(({ text }) => text),
      standing: this.#standing,
      strayDoubts: this.#strayDoubts,
      errors: this.#errors,
      unreached,
      heldSeconds: this.#watch.heldSeconds,
      heldBeyondLease: this.#watch.heldBeyondLease,
      quietSeconds: this.#quietSeconds,
    };
  }
}

function workOf(point: Failpoint): 'sync' | 'run' | null {
  if (point.stage === 'sync') return 'sync';
  return point.stage === 'escalate' ? 'run' : null;
}

/** How long dead hands hold on, and which doubts are known. */
class Watch {
  readonly #dead = new Map<string, { since: number; leaseSeconds: number }>();
  readonly #doubts = new Set<string>();
  heldSeconds = 0;
  heldBeyondLease = 0;

  /** Counted from the last restart: a process that is ended at once has had no time to take anything back. */
  restart(found: Standing, now: number): void {
    for (const held of this.#dead.values()) held.since = now;
    for (const { attempt, leaseSeconds } of found.inHand) {
      if (!this.#dead.has(attempt)) this.#dead.set(attempt, { since: now, leaseSeconds });
    }
  }

  see(standing: Standing, now: number): void {
    const held = new Set(standing.inHand.map(({ attempt }) => attempt));
    for (const [attempt, { since, leaseSeconds }] of this.#dead) {
      if (held.has(attempt)) continue;
      this.#dead.delete(attempt);
      const seconds = (now - since) / 1000;
      this.heldSeconds = Math.max(this.heldSeconds, seconds);
      this.heldBeyondLease = Math.max(this.heldBeyondLease, seconds - leaseSeconds);
    }
  }

  newDoubts(standing: Standing): string[] {
    const fresh = standing.reminders
      .filter(({ state }) => state === 'handing_over' || state === 'in_doubt')
      .map(({ actionId }) => actionId)
      .filter((id) => !this.#doubts.has(id));
    for (const id of fresh) this.#doubts.add(id);
    return fresh;
  }
}
