/** Cases for the reminder rule, told in few words. */
import { readFileSync } from 'node:fs';
import { day, type Day, formatDay } from '../../src/domain/day.ts';
import { decide } from '../../src/domain/dunning.ts';
import type {
  ChaseInvoice,
  CustomerCase,
  CustomerDecision,
  DunningContext,
  Rules,
} from '../../src/domain/dunning-case.ts';
import { parsePolicy, type Policy } from '../../src/domain/policy.ts';
import type { CustomerId, InvoiceId } from '../../src/domain/receivables.ts';
import type { StepTaken, TakenState } from '../../src/domain/step-chain.ts';

export const DEFAULT_POLICY: Policy = parsePolicy(
  readFileSync('src/escalate/default-policy.yaml', 'utf8'),
);

/** No weekend and no holiday: days can be counted on one's fingers. */
export const EVERY_DAY = { sendDays: new Set([1, 2, 3, 4, 5, 6, 7]), holidays: new Set<Day>() };

export function invoice(
  id: string,
  due: string | Day,
  more: Partial<ChaseInvoice> = {},
): ChaseInvoice {
  const dueOn = typeof due === 'string' ? day(due) : due;
  return {
    id: id as InvoiceId,
    number: id.toUpperCase(),
    kind: 'invoice',
    customerId: 'acme' as CustomerId,
    currency: 'NZD',
    status: 'open',
    issuedOn: (dueOn - 20) as Day,
    dueOn,
    schedule: null,
    totalMinor: 10_000,
    openMinor: 10_000,
    emailText: null,
    ...more,
  };
}

export function aCase(more: Partial<CustomerCase> = {}): CustomerCase {
  return {
    debtor: {
      id: 'acme' as CustomerId,
      name: 'Acme',
      emailText: 'ap@acme.example',
      contacts: [],
      doNotChase: false,
    },
    profile: { flags: [], score: null, segment: null },
    offBalance: [],
    invoices: [],
    unapplied: [],
    holds: [],
    taken: [],
    messagesSent: [],
    otherContacts: [],
    pending: [],
    deadKeys: [],
    rejections: [],
    ...more,
  };
}

/** A context in which one policy speaks for every invoice. */
export function context(
  on: string | Day,
  more: Partial<DunningContext & Rules> = {},
): DunningContext {
  const rules: Rules = {
    policy: more.policy ?? DEFAULT_POLICY,
    versionId: more.versionId ?? 1,
    version: more.version ?? 1,
    source: more.source ?? 'library',
    calendar: more.calendar ?? EVERY_DAY,
  };
  return {
    asOn: typeof on === 'string' ? day(on) : on,
    mode: more.mode ?? 'automatic',
    rulesFor: more.rulesFor ?? (() => rules),
    gate: more.gate ?? null,
    messagedElsewhere: more.messagedElsewhere ?? (() => []),
    digest: (text) => text.replaceAll('\n', '+'),
  };
}

const CHANNEL = new Map(DEFAULT_POLICY.steps.map((step) => [step.key, step.channel]));

export function took(
  invoiceId: string,
  due: string,
  step: string,
  on: string,
  state: TakenState = 'sent',
): StepTaken {
  return {
    invoiceId: invoiceId as InvoiceId,
    dueOn: day(due),
    step,
    channel: CHANNEL.get(step) ?? 'email',
    actionKey: `key of ${step}`,
    on: day(on),
    state,
    deadlineOn: null,
  };
}

/** "a: remind overdue-friendly" or "a: wait overdue-second until 2026-06-11 (not_due_yet)", one line for each invoice. */
function answers({ decisions }: CustomerDecision): string[] {
  return decisions.map(({ invoiceId, outcome, step, nextOn, path }) => {
    const until = nextOn === null ? '' : ` until ${formatDay(nextOn)}`;
    const code = path.at(-1)?.code ?? '';
    return `${invoiceId}: ${outcome}${step === null ? '' : ` ${step}`}${until} (${code})`;
  });
}

/** "overdue-second NZD [a b*] 200.00"; * is listed without having caused it. */
function messages({ proposals }: CustomerDecision): string[] {
  return proposals.map(({ step, currency, invoices, totalMinor }) => {
    const lines = invoices.map((line) => line.invoiceId + (line.isTrigger ? '' : '*'));
    return `${step.key} ${currency} [${lines.join(' ')}] ${(totalMinor / 100).toFixed(2)}`;
  });
}

export function ask(
  given: Partial<CustomerCase>,
  on: string,
  more: Partial<DunningContext & Rules> = {},
) {
  const decision = decide(aCase(given), context(on, more));
  return { decision, answers: answers(decision), messages: messages(decision) };
}
