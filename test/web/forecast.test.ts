import { beforeAll, describe, expect, test } from 'vitest';
import { predictBook } from '../../src/assess/predict-book.ts';
import { addDays, toDate } from '../../src/domain/day.ts';
import type { CurrencyForecast } from '../../src/domain/forecast.ts';
import type { BookId } from '../../src/domain/receivables.ts';
import { forecastChart } from '../../src/web/views/forecast.ts';
import { useDatabase } from '../support/database.ts';
import { type Agent, seedBook, signIn, startTestWeb, TODAY } from './support.ts';

const db = useDatabase();

/** Net 14, forty paid on the due date or two days late, and two open ones in two currencies. */
const invoices = Array.from({ length: 42 }, (_, n) => {
  const issuedOn = addDays(TODAY, n < 40 ? -100 + 2 * n : -10);
  const dueOn = addDays(issuedOn, 14);
  const isPaid = n < 40;
  return {
    n,
    issuedOn,
    dueOn,
    isPaid,
    paidOn: isPaid ? addDays(dueOn, n % 2 === 0 ? 0 : 2) : null,
  };
});

let agent: Agent;
let bookId: BookId;
beforeAll(async () => {
  const web = startTestWeb(db());
  agent = await signIn(web);
  const seeded = await seedBook(web);
  bookId = seeded.bookId;
  await db().prisma.invoice.deleteMany({ where: { bookId } });
  await db().prisma.invoice.createMany({
    data: invoices.map(({ n, issuedOn, dueOn, paidOn, isPaid }) => ({
      bookId,
      id: `f${n}`,
      kind: 'invoice',
      number: `F-${n}`,
      customerId: 'c1',
      status: isPaid ? 'paid' : 'open',
      issuedOn: toDate(issuedOn),
      dueOn: toDate(dueOn),
      paidOn: paidOn === null ? null : toDate(paidOn),
      currency: n === 41 ? 'USD' : 'NZD',
      totalMinor: 123_400n,
      openMinor: isPaid ? 0n : 123_400n,
      hash: 'h',
    })),
  });
}, 60_000);

const textOf = (html: string): string => html.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ');
const page = async (path: string) => (await agent.get(path).expect(200)).text;

describe('the book’s page', () => {
  test('shows no forecast before anything was predicted', async () => {
    expect(await page(`/books/${bookId}`)).not.toContain('What will come in');
  });

  test('then a chart for each currency, with every figure in a table', async () => {
    await predictBook({ db: db() }, bookId, { asOn: TODAY });
    const html = await page(`/books/${bookId}`);
    expect(html.match(/<figure class="forecast">/g)).toHaveLength(2);
    expect(html.match(/<svg role="img" aria-label="Expected by week in (NZD|USD);/g)).toHaveLength(
      2,
    );
    expect(html.match(/<rect class="expected"/g)).toHaveLength(16);
    expect(textOf(html)).toMatch(/NZD 1,234\.00 expected in 8 weeks/);
    const table = /<caption class="sr">Expected by week in NZD<\/caption>(.*?)<\/table>/s.exec(
      html,
    );
    const cells = [...(table?.[1] ?? '').matchAll(/data-label="Expected">([\d,.]+)/g)].map((cell) =>
      Number(cell[1]?.replace(',', '')),
    );
    expect(cells).toHaveLength(8);
    expect(cells.reduce((sum, cell) => sum + cell, 0)).toBeCloseTo(1234, 1);
    expect(textOf(table?.[1] ?? '')).toContain('23 Nov 2026');
  });

  test('an open invoice says when it will be paid and why, in a table that adds up', async () => {
    const html = await page(`/books/${bookId}/invoices/f40`);
    expect(textOf(html)).toMatch(
      /When it will be paid The chance of being late is \d+ %\. Expected on /,
    );
    const average = Number(/average invoice of this book is late with (\d+) %/.exec(html)?.[1]);
    const effects = [...html.matchAll(/data-label="Effect">odds × ([\d.]+)/g)].map((match) =>
      Number(match[1]),
    );
    const late = Number(/The chance of being late is (\d+) %/.exec(html)?.[1]) / 100;
    const odds = effects.reduce((product, effect) => product * effect, average / (100 - average));
    expect(effects.length).toBeGreaterThan(3);
    expect(Math.abs(odds / (1 + odds) - late)).toBeLessThan(0.03);
  });

  test('a paid one says nothing of that', async () => {
    expect(await page(`/books/${bookId}/invoices/f1`)).not.toContain('When it will be paid');
  });
});

describe('the drawing', () => {
  const week = (expectedMinor: number, p20Minor: number, p80Minor: number) => ({
    from: TODAY,
    to: addDays(TODAY, 6),
    expectedMinor,
    agreedMinor: 0,
    p20Minor,
    p80Minor,
  });
  const forecast = (...weeks: CurrencyForecast['weeks']): CurrencyForecast => ({
    currency: 'NZD',
    weeks,
    openMinor: 1000,
    laterMinor: 0,
    disputedMinor: 0,
  });

  test('the highest figure fills the height, half of it half, and bars stand side by side on the base', () => {
    const { bars, base } = forecastChart(forecast(week(200, 100, 400), week(0, 0, 0)));
    const full = base - (bars[0]?.high ?? 0);
    expect(bars[0]).toMatchObject({ x: '11.000%', width: '28.000%', middle: '25.000%' });
    expect(bars[0]?.height).toBe(full / 2);
    expect((bars[0]?.y ?? 0) + (bars[0]?.height ?? 0)).toBe(base);
    expect(base - (bars[0]?.low ?? 0)).toBe(full / 4);
    expect(bars[1]).toMatchObject({ middle: '75.000%', y: base, height: 0, high: base, low: base });
    expect(bars[0]?.label).toBe('23 Nov');
  });

  test('where nothing comes all bars are flat', () => {
    const { bars, base, expectedMinor } = forecastChart(forecast(week(0, 0, 0)));
    expect(bars[0]).toMatchObject({ y: base, height: 0 });
    expect(expectedMinor).toBe(0);
  });
});
