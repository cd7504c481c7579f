import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { brokenLine, CHAIN_START, chainLog, type LogEntry } from '../../src/domain/log-chain.ts';

const digest = (text: string) => createHash('sha256').update(text).digest('hex');
const entry = (what: string): LogEntry => ({
  at: '2026-06-04',
  kind: 'action',
  subject: 'action 1',
  detail: { what },
});
const { lines, head } = chainLog(['a', 'b', 'c'].map(entry), digest);

test('each line carries its place and the digest of the one before, the first one zeros', () => {
  expect(lines).toHaveLength(3);
  const parsed = lines.map((line) => JSON.parse(line) as { line: number; before: string });
  expect(parsed.map(({ line }) => line)).toEqual([1, 2, 3]);
  expect(parsed[0]?.before).toBe('0'.repeat(64));
  expect(parsed[1]?.before).toBe(digest(lines[0] ?? ''));
  expect(head).toBe(digest(lines[2] ?? ''));
  expect(JSON.parse(lines[0] ?? '')).toEqual({
    line: 1,
    at: '2026-06-04',
    kind: 'action',
    subject: 'action 1',
    detail: { what: 'a' },
    before: CHAIN_START,
  });
});

test('an unbroken chain holds; so does an empty one', () => {
  expect(brokenLine(lines, head, digest)).toBeNull();
  expect(chainLog([], digest)).toEqual({ lines: [], head: CHAIN_START });
  expect(brokenLine([], CHAIN_START, digest)).toBeNull();
});

const changed = (at: number, from: string, to: string) =>
  lines.map((line, index) => (index === at ? line.replace(from, to) : line));

test.each<[string, string[], number]>([
  ['the first, in its words', changed(0, '"a"', '"x"'), 1],
  ['the middle one, in its words', changed(1, '"b"', '"x"'), 2],
  ['the last, in its words', changed(2, '"c"', '"x"'), 3],
  ['the middle one, in what it carries', changed(1, '"before":"', '"before":"f'), 2],
  ['the first, in what it carries', changed(0, '"before":"0', '"before":"1'), 1],
  ['the last, in what it carries', changed(2, '"before":"', '"before":"f'), 3],
  ['the middle one, no longer readable', changed(1, '{', '('), 2],
  ['the middle one, in its place', changed(1, '"line":2', '"line":7'), 2],
  ['one that was dropped', [lines[0] ?? '', lines[2] ?? ''], 2],
  ['the last, dropped', lines.slice(0, 2), 2],
  ['all, dropped', [], 1],
])('%s is found', (_what, altered, line) => {
  expect(brokenLine(altered, head, digest)).toBe(line);
});

test('whatever single character changes in whatever line, that line is named', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ maxLength: 12 }), { minLength: 1, maxLength: 12 }),
      fc.nat(),
      fc.nat(),
      (texts, whichLine, whichPlace) => {
        const log = chainLog(texts.map(entry), digest);
        const at = whichLine % log.lines.length;
        const line = log.lines[at] ?? '';
        const place = whichPlace % line.length;
        const other = line[place] === '~' ? '!' : '~';
        const altered = log.lines.with(at, line.slice(0, place) + other + line.slice(place + 1));
        expect(brokenLine(altered, log.head, digest)).toBe(at + 1);
      },
    ),
  );
});
