import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const ROOT = path.resolve(import.meta.dirname, '../..');
const trust = readFileSync(path.join(ROOT, 'docs/trust.md'), 'utf8');
const rows = trust.split('\n').filter((line) => /^\| \d/.test(line));
const scripts = (
  JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  }
).scripts;

test('every threat has its line, in order, and a test or a word about where it belongs', () => {
  const numbers = rows.map((row) => row.split('|')[1]?.trim());
  const plain = Array.from({ length: 25 }, (_, i) => String(i + 1));
  expect(numbers).toEqual([...plain.slice(0, 7), '7b', ...plain.slice(7)]);
  for (const row of rows) expect(row).toMatch(/`test\/[^`]+`/);
});

test('every test that is named exists, and every script', () => {
  const files = [...trust.matchAll(/`((?:test|docs|src)\/[^`]+)`/g)].map((match) => match[1] ?? '');
  expect(files.length).toBeGreaterThan(30);
  expect(files.filter((file) => !existsSync(path.join(ROOT, file)))).toEqual([]);
  const named = [...trust.replaceAll('\n', ' ').matchAll(/npm run (test:\w+)/g)].map(
    (match) => match[1] ?? '',
  );
  expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
});

test('what SECURITY.md and the operations page link to exists', () => {
  for (const file of ['SECURITY.md', 'docs/operations.md']) {
    const text = readFileSync(path.join(ROOT, file), 'utf8');
    const links = [...text.matchAll(/\]\(([^)#]+)[^)]*\)/g)].map((match) => match[1] ?? '');
    const broken = links.filter((link) => !existsSync(path.join(ROOT, path.dirname(file), link)));
    expect([file, broken]).toEqual([file, []]);
  }
});
