import { expect, test } from 'vitest';
import type { Figure, Unit } from '../../../src/domain/metrics/metric.ts';
import { figureText, valueText } from '../../../src/domain/metrics/metric-text.ts';

const figure = (value: number | null, more: Partial<Figure> = {}): Figure => ({
  ...{ currency: 'NZD', value, note: null, parts: [], rows: [], rowCount: 0 },
  ...more,
});

test.each<[number | null, Unit, string]>([
  [550_000, 'money', 'NZD 5,500.00'],
  [73.714, 'days', '73.7 days'],
  [0.2549, 'share', '25.5 %'],
  [3_800.4, 'index', '3,800'],
  [1_234, 'count', '1,234'],
  [null, 'share', 'n/a'],
])('%s of %s reads "%s"', (value, unit, text) => {
  expect(valueText(value, unit, 'NZD')).toBe(text);
});

test('money of no currency is the plain number', () => {
  expect(valueText(12.6, 'money', null)).toBe('13');
});

test('a figure says its currency once, and a lower bound as one', () => {
  expect(figureText({ unit: 'money' }, figure(550_000))).toBe('NZD 5,500.00');
  expect(figureText({ unit: 'days' }, figure(61, { note: '≥ 61: history exhausted' }))).toBe(
    'NZD ≥ 61.0 days',
  );
  expect(figureText({ unit: 'days' }, figure(61, { note: 'something else' }))).toBe(
    'NZD 61.0 days',
  );
  expect(figureText({ unit: 'share' }, figure(0.5, { currency: null }))).toBe('50.0 %');
});
