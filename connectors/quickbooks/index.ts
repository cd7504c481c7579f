/** QuickBooks Online behind the ledger interface. */
import type { Clock } from '../../src/clock.ts';
import type { QuickBooksConfig } from '../../src/config.ts';
import type { Invoice, InvoiceId } from '../../src/domain/receivables.ts';
import { LedgerError, UsageError } from '../../src/errors.ts';
import type { BookSession, Ledger, LedgerPlatform } from '../ledger.ts';
import type { Limits } from '../limits.ts';
import { checkLink } from '../transport.ts';
import { type Client, createClient, type Row } from './client.ts';
import { journalOf } from './journal.ts';
import { findNote, writeNote } from './notes.ts';
import { createOAuth } from './oauth.ts';
import { readOrganisation } from './organisation.ts';
import { pull } from './pull.ts';
import { createMapper, type Mapper } from './records.ts';
import { closeSocketsAfter } from './sdk.ts';
import { verifyWebhook, webhookHints } from './webhook.ts';

export function createQuickBooks(
  config: QuickBooksConfig,
  deps: { clock: Clock; limits: Limits },
): LedgerPlatform {
  const { app } = config;
  if (app === null) {
    throw new UsageError('QUICKBOOKS_CLIENT_ID: is missing; QuickBooks cannot be connected');
  }
  closeSocketsAfter(config.timeoutMs);
  const clientDeps = { ...deps, apiUrl: config.apiUrl, timeoutMs: config.timeoutMs };
  return {
    platform: 'quickbooks',
    ...createOAuth(app, config, clientDeps),
    open: (session) => openLedger(createClient(clientDeps, session), session),
    verifyWebhook: (rawBody, signature) => verifyWebhook(rawBody, signature, config.webhookToken),
    webhookHints,
  };
}

function openLedger(client: Client, session: BookSession): Ledger {
  // Kept for all single reads: a company without CurrencyRef is asked for its currency once.
  const mapper = createMapper(client, null);
  return {
    platform: 'quickbooks',
    organisation: () => readOrganisation(client, session.externalId),
    pull: (cursor, options) => pull(client, cursor, options),
    readInvoice: (id) => readInvoice(client, mapper, id),
    invoicePdf: (id) => invoicePdf(client, id),
    payLink: (id) => payLink(client, id),
    findNote: (target, ref) => findNote(client, target, ref),
    writeNote: (note) => writeNote(client, note),
    // QuickBooks has no such field on an invoice.
    setExpectedPayDate: () => Promise.resolve(false),
  };
}

/** The invoice through the same mapping as a synced one; what does not fit is an error here. */
async function readInvoice(client: Client, mapper: Mapper, id: InvoiceId): Promise<Invoice | null> {
  const journalId = journalOf(id);
  const row = await orNull(
    journalId === null ? readInvoiceRow(client, id) : readJournalRow(client, journalId),
  );
  if (row === null) return null;
  if (row['Id'] !== (journalId ?? id)) throw misfit('Id', 'is not the one asked for');
  const records = await mapper.map(
    journalId === null ? { Invoice: [row] } : { JournalEntry: [row] },
    'walk',
  );
  const [setAside] = records.quarantined;
  if (setAside !== undefined) throw misfit(setAside.field, setAside.problem);
  return records.invoices.find((invoice) => invoice.id === id) ?? null;
}

function misfit(field: string, problem: string): LedgerError {
  return new LedgerError('unexpected_shape', `QuickBooks invoice: ${field} ${problem}`, { field });
}

function readInvoiceRow(client: Client, id: string, suffix = ''): Promise<Row> {
  return client.get('invoice', (sdk, done) =>
    sdk.getInvoice(`${encodeURIComponent(id)}${suffix}`, done),
  );
}

function readJournalRow(client: Client, id: string): Promise<Row> {
  return client.get('journalentry', (sdk, done) =>
    sdk.getJournalEntry(encodeURIComponent(id), done),
  );
}

/** Deleted and never existed look the same: 610. */
async function orNull<T>(reading: Promise<T>): Promise<T | null> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof LedgerError && error.kind === 'not_found') return null;
    throw error;
  }
}

async function invoicePdf(client: Client, id: InvoiceId): Promise<Buffer> {
  if (journalOf(id) !== null)
    throw new LedgerError('not_found', 'QuickBooks: a journal entry has no PDF');
  const pdf = await client.bytes('invoice pdf', (sdk, done) =>
    sdk.getInvoicePdf(encodeURIComponent(id), done),
  );
  if (!pdf.subarray(0, 4).equals(Buffer.from('%PDF')))
    throw new LedgerError('unexpected_shape', 'QuickBooks invoice pdf: the bytes are no PDF');
  return pdf;
}

/** Filled only when the company takes online payments and the invoice has an address to send to. */
async function payLink(client: Client, id: InvoiceId): Promise<string | null> {
  if (journalOf(id) !== null) return null;
  const row = await orNull(readInvoiceRow(client, id, '?include=invoiceLink'));
  const link = row?.['InvoiceLink'];
  if (typeof link !== 'string' || link.trim() === '') return null;
  return checkLink(link, 'InvoiceLink');
}
