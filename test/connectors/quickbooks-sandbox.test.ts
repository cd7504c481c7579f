/** The real SDKs against the stand-in for Intuit's servers, through OAuth as in life. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ManualClock } from '../../src/clock.ts';
import { readConfig } from '../../src/config.ts';
import { addDays, day } from '../../src/domain/day.ts';
import type { Allocation } from '../../src/domain/receivables.ts';
import type { Ledger, LedgerPage, LedgerPlatform, TokenSet } from '../../connectors/ledger.ts';
import { createLimits, type Limits } from '../../connectors/limits.ts';
import { createQuickBooks } from '../../connectors/quickbooks/index.ts';
import { type Sandbox, startSandbox } from '../../connectors/sandbox/index.ts';

const BORN = day('2026-11-22');
const HOUR_MS = 3_600_000;

let sandbox: Sandbox;
let clock: ManualClock;
let limits: Limits;
let platform: LedgerPlatform;
let tokens: TokenSet;
let ledger: Ledger;
let refreshes = 0;

beforeAll(async () => {
  clock = new ManualClock('2026-11-22T20:00:00Z');
  sandbox = await startSandbox({
    clock,
    invoices: 1200,
    bornOn: BORN,
    books: { xero: false, quickbooks: true },
    enforceLimits: false,
    quickbooksRotateSeconds: 0,
  });
  limits = createLimits({ clock, xeroDayLimit: 1000 });
  platform = createQuickBooks(readConfig(sandbox.settings).quickbooks, { clock, limits });
  const back = await sandbox.consent(platform.authorizeUrl({ state: 's-1', codeVerifier: '' }));
  const query = Object.fromEntries(new URL(back).searchParams);
  const granted = await platform.exchange({ query, state: 's-1', codeVerifier: '' });
  tokens = granted.tokens;
  const [book] = granted.books;
  expect(book?.externalId).toBe(sandbox.quickbooks.externalIds[0]);
  ledger = platform.open({
    key: 'book-1',
    externalId: book?.externalId ?? '',
    tokens: {
      current: () => Promise.resolve(tokens.accessToken),
      replace: async () => {
        refreshes += 1;
        tokens = await platform.refresh(tokens.refreshToken);
        return tokens.accessToken;
      },
    },
  });
});
afterAll(async () => {
  limits.close();
  await sandbox.close();
});

/** What a store would hold after these pages. */
class Mirror {
  readonly customers = new Map<string, LedgerPage['customers'][number]>();
  readonly invoices = new Map<string, LedgerPage['invoices'][number]>();
  readonly credits = new Map<string, LedgerPage['credits'][number]>();
  readonly payments = new Map<string, LedgerPage['payments'][number]>();
  readonly quarantined: LedgerPage['quarantined'] = [];
  cursor: string | null = null;

  async pull(sweep: 'auto' | 'never' | 'always' = 'auto'): Promise<this> {
    for await (const page of ledger.pull(this.cursor, { now: clock.now(), sweep })) {
      for (const one of page.customers) this.customers.set(one.id, one);
      for (const one of page.invoices) this.invoices.set(one.id, one);
      for (const one of page.credits) this.credits.set(one.id, one);
      for (const one of page.payments) this.payments.set(one.id, one);
      for (const { kind, id } of page.gone) this[`${kind}s`].delete(id);
      this.quarantined.push(...page.quarantined);
      this.cursor = page.cursor;
    }
    return this;
  }

  /** Per customer: open invoices less credits less unapplied, journals derived from what was set against them. */
  balances(): Map<string, number> {
    const totals = new Map<string, number>();
    const add = (customerId: string | null, amount: number) =>
      totals.set(customerId ?? '', (totals.get(customerId ?? '') ?? 0) + amount);
    const against = (kind: Allocation['targetKind'], id: string) =>
      [...this.payments.values()]
        .filter(({ status }) => status === 'received')
        .flatMap(({ allocations }) => allocations)
        .filter(({ targetKind, targetId }) => targetKind === kind && targetId === id)
        .reduce((sum, { amountMinor }) => sum + amountMinor, 0);
    for (const { id, customerId, openMinor, totalMinor } of this.invoices.values())
      add(customerId, openMinor ?? totalMinor - against('invoice', id));
    for (const { id, customerId, remainingMinor, totalMinor } of this.credits.values())
      add(customerId, -(remainingMinor ?? totalMinor - against('credit', id)));
    for (const { customerId, unappliedMinor } of this.payments.values())
      add(customerId, -unappliedMinor);
    return totals;
  }

  offBalance(): string[] {
    const ours = this.balances();
    return [...this.customers.values()]
      .filter(({ id, ledgerBalanceMinor }) => (ours.get(id) ?? 0) !== ledgerBalanceMinor)
      .map(({ name }) => name);
  }
}

describe('a company', () => {
  const mirror = new Mirror();

  it('is described', async () => {
    expect(await ledger.organisation()).toMatchObject({
      country: 'US',
      baseCurrency: 'USD',
      timeZone: 'America/Los_Angeles',
    });
  });

  it('comes over whole, within the calls allowed, and reconciles to the cent', async () => {
    sandbox.quickbooks.calls.reset();
    await mirror.pull();
    const counts = sandbox.quickbooks.counts();
    const paged = ['Customer', 'Invoice', 'CreditMemo', 'JournalEntry', 'Payment'];
    const least = paged.reduce((sum, name) => sum + Math.ceil((counts[name] ?? 0) / 1000), 0);
    expect(sandbox.quickbooks.calls.count()).toBeLessThanOrEqual(least + 8);
    expect(mirror.quarantined).toEqual([]);
    expect(mirror.customers.size).toBe(counts['Customer']);
    expect([...mirror.invoices.values()].filter(({ kind }) => kind === 'invoice').length).toBe(
      counts['Invoice'],
    );
    expect(mirror.payments.size).toBe(counts['Payment']);
    expect([...mirror.customers.values()].some(({ billWithParent }) => billWithParent)).toBe(true);
    expect(mirror.offBalance()).toEqual([]);
    expect(mirror.balances().size).toBeGreaterThan(20);
  });

  it('costs one call when nothing happened', async () => {
    sandbox.quickbooks.calls.reset();
    await mirror.pull();
    expect(sandbox.quickbooks.calls.map(({ resource }) => resource)).toEqual(['cdc']);
  });

  it('is followed through payments, voids, deletions, merges and credits', async () => {
    clock.advance(HOUR_MS);
    const q = sandbox.quickbooks;
    const [paid, part, voided, deleted, credited] = q.openInvoices().slice(-5);
    const [a, b] = q.openInvoices();
    if (!paid || !part || !voided || !deleted || !credited || !a || !b) throw new Error('too few');
    await q.payInvoice(paid.id, mirror.invoices.get(paid.id)?.openMinor ?? 0, BORN);
    const payment = await q.payInvoice(part.id, 100, BORN, 250);
    await q.voidInvoice(voided.id);
    await q.deleteInvoice(deleted.id);
    const memo = await q.addCredit(credited.customer.id, 500, BORN);
    await q.applyCredit(memo, credited.id, 300, BORN);
    await q.editDueDate(b.id, addDays(BORN, 40));
    await mirror.pull('never');
    expect(mirror.invoices.get(paid.id)).toMatchObject({ status: 'paid', openMinor: 0 });
    expect(mirror.invoices.get(voided.id)?.status).toBe('voided');
    expect(mirror.invoices.has(deleted.id)).toBe(false);
    expect(mirror.invoices.get(b.id)?.dueOn).toBe(addDays(BORN, 40));
    expect(mirror.payments.get(payment)?.unappliedMinor).toBe(250);
    expect(mirror.credits.get(memo)?.remainingMinor).toBe(200);
    expect([...mirror.payments.values()].at(-1)).toMatchObject({ kind: 'credit_application' });

    clock.advance(HOUR_MS);
    await q.voidPayment(payment);
    await mirror.pull('never');
    expect(mirror.payments.get(payment)).toMatchObject({ status: 'voided', unappliedMinor: 0 });
    expect(await ledger.readInvoice(deleted.id as never)).toBeNull();
    expect(await ledger.readInvoice(part.id as never)).toEqual(mirror.invoices.get(part.id));
    expect(mirror.offBalance()).toEqual([]);
  });

  it('ends in the same state by changes as by a fresh read', async () => {
    clock.advance(30 * 24 * HOUR_MS - HOUR_MS);
    await sandbox.tick();
    await mirror.pull('never');
    for (let steps = 0; steps < 5; steps += 1) {
      clock.advance(36 * HOUR_MS);
      await mirror.pull('auto');
    }
    const fresh = await new Mirror().pull();
    for (const kind of ['customers', 'invoices', 'credits', 'payments'] as const) {
      const sorted = (map: Map<string, { id: string }>) =>
        [...map.values()].toSorted((x, y) => (x.id < y.id ? -1 : 1));
      expect(sorted(mirror[kind])).toEqual(sorted(fresh[kind]));
    }
    expect(fresh.offBalance()).toEqual([]);
  });
});

describe('tokens', () => {
  it('that expired are renewed once, with the pair the server rotated', async () => {
    sandbox.quickbooks.expireAccess();
    const before = tokens.refreshToken;
    refreshes = 0;
    await ledger.organisation();
    expect(refreshes).toBe(1);
    expect(tokens.refreshToken).not.toBe(before);
    await expect(platform.refresh(before)).rejects.toMatchObject({ kind: 'disconnected' });
  });
});

describe('a note', () => {
  const ref = '[ref 4be1c07a]';
  const write = (requestId: string) => {
    const [open] = sandbox.quickbooks.openInvoices();
    const target = { kind: 'invoice', id: open?.id ?? '' } as const;
    const text = `Reminder sent. ${ref}`;
    return { target, note: { target, text, ref, requestId, notAfter: new Date('2100-01-01') } };
  };

  it('is written once even when the answer is lost', async () => {
    const { target, note } = write('note-1');
    expect(await ledger.findNote(target, ref)).toBeNull();
    sandbox.quickbooks.faults.next({ kind: 'reset', match: /attachable/, after: true });
    await expect(ledger.writeNote(note)).rejects.toMatchObject({ kind: 'outcome_unknown' });
    const found = await ledger.findNote(target, ref);
    expect(found).not.toBeNull();
    // The same request id gives the first answer again.
    expect(await ledger.writeNote(note)).toBe(found);
    expect(sandbox.quickbooks.notes().filter(({ text }) => text.includes(ref))).toHaveLength(1);
  });
});

describe('papers', () => {
  it('are a PDF, and a link where the company takes payments online', async () => {
    const links: (string | null)[] = [];
    for (const open of sandbox.quickbooks.openInvoices().slice(0, 12))
      links.push(await ledger.payLink(open.id as never));
    expect(links.some((link) => link?.startsWith('http://127.0.0.1') ?? false)).toBe(true);
    const [open] = sandbox.quickbooks.openInvoices();
    const pdf = await ledger.invoicePdf((open?.id ?? '') as never);
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
  });
});
