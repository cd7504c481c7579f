// Marks that turn the direction of writing let one name read as another; control characters would break a line.
const MISLEADING = /[\p{Cc}\p{Zl}\p{Zp}\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/gu;
const LENGTH_MAX = 300;
const LINES_MAX = 8;

/** Text of the ledger, fit to be printed: one line, nothing hidden, not endless. */
export function tidy(text: string): string {
  const clean = text.replace(MISLEADING, ' ').replace(/\s+/g, ' ').trim();
  return clean.length <= LENGTH_MAX ? clean : `${clean.slice(0, LENGTH_MAX - 1)}…`;
}

/** An address or a paragraph of the business's own, with its lines kept. */
export function tidyLines(text: string): string {
  const lines = text.split(/\r?\n/).map(tidy);
  return lines
    .filter((line) => line !== '')
    .slice(0, LINES_MAX)
    .join('\n');
}
