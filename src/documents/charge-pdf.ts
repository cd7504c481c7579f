/**
 * A charge on paper: interest and compensation for late payment, apart from the invoices they come from.
 * One that nobody has confirmed yet, or that was let go, says so in its title: such a paper asks for nothing.
 */
import type { Day } from '../domain/day.ts';
import { Exact, exactText } from '../domain/interest/exact.ts';
import { letterDay } from '../domain/letter.ts';
import type { Currency, Minor } from '../domain/money.ts';
import { amountText } from '../domain/statement-words.ts';
import { dayText, moneyText } from '../domain/text.ts';
import { letterhead } from './letterhead.ts';
import { paperOf } from './paper.ts';
import { Sheet, type TableRow } from './sheet.ts';
import { tidy, tidyLines } from './tidy.ts';
import { workingLines } from './working.ts';

export interface ChargePaper {
  state: 'proposed' | 'confirmed' | 'cancelled';
  reference: string;
  business: { name: string; country: string; address: string | null; replyAddress: string | null };
  customerName: string;
  customerAddress: string | null;
  currency: Currency;
  /** The day on which it was confirmed; of a proposal, the day up to which it is reckoned. */
  datedOn: Day;
  asOn: Day;
  lines: readonly ChargePaperLine[];
  interestMinor: Minor;
  compensationMinor: Minor;
  totalMinor: Minor;
  /** As it was shown to whoever decided. */
  working: readonly string[];
  paymentDetails: string | null;
  createdAt: Date;
}

export interface ChargePaperLine {
  number: string;
  dueOn: Day;
  /** Exact, in minor units: the rounding comes once, in the sum. */
  interest: string;
  compensationMinor: Minor;
}

const TITLES = {
  proposed: 'Proposal of a late payment charge: not yet confirmed, nothing is asked for',
  confirmed: 'Late payment charge',
  cancelled: 'Late payment charge, cancelled: nothing is asked for',
} as const;

export async function chargePdf(charge: ChargePaper): Promise<Buffer> {
  const { business, reference, state, createdAt } = charge;
  const sheet = new Sheet({
    paper: paperOf(business.country),
    title: `${TITLES[state]} ${tidy(reference)}`,
    author: tidy(business.name),
    createdAt,
    footer: `${tidy(business.name)} · Reference ${tidy(reference)}`,
  });
  head(sheet, charge);
  lineTable(sheet, charge);
  if (state === 'confirmed') closing(sheet, charge);
  workingPart(sheet, charge);
  return sheet.end();
}

function head(sheet: Sheet, charge: ChargePaper): void {
  const { business, customerName, customerAddress, state, reference, asOn, datedOn } = charge;
  letterhead(sheet, {
    businessName: business.name,
    businessLines: [business.address, business.replyAddress],
    customerName,
    customerAddress,
  });
  sheet.pair('Date', letterDay(datedOn, business.country), 84);
  sheet.pair('Reference', tidy(reference), 84);
  sheet.gap(16);
  sheet.text(TITLES[state], { size: 13, weight: 'bold' });
  sheet.text(`Interest up to and including ${dayText(asOn)}, amounts in ${charge.currency}`, {
    tone: 'quiet',
  });
  sheet.gap(12);
}

function lineTable(sheet: Sheet, charge: ChargePaper): void {
  const { currency, lines, interestMinor, compensationMinor, totalMinor } = charge;
  const money = (minor: Minor) => (minor === 0 ? '–' : amountText(minor, currency));
  const rows: TableRow[] = lines.map((line) => ({
    cells: [
      tidy(line.number),
      dayText(line.dueOn),
      exactText(new Exact(line.interest), currency),
      money(line.compensationMinor),
    ],
  }));
  sheet.table(
    [
      { head: 'Invoice', width: { share: 1 } },
      { head: 'Due', width: 84 },
      { head: 'Interest, exact', width: 110, align: 'right' },
      { head: 'Compensation', width: 96, align: 'right' },
    ],
    [
      ...rows,
      {
        isTotal: true,
        cells: ['Rounded once', '', money(interestMinor), money(compensationMinor)],
      },
      {
        isTotal: true,
        spansFirst: true,
        cells: ['Total', '', '', moneyText(totalMinor, currency)],
      },
    ],
  );
  sheet.gap(12);
}

function closing(sheet: Sheet, { business, paymentDetails, reference }: ChargePaper): void {
  if (paymentDetails !== null) {
    sheet.keepTogether(70);
    sheet.text('How to pay', { weight: 'bold' });
    sheet.text(tidyLines(paymentDetails));
    sheet.text(`Please give ${tidy(reference)} as the reference.`, { tone: 'quiet' });
    sheet.gap(8);
  }
  if (business.replyAddress !== null) {
    sheet.text(`If you do not agree, write to ${tidy(business.replyAddress)}.`, { tone: 'quiet' });
  }
  sheet.gap(14);
}

function workingPart(sheet: Sheet, { working }: ChargePaper): void {
  sheet.keepTogether(60);
  sheet.text('How it is reckoned', { size: 11, weight: 'bold' });
  workingLines(sheet, working);
}
