import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { World } from '../stories/world.ts';
import { useDatabase } from '../support/database.ts';
import { readPdf } from '../support/pdf-text.ts';
import { commandLine } from './support.ts';

const db = useDatabase();
let world: World;

beforeAll(async () => {
  world = await World.open(db(), '2026-06-30', { country: 'GB', zone: 'Europe/London' });
  await world.customer({ id: 'c1', name: 'Acme Ltd', currency: 'GBP' });
  await world.customer({ id: 'c2', name: 'Acme Marine', currency: 'GBP' });
  await world.customer({ id: 'c3', name: 'A%me', currency: 'GBP' });
  const invoice = { customer: 'c1', amount: 36_500, currency: 'GBP' };
  await world.invoice({ ...invoice, id: 'i1', due: '2026-06-20' });
  await world.invoice({ ...invoice, id: 'i2', due: '2026-06-25' });
});

const duebook = commandLine(() => world);
const book = () => String(world.bookId);

describe('duebook interest', () => {
  test('prints the working of a customer line by line, for information', async () => {
    const { code, out } = await duebook('interest', book(), 'acme ltd');
    expect(code).toBe(0);
    expect(out).toContain('For information: what the law of the book’s country would grant.');
    expect(out).toContain('Invoice I1: GBP 365.00 due 20 Jun 2026');
    expect(out).toContain('10 days × GBP 365.00 × 11.75 % ÷ 365 = 1.175000');
    expect(out).toContain('Total: GBP 81.76.');
  });

  test('takes an invoice number, a day, and a rate to try', async () => {
    const { out } = await duebook(
      'interest',
      book(),
      'I2',
      '--as-of',
      '2026-06-27',
      '--rate',
      '36.5 % a year',
      '--json',
    );
    expect(JSON.parse(out)).toMatchObject({
      basis: 'asked',
      customerId: 'c1',
      claims: [{ currency: 'GBP', interestMinor: 73, compensationMinor: 0, totalMinor: 73 }],
    });
  });

  test('says that no rate is known where there is none', async () => {
    const nz = await World.open(db(), '2026-06-30');
    await nz.customer({ id: 'k' });
    const { out } = await duebook('interest', String(nz.bookId), 'k');
    expect(out).toBe(
      'No rate is known: confirm the contract’s with `duebook charge-terms`, or ask with --rate.',
    );
  });

  test.each<[string[], string]>([
    [['interest', 'BOOK', 'nobody'], 'no customer is called "nobody"'],
    [
      ['interest', 'BOOK', 'Acme'],
      '"Acme" fits several customers: say the id; there is c1 (Acme Ltd), c2 (Acme Marine)',
    ],
    [['interest', 'BOOK', '%'], 'no customer is called "%"'],
    [
      ['interest', 'BOOK', 'c1', '--as-of', 'today'],
      '--as-of today: should be a day written YYYY-MM-DD',
    ],
    [
      ['interest', 'BOOK', 'c1', '--rate', 'high'],
      '--rate high: should be a rate such as "1.5 % a month" or "18 % a year"',
    ],
    [
      ['interest', 'BOOK', 'c1', '--rate', '5 % a year', '--statute', 'uk'],
      '--rate and --statute: a contract’s rate or a law, not both',
    ],
    [
      ['interest', 'BOOK', 'c1', '--grace', '3'],
      'say the rate with --rate "18 % a year", or a law with --statute',
    ],
    [
      ['interest', 'BOOK', 'c1', '--statute', 'uk', '--fee', '5 GBP'],
      '--fee: a law has its own compensation; leave it out with --statute',
    ],
    [
      ['interest', 'BOOK', 'c1', '--rate', '5 % a year', '--reference', 'floating'],
      '--reference: a contract’s rate has no reference; leave it out',
    ],
    [
      ['interest', 'BOOK', 'c1', '--statute', 'uk', '--reference', 'x'],
      '--reference x: should be fixedAtStart or floating',
    ],
    [
      ['interest', 'BOOK', 'c1', '--rate', '5 % a year', '--day-count', '364'],
      '--day-count 364: should be 365 or actual or 360',
    ],
    [
      ['interest', 'BOOK', 'c1', '--rate', '5 % a year', '--grace', '-1'],
      '--grace -1: should be a whole number of days from 0 to 999',
    ],
    [
      ['interest', 'BOOK', 'c1', '--rate', '5 % a year', '--max-rate', '0'],
      '--max-rate 0: should be a percentage above 0 and up to 100',
    ],
    [
      ['interest', 'BOOK', 'c1', '--rate', '5 % a year', '--fee', '5'],
      '--fee 5: should be an amount such as "25.00 NZD"',
    ],
    [['charge-terms', 'BOOK'], 'say the rate with --rate "18 % a year", or a law with --statute'],
    [
      ['charge-terms', 'BOOK', '--rate', '5 % a year'],
      'say where the contract has the term, for example --confirm "in our terms of trade, clause 7"',
    ],
    [
      ['charge', 'propose', 'BOOK', 'c1', '--as-of', 'x'],
      '--as-of x: should be a day written YYYY-MM-DD',
    ],
    [
      ['charge', 'propose', 'BOOK', 'c2'],
      'nobody has confirmed a term for this customer: `duebook charge-terms` says which one holds',
    ],
    [['charge', 'confirm', 'BOOK', 'x'], 'x: should be the number of a charge'],
    [['charge', 'pdf', 'BOOK', '999999'], 'this book has no charge 999999'],
    [
      ['discount', '2/10', '--amount', '5 GBP', '--issued', '2026-06-01'],
      '"2/10": should be terms such as "2/10 net 30", with the discount ending before the term',
    ],
    [
      ['discount', '2/10 net 30', '--amount', '5', '--issued', '2026-06-01'],
      '--amount 5: should be an amount such as "1000.00 NZD"',
    ],
    [
      ['discount', '2/10 net 30', '--amount', '5 GBP', '--issued', 'x'],
      '--issued x: should be a day written YYYY-MM-DD',
    ],
  ])('%j is refused in one line', async (args, message) => {
    const ended = await duebook(...args.map((arg) => (arg === 'BOOK' ? book() : arg)));
    expect(ended).toEqual({ code: 2, out: '', notes: message });
  });
});

test('a name is found as it stands: % is a letter like others', async () => {
  expect((await duebook('interest', book(), 'A%')).out).toContain('Nothing is owed in interest.');
});

async function withPaper(use: (path: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'duebook-charge-'));
  try {
    await use(join(folder, 'charge.pdf'));
  } finally {
    await rm(folder, { recursive: true });
  }
}

test('terms are confirmed, a charge is proposed with its working, confirmed, and cancelled', async () => {
  const words = 'in our terms of trade, clause 7';
  const term = await duebook(
    'charge-terms',
    book(),
    'c1',
    '--rate',
    '36.5 % a year',
    '--fee',
    '10 GBP',
    '--grace',
    '1',
    '--max-rate',
    '30',
    '--max-share',
    '50',
    '--day-count',
    '360',
    '--confirm',
    words,
  );
  expect(term).toMatchObject({ code: 0, notes: '' });
  expect(term.out).toMatch(/^Kauri Joinery: term \d+ confirmed for Acme Ltd$/);
  expect((await duebook('interest', book(), 'c1')).out).toContain(`: ${words}`);

  const proposed = await duebook('charge', 'propose', book(), 'c1');
  expect(proposed.code).toBe(3);
  // 9 and 4 days of 365.00 at 30 % over 360 days, and 10.00 for each.
  expect(proposed.out).toMatch(/^charge \d+ proposed: GBP 23\.95 of c1, until 2026-06-30$/m);
  expect(proposed.out).toContain('Total: GBP 23.95.');
  const [, id = ''] = /^charge (\d+)/.exec(proposed.out) ?? [];
  expect((await duebook('charge', 'confirm', book(), id)).out).toBe(
    `charge ${id} confirmed: GBP 23.95 of c1, until 2026-06-30`,
  );
  expect((await duebook('charge', 'propose', book(), 'c1')).out).toBe('nothing to charge Acme Ltd');
  await withPaper(async (path) => {
    expect((await duebook('charge', 'pdf', book(), id, '--out', path)).out).toBe(path);
    const [page] = await readPdf(await readFile(path));
    expect(page?.lines).toEqual(
      expect.arrayContaining([
        'Acme Ltd',
        `Reference | C-${id}`,
        'Late payment charge',
        'Total | GBP 23.95',
      ]),
    );
  });
  expect((await duebook('charge', 'cancel', book(), id, '--reason', 'goodwill')).out).toBe(
    `charge ${id} cancelled (goodwill): GBP 23.95 of c1, until 2026-06-30`,
  );
  const again = await duebook('charge', 'propose', book(), 'c1', '--json', '--as-of', '2026-06-26');
  expect(JSON.parse(again.out)).toMatchObject({ state: 'proposed', asOn: '2026-06-26' });
  expect((await duebook('charge', 'list', book(), 'c1')).out.split('\n')).toHaveLength(2);
  expect((await duebook('charge', 'list', book(), '--json')).out.split('\n')).toHaveLength(2);

  expect((await duebook('charge-terms', book(), 'c1', '--end')).out).toBe(
    'Kauri Joinery: ended for Acme Ltd',
  );
  expect((await duebook('charge-terms', book(), '--end')).out).toBe(
    'Kauri Joinery: no term was in force for every customer',
  );
});

test('a law is confirmed by the country and the word that both are businesses', async () => {
  const law = [
    'charge-terms',
    book(),
    'c2',
    '--statute',
    'uk',
    '--reference',
    'floating',
    '--costs-first',
  ];
  expect((await duebook(...law, '--country', 'GB')).code).toBe(2);
  expect(
    (await duebook(...law, '--country', 'GB', '--b2b', 'both are limited companies')).code,
  ).toBe(0);
});

test('the legal tables are printed with the source and day of each rate', async () => {
  const { out } = await duebook('rates');
  expect(out).toContain('uk  Late Payment of Commercial Debts (Interest) Act 1998 (GB)');
  expect(out).toContain(
    '2024-01-01 to 2024-06-30  5.25 % on 2023-12-31  verified: payontime.co.uk, table of reference rates',
  );
  expect(out).toContain('not verified');
  expect((await duebook('rates', '--json')).out.split('\n')).toHaveLength(4);
});

test('2/10 net 30 is worked out', async () => {
  const args = ['discount', '2/10 net 30', '--amount', '1000.00 GBP', '--issued', '2026-06-01'];
  expect((await duebook(...args)).out).toBe(
    'Pay GBP 980.00 by 11 Jun 2026 (GBP 20.00 off), or GBP 1,000.00 by 1 Jul 2026. Not taking it costs 37.24 % a year.',
  );
  expect(JSON.parse((await duebook(...args, '--json')).out)).toMatchObject({
    discountMinor: 2_000,
    costPercentPerYear: '37.24',
  });
});
