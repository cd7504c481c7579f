/**
 * What a replay comes to, added up as debtors are replayed: messages by step, customers written to,
 * those who would have been chased although they paid within three days, what the budgets held back,
 * the days on which the volume breaker would have stopped the run, and how late each step was reached.
 * 318 messages to 120 customers; 21 of them, 7 %, to people who paid within three days anyway.
 */
import { type Day, formatDay } from '../day.ts';
import type { PolicyStep } from '../policy.ts';
import { exceededUsual, lowerMedian, USUAL_DAYS } from '../volume-breaker.ts';
import type { ReplayedAction, ReplayedDebtor } from './replay-debtor.ts';

export interface StepFigures {
  step: string;
  name: string;
  channel: string;
  actions: number;
  needless: number;
  /** Invoices that took it for the first time, and how late they were then. */
  invoices: number;
  medianDaysPastDue: number | null;
}

export interface BreakerDay {
  on: string;
  messages: number;
  usual: number;
}

export interface ReplayFigures {
  /** Emails. */
  messages: number;
  /** Calls, letters and other work for people. */
  tasks: number;
  customers: number;
  /** Of the messages. */
  needless: number;
  needlessShare: number | null;
  steps: StepFigures[];
  /** By reason code: days on which a debtor's message was due and did not go. */
  stopped: Record<string, number>;
  breakerDays: BreakerDay[];
}

type ReplayStep = Pick<PolicyStep, 'key' | 'name' | 'channel'>;

interface StepTally {
  actions: number;
  needless: number;
  /** Days past due, one for each invoice. */
  reached: number[];
}

export class ReplayTally {
  readonly #steps = new Map<string, StepTally>();
  readonly #byDay = new Map<Day, number>();
  readonly #stopped = new Map<string, number>();
  #messages = 0;
  #tasks = 0;
  #needless = 0;
  #customers = 0;

  add({ actions, reached, stopped }: ReplayedDebtor): void {
    if (actions.some(isMessage)) this.#customers += 1;
    for (const action of actions) this.#count(action);
    for (const { step, daysPastDue } of reached) {
      this.#stepOf(step).reached.push(daysPastDue);
    }
    for (const { code } of stopped) this.#stopped.set(code, (this.#stopped.get(code) ?? 0) + 1);
  }

  #count(action: ReplayedAction): void {
    const step = this.#stepOf(action.step);
    step.actions += 1;
    if (!isMessage(action)) {
      this.#tasks += 1;
      return;
    }
    this.#messages += 1;
    this.#byDay.set(action.on, (this.#byDay.get(action.on) ?? 0) + 1);
    if (!action.isNeedless) return;
    step.needless += 1;
    this.#needless += 1;
  }

  #stepOf(step: string): StepTally {
    const known = this.#steps.get(step);
    if (known !== undefined) return known;
    const added = { actions: 0, needless: 0, reached: [] as number[] };
    this.#steps.set(step, added);
    return added;
  }

  /** `steps`: the policy's own, in order; `breaker`: how many times its usual number stops a run. */
  figures(steps: readonly ReplayStep[], breaker: number): ReplayFigures {
    return {
      messages: this.#messages,
      tasks: this.#tasks,
      customers: this.#customers,
      needless: this.#needless,
      needlessShare: this.#messages === 0 ? null : this.#needless / this.#messages,
      steps: steps.map((step) => stepFigures(step, this.#stepOf(step.key))),
      stopped: Object.fromEntries([...this.#stopped].sort(([a], [b]) => (a < b ? -1 : 1))),
      breakerDays: breakerDays(this.#byDay, breaker),
    };
  }
}

function isMessage({ channel }: ReplayedAction): boolean {
  return channel === 'email';
}

function stepFigures(step: ReplayStep, tally: StepTally): StepFigures {
  const { actions, needless, reached } = tally;
  return {
    step: step.key,
    name: step.name,
    channel: step.channel,
    actions,
    needless,
    invoices: reached.length,
    medianDaysPastDue: reached.length === 0 ? null : lowerMedian(reached),
  };
}

/** Days on which far more would have gone out than on the runs before it. */
export function breakerDays(byDay: ReadonlyMap<Day, number>, factor: number): BreakerDay[] {
  const runs = [...byDay].sort(([a], [b]) => a - b);
  return runs.flatMap(([on, messages], index) => {
    const before = runs.slice(Math.max(0, index - USUAL_DAYS), index).map(([, count]) => count);
    const usual = exceededUsual(messages, before, factor);
    return usual === null ? [] : [{ on: formatDay(on), messages, usual }];
  });
}
