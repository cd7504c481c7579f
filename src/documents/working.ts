/** The working of interest, so that the reader can reckon it again by hand. */
import type { Sheet } from './sheet.ts';
import { tidy } from './tidy.ts';

export function workingLines(sheet: Sheet, lines: readonly string[]): void {
  for (const line of lines) {
    const indent = line.startsWith(' ') ? 14 : 0;
    if (indent === 0) sheet.gap(4);
    sheet.text(tidy(line), { size: 8.5 }, { x: indent, width: sheet.width - indent });
  }
}
