/** What stands on letters, as the pages of the book and the customer show it, with the command that sets it. */
import type { BookRow } from '../params.ts';
import type { CustomerPage } from '../queries/customer.ts';

interface PaperRow {
  name: string;
  lines: string[];
  absent: string;
  command: string;
}

export function bookPaper({ id, postalAddress, paymentDetails }: BookRow) {
  return paper('On letters and statements', [
    row('Address', postalAddress, 'not set', `duebook address ${id} --set "line" "line"`),
    row('How to pay', paymentDetails, 'not set', `duebook address ${id} --pay-to "line" "line"`),
  ]);
}

export function customerPaper(bookId: number, { customer }: CustomerPage) {
  const command = `duebook address ${bookId} ${customer.id}`;
  const { setting } = customer;
  return paper('On letters', [
    row('Address', setting?.postalAddress ?? null, 'not set', `${command} --set "line" "line"`),
    row(
      'Legal form',
      setting?.legalForm ?? null,
      'not set, taken for a company',
      `${command} --legal-form individual`,
    ),
  ]);
}

function paper(paperTitle: string, paperRows: PaperRow[]) {
  return { paperTitle, paperRows };
}

function row(name: string, text: string | null, absent: string, command: string): PaperRow {
  return { name, lines: text === null ? [] : text.split('\n'), absent, command };
}
