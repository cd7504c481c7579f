/** Accounts as tests need them: by hand in a line each, or arbitrary but with books that balance. */
import fc from 'fast-check';
import type {
  Account,
  AccountAllocation,
  AccountCredit,
  AccountInvoice,
  AccountPayment,
} from '../../src/domain/account.ts';
import { addDays, type Day, day } from '../../src/domain/day.ts';
import type { CustomerId, InvoiceId } from '../../src/domain/receivables.ts';
import type { Disputed } from '../../src/domain/statement.ts';

export const START = day('2026-01-01');

export function invoice(
  id: string,
  issued: string,
  due: string,
  totalMinor: number,
  openMinor: number,
  changes: Partial<AccountInvoice> = {},
): AccountInvoice {
  return {
    id: id as InvoiceId,
    customerId: 'customer' as CustomerId,
    kind: 'invoice',
    number: id.toUpperCase(),
    reference: null,
    branch: null,
    issuedOn: day(issued),
    dueOn: day(due),
    schedule: null,
    totalMinor,
    openMinor,
    paidOn: null,
    ...changes,
  };
}

export function credit(
  id: string,
  issued: string,
  totalMinor: number,
  remainingMinor: number,
  changes: Partial<AccountCredit> = {},
): AccountCredit {
  return {
    id,
    kind: 'credit_note',
    number: id.toUpperCase(),
    issuedOn: day(issued),
    totalMinor,
    remainingMinor,
    ...changes,
  };
}

export function payment(
  id: string,
  paid: string,
  changes: Partial<AccountPayment> = {},
): AccountPayment {
  return {
    id,
    kind: 'receipt',
    reference: null,
    paidOn: day(paid),
    unappliedMinor: 0,
    ...changes,
  };
}

/** "p1 payment > a invoice" */
export function allocation(
  link: string,
  amountMinor: number,
  allocated: string,
): AccountAllocation {
  const [sourceId = '', sourceKind = '', , targetId = '', targetKind = ''] = link.split(' ');
  return {
    sourceKind: sourceKind as AccountAllocation['sourceKind'],
    sourceId,
    targetKind: targetKind as AccountAllocation['targetKind'],
    targetId,
    amountMinor,
    allocatedOn: day(allocated),
  };
}

export function account(changes: Partial<Account> = {}): Account {
  return { currency: 'NZD', invoices: [], credits: [], payments: [], allocations: [], ...changes };
}

/** So much of the invoices with these ids is disputed. */
export function disputes(amounts: Readonly<Record<string, number>>): Disputed {
  return (entry) => amounts[entry.id] ?? 0;
}

const anyDay = fc.integer({ min: 0, max: 200 }).map((offset): Day => addDays(START, offset));
const anyAmount = fc.integer({ min: 1, max: 100_000 });

interface Drawn {
  invoices: { issuedOn: Day; terms: number; totalMinor: number; hidden: number }[];
  credits: { issuedOn: Day; totalMinor: number; hidden: number }[];
  payments: { paidOn: Day; unappliedMinor: number; kind: AccountPayment['kind'] }[];
  links: { from: number; to: number; share: number; allocatedOn: Day; how: number }[];
}

/**
 * Any account whose rows agree: open = total − settled, also with sums the ledger does not itemise,
 * allocations dated before their documents, and other customers on one side.
 */
export const anyAccount: fc.Arbitrary<Account> = fc
  .record<Drawn>({
    invoices: fc.array(
      fc.record({
        issuedOn: anyDay,
        terms: fc.integer({ min: 0, max: 60 }),
        totalMinor: anyAmount,
        hidden: fc.constantFrom(0, 0, 0, 1),
      }),
      { maxLength: 5 },
    ),
    credits: fc.array(
      fc.record({ issuedOn: anyDay, totalMinor: anyAmount, hidden: fc.constantFrom(0, 0, 1) }),
      { maxLength: 3 },
    ),
    payments: fc.array(
      fc.record({
        paidOn: anyDay,
        unappliedMinor: fc.constantFrom(0, 0, 500),
        kind: fc.constantFrom<AccountPayment['kind'][]>('receipt', 'refund', 'credit_application'),
      }),
      { maxLength: 4 },
    ),
    links: fc.array(
      fc.record({
        from: fc.nat({ max: 6 }),
        to: fc.nat({ max: 6 }),
        share: fc.integer({ min: 1, max: 3 }),
        allocatedOn: anyDay,
        how: fc.nat({ max: 2 }),
      }),
      { maxLength: 8 },
    ),
  })
  .map(build);

function build(drawn: Drawn): Account {
  const invoices = drawn.invoices.map(({ issuedOn, terms, totalMinor, hidden }, index) => ({
    ...invoice(`i${index}`, '2026-01-01', '2026-01-01', totalMinor, totalMinor - hidden),
    issuedOn,
    dueOn: addDays(issuedOn, terms),
  }));
  const credits = drawn.credits.map(({ issuedOn, totalMinor, hidden }, index) => ({
    ...credit(`c${index}`, '2026-01-01', totalMinor, totalMinor - hidden),
    issuedOn,
  }));
  const payments = drawn.payments.map(({ paidOn, unappliedMinor, kind }, index) => ({
    ...payment(`p${index}`, '2026-01-01', { unappliedMinor, kind }),
    paidOn,
  }));
  const allocations = drawn.links.flatMap(({ from, to, share, allocatedOn, how }) => {
    // An index past the end is another customer's document.
    const target = how === 1 ? credits[to] : invoices[to];
    const source = how === 2 ? credits[from] : payments[from];
    if (target === undefined && source === undefined) return [];
    const left = Math.min(roomOf(target), how === 2 ? roomOf(source) : Infinity);
    const amountMinor = Math.floor(left / share);
    if (amountMinor <= 0 || !Number.isFinite(amountMinor)) return [];
    take(target, amountMinor);
    if (how === 2) take(source, amountMinor);
    return [
      {
        sourceKind: how === 2 ? ('credit' as const) : ('payment' as const),
        sourceId: source?.id ?? 'elsewhere',
        targetKind: how === 1 ? ('credit' as const) : ('invoice' as const),
        targetId: target?.id ?? 'elsewhere',
        amountMinor,
        allocatedOn,
      },
    ];
  });
  // A payment that is not ours is read along with its allocation.
  const needed = allocations.some(
    (entry) => entry.sourceKind === 'payment' && entry.sourceId === 'elsewhere',
  );
  const others = needed ? [payment('elsewhere', '2026-02-01')] : [];
  return account({ invoices, credits, payments: [...payments, ...others], allocations });
}

type Document = AccountInvoice | AccountCredit | AccountPayment | undefined;

function roomOf(document: Document): number {
  if (document === undefined || !('totalMinor' in document)) return Infinity;
  return 'openMinor' in document ? document.openMinor : document.remainingMinor;
}

function take(document: Document, amountMinor: number): void {
  if (document === undefined || !('totalMinor' in document)) return;
  if ('openMinor' in document) document.openMinor -= amountMinor;
  else document.remainingMinor -= amountMinor;
}
