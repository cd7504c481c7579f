/** Everything the book knows of a customer's debt, as the files and the log entries of an evidence pack. */
import { stringify } from 'csv-stringify/sync';
import { strToU8 } from 'fflate';
import type { Ledger } from '../../connectors/ledger.ts';
import type { LogEntry } from '../domain/log-chain.ts';
import { minorToDecimal } from '../domain/money.ts';
import type { InvoiceId } from '../domain/receivables.ts';
import { LedgerError } from '../errors.ts';
import type {
  EvidenceRow,
  EvidenceRows,
  InvoiceEvidence,
  MessageEvidence,
} from '../store/evidence.ts';

export interface Collected {
  files: Map<string, Uint8Array>;
  missing: { file: string; because: string }[];
}

/** A ledger call for each; of a debt with more invoices the others stand in invoices.csv only. */
const PDFS_MAX = 100;

export async function collectFiles(rows: EvidenceRows, ledger: Ledger | null): Promise<Collected> {
  const files = new Map<string, Uint8Array>([
    ['invoices.csv', csv(rows.invoices.map(invoiceLine))],
    ['payments.csv', csv(rows.payments.map(paymentLine))],
    ['agreements.json', json(rows.holds)],
    ['hand-overs.json', json(rows.handOvers)],
    ['reasons.json', json(rows.reasons)],
    ['charges.json', json(rows.charges)],
  ]);
  for (const [index, { kind, filename, bytes }] of rows.documents.entries()) {
    files.set(`${kind}s/${index + 1}-${safeName(filename)}`, Uint8Array.from(bytes));
  }
  for (const message of rows.messages) files.set(messageName(message), strToU8(eml(message)));
  return { files, missing: await addInvoices(files, rows.invoices, ledger) };
}

async function addInvoices(
  files: Map<string, Uint8Array>,
  invoices: readonly InvoiceEvidence[],
  ledger: Ledger | null,
): Promise<Collected['missing']> {
  const missing: Collected['missing'] = [];
  for (const [index, invoice] of invoices.entries()) {
    const file = `invoices/${safeName(invoice.number)}-${index + 1}.pdf`;
    const because = await orWhyNot(files, file, invoice, index < PDFS_MAX ? ledger : null);
    if (because !== null) missing.push({ file, because });
  }
  return missing;
}

/** null: the ledger gave it. */
async function orWhyNot(
  files: Map<string, Uint8Array>,
  file: string,
  invoice: InvoiceEvidence,
  ledger: Ledger | null,
): Promise<string | null> {
  if (ledger === null) return 'the ledger was not asked; it stands in invoices.csv';
  try {
    files.set(file, await ledger.invoicePdf(invoice.id as InvoiceId));
    return null;
  } catch (err) {
    if (!(err instanceof LedgerError)) throw err;
    return `the ledger did not give it (${err.code}); it stands in invoices.csv`;
  }
}

function invoiceLine(invoice: InvoiceEvidence) {
  const { totalMinor, openMinor, currency, id, ...rest } = invoice;
  return {
    ...rest,
    currency,
    total: minorToDecimal(totalMinor, currency),
    open: minorToDecimal(openMinor, currency),
    id,
  };
}

function paymentLine({ amountMinor, currency, ...rest }: EvidenceRows['payments'][number]) {
  return { ...rest, currency, amount: minorToDecimal(amountMinor, currency) };
}

function csv(rows: readonly object[]): Uint8Array {
  return strToU8(stringify([...rows], { header: true, escape_formulas: true }));
}

function json(value: unknown): Uint8Array {
  return strToU8(`${JSON.stringify(value, null, 2)}\n`);
}

function messageName(message: MessageEvidence): string {
  const on = (message.handedOverAt ?? 'not-handed-over').slice(0, 15).replace(/T.*/, '');
  return `messages/${on}-${safeName(message.step)}-${message.actionId.slice(0, 8)}.eml`;
}

/** What was handed to the mail server, with the server's own words as proof. */
function eml(message: MessageEvidence): string {
  const lines = [
    ['From', message.from],
    ['To', message.to.join(', ')],
    ['Subject', message.subject],
    ['Message-ID', message.messageId],
    ['X-Duebook-State', message.state],
    ['X-Duebook-Handed-Over', message.handedOverAt ?? 'not'],
    ['X-Duebook-Accepted', message.acceptedAt ?? 'not confirmed'],
    ['X-Duebook-Server-Response', message.smtpResponse ?? 'none'],
    ['X-Duebook-Attachments', message.attachments.join(', ')],
    ['Content-Type', 'text/plain; charset=utf-8'],
  ].map(([name = '', value = '']) => `${name}: ${value.replace(/[\r\n]+/g, ' ')}`);
  return `${lines.join('\r\n')}\r\n\r\n${message.text}`;
}

function safeName(text: string): string {
  const clean = text.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[-.]+|[-.]+$/g, '');
  return clean === '' ? 'unnamed' : clean.slice(0, 60);
}

/** In the order of time; what happened in the same moment in the order in which it is read here. */
export function collectLog(rows: EvidenceRows): LogEntry[] {
  const messages = rows.messages.map((message) => ({
    at: message.acceptedAt ?? message.handedOverAt ?? '',
    id: message.actionId,
    file: messageName(message),
    to: message.to,
    subject: message.subject,
    state: message.state,
    smtpResponse: message.smtpResponse,
  }));
  return [
    ...entries('decision', 'invoice_id', rows.decisions),
    ...entries('action', 'id', rows.actions),
    ...entries('approval', 'id', rows.approvals),
    ...entries('message', 'id', messages),
    ...entries('note', 'id', rows.notes),
    ...entries('hold', 'id', rows.holds),
    ...entries('reason', 'invoice_id', rows.reasons),
    ...entries('hand_over', 'id', rows.handOvers),
    ...entries('charge', 'id', rows.charges),
    ...entries('audit', 'subject', rows.audit),
  ].sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

function entries(kind: string, subject: string, rows: readonly EvidenceRow[]): LogEntry[] {
  return rows.map(({ at, ...detail }) => ({
    at: String(at),
    kind,
    subject: textOf(detail[subject]),
    detail,
  }));
}

/** Ids are texts and numbers. */
function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
