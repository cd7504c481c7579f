import { describe, expect, test } from 'vitest';
import { day } from '../../../src/domain/day.ts';
import { collectionEffectiveness } from '../../../src/domain/metrics/dso.ts';
import { CONTEXT, credit, customer, figure, invoice, parts, pay } from './support.ts';

describe('DSO and its family', () => {
  const book = [
    customer(
      'x',
      [
        invoice('a', 60_000, '2026-04-10', '2026-05-10'),
        invoice('b', 30_000, '2026-06-10', '2026-07-10'),
        invoice('p', 90_000, '2026-05-10', '2026-06-10', { uses: [pay('2026-06-10', 90_000)] }),
        invoice('o', 50_000, '2026-03-10', '2026-03-20', { uses: [pay('2026-04-10', 50_000)] }),
        invoice('j', 9_000, '2026-06-10', '2026-07-10', { kind: 'journal' }),
      ],
      [
        credit('n', 10_000, '2026-06-11'),
        credit('d', 5_000, '2026-06-11', { kind: 'overpayment' }),
      ],
    ),
  ];
  // Owed 99,000, of it 39,000 not due; sales of the 90 days 60 + 30 + 90 − 10 = 170 thousand.

  test('simple: owed over sales of the period, times its days', () => {
    const dso = figure('dso-simple', book);
    expect(dso.value).toBeCloseTo((99_000 / 170_000) * 90, 10);
    expect(dso.note).toBeNull();
    expect(dso.parts).toEqual([
      { name: 'owed', value: 99_000, unit: 'money' },
      { name: 'not yet due', value: 39_000, unit: 'money' },
      { name: 'sales of the period', value: 170_000, unit: 'money' },
    ]);
    expect(figure('bpdso-simple', book).value).toBeCloseTo((39_000 / 170_000) * 90, 10);
    expect(figure('add-simple', book).value).toBeCloseTo((60_000 / 170_000) * 90, 10);
  });

  test('countback over the real months: June 20,000 of 30 days, then May', () => {
    const dso = figure('dso-countback', book);
    expect(dso.value).toBeCloseTo(30 + (79_000 / 90_000) * 31, 10);
    expect(dso.note).toBeNull();
    expect(figure('bpdso-countback', book).value).toBeCloseTo(30 + (19_000 / 90_000) * 31, 10);
    expect(figure('add-countback', book).value).toBeCloseTo((60_000 / 90_000) * 31, 10);
  });

  test('the month that is not over counts its days so far', () => {
    const early = { ...CONTEXT, asOn: day('2026-06-12') };
    expect(figure('dso-countback', book, early).value).toBeCloseTo(12 + (79_000 / 90_000) * 31, 10);
  });

  test('an exhausted history and a net credit are told', () => {
    const old = [
      customer('x', [
        invoice('j', 5_000, '2026-05-10', '2026-05-10', { kind: 'journal' }),
        invoice('a', 1_000, '2026-05-10', '2026-05-10'),
      ]),
    ];
    expect(figure('dso-countback', old)).toMatchObject({
      value: 61,
      note: '≥ 61: more is owed than was ever sold (history exhausted).',
    });
    const netCredit = [
      customer(
        'x',
        [invoice('a', 1_000, '2026-05-10', '2026-05-10')],
        [credit('n', 5, '2026-06-01')],
      ),
    ];
    expect(figure('dso-countback', netCredit)).toMatchObject({
      value: 61,
      note: 'A month with more credits than sales counts as one without sales.',
    });
    expect(figure('add-countback', netCredit).note).toContain('more credits than sales');
    const both = [...old, customer('y', [], [credit('n', 5, '2026-06-01')])];
    expect(figure('dso-countback', both)).toMatchObject({
      value: 61,
      note: '≥ 61: more is owed than was ever sold (history exhausted). A month with more credits than sales counts as one without sales.',
    });
  });

  test('without sales in the period there is no simple DSO and no difference', () => {
    const old = [customer('x', [invoice('a', 1_000, '2026-01-10', '2026-02-10')])];
    for (const id of ['dso-simple', 'bpdso-simple', 'add-simple']) {
      expect(figure(id, old)).toMatchObject({
        value: null,
        note: 'Nothing was sold in the period.',
      });
    }
  });

  test('true: days since each open invoice times its share of its month’s net sales', () => {
    // April: 81 days × 60/60; June: 20 days × 30/20.
    const dso = figure('dso-true', book);
    expect(dso.value).toBeCloseTo(81 + 30, 10);
    expect(dso.note).toBeNull();
    expect(dso.parts).toEqual([]);
    const row = { customerId: 'x', customerName: 'X', unit: 'money' };
    expect(dso.rows).toEqual([
      { ...row, invoiceId: 'a', label: 'A', contribution: 60_000 },
      { ...row, invoiceId: 'b', label: 'B', contribution: 30_000 },
    ]);
    const half = [
      customer('x', [
        invoice('a', 100, '2026-06-10', '2026-07-01', { uses: [pay('2026-06-20', 50)] }),
      ]),
    ];
    expect(figure('dso-true', half).value).toBeCloseTo(10, 10);
  });

  test('true: a month without net sales is left out, and told', () => {
    const gone = [
      customer(
        'x',
        [invoice('a', 100, '2026-06-10', '2026-07-01')],
        [credit('n', 100, '2026-06-11')],
      ),
    ];
    expect(figure('dso-true', gone)).toMatchObject({
      value: 0,
      note: 'Open invoices of a month with no net sales are left out.',
    });
  });

  test('true: nothing is said of a month without net sales in which all is paid', () => {
    const paid = [
      customer(
        'x',
        [invoice('a', 100, '2026-06-10', '2026-07-01', { uses: [pay('2026-06-20', 100)] })],
        [credit('n', 100, '2026-06-11')],
      ),
    ];
    expect(figure('dso-true', paid)).toMatchObject({ value: 0, note: null, rowCount: 0 });
  });

  test('true: the order of the invoices changes not even the last digit', () => {
    const partPaid = [
      ['2026-03-21', 'a'],
      ['2026-05-30', 'b'],
      ['2026-06-20', 'c'],
    ].map(([on = '', id = '']) =>
      invoice(id, 3_000, on, '2026-07-20', { uses: [pay('2026-06-25', 2_500)] }),
    );
    const of = (invoices: typeof partPaid) => figure('dso-true', [customer('x', invoices)]).value;
    expect(of(partPaid.toReversed())).toBe(of(partPaid));
  });

  test('collection effectiveness of a quarter counts a third of its sales', () => {
    // Owed on 1 April: 50,000 of March. Sales 170,000 / 3. At the end 99,000, current 39,000.
    const cei = figure('cei', book);
    const could = 50_000 + 170_000 / 3;
    expect(cei.value).toBeCloseTo((could - 99_000) / (could - 39_000), 10);
    expect(cei.note).toBeNull();
    expect(cei.parts).toEqual([
      { name: 'owed at the start', value: 50_000, unit: 'money' },
      { name: 'sales of a month of the period', value: 170_000 / 3, unit: 'money' },
      { name: 'owed at the end', value: 99_000, unit: 'money' },
      { name: 'of it not yet due', value: 39_000, unit: 'money' },
    ]);
    const sold = (from: string) =>
      parts(figure('cei', book, { ...CONTEXT, from: day(from) }))['sales of a month of the period'];
    // Since the middle of May 20,000: 45 days are two months, 44 are one.
    expect([sold('2026-05-17'), sold('2026-05-18')]).toEqual([10_000, 20_000]);
    const month = { ...CONTEXT, from: day('2026-06-01') };
    expect(figure('cei', book, month).value).toBeCloseTo(
      (150_000 + 20_000 - 99_000) / (150_000 + 20_000 - 39_000),
      10,
    );
    const short = { ...CONTEXT, from: day('2026-06-20') };
    expect(figure('cei', book, short).value).toBeCloseTo((99_000 - 99_000) / (99_000 - 39_000), 10);
    const empty = [customer('x', [invoice('a', 0, '2026-06-10', '2026-07-01')])];
    expect(figure('cei', empty)).toMatchObject({
      value: null,
      note: 'Nothing could have been collected: not applicable.',
    });
  });
});

test('collection effectiveness: 100, 50, 60, 40 is 81.8 %; nothing to collect is not applicable', () => {
  const of = (beginMinor: number, salesMinor: number, endMinor: number, endCurrentMinor: number) =>
    collectionEffectiveness({ beginMinor, salesMinor, endMinor, endCurrentMinor });
  expect(((of(100, 50, 60, 40) ?? 0) * 100).toFixed(1)).toBe('81.8');
  expect(of(0, 0, 0, 0)).toBeNull();
  expect(of(10, 0, 12, 11)).toBeNull();
  expect(of(10, 0, 12, 9)).toBe(-2);
});
