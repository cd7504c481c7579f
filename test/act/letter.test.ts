import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { sendDue } from '../../src/act/index.ts';
import { issueLetter, readLetterPdf } from '../../src/act/letter.ts';
import { referenceOf } from '../../src/act/write-letter.ts';
import { readConfig } from '../../src/config.ts';
import { addDays, toDate } from '../../src/domain/day.ts';
import { PLAIN_CHOICE } from '../../src/domain/interest/terms.ts';
import { confirmTerms } from '../../src/late-fees/confirm-terms.ts';
import { startMailCatcher } from '../../src/demo/mail-catcher.ts';
import { createMailer, type OutgoingMail } from '../../src/act/mailer.ts';
import type { Invoice } from '../../src/domain/receivables.ts';
import { acceptingMailer } from '../support/accepting-mailer.ts';
import { useDatabase } from '../support/database.ts';
import { MAIL_FROM, Outbox, TODAY } from '../support/outbox.ts';
import { readPdf } from '../support/pdf-text.ts';

const db = useDatabase();

const LETTER = { channel: 'letter', template: 'letter-formal', state: 'todo' } as const;
const depsOf = (outbox: Outbox) => ({ ...outbox.deps, config: { mailFrom: MAIL_FROM } });
const issue = (outbox: Outbox, actionId: string) =>
  issueLetter(depsOf(outbox), outbox.bookId, actionId, 'test');
const BY_CONTRACT = {
  customerId: null,
  choice: { ...PLAIN_CHOICE, percent: '18', per: 'year' as const },
  country: null,
  confirmation: 'in our terms of trade, clause 7',
};
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
    await outbox.credit(customerId, 20_000);
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
  test('reads the ledger once more: the letter asks for what is open there, not in the mirror', async () => {
    const outbox = await Outbox.open(db());
    const { actionId, invoice } = await outbox.reminder(LETTER);
    outbox.change(invoice, { openMinor: 90_000 });
    const lines = await linesOf((await issue(outbox, actionId)).content);
    expect(lines).toContain('To pay | 900.00');
    expect(outbox.ledger.calls).toEqual(['readInvoice']);
    const row = await outbox.stateOf(actionId);
    expect(row.invoices.map((line) => Number(line.openMinor))).toEqual([90_000]);
    expect(row).toMatchObject({
      reference: referenceOf(actionId),
      deadlineOn: toDate(addDays(TODAY, 14)),
    });
  });

  test.each<[string, Partial<Invoice>, string]>([
    ['paid', { status: 'paid', openMinor: 0 }, 'has been paid'],
    ['voided', { status: 'voided' }, 'has been voided'],
  ])('what was %s in the ledger a moment ago is not issued', async (_what, changes, because) => {
    const outbox = await Outbox.open(db());
    const { actionId, invoice } = await outbox.reminder(LETTER);
    outbox.change(invoice, changes);
    await expect(issue(outbox, actionId)).rejects.toMatchObject({
      code: 'act.nothing_to_ask',
      userMessage: expect.stringContaining(because) as string,
    });
    expect(await db().prisma.document.count({ where: { actionId } })).toBe(0);
  });

  test('two who issue it in the same moment get the same letter', async () => {
    const outbox = await Outbox.open(db());
    const { actionId } = await outbox.reminder(LETTER);
    const [one, two] = await Promise.all([issue(outbox, actionId), issue(outbox, actionId)]);
    expect(one.content.equals(two.content)).toBe(true);
    expect(await db().prisma.document.count({ where: { actionId } })).toBe(1);
  });

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

describe('an email that carries a letter', () => {
  /** Sends what is due into a mailer that takes everything, and gives what it took. */
  async function sent(outbox: Outbox): Promise<OutgoingMail[]> {
    const mails: OutgoingMail[] = [];
    const mailer = acceptingMailer(mails);
    await sendDue({ ...outbox.deps, mailer }, outbox.bookId);
    return mails;
  }

  async function formalEmail(outbox: Outbox, template: string) {
    const made = await outbox.reminder({ template });
    await db().prisma.action.update({
      where: { id: made.actionId },
      data: {
        attachStatement: true,
        reference: 'FN-2026-17',
        deadlineOn: toDate(addDays(TODAY, 16)),
      },
    });
    return made;
  }

  test.each(['letter-formal', 'letter-final'])(
    '%s: both name the same sum, deadline, reference and date, as the ledger has it at that moment',
    async (template) => {
      const outbox = await Outbox.open(db());
      const { actionId, invoice, customerId } = await formalEmail(outbox, template);
      await db().prisma.book.update({
        where: { id: outbox.bookId },
        data: { paymentDetails: 'Bank 12-34' },
      });
      await outbox.credit(customerId, 20_000);
      outbox.change(invoice, { openMinor: 90_000 });
      const [mail] = await sent(outbox);
      const [letter = [], statement = []] = await Promise.all(
        (mail?.attachments ?? []).map(({ content }) => linesOf(content)),
      );
      expect(mail?.attachments.map((file) => file.keepAs)).toEqual(['letter', 'statement']);
      expect(letter).toEqual(
        expect.arrayContaining([
          'Date | 23 November 2026',
          'Reference | FN-2026-17',
          'Please pay by | 9 December 2026',
          'To pay | 700.00',
        ]),
      );
      expect(mail?.subject).toMatch(/: NZD 700\.00$/);
      for (const body of [mail?.text, mail?.html]) {
        for (const words of [
          '23 November 2026',
          'Reference FN-2026-17',
          'Please pay by 9 December 2026',
          'lease pay NZD 700.00 by 9 December 2026',
          'Bank 12-34',
          'This letter as a PDF and your statement of account are attached.',
        ]) {
          expect(body).toContain(words);
        }
        // Not a link in it, and the figures as the letter writes them.
        expect(body).not.toContain('https://pay.example');
        expect(body).not.toContain('$');
        expect(body).not.toContain('1,200.00 by');
        expect(body).not.toContain('30 November');
      }
      // The statement was read a moment ago too: 900.00 open, 200.00 of theirs held.
      expect(statement).toContain('Balance | 700.00');
      expect(await outbox.stateOf(actionId)).toMatchObject({
        state: 'sent',
        reference: 'FN-2026-17',
        deadlineOn: toDate(addDays(TODAY, 16)),
      });
    },
  );

  test.each<[string, boolean, string]>([
    ['the law is information', false, 'For information: between businesses, NZD'],
    [
      'a term that was confirmed is owed besides',
      true,
      'By our terms (18 % a year by contract), NZD',
    ],
  ])('of interest %s, in the email and in the letter alike', async (_what, isConfirmed, words) => {
    const outbox = await Outbox.open(db());
    await db().prisma.book.update({ where: { id: outbox.bookId }, data: { country: 'GB' } });
    await outbox.reminder({ template: 'letter-final' });
    if (isConfirmed) await confirmTerms(outbox.deps, outbox.bookId, BY_CONTRACT, 'Ann');
    const [mail] = await sent(outbox);
    const lines = await linesOf(mail?.attachments[0]?.content ?? Buffer.alloc(0));
    const [sentence = ''] = mail?.text.split('\n').filter((line) => line.startsWith(words)) ?? [];
    expect(sentence).not.toBe('');
    expect(lines.join(' ')).toContain(sentence);
    expect(lines).toContain('To pay | 1,200.00');
    expect(lines.join(' ')).toContain('10 days × NZD 1,200.00');
  });

  test.each<[string, (outbox: Outbox, made: Awaited<ReturnType<Outbox['reminder']>>) => unknown]>([
    [
      'something was paid since the last sync',
      (box, { invoice }) => {
        box.change(invoice, { openMinor: 90_000 });
      },
    ],
    [
      'a law between businesses is not theirs',
      (box, { customerId }) =>
        db().prisma.customerSetting.create({
          data: { bookId: box.bookId, customerId, legalForm: 'individual' },
        }),
    ],
  ])('%s: nothing is said of interest', async (_what, arrange) => {
    const outbox = await Outbox.open(db());
    await db().prisma.book.update({ where: { id: outbox.bookId }, data: { country: 'GB' } });
    const made = await outbox.reminder({ template: 'letter-formal' });
    await arrange(outbox, made);
    const [mail] = await sent(outbox);
    expect(mail?.text).toContain('Reference L-');
    expect(mail?.text).not.toMatch(/of interest/);
  });

  test('planned without a reference and a day, it keeps those that it named', async () => {
    const outbox = await Outbox.open(db());
    const { actionId } = await outbox.reminder({ template: 'letter-formal' });
    await sent(outbox);
    expect(await outbox.stateOf(actionId)).toMatchObject({
      reference: referenceOf(actionId),
      deadlineOn: toDate(addDays(TODAY, 14)),
    });
  });

  test('a reminder with a statement mentions it, one without anything attached mentions nothing', async () => {
    const outbox = await Outbox.open(db());
    const { actionId } = await outbox.reminder({ attachPdf: true });
    await db().prisma.action.update({ where: { id: actionId }, data: { attachStatement: true } });
    await outbox.reminder();
    const mails = await sent(outbox);
    const about = (mail: OutgoingMail) => /[^.]* attached\./.exec(mail.text)?.[0].trim() ?? null;
    expect(mails.map(about).sort()).toEqual([
      'Your statement of account and a copy of the invoice are attached.',
      null,
    ]);
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
