import { describe, expect, test } from 'vitest';
import { addDays, day } from '../../../src/domain/day.ts';
import { wilson } from '../../../src/domain/metrics/contacts.ts';
import { begin, parts } from './support.ts';

describe('contacts', () => {
  const who = { customerId: 'x', customerName: 'X' };

  test('promises kept, by count and by value; partly kept and broken stand apart', () => {
    const accumulator = begin('promise-kept');
    const promise = (promisedMinor: number, arrivedMinor: number, payOn = '2026-06-01') =>
      accumulator.promise?.({
        ...who,
        currency: 'NZD',
        payOn: day(payOn),
        promisedMinor,
        arrivedMinor,
      });
    promise(100, 100, '2026-04-02');
    promise(100, 250, '2026-06-29');
    promise(300, 299);
    promise(200, 1);
    promise(300, 0);
    promise(0, 0);
    promise(100, 0, '2026-04-01');
    promise(100, 0, '2026-06-30');
    const missing = { ...who, invoiceId: null, label: 'X', unit: 'money' };
    expect(accumulator.figures()).toEqual([
      {
        ...{ currency: 'NZD', value: 0.4, note: null, rowCount: 3 },
        parts: [
          { name: 'by value', value: 0.2, unit: 'share' },
          { name: 'kept', value: 2, unit: 'count' },
          { name: 'partly kept', value: 2, unit: 'count' },
          { name: 'broken', value: 1, unit: 'count' },
        ],
        rows: [
          { ...missing, contribution: 300 },
          { ...missing, contribution: 199 },
          { ...missing, contribution: 1 },
        ],
      },
    ]);
  });

  test('calls that reached the payer; none is no figure', () => {
    const accumulator = begin('right-party');
    expect(accumulator.figures()).toEqual([]);
    const call = (on: string, reachedPayer: boolean) =>
      accumulator.call?.({ ...who, on: day(on), reachedPayer });
    call('2026-04-02', true);
    call('2026-06-30', false);
    call('2026-06-15', false);
    call('2026-06-16', false);
    call('2026-04-01', true);
    call('2026-07-01', true);
    expect(accumulator.figures()).toEqual([
      {
        ...{ currency: null, value: 0.25, note: null, rowCount: 1 },
        parts: [
          { name: 'calls', value: 4, unit: 'count' },
          { name: 'reached', value: 1, unit: 'count' },
        ],
        rows: [{ ...who, invoiceId: null, label: 'X', contribution: 1, unit: 'count' }],
      },
    ]);
  });

  test('Wilson’s interval: 0 of 10 is 0 to 28 %, 5 of 10 is 24 to 76 %', () => {
    const rounded = (hits: number, count: number) => wilson(hits, count).map((x) => x.toFixed(4));
    expect(rounded(0, 10)).toEqual(['0.0000', '0.2775']);
    expect(rounded(5, 10)).toEqual(['0.2366', '0.7634']);
    expect(rounded(10, 10)).toEqual(['0.7225', '1.0000']);
    expect(wilson(0, 0)).toEqual([0, 1]);
  });
});

describe('the effect of a step', () => {
  const row = { customerId: 'x', customerName: 'X', invoiceId: 'i', number: 'I' };
  const on = day('2026-06-01');

  function effect(
    treated: readonly (number | null)[],
    heldOut: readonly (number | null)[] = [],
    at = on,
  ) {
    const accumulator = begin('step-effect');
    const feed = (afters: readonly (number | null)[], isHeldOut: boolean) => {
      for (const after of afters) {
        const paidOn = after === null ? null : addDays(at, after);
        accumulator.step?.({ ...row, step: 'friendly', on: at, isHeldOut, paidOn });
      }
    };
    feed(treated, false);
    feed(heldOut, true);
    return accumulator.figures();
  }

  test('share paid within a week and the median wait, with what chance may do', () => {
    const [one] = effect([0, 3, 7, 8, null]);
    expect(one?.value).toBe(0.6);
    expect(one?.note).toBe(
      'friendly: no customer was held out, so what would have come in without it cannot be told.',
    );
    expect(one?.parts).toEqual([
      { name: 'after the step: invoices', value: 5, unit: 'count' },
      { name: 'after the step: paid within 7 days', value: 0.6, unit: 'share' },
      { name: 'after the step: at least', value: wilson(3, 5)[0], unit: 'share' },
      { name: 'after the step: at most', value: wilson(3, 5)[1], unit: 'share' },
      { name: 'after the step: median days to payment', value: 7, unit: 'days' },
      { name: 'after the step: median at least', value: 0, unit: 'days' },
      { name: 'after the step: median at most', value: null, unit: 'days' },
    ]);
  });

  test('every invoice is listed with the days it waited, or has waited so far', () => {
    const [one] = effect([3, null, 29, 30]);
    const { number: label, ...ids } = row;
    const waited = (contribution: number) => ({ ...ids, label, contribution, unit: 'days' });
    expect(one?.rowCount).toBe(4);
    expect(one?.rows).toEqual([waited(29), waited(29), waited(29), waited(3)]);
  });

  test('is told against the hold-out, and whether chance would do', () => {
    const times = (count: number, after: number | null) =>
      Array.from({ length: count }, () => after);
    const [clear] = effect(
      [...times(90, 2), ...times(10, null)],
      [...times(40, 2), ...times(60, null)],
    );
    expect(clear?.note).toBe(
      'friendly: +50 points against the hold-out; more than chance would do.',
    );
    expect(clear?.parts.map(({ name }) => name)).toContain('hold-out: paid within 7 days');
    const [vague] = effect(
      [...times(5, 2), ...times(5, null)],
      [...times(6, 2), ...times(4, null)],
    );
    expect(vague?.note).toBe(
      'friendly: −10 points against the hold-out; the intervals overlap, so it may be chance.',
    );
    const [harmful] = effect(
      [...times(40, 2), ...times(60, null)],
      [...times(90, 2), ...times(10, null)],
    );
    expect(harmful?.note).toBe(
      'friendly: −50 points against the hold-out; more than chance would do.',
    );
    const [none] = effect([2, null], [2, null]);
    expect(none?.note).toBe(
      'friendly: +0 points against the hold-out; the intervals overlap, so it may be chance.',
    );
  });

  test('is not told while nobody who had the step was followed for a week', () => {
    const accumulator = begin('step-effect');
    const feed = (isHeldOut: boolean, at: string) =>
      accumulator.step?.({ ...row, step: 'friendly', on: day(at), isHeldOut, paidOn: null });
    feed(true, '2026-06-01');
    feed(false, '2026-06-24');
    const [one] = accumulator.figures();
    expect(one).toMatchObject({
      value: null,
      note: 'friendly: nobody was followed for a week after it yet.',
    });
    expect(one === undefined ? {} : parts(one)).toMatchObject({
      'after the step: invoices': 1,
      'after the step: paid within 7 days': null,
      'after the step: at least': null,
      'after the step: at most': null,
      'hold-out: paid within 7 days': 0,
      'hold-out: at least': 0,
    });
  });

  test('of 16 paid one a day the median is the 8th day, and from the 5th to the 12th by chance', () => {
    const [one] = effect(Array.from({ length: 16 }, (_, index) => index + 1));
    expect(one === undefined ? {} : parts(one)).toMatchObject({
      'after the step: median days to payment': 8,
      'after the step: median at least': 5,
      'after the step: median at most': 12,
    });
  });

  test('half of all is the median, not half of those who paid', () => {
    const medianOf = (afters: (number | null)[]) => {
      const [one] = effect(afters);
      return one === undefined ? {} : parts(one)['after the step: median days to payment'];
    };
    expect(medianOf([1, 2, null, null])).toBe(2);
    expect(medianOf([1, null, null])).toBeNull();
    // Paid on the day asked for is paid, a day later it is still open.
    expect(medianOf([29])).toBe(29);
    expect(medianOf([30])).toBeNull();
  });

  test('counts a wait only when it was watched for the whole week, and leaves out what was paid before', () => {
    const [recent] = effect([2], [], day('2026-06-24'));
    expect(recent?.value).toBeNull();
    const [watched] = effect([2], [], day('2026-06-23'));
    expect(watched?.value).toBe(1);
    expect(effect([-1])).toEqual([]);
    expect(effect([5], [], day('2026-04-01'))).toEqual([]);
    expect(effect([5], [], day('2026-07-01'))).toEqual([]);
    expect(effect([5], [], day('2026-04-02'))).toHaveLength(1);
    expect(effect([5], [], day('2026-06-30'))).toHaveLength(1);
    // Paid after the day asked for is still open on it.
    const [later] = effect([29, 30], [], on);
    expect(later?.rows.map(({ contribution }) => contribution)).toEqual([29, 29]);
    const [held] = effect([2], [2], day('2026-06-24'));
    expect(held?.note).toContain('no customer was held out');
  });

  test('steps are figures of their own', () => {
    const accumulator = begin('step-effect');
    for (const step of ['second', 'third', 'first']) {
      accumulator.step?.({ ...row, step, on, isHeldOut: false, paidOn: null });
    }
    expect(accumulator.figures().map(({ note }) => note?.split(':')[0])).toEqual([
      'first',
      'second',
      'third',
    ]);
  });
});
