import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const BIN = path.resolve(import.meta.dirname, '../../src/cli/bin.js');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'duebook-cli-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** The real program in a process of its own, in an empty folder. */
function duebook(args: string[], env: Record<string, string> = {}): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [BIN, ...args], {
      cwd: folder,
      env: {
        PATH: process.env['PATH'] ?? '',
        HOME: folder,
        DATA_DIR: path.join(folder, 'data'),
        ...env,
      },
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.on('close', (code) => {
      resolve({ code, stdout, stderr });
    });
  });
}

describe('the command line', () => {
  test('a wrong setting is one line that names it, exit code 2, before anything starts', async () => {
    const ended = await duebook(['start'], { PORT: 'eighty' });
    expect(ended).toEqual({
      code: 2,
      stdout: '',
      stderr: 'PORT: should be a whole number from 0 to 65535\n',
    });
  });

  test('PostgreSQL without keys is refused before anything is opened', async () => {
    const ended = await duebook(['status'], { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' });
    expect(ended.code).toBe(2);
    expect(ended.stderr).toMatch(/^ENCRYPTION_KEYS: is missing/);
  });

  test('an unknown command, a bad day and a bad size end with 2 and say what would be right', async () => {
    const [unknown, badDay, badSize] = await Promise.all([
      duebook(['sing']),
      duebook(['run', '--as-of', '2026-02-30']),
      duebook(['demo', '--invoices', '7']),
    ]);
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toContain("unknown command 'sing'");
    expect(badDay).toMatchObject({
      code: 2,
      stderr: '--as-of 2026-02-30: should be a day written YYYY-MM-DD\n',
    });
    expect(badSize).toMatchObject({
      code: 2,
      stderr: '--invoices 7: should be a whole number from 50 to 200000\n',
    });
  });

  test('keys new prints a key and nothing else', async () => {
    const ended = await duebook(['keys', 'new']);
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(ended.stdout).toMatch(/^k\d{8}:[A-Za-z0-9+/]{43}=\n$/);
  });

  test('a command on an installation without books says how to connect one', async () => {
    const ended = await duebook(['sync']);
    expect(ended).toMatchObject({
      code: 2,
      stderr: 'no book is connected yet: `duebook connect xero` or `duebook connect quickbooks`\n',
    });
  });
});
