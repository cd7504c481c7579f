import { expect, test } from 'vitest';
import { personKey, personName } from '../../src/domain/person.ts';

test('capitals, spaces and forms of the same letters make nobody new', () => {
  const names = ['Mia Tran', ' mia  tran ', 'MIA TRAN', 'mia\ttran', 'Ｍｉａ Tran'];
  expect(new Set(names.map(personKey))).toEqual(new Set(['mia tran']));
  expect(personKey('Mia Tran')).not.toBe(personKey('Mia Tram'));
});

test('a name is written down on one line', () => {
  expect(personName('  Mia \n  Tran ')).toBe('Mia Tran');
  expect(personName(' \t ')).toBe('');
});
