import { beforeEach, describe, expect, test } from 'vitest';
import { approveActions } from '../../src/act/approve.ts';
import { cancelAction } from '../../src/act/cancel.ts';
import type { Mailer } from '../../src/act/mailer.ts';
import { previewAction } from '../../src/act/preview.ts';
import { resolveInDoubt } from '../../src/act/resolve-in-doubt.ts';
import { sendDue } from '../../src/act/send-due.ts';
import { type ActionState, moveAction, TRANSITIONS } from '../../src/act/states.ts';
import { addDays } from '../../src/domain/day.ts';
import { AccessError, AppError, PolicyError } from '../../src/errors.ts';
import { isWithdrawn } from '../../src/domain/withdrawal.ts';
import { acceptingMailer } from '../support/accepting-mailer.ts';
import { useDatabase } from '../support/database.ts';
import { MAIL_FROM, Outbox, TODAY } from '../support/outbox.ts';

const db = useDatabase();
let box: Outbox;
let other: Outbox;

beforeEach(async () => {
  box = await Outbox.open(db(), 'approve');
  other = await Outbox.open(db(), 'approve');
});

const accepting = acceptingMailer();

const losing: Mailer = {
  ...accepting,
  async send(_mail, hooks) {
    await hooks.beforeContent();
    return { outcome: 'outcome_unknown', reason: 'lost' };
  },
};

async function audits(book: Outbox) {
  const rows = await db().prisma.audit.findMany({
    where: { bookId: book.bookId },
    orderBy: { id: 'asc' },
  });
  return rows.map(({ actor, action, subject }) => ({ actor, action, subject }));
}

describe('approving', () => {
  test('releases what is proposed, by name and in the log, and nothing of another book', async () => {
    const mine = await box.reminder({ state: 'proposed' });
    const ended = await box.reminder({ state: 'sent' });
    const theirs = await other.reminder({ state: 'proposed' });
    const ids = [mine.actionId, ended.actionId, theirs.actionId, 'no-uuid'];
    expect(await approveActions(box.deps, box.bookId, ids, 'mia')).toEqual({
      released: 1,
      waiting: 0,
      unnamed: 0,
    });
    expect(await box.stateOf(mine.actionId)).toMatchObject({
      state: 'planned',
      approvedBy: 'mia',
      approvedAt: box.clock.now(),
    });
    expect((await box.stateOf(ended.actionId)).state).toBe('sent');
    expect((await other.stateOf(theirs.actionId)).state).toBe('proposed');
    expect(await audits(box)).toEqual([
      { actor: 'mia', action: 'action.approve', subject: `action ${mine.actionId}` },
    ]);
    expect((await approveActions(box.deps, box.bookId, ids, 'mia')).released).toBe(0);
    expect(await audits(other)).toEqual([]);
  });

  test('all of a book at once', async () => {
    await box.reminder({ state: 'proposed' });
    await box.reminder({ state: 'proposed' });
    await other.reminder({ state: 'proposed' });
    expect((await approveActions(box.deps, box.bookId, 'all', 'mia')).released).toBe(2);
  });
});

describe('cancelling', () => {
  test.each<ActionState>(['proposed', 'planned', 'deferred', 'todo'])(
    'an action that is %s: cancelled as a decision of a person',
    async (state) => {
      const { actionId } = await box.reminder({ state });
      await cancelAction(box.deps, box.bookId, actionId, 'mia', 'withdrawn: they called');
      const row = await box.stateOf(actionId);
      expect(row).toMatchObject({ state: 'cancelled', stateReason: 'they called' });
      expect(isWithdrawn(row.stateReason)).toBe(false);
      expect(await audits(box)).toEqual([
        { actor: 'mia', action: 'action.cancel', subject: `action ${actionId}` },
      ]);
    },
  );

  test.each<ActionState>(['claimed', 'handing_over', 'sent', 'rejected', 'in_doubt', 'done'])(
    'an action that is %s: too late',
    async (state) => {
      const { actionId } = await box.reminder({ state });
      await expect(cancelAction(box.deps, box.bookId, actionId, 'mia', 'no')).rejects.toMatchObject(
        { code: 'act.too_late' },
      );
      expect((await box.stateOf(actionId)).state).toBe(state);
      expect(await audits(box)).toEqual([]);
    },
  );

  test('an action of another book looks as if it did not exist', async () => {
    const { actionId } = await other.reminder();
    for (const id of [actionId, 'no-uuid']) {
      await expect(cancelAction(box.deps, box.bookId, id, 'mia', 'no')).rejects.toBeInstanceOf(
        AccessError,
      );
    }
    expect((await other.stateOf(actionId)).state).toBe('planned');
  });
});

describe('in doubt', () => {
  async function doubtful() {
    const made = await box.reminder({ approvedBy: 'mia' });
    await sendDue({ ...box.deps, mailer: losing }, box.bookId);
    expect((await box.stateOf(made.actionId)).state).toBe('in_doubt');
    return made;
  }

  test('marked as sent: final, with its note', async () => {
    const { actionId, invoice } = await doubtful();
    box.clock.advance(60_000);
    await resolveInDoubt(box.deps, box.bookId, actionId, 'mark_sent', 'ana');
    const row = await box.stateOf(actionId);
    expect(row).toMatchObject({ state: 'sent', stateReason: 'Marked as sent by ana.' });
    expect(row.notes).toHaveLength(1);
    expect(row.notes[0]?.targetId).toBe(invoice.id);
    await expect(
      resolveInDoubt(box.deps, box.bookId, actionId, 'resend', 'ana'),
    ).rejects.toBeInstanceOf(AppError);
  });

  test('sent again: with the same Message-ID, on the word of who said so', async () => {
    const { actionId } = await doubtful();
    const before = (await box.stateOf(actionId)).message?.messageId;
    // Even under another sender address the id stays.
    await db().prisma.book.update({
      where: { id: box.bookId },
      data: { fromEmail: 'new@other.example' },
    });
    await resolveInDoubt(box.deps, box.bookId, actionId, 'resend', 'ana');
    expect(await box.stateOf(actionId)).toMatchObject({ state: 'planned', approvedBy: 'ana' });
    const ids: string[] = [];
    const watching: Mailer = {
      ...accepting,
      send: (mail, hooks) => {
        ids.push(mail.messageId);
        return accepting.send(mail, hooks);
      },
    };
    expect(await sendDue({ ...box.deps, mailer: watching }, box.bookId)).toMatchObject({ sent: 1 });
    expect(ids).toEqual([before]);
    expect((await audits(box)).map((row) => row.action)).toEqual(['action.resend']);
  });

  test('of another book, or not in doubt: refused, and nothing changes', async () => {
    const { actionId } = await doubtful();
    await expect(
      resolveInDoubt(box.deps, other.bookId, actionId, 'mark_sent', 'ana'),
    ).rejects.toBeInstanceOf(AccessError);
    const planned = await box.reminder({ approvedBy: 'mia' });
    await expect(
      resolveInDoubt(box.deps, box.bookId, planned.actionId, 'mark_sent', 'ana'),
    ).rejects.toMatchObject({ code: 'act.not_in_doubt' });
    expect((await box.stateOf(planned.actionId)).state).toBe('planned');
  });
});

describe('a preview', () => {
  const deps = () => ({ ...box.deps, config: { mailFrom: MAIL_FROM } });

  test('shows what would leave now, and asks nothing of the ledger', async () => {
    const { actionId, invoice } = await box.reminder({ state: 'proposed', attachPdf: true });
    const preview = await previewAction(deps(), box.bookId, actionId);
    expect(preview.subject).toContain(invoice.number);
    expect(preview.to).toHaveLength(1);
    expect(preview.from).toEqual(MAIL_FROM);
    expect(preview.attachments).toEqual([`Invoice ${invoice.number}.pdf`]);
    expect(box.ledger.calls).toEqual([]);
  });

  test('of a letter is there too; work without words says so; another book’s does not exist', async () => {
    const letter = await box.reminder({
      state: 'todo',
      channel: 'letter',
      template: 'letter-formal',
    });
    expect((await previewAction(deps(), box.bookId, letter.actionId)).subject).toBe(
      'Overdue account: NZD 1,200.00',
    );
    const call = await box.reminder({ state: 'todo', channel: 'call', template: '' });
    await expect(previewAction(deps(), box.bookId, call.actionId)).rejects.toBeInstanceOf(
      PolicyError,
    );
    await expect(previewAction(deps(), other.bookId, letter.actionId)).rejects.toBeInstanceOf(
      AccessError,
    );
  });

  test('is still readable when the invoice has moved on', async () => {
    const { actionId, invoice } = await box.reminder({}, { dueOn: addDays(TODAY, -3) });
    await db().prisma.invoice.updateMany({
      where: { bookId: box.bookId, id: invoice.id },
      data: { status: 'paid', openMinor: 0 },
    });
    expect((await previewAction(deps(), box.bookId, actionId)).text).toContain(invoice.number);
  });
});

describe('states', () => {
  test('a move that is not in the table is refused before the database sees it', async () => {
    const { actionId } = await box.reminder({ state: 'sent' });
    const move = { bookId: box.bookId, actionId, at: box.clock.now() };
    await expect(
      moveAction(db().prisma, { ...move, from: ['sent'], to: 'planned' }),
    ).rejects.toThrow('no action moves from sent to planned');
    expect(await moveAction(db().prisma, { ...move, from: ['planned'], to: 'claimed' })).toBe(
      false,
    );
  });

  test('sent is reached from the handover, or from a claim that finds it went before; nothing leaves a final state', () => {
    const states = Object.keys(TRANSITIONS) as ActionState[];
    const intoSent = states.filter((state) => TRANSITIONS[state].includes('sent'));
    expect(intoSent.sort()).toEqual(['claimed', 'handing_over', 'in_doubt']);
    for (const final of ['sent', 'rejected', 'cancelled', 'done'] as const) {
      expect(TRANSITIONS[final]).toEqual([]);
    }
    expect(states.filter((state) => TRANSITIONS[state].includes('handing_over'))).toEqual([
      'claimed',
    ]);
  });
});
