import { describe, expect, test } from 'vitest';
import { day } from '../../../src/domain/day.ts';
import { parseReferenceRate, parseStatutes } from '../../../src/domain/interest/statute-text.ts';
import { STATUTES } from './support.ts';

const REFERENCE = `id: bank
name: the bank's rate
rows:
  - from: 2026-01-01
    until: 2026-06-30
    percent: 3.75
    takenOn: 2025-12-31
    source: the bank's page
    verified: true
  - from: 2026-07-01
    until: 2026-12-31
    percent: -0.5
    takenOn: 2026-06-30
    source: a newspaper
    verified: false
`;

const STATUTE = `statutes:
  - id: xx
    title: An Act
    countries: [NZ]
    reference: bank
    margin: 8
    mode: floating
    dayCount: '365'
    compensation:
      currency: NZD
      source: s. 1
      bands:
        - { below: 1000, amount: 40.5 }
        - { amount: 70 }
    note: For companies.
`;

const reference = parseReferenceRate('bank.yaml', REFERENCE);
const refusal = (run: () => unknown): string => {
  try {
    run();
  } catch (err) {
    return err instanceof Error ? err.message : '';
  }
  return 'was read';
};

describe('a table of reference rates', () => {
  test('is read with its sources', () => {
    expect(reference).toEqual({
      id: 'bank',
      name: "the bank's rate",
      rows: [
        {
          from: day('2026-01-01'),
          until: day('2026-06-30'),
          percent: '3.75',
          takenOn: day('2025-12-31'),
          source: "the bank's page",
          isVerified: true,
        },
        {
          from: day('2026-07-01'),
          until: day('2026-12-31'),
          percent: '-0.5',
          takenOn: day('2026-06-30'),
          source: 'a newspaper',
          isVerified: false,
        },
      ],
    });
  });

  test.each([
    [
      'percent: 3.75',
      'percent: high',
      'bank.yaml line 6: rows.0.percent: should be a percentage from -5 to 50',
    ],
    [
      'percent: 3.75',
      'percent: 50.1',
      'bank.yaml line 6: rows.0.percent: should be a percentage from -5 to 50',
    ],
    [
      'percent: -0.5',
      'percent: -5.1',
      'bank.yaml line 12: rows.1.percent: should be a percentage from -5 to 50',
    ],
    [
      'from: 2026-07-01',
      'from: 2026-07-02',
      'bank.yaml line 10: rows.1.from: should be 2026-07-01, the day after the row before ends',
    ],
    [
      'from: 2026-07-01',
      'from: 2026-06-30',
      'bank.yaml line 10: rows.1.from: should be 2026-07-01, the day after the row before ends',
    ],
    [
      'until: 2026-06-30',
      'until: 2025-12-31',
      'bank.yaml line 5: rows.0.until: should not be before 2026-01-01',
    ],
    [
      'until: 2026-06-30',
      'until: 2026-02-30',
      'bank.yaml line 5: rows.0.until: should be a day written YYYY-MM-DD',
    ],
    [
      'until: 2026-06-30',
      'until: 2026',
      'bank.yaml line 5: rows.0.until: should be a day written YYYY-MM-DD',
    ],
    ["source: the bank's page", 'source: ""', 'bank.yaml line 8: rows.0.source: should be a text'],
    ["source: the bank's page", 'source: 7', 'bank.yaml line 8: rows.0.source: should be a text'],
    [
      'verified: true',
      'verified: yes',
      'bank.yaml line 9: rows.0.verified: should be true or false',
    ],
    ['verified: true', 'checked: true', 'bank.yaml line 9: rows.0.checked: is no known key'],
    ['rows:', 'lines:', 'bank.yaml line 3: lines: is no known key'],
    [
      'takenOn: 2025-12-31',
      'takenOn: *x',
      'bank.yaml line 7: aliases (*name) are not used; write the value out',
    ],
  ])('%s as %s is refused: %s', (right, wrong, message) => {
    const text = REFERENCE.replace(right, wrong);
    expect(text).not.toBe(REFERENCE);
    const said = refusal(() => parseReferenceRate('bank.yaml', text));
    expect(said).toBe(message);
  });

  test('an empty file, a list of nothing and a row that is no row are refused', () => {
    expect(refusal(() => parseReferenceRate('bank.yaml', ''))).toBe(
      'bank.yaml: should be a table with id, name and rows',
    );
    expect(refusal(() => parseReferenceRate('b.yaml', 'id: a\nname: b\nrows: []\n'))).toBe(
      'b.yaml line 3: rows: should have at least one row',
    );
    expect(refusal(() => parseReferenceRate('b.yaml', 'id: a\nname: b\nrows: 7\n'))).toBe(
      'b.yaml line 3: rows: should be a list of rows',
    );
    expect(refusal(() => parseReferenceRate('b.yaml', 'id: a\nname: b\nrows: [7]\n'))).toBe(
      'b.yaml line 3: rows.0: should be a row with from, until, percent, takenOn, source and verified',
    );
  });

  test('broken YAML and aliases are refused with their line', () => {
    expect(refusal(() => parseReferenceRate('b.yaml', 'id: a\nname: "b\n'))).toMatch(
      /^b\.yaml line \d: Missing closing "quote/,
    );
    expect(refusal(() => parseReferenceRate('b.yaml', 'id: &x a\nname: *x\nrows: []\n'))).toBe(
      'b.yaml line 2: aliases (*name) are not used; write the value out',
    );
    expect(refusal(() => parseReferenceRate('b.yaml', 'id: a\nid: b\n'))).toBe(
      'b.yaml line 2: Map keys must be unique',
    );
  });
});

describe('a file of statutes', () => {
  const read = (text: string) => parseStatutes('laws.yaml', text, [reference]);

  test('is read with its bands in minor units', () => {
    expect(read(STATUTE)).toEqual([
      {
        id: 'xx',
        title: 'An Act',
        countries: ['NZ'],
        rate: { kind: 'statutory', reference, marginPercent: '8', mode: 'floating' },
        dayCount: '365',
        compensation: {
          currency: 'NZD',
          source: 's. 1',
          bands: [
            { belowMinor: 100_000, amountMinor: 4_050 },
            { belowMinor: null, amountMinor: 7_000 },
          ],
        },
        appropriation: 'principal',
        note: 'For companies.',
      },
    ]);
  });

  test.each([
    [
      'reference: bank',
      'reference: bonk',
      'laws.yaml line 5: statutes.0.reference: should be one of bank',
    ],
    [
      '[NZ]',
      '[nz]',
      'laws.yaml line 4: statutes.0.countries.0: should be a country code in two capitals',
    ],
    [
      '[NZ]',
      '[7]',
      'laws.yaml line 4: statutes.0.countries.0: should be a country code in two capitals',
    ],
    [
      '[NZ]',
      '[NZL]',
      'laws.yaml line 4: statutes.0.countries.0: should be a country code in two capitals',
    ],
    [
      '[NZ]',
      '[ANZ]',
      'laws.yaml line 4: statutes.0.countries.0: should be a country code in two capitals',
    ],
    ['[NZ]', '[]', 'laws.yaml line 4: statutes.0.countries: should name at least one country'],
    ['floating', 'moving', 'laws.yaml line 7: statutes.0.mode: should be fixedAtStart or floating'],
    ["'365'", '365', 'laws.yaml line 8: statutes.0.dayCount: should be "365", actual or "360"'],
    [
      'currency: NZD',
      'currency: XQQ',
      'laws.yaml line 10: statutes.0.compensation.currency: should be a currency code',
    ],
    [
      'below: 1000, ',
      '',
      'laws.yaml line 13: statutes.0.compensation.bands.0: should have a below',
    ],
    [
      '{ amount: 70 }',
      '{ below: 2000, amount: 70 }',
      'laws.yaml line 14: statutes.0.compensation.bands.1: the last band has no below',
    ],
    [
      '{ amount: 70 }',
      '{ below: 1000, amount: 70 }\n        - { amount: 90 }',
      'laws.yaml line 14: statutes.0.compensation.bands.1.below: should be above 1000',
    ],
    [
      'amount: 40.5',
      'amount: 40.555',
      'laws.yaml line 13: statutes.0.compensation.bands.0.amount: should have at most 2 decimals',
    ],
    [
      'below: 1000',
      'below: 1000.001',
      'laws.yaml line 13: statutes.0.compensation.bands.0.below: should have at most 2 decimals',
    ],
    [
      'amount: 70',
      'amount: 0',
      'laws.yaml line 14: statutes.0.compensation.bands.1.amount: should be an amount above 0',
    ],
    [
      'amount: 70',
      'amount: many',
      'laws.yaml line 14: statutes.0.compensation.bands.1.amount: should be an amount above 0',
    ],
    [
      'note: For companies.',
      'note: For companies.\n    appropriation: any',
      'laws.yaml line 16: statutes.0.appropriation: should be principal or costs_interest_principal',
    ],
  ])('%s as %s is refused: %s', (right, wrong, message) => {
    expect(refusal(() => read(STATUTE.replace(right, wrong)))).toBe(message);
  });

  test('rising bands and § 367 are read', () => {
    const text = STATUTE.replace(
      '{ amount: 70 }',
      '{ below: 1000.01, amount: 70 }\n        - { amount: 90 }',
    ).replace('note: For', 'appropriation: costs_interest_principal\n    note: For');
    expect(read(text)[0]).toMatchObject({
      appropriation: 'costs_interest_principal',
      compensation: { bands: [{}, { belowMinor: 100_001 }, {}] },
    });
  });

  test('what is no file of statutes is refused', () => {
    expect(refusal(() => read('7'))).toBe('laws.yaml line 1: should be a file with statutes');
    expect(refusal(() => read('statutes: 7'))).toBe(
      'laws.yaml line 1: statutes: should be a list of statutes',
    );
    expect(refusal(() => read(STATUTE.replace(/bands:\n.*\n.*\n/, 'bands: []\n')))).toContain(
      'bands: should have at least one band',
    );
  });
});

test('the tables that are shipped: the UK, Germany, France and the Directive, each with note and source', () => {
  expect(STATUTES.map(({ id, countries }) => [id, countries.length])).toEqual([
    ['uk', 1],
    ['de', 1],
    ['fr', 1],
    ['eu', 25],
  ]);
  for (const { note, compensation, rate } of STATUTES) {
    expect(note.length).toBeGreaterThan(20);
    expect(compensation?.source.length).toBeGreaterThan(5);
    for (const row of rate.reference.rows) {
      expect(row.isVerified).toBe(!row.source.includes('not compared'));
    }
  }
});
