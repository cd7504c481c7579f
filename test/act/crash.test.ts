/**
 * The process dies at every single step of sending and noting, once just before and once just after the
 * step took effect. What is left must heal by itself, and nothing may happen twice.
 */
import { expect, test } from 'vitest';
import type { Mailer, OutgoingMail } from '../../src/act/mailer.ts';
import { sendDue } from '../../src/act/send-due.ts';
import { isFinal } from '../../src/act/states.ts';
import type { Db } from '../../src/store/db.ts';
import { writeNotes } from '../../src/writeback/write-notes.ts';
import { acceptingMailer } from '../support/accepting-mailer.ts';
import { useDatabase } from '../support/database.ts';
import { Outbox } from '../support/outbox.ts';

const db = useDatabase();

class Killed extends Error {}

/** Counts every step that touches the world, and dies at one of them; after that nothing works any more. */
class Fuse {
  steps: string[] = [];
  #isDead = false;
  readonly #at: number;
  readonly #when: 'before' | 'after';

  constructor(at: number, when: 'before' | 'after') {
    this.#at = at;
    this.#when = when;
  }

  async step<T>(name: string, work: () => Promise<T>): Promise<T> {
    if (this.#isDead) throw new Killed();
    this.steps.push(name);
    const isHere = this.steps.length === this.#at;
    if (isHere && this.#when === 'before') this.#isDead = true;
    if (this.#isDead) throw new Killed();
    const result = await work();
    if (isHere) this.#isDead = true;
    if (this.#isDead) throw new Killed();
    return result;
  }
}

type Callable = (...args: unknown[]) => Promise<unknown>;

/** Each statement outside a transaction is a step; a transaction is one step as a whole. */
function fused(real: Db, fuse: Fuse): Db {
  const wrap = (target: object, path: string): object =>
    new Proxy(target, {
      get(from, key) {
        const value = Reflect.get(from, key) as unknown;
        const name = `${path}.${String(key)}`;
        if (typeof value === 'function') {
          return (...args: unknown[]) =>
            fuse.step(name, async () => (value as Callable).apply(from, args));
        }
        return typeof value === 'object' && value !== null ? wrap(value, name) : value;
      },
    });
  return {
    ...real,
    prisma: wrap(real.prisma, 'db') as Db['prisma'],
    tx: (work) => fuse.step('tx', () => real.tx(work)),
  };
}

interface Trial {
  box: Outbox;
  accepted: OutgoingMail[];
  steps: string[];
  actionId: string;
  diedAt: string | undefined;
}

async function dieAndRecover(at: number, when: 'before' | 'after'): Promise<Trial> {
  const box = await Outbox.open(db());
  const { actionId } = await box.reminder({ attachPdf: true });
  const accepted: OutgoingMail[] = [];
  const mailer = acceptingMailer(accepted);

  const fuse = new Fuse(at, when);
  const dying = { ...box.deps, db: fused(db(), fuse) };
  const fusedMailer: Mailer = {
    ...mailer,
    send: (mail, hooks) => fuse.step('smtp', () => mailer.send(mail, hooks)),
  };
  box.ledger.before = (call) => fuse.step(`ledger.${call}`, () => Promise.resolve());
  await sendDue({ ...dying, mailer: fusedMailer }, box.bookId)
    .then(() => writeNotes(dying, box.bookId))
    .catch((err: unknown) => {
      if (!(err instanceof Killed)) throw err;
    });
  const diedAt = fuse.steps[at - 1];

  box.ledger.before = () => Promise.resolve();
  for (let pass = 0; pass < 2; pass += 1) {
    box.clock.advance(6 * 60_000);
    await sendDue({ ...box.deps, mailer }, box.bookId);
    await writeNotes(box.deps, box.bookId);
  }
  return { box, accepted, steps: fuse.steps, actionId, diedAt };
}

const unhurt = 10_000;

test.each(['before', 'after'] as const)(
  'killed %s each step: healed, and nothing twice',
  async (when) => {
    const { steps } = await dieAndRecover(unhurt, when);
    expect(steps).toContain('smtp');
    expect(steps).toContain('ledger.writeNote');
    for (let at = 1; at <= steps.length; at += 1) {
      const { box, accepted, actionId, diedAt } = await dieAndRecover(at, when);
      const where = `killed ${when} step ${at}, ${diedAt ?? 'none'}`;
      const row = await box.stateOf(actionId);
      expect(accepted.length, where).toBeLessThanOrEqual(1);
      expect(isFinal(row.state) || row.state === 'in_doubt', where).toBe(true);
      expect(box.ledger.notes.length, where).toBeLessThanOrEqual(1);
      if (row.state === 'sent') {
        expect(accepted, where).toHaveLength(1);
        expect(box.ledger.notes, where).toHaveLength(1);
        expect(
          row.notes.map((note) => note.state),
          where,
        ).toEqual(['written']);
      } else {
        // Only a death between the handover's commit and the server's recorded answer leaves a doubt.
        expect(row.state, where).toBe('in_doubt');
        expect(row.stateReason, where).toContain('The handover began at');
        expect(['smtp', 'tx'], where).toContain(diedAt);
        expect(row.notes, where).toEqual([]);
      }
    }
  },
  120_000,
);
