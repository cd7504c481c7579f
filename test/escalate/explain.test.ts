import { describe, expect, test } from 'vitest';
import { day } from '../../src/domain/day.ts';
import type { CustomerId, InvoiceId } from '../../src/domain/receivables.ts';
import { AccessError, UsageError } from '../../src/errors.ts';
import { dayView } from '../../src/escalate/day-view.ts';
import { explainInvoice, formatExplanation } from '../../src/escalate/explain.ts';
import { addHold, endHold } from '../../src/escalate/holds.ts';
import { useDatabase } from '../support/database.ts';
import { World } from '../stories/world.ts';

const db = useDatabase();

describe('explain', () => {
  test('answers for today and for any day before', async () => {
    const world = await World.open(db(), '2026-06-11');
    await world.customer({ id: 'acme', name: 'Acme\u001b[2J Ltd' });
    await world.invoice({ id: 'a-1', customer: 'acme', due: '2026-06-12' });
    await world.live('2026-06-11'); // a day before: the notice goes out
    await world.live('2026-06-15');
    await world.live('2026-06-16');
    await world.pay('a-1', '2026-06-17');
    await world.live('2026-06-18');
    const ask = (on?: string) =>
      explainInvoice(db(), world.bookId, 'A-1', on === undefined ? undefined : day(on));
    const told = async (on?: string) => {
      const { decision } = await ask(on);
      return decision === null
        ? 'nothing'
        : `${decision.outcome} ${decision.step ?? '-'} by ${decision.decidedOn}`;
    };
    expect(await told('2026-06-10')).toBe('nothing');
    expect(await told('2026-06-11')).toBe('remind before-due by 2026-06-11');
    expect(await told('2026-06-14')).toBe('remind before-due by 2026-06-11');
    expect(await told('2026-06-15')).toBe('remind overdue-friendly by 2026-06-15');
    expect(await told('2026-06-17')).toBe('wait overdue-second by 2026-06-16');
    expect(await told()).toBe('none - by 2026-06-18');
    const changes = async (on: string) =>
      (await ask(on)).counterfactuals.map((change) => `${change.code} ${change.outcome}`);
    // From the facts that were kept with the decision: today it is paid, and nothing would follow.
    expect(await changes('2026-06-17')).toEqual([
      'step_not_taken wait',
      'later remind',
      'paid none',
    ]);
    expect((await ask()).counterfactuals).toEqual([]);
    expect((await ask('2026-06-11')).actions).toHaveLength(1);
    expect((await ask()).actions.map((action) => `${action.stepName} ${action.state}`)).toEqual([
      'Notice before the due date sent',
      'Friendly reminder sent',
    ]);
  });

  test('prints the answer, how it came about, the facts, and the policy version', async () => {
    const world = await World.open(db(), '2026-06-15');
    const acme = await world.customer({ id: 'acme', name: 'Acme\u001b[2J Ltd' });
    await world.invoice({ id: 'a', customer: 'acme', due: '2026-06-12' });
    await addHold(
      world.deps,
      world.bookId,
      {
        customerId: acme,
        kind: 'dispute',
        terms: { reason: 'quantity_differs', part: null, resolution: null },
        reason: 'two pallets short',
        owner: 'Ana',
        fromOn: day('2026-06-14'),
      },
      'Ana',
    );
    await world.run('2026-06-15');
    const text = formatExplanation(await explainInvoice(db(), world.bookId, 'a'));
    expect(text.split('\n')).toEqual([
      'Invoice A of Acme�[2J Ltd: held',
      '  open, NZD 100.00 open of NZD 100.00, issued 2026-05-23, due 2026-06-12',
      '',
      'NZD 100.00 of NZD 100.00 is in dispute since 14 Jun 2026 (less was delivered than invoiced; Ana): two pallets short.',
      '',
      'How the rule came to it',
      '  1. Policy "Standard" version 1, the default of the library.',
      '  2. Was due on 12 Jun 2026, NZD 100.00 of it open.',
      '  3. NZD 100.00 of NZD 100.00 is in dispute since 14 Jun 2026 (less was delivered than invoiced; Ana): two pallets short.',
      '',
      'Facts it used',
      '  asked for           NZD 0.00',
      '  days past due       3',
      '  escalation          overdue, not yet reminded since 13 Jun 2026, suspended (dispute)',
      '  written to          Acme�[2J Ltd',
      '  overdue altogether  NZD 100.00',
      '  unapplied credit    NZD 0.00',
      '',
      expect.stringMatching(/^Decided on 2026-06-15 by run \d+, policy "Standard" version 1\.$/),
      'It stays so until a fact changes.',
      '',
      'What would have changed it',
      '  Without the dispute (Ana: two pallets short) "Friendly reminder" would be sent.',
      '  If it were paid, nothing would be asked for.',
      '',
      'Holds',
      '  dispute on the customer, from 2026-06-14 until ended (Ana): two pallets short',
    ]);
  });

  test('shows the holds as they were on the day: none that came later, had ended or had run out', async () => {
    const world = await World.open(db(), '2026-06-15');
    const acme = await world.customer({ id: 'acme' });
    await world.invoice({ id: 'a', customer: 'acme', due: '2026-06-12' });
    const hold = { customerId: acme, kind: 'manual' as const, terms: null, owner: 'Ana' };
    const add = (reason: string, untilOn: string | null) =>
      addHold(
        world.deps,
        world.bookId,
        {
          ...hold,
          reason,
          fromOn: day('2026-06-10'),
          untilOn: untilOn === null ? null : day(untilOn),
        },
        'Ana',
      );
    const ended = await add('ended on the 17th', null);
    await add('to the 16th', '2026-06-16');
    await world.goTo('2026-06-17');
    await endHold(world.deps, world.bookId, ended, 'Ana');
    await world.goTo('2026-06-19');
    await add('since the 19th', null);
    const told = async (on: string) =>
      (await explainInvoice(db(), world.bookId, 'a', day(on))).holds.map(({ reason }) => reason);
    expect(await told('2026-06-14')).toEqual([]);
    expect(await told('2026-06-16')).toEqual(['ended on the 17th', 'to the 16th']);
    expect(await told('2026-06-17')).toEqual([]);
    expect(await told('2026-06-19')).toEqual(['since the 19th']);
  });

  test('an invoice nobody has decided about says so, and an unknown one is not found', async () => {
    const world = await World.open(db(), '2026-06-15');
    await world.customer({ id: 'acme' });
    await world.invoice({ id: 'a', customer: 'acme', due: '2026-06-12' });
    const text = formatExplanation(await explainInvoice(db(), world.bookId, 'A'));
    expect(text.split('\n')[0]).toBe('Invoice A of acme: no run has decided about it');
    await expect(explainInvoice(db(), world.bookId, 'nope')).rejects.toThrow(AccessError);
  });

  test('an invoice of another book is not found', async () => {
    const mine = await World.open(db(), '2026-06-15');
    const other = await World.open(db(), '2026-06-15');
    await other.customer({ id: 'acme' });
    await other.invoice({ id: 'secret', customer: 'acme', due: '2026-06-12' });
    await expect(explainInvoice(db(), mine.bookId, 'secret')).rejects.toThrow(AccessError);
  });
});

describe('holds', () => {
  test('are written with who set and ended them, and ending twice is one ending', async () => {
    const world = await World.open(db(), '2026-06-15');
    const acme = await world.customer({ id: 'acme' });
    const request = {
      customerId: acme,
      kind: 'manual',
      terms: null,
      reason: 'on the phone',
      owner: 'Ana',
      fromOn: day('2026-06-15'),
    } as const;
    const id = await addHold(world.deps, world.bookId, request, 'Ana');
    await endHold(world.deps, world.bookId, id, 'Ben');
    await endHold(world.deps, world.bookId, id, 'Ben');
    const audit = await db().prisma.audit.findMany({
      where: { bookId: world.bookId },
      orderBy: { id: 'asc' },
    });
    expect(audit.map((row) => `${row.actor} ${row.action} ${row.subject}`)).toEqual([
      `Ana hold.added hold ${id}`,
      `Ben hold.ended hold ${id}`,
    ]);
  });

  test('are refused when they say nothing, end before they begin, or are about somebody else’s invoice', async () => {
    const world = await World.open(db(), '2026-06-15');
    const other = await World.open(db(), '2026-06-15');
    const acme = await world.customer({ id: 'acme' });
    await world.customer({ id: 'birch' });
    await world.invoice({ id: 'of-birch', customer: 'birch', due: '2026-06-12' });
    const good = {
      customerId: acme,
      kind: 'manual',
      terms: null,
      reason: 'r',
      owner: 'Ana',
      fromOn: day('2026-06-15'),
    } as const;
    const add = (more: object, book = world) =>
      addHold(book.deps, book.bookId, { ...good, ...more }, 'Ana');
    await expect(add({ reason: '  ' })).rejects.toThrow(UsageError);
    await expect(add({ untilOn: day('2026-06-14') })).rejects.toThrow(UsageError);
    await expect(add({ kind: 'whim' })).rejects.toThrow(UsageError);
    await expect(add({ customerId: 'nobody' as CustomerId })).rejects.toThrow(AccessError);
    await expect(add({ invoiceIds: ['of-birch' as InvoiceId] })).rejects.toThrow(AccessError);
    await expect(add({}, other)).rejects.toThrow(AccessError);
    const id = await add({});
    await expect(endHold(other.deps, other.bookId, id, 'Eve')).rejects.toThrow(AccessError);
    expect(await db().prisma.hold.count({ where: { bookId: world.bookId, endedAt: null } })).toBe(
      1,
    );
  });
});

describe('a book’s day', () => {
  async function told(mode: 'shadow' | 'automatic') {
    const world = await World.open(db(), '2026-06-15', { mode });
    await world.customer({ id: 'acme', name: 'Acme' });
    await world.customer({ id: 'birch', name: 'Birch', email: null });
    await world.invoice({ id: 'a', customer: 'acme', due: '2026-06-12', amount: 30_000 });
    await world.invoice({ id: 'b', customer: 'acme', due: '2026-06-11', amount: 20_000 });
    await world.invoice({ id: 'c', customer: 'birch', due: '2026-06-12' });
    await world.invoice({ id: 'd', customer: 'birch', due: '2026-08-12' });
    await world.run('2026-06-15');
    return dayView(db(), world.bookId);
  }

  test('shows what goes out, what is held and why, and what comes next', async () => {
    const view = await told('automatic');
    expect(view).toMatchObject({
      mode: 'automatic',
      run: { asOn: '2026-06-15', state: 'done', heldReason: null },
      counts: { remind: 2, hold: 1, wait: 1 },
      nextOn: '2026-08-07',
      tasks: [],
      held: [
        {
          code: 'unreachable',
          because: 'Birch has no email address.',
          invoices: 1,
          customers: 1,
          // On the Saturday nothing is due for anybody: the answer is another one for two days.
          nextOn: '2026-06-20',
        },
      ],
    });
    expect(view.messages).toMatchObject([
      {
        customerName: 'Acme',
        currency: 'NZD',
        step: 'overdue-friendly',
        stepName: 'Friendly reminder',
        state: 'planned',
        invoices: 2,
        amountMinor: 50_000,
      },
    ]);
    expect(view.messages[0]?.actionId).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('in shadow mode shows the same as what would go out', async () => {
    const view = await told('shadow');
    expect(view.messages).toMatchObject([
      {
        actionId: null,
        customerId: 'acme',
        customerName: 'Acme',
        step: 'overdue-friendly',
        stepName: 'Friendly reminder',
        state: 'shadow',
        invoices: 2,
        amountMinor: 50_000,
      },
    ]);
    expect(view.held).toHaveLength(1);
  });

  test('before the first run there is nothing to show', async () => {
    const world = await World.open(db(), '2026-06-15', { isNew: true });
    expect(await dayView(db(), world.bookId)).toEqual({
      mode: 'automatic',
      run: null,
      messages: [],
      tasks: [],
      held: [],
      counts: {},
      nextOn: null,
    });
  });
});
