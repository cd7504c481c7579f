/** A web app on a database of the test's own, with platforms that answer from memory, and rows on every page. */
import { randomUUID } from 'node:crypto';
import pino from 'pino';
import request from 'supertest';
import type { Ledger, LedgerPlatform } from '../../connectors/ledger.ts';
import {
  verifyWebhook as verifyQuickBooks,
  webhookHints as quickBooksHints,
} from '../../connectors/quickbooks/webhook.ts';
import {
  verifyWebhook as verifyXero,
  webhookHints as xeroHints,
} from '../../connectors/xero/webhook.ts';
import { ManualClock } from '../../src/clock.ts';
import { sealBookRef } from '../../src/connect/book-secrets.ts';
import { newEncryptionKey, readConfig } from '../../src/config.ts';
import { createMetrics } from '../../src/metrics.ts';
import { day, toDate } from '../../src/domain/day.ts';
import type { BookId, Organisation, Platform } from '../../src/domain/receivables.ts';
import { LedgerError } from '../../src/errors.ts';
import type { Db } from '../../src/store/db.ts';
import { createVault } from '../../src/store/vault.ts';
import { createLoginLink, createWeb, type WebApp } from '../../src/web/index.ts';

export const NOW = '2026-11-22T21:00:00Z';
/** It is the 23rd in Auckland already. */
export const TODAY = day('2026-11-23');

export const XERO_KEY = 'test-webhook-key';
export const QUICKBOOKS_TOKEN = 'test-verifier-token';
export const GOOD_CODE = 'good-code';
export const SECRET_TOKEN = 'token-that-must-not-leak';

export interface TestWeb {
  app: WebApp;
  clock: ManualClock;
  server: ReturnType<typeof createWeb>;
  /** Everything that was logged, as text. */
  logged(): string;
  /** Books a sync was asked for. */
  synced: BookId[];
  ran: BookId[];
}

export interface TestWebOptions {
  publicUrl?: string;
  env?: Record<string, string>;
  extras?: Partial<WebApp>;
}

export function startTestWeb(db: Db, options: TestWebOptions = {}): TestWeb {
  const clock = new ManualClock(NOW);
  const config = readConfig({
    ENCRYPTION_KEYS: newEncryptionKey('test'),
    PUBLIC_URL: options.publicUrl ?? 'http://localhost:4000',
    XERO_CLIENT_ID: 'xero-client',
    XERO_CLIENT_SECRET: 'xero-secret',
    XERO_WEBHOOK_KEY: XERO_KEY,
    QUICKBOOKS_CLIENT_ID: 'quickbooks-client',
    QUICKBOOKS_CLIENT_SECRET: 'quickbooks-secret',
    QUICKBOOKS_WEBHOOK_TOKEN: QUICKBOOKS_TOKEN,
    ...options.env,
  });
  const lines: string[] = [];
  const synced: BookId[] = [];
  const ran: BookId[] = [];
  const app: WebApp = {
    config,
    clock,
    log: pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) }),
    db,
    vault: createVault(config.encryptionKeys),
    metrics: createMetrics(),
    limits: { forBook: notCalled, close: () => undefined },
    platforms: {
      xero: fakePlatform('xero', {
        verifyWebhook: (body, signature) => verifyXero(XERO_KEY, body, signature),
        webhookHints: xeroHints,
      }),
      quickbooks: fakePlatform('quickbooks', {
        verifyWebhook: (body, signature) => verifyQuickBooks(body, signature, QUICKBOOKS_TOKEN),
        webhookHints: quickBooksHints,
      }),
    },
    mailer: null,
    requestSync: (bookId) => {
      synced.push(bookId);
      return Promise.resolve();
    },
    requestRun: (bookId) => {
      ran.push(bookId);
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
    ...options.extras,
  };
  return { app, clock, server: createWeb(app), logged: () => lines.join(''), synced, ran };
}

const notCalled = (): never => {
  throw new Error('the web app never calls a ledger by itself');
};

function fakePlatform(
  platform: Platform,
  webhooks: Pick<LedgerPlatform, 'verifyWebhook' | 'webhookHints'>,
): LedgerPlatform {
  return {
    platform,
    authorizeUrl: ({ state }) => `https://consent.${platform}.example/authorize?state=${state}`,
    exchange: ({ query }) =>
      query['code'] === GOOD_CODE
        ? Promise.resolve({
            tokens: {
              accessToken: SECRET_TOKEN,
              refreshToken: `${SECRET_TOKEN}-refresh`,
              accessExpiresAt: new Date('2026-11-22T22:00:00Z'),
              refreshExpiresAt: null,
              refreshHardExpiresAt: null,
              scopes: ['accounting'],
            },
            books: [{ externalId: `new-${platform}`, connectionId: null, name: 'New Books Ltd' }],
          })
        : Promise.reject(new LedgerError('rejected', 'invalid_grant', { status: 400 })),
    refresh: notCalled,
    revoke: () => Promise.resolve(),
    disconnectBook: () => Promise.resolve(true),
    open: () => ({
      platform,
      organisation: () => Promise.resolve(ORGANISATION),
      pull: notCalled,
      readInvoice: notCalled,
      invoicePdf: notCalled,
      payLink: notCalled,
      findNote: notCalled,
      writeNote: notCalled,
      setExpectedPayDate: notCalled,
    }),
    ...webhooks,
  };
}

const ORGANISATION: Organisation = {
  name: 'New Books Ltd',
  legalName: null,
  country: 'NZ',
  baseCurrency: 'NZD',
  timeZone: 'Pacific/Auckland',
  shortCode: null,
  platformRemindersOn: false,
};

export type Agent = ReturnType<typeof request.agent>;

/** A browser that has followed the link of the console. */
export async function signIn(web: TestWeb): Promise<Agent> {
  const link = new URL(await createLoginLink(web.app));
  const agent = request.agent(web.server);
  await agent.get(link.pathname + link.search).expect(302);
  return agent;
}

export async function csrfOf(agent: Agent, path = '/'): Promise<string> {
  const page = await agent.get(path).expect(200);
  return /name="_csrf" value="([^"]+)"/.exec(page.text)?.[1] ?? '';
}

const tokens = new WeakMap<Agent, string>();

/** Posts a form as a browser does from our own page. */
export async function submit(
  agent: Agent,
  path: string,
  fields: Record<string, string | string[]> = {},
) {
  const token = tokens.get(agent) ?? (await csrfOf(agent, '/connect-failed'));
  tokens.set(agent, token);
  return agent
    .post(path)
    .type('form')
    .send({ _csrf: token, ...fields });
}

/** From now on the book's ledger is this one. */
export async function connectTo(web: TestWeb, bookId: BookId, ledger: Ledger): Promise<void> {
  const { db, vault, platforms } = web.app;
  const at = web.clock.now();
  const id = randomUUID();
  await db.prisma.grant.create({
    data: {
      id,
      platform: 'xero',
      scopes: 'accounting',
      accessSealed: 'sealed',
      refreshSealed: 'sealed',
      accessExpiresAt: at,
      createdAt: at,
      updatedAt: at,
    },
  });
  const ref = { externalId: `tenant-${bookId}`, connectionId: null };
  const sealed = sealBookRef(vault, bookId, 'xero', ref);
  await db.prisma.book.update({ where: { id: bookId }, data: { grantId: id, ...sealed } });
  const { xero } = platforms;
  if (xero !== undefined) platforms.xero = { ...xero, open: () => ledger };
}

export interface SeedNames {
  bookName?: string;
  customerName?: string;
}

/** One book with something on every page of it. */
export async function seedBook(web: TestWeb, names: SeedNames = {}) {
  const { prisma } = web.app.db;
  const at = web.clock.now();
  const key = randomUUID();
  const customerName = names.customerName ?? 'Kauri & Sons';
  const book = await prisma.book.create({
    data: {
      platform: 'xero',
      externalIdSealed: 'sealed',
      externalIdHash: web.app.vault.keyedHash(`book|${key}`),
      name: names.bookName ?? 'Harbour Supplies',
      country: 'NZ',
      baseCurrency: 'NZD',
      timeZone: 'Pacific/Auckland',
      mode: 'approve',
      lastSyncedAt: new Date(at.getTime() - 600_000),
      createdAt: at,
      updatedAt: at,
    },
  });
  const bookId = book.id as BookId;
  const policy = await prisma.policy.create({
    data: {
      bookId,
      name: 'Standard',
      versions: {
        create: {
          number: 1,
          text: 'name: Standard',
          digest: key,
          author: 'test',
          reason: 'first',
          effectiveOn: toDate(day('2026-01-01')),
          createdAt: at,
        },
      },
    },
    include: { versions: true },
  });
  const policyVersionId = policy.versions[0]?.id ?? 0;
  const run = await prisma.run.create({
    data: {
      bookId,
      asOn: toDate(TODAY),
      mode: 'approve',
      state: 'done',
      policyVersionId,
      startedAt: at,
    },
  });
  await prisma.customer.createMany({
    data: [
      {
        bookId,
        id: 'c1',
        name: customerName,
        emailText: 'ap@kauri.example',
        phone: '09 555 0101',
        hash: 'h',
      },
      {
        bookId,
        id: 'c2',
        name: 'Quiet Ltd',
        emailText: null,
        hash: 'h',
        parentId: 'c1',
        billWithParent: true,
      },
    ],
  });
  await prisma.invoice.createMany({
    data: [
      invoiceRow(bookId, 'i1', 'INV-001', 'c1', '2026-09-30', 123_450),
      invoiceRow(bookId, 'i2', 'INV-002', 'c1', '2026-11-30', 50_000),
      invoiceRow(bookId, 'i3', 'INV-003', 'c2', '2026-11-01', 7_700, 'USD'),
    ],
  });
  await prisma.credit.create({
    data: {
      bookId,
      id: 'cr1',
      kind: 'credit_note',
      number: 'CN-1',
      customerId: 'c1',
      status: 'open',
      issuedOn: toDate(day('2026-10-01')),
      currency: 'NZD',
      totalMinor: 5_000n,
      remainingMinor: 4_000n,
      hash: 'h',
    },
  });
  await prisma.payment.create({
    data: {
      bookId,
      id: 'p1',
      kind: 'receipt',
      reference: 'Bank 77',
      customerId: null,
      status: 'received',
      paidOn: toDate(day('2026-10-05')),
      currency: 'NZD',
      amountMinor: 10_000n,
      unappliedMinor: 0n,
      hash: 'h',
    },
  });
  await prisma.allocation.create({
    data: {
      bookId,
      sourceKind: 'payment',
      sourceId: 'p1',
      seq: 0,
      targetKind: 'invoice',
      targetId: 'i1',
      amountMinor: 10_000n,
      allocatedOn: toDate(day('2026-10-05')),
    },
  });
  await prisma.flag.create({
    data: {
      bookId,
      customerId: 'c1',
      code: 'severely_overdue',
      severity: 'high',
      sentence: 'NZD 1,234.50 is 54 days late.',
      evidence: {},
      openedOn: toDate(day('2026-11-01')),
    },
  });
  await prisma.hold.create({
    data: {
      bookId,
      customerId: 'c2',
      kind: 'dispute',
      terms: { reason: 'quality', part: null, resolution: null },
      reason: 'Goods came broken',
      owner: 'Ana',
      fromOn: toDate(day('2026-11-20')),
      createdAt: at,
    },
  });
  const decision = {
    bookId,
    runId: run.id,
    decidedOn: toDate(TODAY),
    facts: {},
    policyVersionId,
    digest: key,
  };
  await prisma.decision.createMany({
    data: [
      {
        ...decision,
        invoiceId: 'i1',
        customerId: 'c1',
        outcome: 'remind',
        step: 'firm',
        because: '54 days late: the firm reminder is due.',
        path: [{ code: 'step_due', text: 'Step “firm” is reached 30 days after the due date.' }],
        actionKey: 'k1',
      },
      {
        ...decision,
        invoiceId: 'i3',
        customerId: 'c2',
        outcome: 'hold',
        because: 'On hold: dispute.',
        path: [],
        nextOn: toDate(day('2026-12-01')),
      },
    ],
  });
  const actions = await seedActions(web, bookId, { runId: run.id, policyVersionId });
  await prisma.quarantine.create({
    data: {
      bookId,
      kind: 'invoice',
      externalId: 'bad-1',
      field: 'TotalAmt',
      problem: 'is not a number',
      firstSeenAt: at,
      lastSeenAt: at,
    },
  });
  return { bookId, actions, policyVersionId, runId: run.id };
}

function invoiceRow(
  bookId: number,
  id: string,
  number: string,
  customerId: string,
  dueOn: string,
  openMinor: number,
  currency = 'NZD',
) {
  return {
    bookId,
    id,
    kind: 'invoice',
    number,
    customerId,
    status: 'open',
    issuedOn: toDate(day('2026-09-01')),
    dueOn: toDate(day(dueOn)),
    currency,
    totalMinor: BigInt(openMinor + 10_000),
    openMinor: BigInt(openMinor),
    hash: 'h',
  };
}

async function seedActions(
  web: TestWeb,
  bookId: BookId,
  source: { runId: number; policyVersionId: number },
) {
  const { prisma } = web.app.db;
  const at = web.clock.now();
  const made: Record<string, string> = {};
  const kinds = [
    ['proposed', 'email'],
    ['planned', 'email'],
    ['in_doubt', 'email'],
    ['sent', 'email'],
    ['todo', 'call'],
  ] as const;
  for (const [state, channel] of kinds) {
    const id = randomUUID();
    made[state] = id;
    await prisma.action.create({
      data: {
        id,
        bookId,
        customerId: 'c1',
        currency: 'NZD',
        channel,
        step: 'firm',
        stepName: channel === 'call' ? 'Call the debtor' : 'Firm reminder',
        template: channel === 'email' ? 'overdue-firm' : '',
        sender: 'collector',
        state,
        key: `key-${state}`,
        ...source,
        plannedOn: toDate(TODAY),
        dueAt: at,
        createdAt: at,
        updatedAt: at,
        invoices: {
          create: {
            bookId,
            invoiceId: 'i1',
            step: 'firm',
            isTrigger: true,
            dueOn: toDate(day('2026-09-30')),
            openMinor: 123_450n,
          },
        },
      },
    });
  }
  const sent = made['sent'] ?? '';
  await prisma.message.create({
    data: {
      actionId: sent,
      bookId,
      messageId: `<${sent}@test>`,
      fromAddress: 'accounts@harbour.example',
      toAddresses: ['ap@kauri.example'],
      subject: 'Invoice INV-001 is overdue',
      text: 'Dear Kauri, please pay.',
      html: '<p style="color:#333">Dear Kauri, please pay.</p>',
      acceptedAt: at,
      smtpResponse: '250 OK',
    },
  });
  await prisma.note.create({
    data: {
      id: randomUUID(),
      bookId,
      actionId: sent,
      targetKind: 'invoice',
      targetId: 'i1',
      ref: `ref-${sent}`,
      body: 'Reminder sent [ref 1234abcd]',
      state: 'written',
      requestId: sent,
      dueAt: at,
      writtenAt: at,
      createdAt: at,
    },
  });
  return made;
}
