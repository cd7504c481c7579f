import { describe, expect, test } from 'vitest';
import { useDatabase } from '../support/database.ts';
import { World } from './world.ts';

const db = useDatabase();

/** One customer with one invoice, in a country without holidays. */
async function bookWith(today: string, due: string, amount = 10_000): Promise<World> {
  const world = await World.open(db(), today, { country: 'XX' });
  await world.customer({ id: 'acme' });
  await world.invoice({ id: 'a', customer: 'acme', due, amount });
  return world;
}

async function liveOn(world: World, ...days: string[]): Promise<void> {
  for (const on of days) await world.live(on);
}

/** "2026-06-04 friendly" */
async function letters(world: World): Promise<string[]> {
  return (await world.actions()).map((line) => line.split(' ').slice(0, 2).join(' '));
}

const FOUR = [
  'friendly, at: 3 days after due',
  'second, at: 10 days after due',
  'firm, at: 17 days after due',
  'last, at: 31 days after due',
] as const;

describe('two weeks without a run: on the 22nd the friendly, the second and the firm letter are past their day', () => {
  test('in order: one after the other, each at its distance from the one before', async () => {
    const world = await bookWith('2026-06-22', '2026-06-01');
    await world.follow('missed: in_order', ...FOUR);
    await liveOn(world, '2026-06-22', '2026-06-23', '2026-06-29', '2026-07-06');
    expect(await letters(world)).toEqual([
      '2026-06-22 friendly',
      '2026-06-29 second',
      '2026-07-06 firm',
    ]);
  });

  test('latest: the mildest are left out, the firm letter goes at once', async () => {
    const world = await bookWith('2026-06-22', '2026-06-01');
    await world.follow('missed: latest', ...FOUR);
    await liveOn(world, '2026-06-22', '2026-06-23', '2026-06-29', '2026-07-02');
    expect(await letters(world)).toEqual(['2026-06-22 firm', '2026-07-02 last']);
  });

  test('skip: what is too late is left out, and the next one comes on its own day', async () => {
    const world = await bookWith('2026-06-25', '2026-06-01');
    await world.follow('missed: skip', ...FOUR);
    await liveOn(world, '2026-06-25', '2026-06-26', '2026-07-02');
    expect(await letters(world)).toEqual(['2026-07-02 last']);
  });
});

describe('terms to the end of the month', () => {
  test.each([
    ['2027-01-31', '2027-02-05'],
    ['2027-02-15', '2027-03-05'],
    ['2028-02-29', '2028-03-06'], // the 5th of March 2028 is a Sunday
  ])(
    'an invoice due %s is reminded five days after the end of that month, on %s',
    async (due, on) => {
      const world = await bookWith(due, due);
      await world.follow('', 'reminder, at: 5 days after end of due month');
      await world.live(due);
      expect(await world.nextOn('a')).toBe(on);
      await world.live(on);
      expect(await letters(world)).toEqual([`${on} reminder`]);
    },
  );
});

test('a holiday on every step: each waits for the next working day, and the later ones keep their own days', async () => {
  const world = await bookWith('2026-06-03', '2026-06-01');
  await world.follow(
    'calendar: { extraHolidays: [2026-06-04, 2026-06-11, 2026-06-18, 2026-07-02] }',
    ...FOUR,
  );
  const days = ['03', '04', '05', '08', '11', '12', '15', '18', '19'].map((on) => `2026-06-${on}`);
  await liveOn(world, ...days, '2026-07-02', '2026-07-03');
  expect(await letters(world)).toEqual([
    '2026-06-05 friendly',
    '2026-06-12 second',
    '2026-06-19 firm',
    '2026-07-03 last',
  ]);
});

test('the firm is closed over the holidays: nothing leaves until it opens again', async () => {
  const world = await bookWith('2026-12-21', '2026-12-18');
  await world.follow('calendar: { closed: [{ from: 2026-12-22, until: 2027-01-10 }] }', ...FOUR);
  await liveOn(world, '2026-12-21', '2026-12-28', '2027-01-04', '2027-01-11', '2027-01-18');
  expect(await letters(world)).toEqual([
    '2026-12-21 friendly',
    '2027-01-11 second',
    '2027-01-18 firm',
  ]);
});

test('a step counted from the one before follows it, however late that one went', async () => {
  const world = await bookWith('2026-06-04', '2026-06-01');
  await world.follow('', 'friendly, at: 3 days after due', 'second, at: 6 days after previous');
  await liveOn(world, '2026-06-08', '2026-06-09', '2026-06-12', '2026-06-15');
  expect(await letters(world)).toEqual(['2026-06-08 friendly', '2026-06-15 second']);
});

test('a small amount is spared the call, and the reason says from what amount it would come', async () => {
  const [small, large] = [
    await bookWith('2026-06-22', '2026-06-01', 9_900),
    await bookWith('2026-06-22', '2026-06-01', 50_000),
  ];
  for (const world of [small, large]) {
    await world.follow(
      '',
      'call, at: 21 days after due, channel: call, when: { amount: { atLeast: { default: 500 } } }',
      'firm, at: 30 days after due',
    );
    await liveOn(world, '2026-06-22', '2026-07-01');
  }
  expect(await letters(small)).toEqual(['2026-07-01 firm']);
  expect(await letters(large)).toEqual(['2026-06-22 call', '2026-07-01 firm']);
  const { path } = await small.decision('a');
  expect(JSON.stringify(path)).toContain('500.00');
});

test('a repeating last letter comes so often and no oftener', async () => {
  const world = await bookWith('2026-06-04', '2026-06-01');
  await world.follow('', 'again, at: 3 days after due, repeat: { everyDays: 14, atMost: 2 }');
  await liveOn(
    world,
    '2026-06-04',
    '2026-06-11',
    '2026-06-18',
    '2026-07-02',
    '2026-07-16',
    '2026-07-30',
  );
  expect(await letters(world)).toEqual([
    '2026-06-04 again',
    '2026-06-18 again',
    '2026-07-02 again',
  ]);
});

test('who pays between two repeats hears nothing more', async () => {
  const world = await bookWith('2026-06-04', '2026-06-01');
  await world.follow('', 'again, at: 3 days after due, repeat: { everyDays: 14, atMost: 5 }');
  await world.live('2026-06-04');
  await world.pay('a', '2026-06-10');
  await liveOn(world, '2026-06-18', '2026-07-02');
  expect(await letters(world)).toEqual(['2026-06-04 again']);
});
