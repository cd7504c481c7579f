import { expect, test } from 'vitest';
import {
  type BookSender,
  isOwnAddress,
  isSenderLevel,
  roleOf,
  SENDER_LEVELS,
  type SenderLevel,
  senderAt,
} from '../../src/domain/senders.ts';

const person = (level: SenderLevel): BookSender => ({
  level,
  name: `the ${level}`,
  title: null,
  email: null,
  signature: null,
});

test.each<[SenderLevel[], (string | null)[]]>([
  [[], [null, null, null, null]],
  [['collector'], ['collector', 'collector', 'collector', 'collector']],
  [['account_owner'], [null, 'account_owner', 'account_owner', 'account_owner']],
  [['director'], [null, null, null, 'director']],
  [
    ['director', 'collector'],
    ['collector', 'collector', 'collector', 'director'],
  ],
])('with %j entered the ladder signs as %j', (levels, signs) => {
  const senders = levels.map(person);
  expect(SENDER_LEVELS.map((level) => senderAt(level, senders)?.level ?? null)).toEqual(signs);
});

test('a word that is no level is signed by nobody', () => {
  expect(senderAt('chairman', [person('collector')])).toBeNull();
  expect(isSenderLevel('chairman')).toBe(false);
  expect(roleOf('chairman')).toBeNull();
  expect(SENDER_LEVELS.map(roleOf)).toEqual([
    'Accounts receivable',
    'Account manager',
    'Finance lead',
    'Director',
  ]);
});

test.each([
  ['mia@kauri.example', 'accounts@kauri.example', true],
  ['mia@KAURI.example ', 'accounts@kauri.example', true],
  ['mia@mail.kauri.example', 'accounts@kauri.example', false],
  ['mia@gmail.example', 'accounts@kauri.example', false],
  ['mia@', 'accounts@', false],
])('%s beside %s is of the house: %s', (email, own, is) => {
  expect(isOwnAddress(email, own)).toBe(is);
});
