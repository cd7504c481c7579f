import { describe, expect, test } from 'vitest';
import { addDays, day, formatDay } from '../../src/domain/day.ts';
import { useDatabase } from '../support/database.ts';
import { World } from './world.ts';

const db = useDatabase();

/** Every morning from one day to another, both included. */
async function liveThrough(world: World, from: string, to: string): Promise<void> {
  for (let on = day(from); on <= day(to); on = addDays(on, 1)) await world.live(formatDay(on));
}

describe('clocks are set back or forward on the Sunday the friendly reminder falls on', () => {
  test.each([
    ['Auckland, back on 5 April', 'Pacific/Auckland', '2026-04-02'],
    ['Auckland, forward on 27 September', 'Pacific/Auckland', '2026-09-24'],
    ['Lord Howe, back by half an hour on 5 April', 'Australia/Lord_Howe', '2026-04-02'],
    ['London, forward on 29 March', 'Europe/London', '2026-03-26'],
    ['New York, back on 1 November', 'America/New_York', '2026-10-29'],
  ])('%s: every step once, on its day', async (_where, zone, due) => {
    // A country without holidays, so that only the clock is in question.
    const world = await World.open(db(), due, { zone, country: 'XX' });
    await world.customer({ id: 'acme' });
    await world.invoice({ id: 'a', customer: 'acme', due });
    const after = (days: number): string => formatDay(addDays(day(due), days));
    await liveThrough(world, due, after(12));
    expect(await world.actions()).toEqual([
      `${due} due-today acme NZD [a] sent`,
      `${after(4)} overdue-friendly acme NZD [a] sent`,
      `${after(11)} overdue-second acme NZD [a] sent`,
    ]);
  });
});

test('a due date on 29 February counts its days over the leap day', async () => {
  const world = await World.open(db(), '2028-02-23');
  await world.customer({ id: 'acme' });
  await world.invoice({ id: 'a', customer: 'acme', due: '2028-02-29' });
  await liveThrough(world, '2028-02-23', '2028-03-10');
  expect(await world.actions()).toEqual([
    '2028-02-24 before-due acme NZD [a] sent',
    '2028-02-29 due-today acme NZD [a] sent',
    '2028-03-03 overdue-friendly acme NZD [a] sent',
    '2028-03-10 overdue-second acme NZD [a] sent',
  ]);
});

test('Christmas and New Year: what falls between them waits, and nothing is doubled after', async () => {
  const world = await World.open(db(), '2026-12-18');
  await world.customer({ id: 'acme' });
  await world.invoice({ id: 'a', customer: 'acme', due: '2026-12-22' });
  await liveThrough(world, '2026-12-22', '2027-01-08');
  expect(await world.actions()).toEqual([
    '2026-12-22 due-today acme NZD [a] sent',
    // 25 December is a Friday; the 28th stands in for Boxing Day, which is a Saturday.
    '2026-12-29 overdue-friendly acme NZD [a] sent',
    // 1 January is a Friday and the day after New Year's Day a Saturday, kept on Monday the 4th.
    '2027-01-05 overdue-second acme NZD [a] sent',
  ]);
});

test('a credit note between two steps: the next letter asks for what is left, and the one after for nothing', async () => {
  const world = await World.open(db(), '2026-06-04');
  await world.customer({ id: 'acme' });
  await world.invoice({ id: 'a', customer: 'acme', due: '2026-06-01', amount: 90_000 });
  await world.live('2026-06-04');
  await world.setOpen('a', 25_000);
  await world.live('2026-06-11');
  expect(await world.askedFor()).toEqual([
    '2026-06-04 overdue-friendly a 900.00',
    '2026-06-11 overdue-second a 250.00',
  ]);
  await world.pay('a', '2026-06-12');
  await world.live('2026-06-22');
  expect(await world.answer('a')).toBe('none');
});

test('a customer in two currencies pays one: the other is still asked for, alone', async () => {
  const world = await World.open(db(), '2026-06-04');
  await world.customer({ id: 'acme' });
  await world.invoice({ id: 'kiwi', customer: 'acme', due: '2026-06-01' });
  await world.invoice({ id: 'buck', customer: 'acme', due: '2026-06-01', currency: 'USD' });
  await world.live('2026-06-04');
  await world.pay('kiwi', '2026-06-09');
  await world.live('2026-06-11');
  expect(await world.actions()).toEqual([
    '2026-06-04 overdue-friendly acme NZD [kiwi] sent',
    '2026-06-04 overdue-friendly acme USD [buck] sent',
    '2026-06-11 overdue-second acme USD [buck] sent',
  ]);
});

test('a due date that the ledger moves starts the steps afresh, from the new date', async () => {
  const world = await World.open(db(), '2026-06-04');
  await world.customer({ id: 'acme' });
  await world.invoice({ id: 'a', customer: 'acme', due: '2026-06-01' });
  await world.live('2026-06-04');
  await world.setDue('a', '2026-06-22');
  await world.live('2026-06-11');
  expect(await world.answer('a')).toBe('wait before-due until 2026-06-17');
  await liveThrough(world, '2026-06-17', '2026-06-25');
  expect((await world.actions()).slice(1)).toEqual([
    '2026-06-17 before-due acme NZD [a] sent',
    '2026-06-22 due-today acme NZD [a] sent',
    '2026-06-25 overdue-friendly acme NZD [a] sent',
  ]);
});

test('a customer who is merged into another is written to there, and the old one hears nothing more', async () => {
  const world = await World.open(db(), '2026-06-04');
  await world.customer({ id: 'acme' });
  await world.customer({ id: 'acme-old' });
  await world.invoice({ id: 'a', customer: 'acme-old', due: '2026-06-01' });
  await world.live('2026-06-04');
  await world.merge('acme-old', 'acme');
  await world.live('2026-06-11');
  expect(await world.actions()).toEqual([
    '2026-06-04 overdue-friendly acme-old NZD [a] sent',
    '2026-06-11 overdue-second acme NZD [a] sent',
  ]);
});
