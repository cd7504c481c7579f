/**
 * The legal tables as text: published reference rates by half-year, and the laws that stand on them.
 * Each rate names where it was read and the day it stood so, and whether somebody compared it with the
 * publisher's own table. A gap or an overlap between two half-years is refused, not bridged.
 * { from: 2024-01-01, until: 2024-06-30, percent: 5.25, takenOn: 2023-12-31, … }
 */
import { z } from 'zod';
import { readDataFile } from '../data-file.ts';
import { addDays, formatDay, parseDay } from '../day.ts';
import { isCurrency, minorDigits, parseMinor } from '../money.ts';
import type { ReferenceRate, ReferenceRow } from './rate.ts';
import type { Statute } from './terms.ts';

const DAY = 'should be a day written YYYY-MM-DD';
const PERCENT = 'should be a percentage from -5 to 50';
const WORDS = 'should be a text';

const dayText = z.string({ message: DAY }).transform((text, context) => {
  const on = parseDay(text);
  if (on !== null) return on;
  context.addIssue({ code: 'custom', message: DAY });
  return z.NEVER;
});
const percent = z
  .number({ message: PERCENT })
  .min(-5, { message: PERCENT })
  .max(50, { message: PERCENT })
  .transform(String);
const words = z.string({ message: WORDS }).min(1, { message: WORDS });

const ReferenceText = z.strictObject(
  {
    id: words,
    name: words,
    rows: z
      .array(
        z.strictObject(
          {
            from: dayText,
            until: dayText,
            percent,
            takenOn: dayText,
            source: words,
            verified: z.boolean({ message: 'should be true or false' }),
          },
          { message: 'should be a row with from, until, percent, takenOn, source and verified' },
        ),
        { message: 'should be a list of rows' },
      )
      .min(1, { message: 'should have at least one row' }),
  },
  { message: 'should be a table with id, name and rows' },
);

export function parseReferenceRate(file: string, text: string): ReferenceRate {
  const { data, refusal } = readDataFile(file, text, ReferenceText);
  data.rows.forEach((row, index) => {
    const before = data.rows[index - 1];
    if (row.until < row.from) {
      throw refusal(['rows', index, 'until'], `should not be before ${formatDay(row.from)}`);
    }
    const expected = before === undefined ? row.from : addDays(before.until, 1);
    if (row.from !== expected) {
      throw refusal(
        ['rows', index, 'from'],
        `should be ${formatDay(expected)}, the day after the row before ends`,
      );
    }
  });
  const rows = data.rows.map(({ verified, ...row }): ReferenceRow => ({
    ...row,
    isVerified: verified,
  }));
  return { id: data.id, name: data.name, rows };
}

const amount = z.number({ message: 'should be an amount above 0' }).positive({
  message: 'should be an amount above 0',
});
const COUNTRY = 'should be a country code in two capitals';

const StatutesText = z.strictObject(
  {
    statutes: z.array(
      z.strictObject({
        id: words,
        title: words,
        countries: z
          .array(z.string({ message: COUNTRY }).regex(/^[A-Z]{2}$/, { message: COUNTRY }))
          .min(1, { message: 'should name at least one country' }),
        reference: words,
        margin: percent,
        mode: z.enum(['fixedAtStart', 'floating'], {
          message: 'should be fixedAtStart or floating',
        }),
        dayCount: z.enum(['365', 'actual', '360'], { message: 'should be "365", actual or "360"' }),
        appropriation: z
          .enum(['principal', 'costs_interest_principal'], {
            message: 'should be principal or costs_interest_principal',
          })
          .default('principal'),
        compensation: z.strictObject({
          currency: z.string().refine(isCurrency, { message: 'should be a currency code' }),
          source: words,
          bands: z
            .array(z.strictObject({ below: amount.optional(), amount }))
            .min(1, { message: 'should have at least one band' }),
        }),
        note: words,
      }),
      { message: 'should be a list of statutes' },
    ),
  },
  { message: 'should be a file with statutes' },
);

export function parseStatutes(
  file: string,
  text: string,
  references: readonly ReferenceRate[],
): Statute[] {
  const { data, refusal } = readDataFile(file, text, StatutesText);
  return data.statutes.map((statute, index) => {
    const reference = references.find(({ id }) => id === statute.reference);
    if (reference === undefined) {
      throw refusal(
        ['statutes', index, 'reference'],
        `should be one of ${references.map(({ id }) => id).join(', ')}`,
      );
    }
    const { currency, source, bands } = statute.compensation;
    const minor = (value: number, path: readonly PropertyKey[]) => {
      const parsed = parseMinor(String(value), currency);
      if (parsed !== null) return parsed;
      throw refusal(path, `should have at most ${minorDigits(currency)} decimals`);
    };
    bands.forEach((band, place) => {
      const where = ['statutes', index, 'compensation', 'bands', place];
      const isLast = place === bands.length - 1;
      if (isLast !== (band.below === undefined)) {
        throw refusal(where, isLast ? 'the last band has no below' : 'should have a below');
      }
      const lower = bands[place - 1]?.below;
      if (band.below !== undefined && lower !== undefined && band.below <= lower) {
        throw refusal([...where, 'below'], `should be above ${lower}`);
      }
    });
    return {
      id: statute.id,
      title: statute.title,
      countries: statute.countries,
      rate: { kind: 'statutory', reference, marginPercent: statute.margin, mode: statute.mode },
      dayCount: statute.dayCount,
      compensation: {
        currency,
        source,
        bands: bands.map((band, place) => {
          const where = ['statutes', index, 'compensation', 'bands', place];
          return {
            belowMinor: band.below === undefined ? null : minor(band.below, [...where, 'below']),
            amountMinor: minor(band.amount, [...where, 'amount']),
          };
        }),
      },
      appropriation: statute.appropriation,
      note: statute.note,
    };
  });
}
