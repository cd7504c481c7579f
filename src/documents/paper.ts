import type { Paper } from './sheet.ts';

/** ISO 216 everywhere but where the trays hold Letter: the United States and Canada (ANSI Y14.1). */
export function paperOf(country: string): Paper {
  return country === 'US' || country === 'CA' ? 'LETTER' : 'A4';
}
