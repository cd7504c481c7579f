/** A statement of account on paper, one part per currency; each part begins on a page of its own. */
import type { Currency } from '../domain/money.ts';
import type {
  ActivityStatement,
  OpenItemStatement,
  OpenRow,
  Standing,
  Statement,
} from '../domain/statement.ts';
import {
  ageText,
  amountText,
  BUCKET_WORDS,
  heldLabel,
  movementDetail,
  movementLabel,
} from '../domain/statement-words.ts';
import { dayText } from '../domain/text.ts';
import { letterhead } from './letterhead.ts';
import { paperOf } from './paper.ts';
import { Sheet, type TableRow } from './sheet.ts';
import { tidy, tidyLines } from './tidy.ts';

export interface StatementFrame {
  /** Who is owed. */
  business: { name: string; country: string; address: string | null; replyAddress: string | null };
  customerName: string;
  customerAddress: string | null;
  /** How to pay, in the business's own words. */
  paymentDetails: string | null;
  createdAt: Date;
}

export async function statementPdf(
  frame: StatementFrame,
  statements: readonly Statement[],
): Promise<Buffer> {
  const { business, customerName, createdAt } = frame;
  const sheet = new Sheet({
    paper: paperOf(business.country),
    title: `Statement of account: ${tidy(customerName)}`,
    author: tidy(business.name),
    createdAt,
    footer: `${tidy(business.name)} · Statement of account for ${tidy(customerName)}`,
  });
  statements.forEach((statement, index) => {
    if (index > 0) sheet.newPage();
    head(sheet, frame, statement);
    if (statement.kind === 'open-item') openItemPart(sheet, statement);
    else activityPart(sheet, statement);
    closing(sheet, frame);
  });
  return sheet.end();
}

function head(sheet: Sheet, frame: StatementFrame, statement: Statement): void {
  const { business, customerName, customerAddress } = frame;
  letterhead(sheet, {
    businessName: business.name,
    businessLines: [business.address],
    customerName,
    customerAddress,
  });
  sheet.text('Statement of account', { size: 15, weight: 'bold' });
  sheet.text(periodText(statement), { tone: 'quiet' });
  sheet.gap(12);
}

function periodText(statement: Statement): string {
  const amounts = `amounts in ${statement.currency}`;
  return statement.kind === 'open-item'
    ? `Open items as of ${dayText(statement.asOn)}, ${amounts}`
    : `Activity from ${dayText(statement.from)} to ${dayText(statement.to)}, ${amounts}`;
}

const INVOICE_COLUMNS = [
  { head: 'Invoice', width: { share: 1 } },
  { head: 'Issued', width: 62 },
  { head: 'Due', width: 62 },
  { head: 'Age', width: 86 },
  { head: 'Total', width: 64, align: 'right' },
  { head: 'Settled', width: 62, align: 'right' },
  { head: 'Open', width: 68, align: 'right' },
] as const;

function openItemPart(sheet: Sheet, statement: OpenItemStatement): void {
  const { currency, rows } = statement;
  balanceLines(sheet, statement, currency);
  if (rows.length === 0) {
    sheet.text(`Nothing is open as of ${dayText(statement.asOn)}.`);
    sheet.gap(10);
  } else {
    sheet.table(INVOICE_COLUMNS, [
      ...rows.map((row) => invoiceRow(row, currency)),
      {
        isTotal: true,
        cells: ['Total open', '', '', '', '', '', amountText(statement.openMinor, currency)],
      },
    ]);
    sheet.gap(16);
  }
  heldTable(sheet, statement);
  agingTable(sheet, statement, currency);
}

function invoiceRow(row: OpenRow, currency: Currency): TableRow {
  const { invoice, parts } = row;
  const [first] = parts;
  const money = (minor: number) => amountText(minor, currency);
  const later = parts.slice(1).map((part) => `${money(part.openMinor)} due ${dayText(part.dueOn)}`);
  return {
    cells: [
      {
        text: tidy(invoice.number),
        under: [invoice.branch, invoice.reference]
          .filter((text) => text !== null && text !== '')
          .map((text) => tidy(text ?? ''))
          .join(' · '),
      },
      dayText(invoice.issuedOn),
      { text: dayText(first.dueOn), under: later.join('\n') },
      {
        text: ageText(first.daysOverdue),
        tone: first.daysOverdue > 0 ? 'alarm' : 'ink',
        under: row.disputedMinor === 0 ? '' : `${money(row.disputedMinor)} disputed`,
      },
      money(row.totalMinor),
      row.settledMinor === 0 ? '–' : money(row.settledMinor),
      money(row.openMinor),
    ],
  };
}

function heldTable(sheet: Sheet, { held, heldMinor, currency }: OpenItemStatement): void {
  if (held.length === 0) return;
  sheet.keepTogether(80);
  sheet.text('Held for you, not yet set against an invoice', { weight: 'bold' });
  sheet.gap(4);
  sheet.table(
    [
      { head: 'Document', width: { share: 1 } },
      { head: 'Date', width: 80 },
      { head: 'Amount', width: 80, align: 'right' },
    ],
    [
      ...held.map((row) => ({
        cells: [tidy(heldLabel(row)), dayText(row.on), amountText(row.amountMinor, currency)],
      })),
      { isTotal: true, cells: ['Total held', '', amountText(heldMinor, currency)] },
    ],
  );
  sheet.gap(16);
}

function agingTable(sheet: Sheet, standing: Standing, currency: Currency): void {
  if (standing.openMinor === 0) return;
  sheet.keepTogether(70);
  sheet.text('By days past the due date', { weight: 'bold' });
  sheet.gap(4);
  const buckets = Object.entries(standing.buckets) as [keyof typeof BUCKET_WORDS, number][];
  sheet.table(
    [...buckets.map(([key]) => BUCKET_WORDS[key]), 'Open'].map((word) => ({
      head: word,
      width: { share: 1 },
      align: 'right' as const,
    })),
    [
      {
        cells: [
          ...buckets.map(([, minor]) => (minor === 0 ? '–' : amountText(minor, currency))),
          { text: amountText(standing.openMinor, currency), weight: 'bold' as const },
        ],
      },
    ],
  );
  sheet.gap(16);
}

/** The answer first: what is due, what is not, what we hold, what is left. */
function balanceLines(sheet: Sheet, standing: Standing, currency: Currency): void {
  const money = (minor: number) => amountText(minor, currency);
  const lines: [string, number][] = [['Due now', standing.dueMinor]];
  if (standing.notYetDueMinor !== 0) lines.push(['Not yet due', standing.notYetDueMinor]);
  if (standing.heldMinor !== 0) lines.push(['Less what we hold for you', -standing.heldMinor]);
  sheet.table(
    [
      { head: '', width: { share: 1 } },
      { head: currency, width: 110, align: 'right' },
    ],
    [
      ...lines.map(([label, minor]) => ({ cells: [label, money(minor)] })),
      { isTotal: true, cells: ['Balance', money(standing.balanceMinor)] },
    ],
    9.5,
  );
  if (standing.disputedMinor !== 0) {
    sheet.gap(2);
    sheet.text(`Of this, ${money(standing.disputedMinor)} is disputed.`, { tone: 'quiet' });
  }
  sheet.gap(16);
}

function activityPart(sheet: Sheet, statement: ActivityStatement): void {
  const { currency, from, to, rows } = statement;
  const money = (minor: number) => amountText(minor, currency);
  sheet.table(
    [
      { head: 'Date', width: 66 },
      { head: 'Document', width: { share: 1 } },
      { head: 'Charged', width: 76, align: 'right' },
      { head: 'Credited', width: 76, align: 'right' },
      { head: 'Balance', width: 80, align: 'right' },
    ],
    [
      { cells: [dayText(from), 'Opening balance', '', '', money(statement.openingMinor)] },
      ...rows.map((row) => ({
        cells: [
          dayText(row.on),
          { text: tidy(movementLabel(row)), under: tidy(movementDetail(row)) },
          row.amountMinor > 0 ? money(row.amountMinor) : '',
          row.amountMinor < 0 ? money(-row.amountMinor) : '',
          money(row.balanceMinor),
        ],
      })),
      {
        isTotal: true,
        cells: [
          dayText(to),
          'Closing balance',
          money(statement.chargedMinor),
          money(statement.creditedMinor),
          money(statement.closingMinor),
        ],
      },
    ],
  );
  sheet.gap(18);
  agingTable(sheet, statement.standing, currency);
}

function closing(sheet: Sheet, { business, paymentDetails }: StatementFrame): void {
  if (paymentDetails !== null) {
    sheet.keepTogether(60);
    sheet.text('How to pay', { weight: 'bold' });
    sheet.text(tidyLines(paymentDetails));
    sheet.gap(10);
  }
  if (business.replyAddress !== null) {
    sheet.text(`If this does not agree with your books, write to ${tidy(business.replyAddress)}.`, {
      tone: 'quiet',
    });
  }
}
