/** An evidence pack shows by itself whether anything in it was changed. */
import { strFromU8, strToU8, unzipSync } from 'fflate';
import { beforeAll, describe, expect, test } from 'vitest';
import { day } from '../../src/domain/day.ts';
import { PLAIN_CHOICE } from '../../src/domain/interest/terms.ts';
import { verifyArchive } from '../../src/evidence/archive.ts';
import { type EvidencePack, makeEvidence } from '../../src/evidence/make-evidence.ts';
import type { CustomerId } from '../../src/domain/receivables.ts';
import { proposeCharges } from '../../src/late-fees/charges.ts';
import { confirmTerms } from '../../src/late-fees/confirm-terms.ts';
import { World } from '../stories/world.ts';
import { useDatabase } from '../support/database.ts';

const db = useDatabase();
let world: World;
let pack: EvidencePack;

const CONFIG = { mailFrom: null };
const make = () =>
  makeEvidence(
    { ...world.deps, config: CONFIG, ledger: null },
    world.bookId,
    'acme' as CustomerId,
    'Mia',
  );

beforeAll(async () => {
  world = await World.open(db(), '2026-06-04');
  await world.customer({ id: 'acme', name: 'Acme Ltd' });
  await world.customer({ id: 'birch', name: 'Birch' });
  await world.invoice({ id: 'inv-7', customer: 'acme', due: '2026-06-01', amount: 120_000 });
  await world.invoice({ id: 'inv-8', customer: 'birch', due: '2026-06-01' });
  await world.live('2026-06-04');
  await world.live('2026-06-11');
  pack = await make();
}, 60_000);

const contents = () =>
  Object.fromEntries(
    Object.entries(unzipSync(pack.zip)).map(([name, content]) => [name, strFromU8(content)]),
  );

test('holds the invoices, what was sent with the server’s answer, what was agreed, and the whole log', () => {
  const files = contents();
  const names = Object.keys(files).filter((name) => !name.startsWith('messages/'));
  expect(names).toEqual([
    'agreements.json',
    'charges.json',
    'hand-overs.json',
    'interest.txt',
    'invoices.csv',
    'log.jsonl',
    'manifest.json',
    'payments.csv',
    'reasons.json',
    'statement.csv',
    'statement.pdf',
  ]);
  expect(Object.keys(files).filter((name) => name.startsWith('messages/'))).toHaveLength(2);
  expect(files['statement.csv']).toMatch(/^customer,currency,as_of,.*INV-7,.*,1200,0\r\n$/s);
  expect(Object.values(files).join('\n')).not.toContain('INV-8');
  expect(pack.missing).toEqual([
    {
      file: 'invoices/INV-7-1.pdf',
      because: 'the ledger was not asked; it stands in invoices.csv',
    },
  ]);
  const kinds = (files['log.jsonl'] ?? '')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { kind: string; at: string });
  expect(kinds.map((line) => line.at)).toEqual(kinds.map((line) => line.at).toSorted());
  expect(new Set(kinds.map((line) => line.kind))).toEqual(
    new Set(['decision', 'action', 'message']),
  );
});

test('the same facts give the same bytes, but for the line that says it was made', async () => {
  expect(verifyArchive(pack.zip)).toMatchObject({
    problems: [],
    manifestSha256: pack.manifestSha256,
  });
  const second = await make();
  const third = await make();
  expect(second.logLines).toBe(pack.logLines + 1);
  expect(third.logLines).toBe(pack.logLines + 2);
  const logged = await db().prisma.audit.findFirst({
    where: { bookId: world.bookId, action: 'evidence.made' },
    orderBy: { id: 'asc' },
  });
  expect(logged?.detail).toMatchObject({ manifestSha256: pack.manifestSha256 });
});

describe('one byte is changed', () => {
  const flipped = (at: number): Uint8Array => {
    const zip = Uint8Array.from(pack.zip);
    zip[at] = (zip[at] ?? 0) ^ 1;
    return zip;
  };
  const place = (text: string): number => Buffer.from(pack.zip).indexOf(strToU8(text));

  test('in a file: the file is named', () => {
    expect(verifyArchive(flipped(place('1200.00'))).problems).toEqual([
      'invoices.csv was altered.',
    ]);
  });

  test('in a line of the log: the line is named', () => {
    const third = contents()['log.jsonl']?.split('\n')[2] ?? '';
    const at = place(third) + third.indexOf('"kind"') + 9;
    expect(verifyArchive(flipped(at)).problems).toEqual([
      'log.jsonl was altered.',
      'log.jsonl: line 3 was altered.',
    ]);
  });

  test('anywhere: it is never taken for whole', () => {
    for (let at = 0; at < pack.zip.length; at += 97) {
      expect(verifyArchive(flipped(at)).problems, `byte ${at}`).not.toEqual([]);
    }
  });

  test('something that is no archive says so', () => {
    expect(verifyArchive(strToU8('no archive')).problems).toEqual([
      'The archive cannot be opened: its table of files is damaged.',
    ]);
  });
});

describe('what lateness has borne', () => {
  const reading = async (country: string, confirmed: boolean) => {
    const zone = 'Europe/London';
    const uk = await World.open(db(), '2026-06-30', { country, zone });
    await uk.customer({ id: 'acme', name: 'Acme Ltd', currency: 'GBP' });
    await uk.customer({ id: 'branch', parentId: 'acme', billWithParent: true, currency: 'GBP' });
    const invoice = { due: '2026-06-20', amount: 36_500, currency: 'GBP' };
    await uk.invoice({ ...invoice, id: 'a', customer: 'acme' });
    await uk.invoice({ ...invoice, id: 'b', customer: 'branch' });
    const acme = 'acme' as CustomerId;
    if (confirmed) {
      const terms = {
        customerId: acme,
        choice: { ...PLAIN_CHOICE, percent: '36.5', per: 'year' as const },
        country: null,
        confirmation: 'in our terms of trade, clause 7',
      };
      await confirmTerms(uk.deps, uk.bookId, terms, 'Ann');
      await proposeCharges(uk.deps, uk.bookId, acme, day('2026-06-25'), 'Ben');
    }
    const made = await makeEvidence(
      { ...uk.deps, config: CONFIG, ledger: null },
      uk.bookId,
      acme,
      'Mia',
    );
    const files = unzipSync(made.zip);
    return (name: string) => strFromU8(files[name] ?? new Uint8Array());
  };

  test('stands in it line by line, of the customer and those billed with it, and doubts are marked', async () => {
    const file = await reading('GB', false);
    const text = file('interest.txt');
    expect(text).toContain('Nobody has confirmed that it applies.');
    for (const number of ['A', 'B']) {
      expect(text).toMatch(
        new RegExp(`Invoice ${number}: GBP 365.00 due 20 Jun 2026\n {2}.*10 days × GBP 365.00`),
      );
    }
    expect(text).toContain('not verified');
    expect(text).toContain('A rate marked "not verified" has still to be compared');
    expect(JSON.parse(file('charges.json'))).toEqual([]);
  });

  test('and was charged stands beside it, with who confirmed the term and where the contract has it', async () => {
    const file = await reading('GB', true);
    expect(file('interest.txt')).toContain('Confirmed by Ann on 2026-06-30: in our terms of trade');
    expect(file('interest.txt')).toContain('26 Jun 2026 to 30 Jun 2026: 5 days');
    expect(JSON.parse(file('charges.json'))).toMatchObject([
      { state: 'proposed', total_minor: 365, working: expect.any(Array) as unknown },
    ]);
    expect(file('log.jsonl')).toContain('late_fee_terms.confirm');
    expect(file('log.jsonl')).toContain('charge.propose');
  });

  test('in a country whose law grants none, says that no rate is known', async () => {
    expect((await reading('NZ', false))('interest.txt')).toContain('No rate is known');
  });
});
