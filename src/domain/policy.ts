/**
 * A reminder policy: text that a credit controller can read aloud. It names the steps in order, each
 * at so many days from the due date, and how carefully they are taken. What cannot be read exactly is
 * refused with its line; nothing is guessed and nothing half loaded.
 * Steps −5, 0, +3, +10: an invoice due on the 20th is announced on the 15th, mentioned on the day,
 * and reminded on the 23rd and the 30th.
 */
import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument, visit } from 'yaml';
import { z } from 'zod';
import { PolicyError } from '../errors.ts';
import { isCurrency, minorDigits, parseMinor, type Currency, type Minor } from './money.ts';

const CHANNELS = ['email', 'call', 'letter', 'hand_over'] as const;
export type Channel = (typeof CHANNELS)[number];

const SENDERS = ['collector', 'account_owner', 'finance_lead', 'director'] as const;
type Sender = (typeof SENDERS)[number];

const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

const NAME = 'should be small letters, digits and hyphens, at most 40';
const stepKey = z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, { message: NAME });
const days = (min: number, max: number) =>
  z
    .number({ message: `should be a whole number of days from ${min} to ${max}` })
    .int({ message: `should be a whole number of days from ${min} to ${max}` })
    .min(min, { message: `should be a whole number of days from ${min} to ${max}` })
    .max(max, { message: `should be a whole number of days from ${min} to ${max}` });
const oneOf = <const T extends readonly [string, ...string[]]>(values: T) =>
  z.enum(values, { message: `should be one of ${values.join(', ')}` });

const StepText = z
  .strictObject({
    key: stepKey,
    name: z.string().min(1).max(80),
    offsetDays: days(-60, 730),
    channel: oneOf(CHANNELS),
    template: stepKey.optional(),
    sender: oneOf(SENDERS).default('collector'),
    mode: oneOf(['approve', 'automatic']).default('automatic'),
    fourEyes: z.boolean({ message: 'should be true or false' }).default(false),
    attachPdf: z.boolean({ message: 'should be true or false' }).default(false),
  })
  .refine((step) => step.channel !== 'email' || step.template !== undefined, {
    path: ['template'],
    message: 'an email step names its template',
  });

const PolicyText = z.strictObject({
  name: z.string().min(1).max(80),
  graceDays: days(0, 60).default(0),
  missed: oneOf(['in_order', 'latest']).default('in_order'),
  tolerance: z
    .record(z.string(), z.union([z.number(), z.string()], { message: 'should be an amount' }))
    .default({}),
  spacing: z
    .strictObject({
      customerDays: days(1, 60).default(3),
      messagesPer7Days: days(1, 7).default(2),
      stepDays: days(1, 60).default(5),
    })
    .prefault({}),
  calendar: z
    .strictObject({
      sendDays: z
        .array(oneOf(WEEKDAYS))
        .min(1, { message: 'should name at least one day' })
        .default(['mon', 'tue', 'wed', 'thu', 'fri']),
      holidays: z.boolean({ message: 'should be true or false' }).default(true),
    })
    .prefault({}),
  freshnessHours: days(1, 168).optional(),
  unappliedCreditHoldShare: z
    .number({ message: 'should be a share from 0.01 to 10' })
    .min(0.01, { message: 'should be a share from 0.01 to 10' })
    .max(10, { message: 'should be a share from 0.01 to 10' })
    .default(0.5),
  steps: z.array(StepText).min(1, { message: 'a policy has at least one step' }).max(40),
});

export interface PolicyStep {
  key: string;
  name: string;
  /** Days from the due date: −5 is five days before it. */
  offsetDays: number;
  channel: Channel;
  /** Empty for a step that writes nothing. */
  template: string;
  sender: Sender;
  mode: 'approve' | 'automatic';
  /** Two different people release it. */
  fourEyes: boolean;
  attachPdf: boolean;
}

export interface Policy {
  name: string;
  /** No step after the due date fires before this many days have passed. */
  graceDays: number;
  missed: 'in_order' | 'latest';
  /** An amount up to this is not worth a reminder; `default` is in units of whatever currency. */
  tolerance: Readonly<Record<string, string>>;
  spacing: { customerDays: number; messagesPer7Days: number; stepDays: number };
  calendar: { sendDays: ReadonlySet<number>; holidays: boolean };
  /** null: the setting of the installation. */
  freshnessHours: number | null;
  unappliedCreditHoldShare: number;
  /** In the order in which they are taken, which is also the order of severity. */
  steps: readonly PolicyStep[];
}

/** Reads a policy; a PolicyError says what is wrong and in which line. */
export function parsePolicy(text: string): Policy {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, merge: false });
  const [broken] = [...document.errors, ...document.warnings];
  if (broken !== undefined) {
    throw new PolicyError(firstLine(broken.message), broken.linePos?.[0].line);
  }
  const lineOf = (path: readonly PropertyKey[]) => findLine(document, lines, path);
  refuseAliases(document, lines);
  const parsed = PolicyText.safeParse(document.toJS() as unknown);
  if (!parsed.success) throw firstProblem(parsed.error, lineOf);
  checkSteps(parsed.data.steps, lineOf);
  return assemble(parsed.data, lineOf);
}

/** An alias would put one line's words in two places, and a small file could unfold into a huge one. */
function refuseAliases(document: Document, lines: LineCounter): void {
  visit(document, {
    Alias: (_key, node) => {
      const offset = node.range?.[0] ?? 0;
      throw new PolicyError('aliases (*name) are not used in a policy', lines.linePos(offset).line);
    },
  });
}

type LineOf = (path: readonly PropertyKey[]) => number | undefined;

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

function checkSteps(steps: readonly { key: string; offsetDays: number }[], lineOf: LineOf): void {
  steps.forEach((step, index) => {
    const earlier = steps.slice(0, index);
    if (earlier.some((other) => other.key === step.key)) {
      throw new PolicyError(`two steps have the key ${step.key}`, lineOf(['steps', index, 'key']));
    }
    const before = earlier.at(-1);
    if (before !== undefined && before.offsetDays >= step.offsetDays) {
      throw new PolicyError(
        `step ${step.key} is at ${step.offsetDays} days and follows ${before.key} at ${before.offsetDays}: steps stand in the order of their days`,
        lineOf(['steps', index, 'offsetDays']),
      );
    }
  });
}

function assemble(text: z.infer<typeof PolicyText>, lineOf: LineOf): Policy {
  return {
    ...text,
    freshnessHours: text.freshnessHours ?? null,
    tolerance: readTolerance(text.tolerance, lineOf),
    calendar: {
      sendDays: new Set(text.calendar.sendDays.map((name) => WEEKDAYS.indexOf(name) + 1)),
      holidays: text.calendar.holidays,
    },
    steps: text.steps.map((step) => ({ ...step, template: step.template ?? '' })),
  };
}

function readTolerance(
  given: Readonly<Record<string, number | string>>,
  lineOf: LineOf,
): Record<string, string> {
  const amounts: Record<string, string> = {};
  for (const [key, value] of Object.entries(given)) {
    const where = ['tolerance', key];
    if (key !== 'default' && !isCurrency(key)) {
      throw new PolicyError(
        `tolerance.${key}: should be "default" or a currency code`,
        lineOf(where),
      );
    }
    const text = String(value);
    const digits = key === 'default' ? 2 : minorDigits(key);
    const isAmount = /^\d+(\.\d+)?$/.test(text) && (text.split('.')[1] ?? '').length <= digits;
    if (!isAmount) {
      throw new PolicyError(
        `tolerance.${key}: should be an amount with at most ${digits} decimals`,
        lineOf(where),
      );
    }
    amounts[key] = text;
  }
  return amounts;
}

/** What is too small to chase in a currency. A default of 0.50 is nothing at all in yen. */
export function toleranceOf(policy: Policy, currency: Currency): Minor {
  const text = policy.tolerance[currency] ?? policy.tolerance['default'];
  if (text === undefined) return 0;
  return parseMinor(text, currency) ?? parseMinor(text.split('.')[0] ?? '0', currency) ?? 0;
}

/** The line of the deepest node on the path that exists: for an unknown key the key itself. */
function findLine(
  document: Document,
  lines: LineCounter,
  path: readonly PropertyKey[],
): number | undefined {
  for (let length = path.length; length >= 0; length -= 1) {
    const offset = offsetOf(document, path.slice(0, length));
    if (offset !== undefined) return lines.linePos(offset).line;
  }
  return undefined;
}

function offsetOf(document: Document, path: readonly PropertyKey[]): number | undefined {
  const parent = path.length === 0 ? undefined : nodeAt(document, path.slice(0, -1));
  if (isMap(parent)) {
    const pair = parent.items.find(
      (item) => isScalar(item.key) && String(item.key.value) === String(path.at(-1)),
    );
    return isNode(pair?.key) ? pair.key.range?.[0] : undefined;
  }
  const node = nodeAt(document, path);
  return isNode(node) ? node.range?.[0] : undefined;
}

function nodeAt(document: Document, path: readonly PropertyKey[]): unknown {
  return path.length === 0 ? document.contents : document.getIn(path, true);
}

function firstLine(message: string): string {
  return (message.split('\n')[0] ?? message).replace(/ at line \d+, column \d+:?$/, '');
}
