import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addDays, day, type Day, formatDay } from '../../src/domain/day.ts';
import { contestedMinor, DISPUTE_CODES, disputeStanding } from '../../src/domain/dispute.ts';
import type { DisputeTerms } from '../../src/domain/holds.ts';
import type { InvoiceId } from '../../src/domain/receivables.ts';
import { arrival, type Common, dispute, held } from './hold-cases.ts';

const PART = { currency: 'NZD', amountMinor: 20_000 };
const answered = (
  outcome: 'upheld' | 'rejected' | 'credit_expected',
  on = '2026-06-10',
  creditMinor: number | null = null,
) => ({ resolution: { outcome, on: day(on), creditMinor } });

/** Of an invoice with 500.00 open, raised on 1 June: "open 9d, 200.00 contested". */
function stands(on: string, terms: Partial<DisputeTerms>, more: Common = {}): string {
  const hold = dispute({ part: PART, ...terms }, { invoices: [held('a', 50_000)], ...more });
  const { state, ageDays, changesOn } = disputeStanding(hold, day(on));
  const invoice = { id: 'a' as InvoiceId, openMinor: hold.invoices[0]?.openMinor ?? 50_000 };
  const contested = (contestedMinor(hold, invoice, day(on)) / 100).toFixed(2);
  const until = changesOn === null ? '' : ` until ${formatDay(changesOn)}`;
  return `${state} ${ageDays}d, ${contested} contested${until}`;
}

describe('a part of 200.00 in dispute since 1 June', () => {
  test.each([
    ['open', '2026-06-10', {}, 'open 9d, 200.00 contested'],
    ['raised today', '2026-06-01', {}, 'open 0d, 200.00 contested'],
    [
      'the day before it is answered',
      '2026-06-09',
      answered('rejected'),
      'open 8d, 200.00 contested until 2026-06-10',
    ],
    [
      'the day before a smaller credit is agreed',
      '2026-06-09',
      answered('credit_expected', '2026-06-10', 15_000),
      'open 8d, 200.00 contested until 2026-06-10',
    ],
    ['rejected', '2026-06-10', answered('rejected'), 'rejected 9d, 0.00 contested'],
    ['long after', '2026-07-10', answered('rejected'), 'rejected 9d, 0.00 contested'],
    ['upheld', '2026-06-11', answered('upheld'), 'credit_awaited 9d, 200.00 contested'],
    [
      'a smaller credit',
      '2026-06-11',
      answered('credit_expected', '2026-06-10', 15_000),
      'credit_awaited 9d, 150.00 contested',
    ],
    [
      'a credit of more than was contested',
      '2026-06-11',
      answered('credit_expected', '2026-06-10', 25_000),
      'credit_awaited 9d, 200.00 contested',
    ],
  ])('%s', (_what, on, terms, expected) => {
    expect(stands(on, terms)).toBe(expected);
  });

  test('the credit that comes in takes off what is contested, and ends it', () => {
    const terms = answered('credit_expected', '2026-06-10', 15_000);
    const part = {
      invoices: [held('a', 40_000)],
      arrivals: [arrival('2026-06-12', 10_000, 'credit')],
    };
    expect(stands('2026-06-11', terms, part)).toBe(
      'credit_awaited 9d, 150.00 contested until 2026-06-12',
    );
    expect(stands('2026-06-12', terms, part)).toBe('credit_awaited 9d, 50.00 contested');
    const whole = {
      invoices: [held('a', 35_000)],
      arrivals: [arrival('2026-06-12', 15_000, 'credit')],
    };
    expect(stands('2026-06-12', terms, whole)).toBe('settled 9d, 0.00 contested');
  });

  test('money they pay is for the rest: the contested part stays', () => {
    const more = { invoices: [held('a', 20_000)], arrivals: [arrival('2026-06-05', 30_000)] };
    expect(stands('2026-06-04', {}, more)).toBe('open 3d, 200.00 contested');
    expect(stands('2026-06-05', {}, more)).toBe('open 4d, 200.00 contested');
  });

  test('never more than is open', () => {
    expect(stands('2026-06-05', {}, { invoices: [held('a', 12_000)] })).toBe(
      'open 4d, 120.00 contested',
    );
  });

  test('its last day still counts, then it lapses', () => {
    const more = { untilOn: day('2026-06-20') };
    expect(stands('2026-06-20', {}, more)).toBe('open 19d, 200.00 contested until 2026-06-21');
    expect(stands('2026-06-21', {}, more)).toBe('lapsed 20d, 0.00 contested');
  });

  test('nothing is contested before it was raised', () => {
    expect(stands('2026-05-31', {})).toBe('open 0d, 0.00 contested until 2026-06-01');
  });
});

describe('a whole invoice in dispute', () => {
  test('is contested in full, also while a credit of unknown size is awaited', () => {
    expect(stands('2026-06-10', { part: null })).toBe('open 9d, 500.00 contested');
    expect(stands('2026-06-10', { part: null, ...answered('upheld') })).toBe(
      'credit_awaited 9d, 500.00 contested',
    );
  });

  test('is settled once nothing is open', () => {
    const terms = { part: null, ...answered('upheld') };
    expect(stands('2026-06-10', terms, { invoices: [held('a', 0)] })).toBe(
      'settled 9d, 0.00 contested',
    );
  });

  test('is not settled by what was paid or credited on another one of the same dispute', () => {
    const terms = { part: null, ...answered('upheld') };
    expect(stands('2026-06-10', terms, { invoices: [held('a', 50_000), held('b', 0)] })).toBe(
      'credit_awaited 9d, 500.00 contested',
    );
  });

  test('a credit of part of it leaves the rest to be asked for', () => {
    const terms = { part: null, ...answered('credit_expected', '2026-06-10', 10_000) };
    expect(stands('2026-06-10', terms)).toBe('credit_awaited 9d, 100.00 contested');
  });

  test('all of a customer’s invoices: an answer waits, whatever is open', () => {
    const terms = { part: null, ...answered('upheld') };
    expect(stands('2026-06-10', terms, { invoices: [] })).toBe(
      'credit_awaited 9d, 500.00 contested',
    );
  });
});

test('whatever may be wrong on our side can be disputed, and nothing that is theirs alone', () => {
  expect(DISPUTE_CODES).toContain('invoice_not_received');
  expect(DISPUTE_CODES).toContain('payment_not_recorded');
  expect(DISPUTE_CODES).toContain('quality');
  expect(DISPUTE_CODES).not.toContain('no_funds');
  expect(DISPUTE_CODES).not.toContain('bank_delay');
});

test('what is contested stands unchanged until the day named', () => {
  const anyDay = fc.integer({ min: 0, max: 25 });
  const START = day('2026-06-01');
  const anyDispute = fc.record({
    contested: fc.option(fc.integer({ min: 1, max: 30_000 })),
    until: fc.option(anyDay),
    answer: fc.option(
      fc.record({
        outcome: fc.constantFrom('upheld', 'rejected', 'credit_expected'),
        after: anyDay,
        creditMinor: fc.option(fc.integer({ min: 1, max: 30_000 })),
      }),
    ),
    credits: fc.array(
      fc.record({ after: anyDay, amountMinor: fc.integer({ min: 1, max: 9_000 }) }),
      {
        maxLength: 3,
      },
    ),
  });
  fc.assert(
    fc.property(anyDispute, ({ contested, until, answer, credits }) => {
      const hold = dispute(
        {
          part: contested === null ? null : { currency: 'NZD', amountMinor: contested },
          resolution:
            answer === null
              ? null
              : {
                  outcome: answer.outcome,
                  on: addDays(START, answer.after),
                  creditMinor: answer.creditMinor,
                },
        },
        {
          untilOn: until === null ? null : addDays(START, until),
          invoices: [held('a', 20_000)],
          arrivals: credits.map(({ after, amountMinor }) =>
            arrival(formatDay(addDays(START, after)), amountMinor, 'credit'),
          ),
        },
      );
      const invoice = { id: 'a' as InvoiceId, openMinor: 20_000 };
      let stated: { until: Day | null; text: string } | null = null;
      for (let on = START; on < START + 40; on = addDays(on, 1)) {
        const { state, changesOn } = disputeStanding(hold, on);
        const text = `${state} ${contestedMinor(hold, invoice, on)}`;
        if (stated !== null && (stated.until === null || on < stated.until)) {
          expect(text).toBe(stated.text);
        }
        stated = { until: changesOn, text };
      }
    }),
  );
});
