/** A formal letter or final demand on paper: who writes to whom, when, about what, by when, and how to pay. */
import {
  deadlineOf,
  interestSentence,
  letterDay,
  type LetterFacts,
  sumsOf,
} from '../domain/letter.ts';
import { ageText, amountText, heldLabel } from '../domain/statement-words.ts';
import { daysBetween } from '../domain/day.ts';
import { dayText } from '../domain/text.ts';
import { letterhead } from './letterhead.ts';
import { paperOf } from './paper.ts';
import { Sheet, type TableRow } from './sheet.ts';
import { tidy, tidyLines } from './tidy.ts';
import { workingLines } from './working.ts';

export interface LetterPaper {
  facts: LetterFacts;
  texts: {
    subject: string;
    before: readonly string[];
    after: readonly string[];
    law: string | null;
  };
  reference: string;
  /** The business's own lines under its name, and the recipient's. */
  businessAddress: string | null;
  customerAddress: string | null;
  replyAddress: string | null;
  paymentDetails: string | null;
  signature: { name: string; role: string | null; line: string | null };
  createdAt: Date;
}

export async function letterPdf(letter: LetterPaper): Promise<Buffer> {
  const { facts, texts } = letter;
  const sheet = new Sheet({
    paper: paperOf(facts.country),
    title: tidy(texts.subject),
    author: tidy(facts.businessName),
    createdAt: letter.createdAt,
    footer: `${tidy(facts.businessName)} · Reference ${tidy(letter.reference)}`,
  });
  head(sheet, letter);
  sheet.text(`Dear ${tidy(facts.customerName)},`);
  sheet.gap(12);
  sheet.text(tidy(texts.subject), { size: 12, weight: 'bold' });
  sheet.gap(10);
  paragraphs(sheet, texts.before);
  invoiceTable(sheet, facts);
  const interest = interestSentence(facts);
  paragraphs(sheet, texts.after);
  if (interest !== null) paragraphs(sheet, [interest]);
  paymentPart(sheet, letter);
  signature(sheet, letter);
  if (texts.law !== null) small(sheet, texts.law);
  if (interest !== null) workingPage(sheet, facts);
  return sheet.end();
}

function head(sheet: Sheet, letter: LetterPaper): void {
  const { facts } = letter;
  letterhead(sheet, {
    businessName: facts.businessName,
    businessLines: [letter.businessAddress, letter.replyAddress],
    customerName: facts.customerName,
    customerAddress: letter.customerAddress,
  });
  const facing: [string, string][] = [
    ['Date', letterDay(facts.issuedOn, facts.country)],
    ['Reference', tidy(letter.reference)],
    ['Please pay by', letterDay(deadlineOf(facts), facts.country)],
  ];
  for (const [label, value] of facing) sheet.pair(label, value, 84);
  sheet.gap(16);
}

function paragraphs(sheet: Sheet, texts: readonly string[]): void {
  for (const text of texts) {
    sheet.text(text);
    sheet.gap(8);
  }
}

function invoiceTable(sheet: Sheet, facts: LetterFacts): void {
  const { currency, lines, issuedOn, held } = facts;
  const money = (minor: number) => amountText(minor, currency);
  const sums = sumsOf(facts);
  const total = (label: string, minor: number): TableRow => ({
    isTotal: true,
    spansFirst: true,
    cells: [label, '', '', '', '', money(minor)],
  });
  const rows: TableRow[] = lines
    .toSorted((a, b) => a.dueOn - b.dueOn)
    .map((line) => ({
      cells: [
        tidy(line.number),
        dayText(line.issuedOn),
        dayText(line.dueOn),
        ageText(daysBetween(line.dueOn, issuedOn)),
        money(line.totalMinor),
        {
          text: money(line.openMinor),
          under: line.disputedMinor > 0 ? `${money(line.disputedMinor)} disputed` : '',
        },
      ],
    }));
  const lessened: TableRow[] = [
    ...(sums.disputedMinor > 0 ? [less('Less what is disputed', money(-sums.disputedMinor))] : []),
    ...held.map((row) => less(`Less ${tidy(heldLabel(row))}`, money(-row.amountMinor))),
  ];
  const isPlain = lessened.length === 0;
  sheet.gap(2);
  sheet.table(
    [
      { head: 'Invoice', width: { share: 1 } },
      { head: 'Issued', width: 64 },
      { head: 'Due', width: 64 },
      { head: 'Age', width: 92 },
      { head: 'Total', width: 72, align: 'right' },
      { head: `Open, ${currency}`, width: 82, align: 'right' },
    ],
    [
      ...rows,
      ...(isPlain ? [] : [total('Total open', sums.openMinor), ...lessened]),
      total('To pay', sums.dueMinor),
    ],
  );
  sheet.gap(12);
}

function less(label: string, amount: string): TableRow {
  return { cells: [label, '', '', '', '', amount], spansFirst: true };
}

function paymentPart(sheet: Sheet, { paymentDetails, reference }: LetterPaper): void {
  if (paymentDetails === null) return;
  // A signature does not stand alone on its page.
  sheet.keepTogether(56 + SIGNATURE_HEIGHT);
  sheet.text('How to pay', { weight: 'bold' });
  sheet.text(tidyLines(paymentDetails));
  sheet.text(`Please give ${tidy(reference)} as the reference.`, { tone: 'quiet' });
  sheet.gap(10);
}

const SIGNATURE_HEIGHT = 104;

function signature(sheet: Sheet, { facts, signature: { name, role, line } }: LetterPaper): void {
  sheet.keepTogether(SIGNATURE_HEIGHT);
  sheet.gap(4);
  sheet.text('Yours sincerely,');
  sheet.gap(32);
  sheet.text(tidy(name), { weight: 'bold' });
  if (role !== null) sheet.text(tidy(role));
  if (line !== null) sheet.text(tidy(line));
  if (tidy(name) !== tidy(facts.businessName)) sheet.text(tidy(facts.businessName));
}

function workingPage(sheet: Sheet, { interest }: LetterFacts): void {
  sheet.newPage();
  sheet.text('How interest and compensation are reckoned', { size: 12, weight: 'bold' });
  sheet.gap(10);
  workingLines(sheet, interest?.working ?? []);
}

/** Apart from what is asked for, and smaller: the law as it stands, for whoever wants to look it up. */
function small(sheet: Sheet, text: string): void {
  const style = { size: 7.8, tone: 'quiet' } as const;
  sheet.keepTogether(sheet.heightOf(text, style) + 16);
  sheet.gap(16);
  sheet.text(text, style);
}
