/** Customers, their list and their page, as shown. */
import type { BookRow } from '../params.ts';
import type { Day } from '../../domain/day.ts';
import { segmentWord } from '../../domain/segments.ts';
import { escalationText } from '../../domain/escalation-state.ts';
import { formatAmount, pathOf, plural } from '../helpers.ts';
import type { CustomerPage } from '../queries/customer.ts';
import type { FoundCustomers } from '../queries/customers.ts';
import { bookHead } from './book-day.ts';
import { HOLD_CHOICES, holdViews } from './holds.ts';
import { customerPaper } from './paper.ts';
import { riskView } from './customer-risk.ts';
import { listing } from './portfolio.ts';
import {
  actionState,
  agingView,
  codeWords,
  daysLateText,
  outcomeWord,
  severityTone,
  type Word,
} from './words.ts';

export function customersView(
  book: BookRow,
  found: FoundCustomers,
  search: { name: string; page: number },
  perPage: number,
  now: Date,
) {
  const path = pathOf('books', book.id, 'customers');
  const pagePath = (page: number) =>
    `${path}?${new URLSearchParams({ q: search.name, page: String(page) }).toString()}`;
  const pages = Math.max(1, Math.ceil(found.total / perPage));
  return {
    ...bookHead(book, now),
    sentence: customersSentence(found, search.name),
    search: search.name,
    rows: found.rows.map((row) => ({
      ...row,
      flags: row.flags.map(codeWords),
      segment: row.segment === null ? null : segmentWord(row.segment),
    })),
    page: search.page,
    pages,
    previous: search.page > 1 ? pagePath(search.page - 1) : null,
    next: search.page < pages ? pagePath(search.page + 1) : null,
  };
}

function customersSentence(found: FoundCustomers, name: string): string {
  if (found.total === 0) {
    return name === ''
      ? 'Nobody owes anything.'
      : `No customer who owes anything is called “${name}”.`;
  }
  if (found.late === 0) return 'Nobody is late. The largest open balances come first.';
  const first = found.rows.find((row) => row.overdue > 0);
  const begin =
    first === undefined
      ? ''
      : ` Begin with ${first.name}: ${first.currency} ${formatAmount(first.overdue, first.currency)} is overdue.`;
  return `${plural(found.late, 'balance is', 'balances are')} late.${begin}`;
}

export function customerView(book: BookRow, page: CustomerPage, today: Day, now: Date) {
  const { customer } = page;
  const holds = holdViews(page.holds, (hold) => page.holdRules.forHold(hold), today);
  return {
    ...bookHead(book, now),
    today,
    customer: {
      id: customer.id,
      name: customer.name,
      emailText: customer.emailText,
      phone: customer.phone,
      isActive: customer.isActive,
      mergedIntoId: customer.mergedIntoId,
      doNotChase: customer.setting?.doNotChase ?? false,
    },
    family: page.family,
    sentence: customerSentence(page, holds),
    aging: page.aging.map(agingView),
    flags: page.flags.filter((flag) => flag.closedOn === null).map(flagView),
    risk: riskView(page.risk),
    closedFlags: page.flags.filter((flag) => flag.closedOn !== null).map(flagView),
    invoices: page.invoices.map((invoice) => ({
      ...invoice,
      late: daysLateText(invoice.daysLate),
      decision: invoice.outcome === null ? null : outcomeWord(invoice.outcome),
    })),
    credits: page.credits.map((credit) => ({ ...credit, kind: codeWords(credit.kind) })),
    payments: page.payments,
    holds,
    ...HOLD_CHOICES,
    escalation: escalationView(page),
    ...customerPaper(book.id, page),
    timeline: page.timeline.map((entry) => ({ ...entry, word: timelineWord(entry) })),
  };
}

function flagView(flag: CustomerPage['flags'][number]) {
  return { ...flag, name: codeWords(flag.code), tone: severityTone(flag.severity) };
}

function timelineWord(entry: CustomerPage['timeline'][number]): Word {
  if (entry.kind === 'message' || entry.kind === 'task') return actionState(entry.state);
  if (entry.kind === 'note') {
    return {
      text: entry.state.replaceAll('_', ' '),
      tone: entry.state === 'written' ? 'good' : 'plain',
    };
  }
  return { text: entry.state, tone: entry.kind === 'hold' ? 'held' : 'plain' };
}

/** What stands in the way of being paid, or what comes next. */
function customerSentence(page: CustomerPage, holds: ReturnType<typeof holdViews>): string {
  const { customer, aging, invoices } = page;
  if (customer.mergedIntoId !== null) return 'Merged into another customer in the ledger.';
  if (customer.setting?.doNotChase === true) return 'Never chased: that is set for this customer.';
  const hold = holds.find((one) => one.stopsChasing);
  if (hold !== undefined) return `On hold: ${hold.reason}`;
  if (customer.varianceMinor !== null && customer.varianceMinor !== 0n) {
    return `Not chased: what we hold and what the ledger says differ (${customer.varianceReason ?? 'unknown'}).`;
  }
  const overdue = aging.filter((row) => row.overdue > 0);
  if (overdue.length > 0) {
    const sums = overdue.map((row) => `${row.currency} ${formatAmount(row.overdue, row.currency)}`);
    const late = invoices.filter((invoice) => invoice.daysLate > 0).length;
    return `Overdue: ${listing(sums)} on ${plural(late, 'invoice', 'invoices')}.`;
  }
  return aging.length === 0 ? 'Owes nothing.' : 'Owes nothing that is late.';
}

function escalationView({ escalation, aging }: CustomerPage) {
  const { account, contact, handOvers } = escalation;
  const overdue = aging.filter((row) => row.overdue > 0);
  return {
    sentence: account === null ? null : escalationText(account),
    contact: contact === null ? null : `contact: ${codeWords(contact)}`,
    handOvers,
    canHandOver: overdue.length > 0,
    currencies: overdue.map((row) => row.currency),
  };
}
