/**
 * What happens in the ten minutes, by the sandbox's clock and the seed: runs fall due one book after the
 * other, people change customers in the ledgers and webhooks say so in bursts, both vendors refuse calls
 * in two storms, some books are told to wait for an hour, every access token expires at once, and people
 * look at the busiest books all the while.
 */
import type { Call } from '../../connectors/sandbox/http.ts';
import type { Delivery } from '../../connectors/sandbox/webhooks.ts';
import { approveActions } from '../../src/act/index.ts';
import { systemClock } from '../../src/clock.ts';
import type { BookId, Platform } from '../../src/domain/receivables.ts';
import { booksToTend } from '../../src/jobs/tend-book.ts';
import type { Child } from '../support/child.ts';
import { randomFrom } from '../support/random.ts';
import type { Evidence } from '../support/sending.ts';
import { readStanding } from '../support/standing.ts';
import type { Memory, Served, Told } from './talk.ts';
import type { LoadBook, World } from './world.ts';

/** Somebody gave a customer another address in the ledger. */
export interface Change {
  book: LoadBook;
  customerId: string;
  email: string;
  at: number;
  /** The mirror has it in the end. */
  isMirrored: boolean;
}

export interface MemorySample extends Memory {
  at: number;
}

/** What the ten minutes leave to be judged. Instants by the sandbox's clock. */
export interface History extends Evidence {
  books: LoadBook[];
  /** Books told to wait for the day, by the vendor or by their budget, as of the end. */
  parked: BookId[];
  parkedAt: number;
  began: number;
  ended: number;
  rested: number;
  dayLimit: number;
  calls: Record<Platform, Call[]>;
  changes: Change[];
  deliveries: Delivery[];
  served: Served[];
  memory: Record<string, MemorySample[]>;
  /** Claims that nobody finished. */
  held: string[];
  /** Processes that ended by themselves, and work that nobody came to. */
  troubles: string[];
}

export interface SceneOptions {
  minutes: number;
  seed: number;
  dayLimit: number;
  onProgress: (line: string) => void;
}

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const BURST_EVERY_MS = 20 * SECOND_MS;
const PERSON_EVERY_MS = 1.5 * SECOND_MS;
const PROGRESS_EVERY_MS = 15 * SECOND_MS;
/** Of the machine: so long may the first syncs, and the end of what was begun, take. */
const PATIENCE_MS = 15 * MINUTE_MS;
const API_CALL = /\/api\.xro\/|\/v3\/company\//;

interface Moment {
  at: number;
  happens: () => unknown;
}

export async function playScene(world: World, options: SceneOptions): Promise<History> {
  const scene = new Scene(world, options);
  return scene.play();
}

class Scene {
  readonly #world: World;
  readonly #options: SceneOptions;
  readonly #random: () => number;
  readonly #changes: Omit<Change, 'isMirrored'>[] = [];
  readonly #served: Served[] = [];
  readonly #memory: Record<string, MemorySample[]> = {};
  readonly #troubles: string[] = [];
  readonly #underWay: Promise<unknown>[] = [];
  #asked = 0;
  #isEnding = false;

  constructor(world: World, options: SceneOptions) {
    this.#world = world;
    this.#options = options;
    this.#random = randomFrom(options.seed);
  }

  async play(): Promise<History> {
    const { web, workers } = this.#world;
    await Promise.all([web, ...workers].map((child) => untilReady(child)));
    this.#hear('web', web);
    workers.forEach((worker, index) => this.#hear(`worker ${index + 1}`, worker));
    await this.#until('first syncs', async () => (await this.#unsynced()) === 0);
    const began = this.#now();
    const ended = began + this.#options.minutes * MINUTE_MS;
    const parkedAt = began + 0.4 * (ended - began);
    await this.#run(this.#timeline(began, ended, parkedAt));
    await Promise.all(this.#underWay);
    await this.#until('what was begun', () => this.#isAtRest());
    await this.#stop();
    return this.#history({ began, ended, parkedAt, rested: this.#now() });
  }

  #timeline(began: number, ended: number, parkedAt: number): Moment[] {
    const { books } = this.#world;
    const length = ended - began;
    const share = (part: number) => began + part * length;
    const every = (ms: number, until: number, happens: Moment['happens']): Moment[] =>
      Array.from({ length: Math.max(1, Math.floor((until - began) / ms)) }, (_, index) => ({
        at: began + index * ms,
        happens,
      }));
    return [
      ...books.map((book, index) => ({
        at: share((0.6 * index) / books.length),
        happens: () => this.#askForRun(book),
      })),
      ...every(BURST_EVERY_MS, ended - Math.min(MINUTE_MS, length / 4), () => this.#burst()),
      ...every(PERSON_EVERY_MS, ended, () => this.#person()),
      ...every(PROGRESS_EVERY_MS, ended, () => this.#progress(began)),
      { at: share(0.25), happens: () => this.#storm(7) },
      { at: parkedAt, happens: () => this.#park() },
      { at: share(0.5), happens: () => this.#expireTokens() },
      { at: share(0.65), happens: () => this.#storm(30) },
      { at: ended, happens: () => undefined },
    ].toSorted((a, b) => a.at - b.at);
  }

  async #run(moments: readonly Moment[]): Promise<void> {
    for (const { at, happens } of moments) {
      const waitMs = at - this.#now();
      if (waitMs > 0) await this.#world.clock.sleep(waitMs);
      this.#underWay.push(Promise.resolve(happens()));
    }
  }

  async #askForRun({ id }: LoadBook): Promise<void> {
    await this.#world.app.db.prisma.book.update({
      where: { id },
      data: { runRequestedAt: this.#world.clock.now() },
    });
  }

  /** As many deliveries at once as a tenth of the books, five at least, each made twice. */
  #burst(): Promise<unknown> {
    const { books, sandbox } = this.#world;
    const count = Math.max(5, Math.round(books.length / 10));
    const deliveries = Array.from({ length: count }, () => {
      const book = pick(books, this.#random);
      this.#changeCustomer(book);
      return sandbox.deliveries.flush();
    });
    return Promise.all(deliveries);
  }

  #changeCustomer(book: LoadBook): void {
    const { sandbox } = this.#world;
    const at = this.#now();
    const email = `new-${this.#changes.length}@debtor.example`;
    const { platform, externalId } = book;
    let customerId: string;
    if (platform === 'xero') {
      const { contact } = pick(sandbox.xero.openInvoices(externalId), this.#random);
      sandbox.xero.book(externalId).setEmail(contact, email, at);
      customerId = contact.id;
    } else {
      const { customer } = pick(sandbox.quickbooks.openInvoices(externalId), this.#random);
      sandbox.quickbooks.book(externalId).setEmail(customer, email, at);
      customerId = customer.id;
    }
    this.#changes.push({ book, customerId, email, at });
  }

  /** A look at an invoice of one of the four largest books. */
  #person(): void {
    const book = this.#busyBooks()[this.#asked % 4];
    this.#asked += 1;
    if (book === undefined) return;
    const { sandbox, web } = this.#world;
    const [invoice] =
      book.platform === 'xero'
        ? sandbox.xero.openInvoices(book.externalId)
        : sandbox.quickbooks.openInvoices(book.externalId);
    if (invoice !== undefined) web.send({ bookId: book.id, invoiceId: invoice.id });
  }

  #busyBooks(): LoadBook[] {
    const { books } = this.#world;
    return (['xero', 'quickbooks'] as const).flatMap((platform) =>
      books.filter((book) => book.platform === platform).slice(0, 2),
    );
  }

  /** The next calls, whoever makes them, are refused with a Retry-After. */
  #storm(retryAfter: number): void {
    const { sandbox, books } = this.#world;
    const times = Math.max(3, Math.round(books.length / 4));
    for (const vendor of [sandbox.xero, sandbox.quickbooks]) {
      vendor.faults.next({ kind: 'rate', match: API_CALL, times, retryAfter });
    }
  }

  /** One book in twenty, none of the largest, is told to wait for an hour. */
  #park(): void {
    const { sandbox, books } = this.#world;
    const busy = this.#busyBooks();
    const others = books.filter((book) => !busy.includes(book));
    for (const { platform, externalId } of others.filter((_, index) => index % 20 === 0)) {
      sandbox[platform].faults.next({
        ...{ kind: 'rate', match: API_CALL, book: externalId, retryAfter: 3_600 },
      });
    }
  }

  #expireTokens(): void {
    this.#world.sandbox.xero.expireAccess();
    this.#world.sandbox.quickbooks.expireAccess();
  }

  /** A person agrees to whatever waits for one. */
  async #approveAll(): Promise<void> {
    const { app } = this.#world;
    const proposed = await app.db.prisma.action.findMany({
      where: { channel: 'email', state: 'proposed' },
      distinct: ['bookId'],
      select: { bookId: true },
    });
    for (const { bookId } of proposed) await approveActions(app, bookId as BookId, 'all', 'Ana');
  }

  async #progress(began: number): Promise<void> {
    await this.#approveAll();
    const { sandbox, catcher } = this.#world;
    const minute = (this.#now() - began) / MINUTE_MS;
    const calls = sandbox.xero.calls.count() + sandbox.quickbooks.calls.count();
    this.#options.onProgress(
      `minute ${minute.toFixed(1)} of ${this.#options.minutes}: ${calls} calls, ` +
        `${catcher.accepted().length} messages, ${sandbox.deliveries.all.length} webhooks`,
    );
  }

  async #unsynced(): Promise<number> {
    const { prisma } = this.#world.app.db;
    const left = await prisma.book.count({ where: { lastSyncedAt: null } });
    this.#options.onProgress(`first syncs: ${left} of ${this.#world.books.length} books to go`);
    return left;
  }

  async #isAtRest(): Promise<boolean> {
    await this.#approveAll();
    const { app } = this.#world;
    const standing = await readStanding(app);
    const parked = new Set(await this.#parked());
    const toTend = (await booksToTend(app)).filter((bookId) => !parked.has(bookId));
    const held = standing.inHand.length;
    this.#options.onProgress(`${toTend.length} books have work, ${held} claims are held`);
    return held + toTend.length === 0;
  }

  async #parked(): Promise<BookId[]> {
    const rows = await this.#world.app.db.prisma.book.findMany({
      where: { parkedUntil: { gt: this.#world.clock.now() } },
      select: { id: true },
    });
    return rows.map(({ id }) => id as BookId);
  }

  /** Asks once a second of the machine; what takes too long is a trouble, and the rest is judged all the same. */
  async #until(what: string, isSo: () => Promise<boolean>): Promise<void> {
    const deadline = systemClock.now().getTime() + PATIENCE_MS;
    while (!(await isSo())) {
      if (this.#troubles.length > 0) return;
      if (systemClock.now().getTime() > deadline) {
        this.#troubles.push(`${what}: not done in time`);
        return;
      }
      await systemClock.sleep(2 * SECOND_MS);
    }
  }

  #hear(name: string, child: Child<Told>): void {
    const samples: MemorySample[] = [];
    this.#memory[name] = samples;
    const listen = async (): Promise<void> => {
      for (;;) {
        const told = await child.next();
        if (told === null) break;
        if (told.kind === 'memory') samples.push({ ...told, at: this.#now() });
        if (told.kind === 'served') this.#served.push(told);
      }
      if (!this.#isEnding) this.#troubles.push(`${name} ended (${child.death}): ${child.words}`);
    };
    listen().catch((err: unknown) => this.#troubles.push(`${name}: ${String(err)}`));
  }

  async #stop(): Promise<void> {
    this.#isEnding = true;
    const children = [this.#world.web, ...this.#world.workers].filter(
      (child) => child.death === null,
    );
    for (const child of children) child.send('stop');
    await this.#until('the end of the processes', () =>
      Promise.resolve(children.every((child) => child.death !== null)),
    );
  }

  async #history(times: Pick<History, 'began' | 'ended' | 'parkedAt' | 'rested'>) {
    const { app, sandbox, catcher, books } = this.#world;
    const standing = await readStanding(app);
    const parked = await this.#parked();
    return {
      ...times,
      ...{ books, parked, dayLimit: this.#options.dayLimit },
      calls: { xero: [...sandbox.xero.calls], quickbooks: [...sandbox.quickbooks.calls] },
      changes: await this.#withMirror(),
      deliveries: sandbox.deliveries.all,
      served: this.#served,
      memory: this.#memory,
      held: standing.inHand.map(({ attempt }) => attempt),
      troubles: this.#troubles,
      accepted: catcher.accepted(),
      kept: catcher.messages(),
      ledgerNotes: [...sandbox.xero.notes(), ...sandbox.quickbooks.notes()].map(({ text }) => text),
      standing,
    };
  }

  async #withMirror(): Promise<Change[]> {
    const rows = await this.#world.app.db.prisma.customer.findMany({
      select: { bookId: true, id: true, emailText: true },
    });
    const mirrored = new Map(rows.map((row) => [`${row.bookId} ${row.id}`, row.emailText]));
    const last = new Map(
      this.#changes.map((change) => [`${change.book.id} ${change.customerId}`, change.email]),
    );
    return this.#changes.map((change) => {
      const key = `${change.book.id} ${change.customerId}`;
      // A customer that was changed twice ends with its last address.
      return { ...change, isMirrored: mirrored.get(key) === last.get(key) };
    });
  }

  #now(): number {
    return this.#world.clock.now().getTime();
  }
}

async function untilReady(child: Child<Told>): Promise<void> {
  for (;;) {
    const told = await child.next();
    if (told === null) throw new Error(`a process did not start: ${child.words}`);
    if (told.kind === 'ready') return;
  }
}

function pick<T>(items: readonly T[], random: () => number): T {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new Error('nothing to choose from');
  return item;
}
