/**
 * What the reminder rule is told and what it answers. A case is one debtor: the customer who is
 * written to, with the open invoices of those billed through it. The answer holds one decision for
 * every invoice and, apart from that, the messages and tasks that follow from them.
 */
import type { SendCalendar } from './calendar.ts';
import type { Day } from './day.ts';
import type { EscalationState } from './escalation-state.ts';
import type { Hold } from './holds.ts';
import type { Currency, Minor } from './money.ts';
import type { Channel, Mode, Policy, PolicyStep } from './policy.ts';
import type { Contact, CustomerId, DueItem, InvoiceId } from './receivables.ts';
import type { RecipientSource } from './recipients.ts';
import type { StepTaken } from './step-chain.ts';

export interface ChaseInvoice {
  id: InvoiceId;
  number: string;
  kind: 'invoice' | 'journal';
  /** Whose invoice it is; another one than the debtor when it is billed through a parent. */
  customerId: CustomerId;
  currency: Currency;
  status: 'draft' | 'open';
  issuedOn: Day;
  dueOn: Day;
  schedule: DueItem[] | null;
  totalMinor: Minor;
  openMinor: Minor;
  emailText: string | null;
}

interface Debtor {
  id: CustomerId;
  name: string;
  emailText: string | null;
  contacts: Pick<Contact, 'email' | 'includeInEmails'>[];
  /** Messages to these came back; absent where there are none. */
  deadAddresses?: string[];
  doNotChase: boolean;
}

/** Our copy of a customer and the platform's own figure differ. */
interface OffBalance {
  customerId: CustomerId;
  name: string;
  reason: string | null;
}

/** An email that has not left yet: it may still be taken back. */
export interface PendingMessage {
  key: string;
  currency: Currency;
  step: string;
  /** A person released it: it is not replaced while what it asks for is still due. */
  isApproved: boolean;
  triggers: { invoiceId: InvoiceId; dueOn: Day; step: string | null }[];
}

/** What the assessment says of the debtor, for the conditions of a policy. */
export interface DebtorProfile {
  /** Codes of the flags that are open. */
  flags: readonly string[];
  /** null: not assessed yet. */
  score: number | null;
  segment: string | null;
}

export interface CustomerCase {
  debtor: Debtor;
  profile: DebtorProfile;
  offBalance: OffBalance[];
  invoices: ChaseInvoice[];
  unapplied: { currency: Currency; amountMinor: Minor }[];
  holds: Hold[];
  taken: StepTaken[];
  /** Days on which an email left, or may have, and to whom. */
  messagesSent: { currency: Currency; on: Day; to: string[] }[];
  /** Days of calls and letters, in whatever currency. */
  otherContacts: { channel: Channel; on: Day }[];
  pending: PendingMessage[];
  /** Keys of emails that ended unsent: the next of the same kind needs a key of its own. */
  deadKeys: string[];
  /** Emails a mail server refused for good. */
  rejections: { currency: Currency; to: string[]; on: Day }[];
}

export type PolicySource = 'invoice' | 'customer' | 'segment' | 'book' | 'library';

/** The policy that speaks for an invoice, as it is in force on the day. */
export interface Rules {
  policy: Policy;
  versionId: number;
  version: number;
  source: PolicySource;
  calendar: SendCalendar;
}

export interface DunningContext {
  asOn: Day;
  /** How far the book may go; a policy or a step may be more careful. */
  mode: Mode;
  rulesFor: (invoice: ChaseInvoice) => Rules;
  /** What stops the whole book today. */
  gate: Reason | null;
  /** The days of the last seven on which another customer's message went to an address, or goes today. */
  messagedElsewhere: (address: string, debtorId: CustomerId) => readonly Day[];
  /** A short digest of a text; the rules bring no hash of their own. */
  digest: (text: string) => string;
}

export interface Reason {
  code: string;
  text: string;
  figures?: Record<string, string | number | null>;
}

export type Outcome = 'remind' | 'task' | 'wait' | 'hold' | 'none';

export interface DecisionFacts {
  number: string;
  currency: Currency;
  totalMinor: Minor;
  openMinor: Minor;
  /** The part that is asked for: what has fallen due, or falls due first. */
  askedMinor: Minor;
  issuedOn: string;
  dueOn: string;
  daysPastDue: number;
  customerId: CustomerId;
  debtorId: CustomerId;
  debtorName: string;
  overdueMinor: Minor;
  unappliedMinor: Minor;
  taken: { step: string; on: string; state: string }[];
  /** How far this invoice has been taken, and what chasing rests for. */
  escalation: { state: EscalationState; since: string | null; suspendedBy: string | null };
  /** How far the customer has been taken: as far as the furthest open invoice. */
  accountState: EscalationState;
  policy: { name: string; version: number; source: PolicySource };
  /** The message or task this decision is part of. */
  message?: { step: string; name: string; channel: Channel; mode: Mode };
  recipients?: { to: string[]; source: RecipientSource | null };
}

export interface InvoiceDecision {
  invoiceId: InvoiceId;
  customerId: CustomerId;
  outcome: Outcome;
  step: string | null;
  because: string;
  path: Reason[];
  facts: DecisionFacts;
  /** The earliest day on which the answer can change without new facts. */
  nextOn: Day | null;
  actionKey: string | null;
  policyVersionId: number;
}

export interface ProposedInvoice {
  invoiceId: InvoiceId;
  step: string | null;
  isTrigger: boolean;
  dueOn: Day;
  amountMinor: Minor;
}

/** A message or a task that should exist. */
export interface Proposal {
  key: string;
  step: PolicyStep;
  /** The policy of the invoice with the most severe step. */
  rules: Rules;
  /** The most careful of the book, the policy and the step. */
  mode: Mode;
  debtorId: CustomerId;
  /** Empty for work of people. */
  to: string[];
  currency: Currency;
  invoices: ProposedInvoice[];
  totalMinor: Minor;
  /** The day to which a letter gives time; null for anything else. */
  deadlineOn: Day | null;
  /** It exists already and stays as a person approved it. */
  isApproved: boolean;
}

export interface CustomerDecision {
  decisions: InvoiceDecision[];
  proposals: Proposal[];
  /** The earliest day on which any of it can change without new facts; null: only new facts can. */
  nextOn: Day | null;
}
