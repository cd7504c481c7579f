/**
 * A reminder policy: text that a credit controller can read aloud. It names the steps in order, each
 * at its moment, for whom it is meant, and how carefully it is taken. What cannot be read exactly is
 * refused with its line; nothing is guessed and nothing half loaded.
 * Steps 5 days before due, on due, 3 and 10 days after due: an invoice due on the 20th is announced on
 * the 15th, mentioned on the day, and reminded on the 23rd and the 30th.
 */
import type { z } from 'zod';
import { PolicyError } from '../errors.ts';
import { type Amounts, type Bounds, type Conditions, amountIn } from './conditions.ts';
import { type Day, formatDay } from './day.ts';
import { isCurrency, minorDigits, type Currency, type Minor } from './money.ts';
import {
  type CHANNELS,
  type ConditionsInput,
  MODES,
  type PolicyInput,
  PolicyText,
  type SENDERS,
  weekdayNumbers,
} from './policy-schema.ts';
import { type Anchor, momentText, type StepMoment } from './step-moment.ts';
import { type LineOf, readYaml } from './yaml-lines.ts';

export type Channel = (typeof CHANNELS)[number];
type Sender = (typeof SENDERS)[number];
export type Mode = (typeof MODES)[number];

export interface Repeat {
  everyDays: number;
  /** How often after the first time. */
  atMost: number;
}

export interface PolicyStep {
  key: string;
  name: string;
  at: StepMoment;
  channel: Channel;
  /** Empty for a step that writes nothing. */
  template: string;
  sender: Sender;
  mode: Mode;
  /** Two different people release it. */
  fourEyes: boolean;
  /** Passed over unless all of these hold. */
  when: Conditions | null;
  /** Passed over while any of these holds. */
  unless: Conditions | null;
  /** Comes again until the next step's day. */
  repeat: Repeat | null;
  attachPdf: boolean;
  attachStatement: boolean;
}

export interface Budgets {
  /** Emails to a customer in one currency. */
  messagesPer7Days: number;
  /** Emails, calls and letters to a customer, all currencies together. */
  contactsPer7Days: number;
  /** Emails to one address, whoever of the book's customers they are about. */
  personPer7Days: number;
  callsPer7Days: number;
  lettersPer7Days: number;
  /** A run that would send this many times its usual number stops. */
  volumeBreaker: number;
}

export interface PolicyCalendar {
  /** 1 = Monday … 7 = Sunday. */
  sendDays: ReadonlySet<number>;
  /** Minutes after midnight in the book's zone; null: at any time. */
  hours: { from: number; until: number } | null;
  /** The public holidays of the book's country. */
  holidays: boolean;
  extraHolidays: readonly Day[];
  /** Both days included. */
  closed: readonly { from: Day; until: Day }[];
}

export interface StatementSchedule {
  /** A month that is shorter has it on its last day. */
  dayOfMonth: number;
  kind: 'open_item' | 'activity';
  minBalance: Amounts;
}

export interface GoOn {
  /** The next reminder at once, the next step in its time, or the step with this key. */
  then: string;
}

export interface Policy {
  name: string;
  mode: Mode;
  /** No step after the due date comes before this many days have passed. */
  graceDays: number;
  missed: 'in_order' | 'latest' | 'skip';
  /** An amount up to this is not worth a reminder; `default` is in units of whatever currency. */
  tolerance: Amounts;
  /** Invoices that do not meet this are not chased at all. */
  when: Conditions | null;
  unless: Conditions | null;
  spacing: { customerDays: number; stepDays: number };
  budgets: Budgets;
  calendar: PolicyCalendar;
  /** null: the setting of the installation. */
  freshnessHours: number | null;
  unappliedCreditHoldShare: number;
  /** A share of the customers hears nothing before this step, to compare with. */
  holdOut: { share: number; before: string } | null;
  /** The promised day and these days after it are waited for. */
  onPromise: { graceDays: number };
  onBrokenPromise: GoOn;
  /** chaseRest: what is not disputed is still asked for. */
  onDispute: GoOn & { chaseRest: boolean };
  /** An instalment is late after these days; then the plan is broken. */
  onPlan: GoOn & { graceDays: number };
  onReply: { pauseDays: number };
  statements: StatementSchedule | null;
  /** In the order in which they are taken, which is also the order of severity. */
  steps: readonly PolicyStep[];
}

/** Reads a policy; a PolicyError says what is wrong and in which line. */
export function parsePolicy(text: string): Policy {
  return readPolicy(text).policy;
}

/** Reads a policy together with the lines its parts stand in. */
export function readPolicy(text: string): { policy: Policy; lineOf: LineOf } {
  const { value, lineOf } = readYaml(text);
  const parsed = PolicyText.safeParse(value);
  if (!parsed.success) throw firstProblem(parsed.error, lineOf);
  const policy = assemble(parsed.data, lineOf);
  checkSteps(policy.steps, lineOf);
  checkStepNames(policy, lineOf);
  checkCalendar(policy.calendar, lineOf);
  return { policy, lineOf };
}

function firstProblem(error: z.ZodError, lineOf: LineOf): PolicyError {
  const problems = error.issues.map((issue) => {
    const [unknown] = issue.code === 'unrecognized_keys' ? issue.keys : [];
    const path = unknown === undefined ? issue.path : [...issue.path, unknown];
    const where = path.map(String).join('.');
    const message = unknown === undefined ? `${where}: ${issue.message}` : `unknown key ${where}`;
    return { line: lineOf(path), message: where === '' ? `a policy ${issue.message}` : message };
  });
  problems.sort((a, b) => (a.line ?? Infinity) - (b.line ?? Infinity));
  const [first] = problems;
  return new PolicyError(first?.message ?? 'not a policy', first?.line);
}

function checkSteps(steps: readonly PolicyStep[], lineOf: LineOf): void {
  const latest = new Map<Anchor, { key: string; days: number }>();
  let before: StepMoment | null = null;
  steps.forEach((step, index) => {
    if (steps.slice(0, index).some((other) => other.key === step.key)) {
      throw new PolicyError(`two steps have the key ${step.key}`, lineOf(['steps', index, 'key']));
    }
    if (step.at.from === 'previous' && before === null) {
      throw new PolicyError(
        `step ${step.key} is the first: there is no previous step`,
        lineOf(['steps', index, 'at']),
      );
    }
    before = rootOf(step.at, before);
    const earlier = latest.get(before.from);
    if (earlier !== undefined && earlier.days >= before.days) {
      throw new PolicyError(
        `step ${step.key} is at ${momentText(before)} and follows ${earlier.key} at ${momentText({ from: before.from, days: earlier.days })}: steps stand in the order of their days`,
        lineOf(['steps', index, 'at']),
      );
    }
    latest.set(before.from, { key: step.key, days: before.days });
    checkRepeat(step, lineOf(['steps', index, 'repeat']));
  });
}

/** A moment counted from the step before, counted from what that one counts from. */
function rootOf(at: StepMoment, before: StepMoment | null): StepMoment {
  if (at.from !== 'previous' || before === null) return at;
  return { from: before.from, days: before.days + at.days };
}

function checkRepeat(step: PolicyStep, line: number | undefined): void {
  if (step.repeat === null || !['letter', 'formal_notice', 'hand_over'].includes(step.channel)) {
    return;
  }
  throw new PolicyError(
    `step ${step.key}: a formal step is taken once; only an email, a call or a task repeats`,
    line,
  );
}

function checkStepNames(policy: Policy, lineOf: LineOf): void {
  const named: [string, readonly PropertyKey[]][] = [
    [policy.holdOut?.before ?? 'in_time', ['holdOut', 'before']],
    [policy.onBrokenPromise.then, ['onBrokenPromise', 'then']],
    [policy.onDispute.then, ['onDispute', 'then']],
    [policy.onPlan.then, ['onPlan', 'then']],
  ];
  for (const [key, path] of named) {
    const isWord = key === 'at_once' || key === 'in_time';
    if (isWord || policy.steps.some((step) => step.key === key)) continue;
    const keys = policy.steps.map((step) => step.key).join(', ');
    throw new PolicyError(
      `${path.join('.')}: no step has the key ${key}; there is ${keys}`,
      lineOf(path),
    );
  }
}

function checkCalendar({ hours, closed }: PolicyCalendar, lineOf: LineOf): void {
  if (hours !== null && hours.from >= hours.until) {
    throw new PolicyError(
      'calendar.hours: until should be later than from',
      lineOf(['calendar', 'hours', 'until']),
    );
  }
  let closedDays = 0;
  closed.forEach(({ from, until }, index) => {
    const line = lineOf(['calendar', 'closed', index, 'until']);
    if (until < from) {
      throw new PolicyError(
        `calendar.closed.${index}: until ${formatDay(until)} should not be before from ${formatDay(from)}`,
        line,
      );
    }
    closedDays += until - from + 1;
    if (closedDays > CLOSED_DAYS_MAX) {
      throw new PolicyError(
        `calendar.closed: more than ${CLOSED_DAYS_MAX} days altogether; for longer, switch the book to shadow`,
        line,
      );
    }
  });
}

const CLOSED_DAYS_MAX = 92;

function assemble(text: PolicyInput, lineOf: LineOf): Policy {
  const { calendar, statements } = text;
  return {
    ...text,
    freshnessHours: text.freshnessHours ?? null,
    tolerance: readAmounts(text.tolerance, ['tolerance'], lineOf),
    when: readConditions(text.when, ['when'], lineOf),
    unless: readConditions(text.unless, ['unless'], lineOf),
    calendar: {
      ...calendar,
      sendDays: weekdayNumbers(calendar.sendDays),
      hours: calendar.hours ?? null,
    },
    holdOut: text.holdOut ?? null,
    statements:
      statements === undefined
        ? null
        : {
            ...statements,
            minBalance: readAmounts(statements.minBalance, ['statements', 'minBalance'], lineOf),
          },
    steps: text.steps.map((step, index) => ({
      ...step,
      template: step.template ?? '',
      when: readConditions(step.when, ['steps', index, 'when'], lineOf),
      unless: readConditions(step.unless, ['steps', index, 'unless'], lineOf),
      repeat: step.repeat ?? null,
    })),
  };
}

function readConditions(
  given: ConditionsInput | undefined,
  path: readonly PropertyKey[],
  lineOf: LineOf,
): Conditions | null {
  if (given === undefined) return null;
  const money = (key: 'amount' | 'overdue'): Bounds<Amounts> | null => {
    const bounds = given[key];
    if (bounds === undefined) return null;
    const read = (side: 'atLeast' | 'below') => {
      const texts = bounds[side];
      return texts === undefined ? null : readAmounts(texts, [...path, key, side], lineOf);
    };
    return { atLeast: read('atLeast'), below: read('below') };
  };
  return {
    amount: money('amount'),
    overdue: money('overdue'),
    age: numberBounds(given.age),
    overdueCount: numberBounds(given.overdueCount),
    score: numberBounds(given.score),
    flags: given.flags ?? [],
    segment: given.segment ?? [],
  };
}

function numberBounds(
  given: { atLeast?: number | undefined; below?: number | undefined } | undefined,
): Bounds<number> | null {
  if (given === undefined) return null;
  return { atLeast: given.atLeast ?? null, below: given.below ?? null };
}

function readAmounts(
  given: Readonly<Record<string, number | string>>,
  path: readonly PropertyKey[],
  lineOf: LineOf,
): Record<string, string> {
  const amounts: Record<string, string> = {};
  for (const [key, value] of Object.entries(given)) {
    const where = [...path, key];
    const shown = where.map(String).join('.');
    if (key !== 'default' && !isCurrency(key)) {
      throw new PolicyError(`${shown}: should be "default" or a currency code`, lineOf(where));
    }
    const text = String(value);
    const digits = key === 'default' ? 2 : minorDigits(key);
    const isAmount = /^\d+(\.\d+)?$/.test(text) && (text.split('.')[1] ?? '').length <= digits;
    if (!isAmount) {
      throw new PolicyError(
        `${shown}: should be an amount with at most ${digits} decimals`,
        lineOf(where),
      );
    }
    amounts[key] = text;
  }
  return amounts;
}

/** What is too small to chase in a currency. */
export function toleranceOf(policy: Policy, currency: Currency): Minor {
  return amountIn(policy.tolerance, currency) ?? 0;
}

/** The most careful of several modes; a step that two people release is never automatic. */
export function mostCareful(...modes: readonly Mode[]): Mode {
  return MODES.find((mode) => modes.includes(mode)) ?? 'shadow';
}

export function modeOfStep(step: PolicyStep, policy: Policy, book: Mode): Mode {
  return mostCareful(book, policy.mode, step.mode, step.fourEyes ? 'approve' : 'automatic');
}
