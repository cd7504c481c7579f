import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { centreOf, decay, RecentDelays } from '../../../src/domain/predict/recent-delays.ts';

const NOTHING_OPEN = { count: 0, days: 0 };

/** Settled one a day up to yesterday, in this order. */
function settled(on: number, ...delays: readonly number[]): RecentDelays {
  const recent = new RecentDelays();
  delays.forEach((delay, i) => {
    recent.add(delay, on - delays.length + i);
  });
  return recent;
}

const on = 20_000;

describe('what is past counts less', () => {
  test('half after 180 days, or after the days that are named', () => {
    expect(decay(0)).toBe(1);
    expect(decay(180)).toBeCloseTo(0.5, 12);
    expect(decay(360)).toBeCloseTo(0.25, 12);
    expect(decay(90, 90)).toBeCloseTo(0.5, 12);
  });
});

describe('the latest delays', () => {
  test('are kept up to 48, the oldest making room', () => {
    const recent = settled(on, ...Array.from({ length: 50 }, (_, i) => i));
    expect(recent.count).toBe(48);
    expect([...recent.delay].sort((a, b) => a - b)).toEqual(
      Array.from({ length: 48 }, (_, i) => i + 2),
    );
    expect(recent.delay[0]).toBe(48);
    expect(recent.paidOn[0]).toBe(on - 2);
    expect(settled(on, 1, 2, 3).count).toBe(3);
  });

  test('all there ever were keep their weight: half after a year', () => {
    const recent = new RecentDelays();
    expect(recent.weightOn(on)).toBe(0);
    recent.add(5, on - 365);
    expect(recent.weightOn(on)).toBeCloseTo(0.5, 12);
    for (let i = 0; i < 100; i += 1) recent.add(5, on);
    expect(recent.weightOn(on)).toBeCloseTo(100.5, 12);
    expect(recent.weightOn(on + 730)).toBeCloseTo(25.125, 9);
  });
});

describe('the centre', () => {
  test('of nothing is nowhere and weighs nothing', () => {
    const centre = centreOf(new RecentDelays(), on, NOTHING_OPEN);
    expect(centre.median).toBeNaN();
    expect(centre).toMatchObject({ spread: 0, weight: 0 });
  });

  test('is the median, whatever the order, and what lies around it', () => {
    for (const order of [
      [2, 4, 30],
      [30, 2, 4],
      [4, 30, 2],
    ]) {
      const centre = centreOf(settled(on, ...order), on, NOTHING_OPEN);
      expect(centre.median).toBe(4);
      expect(centre.spread).toBeCloseTo((2 + 26) / 3, 1);
      expect(centre.weight).toBeCloseTo(3, 1);
    }
  });

  test('a payment of two years ago weighs a quarter of one of today, in the median; in the spread a sixteenth', () => {
    const recent = new RecentDelays();
    recent.add(10, on - 730);
    recent.add(10, on - 730);
    recent.add(20, on);
    // 10 and 10 weigh half of what 20 does.
    const { median, spread, weight } = centreOf(recent, on, NOTHING_OPEN);
    expect(median).toBe(20);
    expect(weight).toBeCloseTo(1.5, 12);
    const old = 2 * Math.pow(0.5, 730 / 180);
    expect(spread).toBeCloseTo((old * 10) / (1 + old), 12);
  });

  test('half of the weight is enough for the lower of two', () => {
    const recent = new RecentDelays();
    recent.add(1, on);
    recent.add(9, on);
    expect(centreOf(recent, on, NOTHING_OPEN).median).toBe(1);
  });
});

describe('what is unpaid', () => {
  const paid = () => {
    const recent = new RecentDelays();
    for (const delay of [0, 2, 4]) recent.add(delay, on);
    return recent;
  };

  test('counts as late as it is at least, three weighing as three', () => {
    expect(centreOf(paid(), on, { count: 1, days: 20 }).median).toBe(2);
    expect(centreOf(paid(), on, { count: 4, days: 20 }).median).toBe(20);
  });

  test('for a day counts as usual, not as a punctual one', () => {
    expect(centreOf(paid(), on, { count: 9, days: 1 }).median).toBe(2);
  });

  test('for long loses weight: half after 90 days', () => {
    const { weight } = centreOf(paid(), on, { count: 4, days: 90 });
    expect(weight).toBeCloseTo(5, 12);
    expect(centreOf(paid(), on, { count: 4, days: 360 }).median).toBe(2);
  });

  test('without anything paid it is all that is known; the spread is still unknown', () => {
    expect(centreOf(new RecentDelays(), on, { count: 2, days: 90 })).toEqual({
      median: 90,
      spread: 0,
      weight: expect.closeTo(1, 12) as number,
    });
  });

  test('a hundred of a customer of thousands weigh as they do beside all it ever paid', () => {
    const large = new RecentDelays();
    for (let i = 0; i < 4_800; i += 1) large.add(i % 3, on);
    const { median, weight } = centreOf(large, on, { count: 100, days: 20 });
    expect(median).toBeLessThanOrEqual(2);
    // 48 kept of 4,800 are one in a hundred: so are the hundred.
    expect(weight).toBeCloseTo(48 + decay(20, 90), 9);
  });

  test('the 48 of a customer of 48 are all there are', () => {
    const recent = new RecentDelays();
    for (let i = 0; i < 48; i += 1) recent.add(3, on);
    expect(centreOf(recent, on, { count: 10, days: 90 }).weight).toBeCloseTo(53, 9);
    for (let i = 0; i < 48; i += 1) recent.add(3, on);
    expect(centreOf(recent, on, { count: 10, days: 90 }).weight).toBeCloseTo(50.5, 9);
  });

  test('never makes a customer look earlier', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -30, max: 90 }), { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 300 }),
        (delays, count, days) => {
          const recent = settled(on, ...delays);
          expect(centreOf(recent, on, { count, days }).median).toBeGreaterThanOrEqual(
            centreOf(recent, on, NOTHING_OPEN).median,
          );
        },
      ),
      { numRuns: 100 },
    );
  });
});
