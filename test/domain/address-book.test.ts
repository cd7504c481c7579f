import { expect, test } from 'vitest';
import { AddressBook } from '../../src/domain/address-book.ts';
import { day } from '../../src/domain/day.ts';
import type { CustomerId } from '../../src/domain/receivables.ts';

const ACME = 'acme' as CustomerId;
const BIRCH = 'birch' as CustomerId;
const [MON, TUE] = [day('2026-06-15'), day('2026-06-16')];

test('one’s own messages are not elsewhere, whatever the case of the letters', () => {
  const contacts = [{ customerId: ACME, address: 'Jo@x.example', on: MON, isPending: false }];
  const book = new AddressBook(contacts);
  expect(book.elsewhere('jo@X.example', BIRCH)).toEqual([MON]);
  expect(book.elsewhere('jo@x.example', ACME)).toEqual([]);
  expect(book.elsewhere('sam@x.example', BIRCH)).toEqual([]);
});

test('what is decided takes the place of what was pending, and of nothing that has left', () => {
  const at = { customerId: ACME, address: 'jo@x.example' };
  const book = new AddressBook([
    { ...at, on: MON, isPending: false },
    { ...at, on: TUE, isPending: true },
  ]);
  expect(book.elsewhere('jo@x.example', BIRCH)).toEqual([MON, TUE]);
  book.decided(ACME, [], TUE);
  expect(book.elsewhere('jo@x.example', BIRCH)).toEqual([MON]);
  book.decided(ACME, [{ to: ['jo@x.example', 'sam@x.example'] }], TUE);
  book.decided(ACME, [{ to: ['sam@x.example'] }], TUE);
  expect(book.elsewhere('jo@x.example', BIRCH)).toEqual([MON]);
  expect(book.elsewhere('sam@x.example', BIRCH)).toEqual([TUE]);
});
