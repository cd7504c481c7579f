import { beforeAll, expect, test } from 'vitest';
import { World } from '../stories/world.ts';
import { useDatabase } from '../support/database.ts';
import { type Agent, signIn, startTestWeb } from './support.ts';

const db = useDatabase();
let agent: Agent;
let world: World;

beforeAll(async () => {
  agent = await signIn(startTestWeb(db()));
  world = await World.open(db(), '2026-11-23');
  await world.customer({ id: 'c1', name: 'Acme Ltd' });
  await world.customer({ id: 'c2', name: 'Bravo Ltd' });
  await world.limit({ customer: 'c1', amount: 40_000, insured: 30_000 });
  await world.invoice({ id: 'i1', customer: 'c1', due: '2026-10-01', amount: 36_500 });
  await world.invoice({
    id: 'i2',
    customer: 'c1',
    due: '2026-05-01',
    status: 'paid',
    paid: '2026-04-01',
  });
  await world.invoice({ id: 'i3', customer: 'c2', due: '2026-12-01' });
  await world.assess('2026-11-23');
});

async function read(path: string): Promise<string> {
  const page = await agent.get(path).expect(200);
  return page.text
    .replace(/<[^>]+>/g, ' ')
    .replaceAll('&#x27;', "'")
    .replace(/\s+/g, ' ');
}

test('the page of a customer shows the score with its factors, the limit, advice and what contradicts', async () => {
  const text = await read(`/books/${world.bookId}/customers/c1`);
  expect(text).toMatch(/Credit risk \d+ of 100, grade [A-E] 100 is best; since 23 Nov 2026/);
  expect(text).toContain('new 1 invoice fell due within a year: too few to tell.');
  expect(text).toContain('NZD 365.00 exposure, 91 % of the limit used');
  expect(text).toContain('Open 365.00 of it overdue 365.00 Contested – Unapplied – Drafts –');
  expect(text).toContain(
    'Limit NZD 400.00 (set for this customer), 91 % used, NZD 35.00 left; NZD 300.00 insured, NZD 65.00 not covered.',
  );
  expect(text).toContain('Advice');
  expect(text).toContain('is above what the insurer covers');
  expect(text).toContain('1 invoice is left out of everything learnt from the past.');
  expect(text).toContain('I2 was paid on 1 Apr 2026, before it was issued on 11 Apr 2026.');
  expect(text).toMatch(
    /oldest overdue 5 of 20 .* 5 more if nothing were overdue by more than 30 days/,
  );
});

test('the list of customers shows score, grade and segment', async () => {
  const text = await read(`/books/${world.bookId}/customers`);
  expect(text).toMatch(/Acme Ltd near limit \d+ [A-E] new NZD/);
});

test('a customer that was never assessed has no part of its own', async () => {
  await world.customer({ id: 'c3', name: 'Cold Ltd' });
  expect(await read(`/books/${world.bookId}/customers/c3`)).not.toContain('Credit risk');
});
