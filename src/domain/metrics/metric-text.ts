/** Figures in words: "NZD 5,500.00", "73.7 days", "≥ 61.0 days", "25.0 %", "3,800". */
import type { Currency } from '../money.ts';
import { moneyText } from '../text.ts';
import type { Figure, Metric, Unit } from './metric.ts';

export function valueText(value: number | null, unit: Unit, currency: Currency | null): string {
  if (value === null) return 'n/a';
  switch (unit) {
    case 'money':
      return currency === null ? String(Math.round(value)) : moneyText(Math.round(value), currency);
    case 'days':
      return `${value.toFixed(1)} days`;
    case 'share':
      return `${(value * 100).toFixed(1)} %`;
    case 'count':
    case 'index':
      return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',');
  }
}

export function figureText({ unit }: Pick<Metric, 'unit'>, figure: Figure): string {
  const text = valueText(figure.value, unit, figure.currency);
  const bound = figure.note?.startsWith('≥') === true ? '≥ ' : '';
  return figure.currency === null || unit === 'money'
    ? bound + text
    : `${figure.currency} ${bound}${text}`;
}
