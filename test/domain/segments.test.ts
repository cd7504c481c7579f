import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CustomerRecords, customerFacts } from '../../src/domain/customer-facts.ts';
import { type Segment, SEGMENTS, segmentOf, segmentWord } from '../../src/domain/segments.ts';
import { ago, anyRecords, asOn, factsOf, NOTHING, open, past } from './risk-cases.ts';

const ACTIVE = { firstIssuedOn: ago(800), lastIssuedOn: ago(10), lastPaidOn: ago(10) };

type Case = [
  name: string,
  records: Partial<CustomerRecords>,
  before: Segment | null,
  after: Segment | null,
];

const found = (records: Partial<CustomerRecords>, before: Segment | null = null) =>
  segmentOf(factsOf({ activity: ACTIVE, ...records }), before);

/** One invoice every ten days, the latest due twenty days ago, each so many days late. */
const series = (...late: (number | null)[]) => ({
  history: late.map((days, i) => past(20 + (late.length - 1 - i) * 10, days)),
});

const CASES: Record<Segment, Case[]> = {
  stopped: [
    [
      'two unpaid for sixty days',
      {
        history: [past(90, 2), past(60, null), past(50, null)],
        activity: { ...ACTIVE, lastPaidOn: ago(60) },
      },
      null,
      'stopped',
    ],
    [
      'unpaid for 59 days',
      {
        history: [past(90, 2), past(59, null), past(50, null)],
        activity: { ...ACTIVE, lastPaidOn: ago(60) },
      },
      null,
      'erratic',
    ],
    [
      'something came 59 days ago',
      {
        history: [past(90, 2), past(60, null), past(50, null)],
        activity: { ...ACTIVE, lastPaidOn: ago(59) },
      },
      null,
      'erratic',
    ],
    [
      'one unpaid is no run',
      {
        history: [past(90, 2), past(80, 2), past(60, null)],
        activity: { ...ACTIVE, lastPaidOn: ago(60) },
      },
      null,
      'erratic',
    ],
    [
      'never paid anything',
      { history: [past(90, null), past(60, null)], activity: { ...ACTIVE, lastPaidOn: null } },
      null,
      'stopped',
    ],
    [
      'thirty days keep it',
      {
        history: [past(90, 2), past(30, null), past(25, null)],
        activity: { ...ACTIVE, lastPaidOn: ago(30) },
      },
      'stopped',
      'stopped',
    ],
    [
      'a payment 29 days ago ends it',
      {
        history: [past(90, 2), past(30, null), past(25, null)],
        activity: { ...ACTIVE, lastPaidOn: ago(29) },
      },
      'stopped',
      'erratic',
    ],
    ['all paid', { history: [past(90, 0), past(80, 0), past(70, 0)] }, 'stopped', 'punctual'],
  ],
  dormant: [
    [
      'no invoice for 180 days',
      { ...series(0), activity: { ...ACTIVE, lastIssuedOn: ago(180) } },
      null,
      'dormant',
    ],
    [
      'for 179 days',
      { ...series(0), activity: { ...ACTIVE, lastIssuedOn: ago(179) } },
      null,
      'new',
    ],
    [
      'something is open',
      { invoices: [open(5, 1)], activity: { ...ACTIVE, lastIssuedOn: ago(180) } },
      null,
      'new',
    ],
    ['120 days keep it', { activity: { ...ACTIVE, lastIssuedOn: ago(120) } }, 'dormant', 'dormant'],
    ['119 days end it', { activity: { ...ACTIVE, lastIssuedOn: ago(119) } }, 'dormant', 'new'],
  ],
  new: [
    ['two invoices', series(0, 0), null, 'new'],
    ['three', series(0, 0, 0), null, 'punctual'],
    ['three keep it', series(0, 0, 0), 'new', 'new'],
    ['four end it', series(0, 0, 0, 0), 'new', 'punctual'],
  ],
  disputer: [
    [
      'two of ten contested',
      { ...series(...Array<number>(10).fill(0)), disputes: { disputed: [], invoiceCount: 2 } },
      null,
      'disputer',
    ],
    [
      'two of eleven',
      { ...series(...Array<number>(11).fill(0)), disputes: { disputed: [], invoiceCount: 2 } },
      null,
      'punctual',
    ],
    [
      'one of three',
      { ...series(0, 0, 0), disputes: { disputed: [], invoiceCount: 1 } },
      null,
      'punctual',
    ],
    [
      'one of ten keeps it',
      { ...series(...Array<number>(10).fill(0)), disputes: { disputed: [], invoiceCount: 1 } },
      'disputer',
      'disputer',
    ],
    [
      'one of eleven ends it',
      { ...series(...Array<number>(11).fill(0)), disputes: { disputed: [], invoiceCount: 1 } },
      'disputer',
      'punctual',
    ],
    ['none ends it', series(0, 0, 0), 'disputer', 'punctual'],
  ],
  part_payer: [
    ['three of seven', parts(3, 7), null, 'part_payer'],
    ['three of eight', parts(3, 8), null, 'punctual'],
    ['two of three', parts(2, 3), null, 'punctual'],
    ['two of eight keep it', parts(2, 8), 'part_payer', 'part_payer'],
    ['two of nine end it', parts(2, 9), 'part_payer', 'punctual'],
    ['one ends it', parts(1, 3), 'part_payer', 'punctual'],
  ],
  deteriorating: [
    ['ten days worse', series(2, 2, 2, 12, 12, 12), null, 'deteriorating'],
    ['nine days worse', series(3, 3, 3, 12, 12, 12), null, 'slow_reliable'],
    ['seven late', series(-3, -3, -3, 7, 7, 7), null, 'deteriorating'],
    ['six late', series(-4, -4, -4, 6, 6, 6), null, 'slow_reliable'],
    ['six days worse keep it', series(6, 6, 6, 12, 12, 12), 'deteriorating', 'deteriorating'],
    ['five days worse end it', series(7, 7, 7, 12, 12, 12), 'deteriorating', 'slow_reliable'],
    ['six late keep it', series(-3, -3, -3, 6, 6, 6), 'deteriorating', 'deteriorating'],
    ['five late end it', series(-3, -3, -3, 5, 5, 5), 'deteriorating', 'slow_reliable'],
  ],
  punctual: [
    ['four of five within three days', series(3, 3, 3, 3, 40), null, 'punctual'],
    ['three of four', series(3, 3, 3, 40), null, 'erratic'],
    ['seven of ten keep it', series(3, 3, 3, 3, 3, 3, 3, 40, 30, 20), 'punctual', 'deteriorating'],
    ['three of four keep it', series(3, 3, 3, 40), 'punctual', 'punctual'],
    ['two of three end it', series(3, 3, 40), 'punctual', 'erratic'],
  ],
  month_end: [
    ['three of four', monthEnd(3, 1), null, 'month_end'],
    ['two of three are too few', monthEnd(3, 0), null, 'slow_reliable'],
    ['seven of ten', monthEnd(7, 3), null, 'month_end'],
    ['two of three of six', monthEnd(4, 2), null, 'slow_reliable'],
    ['six of ten keep it', monthEnd(6, 4), 'month_end', 'month_end'],
    ['half end it', monthEnd(5, 5), 'month_end', 'slow_reliable'],
  ],
  slow_reliable: [
    ['the same every time', series(12, 12, 12, 12), null, 'slow_reliable'],
    ['five days about', series(7, 17, 7, 17), null, 'slow_reliable'],
    ['six days about', series(6, 18, 6, 18), null, 'erratic'],
    ['seven days about keep it', series(5, 19, 5, 19), 'slow_reliable', 'slow_reliable'],
    ['eight days about end it', series(4, 20, 4, 20), 'slow_reliable', 'erratic'],
    ['four of five steady', series(12, 12, 12, 12, 30), null, 'slow_reliable'],
    ['three of four steady', series(12, 12, 12, 30), null, 'erratic'],
    ['three of four keep it', series(12, 12, 12, 30), 'slow_reliable', 'slow_reliable'],
    ['two of three end it', series(12, 12, 30), 'slow_reliable', 'erratic'],
    ['sixty days are slow', series(60, 60, 60, 60), null, 'slow_reliable'],
    ['more is no reliability', series(61, 61, 61, 61), null, 'erratic'],
  ],
  erratic: [['no pattern', series(0, 40, 12, 33), null, 'erratic']],
};

function parts(count: number, of: number) {
  const history = series(...Array<number>(of).fill(0)).history;
  return { history: history.map((one, i) => ({ ...one, parts: i < count ? 2 : 1 })) };
}

/** Paid twelve days late on the last day of May, or on the 20th. */
function monthEnd(count: number, others: number) {
  return {
    history: [
      ...Array.from({ length: count }, (_, i) => past(42, 12, { id: `m${i}` })),
      ...Array.from({ length: others }, (_, i) => past(53, 12, { id: `o${i}` })),
    ],
  };
}

describe.each(SEGMENTS)('%s', (segment) => {
  test.each(CASES[segment])('%s', (_name, records, before, after) => {
    expect(found(records, before)?.segment ?? null).toBe(after);
  });
});

test('nobody invoiced has no segment', () => {
  expect(segmentOf(factsOf({}), null)).toBeNull();
  expect(segmentOf(factsOf({}), 'punctual')).toBeNull();
});

test.each<[string, Partial<CustomerRecords>, string, string]>([
  [
    'stopped',
    { history: [past(90, null), past(60, null)], activity: { ...ACTIVE, lastPaidOn: null } },
    'stopped paying',
    'None of the latest 2 invoices is paid, the first of them due on 1 Apr 2026.',
  ],
  [
    'dormant',
    { activity: { ...ACTIVE, lastIssuedOn: ago(200) } },
    'dormant',
    'Nothing is open, and the last invoice was issued on 12 Dec 2025.',
  ],
  ['new', series(0), 'new', '1 invoice fell due within a year: too few to tell.'],
  [
    'disputer',
    { ...series(0, 0, 0), disputes: { disputed: [], invoiceCount: 2 } },
    'disputer',
    '2 invoices were contested within a year, of 3 that fell due.',
  ],
  [
    'part_payer',
    parts(3, 4),
    'pays in parts',
    '3 of 4 (75 %) invoices were paid in more than one payment.',
  ],
  [
    'deteriorating',
    series(1, 1, 1, 20, 20, 20),
    'deteriorating',
    'The latest invoices run 20 days late, those before them 1.',
  ],
  [
    'punctual',
    series(0, 0, 0),
    'punctual',
    '3 of 3 (100 %) invoices were paid by the third day after they were due.',
  ],
  [
    'month_end',
    monthEnd(3, 1),
    'month-end payer',
    '3 of 4 payments came on the last four days of a month.',
  ],
  [
    'slow_reliable',
    series(12, 12, 12),
    'slow but reliable',
    '3 of 3 (100 %) invoices keep within ten days of the usual 12 days after the due date.',
  ],
  ['erratic', series(0, 40, 12, 33), 'erratic', 'No pattern in 4 invoices: 3 were late.'],
])('%s is said with its figures', (segment, records, word, because) => {
  expect(found(records)).toEqual({ segment, because });
  expect(segmentWord(segment as Segment)).toBe(word);
});

test('a segment found is found again: nobody changes from one day to the next without a reason', () => {
  fc.assert(
    fc.property(anyRecords, fc.constantFrom(null, ...SEGMENTS), (records, before) => {
      const facts = customerFacts({ ...NOTHING, ...records }, [], asOn);
      const first = segmentOf(facts, before);
      expect(segmentOf(facts, first?.segment ?? null)).toEqual(first);
    }),
    { numRuns: 300 },
  );
});
