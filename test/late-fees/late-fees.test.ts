import { beforeEach, describe, expect, test } from 'vitest';
import { day } from '../../src/domain/day.ts';
import { interestWorking } from '../../src/domain/interest/interest-working.ts';
import { PLAIN_CHOICE } from '../../src/domain/interest/terms.ts';
import type { CustomerId, InvoiceId } from '../../src/domain/receivables.ts';
import { decideCharge, listCharges, proposeCharges } from '../../src/late-fees/charges.ts';
import { confirmTerms, endTerms, type NewTerms } from '../../src/late-fees/confirm-terms.ts';
import { readInterest } from '../../src/store/interest.ts';
import { World } from '../stories/world.ts';
import { useDatabase } from '../support/database.ts';
import { credit, receive } from './support.ts';

const db = useDatabase();
const acme = 'acme' as CustomerId;

let world: World;

beforeEach(async () => {
  world = await World.open(db(), '2026-06-30', { country: 'GB', zone: 'Europe/London' });
  await world.customer({ id: 'acme', name: 'Acme Ltd', currency: 'GBP' });
});

const contract: NewTerms = {
  customerId: null,
  choice: { ...PLAIN_CHOICE, percent: '18', per: 'year' },
  country: null,
  confirmation: 'in our terms of trade, clause 7',
};

const confirm = (terms: Partial<NewTerms> = {}) =>
  confirmTerms(world.deps, world.bookId, { ...contract, ...terms }, 'ann');
const read = (asOn = '2026-06-30') =>
  db().tx((tx) => readInterest(tx, world.bookId, { customerId: acme }, day(asOn)));
const propose = (asOn = '2026-06-30') =>
  proposeCharges(world.deps, world.bookId, acme, day(asOn), 'ben');
const decide = (id: number, state: 'confirmed' | 'cancelled', reason: string | null = null) =>
  decideCharge(world.deps, world.bookId, id, { state, reason }, 'cara');
const totals = async (asOn?: string) => (await read(asOn)).claims.map((claim) => claim.totalMinor);

async function lateInvoice(id = 'i1', amount = 36_500, due = '2026-06-20'): Promise<void> {
  await world.invoice({ id, customer: 'acme', due, amount, currency: 'GBP' });
}

describe('what interest is shown', () => {
  test('is the law of the book’s country while nobody confirmed a term, and says so', async () => {
    await lateInvoice();
    const reading = await read();
    expect(reading).toMatchObject({ basis: 'law', confirmed: null });
    expect(reading.note).toContain('Between businesses only');
    // 10 days of 11.75 % on 365.00, and 40.00.
    expect(reading.claims[0]).toMatchObject({ interestMinor: 118, compensationMinor: 4_000 });
  });

  test('is none in a country whose law grants none, until somebody asks about a rate', async () => {
    const nz = await World.open(db(), '2026-06-30');
    await nz.customer({ id: 'kiwi' });
    await nz.invoice({ id: 'k1', customer: 'kiwi', due: '2026-06-20', amount: 36_500 });
    const whose = { customerId: 'kiwi' as CustomerId };
    const asOn = day('2026-06-30');
    const plain = await db().tx((tx) => readInterest(tx, nz.bookId, whose, asOn));
    expect(plain).toMatchObject({ basis: 'none', terms: null, claims: [] });
    const asked = await db().tx((tx) => readInterest(tx, nz.bookId, whose, asOn, contract.choice));
    expect(asked).toMatchObject({ basis: 'asked', claims: [{ totalMinor: 180 }] });
  });

  test('stands on the customer’s own term before the book’s, and on the latest', async () => {
    await lateInvoice();
    await confirm();
    expect(await totals()).toEqual([180]);
    await confirm({ choice: { ...contract.choice, percent: '10' } });
    expect(await totals()).toEqual([100]);
    await confirm({ customerId: acme, choice: { ...contract.choice, percent: '36.5' } });
    expect(await totals()).toEqual([365]);
    expect(await endTerms(world.deps, world.bookId, acme, 'ann')).toBe(1);
    expect(await totals()).toEqual([100]);
    expect(await endTerms(world.deps, world.bookId, null, 'ann')).toBe(1);
    expect((await read()).basis).toBe('law');
  });

  test('of one invoice is of that invoice alone', async () => {
    await lateInvoice('i1');
    await lateInvoice('i2');
    await confirm();
    const one = await db().tx((tx) =>
      readInterest(tx, world.bookId, { invoiceId: 'i2' as InvoiceId }, day('2026-06-30')),
    );
    expect(one.customerId).toBe('acme');
    expect(one.claims[0]?.debts.map(({ debt }) => debt.number)).toEqual(['I2']);
    const missing = db().tx((tx) =>
      readInterest(tx, world.bookId, { invoiceId: 'nope' as InvoiceId }, day('2026-06-30')),
    );
    await expect(missing).rejects.toThrow('no invoice nope');
  });

  test('stops on the day money was received and a credit was issued, however late they were set against it', async () => {
    await lateInvoice();
    await confirm();
    const both = { customer: 'acme', invoice: 'i1', allocatedOn: '2026-06-29' };
    await receive(db(), world.bookId, { ...both, amount: 10_000, on: '2026-06-22' });
    await credit(db(), world.bookId, { ...both, amount: 6_500, on: '2026-06-24' });
    const { claims } = await read();
    const [debt] = claims[0]?.debts ?? [];
    expect(debt?.lines.map((line) => [line.days, line.principal.toNumber()])).toEqual([
      [2, 36_500],
      [2, 26_500],
      [6, 20_000],
    ]);
  });

  test('is not forgotten when the principal alone is paid, late', async () => {
    await lateInvoice();
    await lateInvoice('early', 36_500, '2026-06-10');
    await confirm();
    const money = { customer: 'acme', amount: 36_500 };
    await receive(db(), world.bookId, { ...money, invoice: 'i1', on: '2026-06-25' });
    await receive(db(), world.bookId, { ...money, invoice: 'early', on: '2026-06-10' });
    expect(await totals()).toEqual([90]);
  });

  const hold = (kind: string, terms: object) =>
    db().prisma.hold.create({
      data: {
        ...{ bookId: world.bookId, customerId: 'acme', invoiceIds: ['i1'], kind, terms },
        ...{ reason: 'as agreed', owner: 'ann', createdAt: world.clock.now() },
        fromOn: new Date('2026-06-01'),
      },
    });

  test('leaves a disputed part out while the dispute lasts', async () => {
    await lateInvoice();
    await confirm();
    const part = { currency: 'GBP', amountMinor: 16_500 };
    const dispute = await hold('dispute', { reason: 'price_differs', part, resolution: null });
    // 10 days of 18 % on 200.00.
    expect(await totals()).toEqual([99]);
    await db().prisma.hold.update({
      where: { id: dispute.id },
      data: { endedAt: world.clock.now() },
    });
    expect(await totals()).toEqual([180]);
    await hold('dispute', { reason: 'price_differs', part: null, resolution: null });
    expect(await totals()).toEqual([]);
  });

  test('begins after the due date that was agreed later', async () => {
    await lateInvoice();
    await confirm();
    await hold('extension', { dueOn: '2026-06-25' });
    expect(await totals()).toEqual([90]);
  });

  test('is not of journals, drafts, voided invoices, or claims older than six years', async () => {
    const base = { customer: 'acme', due: '2026-06-20', currency: 'GBP' };
    await world.invoice({ ...base, id: 'j', kind: 'journal' });
    await world.invoice({ ...base, id: 'd', status: 'draft' });
    await world.invoice({ ...base, id: 'v', status: 'voided' });
    await world.invoice({ ...base, id: 'o', due: '2020-06-30' });
    await confirm();
    expect(await totals()).toEqual([]);
    await world.invoice({ ...base, id: 'b', due: '2020-07-01' });
    expect((await totals()).length).toBe(1);
  });
});

describe('a term', () => {
  test.each<[string, Partial<NewTerms>, string]>([
    ['without words', { confirmation: 'yes' }, 'say where the contract has the term'],
    ['without a rate', { choice: PLAIN_CHOICE }, 'a contract term needs its rate'],
    [
      'of a law that is not on file',
      { choice: { ...PLAIN_CHOICE, statute: 'xx' } },
      'no law is called "xx"; there is uk, de, fr, eu',
    ],
    [
      'of a law without the country',
      { choice: { ...PLAIN_CHOICE, statute: 'uk' } },
      "is the law of GB: say the customer's country with --country",
    ],
    [
      'of a law of another country',
      { choice: { ...PLAIN_CHOICE, statute: 'uk' }, country: 'NZ' },
      '--country, not NZ',
    ],
    [
      'of a law without the word that both are businesses',
      { choice: { ...PLAIN_CHOICE, statute: 'uk' }, country: 'GB', confirmation: '' },
      'say how it is known that both are businesses',
    ],
  ])('%s is refused', async (_name, terms, message) => {
    await expect(confirm(terms)).rejects.toThrow(message);
    expect(await db().prisma.lateFeeTerms.count({ where: { bookId: world.bookId } })).toBe(0);
  });

  test('is kept with who said it, when, and in which words, and is in the audit log', async () => {
    await confirm({ choice: { ...PLAIN_CHOICE, statute: 'uk' }, country: 'GB' });
    expect((await read()).confirmed).toMatchObject({
      country: 'GB',
      confirmation: 'in our terms of trade, clause 7',
      confirmedBy: 'ann',
      confirmedAt: world.clock.now(),
    });
    const audit = await db().prisma.audit.findFirstOrThrow({ where: { bookId: world.bookId } });
    expect(audit).toMatchObject({ actor: 'ann', action: 'late_fee_terms.confirm' });
  });
});

describe('a charge', () => {
  test('needs a term that a person confirmed: the law alone proposes nothing', async () => {
    await lateInvoice();
    await expect(propose()).rejects.toThrow('nobody has confirmed a term for this customer');
  });

  test('keeps its working as it was shown, and touches no invoice and no ledger', async () => {
    await lateInvoice();
    await confirm();
    const before = await db().prisma.invoice.findMany({ where: { bookId: world.bookId } });
    const [claim] = (await read()).claims;
    const [charge] = await propose();
    expect(charge).toMatchObject({
      state: 'proposed',
      currency: 'GBP',
      asOn: '2026-06-30',
      interestMinor: 180,
      compensationMinor: 0,
      totalMinor: 180,
      proposedBy: 'ben',
      working: claim === undefined ? [] : interestWorking(claim),
    });
    expect(await db().prisma.invoice.findMany({ where: { bookId: world.bookId } })).toEqual(before);
    expect(await db().prisma.note.count({ where: { bookId: world.bookId } })).toBe(0);
    expect(await db().prisma.action.count({ where: { bookId: world.bookId } })).toBe(0);
  });

  test('is one for each currency, and none where nothing is late', async () => {
    await confirm();
    expect(await propose()).toEqual([]);
    await lateInvoice();
    await world.invoice({
      ...{ id: 'e1', customer: 'acme', due: '2026-06-20', amount: 73_000, currency: 'EUR' },
    });
    expect((await propose()).map((charge) => [charge.currency, charge.totalMinor])).toEqual([
      ['EUR', 360],
      ['GBP', 180],
    ]);
  });

  test('that waits keeps a second one away; the next covers the days after it and no fee twice', async () => {
    await lateInvoice();
    const fee = { currency: 'GBP', amountMinor: 2_500 };
    await confirm({ choice: { ...contract.choice, fee } });
    const [first] = await propose('2026-06-25');
    expect(first?.totalMinor).toBe(2_590);
    await expect(propose()).rejects.toThrow(
      `charge ${first?.id ?? 0} of 2026-06-25 still waits: confirm or cancel it first`,
    );
    await decide(first?.id ?? 0, 'confirmed');
    const [second] = await propose();
    expect(second).toMatchObject({ interestMinor: 90, compensationMinor: 0 });
  });

  test('that is cancelled frees its days, also after it was confirmed', async () => {
    await lateInvoice();
    await confirm();
    const [first] = await propose();
    const id = first?.id ?? 0;
    expect(await totals()).toEqual([]);
    expect(await decide(id, 'confirmed')).toMatchObject({ state: 'confirmed', decidedBy: 'cara' });
    await expect(decide(id, 'confirmed')).rejects.toThrow(`charge ${id} is confirmed already`);
    expect(await decide(id, 'cancelled', 'goodwill')).toMatchObject({
      state: 'cancelled',
      stateReason: 'goodwill',
    });
    await expect(decide(id, 'confirmed')).rejects.toThrow(`charge ${id} is cancelled already`);
    expect(await totals()).toEqual([180]);
    expect(await listCharges(db(), world.bookId, acme)).toHaveLength(1);
    expect(await listCharges(db(), world.bookId, 'other' as CustomerId)).toEqual([]);
  });

  test('of another book does not exist here', async () => {
    await lateInvoice();
    await confirm();
    const [charge] = await propose();
    const other = await World.open(db(), '2026-06-30');
    const id = charge?.id ?? 0;
    const decision = { state: 'confirmed' as const, reason: null };
    await expect(decideCharge(world.deps, other.bookId, id, decision, 'x')).rejects.toThrow(
      `this book has no charge ${id}`,
    );
  });
});
