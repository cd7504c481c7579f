/**
 * What the holds on an invoice come to on a day: whether it is chased at all, which of its amount is
 * asked for, on which days it falls due, and the first day on which any of that can differ by itself.
 * Each reason names the hold with its figures. Of several that stop chasing, the one that lasts
 * longest speaks.
 * 500.00 due 1 June, 200.00 contested and a promise of 300.00 for the 12th: nothing is asked for until
 * the promise is decided, then 300.00 is.
 */
import { addDays, type Day, formatDay, soonest } from './day.ts';
import { contestedMinor, disputeStanding } from './dispute.ts';
import type { Reason } from './dunning-case.ts';
import { type OpenItem, openDueItems, type OwedInvoice } from './due-items.ts';
import { boundaryAfter, type Hold, type HoldOf, type HoldRules, isWithin } from './holds.ts';
import { disputeWords } from './hold-words.ts';
import type { Currency, Minor } from './money.ts';
import { planItems, planStanding } from './payment-plan.ts';
import { promiseStanding } from './promise.ts';
import { replyStanding } from './reply.ts';
import type { InvoiceId } from './receivables.ts';
import { CREDIT_THE_REST, settlementStanding } from './settlement.ts';
import type { Resume } from './step-chain.ts';
import { dayText, moneyText, plural } from './text.ts';

export interface HeldBy {
  reason: Reason;
  /** The last day it can last; null: no end is known. */
  lastOn: Day | null;
  /** What is left to do: its step and its key; null for a hold. */
  task: { step: string; actionKey: string } | null;
}

export interface HoldEffect {
  /** null: nothing stops chasing. */
  held: HeldBy | null;
  /** What is owed and when, as agreed. */
  items: OpenItem[];
  contestedMinor: Minor;
  /** Since when and how chasing goes on again; null: in its time. */
  resume: Resume | null;
  /** What shapes the case without stopping it, in words. */
  reasons: Reason[];
  changesOn: Day | null;
}

export interface HoldableInvoice extends OwedInvoice {
  id: InvoiceId;
  currency: Currency;
}

/** `holds` are those that cover the invoice. */
export function holdEffect(
  holds: readonly Hold[],
  invoice: HoldableInvoice,
  rules: HoldRules,
  asOn: Day,
): HoldEffect {
  const effect: HoldEffect = {
    held: null,
    items: openDueItems(invoice),
    contestedMinor: 0,
    resume: null,
    reasons: [],
    changesOn: null,
  };
  if (holds.length === 0) return effect;
  const inOrder = holds.toSorted((a, b) => a.fromOn - b.fromOn || a.id - b.id);
  for (const hold of inOrder) apply(effect, hold, invoice, rules, asOn);
  // Only now: the day of a failure after which chasing goes on in its time outdoes those before it.
  if (effect.resume?.then === 'in_time') effect.resume = null;
  return effect;
}

function apply(
  effect: HoldEffect,
  hold: Hold,
  invoice: HoldableInvoice,
  rules: HoldRules,
  asOn: Day,
): void {
  if (hold.fromOn > asOn) {
    changes(effect, hold.fromOn);
    return;
  }
  switch (hold.kind) {
    case 'promise': {
      applyPromise(effect, hold, rules, asOn);
      return;
    }
    case 'dispute': {
      applyDispute(effect, hold, invoice, rules, asOn);
      return;
    }
    case 'plan': {
      applyPlan(effect, hold, invoice, rules, asOn);
      return;
    }
    case 'settlement': {
      applySettlement(effect, hold, asOn);
      return;
    }
    case 'extension': {
      applyExtension(effect, hold, asOn);
      return;
    }
    case 'reply': {
      applyReply(effect, hold, rules, asOn);
      return;
    }
    case 'manual': {
      applyManual(effect, hold, asOn);
      return;
    }
  }
}

function changes(effect: HoldEffect, on: Day | null): void {
  effect.changesOn = soonest(effect.changesOn, on);
}

/** Of two that stop chasing the one without an end, or with the later one, is told. */
function stop(effect: HoldEffect, held: HeldBy): void {
  const current = effect.held;
  const lastsLonger = current === null || (held.lastOn ?? Infinity) > (current.lastOn ?? Infinity);
  if (lastsLonger) effect.held = held;
}

function applyPromise(
  effect: HoldEffect,
  hold: HoldOf<'promise'>,
  rules: HoldRules,
  asOn: Day,
): void {
  const { terms } = hold;
  const { state, arrivedMinor, lastOn, changesOn } = promiseStanding(hold, rules, asOn);
  const promised = `${moneyText(terms.amountMinor, terms.currency)} promised for ${dayText(terms.payOn)}`;
  const figures = {
    amountMinor: terms.amountMinor,
    arrivedMinor,
    payOn: formatDay(terms.payOn),
    lastOn: formatDay(lastOn),
  };
  const arrived = arrivedMinor === 0 ? 'nothing' : moneyText(arrivedMinor, terms.currency);
  changes(effect, changesOn);
  switch (state) {
    case 'pending': {
      const text = `${promised} (${terms.source}, ${hold.owner}): ${sentence(hold.reason)} Paused through ${dayText(lastOn)}; ${arrived} of it has arrived.`;
      const reason = { code: 'hold_promise', text, figures };
      stop(effect, { reason, lastOn, task: null });
      return;
    }
    case 'kept':
      effect.reasons.push({ code: 'promise_kept', text: `${promised}: kept.`, figures });
      return;
    case 'partly_kept':
    case 'broken': {
      const word = state === 'broken' ? 'broken' : 'partly kept';
      const text = `${promised}: ${word}, ${arrived} of it arrived by ${dayText(lastOn)}.`;
      effect.reasons.push({ code: `promise_${state}`, text, figures });
      resume(effect, addDays(lastOn, 1), rules.onBrokenPromise.then);
      return;
    }
    case 'void':
      return;
  }
}

/** The latest of several that came to nothing counts. */
function resume(effect: HoldEffect, on: Day, then: string): void {
  if (effect.resume !== null && effect.resume.on > on) return;
  effect.resume = { on, then };
}

function applyDispute(
  effect: HoldEffect,
  hold: HoldOf<'dispute'>,
  invoice: HoldableInvoice,
  rules: HoldRules,
  asOn: Day,
): void {
  const { state, changesOn } = disputeStanding(hold, asOn);
  changes(effect, changesOn);
  const { resolution } = hold.terms;
  if (state === 'rejected' && resolution !== null) {
    resume(effect, resolution.on, rules.onDispute.then);
    return;
  }
  const contested = contestedMinor(hold, invoice, asOn);
  if (contested === 0) return;
  const { currency } = invoice;
  effect.contestedMinor = Math.min(invoice.openMinor, effect.contestedMinor + contested);
  const amount = moneyText(contested, currency);
  const why = `(${disputeWords(hold.terms.reason)}; ${hold.owner}): ${sentence(hold.reason)}`;
  const what = state === 'credit_awaited' ? 'to be credited since' : 'in dispute since';
  const text = `${amount} of ${moneyText(invoice.openMinor, currency)} is ${what} ${dayText(hold.fromOn)} ${why}`;
  const figures = { contestedMinor: contested, openMinor: invoice.openMinor };
  if (effect.contestedMinor >= invoice.openMinor || !rules.onDispute.chaseRest) {
    const reason = { code: 'hold_dispute', text, figures };
    stop(effect, { reason, lastOn: hold.untilOn, task: null });
  } else {
    effect.reasons.push({ code: 'dispute_part', text: `${text} Not asked for.`, figures });
  }
}

function applyPlan(
  effect: HoldEffect,
  hold: HoldOf<'plan'>,
  invoice: HoldableInvoice,
  rules: HoldRules,
  asOn: Day,
): void {
  const { terms } = hold;
  const standing = planStanding(hold, rules, asOn);
  changes(effect, standing.changesOn);
  const plan = `Plan of ${plural(terms.instalments.length, 'instalment')}`;
  const money = (minor: Minor) => moneyText(minor, terms.currency);
  const { paidMinor, owedMinor, next, broken } = standing;
  const figures = { paidMinor, owedMinor, paidCount: standing.paidCount };
  if (broken !== null) {
    const text = `${plan} broken on ${dayText(broken.on)}: ${money(broken.missingMinor)} of the instalment of ${dayText(broken.instalment.dueOn)} was still open ${plural(broken.graceDays, 'day')} after it. The whole is due again.`;
    effect.reasons.push({ code: 'plan_broken', text, figures });
    resume(effect, broken.on, rules.onPlan.then);
    return;
  }
  const items = planItems(hold).get(invoice.id);
  if (next === null || items === undefined) return;
  effect.items = items;
  const text = `${plan} (${hold.owner}): ${money(paidMinor)} of ${money(owedMinor)} paid, the next ${money(next.openMinor)} falls due on ${dayText(next.dueOn)}.`;
  effect.reasons.push({ code: 'plan_running', text, figures });
}

function applySettlement(effect: HoldEffect, hold: HoldOf<'settlement'>, asOn: Day): void {
  const { terms } = hold;
  const { state, arrivedMinor, toCreditMinor, changesOn } = settlementStanding(hold, asOn);
  changes(effect, changesOn);
  const money = (minor: Minor) => moneyText(minor, terms.currency);
  const figures = { owedMinor: terms.owedMinor, acceptMinor: terms.acceptMinor, arrivedMinor };
  const accepted = `${money(terms.acceptMinor)} accepted for ${money(terms.owedMinor)} if paid by ${dayText(terms.payBy)}`;
  switch (state) {
    case 'pending': {
      const text = `${accepted} (${hold.owner}${approvalOf(hold)}): ${hold.reason}`;
      const reason = { code: 'hold_settlement', text, figures };
      stop(effect, { reason, lastOn: terms.payBy, task: null });
      return;
    }
    case 'met': {
      const text = `${money(arrivedMinor)} paid by ${dayText(terms.payBy)} as settled: credit the remaining ${money(toCreditMinor)}.`;
      const reason = { code: 'settlement_met', text, figures: { ...figures, toCreditMinor } };
      const task = { step: CREDIT_THE_REST.key, actionKey: `settlement:${hold.id}` };
      stop(effect, { reason, lastOn: null, task });
      return;
    }
    case 'void': {
      const text = `${accepted}: only ${money(arrivedMinor)} came, the settlement is void and the whole is owed.`;
      effect.reasons.push({ code: 'settlement_void', text, figures });
      return;
    }
  }
}

function applyExtension(effect: HoldEffect, hold: HoldOf<'extension'>, asOn: Day): void {
  changes(effect, boundaryAfter(hold, asOn));
  if (!isWithin(hold, asOn)) return;
  const { dueOn } = hold.terms;
  const [first] = effect.items;
  if (first === undefined || first.dueOn >= dueOn) return;
  const text = `Due date moved from ${dayText(first.dueOn)} to ${dayText(dueOn)} (${hold.owner}${approvalOf(hold)}): ${hold.reason}`;
  const figures = { originalDueOn: formatDay(first.dueOn), dueOn: formatDay(dueOn) };
  effect.reasons.push({ code: 'extended', text, figures });
  effect.items = movedTo(effect.items, dueOn);
}

/** Parts due before the new day fall due on it, together. */
function movedTo(items: readonly OpenItem[], dueOn: Day): OpenItem[] {
  const early = items.filter((item) => item.dueOn <= dueOn);
  const openMinor = early.reduce((sum, item) => sum + item.openMinor, 0);
  return [{ dueOn, openMinor }, ...items.filter((item) => item.dueOn > dueOn)];
}

function sentence(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}

function approvalOf(hold: Hold): string {
  return hold.approvedBy === null ? '' : `, approved by ${hold.approvedBy}`;
}

function applyReply(effect: HoldEffect, hold: HoldOf<'reply'>, rules: HoldRules, asOn: Day): void {
  const { rests, lastOn, changesOn } = replyStanding(hold, rules, asOn);
  changes(effect, changesOn);
  if (!rests) return;
  const text = `They answered on ${dayText(hold.fromOn)} (${hold.terms.source}, ${hold.owner}): ${sentence(hold.reason)} Paused through ${dayText(lastOn)}.`;
  const figures = { answeredOn: formatDay(hold.fromOn), lastOn: formatDay(lastOn) };
  stop(effect, { reason: { code: 'hold_reply', text, figures }, lastOn, task: null });
}

function applyManual(effect: HoldEffect, hold: HoldOf<'manual'>, asOn: Day): void {
  changes(effect, boundaryAfter(hold, asOn));
  if (!isWithin(hold, asOn)) return;
  const until = hold.untilOn === null ? 'until it is ended' : `until ${dayText(hold.untilOn)}`;
  const text = `On hold ${until} (${hold.owner}): ${hold.reason}`;
  const figures = { untilOn: hold.untilOn === null ? null : formatDay(hold.untilOn) };
  stop(effect, {
    reason: { code: 'hold_manual', text, figures },
    lastOn: hold.untilOn,
    task: null,
  });
}

/** The invoice with the days on which it falls due by agreement; its own due date stays where the holds leave it. */
export function asAgreed<T extends OwedInvoice>(invoice: T, { items }: HoldEffect): T {
  const schedule = items.map(({ dueOn, openMinor: amountMinor }) => ({ dueOn, amountMinor }));
  return { ...invoice, dueOn: items[0]?.dueOn ?? invoice.dueOn, schedule };
}

/** What has fallen due by a day. */
export function dueMinor({ items }: HoldEffect, by: Day): Minor {
  return items.reduce((sum, item) => (item.dueOn <= by ? sum + item.openMinor : sum), 0);
}

/** What may be asked for of it: never more than is uncontested. */
export function askedMinor(effect: HoldEffect, openMinor: Minor, by: Day): Minor {
  return Math.min(dueMinor(effect, by), Math.max(0, openMinor - effect.contestedMinor));
}
