import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCli } from '../../src/cli/index.ts';
import { ManualClock } from '../../src/clock.ts';
import { formatDay } from '../../src/domain/day.ts';
import { REGIMES, simulate, type SimulatedInvoice } from '../support/payment-simulator.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'duebook-backtest-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const MAP =
  'customer=customerID,invoice_date=InvoiceDate,due_date=DueDate,paid_date=SettledDate,amount=InvoiceAmount';

/** Without a database and without settings: opening either fails the test. */
async function duebook(...args: string[]) {
  const out: string[] = [];
  const notes: string[] = [];
  const code = await runCli(
    args,
    {
      compose: () => Promise.reject(new Error('a CSV file needs no database')),
      readConfig: () => {
        throw new Error('a CSV file needs no settings');
      },
      clock: new ManualClock('2026-11-19T20:00:00Z'),
    },
    { print: (line) => void out.push(line), note: (line) => void notes.push(line) },
  );
  return { code, out: out.join('\n'), notes: notes.join('\n') };
}

async function file(name: string, text: string): Promise<string> {
  const full = path.join(folder, name);
  await writeFile(full, text);
  return full;
}

/** M/d/yyyy */
function american(day: SimulatedInvoice['issuedOn'] | null): string {
  if (day === null) return '';
  const [year, month, date] = formatDay(day).split('-');
  return `${Number(month)}/${Number(date)}/${year}`;
}

const HEADER = 'countryCode,customerID,InvoiceDate,DueDate,InvoiceAmount,SettledDate';

function csvOf(history: readonly SimulatedInvoice[], more: string[] = []): string {
  const lines = history.map(({ customer, issuedOn, dueOn, paidOn, amountMinor }) =>
    [
      '391',
      `"${customer}, Ltd"`,
      american(issuedOn),
      american(dueOn),
      ((amountMinor ?? 0) / 100).toFixed(2),
      american(paidOn),
    ].join(','),
  );
  return `\uFEFF${[HEADER, ...lines, ...more].join('\r\n')}\r\n`;
}

const backtestCsv = async (text: string, ...more: string[]) =>
  duebook(
    'backtest',
    '--csv',
    await file('history.csv', text),
    '--map',
    MAP,
    '--date-format',
    'M/d/yyyy',
    ...more,
  );

describe('a history from a CSV file', () => {
  const history = simulate({ ...REGIMES.short, invoices: 300 }, 5);

  test('--json prints exactly one object with the figures of the model and of every baseline', async () => {
    const ended = await backtestCsv(csvOf(history), '--json');
    expect(ended).toMatchObject({ code: 0, notes: '' });
    const report = JSON.parse(ended.out) as Record<string, unknown>;
    const share = expect.any(Number) as number;
    const figures = {
      auc: share,
      brier: share,
      logLoss: share,
      calibrationError: share,
      meanErrorDays: share,
      medianErrorDays: share,
      coverage: { p50: share, p80: share, p90: share },
    };
    const none = { p50: null, p80: null, p90: null };
    const noDays = { meanErrorDays: null, medianErrorDays: null, coverage: none };
    const noRate = { auc: null, brier: null, logLoss: null, calibrationError: null };
    expect(report).toMatchObject({
      invoices: 300,
      lateShare: share,
      model: figures,
      baselines: {
        overall: figures,
        customerRate: { ...figures, ...noDays },
        customerMedian: { ...figures, ...noRate },
        shrunken: { ...figures, coverage: none },
      },
      excluded: { paid_before_issue: 0, due_before_issue: 0, no_amount: 0 },
    });
  });

  test('in words: the share of late ones, model beside baselines, how chances came true, high risk and the others', async () => {
    const { out } = await backtestCsv(csvOf(history));
    expect(out).toMatch(/history\.csv: 300 invoices of \d\d customers, \d\d % late\n/);
    expect(out).toMatch(
      /Walked forward month by month from \d+ \w{3} \d{4}; \d+ invoices predicted/,
    );
    expect(out).toMatch(/^this model( +\d[\d.]*){6}( +\d+ %){3}$/m);
    expect(out).toMatch(/^overall rate( +\d[\d.]*){6}( +\d+ %){3}$/m);
    expect(out).toMatch(/^customer’s rate( +\d[\d.]*){4}( +–){5}$/m);
    expect(out).toMatch(/^customer’s median( +–){4}( +\d[\d.]*){2}( +\d+ %){3}$/m);
    expect(out.match(/^ +\d[\d.]* % +\d[\d.]* % +\d+$/gm)).toHaveLength(10);
    expect(out).toMatch(
      /^Of the last twelve months: of the \d+ invoices we called high risk \(50 % and more\), \d+ % were late; of the \d+ others, \d+ %\.$/m,
    );
  });

  test('many unpaid invoices are pointed out: the payments of the last months may be missing', async () => {
    const warning = 'If the payments of the last months are missing here';
    expect((await backtestCsv(csvOf(history))).out).not.toContain(warning);
    const lastPaidOn = history.map(({ paidOn }) => paidOn ?? 0).toSorted((a, b) => a - b);
    const cutOn = lastPaidOn[Math.floor(0.8 * lastPaidOn.length)] ?? 0;
    const cut = history.map((invoice) => ({
      ...invoice,
      paidOn: (invoice.paidOn ?? 0) < cutOn ? invoice.paidOn : null,
    }));
    expect((await backtestCsv(csvOf(cut))).out).toContain(warning);
  });

  test('rows that contradict themselves are named by line, counted and left out', async () => {
    const more = [
      '391,X,3/10/2023,4/9/2023,10.00,3/9/2023',
      '391,X,3/10/2023,3/9/2023,10.00,3/11/2023',
      '391,X,3/10/2023,4/9/2023,0.00,3/11/2023',
      '391,X,3/10/2023,4/9/2023,-5.00,3/11/2023',
    ];
    const plain = await backtestCsv(csvOf(history), '--json');
    const json = await backtestCsv(csvOf(history, more), '--json');
    expect(JSON.parse(json.out)).toEqual({
      ...(JSON.parse(plain.out) as object),
      excluded: {
        ...(JSON.parse(plain.out) as { excluded: object }).excluded,
        paid_before_issue: 1,
        due_before_issue: 1,
        no_amount: 2,
      },
    });
    const { out } = await backtestCsv(csvOf(history, more));
    expect(out).toContain('Left out: 1 invoice paid before it was issued (line 302)');
    expect(out).toContain('Left out: 1 invoice due before it was issued (line 303)');
    expect(out).toContain('Left out: 2 invoices an amount of zero or less (line 304, line 305)');
  });

  test('other ways of writing: unpaid as null, thousands, times behind days, no amount at all', async () => {
    const text = csvOf(history, ['391,X,1/9/2023 0:00,2/8/2023 12:00 AM,"1,234.50",null']);
    expect((await backtestCsv(text, '--json')).code).toBe(0);
    const noAmount = await duebook(
      'backtest',
      '--csv',
      await file('plain.csv', csvOf(history)),
      '--map',
      MAP.replace(',amount=InvoiceAmount', ''),
      '--date-format',
      'M/d/yyyy',
      '--json',
    );
    expect(JSON.parse(noAmount.out)).toMatchObject({ invoices: 300 });
  });
});

describe('other people’s files', () => {
  const history = simulate({ ...REGIMES.short, invoices: 300 }, 5);
  const plain = csvOf(history);
  const excludedOf = (text: string) => JSON.parse(text) as Record<string, unknown>;

  test.each([
    ['semicolons', ';'],
    ['tabs', '\t'],
  ])('%s between the cells, quoted ones holding them, say the same', async (_, delimiter) => {
    const other = plain
      .split('\r\n')
      .map((line) =>
        line.replace(/("[^"]*")|,/g, (whole, quoted) => (quoted === undefined ? delimiter : whole)),
      )
      .join('\n');
    const said = await backtestCsv(other, '--json');
    expect(said.notes).toBe('');
    expect(said.out).toBe((await backtestCsv(plain, '--json')).out);
  });

  test.each([
    ['$1,234.50', '"$1,234.50"'],
    ['€ 1.234,50', '"€ 1.234,50"'],
    ['1 234,5 kr', '"1 234,5 kr"'],
    ["CHF 1'234.50", "CHF 1'234.50"],
    ['1234.50 USD', '1234.50 USD'],
    ['1234,50', '"1234,50"'],
  ])('%s is an amount', async (_, cell) => {
    const as = (amount: string) =>
      backtestCsv(csvOf(history, [`391,X,3/10/2023,4/9/2023,${amount},3/11/2023`]), '--json');
    const said = await as(cell);
    expect(said.notes).toBe('');
    expect(said.out).toBe((await as(cell.includes('234,5 ') ? '1234.5' : '1234.50')).out);
  });

  test.each(['-$5.00', '($5.00)', '-5'])(
    '%s is less than nothing: counted and left out',
    async (cell) => {
      const line = `391,X,3/10/2023,4/9/2023,${cell},3/11/2023`;
      const said = await backtestCsv(csvOf(history, [line]), '--json');
      expect(excludedOf(said.out)).toMatchObject({ invoices: 300, excluded: { no_amount: 1 } });
    },
  );

  test.each(['($5.00', '5.00)', 'abc', '1,23,456', '12 34'])('%s is none', async (cell) => {
    const line = `391,X,3/10/2023,4/9/2023,"${cell}",3/11/2023`;
    const said = await backtestCsv(csvOf(history, [line]));
    expect(said.code).toBe(2);
    expect(said.notes).toContain(`line 302: InvoiceAmount "${cell}" is no amount`);
  });

  test('a line that repeats another counts and is named; with the invoice’s number it is left out', async () => {
    const repeated = plain.trimEnd().split('\r\n');
    const text = [...repeated, repeated[5], repeated[9]].join('\r\n');
    const counted = await backtestCsv(text);
    expect(counted.out).toContain(
      'Counted: 2 lines that say what an earlier one said (line 302, line 303); with number=COLUMN',
    );
    const numbered = [...repeated, repeated[5], repeated[9]]
      .map((line, i) => `${line ?? ''},${i === 0 ? 'Number' : i > 300 ? [5, 9][i - 301] : i}`)
      .join('\n');
    const run = async (csv: string, ...more: string[]) =>
      duebook(
        ...['backtest', '--csv', await file('numbered.csv', csv)],
        ...['--map', `${MAP},number=Number`, '--date-format', 'M/d/yyyy', ...more],
      );
    expect((await run(numbered)).out).toContain(
      'Left out: 2 lines that say what an earlier one said (line 302, line 303)',
    );
    expect(JSON.parse((await run(numbered, '--json')).out)).toMatchObject({
      invoices: 300,
      repeated: 2,
    });
    const clash = await run(`${numbered}\n391,X,3/10/2023,4/9/2023,7.00,3/11/2023,5`);
    expect(clash.notes).toContain(
      'line 304: Number "5" was on line 6 already, with other facts; every invoice should have one line',
    );
  });

  test('it says what calibration error chance alone would make', async () => {
    expect((await backtestCsv(plain)).out).toMatch(
      /^Chance alone would make a calibration error of about 0\.0\d\d of so many invoices/m,
    );
  });
});

describe('a bad file is refused whole, with the line, what is wrong and what would be right', () => {
  const good = '391,A,1/9/2023,2/8/2023,10.00,2/1/2023';

  test.each([
    [
      '391,A,13/9/2023,2/8/2023,10.00,2/1/2023',
      'line 3: InvoiceDate "13/9/2023" is no day written M/d/yyyy, like 2/28/2013',
    ],
    [
      '391,A,2/29/2023,2/8/2023,10.00,2/1/2023',
      'line 3: InvoiceDate "2/29/2023" is no day written M/d/yyyy, like 2/28/2013',
    ],
    [
      '391,A,1/9/2023,,10.00,2/1/2023',
      'line 3: DueDate "" is no day written M/d/yyyy, like 2/28/2013',
    ],
    [
      '391,A,1/9/2023,2/8/2023,10.00,soon',
      'line 3: SettledDate "soon" is no day written M/d/yyyy, like 2/28/2013',
    ],
    [
      '391,A,1/9/2023,2/8/2023,"1.234.5,0",',
      'line 3: InvoiceAmount "1.234.5,0" is no amount, like 1234.50, 1,234.50 or 1.234,50',
    ],
    [
      '391,A,1/9/2023,2/8/2023,,',
      'line 3: InvoiceAmount "" is no amount, like 1234.50, 1,234.50 or 1.234,50',
    ],
    [
      '391,A,1/9/2023,2/8/2023,1e9,',
      'line 3: InvoiceAmount "1e9" is no amount, like 1234.50, 1,234.50 or 1.234,50',
    ],
    [
      '391,,1/9/2023,2/8/2023,10.00,',
      'line 3: customerID is empty; every invoice needs its customer',
    ],
    [
      '391,A,1/9/2023',
      'line 3: Invalid Record Length: expect 6, got 3 on line 3; every line should have as many cells as the first, quotes closed',
    ],
  ])('%s', async (line, complaint) => {
    const ended = await backtestCsv([HEADER, good, line].join('\n'));
    expect(ended.code).toBe(2);
    expect(ended.out).toBe('');
    expect(ended.notes).toBe(`${path.join(folder, 'history.csv')}, ${complaint}`);
  });

  test.each([
    ['', 'history.csv: is empty; the first line should name the columns'],
    [
      'customerID,InvoiceDate,Due,SettledDate,InvoiceAmount\n',
      'history.csv, line 1: there is no column "DueDate" for due_date; there is customerID, InvoiceDate, Due, SettledDate, InvoiceAmount',
    ],
    [
      [HEADER, good].join('\n'),
      'history.csv: too short a history to test on; it takes 50 invoices, and some that fell due after the first 40 %',
    ],
  ])('%j', async (text, complaint) => {
    const ended = await backtestCsv(text);
    expect(ended.code).toBe(2);
    expect(ended.notes).toBe(path.join(folder, complaint));
  });

  test.each([
    [['--csv', 'none.csv', '--map', MAP], /none\.csv: there is no such file$/],
    [['--csv', '.', '--map', MAP], /is a folder; name a CSV file$/],
    [['--csv', 'a.csv'], /^--map is missing: say which columns to read, like --map customer=/],
    [['Kauri', '--csv', 'a.csv', '--map', MAP], /^backtest: name a book or --csv, not both$/],
    [['--map', MAP], /^--map and --date-format go with --csv$/],
    [
      ['--csv', 'a', '--map', 'client=a'],
      /^--map client=a: should be field=column, the field one of customer, invoice_date/,
    ],
    [['--csv', 'a', '--map', 'customer='], /^--map customer=: should be field=column/],
    [['--csv', 'a', '--map', 'customer=a,customer=b'], /^--map: customer is named twice$/],
    [
      ['--csv', 'a', '--map', 'customer=a,invoice_date=b'],
      /^--map: due_date and paid_date missing; add due_date=COLUMN,paid_date=COLUMN$/,
    ],
    [
      ['--csv', 'a', '--map', MAP, '--date-format', 'M/d/YYYY'],
      /^--date-format M\/d\/YYYY: "Y" is not known; write it with yyyy or yy, M, MM or MMM, d or dd, like M\/d\/yyyy$/,
    ],
    [
      ['--csv', 'a', '--map', MAP, '--date-format', 'M/yyyy'],
      /^--date-format M\/yyyy: it needs a year, a month and a day once each;/,
    ],
  ])('%j', async (args, complaint) => {
    const ended = await duebook('backtest', ...args);
    expect(ended.code).toBe(2);
    expect(ended.notes).toMatch(complaint);
  });
});
