/** An evidence pack shows by itself whether anything in it was changed. */
import { strFromU8, strToU8, unzipSync } from 'fflate';
import { beforeAll, describe, expect, test } from 'vitest';
import { verifyArchive } from '../../src/evidence/archive.ts';
import { type EvidencePack, makeEvidence } from '../../src/evidence/make-evidence.ts';
import type { CustomerId } from '../../src/domain/receivables.ts';
import { World } from '../stories/world.ts';
import { useDatabase } from '../support/database.ts';

const db = useDatabase();
let world: World;
let pack: EvidencePack;

const make = () =>
  makeEvidence({ ...world.deps, ledger: null }, world.bookId, 'acme' as CustomerId, 'Mia');

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
    'hand-overs.json',
    'invoices.csv',
    'log.jsonl',
    'manifest.json',
    'payments.csv',
    'reasons.json',
    'statement.csv',
  ]);
  expect(Object.keys(files).filter((name) => name.startsWith('messages/'))).toHaveLength(2);
  expect(files['statement.csv']).toContain('INV-7,');
  expect(files['statement.csv']).toContain('1200.00');
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
