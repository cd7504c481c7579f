import { expect, test } from 'vitest';
import { FACT, fact, FACTS } from '../../../src/domain/predict/facts.ts';

test('every fact has a place of its own in the row, and none is left empty', () => {
  expect(Object.values(FACT).toSorted((a, b) => a - b)).toEqual(
    Array.from({ length: FACTS }, (_, place) => place),
  );
});

test('a fact beyond the row is not known', () => {
  expect(fact(Float64Array.from([4, 0]), 0)).toBe(4);
  expect(fact(Float64Array.from([4, 0]), 1)).toBe(0);
  expect(fact(Float64Array.from([4, 0]), 2)).toBeNaN();
});
