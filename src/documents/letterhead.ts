/** The top of every paper: who writes, with address and reply address, and to whom. */
import type { Sheet } from './sheet.ts';
import { tidy, tidyLines } from './tidy.ts';

export interface Letterhead {
  businessName: string;
  /** Under the name, one after the other; null: not known, not printed. */
  businessLines: readonly (string | null)[];
  customerName: string;
  customerAddress: string | null;
}

export function letterhead(sheet: Sheet, head: Letterhead): void {
  sheet.text(tidy(head.businessName), { size: 13, weight: 'bold' });
  for (const line of head.businessLines) {
    if (line !== null) sheet.text(tidyLines(line), { size: 8.5, tone: 'quiet' });
  }
  sheet.gap(26);
  sheet.text(tidy(head.customerName), { size: 10.5 });
  if (head.customerAddress !== null) sheet.text(tidyLines(head.customerAddress));
  sheet.gap(22);
}
