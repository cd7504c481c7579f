import { expect, test } from 'vitest';
import { type ChargePaper, chargePdf } from '../../src/documents/charge-pdf.ts';
import { day } from '../../src/domain/day.ts';
import { readPdf } from '../support/pdf-text.ts';

const charge: ChargePaper = {
  state: 'confirmed',
  reference: 'C-3',
  business: {
    name: 'Harbour Joinery Ltd',
    country: 'GB',
    address: '12 Quay Street\nBristol',
    replyAddress: 'accounts@harbour.example',
  },
  customerName: 'Kauri & Sons',
  customerAddress: '4 Mill Lane\nNelson',
  currency: 'GBP',
  datedOn: day('2026-07-01'),
  asOn: day('2026-06-30'),
  lines: [
    {
      number: 'INV-1041',
      dueOn: day('2026-05-01'),
      interest: '1164.38356164',
      compensationMinor: 7_000,
    },
    { number: 'INV-1042', dueOn: day('2026-06-20'), interest: '0.4', compensationMinor: 0 },
  ],
  interestMinor: 1_165,
  compensationMinor: 7_000,
  totalMinor: 8_165,
  working: ['18 % a year by contract, as of 30 Jun 2026.', '  INV-1041: so many days'],
  paymentDetails: 'Bank transfer to 12-3456',
  createdAt: new Date('2026-07-01T00:00:00Z'),
};

const linesOf = async (changes: Partial<ChargePaper> = {}) =>
  (await readPdf(await chargePdf({ ...charge, ...changes }))).flatMap((page) => page.lines);

test('a confirmed charge says who owes what to whom, from which invoices, how to pay, and its working', async () => {
  expect(await linesOf()).toEqual([
    'Harbour Joinery Ltd',
    '12 Quay Street',
    'Bristol',
    'accounts@harbour.example',
    'Kauri & Sons',
    '4 Mill Lane',
    'Nelson',
    'Date | 1 July 2026',
    'Reference | C-3',
    'Late payment charge',
    'Interest up to and including 30 Jun 2026, amounts in GBP',
    'Invoice | Due | Interest, exact | Compensation',
    'INV-1041 | 1 May 2026 | 11.643835 | 70.00',
    'INV-1042 | 20 Jun 2026 | 0.004000 | –',
    'Rounded once | 11.65 | 70.00',
    'Total | GBP 81.65',
    'How to pay',
    'Bank transfer to 12-3456',
    'Please give C-3 as the reference.',
    'If you do not agree, write to accounts@harbour.example.',
    'How it is reckoned',
    '18 % a year by contract, as of 30 Jun 2026.',
    'INV-1041: so many days',
    'Harbour Joinery Ltd · Reference C-3 | Page 1 of 1',
  ]);
});

test.each([
  ['proposed', 'Proposal of a late payment charge: not yet confirmed, nothing is asked for'],
  ['cancelled', 'Late payment charge, cancelled: nothing is asked for'],
] as const)('one that is %s says so and does not say how to pay', async (state, title) => {
  const lines = await linesOf({ state });
  expect(lines).toContain(title);
  expect(lines).not.toContain('How to pay');
  expect(lines.join()).not.toContain('Bank transfer');
});

test('the same charge gives the same file, to the byte', async () => {
  expect(await chargePdf(charge)).toEqual(await chargePdf(charge));
});
