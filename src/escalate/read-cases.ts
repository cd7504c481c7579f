/** Turns rows into the cases the reminder rule decides on: one per debtor, with everything billed through it. */
import type {
  ChaseInvoice,
  CustomerCase,
  DebtorProfile,
  PendingMessage,
} from '../domain/dunning-case.ts';
import type { Day } from '../domain/day.ts';
import { deadlineOf } from '../domain/deadline.ts';
import { groupBy } from '../domain/group-by.ts';
import type { OwnPolicies, Scope } from '../domain/policy-choice.ts';
import type { CustomerId, InvoiceId } from '../domain/receivables.ts';
import { STATEMENT_TEMPLATE } from '../domain/statement-schedule.ts';
import type { StepTaken, TakenState } from '../domain/step-chain.ts';
import {
  type BookRow,
  type CustomerRow,
  readCustomers,
  readOpenInvoices,
  readUnapplied,
} from '../store/book-facts.ts';
import type { Tx } from '../store/db.ts';
import { readProfiles } from '../store/debtor-profiles.ts';
import { readHolds } from '../store/holds.ts';
import {
  type ActionHistoryRow,
  readActionHistory,
  readShadowSteps,
  type ShadowStepRow,
} from '../store/decisions.ts';
import { isWithdrawn } from '../domain/withdrawal.ts';
import { readNarrowAssignments } from '../store/policy-assignments.ts';
import type { PoliciesInForce } from './policies-in-force.ts';

export interface ReadCase {
  case: CustomerCase;
  /** By id of the invoice: what is assigned to it or its customer, where something is. */
  assigned: Partial<Record<InvoiceId, OwnPolicies>>;
  /** Work for people that is still to be done. */
  openTasks: ActionHistoryRow[];
  /** Emails that have not left and work that two people have not yet released, as the outbox holds them. */
  unsent: ActionHistoryRow[];
}

export async function readCases(
  tx: Tx,
  book: BookRow,
  debtorIds: readonly CustomerId[],
  childrenOf: ReadonlyMap<CustomerId, CustomerId[]>,
  policies: PoliciesInForce,
  asOn: Day,
): Promise<ReadCase[]> {
  const memberIds = debtorIds.flatMap((id) => [id, ...(childrenOf.get(id) ?? [])]);
  const customers = await readCustomers(tx, book.id, memberIds);
  const invoices = await readOpenInvoices(tx, book.id, memberIds);
  const unapplied = await readUnapplied(tx, book.id, memberIds);
  const profiles = await readProfiles(tx, book.id, debtorIds);
  const holds = await readHolds(tx, book.id, memberIds, asOn);
  const history = await readActionHistory(tx, book.id, memberIds, asOn, book.timeZone);
  const invoiceIds = invoices.map((invoice) => invoice.id);
  const shadowed =
    book.mode === 'shadow' || policies.hasShadow()
      ? await readShadowSteps(tx, book.id, invoiceIds, asOn)
      : [];
  const narrow = await readNarrowAssignments(tx, book.id, memberIds, invoiceIds);
  const narrowIds = new Map(narrow.map((row) => [`${row.scope} ${row.scopeId}`, row.policyId]));
  const ownPolicy = (scope: Scope, id: string) => narrowIds.get(`${scope} ${id}`) ?? null;

  const customerById = new Map(customers.map((customer) => [customer.id, customer]));
  const invoicesOf = groupBy(invoices, (invoice) => invoice.customerId);
  const unappliedOf = groupBy(unapplied, (row) => row.customerId);
  const holdsOf = groupBy(holds, (hold) => hold.customerId);
  const historyOf = groupBy(history, (action) => action.customerId);
  const shadowedOf = groupBy(shadowed, (step) => step.invoiceId);

  const of = <T>(groups: ReadonlyMap<CustomerId, T[]>, members: readonly CustomerId[]): T[] =>
    members.flatMap((id) => groups.get(id) ?? []);
  return debtorIds.flatMap((id) => {
    const debtor = customerById.get(id);
    if (debtor === undefined) return [];
    const members = [id, ...(childrenOf.get(id) ?? [])];
    const ownInvoices = of(invoicesOf, members);
    const actions = of(historyOf, members);
    const shadow = ownInvoices.flatMap((invoice) => shadowedOf.get(invoice.id) ?? []);
    const profile = profiles.get(id) ?? UNKNOWN;
    const ownOf = (invoice: ChaseInvoice): OwnPolicies => ({
      invoice: ownPolicy('invoice', invoice.id),
      customer: ownPolicy('customer', invoice.customerId) ?? ownPolicy('customer', id),
    });
    return {
      assigned: Object.fromEntries(
        ownInvoices
          .map((invoice) => [invoice.id, ownOf(invoice)] as const)
          .filter(([, own]) => own.invoice !== null || own.customer !== null),
      ),
      unsent: actions.filter((action) => UNSENT.has(action.state) && !isStatement(action)),
      openTasks: actions.filter((action) => action.state === 'todo'),
      case: {
        debtor: {
          id,
          name: debtor.name,
          emailText: debtor.emailText,
          contacts: debtor.contacts,
          ...(debtor.deadAddresses.length === 0 ? {} : { deadAddresses: debtor.deadAddresses }),
          doNotChase: debtor.doNotChase,
        },
        profile,
        offBalance: offBalanceOf(members.map((member) => customerById.get(member))),
        invoices: ownInvoices,
        unapplied: of(unappliedOf, members),
        holds: of(holdsOf, members),
        ...whatHappened(actions, shadow),
      },
    };
  });
}

const UNKNOWN: DebtorProfile = { flags: [], score: null, segment: null };
const UNSENT: ReadonlySet<string> = new Set(['proposed', 'planned', 'deferred']);

function offBalanceOf(members: readonly (CustomerRow | undefined)[]): CustomerCase['offBalance'] {
  return members
    .filter((member) => member !== undefined)
    .filter((member) => member.varianceMinor !== null && member.varianceMinor !== 0)
    .map((member) => ({
      customerId: member.id,
      name: member.name,
      reason: member.varianceReason,
    }));
}

type Past = Pick<
  CustomerCase,
  'taken' | 'messagesSent' | 'otherContacts' | 'pending' | 'deadKeys' | 'rejections'
>;

function whatHappened(
  actions: readonly ActionHistoryRow[],
  shadow: readonly ShadowStepRow[],
): Past {
  const past: Past = {
    taken: [],
    messagesSent: [],
    otherContacts: [],
    pending: [],
    deadKeys: [],
    rejections: [],
  };
  for (const action of actions) addAction(past, action);
  for (const step of shadow) {
    past.taken.push({ ...step, on: step.decidedOn, state: 'shadow', deadlineOn: null });
    if (step.channel === 'email') {
      past.messagesSent.push({ currency: step.currency, on: step.decidedOn, to: step.to ?? [] });
    }
  }
  past.messagesSent = distinctDays(past.messagesSent);
  return past;
}

/** It asks for nothing: no run takes it back, and it stands in no reminder's way until it has left. */
function isStatement(action: Pick<ActionHistoryRow, 'template'>): boolean {
  return action.template === STATEMENT_TEMPLATE;
}

function addAction(past: Past, action: ActionHistoryRow): void {
  const { plannedOn, handedOn, doneOn, returnedOn } = action;
  const on = returnedOn ?? (Math.max(plannedOn, handedOn ?? 0, doneOn ?? 0) as Day);
  if (UNSENT.has(action.state)) {
    if (action.channel === 'email' && !isStatement(action)) past.pending.push(pendingOf(action));
    return;
  }
  const state = takenState(action);
  if (state === null) {
    past.deadKeys.push(action.key);
    if (action.state === 'rejected') {
      past.rejections.push({ currency: action.currency, to: action.to ?? [], on });
    }
    return;
  }
  past.taken.push(...stepsTaken(action, on, state));
  if (state === 'skipped') return;
  if (action.channel === 'email') {
    past.messagesSent.push({ currency: action.currency, on, to: action.to ?? [] });
  } else {
    past.otherContacts.push({ channel: action.channel, on });
  }
}

export function pendingOf(action: ActionHistoryRow): PendingMessage {
  return {
    key: action.key,
    currency: action.currency,
    step: action.step,
    isApproved: action.isApproved && action.state !== 'proposed',
    triggers: action.invoices,
  };
}

/** null: it ended without reaching anybody, and does not count. */
function takenState(action: ActionHistoryRow): TakenState | null {
  if (action.returnedOn !== null) return 'returned';
  switch (action.state) {
    case 'claimed':
    case 'handing_over':
      return 'sending';
    case 'sent':
    case 'in_doubt':
    case 'todo':
    case 'done':
      return action.state;
    case 'cancelled':
      return isWithdrawn(action.stateReason) ? null : 'skipped';
    default:
      return null;
  }
}

/** The last day that a letter gives, for when it was posted. */
function timeGiven({ datedOn, deadlineOn, doneOn }: ActionHistoryRow): Day | null {
  if (deadlineOn === null) return null;
  return deadlineOf({ datedOn, deadlineOn, postedOn: doneOn });
}

function stepsTaken(action: ActionHistoryRow, on: Day, state: TakenState): StepTaken[] {
  const { channel, key: actionKey } = action;
  const deadlineOn = timeGiven(action);
  return action.invoices
    .filter((invoice) => invoice.step !== null)
    .map(({ invoiceId, dueOn, step }) => ({
      invoiceId,
      dueOn,
      step: step ?? action.step,
      channel,
      actionKey,
      on,
      state,
      deadlineOn,
    }));
}

/** Several invoices of one message would otherwise count as several messages in shadow mode. */
function distinctDays(messages: Past['messagesSent']): Past['messagesSent'] {
  const seen = new Map(messages.map((message) => [`${message.currency} ${message.on}`, message]));
  return [...seen.values()];
}

export function invoiceIdsOf(cases: readonly ReadCase[]): InvoiceId[] {
  return cases.flatMap((entry) => entry.case.invoices.map((invoice) => invoice.id));
}
