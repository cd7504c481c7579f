/** Single reads: the organisation, one invoice as it is now, its PDF, its online page. */
import { z } from 'zod';
import type { Currency } from '../../src/domain/money.ts';
import type { Invoice, InvoiceId, Organisation } from '../../src/domain/receivables.ts';
import { LedgerError } from '../../src/errors.ts';
import { checkLink } from '../transport.ts';
import { UnexpectedShape, type XeroCalls } from './exchange.ts';
import { BadField, currency, optionalText } from './fields.ts';
import { mapInvoice } from './invoice.ts';
import { toIanaZone } from './time-zones.ts';

const XeroOrganisation = z.object({
  Name: z.string().trim().min(1),
  LegalName: optionalText,
  CountryCode: z.string().trim().length(2),
  BaseCurrency: currency,
  Timezone: z.string(),
  ShortCode: optionalText,
});

type XeroOrganisation = z.output<typeof XeroOrganisation>;

function readOrganisation(calls: XeroCalls): Promise<XeroOrganisation> {
  return calls.json({
    resource: 'organisation',
    effect: 'read',
    send: (api, tenant) => api.getOrganisations(tenant),
    read: (body) => parse(XeroOrganisation, onlyOne(body, 'Organisations')),
  });
}

export async function organisation(calls: XeroCalls): Promise<Organisation> {
  const found = await readOrganisation(calls);
  const timeZone = toIanaZone(found.Timezone);
  if (timeZone === null) {
    throw new LedgerError('unexpected_shape', 'Xero names a time zone we do not know', {
      field: 'Timezone',
    });
  }
  return {
    name: found.Name,
    legalName: found.LegalName,
    country: found.CountryCode.toUpperCase(),
    baseCurrency: found.BaseCurrency,
    timeZone,
    shortCode: found.ShortCode,
    platformRemindersOn: await remindersOn(calls),
  };
}

export async function baseCurrency(calls: XeroCalls): Promise<Currency> {
  return (await readOrganisation(calls)).BaseCurrency;
}

const Reminders = z.object({
  InvoiceReminders: z.array(z.object({ Enabled: z.boolean().nullish() })).min(1),
});

/** Worth knowing, so that nobody is reminded twice, but no reason to fail: null when Xero will not say. */
async function remindersOn(calls: XeroCalls): Promise<boolean | null> {
  try {
    return await calls.json({
      resource: 'reminders',
      effect: 'read',
      send: (api, tenant) => api.getInvoiceReminders(tenant),
      read: (body) => parse(Reminders, body).InvoiceReminders[0]?.Enabled ?? null,
    });
  } catch (error) {
    if (isAnyOf(error, ['not_found', 'rejected', 'scope_missing', 'unexpected_shape'])) return null;
    throw error;
  }
}

export async function readInvoice(
  calls: XeroCalls,
  base: Currency | null,
  id: InvoiceId,
): Promise<Invoice | null> {
  return orNullWhen(['not_found'], () =>
    calls.json({
      resource: 'invoice',
      effect: 'read',
      send: (api, tenant) => api.getInvoice(tenant, id),
      read: (body) => {
        try {
          return mapInvoice(base)(onlyOne(body, 'Invoices'));
        } catch (error) {
          throw error instanceof BadField ? new UnexpectedShape(error.field) : error;
        }
      },
    }),
  );
}

export function invoicePdf(calls: XeroCalls, id: InvoiceId): Promise<Buffer> {
  return calls.bytes(
    {
      resource: 'invoicePdf',
      effect: 'read',
      send: (api, tenant) => api.getInvoiceAsPdf(tenant, id),
    },
    '%PDF',
  );
}

const OnlineInvoices = z.object({
  OnlineInvoices: z.array(z.object({ OnlineInvoiceUrl: optionalText })),
});

/** Only approved invoices have a page; Xero refuses the question for the others. */
export async function payLink(calls: XeroCalls, id: InvoiceId): Promise<string | null> {
  const url = await orNullWhen(['not_found', 'rejected'], () =>
    calls.json({
      resource: 'onlineInvoice',
      effect: 'read',
      send: (api, tenant) => api.getOnlineInvoice(tenant, id),
      read: (body) => parse(OnlineInvoices, body).OnlineInvoices[0]?.OnlineInvoiceUrl ?? null,
    }),
  );
  return url === null ? null : checkLink(url, 'OnlineInvoiceUrl');
}

async function orNullWhen<T>(
  kinds: readonly LedgerError['kind'][],
  call: () => Promise<T>,
): Promise<T | null> {
  try {
    return await call();
  } catch (error) {
    if (isAnyOf(error, kinds)) return null;
    throw error;
  }
}

function isAnyOf(error: unknown, kinds: readonly LedgerError['kind'][]): boolean {
  return error instanceof LedgerError && kinds.includes(error.kind);
}

function onlyOne(body: unknown, key: string): unknown {
  const parsed = z.looseObject({ [key]: z.array(z.unknown()).min(1) }).safeParse(body);
  const [first] = parsed.success ? (parsed.data[key] as unknown[]) : [];
  if (first === undefined) throw new UnexpectedShape(key);
  return first;
}

function parse<S extends z.ZodType>(schema: S, body: unknown): z.output<S> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new UnexpectedShape(parsed.error.issues[0]?.path.join('.') ?? '');
}
