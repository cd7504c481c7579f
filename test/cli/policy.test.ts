import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ManualClock } from '../../src/clock.ts';
import { runCli } from '../../src/cli/index.ts';
import { readConfig } from '../../src/config.ts';
import { useDatabase } from '../support/database.ts';
import { type Installation, openInstallation } from '../support/installation.ts';

const db = useDatabase();
const clock = new ManualClock('2026-11-19T20:00:00Z');
let installation: Installation;
let folder: string;

beforeAll(async () => {
  installation = await openInstallation(db(), clock);
  folder = await mkdtemp(path.join(tmpdir(), 'duebook-policy-'));
}, 60_000);
afterAll(async () => {
  await installation.close();
  await rm(folder, { recursive: true });
});

async function duebook(...args: string[]) {
  const out: string[] = [];
  const notes: string[] = [];
  const app = { ...installation.app, close: () => Promise.resolve() };
  const code = await runCli(
    args,
    { compose: () => Promise.resolve(app), readConfig: () => readConfig({}), clock },
    { print: (line) => void out.push(line), note: (line) => void notes.push(line) },
  );
  return { code, out, notes };
}

async function file(name: string, days: number, template = 'overdue-friendly'): Promise<string> {
  const where = path.join(folder, `${name} ${days} ${template}.yaml`);
  await writeFile(
    where,
    `name: ${name}\nsteps:\n  - key: friendly\n    name: Friendly\n    at: ${days} days after due\n    channel: email\n    template: ${template}\n`,
  );
  return where;
}

describe('duebook policy', () => {
  test('lint names the line, the code and the mend, and fails on an error only', async () => {
    const bad = await file('House', 3, 'no-such');
    const refused = await duebook('policy', 'lint', bad);
    expect(refused.code).toBe(1);
    expect(refused.out[0]).toMatch(/ line 7: error unknown_template: .* Name one of before-due/);
    const good = await file('House', 3);
    expect(await duebook('policy', 'lint', good)).toEqual({
      code: 0,
      out: [],
      notes: [`${good}: nothing to mend`],
    });
    expect((await duebook('policy', 'lint', 'no such file')).code).toBe(2);
    const [finding] = (await duebook('policy', 'lint', bad, '--json')).out;
    expect(JSON.parse(finding ?? '')).toMatchObject({ code: 'unknown_template', line: 7 });
  });

  test('saves, shows, compares and assigns', async () => {
    const save = async (days: number, ...more: string[]) =>
      duebook('policy', 'save', await file('House', days), '--book', '1', '--reason', 'r', ...more);
    expect((await save(3)).notes.at(-1)).toBe('House saved as version 1');
    expect((await save(9, '--author', 'Ana')).notes.at(-1)).toBe('House saved as version 2');
    expect((await save(9)).notes.at(-1)).toBe('House is already version 2');
    expect((await duebook('policy', 'diff', 'House', '1', '--book', '1')).out).toEqual([
      'Step friendly, day: 3 days after the due date → 9 days after the due date',
    ]);
    expect((await duebook('policy', 'show', 'House', '--book', '1')).out[0]).toContain(
      'at: 9 days',
    );
    const first = await duebook('policy', 'show', 'House', '--book', '1', '--version-number', '1');
    expect(first.out[0]).toContain('at: 3 days');
    expect((await duebook('policy', 'assign', 'House', '--book', '1')).out[0]).toMatch(
      /"House" speaks for book$/,
    );
    const listed = (await duebook('policy', 'list', '--book', '1')).out;
    expect(listed).toContain('House  book, version 2 from 2026-11-20 (Ana: r); followed by book');
    expect(listed.filter((line) => line.includes('not used yet'))).toHaveLength(4);
    expect((await duebook('policy', 'assign', '--none', '--book', '1')).code).toBe(0);
  });

  test('drift tells what a book’s own policy was made from and where it differs', async () => {
    const made = await file('Softer', 30);
    const args = ['--book', '1', '--reason', 'softer', '--from', 'Month-end'];
    expect((await duebook('policy', 'save', made, ...args)).code).toBe(0);
    const { out } = await duebook('policy', 'drift', '1');
    expect(out.slice(0, 3)).toEqual([
      'Softer version 1 was made from "Month-end" version 1',
      '  Different here (library → book)',
      '    Name: Month-end → Softer',
    ]);
  });

  test.each([
    [['policy', 'save', 'x.yaml', '--reason', 'r'], 'x.yaml: cannot be read'],
    [['policy', 'assign', '--book', '1'], 'name the policy, or say --none'],
    [
      ['policy', 'assign', 'House', '--book', '1', '--customer', 'a', '--invoice', 'b'],
      'say one of --segment, --customer, --invoice',
    ],
    [['policy', 'diff', 'House', 'first', '--book', '1'], '"first" is no number of a version'],
  ])('%j is told what would be right', async (args, message) => {
    const { code, notes } = await duebook(...args);
    expect([code, notes[0]]).toEqual([2, expect.stringContaining(message)]);
  });

  test('a policy goes to one place, from a day of the calendar', async () => {
    const good = await file('House', 3);
    const save = (...more: string[]) => duebook('policy', 'save', good, '--reason', 'r', ...more);
    expect((await save()).notes[0]).toBe('say where it goes: --book BOOK or --library');
    expect((await save('--book', '1', '--library')).code).toBe(2);
    expect((await save('--library', '--effective', '2026-02-30')).notes[0]).toBe(
      '--effective 2026-02-30: should be a day written YYYY-MM-DD',
    );
  });
});
