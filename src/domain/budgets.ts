/**
 * How often a customer may be contacted in seven days: emails in one currency, emails to one address
 * (whoever of the book's customers they are about), calls, letters, and all of these together in whatever currency. What goes out today already counts.
 * Three contacts a week, with calls on Monday and Tuesday and an email on Wednesday: the next contact
 * may follow on the Monday after. (Australia's ASIC RG 96 and ACCC guideline: three a week.)
 */
import { nextSendDay } from './calendar.ts';
import { addDays, type Day } from './day.ts';
import type { CustomerCase, DunningContext, Proposal, Rules } from './dunning-case.ts';
import type { Obstacle } from './gates.ts';
import type { Currency } from './money.ts';
import type { Channel } from './policy.ts';
import type { Recipients } from './recipients.ts';
import { dayText, plural } from './text.ts';

interface Budget {
  noun: string;
  /** " to ap@acme.example" when it is one address's. */
  to: string;
  limit: number;
  usedOn: readonly Day[];
}

export function overMessageBudget(
  currency: Currency,
  recipients: Recipients,
  rules: Rules,
  customer: CustomerCase,
  today: readonly Proposal[],
  context: DunningContext,
): Obstacle | null {
  const { messagesPer7Days, personPer7Days } = rules.policy.budgets;
  const { messagesSent } = customer;
  const inCurrency = messagesSent.filter((message) => message.currency === currency);
  const budgets = [
    budget('message', messagesPer7Days, inCurrency),
    ...recipients.to.map((address) => {
      const isTo = ({ to }: { to: readonly string[] }) =>
        to.some((other) => isSame(other, address));
      const elsewhere = context.messagedElsewhere(address, customer.debtor.id);
      const all = [
        ...messagesSent.filter(isTo),
        ...onToday(today.filter(isTo), context),
        ...elsewhere.map((on) => ({ on })),
      ];
      return { ...budget('message', personPer7Days, all), to: ` to ${address}` };
    }),
    contacts(rules, customer, today, context),
  ];
  return overspent(budgets, rules, context);
}

export function overTaskBudget(
  channel: Channel,
  rules: Rules,
  customer: CustomerCase,
  today: readonly Proposal[],
  context: DunningContext,
): Obstacle | null {
  const kind = kindOf(channel);
  if (kind === null) return null;
  const { callsPer7Days, lettersPer7Days } = rules.policy.budgets;
  const own = [
    ...customer.otherContacts.filter((contact) => kindOf(contact.channel) === kind),
    ...onToday(today, context).filter((contact) => kindOf(contact.channel) === kind),
  ];
  const budgets = [
    budget(kind, kind === 'call' ? callsPer7Days : lettersPer7Days, own),
    contacts(rules, customer, today, context),
  ];
  return overspent(budgets, rules, context);
}

/** null: nobody outside hears of it. */
function kindOf(channel: Channel): 'email' | 'call' | 'letter' | null {
  switch (channel) {
    case 'email':
    case 'call':
    case 'letter':
      return channel;
    case 'formal_notice':
      return 'letter';
    case 'task':
    case 'hand_over':
      return null;
  }
}

function contacts(
  rules: Rules,
  customer: CustomerCase,
  today: readonly Proposal[],
  context: DunningContext,
): Budget {
  const others = [...customer.otherContacts, ...onToday(today, context)];
  const heard = others.filter((contact) => kindOf(contact.channel) !== null);
  const all = [...customer.messagesSent, ...heard];
  return budget('contact', rules.policy.budgets.contactsPer7Days, all);
}

function onToday(today: readonly Proposal[], { asOn }: DunningContext) {
  return today.map(({ step }) => ({ channel: step.channel, on: asOn }));
}

function isSame(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

function budget(noun: string, limit: number, used: readonly { on: Day }[]): Budget {
  return { noun, to: '', limit, usedOn: used.map(({ on }) => on).sort((a, b) => b - a) };
}

/** The budget that takes longest to allow another. */
function overspent(
  budgets: readonly Budget[],
  { calendar }: Rules,
  { asOn }: DunningContext,
): Obstacle | null {
  const spent = budgets.flatMap((own) => {
    const oldest = own.usedOn[own.limit - 1];
    return oldest === undefined ? [] : { ...own, readyOn: addDays(oldest, 7) };
  });
  const [worst] = spent.toSorted((a, b) => b.readyOn - a.readyOn);
  if (worst === undefined || worst.readyOn <= asOn) return null;
  const on = nextSendDay(calendar, worst.readyOn);
  return {
    outcome: 'wait',
    reason: {
      code: 'budget',
      text: `The policy allows ${plural(worst.limit, worst.noun)}${worst.to} in 7 days: the next may follow on ${dayText(on)}.`,
      figures: { limit: worst.limit },
    },
    nextOn: on,
  };
}
