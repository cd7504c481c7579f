/** The terms of a hold as they lie in the database (days as YYYY-MM-DD), parsed on the way in and out. */
import { z } from 'zod';
import { type Day, formatDay, parseDay } from '../domain/day.ts';
import { DISPUTE_OUTCOMES, type HoldTerms, PROMISE_SOURCES } from '../domain/holds.ts';
import { isCurrency } from '../domain/money.ts';
import { REASON_CODES } from '../domain/reasons.ts';

const day = z.string().transform((text, context): Day => {
  const parsed = parseDay(text);
  if (parsed !== null) return parsed;
  context.addIssue({ code: 'custom', message: 'should be a day written YYYY-MM-DD' });
  return z.NEVER;
});
const currency = z.string().refine(isCurrency, { message: 'should be a currency code' });
const amount = z.number().int().positive();

const Stored = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('promise'),
    terms: z.object({
      currency,
      amountMinor: amount,
      payOn: day,
      source: z.enum(PROMISE_SOURCES),
      quote: z.string().nullable(),
    }),
  }),
  z.object({
    kind: z.literal('dispute'),
    terms: z.object({
      reason: z.enum(REASON_CODES),
      part: z.object({ currency, amountMinor: amount }).nullable(),
      resolution: z
        .object({
          outcome: z.enum(DISPUTE_OUTCOMES),
          on: day,
          creditMinor: amount.nullable(),
        })
        .nullable(),
    }),
  }),
  z.object({
    kind: z.literal('plan'),
    terms: z.object({
      currency,
      instalments: z.array(z.object({ dueOn: day, amountMinor: amount })).min(1),
      graceDays: z.number().int().nonnegative().nullable(),
    }),
  }),
  z.object({
    kind: z.literal('settlement'),
    terms: z.object({ currency, owedMinor: amount, acceptMinor: amount, payBy: day }),
  }),
  z.object({ kind: z.literal('extension'), terms: z.object({ dueOn: day }) }),
  z.object({ kind: z.literal('reply'), terms: z.object({ source: z.enum(PROMISE_SOURCES) }) }),
  z.object({ kind: z.literal('manual'), terms: z.unknown().transform(() => null) }),
]);

export function readTerms(kind: string, terms: unknown): HoldTerms {
  return Stored.parse({ kind, terms });
}

/** As JSON: days are written as days. */
export function storableTerms({ kind, terms }: HoldTerms): object {
  switch (kind) {
    case 'promise':
      return { ...terms, payOn: formatDay(terms.payOn) };
    case 'dispute': {
      const { resolution } = terms;
      if (resolution === null) return { ...terms };
      return { ...terms, resolution: { ...resolution, on: formatDay(resolution.on) } };
    }
    case 'plan': {
      const instalments = terms.instalments.map((part) => ({
        dueOn: formatDay(part.dueOn),
        amountMinor: part.amountMinor,
      }));
      return { ...terms, instalments };
    }
    case 'settlement':
      return { ...terms, payBy: formatDay(terms.payBy) };
    case 'extension':
      return { dueOn: formatDay(terms.dueOn) };
    case 'reply':
      return { ...terms };
    case 'manual':
      return {};
  }
}
