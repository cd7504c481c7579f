import { createHash } from 'node:crypto';
import { parse } from 'csv-parse/sync';
import { describe, expect, test } from 'vitest';
import { statementCsv } from '../../src/documents/statement-csv.ts';
import { type StatementFrame, statementPdf } from '../../src/documents/statement-pdf.ts';
import { day } from '../../src/domain/day.ts';
import { activity, openItems } from '../../src/domain/statement.ts';
import {
  account,
  allocation,
  credit,
  disputes,
  invoice,
  payment,
} from '../domain/account-records.ts';
import { type PdfPage, readPdf } from '../support/pdf-text.ts';

const frame: StatementFrame = {
  business: {
    name: 'Harbour Joinery Ltd',
    country: 'NZ',
    address: '12 Quay Street\nAuckland 1010',
    replyAddress: 'accounts@harbour.example',
  },
  customerName: 'Kauri & Sons',
  customerAddress: '4 Mill Lane\nNelson 7010',
  paymentDetails: 'Bank transfer to 12-3456-7890123-00',
  createdAt: new Date('2026-06-01T00:00:00Z'),
};

const parts = ['2026-06-15', '2026-07-15'].map((on) => ({ dueOn: day(on), amountMinor: 10_000 }));
const story = account({
  invoices: [
    invoice('inv-1041', '2026-04-01', '2026-05-01', 100_000, 70_000, { reference: 'PO 7' }),
    invoice('inv-1077', '2026-05-01', '2026-07-01', 12_345_600, 12_345_600, {
      branch: 'Harbour branch',
    }),
    invoice('inv-1080', '2026-05-20', '2026-06-15', 20_000, 20_000, { schedule: parts }),
  ],
  credits: [credit('cn-17', '2026-05-15', 5_000, 5_000)],
  payments: [payment('p', '2026-05-20', { reference: 'Bank 9', unappliedMinor: 400 })],
  allocations: [allocation('p payment > inv-1041 invoice', 30_000, '2026-05-20')],
});
const AS_ON = day('2026-06-01');
const disputed = disputes({ 'inv-1041': 20_000 });

const allLines = (pages: readonly PdfPage[]) => pages.flatMap((page) => page.lines);

describe('an open-item statement as PDF', () => {
  test('says who owes what to whom, how old it is, what is disputed and what is held', async () => {
    const [page, ...more] = await readPdf(
      await statementPdf(frame, [openItems(story, AS_ON, disputed)]),
    );
    expect(more).toEqual([]);
    expect(page?.lines).toEqual([
      'Harbour Joinery Ltd',
      '12 Quay Street',
      'Auckland 1010',
      'Kauri & Sons',
      '4 Mill Lane',
      'Nelson 7010',
      'Statement of account',
      'Open items as of 1 Jun 2026, amounts in NZD',
      'NZD',
      'Due now | 700.00',
      'Not yet due | 123,656.00',
      'Less what we hold for you | −54.00',
      'Balance | 124,302.00',
      'Of this, 200.00 is disputed.',
      'Invoice | Issued | Due | Age | Total | Settled | Open',
      'INV-1041 | 1 Apr 2026 | 1 May 2026 | 31 days overdue | 1,000.00 | 300.00 | 700.00',
      'PO 7 | 200.00 disputed',
      'INV-1080 | 20 May 2026 | 15 Jun 2026 | due in 14 days | 200.00 | – | 200.00',
      expect.stringContaining('100.00 due 15'),
      'Jul 2026',
      'INV-1077 | 1 May 2026 | 1 Jul 2026 | due in 30 days | 123,456.00 | – | 123,456.00',
      'Harbour branch',
      'Total open | 124,356.00',
      'Held for you, not yet set against an invoice',
      'Document | Date | Amount',
      'Credit note CN-17 | 15 May 2026 | 50.00',
      'Payment received 20 May 2026, reference Bank 9 | 20 May 2026 | 4.00',
      'Total held | 54.00',
      'By days past the due date',
      'Not overdue | 1–30 days | 31–60 days | 61–90 days | Over 90 days | Open',
      '123,656.00 | – | 700.00 | – | – | 124,356.00',
      'How to pay',
      'Bank transfer to 12-3456-7890123-00',
      'If this does not agree with your books, write to accounts@harbour.example.',
      'Harbour Joinery Ltd · Statement of account for Kauri & Sons | Page 1 of 1',
    ]);
  });

  test('amounts of a column end at the same place, at the edge of the text', async () => {
    const [page] = await readPdf(await statementPdf(frame, [openItems(story, AS_ON)]));
    for (const text of ['700.00', '123,456.00', '124,302.00', '54.00', 'Page 1 of 1']) {
      const ends = page?.pieces.filter((piece) => piece.text === text).map((piece) => piece.right);
      expect(Math.max(...(ends ?? []))).toBeCloseTo((page?.width ?? 0) - 56, 0);
    }
  });

  test('each currency has pages of its own', async () => {
    const yen = { ...story, currency: 'JPY' };
    const pages = await readPdf(
      await statementPdf(frame, [openItems(story, AS_ON), openItems(yen, AS_ON)]),
    );
    expect(pages).toHaveLength(2);
    expect(pages[1]?.lines).toContain('Open items as of 1 Jun 2026, amounts in JPY');
    expect(pages[1]?.lines).toContain('Due now | 70,000');
  });

  test('with nothing open it says so', async () => {
    const [page] = await readPdf(await statementPdf(frame, [openItems(account(), AS_ON)]));
    expect(page?.lines).toContain('Nothing is open as of 1 Jun 2026.');
    expect(page?.lines).toContain('Balance | 0.00');
  });

  test.each([
    ['NZ', 595.28, 841.89],
    ['US', 612, 792],
    ['CA', 612, 792],
    ['DE', 595.28, 841.89],
  ])('in %s the paper measures %d × %d points', async (country, width, height) => {
    const business = { ...frame.business, country };
    const [page] = await readPdf(
      await statementPdf({ ...frame, business }, [openItems(story, AS_ON)]),
    );
    expect([page?.width, page?.height]).toEqual([
      expect.closeTo(width, 1),
      expect.closeTo(height, 1),
    ]);
  });

  test('the same statement has the same bytes, and its date is the one it was given', async () => {
    const digest = async (createdAt: string) =>
      createHash('sha256')
        .update(
          await statementPdf({ ...frame, createdAt: new Date(createdAt) }, [
            openItems(story, AS_ON),
          ]),
        )
        .digest('hex');
    expect(await digest('2026-06-01')).toBe(await digest('2026-06-01'));
    expect(await digest('2026-06-01')).not.toBe(await digest('2026-06-02'));
  });
});

describe('text of the ledger cannot break the layout', () => {
  const AWKWARD = [
    'x'.repeat(280),
    'A name of many words '.repeat(12),
    'محمد علي للتجارة',
    'שלום בע"מ',
    'Ελληνική Εταιρεία Київ Žluťoučký',
    '株式会社山田 🙂',
    '<b>bold</b> & <script>alert(1)</script>',
    'evil\u202Egnp.exe\nsecond line\u0000',
    '',
  ];

  test.each(AWKWARD)('%j', async (name) => {
    const given = account({
      invoices: Array.from({ length: 60 }, (_, index) =>
        invoice(`n${index}`, '2026-04-01', '2026-05-01', 100_000, 70_000, {
          number: `${name} ${index}`,
          reference: name,
          branch: name,
        }),
      ),
      credits: [credit('c', '2026-05-01', 100, 100, { number: name })],
    });
    const hostile = { ...frame, customerName: name, paymentDetails: name };
    const pages = await readPdf(await statementPdf(hostile, [openItems(given, AS_ON)]));
    expect(pages.length).toBeGreaterThan(1);
    pages.forEach((page, index) => {
      for (const { text, x, right, y } of page.pieces) {
        // Nothing leaves the paper: what is wider than its column is wrapped.
        expect([
          text,
          x >= 55 && right <= page.width - 54 && y > 30 && y < page.height - 40,
        ]).toEqual([text, true]);
      }
      expect(page.lines.at(-1)).toContain(`Page ${index + 1} of ${pages.length}`);
    });
    const amounts = allLines(pages).filter((line) => line.endsWith('| 1,000.00 | 300.00 | 700.00'));
    expect(amounts).toHaveLength(60);
  });

  test('the head of the table returns on every page that has rows', async () => {
    const rows = Array.from({ length: 60 }, (_, index) =>
      invoice(`n${index}`, '2026-04-01', '2026-05-01', 100, 100),
    );
    const pages = await readPdf(
      await statementPdf(frame, [openItems(account({ invoices: rows }), AS_ON)]),
    );
    expect(pages.length).toBeGreaterThan(1);
    for (const page of pages) {
      const hasRows = page.lines.some((line) => line.includes('| 1 May 2026 |'));
      const heads = page.lines.filter((line) => line.startsWith('Invoice | Issued')).length;
      expect(heads).toBe(hasRows ? 1 : 0);
    }
  });

  test('other scripts can be read back, and a letter that no font has is □ and said to be', async () => {
    const read = async (customerName: string) =>
      allLines(
        await readPdf(
          await statementPdf({ ...frame, customerName }, [openItems(account(), AS_ON)]),
        ),
      );
    expect(await read('Ελληνική Київ')).toContain('Ελληνική Київ');
    const arabic = (await read('محمد علي')).map((line) => line.normalize('NFKC'));
    expect(arabic.some((line) => line.includes('محمد') && line.includes('علي'))).toBe(true);
    const kanji = await read('株式会社 Yamada');
    expect(kanji).toContain('□□□□ | Yamada');
    expect(kanji.at(-2)).toContain('stands for a character that this document’s fonts do not hold');
    expect((await read('Kauri')).join()).not.toContain('□');
  });
});

describe('an activity statement as PDF', () => {
  test('goes from the opening to the closing balance, line by line', async () => {
    const statement = activity(story, day('2026-04-15'), day('2026-05-31'));
    const [page] = await readPdf(await statementPdf(frame, [statement]));
    expect(page?.lines.slice(6, 18)).toEqual([
      'Statement of account',
      'Activity from 15 Apr 2026 to 31 May 2026, amounts in NZD',
      'Date | Document | Charged | Credited | Balance',
      '15 Apr 2026 | Opening balance | 1,000.00',
      '1 May 2026 | Invoice INV-1077 | 123,456.00 | 124,456.00',
      'Harbour branch',
      '15 May 2026 | Credit note CN-17 | 50.00 | 124,406.00',
      '20 May 2026 | Invoice INV-1080 | 200.00 | 124,606.00',
      '20 May 2026 | Payment Bank 9 | 304.00 | 124,302.00',
      'for INV-1041',
      '31 May 2026 | Closing balance | 123,656.00 | 354.00 | 124,302.00',
      'By days past the due date',
    ]);
  });
});

describe('a statement as CSV', () => {
  const rowsOf = (file: Buffer) => parse(file, { columns: true, bom: true });

  test('has a row for every open item, with amounts as numbers and credits below zero', () => {
    const rows = rowsOf(statementCsv('Kauri & Sons', [openItems(story, AS_ON, disputed)]));
    expect(rows).toHaveLength(6);
    expect(rows[0]).toEqual({
      customer: 'Kauri & Sons',
      currency: 'NZD',
      as_of: '2026-06-01',
      type: 'invoice',
      document: 'INV-1041',
      reference: 'PO 7',
      branch: '',
      issued_on: '2026-04-01',
      due_on: '2026-05-01',
      days_overdue: '31',
      bucket: '31-60',
      total: '1000',
      settled: '300',
      open: '700',
      disputed: '200',
    });
    const numbers = rows.map((row) => Number((row as { open: string }).open));
    expect(numbers).toEqual([700, 100, 100, 123_456, -50, -4]);
    expect(rows[2]).toMatchObject({ document: 'INV-1080', due_on: '2026-07-15', total: '' });
    expect(rows[4]).toMatchObject({ type: 'credit_note', document: 'Credit note CN-17' });
  });

  test('activity begins and ends with its balances', () => {
    const rows = rowsOf(statementCsv('K', [activity(story, day('2026-05-15'), day('2026-05-31'))]));
    expect(
      rows.map((row) =>
        Object.values(row as object)
          .slice(2)
          .join('|'),
      ),
    ).toEqual([
      '2026-05-15|opening balance||||' + '|124456',
      '2026-05-15|credit|Credit note CN-17|||50|124406',
      '2026-05-20|invoice|Invoice INV-1080||200||124606',
      '2026-05-20|payment|Payment Bank 9|for INV-1041||304|124302',
      '2026-05-31|closing balance|||||124302',
    ]);
  });

  test.each(['=1+1', '+1', '-1', '@x', '\t=1', '＝1'])(
    'text that begins like a formula is made harmless: %j',
    (text) => {
      const given = account({
        invoices: [
          invoice('a', '2026-04-01', '2026-05-01', 100, -50, { number: text, reference: text }),
        ],
      });
      const lines = statementCsv(text, [openItems(given, AS_ON)])
        .toString('utf8')
        .split('\r\n');
      const cells = (lines[1] ?? '').split(',');
      for (const cell of [cells[0], cells[4], cells[5]]) expect(cell).toMatch(/^['"]/);
      expect(cells[13]).toBe('-0.5');
    },
  );
});
