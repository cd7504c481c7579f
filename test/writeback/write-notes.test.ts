import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { addDays, toDate } from '../../src/domain/day.ts';
import { LedgerError, type LedgerErrorKind } from '../../src/errors.ts';
import { claimNote, recoverNotes } from '../../src/writeback/note-states.ts';
import { type NoteReport, writeNotes } from '../../src/writeback/write-notes.ts';
import { useDatabase } from '../support/database.ts';
import { Outbox, TODAY } from '../support/outbox.ts';

const db = useDatabase();
const MINUTE = 60_000;
let box: Outbox;

beforeEach(async () => {
  box = await Outbox.open(db());
});

async function plan(
  changes: { state?: 'planned' | 'claimed' | 'writing'; attempts?: number } = {},
) {
  const id = randomUUID();
  const now = box.clock.now();
  const ref = `[ref ${id.slice(0, 8)}]`;
  await db().prisma.note.create({
    data: {
      id,
      bookId: box.bookId,
      targetKind: 'invoice',
      targetId: `invoice-${id}`,
      ref,
      body: `Reminder emailed. ${ref}`,
      state: changes.state ?? 'planned',
      attempts: changes.attempts ?? 0,
      requestId: `duebook-${id.slice(0, 8)}`,
      ...(changes.state === undefined || changes.state === 'planned'
        ? {}
        : { attemptId: randomUUID(), leaseUntil: new Date(now.getTime() + MINUTE) }),
      dueAt: now,
      createdAt: now,
    },
  });
  return { id, ref };
}

const write = (): Promise<NoteReport> => writeNotes(box.deps, box.bookId);
const noteOf = (id: string) => db().prisma.note.findUniqueOrThrow({ where: { id } });
const fails = (kind: LedgerErrorKind, after = false, retryAfterMs?: number) => {
  const options = retryAfterMs === undefined ? {} : { retryAfterMs };
  const error = new LedgerError(kind, `${kind} it is`, {}, options);
  box.ledger.failures.push({ call: 'writeNote', error, after });
};

test('a planned note is written once, with its reference, and needs no look beforehand', async () => {
  const { id, ref } = await plan();
  expect(await write()).toEqual({ written: 1, rejected: 0, waiting: 0, waitingBecause: null });
  expect(box.ledger.calls).toEqual(['writeNote']);
  expect(box.ledger.notes[0]).toMatchObject({ text: `Reminder emailed. ${ref}` });
  expect(await noteOf(id)).toMatchObject({
    state: 'written',
    externalId: 'note-1',
    writtenAt: box.clock.now(),
  });
  expect(await write()).toMatchObject({ written: 0 });
  expect(box.ledger.notes).toHaveLength(1);
});

test('a note leaves well before another process may take it over, or not at all', async () => {
  const { id } = await plan();
  let leaseUntil: Date | null = null;
  box.ledger.before = async () => {
    leaseUntil = (await noteOf(id)).leaseUntil;
  };
  await write();
  const [note] = box.ledger.notes;
  const forTheAnswer = Number(leaseUntil) - Number(note?.notAfter);
  expect(forTheAnswer).toBe(2 * MINUTE);
});

describe('after an answer that never came', () => {
  test.each(['outcome_unknown', 'unexpected_shape'] as const)(
    '%s, and the ledger has it: found by its reference, not written again',
    async (kind) => {
      const { id } = await plan();
      fails(kind, true);
      expect(await write()).toMatchObject({ written: 0, waiting: 1 });
      expect(await write()).toMatchObject({ written: 0, waiting: 1 });
      box.clock.advance(MINUTE);
      expect(await write()).toMatchObject({ written: 1, waiting: 0 });
      expect(box.ledger.calls).toEqual(['writeNote', 'findNote']);
      expect(box.ledger.notes).toHaveLength(1);
      expect(await noteOf(id)).toMatchObject({ state: 'written', externalId: 'note-1' });
    },
  );

  test('and the ledger does not have it: looked for, then written with the same request id', async () => {
    const { id } = await plan();
    fails('outcome_unknown');
    await write();
    box.clock.advance(MINUTE);
    expect(await write()).toMatchObject({ written: 1 });
    expect(box.ledger.calls).toEqual(['writeNote', 'findNote', 'writeNote']);
    expect(box.ledger.notes[0]?.requestId).toBe((await noteOf(id)).requestId);
  });

  test('a look that fails is no permission to write', async () => {
    await plan({ attempts: 1 });
    const error = new LedgerError('unavailable', '503');
    box.ledger.failures.push({ call: 'findNote', error });
    expect(await write()).toMatchObject({ written: 0, waiting: 1 });
    expect(box.ledger.calls).toEqual(['findNote']);
  });
});

test('a refused call is no try: the next one still need not look, a tried note still must', async () => {
  const fresh = await plan();
  fails('rate_limited', false, 2 * MINUTE);
  const report = await write();
  expect(report).toMatchObject({ waiting: 1, waitingBecause: 'rate_limited it is' });
  expect((await noteOf(fresh.id)).dueAt.getTime()).toBe(box.clock.now().getTime() + 2 * MINUTE);
  box.clock.advance(2 * MINUTE);
  await write();
  expect(box.ledger.calls).toEqual(['writeNote', 'writeNote']);

  box.ledger.calls.length = 0;
  await plan({ attempts: 1 });
  fails('rate_limited', false, 2 * MINUTE);
  await write();
  box.clock.advance(2 * MINUTE);
  await write();
  expect(box.ledger.calls).toEqual(['findNote', 'writeNote', 'findNote', 'writeNote']);
});

describe('a process that died', () => {
  test.each(['claimed', 'writing'] as const)(
    'while the note was %s: looked for before it is written',
    async (state) => {
      const { id } = await plan({ state, attempts: 1 });
      expect(await write()).toMatchObject({ written: 0, waiting: 1 });
      box.clock.advance(6 * MINUTE);
      expect(await write()).toMatchObject({ written: 1 });
      expect(box.ledger.calls).toEqual(['findNote', 'writeNote']);
      expect(await noteOf(id)).toMatchObject({ state: 'written', attempts: 2 });
    },
  );
});

describe('a note that cannot be written', () => {
  test.each(['rejected', 'not_found', 'period_locked'] as const)(
    '%s: rejected with the reason',
    async (kind) => {
      const { id } = await plan();
      const fine = await plan();
      fails(kind);
      expect(await write()).toMatchObject({ written: 1, rejected: 1, waiting: 0 });
      const states = [await noteOf(id), await noteOf(fine.id)].map((note) => note.state);
      expect(states.sort()).toEqual(['rejected', 'written']);
    },
  );

  test('an unknown outcome for ever: given up after twenty tries, never written blindly', async () => {
    const { id } = await plan();
    for (let i = 0; i < 20; i += 1) {
      fails('outcome_unknown');
      await write();
      box.clock.advance(240 * MINUTE);
    }
    expect(await noteOf(id)).toMatchObject({ state: 'rejected', attempts: 20 });
    expect(box.ledger.notes).toEqual([]);
  });

  test.each(['disconnected', 'scope_missing', 'unavailable'] as const)(
    '%s: the pass stops, everything waits with the reason',
    async (kind) => {
      await plan();
      await plan();
      fails(kind);
      const report = await write();
      expect(report).toMatchObject({
        written: 0,
        rejected: 0,
        waiting: 2,
        waitingBecause: `${kind} it is`,
      });
      expect(box.ledger.calls).toEqual(['writeNote']);
    },
  );

  test('a ledger that cannot be opened: nothing is claimed', async () => {
    const { id } = await plan();
    const openLedger = () => Promise.reject(new LedgerError('disconnected', 'gone'));
    expect(await writeNotes({ ...box.deps, openLedger }, box.bookId)).toMatchObject({ waiting: 1 });
    expect(await noteOf(id)).toMatchObject({ state: 'planned', attempts: 0 });
  });
});

test('two workers write each note once', async () => {
  for (let i = 0; i < 8; i += 1) await plan();
  const reports = await Promise.all([write(), write()]);
  expect(reports.reduce((sum, report) => sum + report.written, 0)).toBe(8);
  expect(box.ledger.notes).toHaveLength(8);
  expect(new Set(box.ledger.notes.map((note) => note.target.id)).size).toBe(8);
});

test('a worker whose lease ran out writes nothing more', async () => {
  const { id } = await plan({ attempts: 1 });
  let interrupted = false;
  box.ledger.before = async (call) => {
    if (call !== 'findNote' || interrupted) return;
    interrupted = true;
    box.clock.advance(6 * MINUTE);
    expect(await write()).toMatchObject({ written: 1 });
  };
  expect(await write()).toMatchObject({ written: 0, rejected: 0 });
  expect(box.ledger.notes).toHaveLength(1);
  expect((await noteOf(id)).state).toBe('written');
});

test('a note that another worker holds now is not written by the one that lost it', async () => {
  const { id } = await plan({ attempts: 1 });
  const other = randomUUID();
  box.ledger.before = async (call) => {
    if (call !== 'findNote') return;
    box.clock.advance(6 * MINUTE);
    await recoverNotes(box.deps, box.bookId);
    expect(await claimNote(box.deps, box.bookId, other)).not.toBeNull();
  };
  expect(await write()).toMatchObject({ written: 0, waiting: 1 });
  expect(box.ledger.notes).toEqual([]);
  expect(await noteOf(id)).toMatchObject({ state: 'claimed', attemptId: other });
});

test('notes of another book are left alone', async () => {
  const { id } = await plan();
  const other = await Outbox.open(db());
  expect(await writeNotes(other.deps, other.bookId)).toMatchObject({ written: 0, waiting: 0 });
  expect((await noteOf(id)).state).toBe('planned');
});

describe('the expected payment date of a promise', () => {
  const ON = addDays(TODAY, 9);

  async function planDate() {
    const invoice = await box.invoice(await box.customer());
    const { id } = await plan();
    await db().prisma.note.update({
      where: { id },
      data: { targetId: invoice.id, expectedPayOn: toDate(ON) },
    });
    const dateNow = () => box.ledger.invoices.get(invoice.id)?.expectedPayOn;
    return { id, dateNow };
  }
  const lost = (call: 'setExpectedPayDate', after: boolean) => {
    const error = new LedgerError('outcome_unknown', 'no answer', {});
    box.ledger.failures.push({ call, error, after });
  };

  test('is set on the invoice, and no note is written for it', async () => {
    const { id, dateNow } = await planDate();
    expect(await write()).toMatchObject({ written: 1, waiting: 0 });
    expect(dateNow()).toBe(ON);
    expect(box.ledger.calls).toEqual(['setExpectedPayDate']);
    expect(await noteOf(id)).toMatchObject({ state: 'written', externalId: 'expected:2026-12-02' });
  });

  test('set, and the answer lost: the invoice is read back, and nothing is set again', async () => {
    const { id } = await planDate();
    lost('setExpectedPayDate', true);
    expect(await write()).toMatchObject({ written: 0, waiting: 1 });
    box.clock.advance(MINUTE);
    expect(await write()).toMatchObject({ written: 1, waiting: 0 });
    expect(box.ledger.calls).toEqual(['setExpectedPayDate', 'readInvoice']);
    expect((await noteOf(id)).state).toBe('written');
  });

  test('not set, and the answer lost: read back, then set', async () => {
    const { dateNow } = await planDate();
    lost('setExpectedPayDate', false);
    await write();
    box.clock.advance(MINUTE);
    expect(await write()).toMatchObject({ written: 1 });
    expect(box.ledger.calls).toEqual(['setExpectedPayDate', 'readInvoice', 'setExpectedPayDate']);
    expect(dateNow()).toBe(ON);
  });

  test('of a ledger that has none ends there: the note of the promise says it', async () => {
    const { id } = await planDate();
    box.ledger.takesDates = false;
    expect(await write()).toEqual({ written: 0, rejected: 0, waiting: 0, waitingBecause: null });
    expect(await noteOf(id)).toMatchObject({
      state: 'cancelled',
      stateReason:
        'This ledger has no expected payment date for the invoice: the note of the promise says it.',
    });
    expect(box.ledger.notes).toEqual([]);
  });
});
