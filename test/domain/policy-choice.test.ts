import { expect, test } from 'vitest';
import { choosePolicy } from '../../src/domain/policy-choice.ts';

test.each([
  [{ invoice: 1, customer: 2, segment: 3, book: 4 }, 1, 'invoice'],
  [{ invoice: null, customer: 2, segment: 3, book: 4 }, 2, 'customer'],
  [{ invoice: null, customer: null, segment: 3, book: 4 }, 3, 'segment'],
  [{ invoice: null, customer: null, segment: null, book: 4 }, 4, 'book'],
  [{ invoice: null, customer: null, segment: null, book: null }, 9, 'library'],
])('of %j policy %i wins, the one of the %s', (assigned, policyId, source) => {
  expect(choosePolicy({ ...assigned, library: 9 })).toEqual({ policyId, source });
});
