import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCli } from '../../src/cli/index.ts';
import { day } from '../../src/domain/day.ts';
import type { BookId, CustomerId, InvoiceId } from '../../src/domain/receivables.ts';
import { useDatabase } from '../support/database.ts';
import { FakeLedger } from '../support/fake-ledger.ts';
import { readPdf } from '../support/pdf-text.ts';
import {
  type Agent,
  connectTo,
  seedBook,
  signIn,
  startTestWeb,
  submit,
  type TestWeb,
} from './support.ts';

const db = useDatabase();
let web: TestWeb;
let agent: Agent;
let bookId: BookId;
let folder: string;
/** What the ledger says of the invoice; the mirror is behind. */
const ledger = new FakeLedger();
ledger.invoices.set('i1', {
  id: 'i1' as InvoiceId,
  kind: 'invoice',
  number: 'INV-001',
  reference: null,
  customerId: 'c1' as CustomerId,
  status: 'open',
  issuedOn: day('2026-09-01'),
  dueOn: day('2026-09-30'),
  schedule: null,
  expectedPayOn: null,
  currency: 'NZD',
  totalMinor: 200_000,
  openMinor: 123_450,
  baseRate: null,
  paidOn: null,
  emailText: null,
  sentToContact: null,
  remoteVersion: null,
  remoteUpdatedAt: null,
});

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'duebook-letters-'));
  web = startTestWeb(db());
  ({ bookId } = await seedBook(web));
  agent = await signIn(web);
  await connectTo(web, bookId, ledger);
  await db().prisma.invoice.updateMany({
    where: { bookId, id: 'i1' },
    data: { openMinor: 200_000n },
  });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The seeded task as a letter, in a state of its own. */
async function letterAction(state: 'todo' | 'proposed' = 'todo'): Promise<string> {
  const task = await db().prisma.action.findFirstOrThrow({ where: { bookId, channel: 'call' } });
  const id = crypto.randomUUID();
  await db().prisma.action.create({
    data: {
      ...task,
      id,
      key: id,
      channel: 'letter',
      template: 'letter-formal',
      stepName: 'Formal letter',
      state,
      invoices: {
        create: {
          bookId,
          invoiceId: 'i1',
          step: 'firm',
          isTrigger: true,
          dueOn: new Date('2026-09-30'),
          openMinor: 123_450n,
        },
      },
    },
  });
  return id;
}

const pageOf = async (id: string) =>
  (await agent.get(`/books/${bookId}/actions/${id}`).expect(200)).text;

async function download(id: string) {
  const answer = await agent
    .get(`/books/${bookId}/actions/${id}/letter`)
    .buffer(true)
    .parse((res, done) => {
      const chunks: Buffer[] = [];
      res.on('data', (chunk: Buffer) => chunks.push(chunk));
      res.on('end', () => done(null, Buffer.concat(chunks)));
    });
  return { status: answer.status, headers: answer.headers, bytes: answer.body as Buffer };
}

async function duebook(...args: string[]) {
  const out: string[] = [];
  const notes: string[] = [];
  const code = await runCli(
    args,
    { compose: () => Promise.resolve(web.app), readConfig: () => web.app.config, clock: web.clock },
    { print: (line) => void out.push(line), note: (line) => void notes.push(line) },
  );
  return { code, out, notes };
}

describe('the page of a letter', () => {
  test('previews it, issues it once, and then gives what was issued', async () => {
    const id = await letterAction();
    expect(await pageOf(id)).toContain('Issue the letter');
    const preview = await download(id);
    expect(preview.headers['content-disposition']).toBe(
      'attachment; filename="Letter Kauri Sons 2026-11-23.pdf"',
    );
    expect((await readPdf(preview.bytes))[0]?.lines).toContain('Dear Kauri & Sons,');
    expect(await db().prisma.document.count({ where: { actionId: id } })).toBe(0);

    const posted = await submit(agent, `/books/${bookId}/actions/${id}/letter`);
    expect(posted.headers['location']).toBe(`/books/${bookId}/actions/${id}?did=issued`);
    const page = await pageOf(id);
    expect(page).not.toContain('Issue the letter');
    expect(page).toMatch(/Issued <time[^>]*>23 Nov 2026, 10:00<\/time>.*SHA-256 [0-9a-f]{64}/);
    const issued = await download(id);
    expect((await readPdf(issued.bytes))[0]?.lines).toContain('To pay | 1,194.50');
    await submit(agent, `/books/${bookId}/actions/${id}/letter`);
    expect((await download(id)).bytes.equals(issued.bytes)).toBe(true);
  });

  test('one that waits for approval can be read, but not issued', async () => {
    const id = await letterAction('proposed');
    expect(await pageOf(id)).not.toContain('Issue the letter');
    expect((await download(id)).status).toBe(200);
    const posted = await submit(agent, `/books/${bookId}/actions/${id}/letter`);
    expect([posted.status, posted.text.includes('It waits for approval')]).toEqual([409, true]);
  });

  test('an action without a letter offers none', async () => {
    const call = await db().prisma.action.findFirstOrThrow({ where: { bookId, channel: 'call' } });
    expect(await pageOf(call.id)).not.toContain('The letter</h2>');
    expect((await download(call.id)).status).toBe(422);
  });
});

test('what it lacks stands where a person decides, and the settings stand on their pages', async () => {
  const id = await letterAction('proposed');
  const lacks = `The letter has no address of Kauri &amp; Sons: &#x60;duebook address ${bookId} c1 --set`;
  expect(await pageOf(id)).toContain(lacks);
  const day = () => agent.get(`/books/${bookId}`).expect(200);
  expect((await day()).text).toContain(lacks);
  expect((await day()).text).toContain(`duebook address ${bookId} --pay-to`);
  await db().prisma.customerSetting.create({
    data: { bookId, customerId: 'c1', postalAddress: '1 Mill Lane\nLeeds', legalForm: 'company' },
  });
  const details = { postalAddress: '12 Quay Street', paymentDetails: 'Bank 12-34' };
  await db().prisma.book.update({ where: { id: bookId }, data: details });
  expect(await pageOf(id)).not.toContain('duebook address');
  expect((await day()).text).toContain('<bdi>Bank 12-34</bdi>');
  const customer = (await agent.get(`/books/${bookId}/customers/c1`).expect(200)).text;
  expect(customer).toContain('<bdi>1 Mill Lane</bdi><br><bdi>Leeds</bdi>');
  expect(customer).toContain('<bdi>company</bdi>');
});

describe('duebook letter', () => {
  test('a preview keeps nothing; issuing does', async () => {
    const id = await letterAction();
    const file = path.join(folder, 'letter.pdf');
    expect((await duebook('letter', id, '--preview', '--out', file)).out).toEqual([file]);
    expect(await db().prisma.document.count({ where: { actionId: id } })).toBe(0);
    expect(await duebook('letter', id, '--out', file)).toEqual({ code: 0, out: [file], notes: [] });
    const kept = await db().prisma.document.findFirstOrThrow({ where: { actionId: id } });
    expect(readFileSync(file).equals(Buffer.from(kept.bytes))).toBe(true);
  });

  test.each(['nothing', '00000000-0000-4000-8000-000000000000'])('%s is no action', async (id) => {
    expect((await duebook('letter', id)).code).toBe(1);
  });
});
