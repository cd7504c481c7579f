import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { claimNext } from '../../src/act/claim.ts';
import { createMailer, type Mailer } from '../../src/act/mailer.ts';
import { recover } from '../../src/act/recover.ts';
import { type SendReport, sendDue } from '../../src/act/send-due.ts';
import {
  type CaughtMail,
  type MailCatcher,
  startMailCatcher,
} from '../../src/demo/mail-catcher.ts';
import { addDays, toDate } from '../../src/domain/day.ts';
import type { Invoice } from '../../src/domain/receivables.ts';
import { LedgerError } from '../../src/errors.ts';
import { isWithdrawn } from '../../src/domain/withdrawal.ts';
import { useDatabase } from '../support/database.ts';
import { Outbox, TODAY } from '../support/outbox.ts';

const db = useDatabase();
let catcher: MailCatcher;
let mailer: Mailer;
let box: Outbox;

beforeAll(async () => {
  catcher = await startMailCatcher();
});
afterAll(() => catcher.close());
beforeEach(async () => {
  catcher.behave();
  box = await Outbox.open(db());
  mailer = mailerTo(catcher.port);
});

function mailerTo(port: number): Mailer {
  const smtp = { host: '127.0.0.1', port, secure: false, auth: null };
  return createMailer(smtp, { clock: box.clock });
}

function send(using: Mailer | null = mailer): Promise<SendReport> {
  return sendDue({ ...box.deps, mailer: using }, box.bookId);
}

/** Messages of one action that the mail server holds. */
function mailsOf(actionId: string): CaughtMail[] {
  return catcher.messages().filter((mail) => mail.messageId.includes(actionId));
}

function acceptedOf(actionId: string): number {
  return catcher.accepted().filter((id) => id.includes(actionId)).length;
}

const NOTHING = { sent: 0, rejected: 0, deferred: 0, cancelled: 0, inDoubt: 0, waiting: 0 };
const MINUTE = 60_000;

describe('a reminder that is due', () => {
  test('leaves once, is stored as it left, and plans one note', async () => {
    const { actionId, invoice, customerId } = await box.reminder();
    expect(await send()).toEqual({ ...NOTHING, sent: 1, waitingBecause: null });

    const [mail, ...more] = mailsOf(actionId);
    expect(more).toEqual([]);
    expect(mail).toMatchObject({
      messageId: `<${actionId}@harbour.example>`,
      from: 'accounts@harbour.example',
      envelope: { from: 'accounts@harbour.example' },
      subject: `Second reminder: invoice ${invoice.number} from Harbour Joinery, 10 days overdue`,
    });
    const customer = await db().prisma.customer.findUniqueOrThrow({
      where: { bookId_id: { bookId: box.bookId, id: customerId } },
    });
    expect(mail?.envelope.to).toEqual([customer.emailText]);
    expect(mail?.html).toContain('href="https://pay.example/view"');

    const row = await box.stateOf(actionId);
    expect(row).toMatchObject({ state: 'sent', attempts: 1, stateReason: null });
    expect(row.message).toMatchObject({
      messageId: mail?.messageId,
      toAddresses: mail?.envelope.to,
      subject: mail?.subject,
      smtpResponse: expect.stringMatching(/^250/) as string,
    });
    expect(row.message?.text.trim()).toBe(mail?.text.trim());
    expect(row.notes).toHaveLength(1);
    expect(row.notes[0]).toMatchObject({
      state: 'planned',
      targetKind: 'invoice',
      targetId: invoice.id,
    });
    expect(row.notes[0]?.body).toBe(
      `Second reminder emailed to ${customer.emailText ?? ''} on 23 Nov 2026: ${invoice.number}, NZD 1,200.00, 10 days overdue. ${row.notes[0]?.ref ?? ''}`,
    );
    expect(row.notes[0]?.ref).toMatch(/^\[ref [0-9a-f]{8}\]$/);
    expect(row.notes[0]?.requestId.length).toBeLessThanOrEqual(50);

    expect(await send()).toEqual({ ...NOTHING, waitingBecause: null });
    expect(mailsOf(actionId)).toHaveLength(1);
  });

  test('is marked as being handed over before the first byte of its content arrives', async () => {
    const { actionId } = await box.reminder();
    const seen: unknown[] = [];
    catcher.behave(async (moment) => {
      if (moment.at === 'rcpt' || moment.at === 'content') {
        const { state, message } = await box.stateOf(actionId);
        seen.push([moment.at, state, message?.handedOverAt ?? null]);
      }
      return undefined;
    });
    await send();
    expect(seen).toEqual([
      ['rcpt', 'claimed', null],
      ['content', 'handing_over', box.clock.now()],
    ]);
  });

  test('waits until its time', async () => {
    const { actionId } = await box.reminder();
    await db().prisma.action.update({
      where: { id: actionId },
      data: { dueAt: new Date(box.clock.now().getTime() + MINUTE) },
    });
    expect(await send()).toMatchObject({ sent: 0, waiting: 1 });
    box.clock.advance(MINUTE);
    expect(await send()).toMatchObject({ sent: 1, waiting: 0 });
  });

  test('carries the invoices as PDF when the step says so', async () => {
    const { actionId, invoice } = await box.reminder({ attachPdf: true });
    await send();
    expect(mailsOf(actionId)[0]?.attachments).toEqual([`Invoice ${invoice.number}.pdf`]);
    expect((await box.stateOf(actionId)).message?.attachments).toEqual([
      `Invoice ${invoice.number}.pdf`,
    ]);
  });

  test('says it was released by nobody only when nobody released it', async () => {
    const automatic = await box.reminder();
    const approved = await box.reminder({ approvedBy: 'mia' });
    await send();
    expect(mailsOf(automatic.actionId)[0]?.raw).toMatch(/^Auto-Submitted: auto-generated/m);
    expect(mailsOf(approved.actionId)[0]?.raw).not.toMatch(/^Auto-Submitted/m);
  });
});

describe('two workers on one due set', () => {
  test('send each reminder once', async () => {
    const made = [];
    for (let i = 0; i < 12; i += 1) made.push(await box.reminder());
    const other = mailerTo(catcher.port);
    const [a, b] = await Promise.all([send(), send(other)]);
    expect(a.sent + b.sent).toBe(12);
    for (const { actionId } of made) {
      expect(mailsOf(actionId)).toHaveLength(1);
      expect((await box.stateOf(actionId)).state).toBe('sent');
    }
  });
});

describe('what the mail server answers', () => {
  test('an unknown recipient: rejected with its words, and no note', async () => {
    const { actionId } = await box.reminder();
    catcher.behave((m) => (m.at === 'rcpt' ? { code: 550, text: 'no such user' } : undefined));
    expect(await send()).toMatchObject({ sent: 0, rejected: 1, waiting: 0 });
    const row = await box.stateOf(actionId);
    expect(row).toMatchObject({ state: 'rejected', notes: [] });
    expect(row.stateReason).toContain('no such user');
    expect(row.message?.handedOverAt).toBeNull();
    expect(row.message?.toAddresses).toHaveLength(1);
  });

  test('greylisting: later again, rarer each time, and given up after twelve tries', async () => {
    const { actionId } = await box.reminder();
    catcher.behave((m) => (m.at === 'rcpt' ? { code: 451, text: 'try later' } : undefined));
    const waits: number[] = [];
    for (let i = 1; i <= 11; i += 1) {
      expect(await send()).toMatchObject({ deferred: 1 });
      const { dueAt, attempts } = await box.stateOf(actionId);
      expect(attempts).toBe(i);
      waits.push((dueAt.getTime() - box.clock.now().getTime()) / MINUTE);
      expect(await send()).toMatchObject({ deferred: 0, waiting: 1 });
      box.clock.set(dueAt);
    }
    expect(waits).toEqual([5, 15, 60, 240, 480, 480, 480, 480, 480, 480, 480]);
    expect(await send()).toMatchObject({ rejected: 1, waiting: 0 });
    expect((await box.stateOf(actionId)).stateReason).toContain('Given up after 12 tries');
  });

  test('greylisting that ends: sent once', async () => {
    const { actionId } = await box.reminder();
    catcher.behave((m) => (m.at === 'rcpt' ? { code: 451, text: 'try later' } : undefined));
    await send();
    catcher.behave();
    box.clock.advance(5 * MINUTE);
    expect(await send()).toMatchObject({ sent: 1 });
    expect(acceptedOf(actionId)).toBe(1);
  });

  test('content refused for good after the handover began: rejected', async () => {
    const { actionId } = await box.reminder();
    catcher.behave((m) => (m.at === 'received' ? { code: 554, text: 'policy' } : undefined));
    expect(await send()).toMatchObject({ rejected: 1 });
    expect(await box.stateOf(actionId)).toMatchObject({ state: 'rejected', notes: [] });
  });

  test.each(['received', 'stored'] as const)(
    'contact lost when the content was %s: in doubt, and never sent again by itself',
    async (at) => {
      const { actionId } = await box.reminder();
      catcher.behave((m) => (m.at === at ? 'drop' : undefined));
      expect(await send()).toMatchObject({ inDoubt: 1, waiting: 0 });
      catcher.behave();
      const held = mailsOf(actionId).length;
      box.clock.advance(24 * 60 * MINUTE);
      expect(await send()).toMatchObject(NOTHING);
      expect(mailsOf(actionId)).toHaveLength(held);
      expect(await box.stateOf(actionId)).toMatchObject({ state: 'in_doubt', notes: [] });
    },
  );

  test('one of two recipients refused: sent, and the refusal is told', async () => {
    const customerId = await box.customer({ emailText: 'ap@two.example, gone@two.example' });
    const actionId = await box.action(customerId, [await box.invoice(customerId)]);
    catcher.behave((m) =>
      m.at === 'rcpt' && m.address.startsWith('gone') ? { code: 550, text: 'left' } : undefined,
    );
    expect(await send()).toMatchObject({ sent: 1 });
    const row = await box.stateOf(actionId);
    expect(row.stateReason).toContain('left');
    expect(row.notes).toHaveLength(1);
  });
});

describe('when nothing can leave', () => {
  test('no mail server set up: everything waits and says so', async () => {
    const { actionId } = await box.reminder();
    const report = await send(null);
    expect(report).toMatchObject({
      ...NOTHING,
      waiting: 1,
      waitingBecause: expect.stringContaining('SMTP_HOST') as string,
    });
    const row = await box.stateOf(actionId);
    expect(row).toMatchObject({
      state: 'planned',
      attempts: 0,
      stateReason: report.waitingBecause,
    });
    expect(box.ledger.calls).toEqual([]);
  });

  test('the mail server is down: one try, all wait with the reason, and all leave when it is back', async () => {
    const made = [await box.reminder(), await box.reminder(), await box.reminder()];
    const down = await startMailCatcher();
    await down.close();
    const report = await send(mailerTo(down.port));
    expect(report).toMatchObject({ sent: 0, deferred: 1, waiting: 3 });
    expect(report.waitingBecause).toContain('connection refused');
    for (const { actionId } of made) {
      const row = await box.stateOf(actionId);
      expect(row.stateReason).toContain('connection refused');
      expect(row.attempts).toBe(0);
    }
    box.clock.advance(5 * MINUTE);
    expect(await send()).toMatchObject({ sent: 3, waiting: 0, waitingBecause: null });
  });

  test('no sender address: waits', async () => {
    await box.reminder();
    const report = await sendDue({ ...box.deps, mailFrom: null, mailer }, box.bookId);
    expect(report).toMatchObject({
      sent: 0,
      waiting: 1,
      waitingBecause: expect.stringContaining('MAIL_FROM') as string,
    });
  });

  test('the book’s own address and reply address win over the installation’s', async () => {
    const { actionId } = await box.reminder();
    await db().prisma.book.update({
      where: { id: box.bookId },
      data: { fromName: 'Ana', fromEmail: 'ana@book.example', replyTo: 'team@book.example' },
    });
    await send();
    const [mail] = mailsOf(actionId);
    expect(mail?.envelope.from).toBe('ana@book.example');
    expect(mail?.messageId).toBe(`<${actionId}@book.example>`);
    expect(mail?.raw).toMatch(/^Reply-To: team@book.example/m);
  });

  test('the ledger is disconnected: nothing is claimed, and the reason is on the action', async () => {
    const { actionId } = await box.reminder();
    const openLedger = () => Promise.reject(new LedgerError('disconnected', 'gone'));
    const report = await sendDue({ ...box.deps, openLedger, mailer }, box.bookId);
    expect(report).toMatchObject({ sent: 0, waiting: 1 });
    expect(await box.stateOf(actionId)).toMatchObject({
      state: 'planned',
      stateReason: expect.stringContaining('disconnected') as string,
    });
  });

  test('the ledger is lost in the middle: the pass stops, nothing is sent unseen', async () => {
    await box.reminder();
    await box.reminder();
    box.ledger.failures.push({
      call: 'readInvoice',
      error: new LedgerError('disconnected', '401'),
    });
    const before = catcher.messages().length;
    expect(await send()).toMatchObject({ sent: 0, deferred: 1, waiting: 2 });
    expect(catcher.messages()).toHaveLength(before);
    expect(box.ledger.calls).toEqual(['readInvoice']);
  });

  test('the call limit is used up: waits as long as the ledger says', async () => {
    const { actionId } = await box.reminder();
    const error = new LedgerError('rate_limited', '429', {}, { retryAfterMs: 7 * MINUTE });
    box.ledger.failures.push({ call: 'readInvoice', error });
    await send();
    const { dueAt, attempts } = await box.stateOf(actionId);
    expect(dueAt.getTime() - box.clock.now().getTime()).toBe(7 * MINUTE);
    expect(attempts).toBe(0);
  });

  test('a broken template: its message waits and names the line, others leave', async () => {
    const broken = await box.reminder({ template: 'no-such-template' });
    const fine = await box.reminder();
    expect(await send()).toMatchObject({ sent: 1, deferred: 1 });
    expect((await box.stateOf(broken.actionId)).stateReason).toContain('no-such-template.en');
    expect((await box.stateOf(fine.actionId)).state).toBe('sent');
  });

  test('a PDF that cannot be fetched: waits; a pay link that cannot: leaves without its button', async () => {
    const withPdf = await box.reminder({ attachPdf: true });
    box.ledger.failures.push({
      call: 'invoicePdf',
      error: new LedgerError('unexpected_shape', 'not a PDF'),
    });
    expect(await send()).toMatchObject({ deferred: 1 });
    expect(await box.stateOf(withPdf.actionId)).toMatchObject({ state: 'deferred', attempts: 1 });

    const noLink = await box.reminder();
    box.ledger.failures.push({ call: 'payLink', error: new LedgerError('unavailable', '503') });
    expect(await send()).toMatchObject({ sent: 1 });
    expect(mailsOf(noLink.actionId)[0]?.html).not.toContain('View and pay');
  });
});

describe('the book’s mode at the moment of sending', () => {
  test('shadow: nothing leaves', async () => {
    await box.reminder();
    await db().prisma.book.update({ where: { id: box.bookId }, data: { mode: 'shadow' } });
    expect(await send()).toMatchObject({ sent: 0, waiting: 1 });
  });

  test('approve: what a person released leaves, what was planned without one goes back to be released', async () => {
    const unapproved = await box.reminder();
    const approved = await box.reminder({ approvedBy: 'mia' });
    await db().prisma.book.update({ where: { id: box.bookId }, data: { mode: 'approve' } });
    expect(await send()).toMatchObject({ sent: 1, waiting: 0 });
    expect((await box.stateOf(unapproved.actionId)).state).toBe('proposed');
    expect((await box.stateOf(approved.actionId)).state).toBe('sent');
  });

  test('switched to shadow during a pass: the rest of it stays', async () => {
    await box.reminder();
    await box.reminder();
    catcher.behave(async (moment) => {
      if (moment.at === 'stored') {
        await db().prisma.book.update({ where: { id: box.bookId }, data: { mode: 'shadow' } });
      }
      return undefined;
    });
    expect(await send()).toMatchObject({ sent: 1, waiting: 1 });
  });

  test('the platform’s own reminders are on: ours wait', async () => {
    await box.reminder();
    await db().prisma.book.update({
      where: { id: box.bookId },
      data: { platformRemindersOn: true },
    });
    expect(await send()).toMatchObject({ sent: 0, waiting: 1 });
  });

  test('the ledger was last read too long ago: what was planned waits and says so, and leaves after a sync', async () => {
    const { actionId } = await box.reminder();
    const deps = { ...box.deps, mailer, freshnessHours: 24 };
    box.clock.advance(25 * 60 * MINUTE);
    const held = await sendDue(deps, box.bookId);
    expect(held).toMatchObject({ sent: 0, waiting: 1 });
    expect(held.waitingBecause).toMatch(/more than 24 hours ago: a payment may have arrived since/);
    expect((await box.stateOf(actionId)).stateReason).toBe(held.waitingBecause);
    await db().prisma.book.update({
      where: { id: box.bookId },
      data: { lastSyncedAt: box.clock.now() },
    });
    expect(await sendDue(deps, box.bookId)).toMatchObject({ sent: 1 });
  });

  test('what a run planned leaves by itself once a run has ended; what a person released does not wait for it', async () => {
    const byItself = await box.reminder();
    const released = await box.reminder({ approvedBy: 'Ana' });
    const where = { bookId: box.bookId };
    await db().prisma.run.updateMany({ where, data: { state: 'running' } });
    expect(await send()).toMatchObject({ sent: 1, waiting: 1 });
    expect((await box.stateOf(released.actionId)).state).toBe('sent');
    await db().prisma.run.updateMany({ where, data: { state: 'done' } });
    expect(await send()).toMatchObject({ sent: 1 });
    expect((await box.stateOf(byItself.actionId)).state).toBe('sent');
  });

  test('proposed actions and tasks never leave', async () => {
    await box.reminder({ state: 'proposed' });
    await box.reminder({ state: 'todo', channel: 'call', template: '' });
    expect(await send()).toMatchObject({ ...NOTHING });
  });
});

describe('the last look before the message leaves', () => {
  async function cancelledBecause(actionId: string): Promise<string> {
    const before = catcher.messages().length;
    expect(await send()).toMatchObject({ sent: 0, cancelled: 1, waiting: 0 });
    expect(catcher.messages()).toHaveLength(before);
    const row = await box.stateOf(actionId);
    expect(row.state).toBe('cancelled');
    expect(row.notes).toEqual([]);
    // The rules must know it from a person's decision, or the step would never come again.
    expect(isWithdrawn(row.stateReason)).toBe(true);
    return row.stateReason ?? '';
  }

  test.each<[string, Partial<Invoice>, string]>([
    ['paid', { status: 'paid', openMinor: 0 }, 'has been paid'],
    ['open with nothing left', { openMinor: 0 }, 'has been paid'],
    ['voided', { status: 'voided' }, 'voided'],
    ['deleted', { status: 'deleted' }, 'deleted'],
    ['a draft again', { status: 'draft' }, 'draft'],
    ['due later', { dueOn: addDays(TODAY, 14) }, 'falls due on 7 Dec 2026'],
    [
      'another customer’s',
      { customerId: 'somebody-else' as Invoice['customerId'] },
      'another customer',
    ],
  ])('%s meanwhile: cancelled with that reason', async (_name, changes, words) => {
    const { actionId, invoice } = await box.reminder();
    box.change(invoice, changes);
    expect(await cancelledBecause(actionId)).toContain(words);
  });

  test('no longer in the ledger: cancelled', async () => {
    const { actionId, invoice } = await box.reminder();
    box.ledger.invoices.delete(invoice.id);
    expect(await cancelledBecause(actionId)).toContain('no longer in the ledger');
  });

  test('paid in part meanwhile: the message asks for what is left, and so does the note', async () => {
    const { actionId, invoice } = await box.reminder();
    box.change(invoice, { openMinor: 30_000 });
    expect(await send()).toMatchObject({ sent: 1 });
    const row = await box.stateOf(actionId);
    expect(mailsOf(actionId)[0]?.text).toContain('$300.00');
    expect(mailsOf(actionId)[0]?.text).not.toContain(`${invoice.number}: $1,200.00`);
    expect(row.invoices.map((line) => line.openMinor)).toEqual([30_000n]);
    expect(row.notes[0]?.body).toContain('NZD 300.00');
  });

  test('one of two that caused it is paid: the other goes alone, and only it counts as reminded', async () => {
    const customerId = await box.customer();
    const paid = await box.invoice(customerId);
    const open = await box.invoice(customerId);
    const actionId = await box.action(customerId, [paid, open]);
    box.change(paid, { status: 'paid', openMinor: 0 });
    expect(await send()).toMatchObject({ sent: 1 });
    const row = await box.stateOf(actionId);
    expect(row.invoices.map((line) => line.invoiceId)).toEqual([open.id]);
    expect(mailsOf(actionId)[0]?.text).not.toContain(paid.number);
    expect(row.notes[0]?.targetId).toBe(open.id);
  });

  test('what caused it is paid, and only listed invoices are left: cancelled', async () => {
    const customerId = await box.customer();
    const trigger = await box.invoice(customerId);
    const listed = await box.invoice(customerId);
    const actionId = await box.action(customerId, [trigger], { listed: [listed] });
    box.change(trigger, { status: 'paid', openMinor: 0 });
    expect(await cancelledBecause(actionId)).toContain(trigger.number);
  });

  test('listed invoices: the mirror while it is fresh, the ledger when it is an hour old', async () => {
    const customerId = await box.customer();
    const trigger = await box.invoice(customerId);
    const listed = await box.invoice(customerId);
    await box.action(customerId, [trigger], { listed: [listed] });
    await send();
    expect(box.ledger.calls.filter((call) => call === 'readInvoice')).toHaveLength(1);

    box.ledger.calls.length = 0;
    box.clock.advance(60 * MINUTE);
    const again = await box.action(customerId, [trigger], { listed: [listed] });
    box.change(listed, { status: 'paid', openMinor: 0 });
    await send();
    expect(box.ledger.calls.filter((call) => call === 'readInvoice')).toHaveLength(2);
    expect(mailsOf(again)[0]?.text).not.toContain(listed.number);
  });

  test('a hold on the invoice, or a dispute with the customer: cancelled', async () => {
    const { actionId, customerId, invoice } = await box.reminder();
    const hold = {
      bookId: box.bookId,
      customerId,
      kind: 'manual',
      reason: 'pays on Friday',
      owner: 'mia',
      fromOn: toDate(TODAY),
      createdAt: box.clock.now(),
    };
    await db().prisma.hold.create({
      data: { ...hold, invoiceIds: [invoice.id], untilOn: toDate(addDays(TODAY, 4)) },
    });
    expect(await cancelledBecause(actionId)).toContain('pays on Friday');

    const other = await box.reminder();
    await db().prisma.hold.create({
      data: {
        ...hold,
        customerId: other.customerId,
        kind: 'dispute',
        terms: { reason: 'quality', part: null, resolution: null },
        reason: 'wrong goods',
      },
    });
    expect(await cancelledBecause(other.actionId)).toContain('wrong goods');
  });

  test('a part in dispute is said and not asked for', async () => {
    const { actionId, customerId, invoice } = await box.reminder();
    await db().prisma.hold.create({
      data: {
        bookId: box.bookId,
        customerId,
        invoiceIds: [invoice.id],
        kind: 'dispute',
        terms: {
          reason: 'quantity_differs',
          part: { currency: 'NZD', amountMinor: 20_000 },
          resolution: null,
        },
        reason: 'two pallets short',
        owner: 'mia',
        fromOn: toDate(TODAY),
        createdAt: box.clock.now(),
      },
    });
    expect(await send()).toMatchObject({ sent: 1 });
    const [mail] = mailsOf(actionId);
    expect(mail?.text).toContain(
      `- ${invoice.number}: $1,000.00 of $1,200.00, due 13 Nov 2026 (10 days overdue), issued 14 Oct 2026; $200.00 is in dispute and not asked for`,
    );
    expect(mail?.html).toContain('$200.00 is in dispute and not asked for');
    const [listed] = await db().prisma.actionInvoice.findMany({ where: { actionId } });
    expect(listed?.openMinor).toBe(100_000n);
  });

  test('a hold that has ended does not count', async () => {
    const { customerId } = await box.reminder();
    const hold = {
      bookId: box.bookId,
      customerId,
      kind: 'manual',
      reason: 'paid on Friday',
      owner: 'mia',
      fromOn: toDate(addDays(TODAY, -9)),
      createdAt: box.clock.now(),
    };
    await db().prisma.hold.create({ data: { ...hold, untilOn: toDate(addDays(TODAY, -1)) } });
    await db().prisma.hold.create({ data: { ...hold, endedAt: box.clock.now() } });
    expect(await send()).toMatchObject({ sent: 1 });
  });

  test('never to be reminded, off balance, covered by credit, a notice past its day: cancelled', async () => {
    const never = await box.reminder();
    await db().prisma.customerSetting.create({
      data: { bookId: box.bookId, customerId: never.customerId, doNotChase: true },
    });
    expect(await cancelledBecause(never.actionId)).toContain('never be reminded');

    const off = await box.reminder();
    await db().prisma.customer.update({
      where: { bookId_id: { bookId: box.bookId, id: off.customerId } },
      data: { varianceMinor: 100, varianceReason: 'unknown' },
    });
    expect(await cancelledBecause(off.actionId)).toContain('differ');

    const credited = await box.reminder();
    await db().prisma.credit.create({
      data: {
        bookId: box.bookId,
        id: 'credit-1',
        kind: 'overpayment',
        customerId: credited.customerId,
        status: 'open',
        issuedOn: toDate(TODAY),
        currency: 'NZD',
        totalMinor: 120_000,
        remainingMinor: 120_000,
        hash: 'h',
      },
    });
    expect(await cancelledBecause(credited.actionId)).toContain('credit');

    const notice = await box.reminder(
      { template: 'due-today', plannedOn: addDays(TODAY, -1) },
      { dueOn: addDays(TODAY, -1) },
    );
    expect(await cancelledBecause(notice.actionId)).toContain('has fallen due');
  });

  test('a smaller credit is shown with what is left to pay after it', async () => {
    const { actionId, customerId } = await box.reminder();
    await db().prisma.payment.create({
      data: {
        bookId: box.bookId,
        id: 'payment-1',
        kind: 'receipt',
        customerId,
        status: 'received',
        paidOn: toDate(addDays(TODAY, -2)),
        currency: 'NZD',
        amountMinor: 20_000,
        unappliedMinor: 20_000,
        hash: 'h',
      },
    });
    await send();
    expect(mailsOf(actionId)[0]?.text).toContain('Payment received 21 Nov 2026: $200.00');
    expect(mailsOf(actionId)[0]?.text).toContain('$1,000.00');
  });

  test.each([
    null,
    'b@y.example\r\nBcc: evil@z.example',
    '"evil@z.example" <b@y.example>',
    'not an address',
  ])('an address text of %j reaches nobody: cancelled as unreachable', async (emailText) => {
    const customerId = await box.customer({ emailText });
    const actionId = await box.action(customerId, [await box.invoice(customerId)]);
    expect(await cancelledBecause(actionId)).toContain('unreachable');
  });

  test('the address of today is used, not the one of the day it was planned', async () => {
    const { actionId, customerId } = await box.reminder();
    await db().prisma.customer.update({
      where: { bookId_id: { bookId: box.bookId, id: customerId } },
      data: { emailText: 'new@kauri.example' },
    });
    await send();
    expect(mailsOf(actionId)[0]?.envelope.to).toEqual(['new@kauri.example']);
  });

  test('a sub-customer’s invoice goes to the parent it is billed with', async () => {
    const parent = await box.customer({ emailText: 'parent@kauri.example' });
    const child = await box.customer();
    await db().prisma.customer.update({
      where: { bookId_id: { bookId: box.bookId, id: child } },
      data: { parentId: parent, billWithParent: true },
    });
    const actionId = await box.action(parent, [await box.invoice(child)]);
    expect(await send()).toMatchObject({ sent: 1 });
    expect(mailsOf(actionId)[0]?.envelope.to).toEqual(['parent@kauri.example']);
  });
});

describe('a lease that runs out under a living worker', () => {
  test('before the handover: it stops touching the action, and the other one sends', async () => {
    const { actionId } = await box.reminder();
    let interrupted = false;
    box.ledger.before = async (call) => {
      if (call !== 'payLink' || interrupted) return;
      interrupted = true;
      box.clock.advance(3 * MINUTE);
      expect(
        await sendDue({ ...box.deps, mailer: mailerTo(catcher.port) }, box.bookId),
      ).toMatchObject({ sent: 1 });
    };
    expect(await send()).toMatchObject({ sent: 0, deferred: 0, rejected: 0, inDoubt: 0 });
    expect(mailsOf(actionId)).toHaveLength(1);
    expect(await box.stateOf(actionId)).toMatchObject({ state: 'sent' });
    expect((await box.stateOf(actionId)).notes).toHaveLength(1);
  });

  test('and another one holds the action now: nothing is sent by the one that lost it', async () => {
    const { actionId } = await box.reminder();
    let holder: string | undefined;
    box.ledger.before = async (call) => {
      if (call !== 'payLink') return;
      box.clock.advance(3 * MINUTE);
      expect(await recover(box.deps, box.bookId)).toEqual({ returned: 1, inDoubt: 0 });
      holder = (await claimNext(box.deps, box.bookId, { onlyApproved: false }))?.attemptId;
    };
    expect(await send()).toMatchObject({ ...NOTHING, waiting: 1 });
    expect(mailsOf(actionId)).toEqual([]);
    expect(await box.stateOf(actionId)).toMatchObject({ state: 'claimed', attemptId: holder });
    expect(holder).toBeDefined();
  });

  test('during the handover: in doubt at first, and the server’s late yes still counts', async () => {
    const { actionId } = await box.reminder();
    const slow: Mailer = {
      ...mailer,
      async send(mail, hooks) {
        const result = await mailer.send(mail, hooks);
        box.clock.advance(3 * MINUTE);
        expect(await recover(box.deps, box.bookId)).toEqual({ returned: 0, inDoubt: 1 });
        expect((await box.stateOf(actionId)).state).toBe('in_doubt');
        return result;
      },
    };
    expect(await send(slow)).toMatchObject({ sent: 1 });
    expect((await box.stateOf(actionId)).state).toBe('sent');
  });

  test('a long last look renews the lease instead of losing it', async () => {
    const customerId = await box.customer();
    const invoices = [];
    for (let i = 0; i < 11; i += 1) invoices.push(await box.invoice(customerId));
    const actionId = await box.action(customerId, invoices);
    let reads = 0;
    box.ledger.before = (call) => {
      reads += 1;
      if (call === 'readInvoice' && reads % 5 === 0) box.clock.advance(MINUTE);
      return Promise.resolve();
    };
    expect(await send()).toMatchObject({ sent: 1 });
    expect((await box.stateOf(actionId)).attempts).toBe(1);
  });
});
