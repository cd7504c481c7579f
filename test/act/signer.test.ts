import { expect, test } from 'vitest';
import { signerOf } from '../../src/act/signer.ts';

const sender = { from: { name: 'Harbour accounts', address: 'ar@harbour.example' }, replyTo: null };

test('a step is signed by the person of its level, with the title and line that were entered', () => {
  const person = { name: 'Ana Reti', title: 'Owner', email: null, signature: '+64 9 555 0100' };
  expect(signerOf({ sender: { ...person, level: 'director' } }, sender)).toEqual({
    name: 'Ana Reti',
    role: 'Owner',
    line: '+64 9 555 0100',
  });
  expect(signerOf({ sender: { ...person, title: null, level: 'director' } }, sender).role).toBe(
    'Director',
  );
});

test('with nobody entered no step is signed in a rank that nobody has', () => {
  expect(signerOf({ sender: null }, sender)).toEqual({
    name: 'Harbour accounts',
    role: 'Accounts receivable',
    line: null,
  });
  expect(signerOf({ sender: null }, null).name).toBeNull();
});
