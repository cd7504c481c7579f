import { expect, test } from 'vitest';
import { PLAIN_CHOICE } from '../../src/domain/interest/terms.ts';
import { confirmTerms } from '../../src/late-fees/confirm-terms.ts';
import { useDatabase } from '../support/database.ts';
import { seedBook, signIn, startTestWeb } from './support.ts';

const db = useDatabase();

test('the page of a late invoice shows what a confirmed term has borne, line by line; none before', async () => {
  const web = startTestWeb(db());
  const agent = await signIn(web);
  const { bookId } = await seedBook(web);
  const read = async () => {
    const page = await agent.get(`/books/${bookId}/invoices/i1`).expect(200);
    return page.text.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ');
  };
  expect(await read()).not.toContain('Late interest');
  await confirmTerms(
    web.app,
    bookId,
    {
      customerId: null,
      choice: { ...PLAIN_CHOICE, percent: '18', per: 'year' },
      country: null,
      confirmation: 'terms of trade, <clause 7>',
    },
    'ann',
  );
  const text = await read();
  expect(text).toContain(
    'Late interest By the term that was confirmed. Nothing is charged before somebody proposes it. terms of trade, &lt;clause 7&gt;',
  );
  expect(text).toMatch(
    /18 % a year by contract, as of 23 Nov 2026\. .*Invoice INV-001: .* × 18 % ÷ 365 &#x3D; .*rounded once to NZD/,
  );
});
