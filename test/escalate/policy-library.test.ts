/** Policies as people keep them: versions, drift from the library, and whose policy speaks. */
import { describe, expect, test } from 'vitest';
import { lintTemplates } from '../../src/act/template-facts.ts';
import { day } from '../../src/domain/day.ts';
import type { BookId } from '../../src/domain/receivables.ts';
import {
  assignPolicy,
  driftOf,
  listPolicies,
  policyInForce,
  policyText,
  savePolicy,
} from '../../src/escalate/policy-library.ts';
import { useDatabase } from '../support/database.ts';
import { World } from '../stories/world.ts';

const db = useDatabase();
const templates = lintTemplates();

function text(name: string, days: number, more = ''): string {
  return `name: ${name}\n${more}steps:\n  - { key: friendly, name: Friendly, at: ${days} days after due, channel: email, template: overdue-friendly }\n`;
}

async function save(world: World, bookId: BookId | null, body: string, more = {}) {
  const request = { text: body, bookId, author: 'Ana', reason: 'because', templates, ...more };
  return savePolicy(world.deps, request);
}

describe('versions', () => {
  test('each save is a new one with author, reason and first day; the same text again is none', async () => {
    const world = await World.open(db(), '2026-06-15');
    const { bookId } = world;
    expect(await save(world, bookId, text('House', 3))).toMatchObject({
      name: 'House',
      version: 1,
    });
    expect(await save(world, bookId, text('House', 3))).toMatchObject({ version: 1, isSame: true });
    const later = { effectiveOn: day('2026-07-01'), reason: 'softer in July' };
    expect(await save(world, bookId, text('House', 9), later)).toMatchObject({ version: 2 });
    await assignPolicy(world.deps, bookId, { scope: 'book', scopeId: '', policy: 'House' }, 'Ana');
    const inForce = (on: string) => policyInForce(db(), bookId, day(on), templates);
    expect(await inForce('2026-06-30')).toMatchObject({ version: 1, source: 'book', findings: [] });
    expect(await inForce('2026-07-01')).toMatchObject({ version: 2, effectiveOn: '2026-07-01' });
    expect((await policyText(db().prisma, bookId, 'House', 1)).text).toBe(text('House', 3));
    const listed = (await listPolicies(db(), bookId)).find((row) => row.name === 'House');
    expect(listed).toMatchObject({
      version: 2,
      author: 'Ana',
      reason: 'softer in July',
      effectiveOn: '2026-07-01',
      assignedTo: ['book'],
    });
    await expect(
      save(world, bookId, text('House', 5), { effectiveOn: day('2026-06-30') }),
    ).rejects.toThrow('version 2 is in effect from 2026-07-01');
    await expect(save(world, bookId, text('House', 5), { reason: ' ' })).rejects.toThrow(
      'a version needs a reason',
    );
  });

  test('what the lint calls an error is refused, and nothing is written', async () => {
    const world = await World.open(db(), '2026-06-15');
    const refused = await save(
      world,
      world.bookId,
      text('Bad', 3).replace('overdue-friendly', 'no'),
    );
    expect(refused.version).toBeNull();
    expect(refused.findings.map(({ code, line }) => [code, line])).toEqual([
      ['unknown_template', 3],
    ]);
    const names = (await listPolicies(db(), world.bookId)).map((row) => row.name);
    expect(names).not.toContain('Bad');
  });
});

test('a book’s policy knows what it was made from, and shows where the two have parted since', async () => {
  const world = await World.open(db(), '2026-06-15');
  const { bookId } = world;
  await save(world, null, text('Base of drift', 3));
  await save(world, bookId, text('Ours', 5), { from: 'Base of drift' });
  await save(world, null, text('Base of drift', 3, 'graceDays: 2\n'));
  await save(world, bookId, text('Ours', 6));
  await save(world, bookId, text('Free of the library', 6));
  expect(await driftOf(db(), bookId)).toEqual([
    {
      name: 'Ours',
      version: 2,
      base: { name: 'Base of drift', version: 1, latest: 2 },
      differences: [
        'Name: Base of drift → Ours',
        'Grace: 2 days → 0 days',
        'Step friendly, day: 3 days after the due date → 6 days after the due date',
      ],
      sinceThen: ['Grace: 0 days → 2 days'],
    },
  ]);
  await expect(save(world, bookId, text('Other', 5), { from: 'Nothing' })).rejects.toThrow(
    'the library has no policy "Nothing"',
  );
});

test('the narrowest assignment speaks, and the decision names it: invoice, customer, segment, book', async () => {
  const world = await World.open(db(), '2026-06-15');
  const { bookId } = world;
  for (const id of ['plain', 'slow', 'key']) {
    await world.customer({ id });
    await world.invoice({ id: `of-${id}`, customer: id, due: '2026-06-12' });
  }
  await world.invoice({ id: 'special', customer: 'key', due: '2026-06-12' });
  await db().prisma.customerRisk.create({
    data: {
      bookId,
      customerId: 'slow',
      asOn: new Date('2026-06-01'),
      segment: 'erratic',
      detail: {},
      digest: 'd',
    },
  });
  for (const [name, days] of [
    ['For book', 4],
    ['For segment', 5],
    ['For customer', 6],
    ['For invoice', 7],
  ] as const) {
    await save(world, bookId, text(name, days));
  }
  const assign = (
    scope: 'book' | 'segment' | 'customer' | 'invoice',
    scopeId: string,
    policy: string | null,
  ) => assignPolicy(world.deps, bookId, { scope, scopeId, policy }, 'Ana');
  await assign('book', '', 'For book');
  await assign('segment', 'erratic', 'For segment');
  await assign('customer', 'key', 'For customer');
  await assign('invoice', 'special', 'For invoice');
  await world.run('2026-06-15');
  const told = async (id: string) =>
    ((await world.decision(id)).path as { text: string }[]).map((reason) => reason.text)[0];
  expect(await told('of-plain')).toBe('Policy "For book" version 1, set for this book.');
  expect(await told('of-slow')).toBe(
    'Policy "For segment" version 1, set for the segment of this customer.',
  );
  expect(await told('of-key')).toBe('Policy "For customer" version 1, set for this customer.');
  expect(await told('special')).toBe('Policy "For invoice" version 1, set for this invoice.');
  expect(await world.answer('special')).toBe('wait friendly until 2026-06-19');

  await assign('invoice', 'special', null);
  await world.run('2026-06-15');
  expect(await told('special')).toBe('Policy "For customer" version 1, set for this customer.');
  await expect(assign('invoice', 'special', null)).rejects.toThrow('nothing is assigned');
  await expect(assign('segment', 'nobody', 'For book')).rejects.toThrow('"nobody" is no segment');
  await expect(assign('customer', 'nobody', 'For book')).rejects.toThrow('no customer nobody');
  await expect(assign('invoice', 'nothing', 'For book')).rejects.toThrow('no invoice nothing');
  await expect(assign('book', '', 'Unheard of')).rejects.toThrow('no policy is called');
});

test('hours of the policy: what is decided at eight leaves when they begin, and after them the next day', async () => {
  const world = await World.open(db(), '2026-06-15');
  const { bookId } = world;
  await world.customer({ id: 'acme' });
  await world.invoice({ id: 'a', customer: 'acme', due: '2026-06-12' });
  const hours = 'calendar: { hours: { from: "09:30", until: "16:00" } }\n';
  await save(world, bookId, text('Office hours', 3, hours));
  await assignPolicy(
    world.deps,
    bookId,
    { scope: 'book', scopeId: '', policy: 'Office hours' },
    'A',
  );
  await world.run('2026-06-15');
  const dueAt = async () =>
    (await db().prisma.action.findFirstOrThrow({ where: { bookId } })).dueAt.toISOString();
  expect(await dueAt()).toBe('2026-06-14T21:30:00.000Z');
});

test('a step in shadow mode is decided and shown, and nothing is put into the outbox', async () => {
  const world = await World.open(db(), '2026-06-15');
  const { bookId } = world;
  await world.customer({ id: 'acme' });
  await world.invoice({ id: 'a', customer: 'acme', due: '2026-06-12' });
  await save(world, bookId, text('Watching', 3, 'mode: shadow\n'));
  await assignPolicy(world.deps, bookId, { scope: 'book', scopeId: '', policy: 'Watching' }, 'A');
  await world.run('2026-06-15');
  expect(await world.answer('a')).toBe('remind friendly until 2026-06-16');
  expect(await world.actions()).toEqual([]);
  await world.goTo('2026-06-16');
  await world.run('2026-06-16');
  expect(await world.answer('a')).toBe('wait');
});
