import { describe, expect, test } from 'vitest';
import { type LetterPaper, letterPdf } from '../../src/documents/letter-pdf.ts';
import { addDays, day } from '../../src/domain/day.ts';
import type { LetterFacts, LetterLine } from '../../src/domain/letter.ts';
import { readPdf } from '../support/pdf-text.ts';

const line = (index: number, changes: Partial<LetterLine> = {}): LetterLine => ({
  number: `INV-${1041 + index}`,
  issuedOn: day('2026-04-01'),
  dueOn: addDays(day('2026-05-01'), index),
  totalMinor: 100_000,
  openMinor: 70_000,
  disputedMinor: 0,
  ...changes,
});

const facts = (changes: Partial<LetterFacts> = {}): LetterFacts => ({
  kind: 'formal',
  businessName: 'Harbour Joinery Ltd',
  customerName: 'Kauri & Sons',
  currency: 'NZD',
  country: 'NZ',
  issuedOn: day('2026-06-01'),
  deadlineOn: null,
  minimumDays: 14,
  lines: [line(0)],
  held: [],
  interest: null,
  handsOver: false,
  ...changes,
});

const paper = (changes: Partial<LetterPaper> = {}): LetterPaper => ({
  facts: facts(),
  texts: {
    subject: 'Overdue account',
    before: ['Please pay.'],
    after: ['Or write.'],
    law: 'The law.',
  },
  reference: 'L-7F3A21BC',
  businessAddress: '12 Quay Street\nAuckland 1010',
  customerAddress: '1 Mill Lane',
  replyAddress: 'accounts@harbour.example',
  paymentDetails: 'Bank transfer to 12-3456-7890123-00',
  signature: { name: 'Mia Tran', role: 'Finance lead', line: null },
  createdAt: new Date('2026-06-01T00:00:00Z'),
  ...changes,
});

const linesOf = async (letter: LetterPaper) =>
  (await readPdf(await letterPdf(letter))).flatMap((page) => page.lines);

describe('a letter', () => {
  test('has sender, recipient, date, reference, deadline, invoices, payment, signature and law in this order', async () => {
    expect(await linesOf(paper())).toEqual([
      'Harbour Joinery Ltd',
      '12 Quay Street',
      'Auckland 1010',
      'accounts@harbour.example',
      'Kauri & Sons',
      '1 Mill Lane',
      'Date | 1 June 2026',
      'Reference | L-7F3A21BC',
      'Please pay by | 15 June 2026',
      'Dear Kauri & Sons,',
      'Overdue account',
      'Please pay.',
      'Invoice | Issued | Due | Age | Total | Open, NZD',
      'INV-1041 | 1 Apr 2026 | 1 May 2026 | 31 days overdue | 1,000.00 | 700.00',
      'To pay | 700.00',
      'Or write.',
      'How to pay',
      'Bank transfer to 12-3456-7890123-00',
      'Please give L-7F3A21BC as the reference.',
      'Yours sincerely,',
      'Mia Tran',
      'Finance lead',
      'Harbour Joinery Ltd',
      'The law.',
      'Harbour Joinery Ltd · Reference L-7F3A21BC | Page 1 of 1',
    ]);
  });

  test('takes off what is disputed and what is held, line by line', async () => {
    const held = [
      { kind: 'credit_note' as const, number: 'CN-17', on: day('2026-05-15'), amountMinor: 5_000 },
    ];
    const lines = await linesOf(
      paper({ facts: facts({ lines: [line(1), line(0, { disputedMinor: 20_000 })], held }) }),
    );
    const table = lines.slice(lines.findIndex((text) => text.startsWith('Invoice |')) + 1);
    expect(table.slice(0, 7)).toEqual([
      'INV-1041 | 1 Apr 2026 | 1 May 2026 | 31 days overdue | 1,000.00 | 700.00',
      '200.00 disputed',
      'INV-1042 | 1 Apr 2026 | 2 May 2026 | 30 days overdue | 1,000.00 | 700.00',
      'Total open | 1,400.00',
      'Less what is disputed | −200.00',
      'Less Credit note CN-17 | −50.00',
      'To pay | 1,150.00',
    ]);
  });

  test('says interest after what is asked for, and prints its working on a page of its own', async () => {
    const interest = {
      interestMinor: 1_234,
      compensationMinor: 0,
      title: 'Act',
      isAgreed: false,
      isVerified: true,
      working: ['Invoice A', '  10 days × NZD 700.00'],
    };
    const letter = paper({ facts: facts({ interest }) });
    const lines = await linesOf(letter);
    const pages = await readPdf(await letterPdf(letter));
    expect(pages.at(-1)?.lines.slice(0, 3)).toEqual([
      'How interest and compensation are reckoned',
      'Invoice A',
      '10 days × NZD 700.00',
    ]);
    const at = lines.indexOf('To pay | 700.00');
    expect(lines[at + 1]).toBe('Or write.');
    expect(lines[at + 2]).toMatch(/^For information: between businesses, NZD 12.34 of interest/);
  });

  test('leaves out what is not known', async () => {
    const bare = paper({
      businessAddress: null,
      customerAddress: null,
      replyAddress: null,
      paymentDetails: null,
      texts: { subject: 'S', before: ['B'], after: ['A'], law: null },
      signature: { name: 'Harbour Joinery Ltd', role: null, line: null },
    });
    const lines = await linesOf(bare);
    expect(lines.slice(0, 3)).toEqual([
      'Harbour Joinery Ltd',
      'Kauri & Sons',
      'Date | 1 June 2026',
    ]);
    expect(lines.slice(-3)).toEqual([
      'Yours sincerely,',
      'Harbour Joinery Ltd',
      'Harbour Joinery Ltd · Reference L-7F3A21BC | Page 1 of 1',
    ]);
    expect(lines.join()).not.toMatch(/How to pay|null|undefined/);
  });

  test('in the United States it is on Letter paper with its days in their order', async () => {
    const [page] = await readPdf(await letterPdf(paper({ facts: facts({ country: 'US' }) })));
    expect([page?.width, page?.height]).toEqual([612, 792]);
    expect(page?.lines).toContain('Please pay by | June 15, 2026');
  });

  test('the same letter has the same bytes', async () => {
    expect((await letterPdf(paper())).equals(await letterPdf(paper()))).toBe(true);
  });
});

describe('text of the ledger cannot break it', () => {
  test.each([
    ['long', 'x'.repeat(400)],
    ['words', 'A customer of very many words '.repeat(20)],
    ['right to left', 'محمد علي للتجارة'],
    ['markup', '</text><b>hello</b> {{reference}} %s (\\) stream endstream'],
    ['emoji', '👩‍👩‍👧 Café'],
  ])('%s, with 60 invoices', async (_what, name) => {
    const [first, ...rest] = Array.from({ length: 60 }, (_, index) =>
      line(index, { number: `${name} ${index}` }),
    );
    const lines: LetterFacts['lines'] = [first ?? line(0), ...rest];
    const pages = await readPdf(
      await letterPdf(
        paper({
          facts: facts({ customerName: name, businessName: name, lines }),
          reference: name,
          customerAddress: name,
          paymentDetails: name,
          signature: { name, role: null, line: null },
        }),
      ),
    );
    expect(pages.length).toBeGreaterThan(2);
    pages.forEach((page, index) => {
      for (const { text, x, right, y } of page.pieces) {
        const isInside = x >= 55 && right <= page.width - 54 && y > 20 && y < page.height - 40;
        expect([text, isInside]).toEqual([text, true]);
      }
      expect(page.lines.at(-1)).toContain(`Page ${index + 1} of ${pages.length}`);
    });
    const all = pages.flatMap((page) => page.lines);
    // The others fall due today or later.
    expect(all.filter((text) => text.endsWith('overdue | 1,000.00 | 700.00'))).toHaveLength(31);
    expect(all).toContain('To pay | 42,000.00');
  });
});
