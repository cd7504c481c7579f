/**
 * Notes in Xero's History and Notes, which only ever grows. Xero remembers an Idempotency-Key for
 * six minutes, so the key covers a repeat of the same attempt and nothing else: after an unknown
 * outcome the history is read for our mark before anything is written again.
 */
import {
  HistoryRecord as SdkHistoryRecord,
  HistoryRecords as SdkHistoryRecords,
  Invoice as SdkInvoice,
  Invoices as SdkInvoices,
} from 'xero-node/dist/gen/model/accounting/models.js';
import { z } from 'zod';
import { type Day, formatDay } from '../../src/domain/day.ts';
import type { InvoiceId } from '../../src/domain/receivables.ts';
import type { NoteTarget, NoteToWrite } from '../ledger.ts';
import { ExchangeFailed } from '../transport.ts';
import { UnexpectedShape, type XeroCalls } from './exchange.ts';
import { calendarDay, instant, text } from './fields.ts';

const History = z.object({
  HistoryRecords: z.array(
    z.object({
      Details: text.nullish(),
      DateUTC: instant.nullish().catch(null),
      ValidationErrors: z.array(z.unknown()).nullish(),
    }),
  ),
});

type HistoryRecord = z.output<typeof History>['HistoryRecords'][number];

export async function findNote(
  calls: XeroCalls,
  target: NoteTarget,
  ref: string,
): Promise<string | null> {
  const records = await calls.json({
    resource: 'history',
    effect: 'read',
    send: (api, tenant) =>
      target.kind === 'invoice'
        ? api.getInvoiceHistory(tenant, target.id)
        : api.getContactHistory(tenant, target.id),
    read: parseHistory,
  });
  const found = records.find((record) => record.Details?.includes(ref) === true);
  return found === undefined ? null : noteId(found, ref);
}

export async function writeNote(calls: XeroCalls, note: NoteToWrite): Promise<string> {
  const { target, requestId, notAfter } = note;
  const body = Object.assign(new SdkHistoryRecords(), {
    historyRecords: [Object.assign(new SdkHistoryRecord(), { details: note.text })],
  });
  return calls.json({
    resource: 'history',
    effect: 'write',
    notAfter,
    send: (api, tenant) =>
      target.kind === 'invoice'
        ? api.createInvoiceHistory(tenant, target.id, body, requestId)
        : api.createContactHistory(tenant, target.id, body, requestId),
    read: (answer) => {
      const [written] = parseHistory(answer);
      if (written === undefined) throw new UnexpectedShape('HistoryRecords');
      if ((written.ValidationErrors ?? []).length > 0) {
        throw new ExchangeFailed({
          cause: 'rejected',
          status: 200,
          platformCode: 'ValidationErrors',
        });
      }
      return noteId(written, note.ref);
    },
  });
}

/** Xero gives notes no id: the moment it was written names it well enough, our mark otherwise. */
function noteId(record: HistoryRecord, ref: string): string {
  return `history:${record.DateUTC?.toISOString() ?? ref}`;
}

/**
 * Gives false when Xero answers without the date: it is a field of approved sales invoices, and what
 * else is sent in it is dropped without a word.
 */
export async function setExpectedPayDate(
  calls: XeroCalls,
  id: InvoiceId,
  on: Day,
): Promise<boolean> {
  const expectedPaymentDate = formatDay(on);
  const body = Object.assign(new SdkInvoices(), {
    invoices: [Object.assign(new SdkInvoice(), { invoiceID: id, expectedPaymentDate })],
  });
  return calls.json({
    resource: 'expectedPayDate',
    effect: 'write',
    send: (api, tenant) =>
      // The same key for the same date: writing it twice changes nothing.
      api.updateInvoice(tenant, id, body, undefined, `expected-${id}-${expectedPaymentDate}`),
    read: (answer) => {
      const parsed = Updated.safeParse(answer);
      if (!parsed.success) throw new UnexpectedShape('Invoices');
      return parsed.data.Invoices[0]?.ExpectedPaymentDate === on;
    },
  });
}

const Updated = z.object({
  Invoices: z.array(z.object({ ExpectedPaymentDate: calendarDay.nullish() })).min(1),
});

function parseHistory(body: unknown): HistoryRecord[] {
  const parsed = History.safeParse(body);
  if (parsed.success) return parsed.data.HistoryRecords;
  throw new UnexpectedShape(parsed.error.issues[0]?.path.join('.') ?? '');
}
