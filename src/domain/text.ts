/**
 * Days and amounts as they stand in a reason: the same in every language setting, exact, and quick
 * enough for a hundred thousand sentences. 2026-11-03 reads "3 Nov 2026"; 123450 NZD reads "NZD 1,234.50".
 */
import { type Day, formatDay } from './day.ts';
import { type Currency, type Minor, minorToDecimal } from './money.ts';

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

export function dayText(on: Day): string {
  const [year = '', month = '', date = ''] = formatDay(on).split('-');
  return `${Number(date)} ${MONTHS[Number(month) - 1] ?? month} ${year}`;
}

export function moneyText(amountMinor: Minor, currency: Currency): string {
  const [whole = '', fraction] = minorToDecimal(amountMinor, currency).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return `${currency} ${grouped}${fraction === undefined ? '' : `.${fraction}`}`;
}

export function percentText(share: number): string {
  return `${Math.round(share * 100)} %`;
}

export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** 1st, 2nd, 3rd, 4th, 11th, 22nd. */
export function ordinal(count: number): string {
  const teens = count % 100 >= 11 && count % 100 <= 13;
  const suffix = teens ? 'th' : (['th', 'st', 'nd', 'rd'][count % 10] ?? 'th');
  return `${count}${suffix}`;
}

/** Without what no database of Unicode text can hold: the zero character, and half of a surrogate pair. */
export function storable(text: string): string {
  return text.replaceAll('\u0000', '').replace(/\p{Surrogate}/gu, '\ufffd');
}
