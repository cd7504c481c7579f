/** The demo's figures, each read from where the truth of it lives: the mail server, the ledgers, the database. */
import type { Sandbox } from '../../connectors/sandbox/index.ts';
import type { App } from '../app.ts';
import type { MailCatcher } from './mail-catcher.ts';

export interface DemoFigures {
  books: number;
  customers: number;
  invoices: number;
  payments: number;
  credits: number;
  apiCalls: number;
  flags: number;
  /** Decisions in force, by outcome. */
  decisions: Record<string, number>;
  quarantined: number;
  /** What our outbox says. */
  actionsSent: number;
  /** What the mail server holds. */
  emailsHeld: number;
  /** What both ledgers hold with a reference of ours. */
  notesHeld: number;
}

const OUR_REFERENCE = /\[ref [0-9a-z]+\]/;

export async function readFigures(
  app: App,
  sandbox: Sandbox,
  catcher: MailCatcher,
): Promise<DemoFigures> {
  const { prisma } = app.db;
  const decisions = await prisma.decision.groupBy({
    by: ['outcome'],
    where: { replacedOn: null },
    _count: true,
  });
  const notes = [...sandbox.xero.notes(), ...sandbox.quickbooks.notes()];
  return {
    books: await prisma.book.count(),
    customers: await prisma.customer.count(),
    invoices: await prisma.invoice.count(),
    payments: await prisma.payment.count(),
    credits: await prisma.credit.count(),
    apiCalls: sandbox.xero.calls.count() + sandbox.quickbooks.calls.count(),
    flags: await prisma.flag.count({ where: { closedOn: null } }),
    decisions: Object.fromEntries(decisions.map((row) => [row.outcome, row._count])),
    quarantined: await prisma.quarantine.count(),
    actionsSent: await prisma.action.count({ where: { state: 'sent' } }),
    emailsHeld: catcher.messages().length,
    notesHeld: notes.filter((note) => OUR_REFERENCE.test(note.text)).length,
  };
}

export function sentEqualsCaughtEqualsNoted(figures: DemoFigures): boolean {
  return figures.actionsSent === figures.emailsHeld && figures.emailsHeld === figures.notesHeld;
}
