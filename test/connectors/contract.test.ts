/** What the product expects of a platform, asked of both connectors over HTTP, through the real SDKs. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type {
  BookRef,
  Ledger,
  LedgerPage,
  LedgerPlatform,
  TokenSet,
  TokenSource,
} from '../../connectors/ledger.ts';
import { createLimits, type Limits } from '../../connectors/limits.ts';
import { createQuickBooks } from '../../connectors/quickbooks/index.ts';
import { type Sandbox, startSandbox } from '../../connectors/sandbox/index.ts';
import { createXero } from '../../connectors/xero/index.ts';
import { ManualClock } from '../../src/clock.ts';
import { type Config, readConfig } from '../../src/config.ts';
import { addDays, day } from '../../src/domain/day.ts';
import type { CustomerId, InvoiceId, Platform } from '../../src/domain/receivables.ts';
import { LedgerError } from '../../src/errors.ts';

const TODAY = day('2026-11-23');

interface Side {
  platform: Platform;
  create(config: Config, deps: { clock: ManualClock; limits: Limits }): LedgerPlatform;
  baseCurrency: string;
  /** Calls of a first sync beyond one per thousand records, and calls of a quiet one. */
  firstExtra: number;
  quiet: number;
  pagedResources: readonly string[];
  readsList: RegExp;
  readsInvoice: RegExp;
  writesNote: RegExp;
  hasExpectedPayDate: boolean;
}

const SIDES: readonly Side[] = [
  {
    platform: 'xero',
    create: (config, deps) => createXero(config.xero, deps),
    baseCurrency: 'NZD',
    firstExtra: 8,
    quiet: 6,
    pagedResources: [
      'Contacts',
      'SalesInvoices',
      'CreditNotes',
      'Overpayments',
      'Prepayments',
      'Payments',
    ],
    readsList: /GET .*\/Invoices\?/,
    readsInvoice: /GET .*\/Invoices\/[\w-]+$/,
    writesNote: /PUT .*\/History/,
    hasExpectedPayDate: true,
  },
  {
    platform: 'quickbooks',
    create: (config, deps) => createQuickBooks(config.quickbooks, deps),
    baseCurrency: 'USD',
    firstExtra: 8,
    quiet: 1,
    pagedResources: [
      'Customer',
      'Invoice',
      'CreditMemo',
      'Payment',
      'JournalEntry',
      'RefundReceipt',
    ],
    readsList: /GET .*\/query\?.*invoice/i,
    readsInvoice: /GET .*\/invoice\/\w+\?/,
    writesNote: /POST .*\/attachable/,
    hasExpectedPayDate: false,
  },
];

/** Everything a pull handed over, by kind, the latest copy of each record. */
class Mirror {
  readonly pages: LedgerPage[] = [];
  cursor: string | null = null;

  async pull(
    ledger: Ledger,
    now: Date,
    sweep: 'auto' | 'never' | 'always' = 'never',
  ): Promise<LedgerPage[]> {
    const fresh: LedgerPage[] = [];
    for await (const page of ledger.pull(this.cursor, { now, sweep })) {
      fresh.push(page);
      this.pages.push(page);
      this.cursor = page.cursor;
    }
    return fresh;
  }

  get customers() {
    return latest(this.pages.flatMap((page) => page.customers));
  }
  get invoices() {
    return latest(this.pages.flatMap((page) => page.invoices));
  }
  get credits() {
    return latest(this.pages.flatMap((page) => page.credits));
  }
  get payments() {
    return latest(this.pages.flatMap((page) => page.payments));
  }
  get gone() {
    return this.pages.flatMap((page) => page.gone);
  }
  get quarantined() {
    return this.pages.flatMap((page) => page.quarantined);
  }

  invoice(id: string) {
    const found = this.invoices.get(id);
    if (found === undefined) throw new Error(`the mirror has no invoice ${id}`);
    return found;
  }
}

function latest<T extends { id: string }>(records: T[]): Map<string, T> {
  return new Map(records.map((record) => [record.id, record]));
}

async function failureOf(call: Promise<unknown>): Promise<LedgerError> {
  const error: unknown = await call.then(
    () => new Error('it succeeded'),
    (reason: unknown) => reason,
  );
  if (error instanceof LedgerError) return error;
  throw error;
}

describe.each(SIDES)('$platform', (side) => {
  let clock: ManualClock;
  let limits: Limits;
  let sandbox: Sandbox;
  let platform: LedgerPlatform;
  let impatient: LedgerPlatform;
  let tokens: TokenSet;
  let book: BookRef;
  let ledger: Ledger;
  let refreshes = 0;

  const remote = () => sandbox[side.platform];

  // As the product's own: refreshed before it expires, and once for everybody.
  let renewing: Promise<string> | null = null;
  const renew = async () => {
    refreshes += 1;
    tokens = await platform.refresh(tokens.refreshToken);
    return tokens.accessToken;
  };
  const renewOnce = () =>
    (renewing ??= renew().finally(() => {
      renewing = null;
    }));
  const source: TokenSource = {
    current: () => {
      const isGood = tokens.accessExpiresAt.getTime() - clock.now().getTime() > 60_000;
      return isGood ? Promise.resolve(tokens.accessToken) : renewOnce();
    },
    replace: (rejected) =>
      rejected === tokens.accessToken ? renewOnce() : Promise.resolve(tokens.accessToken),
  };

  const openWith = (one: LedgerPlatform): Ledger =>
    one.open({ key: randomUUID(), externalId: book.externalId, tokens: source });

  async function connect(): Promise<void> {
    const state = randomUUID();
    const codeVerifier = `${randomUUID()}${randomUUID()}`;
    const callback = await sandbox.consent(platform.authorizeUrl({ state, codeVerifier }));
    const query = Object.fromEntries(new URL(callback).searchParams);
    expect(query['state']).toBe(state);
    const given = await platform.exchange({ query, state, codeVerifier });
    tokens = given.tokens;
    const [first] = given.books;
    if (first === undefined) throw new Error('no book was connected');
    book = first;
    ledger = openWith(platform);
  }

  beforeAll(async () => {
    clock = new ManualClock('2026-11-22T20:00:00Z');
    sandbox = await startSandbox({
      clock,
      seed: 7,
      invoices: 120,
      books: { xero: side.platform === 'xero', quickbooks: side.platform === 'quickbooks' },
      webhookUrl: 'http://127.0.0.1:9',
    });
    const config = readConfig({ ...sandbox.settings, LEDGER_TIMEOUT_MS: '10000' });
    limits = createLimits({ clock, xeroDayLimit: 1000 });
    // The impatient one is for the answers that never come.
    const { xero, quickbooks } = config;
    const hasty = {
      xero: { ...xero, timeoutMs: 300 },
      quickbooks: { ...quickbooks, timeoutMs: 300 },
    };
    impatient = side.create({ ...config, ...hasty }, { clock, limits });
    platform = side.create(config, { clock, limits });
    await connect();
  });

  afterAll(async () => {
    await sandbox.close();
    limits.close();
  });

  beforeEach(() => {
    remote().faults.clear();
    remote().forgetLimits();
    remote().calls.reset();
  });

  /** A mirror after a clean first sync. */
  async function synced(): Promise<Mirror> {
    const mirror = new Mirror();
    await mirror.pull(ledger, clock.now());
    remote().calls.reset();
    return mirror;
  }

  /** Time passes: a change becomes younger than the overlap of the last pull. */
  function later(minutes = 30): Date {
    clock.advance(minutes * 60_000);
    return clock.now();
  }

  describe('connecting', () => {
    it('names the books of the grant, with ids that are text', () => {
      expect(remote().externalIds).toContain(book.externalId);
      expect(book.name.length).toBeGreaterThan(0);
      expect(tokens.accessExpiresAt.getTime()).toBeGreaterThan(clock.now().getTime());
    });

    it('refused by the person is rejected', async () => {
      const url = platform.authorizeUrl({ state: 's', codeVerifier: 'v'.repeat(50) });
      const callback = await sandbox.consent(url, { deny: true });
      const query = Object.fromEntries(new URL(callback).searchParams);
      const exchange = platform.exchange({ query, state: 's', codeVerifier: 'v'.repeat(50) });
      expect(await failureOf(exchange)).toMatchObject({ kind: 'rejected' });
    });

    it('with a code that was used already is rejected', async () => {
      const codeVerifier = 'w'.repeat(50);
      const callback = await sandbox.consent(platform.authorizeUrl({ state: 's', codeVerifier }));
      const query = Object.fromEntries(new URL(callback).searchParams);
      await platform.exchange({ query, state: 's', codeVerifier });
      const again = platform.exchange({ query, state: 's', codeVerifier });
      expect(await failureOf(again)).toMatchObject({ kind: 'rejected' });
      await connect();
    });
  });

  it('describes the organisation', async () => {
    const organisation = await ledger.organisation();
    const { profile } = remote().book();
    expect(organisation).toMatchObject({
      name: profile.name,
      country: profile.country,
      baseCurrency: side.baseCurrency,
      timeZone: profile.timeZone,
    });
  });

  describe('a first pull', () => {
    it('brings every record, none set aside, within its calls', async () => {
      const mirror = new Mirror();
      await mirror.pull(ledger, clock.now());
      const counts = remote().counts();
      const pages = side.pagedResources.map((name) => Math.ceil((counts[name] ?? 0) / 1000));
      const allowed = pages.reduce((sum, count) => sum + count, 0) + side.firstExtra;
      expect(remote().calls.count()).toBeLessThanOrEqual(allowed);
      expect(mirror.quarantined).toEqual([]);
      const [customers, invoices] = side.pagedResources;
      expect(mirror.customers.size).toBe(counts[customers ?? '']);
      const plain = [...mirror.invoices.values()].filter((one) => one.kind === 'invoice');
      expect(plain).toHaveLength(counts[invoices ?? ''] ?? -1);
      expect(mirror.payments.size).toBeGreaterThan(0);
      expect(mirror.credits.size).toBeGreaterThan(0);
    });

    it('brings customers before the invoices that name them', async () => {
      const met = new Set<string>();
      for (const page of (await synced()).pages) {
        for (const customer of page.customers) met.add(customer.id);
        for (const invoice of page.invoices) expect(met).toContain(invoice.customerId);
      }
    });

    it('agrees with the ledger on what is open, to the cent', async () => {
      const mirror = await synced();
      const open = [...mirror.invoices.values()]
        .filter((one) => one.kind === 'invoice' && one.status === 'open' && one.openMinor !== 0)
        .map((one) => one.id as string);
      expect(open.sort()).toEqual(
        remote()
          .openInvoices()
          .map((one) => one.id)
          .sort(),
      );
      for (const invoice of mirror.invoices.values()) {
        expect(Number.isSafeInteger(invoice.totalMinor)).toBe(true);
        expect(invoice.openMinor ?? 0).toBeLessThanOrEqual(invoice.totalMinor);
      }
    });

    it('allocates only to records that were read, and never more than the payment', async () => {
      const mirror = await synced();
      for (const { allocations } of [...mirror.payments.values(), ...mirror.credits.values()]) {
        for (const allocation of allocations) {
          const targets = allocation.targetKind === 'invoice' ? mirror.invoices : mirror.credits;
          expect(targets.has(allocation.targetId)).toBe(true);
          expect(allocation.amountMinor).toBeGreaterThan(0);
        }
      }
    });

    it('begins and ends a full walk of every kind', async () => {
      const { pages } = await synced();
      const kinds = ['customer', 'invoice', 'credit', 'payment'];
      expect(new Set(pages.flatMap((page) => page.fullWalkStarts))).toEqual(new Set(kinds));
      expect(new Set(pages.flatMap((page) => page.fullWalkEnds))).toEqual(new Set(kinds));
    });

    it('broken off goes on from the last page, and ends like a clean one', async () => {
      const clean = await synced();
      const broken = new Mirror();
      remote().faults.next({ match: side.readsList, kind: 'status', status: 500 });
      expect(await failureOf(broken.pull(ledger, clock.now()))).toMatchObject({
        kind: 'unavailable',
      });
      expect(broken.invoices.size).toBe(0);
      await broken.pull(ledger, clock.now());
      expect([...broken.invoices.keys()].sort()).toEqual([...clean.invoices.keys()].sort());
      expect([...broken.payments.keys()].sort()).toEqual([...clean.payments.keys()].sort());
      expect([...broken.customers.keys()].sort()).toEqual([...clean.customers.keys()].sort());
    });
  });

  describe('a later pull', () => {
    it('with no news costs as little as promised', async () => {
      const mirror = await synced();
      await mirror.pull(ledger, later());
      expect(remote().calls.count()).toBeLessThanOrEqual(side.quiet);
    });

    it('sees a payment and what it leaves open', async () => {
      const mirror = await synced();
      const [target] = remote().openInvoices();
      const id = target?.id ?? '';
      const openBefore = mirror.invoice(id).openMinor ?? 0;
      later();
      const paymentId = await remote().payInvoice(id, 100, TODAY);
      await mirror.pull(ledger, later(1));
      expect(mirror.invoice(id).openMinor).toBe(openBefore - 100);
      const payment = mirror.payments.get(paymentId);
      expect(payment).toMatchObject({ kind: 'receipt', status: 'received', amountMinor: 100 });
      expect(payment?.allocations).toMatchObject([{ targetId: id, amountMinor: 100 }]);
    });

    it('sees a payment taken back, and the invoice open again', async () => {
      const [target] = remote().openInvoices();
      const id = target?.id ?? '';
      const paymentId = await remote().payInvoice(id, 100, TODAY);
      later();
      const mirror = await synced();
      const openBefore = mirror.invoice(id).openMinor ?? 0;
      later();
      await remote().deletePayment(paymentId);
      await mirror.pull(ledger, later(1));
      expect(mirror.invoice(id).openMinor).toBe(openBefore + 100);
      const isGone = mirror.gone.some((one) => one.kind === 'payment' && one.id === paymentId);
      expect(isGone || mirror.payments.get(paymentId)?.status === 'deleted').toBe(true);
    });

    it('sees an invoice voided', async () => {
      const id = await newInvoice();
      later();
      const mirror = await synced();
      expect(mirror.invoice(id).status).toBe('open');
      later();
      await remote().voidInvoice(id);
      await mirror.pull(ledger, later(1));
      expect(mirror.invoice(id)).toMatchObject({ status: 'voided', openMinor: 0 });
    });

    it('sees an invoice deleted', async () => {
      const id = await newInvoice({ draft: side.platform === 'xero' });
      later();
      const mirror = await synced();
      later();
      await remote().deleteInvoice(id);
      await mirror.pull(ledger, later(1));
      const isGone = mirror.gone.some((one) => one.kind === 'invoice' && one.id === id);
      expect(isGone || mirror.invoice(id).status === 'deleted').toBe(true);
    });

    it('sees a new address', async () => {
      const mirror = await synced();
      const [customer] = mirror.customers.keys();
      later();
      await remote().setCustomerEmail(customer ?? '', 'new@example.com');
      await mirror.pull(ledger, later(1));
      expect(mirror.customers.get(customer ?? '')?.emailText).toBe('new@example.com');
    });

    it('sees customers merged: one is left, and their invoices with it', async () => {
      const into = await newInvoice();
      const from = await newInvoice({ customer: 1 });
      later();
      const mirror = await synced();
      const intoCustomer = mirror.invoice(into).customerId;
      const fromCustomer = mirror.invoice(from).customerId;
      expect(fromCustomer).not.toBe(intoCustomer);
      later();
      await remote().mergeCustomers(fromCustomer, intoCustomer);
      await mirror.pull(ledger, later(1), 'always');
      const lost = mirror.customers.get(fromCustomer);
      const isGone = mirror.gone.some((one) => one.kind === 'customer' && one.id === fromCustomer);
      expect(isGone || lost?.isActive === false || lost?.mergedIntoId === intoCustomer).toBe(true);
      expect(mirror.invoice(from).customerId).toBe(intoCustomer);
    });

    it('with a sweep sees a due date that moved without a trace', async () => {
      const mirror = await synced();
      const [target] = remote().openInvoices();
      const id = target?.id ?? '';
      const moved = addDays(mirror.invoice(id).dueOn, 10);
      await remote().editDueDate(id, moved);
      await mirror.pull(ledger, later(), 'always');
      expect(mirror.invoice(id).dueOn).toBe(moved);
    });
  });

  const customersOf = () =>
    remote()
      .truth()
      .customers.map((one) => one.externalId as CustomerId);

  async function newInvoice(options: { draft?: boolean; customer?: number } = {}): Promise<string> {
    return remote().addInvoice({
      customerId: customersOf()[options.customer ?? 0] ?? '',
      amountMinor: 12_300,
      issuedOn: TODAY,
      dueOn: addDays(TODAY, 20),
      ...(options.draft === true ? { draft: true } : {}),
    });
  }

  describe('one invoice', () => {
    it('read live is as the ledger has it now', async () => {
      const id = (await newInvoice()) as InvoiceId;
      expect(await ledger.readInvoice(id)).toMatchObject({ id, status: 'open', openMinor: 12_300 });
      await remote().payInvoice(id, 300, TODAY);
      expect(await ledger.readInvoice(id)).toMatchObject({ openMinor: 12_000 });
      await remote().payInvoice(id, 12_000, TODAY);
      expect(await ledger.readInvoice(id)).toMatchObject({ status: 'paid', openMinor: 0 });
    });

    it('read live is the same record as the synced one', async () => {
      const mirror = await synced();
      const [target] = remote().openInvoices();
      const id = (target?.id ?? '') as InvoiceId;
      expect(await ledger.readInvoice(id)).toEqual(mirror.invoice(id));
    });

    it('that nobody knows is null', async () => {
      const unknown = (side.platform === 'xero' ? randomUUID() : '999999') as InvoiceId;
      expect(await ledger.readInvoice(unknown)).toBeNull();
    });

    it('has a PDF', async () => {
      const [target] = remote().openInvoices();
      const pdf = await ledger.invoicePdf((target?.id ?? '') as InvoiceId);
      expect(pdf.subarray(0, 4).toString()).toBe('%PDF');
    });

    it('has a page to pay on, or none', async () => {
      const links = await Promise.all(
        remote()
          .openInvoices()
          .slice(0, 5)
          .map((one) => ledger.payLink(one.id as InvoiceId)),
      );
      for (const link of links) if (link !== null) expect(link).toMatch(/^http:\/\/127\.0\.0\.1/);
      expect(links.some((link) => link !== null)).toBe(true);
    });

    it('takes an expected pay date where the platform has one', async () => {
      const id = (await newInvoice()) as InvoiceId;
      const on = addDays(TODAY, 30);
      expect(await ledger.setExpectedPayDate(id, on)).toBe(side.hasExpectedPayDate);
      const now = await ledger.readInvoice(id);
      expect(now?.expectedPayOn ?? null).toBe(side.hasExpectedPayDate ? on : null);
    });
  });

  describe('a note', () => {
    const note = (targetId: string, kind: 'invoice' | 'customer' = 'invoice') => {
      const ref = `[ref ${randomUUID().slice(0, 8)}]`;
      return {
        target: { kind, id: targetId },
        text: `Reminder sent to billing ${ref}`,
        ref,
        requestId: randomUUID(),
        notAfter: new Date('2100-01-01'),
      };
    };
    const written = (ref: string) =>
      remote()
        .notes()
        .filter((one) => one.text.includes(ref));

    it('is written once and found by its mark, on invoices and customers', async () => {
      const [invoice] = remote().openInvoices();
      for (const one of [note(invoice?.id ?? ''), note(customersOf()[0] ?? '', 'customer')]) {
        expect(await ledger.findNote(one.target, one.ref)).toBeNull();
        const id = await ledger.writeNote(one);
        expect(await ledger.findNote(one.target, one.ref)).toBe(id);
        expect(written(one.ref)).toMatchObject([{ targetId: one.target.id, text: one.text }]);
      }
    });

    it('written again with the same request id is still one note', async () => {
      const one = note(remote().openInvoices()[0]?.id ?? '');
      await ledger.writeNote(one);
      await ledger.writeNote(one);
      expect(written(one.ref)).toHaveLength(1);
    });

    it.each(['reset', 'empty', 'truncated', 'hang'] as const)(
      'whose answer is lost (%s) is an unknown outcome, is not repeated, and can be found',
      async (kind) => {
        const one = note(remote().openInvoices()[0]?.id ?? '');
        remote().faults.next({ match: side.writesNote, kind, after: true });
        const writer = kind === 'hang' ? openWith(impatient) : ledger;
        expect(await failureOf(writer.writeNote(one))).toMatchObject({ kind: 'outcome_unknown' });
        expect(written(one.ref)).toHaveLength(1);
        expect(await ledger.findNote(one.target, one.ref)).not.toBeNull();
      },
    );

    it('that never arrived is an unknown outcome too, and is not found', async () => {
      const one = note(remote().openInvoices()[0]?.id ?? '');
      remote().faults.next({ match: side.writesNote, kind: 'status', status: 503 });
      expect(await failureOf(ledger.writeNote(one))).toMatchObject({ kind: 'outcome_unknown' });
      expect(await ledger.findNote(one.target, one.ref)).toBeNull();
      await ledger.writeNote(one);
      expect(written(one.ref)).toHaveLength(1);
    });
  });

  describe('trouble', () => {
    const read = (from = ledger) =>
      from.readInvoice((remote().openInvoices()[0]?.id ?? '') as InvoiceId);

    it.each(['truncated', 'empty', 'html'] as const)(
      'a list of status 200 that is %s is an error and never an empty page',
      async (kind) => {
        remote().faults.next({ match: side.readsList, kind, status: 200 });
        const mirror = new Mirror();
        const error = await failureOf(mirror.pull(ledger, clock.now()));
        expect(error.kind).toBe('unexpected_shape');
        expect(mirror.pages.flatMap((page) => page.fullWalkEnds)).not.toContain('invoice');
      },
    );

    it('an error inside a 200 is an error', async () => {
      remote().faults.next({ match: side.readsList, kind: 'fault200' });
      const error = await failureOf(new Mirror().pull(ledger, clock.now()));
      expect(['unexpected_shape', 'rejected']).toContain(error.kind);
    });

    it('a dropped connection is tried again', async () => {
      remote().faults.next({ match: side.readsInvoice, kind: 'reset', times: 2 });
      expect(await read()).not.toBeNull();
      expect(remote().calls.count(side.readsInvoice)).toBe(3);
    });

    it('a platform that hangs is left after the time limit', async () => {
      remote().faults.next({ match: side.readsInvoice, kind: 'hang' });
      expect(await failureOf(read(openWith(impatient)))).toMatchObject({ kind: 'unavailable' });
    });

    it('too many requests: no call before the time named', async () => {
      remote().faults.next({ match: side.readsInvoice, kind: 'rate', retryAfter: 7 });
      const before = clock.now().getTime();
      expect(await read()).not.toBeNull();
      expect(clock.now().getTime() - before).toBeGreaterThanOrEqual(7_000);
      expect(remote().calls.count(side.readsInvoice)).toBe(2);
    });

    it('an expired access token is replaced once, for all calls in flight', async () => {
      remote().expireAccess();
      const before = refreshes;
      expect(await Promise.all([read(), read(), read()])).not.toContain(null);
      expect(refreshes - before).toBe(1);
    });
  });

  it('webhooks carry a signature that only their own bytes have, and hint at what changed', async () => {
    await newInvoice();
    const delivery = sandbox.deliveries.all.at(-1);
    const body = Buffer.from(delivery?.body ?? '');
    const headers = delivery?.headers ?? {};
    const signature = headers['x-xero-signature'] ?? headers['intuit-signature'];
    expect(platform.verifyWebhook(body, signature)).toBe(true);
    const parsedAndWritten = Buffer.from(JSON.stringify(JSON.parse(body.toString()), null, 1));
    expect(platform.verifyWebhook(parsedAndWritten, signature)).toBe(false);
    expect(platform.verifyWebhook(body.subarray(1), signature)).toBe(false);
    expect(platform.verifyWebhook(body, signature?.toUpperCase())).toBe(false);
    expect(platform.verifyWebhook(body, '')).toBe(false);
    expect(platform.verifyWebhook(body, undefined)).toBe(false);

    const hints = platform.webhookHints(body);
    expect(hints.length).toBeGreaterThan(0);
    expect(hints.every((hint) => hint.externalId === book.externalId)).toBe(true);
    expect(new Set(hints.map((hint) => hint.dedupeKey)).size).toBe(hints.length);
    expect(platform.webhookHints(Buffer.from('rubbish'))).toEqual([]);
    expect(platform.webhookHints(Buffer.from('{"events":[null,5]}'))).toEqual([]);
  });

  it('a grant the person ended is disconnected, after one refresh and without a loop', async () => {
    remote().revokeAll();
    remote().calls.reset();
    const error = await failureOf(ledger.organisation());
    expect(error).toMatchObject({ kind: 'disconnected', retry: 'no' });
    expect(remote().calls.length).toBeLessThanOrEqual(3);
    expect(await failureOf(platform.refresh(tokens.refreshToken))).toMatchObject({
      kind: 'disconnected',
    });
    await platform.revoke(tokens);
  });
});
