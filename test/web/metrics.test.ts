import { expect, test } from 'vitest';
import { useDatabase } from '../support/database.ts';
import { seedBook, signIn, startTestWeb } from './support.ts';

const db = useDatabase();

test('the book’s page shows its figures, and each opens to its formula, what it includes, and its rows', async () => {
  const web = startTestWeb(db());
  const agent = await signIn(web);
  const { bookId } = await seedBook(web);
  const read = async (path: string) => {
    const page = await agent.get(path).expect(200);
    return page.text
      .replace(/<[^>]+>/g, ' ')
      .replaceAll('&amp;', '&')
      .replace(/\s+/g, ' ');
  };
  expect(await read(`/books/${bookId}`)).toMatch(/Measured .*Share past due, by amount NZD \d/);
  const opened = await read(`/books/${bookId}/metrics/past-due-amount`);
  expect(opened).toContain('Formula Open amounts past their due date ÷ all open amounts.');
  expect(opened).toContain('Includes Open invoices and journals');
  expect(opened).toMatch(/Kauri & Sons INV-001 NZD 1,234\.50/);
  await agent.get(`/books/${bookId}/metrics/nothing`).expect(404);
  await agent.get(`/books/${bookId}/metrics/Bad%20Id`).expect(404);
});
