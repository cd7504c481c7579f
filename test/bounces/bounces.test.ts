import { inspect } from 'node:util';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readMailbox } from '../../src/bounces/mailbox.ts';
import { readReport } from '../../src/bounces/read-report.ts';
import { clearBounces, recordReport } from '../../src/bounces/record-report.ts';
import { assessBook } from '../../src/assess/assess-book.ts';
import { sendDue } from '../../src/act/send-due.ts';
import { acceptingMailer } from '../support/accepting-mailer.ts';
import { useDatabase } from '../support/database.ts';
import { type ImapServer, startImapServer } from '../support/imap-server.ts';
import { Outbox, TODAY } from '../support/outbox.ts';
import { exchangeReport, forwarded, ordinaryMail, postfixReport } from './samples.ts';

const db = useDatabase();
const ID = '<0a1b@harbour.example>';
const TO = 'ap@kauri.example';
const read = (raw: string) => readReport(Buffer.from(raw));

describe('a delivery report', () => {
  test('is read with the message it is about, the address, and what was said', async () => {
    expect(await read(postfixReport({ to: TO, messageId: ID }))).toEqual({
      messageId: ID,
      recipients: [
        {
          address: TO,
          action: 'failed',
          status: '5.1.1',
          words: `smtp; 550 5.1.1 <${TO}>: Recipient address rejected: User unknown`,
        },
      ],
    });
  });

  test('is read where only the headers come back, and where somebody forwarded it', async () => {
    const report = exchangeReport({ to: 'AP@Kauri.example', messageId: ID });
    const expected = {
      messageId: ID,
      recipients: [{ address: TO, action: 'failed', status: '5.1.10' }],
    };
    expect(await read(report)).toMatchObject(expected);
    expect(await read(forwarded(report))).toMatchObject(expected);
    expect(await read(forwarded(forwarded(report)))).toMatchObject(expected);
  });

  test('is not seen in an ordinary mail, an answer, or rubbish', async () => {
    expect(await read(ordinaryMail(ID))).toBeNull();
    expect(await read('')).toBeNull();
    expect(await read(postfixReport({ to: TO, messageId: 'none' }))).toBeNull();
    expect(await read(postfixReport({ to: 'not an address', messageId: ID }))).toBeNull();
  });

  test('may be cut or spoilt anywhere: never an error', async () => {
    const whole = Buffer.from(forwarded(postfixReport({ to: TO, messageId: ID })));
    await fc.assert(
      fc.asyncProperty(
        fc.nat(whole.length),
        fc.nat(whole.length),
        fc.uint8Array({ maxLength: 20 }),
        async (from, length, bytes) => {
          const spoilt = Buffer.concat([
            whole.subarray(0, from),
            bytes,
            whole.subarray(from + (length % 40)),
          ]);
          const report = await readReport(spoilt);
          for (const { words } of report?.recipients ?? []) expect(words).not.toMatch(/[\r\n\0]/);
        },
      ),
      { numRuns: 60 },
    );
  });
});

/** A reminder that was sent, and came back or not. */
async function sentReminder() {
  const box = await Outbox.open(db());
  const made = await box.reminder();
  const mailer = acceptingMailer();
  await sendDue({ ...box.deps, mailer }, box.bookId);
  const message = await db().prisma.message.findUniqueOrThrow({
    where: { actionId: made.actionId },
  });
  return { box, ...made, mailer, to: message.toAddresses[0] ?? '', messageId: message.messageId };
}

const reportOf = async (sample: Parameters<typeof postfixReport>[0]) => {
  const report = await read(postfixReport(sample));
  if (report === null) throw new Error('the sample is no report');
  return report;
};

describe('a message that came back', () => {
  test('marks the address once, raises the flag, and stops what was still to be sent there', async () => {
    const { box, customerId, mailer, to, messageId } = await sentReminder();
    const report = await reportOf({ to, messageId });
    expect(await recordReport(box.deps, report)).toEqual({ bounces: 1, bookId: box.bookId });
    expect(await recordReport(box.deps, report)).toMatchObject({ bounces: 0 });

    await assessBook(box.deps, box.bookId, { asOn: TODAY });
    const flag = await db().prisma.flag.findFirst({
      where: { bookId: box.bookId, customerId, code: 'unreachable', closedOn: null },
    });
    expect(flag?.sentence).toContain('There is no usable email address');

    const invoice = await box.invoice(customerId);
    const next = await box.action(customerId, [invoice]);
    await sendDue({ ...box.deps, mailer }, box.bookId);
    const row = await box.stateOf(next);
    expect([row.state, row.stateReason]).toEqual([
      'cancelled',
      expect.stringContaining('came back undelivered'),
    ]);
  });

  test('a person says the address works: the flag closes and it is written to again', async () => {
    const { box, customerId, mailer, to, messageId } = await sentReminder();
    await recordReport(box.deps, await reportOf({ to, messageId }));
    await assessBook(box.deps, box.bookId, { asOn: TODAY });
    expect(await clearBounces(box.deps, box.bookId, to.toUpperCase(), 'Ana')).toBe(1);
    await assessBook(box.deps, box.bookId, { asOn: TODAY });
    const open = await db().prisma.flag.count({
      where: { bookId: box.bookId, customerId, code: 'unreachable', closedOn: null },
    });
    expect(open).toBe(0);
    const next = await box.action(customerId, [await box.invoice(customerId)]);
    await sendDue({ ...box.deps, mailer }, box.bookId);
    expect((await box.stateOf(next)).state).toBe('sent');
  });

  test('is believed about our own messages and their recipients only; once softly is no reason', async () => {
    const { box, to, messageId } = await sentReminder();
    const unheard = await reportOf({ to, messageId: '<unheard@harbour.example>' });
    expect(await recordReport(box.deps, unheard)).toMatchObject({ bounces: 0 });
    const stranger = await reportOf({ to: 'ceo@elsewhere.example', messageId });
    expect(await recordReport(box.deps, stranger)).toMatchObject({ bounces: 0 });
    const late = await reportOf({ to, messageId, action: 'delayed', status: '4.4.1' });
    expect(await recordReport(box.deps, late)).toMatchObject({ bounces: 0 });
    const full = await reportOf({ to, messageId, status: '4.2.2' });
    expect(await recordReport(box.deps, full)).toMatchObject({ bounces: 1 });
    await assessBook(box.deps, box.bookId, { asOn: TODAY });
    const open = await db().prisma.flag.count({
      where: { bookId: box.bookId, code: 'unreachable', closedOn: null },
    });
    expect(open).toBe(0);
  });
});

describe('the mailbox', () => {
  const account = { user: 'bounces', password: 'imap-pass' };
  let server: ImapServer;
  beforeAll(async () => {
    server = await startImapServer(account);
  });
  afterAll(() => server.close());
  const settings = () => ({
    host: '127.0.0.1',
    port: server.port,
    secure: false,
    mailbox: 'INBOX',
    ...account,
  });

  test('is read over IMAP: each mail once, and nothing in it is deleted or marked as seen', async () => {
    const { box, to, messageId } = await sentReminder();
    server.deliver(ordinaryMail(messageId));
    server.deliver(postfixReport({ to, messageId }));
    server.deliver(postfixReport({ to: 'x@y.example', messageId: '<other@z.example>' }));
    expect(await readMailbox(settings(), box.deps)).toEqual({ looked: 3, reports: 2, bounces: 1 });
    expect(server.flags()).toEqual([['DuebookRead'], ['DuebookRead'], ['DuebookRead']]);
    expect(await readMailbox(settings(), box.deps)).toEqual({ looked: 0, reports: 0, bounces: 0 });
    expect(server.commands()).not.toContain('EXPUNGE');
    expect(await db().prisma.bounce.count({ where: { bookId: box.bookId } })).toBe(1);
  });

  test('that refuses the sign-in, or is not there, is an error without the password in it', async () => {
    const { deps } = await Outbox.open(db());
    const wrong = { ...settings(), password: 'wr0ng-secret' };
    const refused = await readMailbox(wrong, deps).catch((err: unknown) => err);
    expect((refused as Error).message).toContain('the sign-in was refused');
    expect(inspect(refused, { depth: 9 })).not.toContain('wr0ng-secret');
    const away = readMailbox({ ...settings(), port: 1 }, deps);
    await expect(away).rejects.toThrow(/could not be read \(ECONNREFUSED\)/);
  });
});
