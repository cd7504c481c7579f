/**
 * The form of a policy file, key by key: what may stand where, and what is assumed when it is left
 * out. An unknown key is refused; the message says what would be right.
 */
import { z } from 'zod';
import { parseDay } from './day.ts';
import { FLAG_CODES } from './flags.ts';
import { SEGMENTS } from './segments.ts';
import { DAYS_AFTER_MAX, DAYS_BEFORE_MAX, parseMoment } from './step-moment.ts';

export const CHANNELS = ['email', 'letter', 'formal_notice', 'call', 'task', 'hand_over'] as const;
export const SENDERS = ['collector', 'account_owner', 'finance_lead', 'director'] as const;
/** From the most careful to the freest. */
export const MODES = ['shadow', 'approve', 'automatic'] as const;
const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

const NAME = 'should be small letters, digits and hyphens, at most 40';
const stepKey = z.string({ message: NAME }).regex(/^[a-z0-9][a-z0-9-]{0,39}$/, { message: NAME });
const title = z.string({ message: 'should be a text' }).min(1).max(80);

function whole(what: string, min: number, max: number) {
  const message = `should be a whole number${what} from ${min} to ${max}`;
  return z.number({ message }).int({ message }).min(min, { message }).max(max, { message });
}
const days = (min: number, max: number) => whole(' of days', min, max);
const count = (min: number, max: number) => whole('', min, max);
const oneOf = <const T extends readonly [string, ...string[]]>(values: T) =>
  z.enum(values, { message: `should be one of ${values.join(', ')}` });
const flag = z.boolean({ message: 'should be true or false' });

const GROUP = 'should be a group of settings, each as "key: value"';
const group = <T extends z.ZodRawShape>(shape: T) => z.strictObject(shape, { message: GROUP });

function share(min: number, max: number) {
  const message = `should be a share from ${min} to ${max}`;
  return z.number({ message }).min(min, { message }).max(max, { message });
}

const AT = `should be like "3 days after due", "on due" or "10 days after end of due month": up to ${DAYS_BEFORE_MAX} days before or ${DAYS_AFTER_MAX} after due, issue, end of due month or end of issue month, or days after previous`;
const moment = z.string({ message: AT }).transform((text, context) => {
  const read = parseMoment(text);
  if (read !== null) return read;
  context.addIssue({ code: 'custom', message: AT });
  return z.NEVER;
});

const DAY = 'should be a day of the calendar like 2026-12-24';
const calendarDay = z.string({ message: DAY }).transform((text, context) => {
  const on = parseDay(text);
  if (on !== null) return on;
  context.addIssue({ code: 'custom', message: DAY });
  return z.NEVER;
});

const HOUR = 'should be a time of day like "08:30"';
const timeOfDay = z
  .string({ message: HOUR })
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, { message: HOUR })
  .transform((text) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3)));

/** Amounts by currency; read further in policy.ts, where the digits of each currency are known. */
const amounts = z.record(
  z.string(),
  z.union([z.number(), z.string()], { message: 'should be an amount' }),
  { message: 'should be amounts by currency, like { default: 500, JPY: 50000 }' },
);

const BOUND = 'should say atLeast, below, or both, like { atLeast: 5 }';
const bounds = <T extends z.ZodType>(value: T) =>
  z
    .strictObject({ atLeast: value.optional(), below: value.optional() }, { message: BOUND })
    .refine((given) => given.atLeast !== undefined || given.below !== undefined, {
      message: BOUND,
    });
const anyOf = <const T extends readonly [string, ...string[]]>(values: T, what: string) =>
  z.array(oneOf(values)).min(1, { message: `should name at least one ${what}` });

const Conditions = group({
  amount: bounds(amounts).optional(),
  overdue: bounds(amounts).optional(),
  age: bounds(days(-DAYS_BEFORE_MAX, 3650)).optional(),
  overdueCount: bounds(count(0, 10_000)).optional(),
  score: bounds(count(0, 100)).optional(),
  flags: anyOf(FLAG_CODES, 'flag').optional(),
  segment: anyOf(SEGMENTS, 'segment').optional(),
}).refine((given) => Object.keys(given).length > 0, { message: 'should name a condition' });

const Step = group({
  key: stepKey,
  name: title,
  at: moment,
  channel: oneOf(CHANNELS),
  template: stepKey.optional(),
  sender: oneOf(SENDERS).default('collector'),
  mode: oneOf(MODES).default('automatic'),
  fourEyes: flag.default(false),
  when: Conditions.optional(),
  unless: Conditions.optional(),
  repeat: group({ everyDays: days(1, 365), atMost: count(1, 52) }).optional(),
  attachPdf: flag.default(false),
  attachStatement: flag.default(false),
}).refine((step) => step.channel !== 'email' || step.template !== undefined, {
  path: ['template'],
  message: 'an email step names its template',
});

const Calendar = group({
  sendDays: z
    .array(oneOf(WEEKDAYS))
    .min(1, { message: 'should name at least one day' })
    .default(['mon', 'tue', 'wed', 'thu', 'fri']),
  hours: group({ from: timeOfDay, until: timeOfDay }).optional(),
  holidays: flag.default(true),
  extraHolidays: z.array(calendarDay).default([]),
  closed: z.array(group({ from: calendarDay, until: calendarDay })).default([]),
});

const THEN = 'should be at_once, in_time or the key of a step';
/** How chasing goes on. Keys of steps have no underscore, so the two words cannot be meant otherwise. */
const then = z
  .string({ message: THEN })
  .regex(/^(at_once|in_time|[a-z0-9][a-z0-9-]{0,39})$/, { message: THEN });

export const PolicyText = group({
  name: title,
  mode: oneOf(MODES).default('automatic'),
  graceDays: days(0, 60).default(0),
  missed: oneOf(['in_order', 'latest', 'skip']).default('in_order'),
  tolerance: amounts.default({}),
  when: Conditions.optional(),
  unless: Conditions.optional(),
  spacing: group({
    customerDays: days(1, 60).default(3),
    stepDays: days(1, 60).default(5),
  }).prefault({}),
  budgets: group({
    messagesPer7Days: count(1, 7).default(2),
    contactsPer7Days: count(1, 21).default(3),
    personPer7Days: count(1, 21).default(3),
    callsPer7Days: count(1, 7).default(2),
    lettersPer7Days: count(1, 7).default(2),
    volumeBreaker: z
      .number({ message: 'should be how many times the usual, from 1.1 to 100' })
      .min(1.1, { message: 'should be how many times the usual, from 1.1 to 100' })
      .max(100, { message: 'should be how many times the usual, from 1.1 to 100' })
      .default(3),
  }).prefault({}),
  calendar: Calendar.prefault({}),
  freshnessHours: whole(' of hours', 1, 168).optional(),
  unappliedCreditHoldShare: share(0.01, 10).default(0.5),
  holdOut: group({ share: share(0.01, 0.5), before: stepKey }).optional(),
  onPromise: group({ graceDays: days(0, 30).default(2) }).prefault({}),
  onBrokenPromise: group({ then: then.default('at_once') }).prefault({}),
  onDispute: group({ chaseRest: flag.default(true), then: then.default('in_time') }).prefault({}),
  onPlan: group({ graceDays: days(0, 30).default(3), then: then.default('in_time') }).prefault({}),
  onReply: group({ pauseDays: days(0, 60).default(5) }).prefault({}),
  statements: group({
    dayOfMonth: count(1, 31),
    kind: oneOf(['open_item', 'activity']),
    minBalance: amounts.default({}),
  }).optional(),
  steps: z
    .array(Step, { message: 'should be a list of steps' })
    .min(1, { message: 'a policy has at least one step' })
    .max(40, { message: 'a policy has at most 40 steps' }),
});

export type PolicyInput = z.infer<typeof PolicyText>;
export type ConditionsInput = z.infer<typeof Conditions>;

export function weekdayNumbers(names: readonly (typeof WEEKDAYS)[number][]): Set<number> {
  return new Set(names.map((name) => WEEKDAYS.indexOf(name) + 1));
}
