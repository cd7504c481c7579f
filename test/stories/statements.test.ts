import { expect, test } from 'vitest';
import { sendDue } from '../../src/act/index.ts';
import { createMailer } from '../../src/act/mailer.ts';
import { previewAction } from '../../src/act/preview.ts';
import { readConfig } from '../../src/config.ts';
import { startMailCatcher } from '../../src/demo/mail-catcher.ts';
import { useDatabase } from '../support/database.ts';
import { FakeLedger } from '../support/fake-ledger.ts';
import { readPdf } from '../support/pdf-text.ts';
import { World } from './world.ts';

const db = useDatabase();
const MONTHLY = 'statements: { dayOfMonth: 3, kind: open_item, minBalance: { default: 50.00 } }';
const FAR = 'first, at: 300 days after due';
const MAIL_FROM = { name: 'Mia Tran', address: 'accounts@kauri.example' };

test('once a month every customer whose balance is worth it gets one statement per currency', async () => {
  const world = await World.open(db(), '2026-06-02');
  await world.follow(MONTHLY, FAR);
  await world.customer({ id: 'acme' });
  await world.customer({ id: 'branch', parentId: 'acme', billWithParent: true, email: null });
  await world.customer({ id: 'small' });
  await world.customer({ id: 'covered' });
  await world.invoice({ id: 'a', customer: 'acme', due: '2026-05-20', amount: 4_000 });
  await world.invoice({ id: 'b', customer: 'branch', due: '2026-07-20', amount: 4_000 });
  await world.invoice({
    id: 'u',
    customer: 'acme',
    due: '2026-06-20',
    amount: 9_000,
    currency: 'USD',
  });
  await world.invoice({ id: 's', customer: 'small', due: '2026-05-20', amount: 4_999 });
  await world.invoice({ id: 'c', customer: 'covered', due: '2026-05-20', amount: 9_000 });
  await world.credit('covered', 9_000);
  await world.live('2026-06-02');
  expect(await world.actions()).toEqual([]);
  await world.live('2026-06-03');
  await world.live('2026-06-04');
  await world.live('2026-06-29');
  const june = [
    '2026-06-03 statement-open-item acme NZD [] sent',
    '2026-06-03 statement-open-item acme USD [] sent',
  ];
  expect(await world.actions()).toEqual(june);
  // The 3rd of July is a Friday on which nobody ran: Monday makes up for it.
  await world.live('2026-07-02');
  await world.live('2026-07-06');
  expect(await world.actions()).toEqual([
    ...june,
    '2026-07-06 statement-open-item acme NZD [] sent',
    '2026-07-06 statement-open-item acme USD [] sent',
  ]);
});

test('nobody who must not be chased gets one, and none leaves in shadow mode or from a held book', async () => {
  const world = await World.open(db(), '2026-06-03', { mode: 'shadow' });
  await world.follow(MONTHLY, FAR);
  for (const id of ['plain', 'silent', 'off', 'over']) {
    await world.customer({ id, ...(id === 'off' ? { varianceMinor: 5 } : {}) });
    await world.invoice({ id: `of-${id}`, customer: id, due: '2026-05-20' });
  }
  const customer = { bookId: world.bookId, customerId: 'silent' };
  await db().prisma.customerSetting.create({ data: { ...customer, doNotChase: true } });
  await world.took('of-over', '2026-05-20', 'hand-over', '2026-05-30');
  await db().prisma.action.updateMany({
    where: { bookId: world.bookId, step: 'hand-over' },
    data: { channel: 'hand_over', state: 'done' },
  });
  await world.run('2026-06-03');
  await world.setMode('automatic');
  await world.goTo('2026-06-05', { synced: false });
  await world.run('2026-06-05'); // nothing was synced for two days
  const statements = async () =>
    (await world.actions()).filter((line) => line.includes('statement'));
  expect(await statements()).toEqual([]);
  await world.live('2026-06-08');
  expect(await statements()).toEqual(['2026-06-08 statement-open-item plain NZD [] sent']);
});

test('under approval it waits for a person, and no later run takes it back', async () => {
  const world = await World.open(db(), '2026-06-03', { mode: 'approve' });
  await world.follow(MONTHLY, FAR);
  await world.customer({ id: 'acme' });
  await world.invoice({ id: 'a', customer: 'acme', due: '2026-05-20' });
  await world.run('2026-06-03');
  await world.goTo('2026-06-04');
  await world.run('2026-06-04');
  expect(await world.actions()).toEqual(['2026-06-03 statement-open-item acme NZD [] proposed']);
});

test('it is sent with its paper, noted on the customer, and withdrawn when nothing is owed any more', async () => {
  const world = await World.open(db(), '2026-06-03');
  await world.follow(MONTHLY.replace('open_item', 'activity'), FAR);
  const catcher = await startMailCatcher();
  const config = readConfig({ SMTP_HOST: catcher.host, SMTP_PORT: String(catcher.port) });
  if (config.smtp === null) throw new Error('no mail server');
  const mailer = createMailer(config.smtp, { clock: world.clock });
  try {
    for (const id of ['acme', 'paid']) {
      await world.customer({ id });
      await world.invoice({ id: `of-${id}`, customer: id, due: '2026-05-20' });
    }
    await world.invoice({ id: 'next', customer: 'acme', due: '2026-06-20', amount: 2_500 });
    await world.run('2026-06-03');
    const rows = await db().prisma.action.findMany({ where: { bookId: world.bookId } });
    const ofAcme = rows.find((row) => row.customerId === 'acme');
    const preview = await previewAction(
      { ...world.deps, config: { mailFrom: MAIL_FROM } },
      world.bookId,
      ofAcme?.id ?? '',
    );
    expect([preview.to, preview.attachments]).toEqual([
      ['ap@acme.example'],
      ['Statement acme 2026-06-03.pdf'],
    ]);
    await world.pay('of-paid', '2026-06-03');
    await sendDue(
      {
        ...world.deps,
        mailer,
        mailFrom: MAIL_FROM,
        openLedger: () => Promise.resolve(new FakeLedger()),
      },
      world.bookId,
    );
    const [message, ...others] = catcher.messages();
    expect(others).toEqual([]);
    expect(message).toMatchObject({
      subject: 'Statement of account from Kauri Joinery, 3 June 2026',
      attachments: ['Statement acme 2026-06-03.pdf'],
    });
    expect(message?.text).toContain(
      'Of the $125.00 that is open, $100.00 has passed its due date.',
    );
    expect(message?.text).toContain('NEXT');
    const document = await db().prisma.document.findFirstOrThrow({
      where: { actionId: ofAcme?.id ?? '' },
    });
    const [page] = await readPdf(Buffer.from(document.bytes));
    expect(page?.lines.join('\n')).toContain('Activity from 5 Mar 2026 to 3 Jun 2026');
    const note = await db().prisma.note.findFirstOrThrow({ where: { actionId: ofAcme?.id ?? '' } });
    expect([note.targetKind, note.targetId]).toEqual(['customer', 'acme']);
    expect(note.body).toMatch(
      /^Statement of account emailed to ap@acme\.example on 3 Jun 2026\. \[ref \w+\]$/,
    );
    const withdrawn = await db().prisma.action.findFirstOrThrow({
      where: { bookId: world.bookId, customerId: 'paid' },
    });
    expect([withdrawn.state, withdrawn.stateReason]).toEqual([
      'cancelled',
      expect.stringContaining('nothing is owed in NZD any more'),
    ]);
  } finally {
    await mailer.close();
    await catcher.close();
  }
});
