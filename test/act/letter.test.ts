import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { sendDue } from '../../src/act/index.ts';
import { issueLetter, readLetterPdf, referenceOf } from '../../src/act/letter.ts';
import { readConfig } from '../../src/config.ts';
import { addDays, toDate } from '../../src/domain/day.ts';
import { startMailCatcher } from '../../src/demo/mail-catcher.ts';
import { createMailer } from '../../src/act/mailer.ts';
import { useDatabase } from '../support/database.ts';
import { MAIL_FROM, Outbox, TODAY } from '../support/outbox.ts';
import { readPdf } from '../support/pdf-text.ts';

const db = useDatabase();

const LETTER = { channel: 'letter', template: 'letter-formal', state: 'todo' } as const;
const depsOf = (outbox: Outbox) => ({ ...outbox.deps, config: { mailFrom: MAIL_FROM } });
const linesOf = async (content: Buffer) => (await readPdf(content)).flatMap((page) => page.lines);

describe('the letter of a task', () => {
  test('is made from what is open today, with a reference and the soonest deadline', async () => {
    const outbox = await Outbox.open(db());
    const { actionId } = await outbox.reminder(LETTER);
    const letter = await readLetterPdf(depsOf(outbox), outbox.bookId, actionId);
    const lines = await linesOf(letter.content);
    expect(letter.isIssued).toBe(false);
    expect(lines).toContain('Date | 23 November 2026');
    expect(lines).toContain(`Reference | ${referenceOf(actionId)}`);
    expect(lines).toContain('Please pay by | 7 December 2026');
    expect(lines).toContain('To pay | 1,200.00');
    expect(lines.slice(-5, -2)).toEqual(['Mia Tran', 'Accounts receivable', 'Harbour Joinery']);
  });

  test('takes the reference, deadline, addresses and bank lines that were set', async () => {
    const outbox = await Outbox.open(db());
    const { actionId, customerId } = await outbox.reminder(LETTER);
    const { prisma } = db();
    await prisma.action.update({
      where: { id: actionId },
      data: { reference: 'FN-2026-17', deadlineOn: toDate(addDays(TODAY, 20)) },
    });
    await prisma.book.update({
      where: { id: outbox.bookId },
      data: {
        postalAddress: '12 Quay Street',
        paymentDetails: 'Bank 12-34',
        legalName: 'Harbour Joinery Ltd',
      },
    });
    await prisma.customerSetting.create({
      data: { bookId: outbox.bookId, customerId, postalAddress: '1 Mill Lane' },
    });
    const lines = await linesOf(
      (await readLetterPdf(depsOf(outbox), outbox.bookId, actionId)).content,
    );
    for (const text of [
      'Harbour Joinery Ltd',
      '12 Quay Street',
      '1 Mill Lane',
      'Reference | FN-2026-17',
      'Please pay by | 13 December 2026',
      'Bank 12-34',
      'Please give FN-2026-17 as the reference.',
    ]) {
      expect(lines).toContain(text);
    }
  });

  test('asks a person who trades alone as the protocol wants it', async () => {
    const outbox = await Outbox.open(db());
    await db().prisma.book.update({ where: { id: outbox.bookId }, data: { country: 'GB' } });
    const { actionId, customerId } = await outbox.reminder({ ...LETTER, template: 'letter-final' });
    await db().prisma.customerSetting.create({
      data: { bookId: outbox.bookId, customerId, legalForm: 'individual' },
    });
    const lines = await linesOf(
      (await readLetterPdf(depsOf(outbox), outbox.bookId, actionId)).content,
    );
    expect(lines).toContain('Please pay by | 23 December 2026');
    expect(lines.join(' ')).toContain(
      'This is not a letter of claim under the Pre-Action Protocol',
    );
  });

  test('credit that is held is taken off what is asked for', async () => {
    const outbox = await Outbox.open(db());
    const { actionId, customerId } = await outbox.reminder(LETTER);
    await db().prisma.credit.create({
      data: {
        bookId: outbox.bookId,
        id: 'cn',
        kind: 'credit_note',
        number: 'CN-1',
        customerId,
        status: 'open',
        issuedOn: toDate(addDays(TODAY, -3)),
        currency: 'NZD',
        totalMinor: 20_000n,
        remainingMinor: 20_000n,
        hash: 'h',
      },
    });
    const lines = await linesOf(
      (await readLetterPdf(depsOf(outbox), outbox.bookId, actionId)).content,
    );
    expect(lines).toContain('Less Credit note CN-1 | −200.00');
    expect(lines).toContain('To pay | 1,000.00');
    expect(lines.join(' ')).toContain('Please pay NZD 1,000.00 by 7 December 2026');
  });

  test('of instalments only what has fallen due is asked for', async () => {
    const outbox = await Outbox.open(db());
    const schedule = [-10, 20].map((days) => ({
      dueOn: addDays(TODAY, days),
      amountMinor: 60_000,
    }));
    const { actionId } = await outbox.reminder(LETTER, { schedule });
    const lines = await linesOf(
      (await readLetterPdf(depsOf(outbox), outbox.bookId, actionId)).content,
    );
    expect(lines).toContain('To pay | 600.00');
  });

  test.each([
    ['the next step hands over', 'hand_over', 'we intend to hand the account'],
    ['another step follows', 'call', 'we may hand the account'],
  ])('%s: says so and no more', async (_what, channel, words) => {
    const outbox = await Outbox.open(db());
    const { actionId } = await outbox.reminder({ ...LETTER, template: 'letter-final' });
    const text =
      `name: P\nsteps:\n  - { key: overdue-second, name: Final, offsetDays: 40, channel: letter, template: letter-final }\n  - { key: next, name: Next, offsetDays: 60, channel: ${channel} }\n`
        .replaceAll('offsetDays: 40', 'at: 40 days after due')
        .replaceAll('offsetDays: 60', 'at: 60 days after due');
    const policy = await db().prisma.policy.create({
      data: {
        bookId: outbox.bookId,
        name: 'P',
        versions: {
          create: {
            number: 1,
            text,
            digest: 'd',
            author: 'a',
            reason: 'r',
            effectiveOn: toDate(TODAY),
            createdAt: outbox.clock.now(),
          },
        },
      },
      include: { versions: true },
    });
    await db().prisma.action.update({
      where: { id: actionId },
      data: { policyVersionId: policy.versions[0]?.id ?? 0 },
    });
    const lines = await linesOf(
      (await readLetterPdf(depsOf(outbox), outbox.bookId, actionId)).content,
    );
    expect(lines.join(' ')).toContain(words);
  });

  test('an action that writes no letter, and a customer who owes nothing any more, have none', async () => {
    const outbox = await Outbox.open(db());
    const call = await outbox.reminder({ channel: 'call', template: '', state: 'todo' });
    await expect(readLetterPdf(depsOf(outbox), outbox.bookId, call.actionId)).rejects.toThrow(
      'writes no letter',
    );
    const paid = await outbox.reminder(LETTER, { status: 'paid', openMinor: 0 });
    await expect(readLetterPdf(depsOf(outbox), outbox.bookId, paid.actionId)).rejects.toThrow(
      'open any more',
    );
  });
});

describe('issuing', () => {
  test('keeps the bytes: whatever is paid afterwards, the letter stays what it was', async () => {
    const outbox = await Outbox.open(db());
    const { actionId, invoice } = await outbox.reminder(LETTER);
    const issued = await issueLetter(depsOf(outbox), outbox.bookId, actionId, 'test');
    await db().prisma.invoice.updateMany({
      where: { bookId: outbox.bookId, id: invoice.id },
      data: { openMinor: 100n },
    });
    outbox.clock.advance(86_400_000);
    const again = await issueLetter(depsOf(outbox), outbox.bookId, actionId, 'test');
    const read = await readLetterPdf(depsOf(outbox), outbox.bookId, actionId);
    expect(again.content.equals(issued.content)).toBe(true);
    expect([read.isIssued, read.content.equals(issued.content)]).toEqual([true, true]);
    const rows = await db().prisma.document.findMany({ where: { actionId } });
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({
      kind: 'letter',
      contentType: 'application/pdf',
      sha256: createHash('sha256').update(issued.content).digest('hex'),
    });
    const audit = await db().prisma.audit.findMany({ where: { bookId: outbox.bookId } });
    expect(audit.map((line) => [line.action, line.subject])).toEqual([
      ['letter.issued', `action ${actionId}`],
    ]);
  });

  test.each(['proposed', 'cancelled'] as const)(
    'a letter that is %s is not issued',
    async (state) => {
      const outbox = await Outbox.open(db());
      const { actionId } = await outbox.reminder({ ...LETTER, state });
      await expect(issueLetter(depsOf(outbox), outbox.bookId, actionId, 'test')).rejects.toThrow(
        'is not issued',
      );
      expect(await db().prisma.document.count({ where: { actionId } })).toBe(0);
    },
  );

  test('a letter of another book looks as if it did not exist', async () => {
    const outbox = await Outbox.open(db());
    const other = await Outbox.open(db());
    const { actionId } = await outbox.reminder(LETTER);
    await issueLetter(depsOf(outbox), outbox.bookId, actionId, 'test');
    await expect(readLetterPdf(depsOf(outbox), other.bookId, actionId)).rejects.toThrow(
      `no action ${actionId}`,
    );
    await expect(issueLetter(depsOf(outbox), other.bookId, actionId, 'x')).rejects.toThrow(
      `no action ${actionId}`,
    );
  });
});

test('an email with a formal letter and a statement carries both, and what left is kept', async () => {
  const outbox = await Outbox.open(db());
  const catcher = await startMailCatcher();
  const config = readConfig({ SMTP_HOST: catcher.host, SMTP_PORT: String(catcher.port) });
  if (config.smtp === null) throw new Error('no mail server');
  const mailer = createMailer(config.smtp, { clock: outbox.clock });
  try {
    const { actionId } = await outbox.reminder({ template: 'letter-formal' });
    await db().prisma.action.update({ where: { id: actionId }, data: { attachStatement: true } });
    await sendDue({ ...outbox.deps, mailer }, outbox.bookId);
    const [message] = catcher.messages();
    expect(message?.attachments).toEqual([
      expect.stringMatching(/^Letter Kauri Builders \d+ 2026-11-23\.pdf$/),
      expect.stringMatching(/^Statement Kauri Builders \d+ 2026-11-23\.pdf$/),
    ]);
    const kept = await db().prisma.document.findMany({
      where: { actionId },
      orderBy: { kind: 'asc' },
    });
    expect(kept.map((row) => row.kind)).toEqual(['letter', 'statement']);
    expect(await linesOf(Buffer.from(kept[1]?.bytes ?? []))).toContain('Balance | 1,200.00');
  } finally {
    await mailer.close();
    await catcher.close();
  }
});
