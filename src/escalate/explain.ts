/** Why an invoice is chased or not, on any day: the decision in force then, and everything behind it. */
import type { Counterfactual } from '../domain/counterfactual.ts';
import type { DecisionFacts, Outcome, Reason } from '../domain/dunning-case.ts';
import { type Day, formatDay, fromDate, toDate, dayIn, parseDay } from '../domain/day.ts';
import { escalationText } from '../domain/escalation-state.ts';
import { moneyText } from '../domain/text.ts';
import { predictionWords, type PredictionWords } from '../domain/predict/words.ts';
import type { BookId, InvoiceId } from '../domain/receivables.ts';
import { AccessError } from '../errors.ts';
import { whatWouldHaveChanged } from './ask-again.ts';
import type { Db } from '../store/db.ts';
import { findPrediction } from '../store/predictions.ts';

interface ExplainedInvoice {
  id: string;
  number: string;
  customerId: string;
  customerName: string;
  status: string;
  currency: string;
  totalMinor: number;
  openMinor: number;
  issuedOn: string;
  dueOn: string;
}

interface ExplainedDecision {
  outcome: Outcome;
  step: string | null;
  because: string;
  path: Reason[];
  /** What the rule knew when it decided; fewer once the invoice is closed. */
  facts: Partial<DecisionFacts>;
  decidedOn: string;
  replacedOn: string | null;
  nextOn: string | null;
  runId: number;
  policy: { name: string; version: number };
}

interface ExplainedHold {
  kind: string;
  reason: string;
  owner: string;
  fromOn: string;
  untilOn: string | null;
  endedAt: string | null;
  scope: 'invoice' | 'customer';
}

interface ExplainedAction {
  id: string;
  channel: string;
  stepName: string;
  state: string;
  stateReason: string | null;
  plannedOn: string;
  isTrigger: boolean;
  to: string[];
  subject: string | null;
  acceptedAt: string | null;
}

export interface Explanation {
  invoice: ExplainedInvoice;
  /** The day asked for; null: now. */
  on: string | null;
  /** null: no run has decided about it by then. */
  decision: ExplainedDecision | null;
  holds: ExplainedHold[];
  actions: ExplainedAction[];
  /** What would have changed the answer, the smallest change first. */
  counterfactuals: Counterfactual[];
  /** When it will be paid, as seen now; null: not predicted. */
  prediction: PredictionWords | null;
}

export async function explainInvoice(
  db: Db,
  bookId: BookId,
  invoiceIdOrNumber: string,
  on?: Day,
): Promise<Explanation> {
  const invoice = await findInvoice(db, bookId, invoiceIdOrNumber);
  const row = await decisionRow(db, bookId, invoice.id, on);
  return {
    invoice,
    on: on === undefined ? null : formatDay(on),
    decision: row === null ? null : await explainDecision(db, row),
    counterfactuals: row === null ? [] : await changesTo(db, bookId, row),
    holds: await holdsOf(db, bookId, invoice, on),
    actions: await actionsOf(db, bookId, invoice.id, on),
    prediction:
      on === undefined && invoice.status === 'open'
        ? await predictionOf(db, bookId, invoice.id)
        : null,
  };
}

async function findInvoice(db: Db, bookId: BookId, wanted: string): Promise<ExplainedInvoice> {
  const found = await db.prisma.invoice.findMany({
    where: { bookId, OR: [{ id: wanted }, { number: wanted }] },
    orderBy: [{ issuedOn: 'desc' }, { id: 'asc' }],
    take: 20,
  });
  // An id says exactly which; a number may be used again after a void.
  const invoice =
    found.find((row) => row.id === wanted) ??
    found.find((row) => row.status === 'open') ??
    found[0];
  if (invoice === undefined) {
    throw new AccessError('not_found', `no invoice has the number or id "${wanted}"`);
  }
  const customer = await db.prisma.customer.findUnique({
    where: { bookId_id: { bookId, id: invoice.customerId } },
    select: { name: true },
  });
  return {
    id: invoice.id,
    number: invoice.number,
    customerId: invoice.customerId,
    customerName: customer?.name ?? invoice.customerId,
    status: invoice.status,
    currency: invoice.currency,
    totalMinor: Number(invoice.totalMinor),
    openMinor: Number(invoice.openMinor),
    issuedOn: dayOf(invoice.issuedOn),
    dueOn: dayOf(invoice.dueOn),
  };
}

async function predictionOf(
  db: Db,
  bookId: BookId,
  invoiceId: string,
): Promise<PredictionWords | null> {
  const stored = await findPrediction(db.prisma, bookId, invoiceId as InvoiceId);
  return stored === null ? null : predictionWords(stored);
}

function dayOf(date: Date): string {
  return formatDay(fromDate(date));
}

type DecisionRow = NonNullable<Awaited<ReturnType<typeof decisionRow>>>;

/** The row in force now, or on a day. */
function decisionRow(db: Db, bookId: BookId, invoiceId: string, on: Day | undefined) {
  const inForce =
    on === undefined
      ? { replacedOn: null }
      : {
          decidedOn: { lte: toDate(on) },
          OR: [{ replacedOn: null }, { replacedOn: { gt: toDate(on) } }],
        };
  return db.prisma.decision.findFirst({
    where: { bookId, invoiceId, ...inForce },
    orderBy: { id: 'desc' },
  });
}

/** An invoice that is closed has no rule behind its last answer. */
async function changesTo(db: Db, bookId: BookId, row: DecisionRow): Promise<Counterfactual[]> {
  const { debtorId, policy } = row.facts as unknown as Partial<DecisionFacts>;
  if (debtorId === undefined || policy === undefined) return [];
  return whatWouldHaveChanged(db, bookId, {
    invoiceId: row.invoiceId as InvoiceId,
    debtorId,
    runId: row.runId,
    policyVersionId: row.policyVersionId,
    policySource: policy.source,
    outcome: row.outcome as Outcome,
    step: row.step,
    on: fromDate(row.decidedOn),
  });
}

async function explainDecision(db: Db, row: DecisionRow): Promise<ExplainedDecision> {
  const version = await db.prisma.policyVersion.findUnique({
    where: { id: row.policyVersionId },
    include: { policy: { select: { name: true } } },
  });
  return {
    outcome: row.outcome as Outcome,
    step: row.step,
    because: row.because,
    path: row.path as unknown as Reason[],
    facts: row.facts as unknown as Partial<DecisionFacts>,
    decidedOn: dayOf(row.decidedOn),
    replacedOn: row.replacedOn === null ? null : dayOf(row.replacedOn),
    nextOn: row.nextOn === null ? null : dayOf(row.nextOn),
    runId: row.runId,
    policy: { name: version?.policy.name ?? '', version: version?.number ?? 0 },
  };
}

async function holdsOf(
  db: Db,
  bookId: BookId,
  invoice: ExplainedInvoice,
  on: Day | undefined,
): Promise<ExplainedHold[]> {
  const rows = await db.prisma.hold.findMany({
    where: {
      bookId,
      customerId: invoice.customerId,
      OR: [{ invoiceIds: { isEmpty: true } }, { invoiceIds: { has: invoice.id } }],
      ...(on === undefined ? {} : { fromOn: { lte: toDate(on) } }),
    },
    orderBy: { id: 'asc' },
  });
  const { timeZone } = await db.prisma.book.findUniqueOrThrow({ where: { id: bookId } });
  // As it was on that day: not one that was added later, had been ended, or had run out.
  const stood = (row: { createdAt: Date; endedAt: Date | null; untilOn: Date | null }) =>
    on === undefined ||
    (dayIn(timeZone, row.createdAt) <= on &&
      (row.endedAt === null || dayIn(timeZone, row.endedAt) > on) &&
      (row.untilOn === null || fromDate(row.untilOn) >= on));
  return rows.filter(stood).map((row) => ({
    kind: row.kind,
    reason: row.reason,
    owner: row.owner,
    fromOn: dayOf(row.fromOn),
    untilOn: row.untilOn === null ? null : dayOf(row.untilOn),
    endedAt: on === undefined ? (row.endedAt?.toISOString() ?? null) : null,
    scope: row.invoiceIds.length === 0 ? 'customer' : 'invoice',
  }));
}

async function actionsOf(
  db: Db,
  bookId: BookId,
  invoiceId: string,
  on: Day | undefined,
): Promise<ExplainedAction[]> {
  const rows = await db.prisma.actionInvoice.findMany({
    where: {
      bookId,
      invoiceId,
      ...(on === undefined ? {} : { action: { plannedOn: { lte: toDate(on) } } }),
    },
    include: { action: { include: { message: true } } },
  });
  return rows
    .map(({ action, isTrigger }) => ({
      id: action.id,
      channel: action.channel,
      stepName: action.stepName,
      state: action.state,
      stateReason: action.stateReason,
      plannedOn: dayOf(action.plannedOn),
      isTrigger,
      to: action.message?.toAddresses ?? [],
      subject: action.message?.subject ?? null,
      acceptedAt: action.message?.acceptedAt?.toISOString() ?? null,
    }))
    .sort((a, b) => (a.plannedOn + a.id < b.plannedOn + b.id ? -1 : 1));
}

const OUTCOME_WORDS: Record<Outcome, string> = {
  remind: 'a reminder is due',
  task: 'a task for a person',
  wait: 'waiting',
  hold: 'held',
  none: 'not chased',
};

/** For the command line: plain text, the answer first. */
export function formatExplanation(explanation: Explanation): string {
  const { invoice, decision, counterfactuals, holds, actions } = explanation;
  const lines = [
    `Invoice ${invoice.number} of ${invoice.customerName}: ${headline(explanation)}`,
    `  ${invoice.status}, ${moneyText(invoice.openMinor, invoice.currency)} open of ${moneyText(invoice.totalMinor, invoice.currency)}, issued ${invoice.issuedOn}, due ${invoice.dueOn}`,
  ];
  if (decision !== null) {
    lines.push('', decision.because, '', 'How the rule came to it');
    lines.push(...decision.path.map((reason, index) => `  ${index + 1}. ${reason.text}`));
    lines.push('', 'Facts it used', ...factLines(decision.facts).map((line) => `  ${line}`));
    lines.push(
      '',
      `Decided on ${decision.decidedOn} by run ${decision.runId}, policy "${decision.policy.name}" version ${decision.policy.version}.`,
      decision.nextOn === null
        ? 'It stays so until a fact changes.'
        : `Without new facts it can change on ${decision.nextOn} at the earliest.`,
    );
  }
  lines.push(
    ...section(
      'What would have changed it',
      counterfactuals.map(({ sentence }) => sentence),
    ),
    ...section('Holds', holds.map(holdLine)),
    ...section('Actions', actions.map(actionLine)),
    ...section('When it will be paid', predictionLines(explanation.prediction)),
  );
  return lines.map(withoutControls).join('\n');
}

function predictionLines(prediction: PredictionWords | null): string[] {
  if (prediction === null) return [];
  const { sentence, average, reasons } = prediction;
  return [sentence, average, ...reasons.map(({ text, effect }) => `${effect}: ${text}`)];
}

function headline({ decision, on }: Explanation): string {
  const when = on === null ? '' : ` on ${on}`;
  return decision === null
    ? `no run has decided about it${when}`
    : `${OUTCOME_WORDS[decision.outcome]}${when}`;
}

function factLines(facts: Partial<DecisionFacts>): string[] {
  const { currency } = facts;
  const money = (amount: number | undefined) =>
    amount === undefined || currency === undefined ? null : moneyText(amount, currency);
  const pairs: [string, string | null][] = [
    ['asked for', money(facts.askedMinor)],
    ['days past due', facts.daysPastDue === undefined ? null : String(facts.daysPastDue)],
    ['escalation', stateText(facts)],
    ['written to', facts.debtorName ?? null],
    ['overdue altogether', money(facts.overdueMinor)],
    ['unapplied credit', money(facts.unappliedMinor)],
    ['steps taken', facts.taken?.map((t) => `${t.step} ${t.on} (${t.state})`).join(', ') ?? null],
    ['recipients', facts.recipients?.to.join(', ') ?? null],
  ];
  return pairs
    .filter(([, value]) => value !== null && value !== '')
    .map(([name, value]) => `${name.padEnd(20)}${value ?? ''}`);
}

/** Decisions made before states were kept have none. */
function stateText({ escalation }: Partial<DecisionFacts>): string | null {
  if (escalation === undefined) return null;
  const since = escalation.since === null ? null : parseDay(escalation.since);
  return escalationText({ ...escalation, since });
}

function holdLine(hold: ExplainedHold): string {
  const until = hold.untilOn === null ? 'until ended' : `to ${hold.untilOn}`;
  const ended = hold.endedAt === null ? '' : `, ended ${hold.endedAt.slice(0, 10)}`;
  return `${hold.kind} on the ${hold.scope}, from ${hold.fromOn} ${until}${ended} (${hold.owner}): ${hold.reason}`;
}

function actionLine(action: ExplainedAction): string {
  const to = action.to.length === 0 ? '' : ` to ${action.to.join(', ')}`;
  const why = action.stateReason === null ? '' : ` (${action.stateReason})`;
  const listed = action.isTrigger ? '' : ', listed only';
  return `${action.plannedOn} ${action.stepName} by ${action.channel}${to}: ${action.state}${why}${listed}`;
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`)];
}

/** Names come from the ledger: nothing of theirs may steer a terminal. */
function withoutControls(line: string): string {
  return line.replace(/[\p{Cc}\p{Cf}]/gu, '�');
}
