/**
 * What is wrong with a policy although it can be read: steps that can never come, threats nobody will
 * carry out, too many contacts, no formal notice before a hand-over. Each finding has a code, its line,
 * a sentence, and what would mend it. Errors refuse the policy, warnings are shown.
 * A final demand with no hand-over after it: "empty_threat" in the line of the demand.
 */
import type { Amounts, Bounds, Conditions } from './conditions.ts';
import { PolicyError } from '../errors.ts';
import { type Policy, type PolicyStep, readPolicy } from './policy.ts';
import { isFormal } from './step-chain.ts';
import { momentText, type StepMoment } from './step-moment.ts';
import { plural } from './text.ts';

export const LINT_CODES = [
  'unreadable',
  'never_fires',
  'overlap',
  'unclear_order',
  'no_formal_step',
  'short_notice',
  'formal_without_approval',
  'promotional_words',
  'unknown_template',
  'broken_template',
  'template_incomplete',
  'empty_threat',
  'too_many_contacts',
  'sending_hours',
  'jump_over_formal',
  'sender_falls',
  'hold_out_nothing',
] as const;
export type LintCode = (typeof LINT_CODES)[number];

export interface Finding {
  code: LintCode;
  severity: 'error' | 'warning';
  line: number | null;
  text: string;
  mend: string;
}

/** A template as far as the lint looks at it. */
export interface LintTemplate {
  subject: string;
  text: string;
  /** Why it cannot be used; null: it can. */
  problem: string | null;
}

export interface LintContext {
  templates: ReadonlyMap<string, LintTemplate>;
  /** ISO 3166 alpha-2 of the book; null: for any. */
  country: string | null;
}

type Path = readonly PropertyKey[];
type Found = Omit<Finding, 'line'> & { path: Path };

export function lintPolicy(text: string, context: LintContext): Finding[] {
  let read: ReturnType<typeof readPolicy>;
  try {
    read = readPolicy(text);
  } catch (err) {
    if (!(err instanceof PolicyError)) throw err;
    const mend =
      'Write it as the message says; nothing of the policy is used until it can be read.';
    return [
      {
        code: 'unreadable',
        severity: 'error',
        line: err.line ?? null,
        text: err.message.replace(/^line \d+: /, ''),
        mend,
      },
    ];
  }
  const { policy, lineOf } = read;
  const found = [
    ...policy.steps.flatMap((step, index) => lintStep(policy, step, index, context)),
    ...lintOrder(policy),
    ...lintHandOver(policy, context),
    ...lintContacts(policy, context),
    ...lintReactions(policy),
  ];
  return found
    .map(({ path, ...finding }) => ({ ...finding, line: lineOf(path) ?? null }))
    .sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
}

export function hasErrors(findings: readonly Finding[]): boolean {
  return findings.some((finding) => finding.severity === 'error');
}

function lintStep(policy: Policy, step: PolicyStep, index: number, context: LintContext): Found[] {
  const at = (key: string): Path => ['steps', index, key];
  return [
    ...neverFires(policy, step, index),
    ...promotional(`the name of step ${step.key}`, step.name, at('name')),
    ...lintTemplate(step, at('template'), context),
    ...emptyThreat(policy, step, index, context),
    ...unapproved(policy, step, at('mode')),
  ];
}

function neverFires(policy: Policy, step: PolicyStep, index: number): Found[] {
  const never = (path: Path, why: string, mend: string): Found => ({
    code: 'never_fires',
    severity: 'error',
    path: ['steps', index, ...path],
    text: `Step ${step.key} can never come: ${why}.`,
    mend,
  });
  const found: Found[] = [];
  const handOver = policy.steps.slice(0, index).find((other) => other.channel === 'hand_over');
  if (handOver !== undefined) {
    const why = `after ${handOver.key} the claim is with somebody else and we are silent`;
    found.push(never(['key'], why, 'Put it before the hand-over, or leave it out.'));
  }
  for (const [key, bounds] of boundsOf(step.when)) {
    if (bounds.atLeast >= bounds.below) {
      const why = `nothing is at least ${bounds.atLeast} and below ${bounds.below}`;
      found.push(never(['when', key], why, 'Make atLeast smaller than below.'));
    }
  }
  const day = fromDue(policy, index);
  const youngest = step.when?.age?.below ?? null;
  if (day !== null && youngest !== null && youngest <= day) {
    const why = `it comes ${momentText({ from: 'due', days: day })}, and is only for invoices less than ${plural(youngest, 'day')} past due`;
    found.push(never(['when', 'age'], why, `Let age end above ${day}, or bring the step forward.`));
  }
  if (step.when !== null && same(step.when, step.unless)) {
    found.push(never(['unless'], 'when and unless ask for the same', 'Leave one of the two out.'));
  }
  const next = fromDue(policy, index + 1);
  if (
    step.repeat !== null &&
    day !== null &&
    next !== null &&
    day + step.repeat.everyDays >= next
  ) {
    const gap = next - day;
    found.push({
      ...never(['repeat'], '', 'Repeat sooner, or leave the repeat out.'),
      severity: 'warning',
      text: `Step ${step.key} never repeats: the next step comes after ${plural(gap, 'day')}, the repeat would after ${step.repeat.everyDays}.`,
    });
  }
  return found;
}

function boundsOf(conditions: Conditions | null): [string, { atLeast: number; below: number }][] {
  if (conditions === null) return [];
  const { age, overdueCount, score, amount, overdue } = conditions;
  const plain: [string, Bounds<number> | null][] = [
    ['age', age],
    ['overdueCount', overdueCount],
    ['score', score],
    ...inEveryCurrency('amount', amount),
    ...inEveryCurrency('overdue', overdue),
  ];
  return plain.map(([key, bounds]) => [
    key,
    { atLeast: bounds?.atLeast ?? -Infinity, below: bounds?.below ?? Infinity },
  ]);
}

function inEveryCurrency(key: string, bounds: Bounds<Amounts> | null): [string, Bounds<number>][] {
  if (bounds?.atLeast == null || bounds.below === null) return [];
  const { atLeast, below } = bounds;
  return Object.keys({ ...atLeast, ...below }).map((currency) => {
    const read = (amounts: Amounts) => {
      const text = amounts[currency] ?? amounts['default'];
      return text === undefined ? null : Number(text);
    };
    return [key, { atLeast: read(atLeast), below: read(below) }];
  });
}

function same(a: Conditions, b: Conditions | null): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Days from the due date, grace included; null: it depends on the invoice, or there is no such step. */
function fromDue(policy: Policy, index: number): number | null {
  const at = policy.steps[index]?.at;
  if (at?.from === 'due') return withGrace(policy, at.days);
  if (at?.from !== 'previous') return null;
  // The chain of steps counts from the day that the one before really gets.
  const before = fromDue(policy, index - 1);
  return before === null ? null : withGrace(policy, before + at.days);
}

function withGrace({ graceDays }: Policy, days: number): number {
  return days > 0 ? Math.max(days, graceDays) : days;
}

/** Between two steps, whatever the invoice; null: it depends on the invoice. */
function daysApart(policy: Policy, first: number, second: number): number | null {
  const [from, to] = [fromDue(policy, first), fromDue(policy, second)];
  if (from !== null && to !== null) return to - from;
  const [root, other] = [rootOf(policy, first), rootOf(policy, second)];
  return root === null || root.from !== other?.from ? null : other.days - root.days;
}

/** What a step counts from in the end, and how long after it; null: there is no such step. */
function rootOf(policy: Policy, index: number): StepMoment | null {
  const at = policy.steps[index]?.at ?? null;
  if (at?.from !== 'previous') return at;
  const before = rootOf(policy, index - 1);
  return before === null ? null : { from: before.from, days: before.days + at.days };
}

// Promotion makes a service message a marketing one: UK PECR (ICO), NZ UEMA, US CAN-SPAM.
const PROMOTIONAL =
  /\b(special offers?|offers?|sale|promo|promotions?|deals?|upgrade|newsletter|webinar|subscribe|buy now|limited time|new products?|best price)\b/i;

function promotional(where: string, text: string, path: Path): Found[] {
  const word = PROMOTIONAL.exec(text)?.[0];
  if (word === undefined) return [];
  return [
    {
      code: 'promotional_words',
      severity: 'error',
      path,
      text: `"${word}" in ${where} reads as advertising.`,
      mend: 'Say only what is owed and how to pay it: advertising turns a reminder into marketing, which needs consent.',
    },
  ];
}

function lintTemplate(step: PolicyStep, path: Path, { templates }: LintContext): Found[] {
  if (step.template === '') return [];
  const template = templates.get(step.template);
  const error = (code: LintCode, text: string, mend: string): Found[] => [
    { code, severity: 'error', path, text, mend },
  ];
  if (template === undefined) {
    const known = [...templates.keys()].sort().join(', ');
    return error(
      'unknown_template',
      `Step ${step.key} names the template ${step.template}, and there is none of that name.`,
      `Name one of ${known}.`,
    );
  }
  if (template.problem !== null) {
    return error('broken_template', template.problem, 'Correct the template first.');
  }
  const missing = REQUIRED.filter(({ sign }) => !sign.test(template.text));
  return [
    ...missing.flatMap(({ what, mend }) =>
      error('template_incomplete', `Template ${step.template} does not say ${what}.`, mend),
    ),
    ...promotional(`the subject of ${step.template}`, template.subject, path),
    ...promotional(`the text of ${step.template}`, template.text, path),
  ];
}

const REQUIRED = [
  {
    what: 'which invoices it is about',
    sign: /\{\{(> *invoices|#each invoices)\b/,
    mend: 'Add {{> invoices}} where the list should stand.',
  },
  {
    what: 'who is writing',
    sign: /\{\{(> *closing|businessName|signatureName)\b/,
    mend: 'Add {{> closing}} at its end.',
  },
];

const THREAT =
  /\b(final demand|hand(ed)?[ -]over|collection agency|debt collect\w*|agency|lawyers?|solicitors?|legal (action|steps|proceedings)|court|credit bureau)\b/i;

function emptyThreat(
  policy: Policy,
  step: PolicyStep,
  index: number,
  { templates }: LintContext,
): Found[] {
  if (step.channel === 'hand_over') return [];
  if (policy.steps.slice(index + 1).some((later) => later.channel === 'hand_over')) return [];
  const template = templates.get(step.template);
  const texts = [step.name, template?.subject ?? '', template?.text ?? ''];
  const word = texts.map((text) => THREAT.exec(text)?.[0]).find((found) => found !== undefined);
  if (word === undefined) return [];
  return [
    {
      code: 'empty_threat',
      severity: 'error',
      path: ['steps', index, 'key'],
      text: `Step ${step.key} speaks of "${word}", and no hand-over follows it: a threat that is not carried out misleads.`,
      mend: 'Add a hand_over step after it, or choose other words.',
    },
  ];
}

function unapproved(policy: Policy, step: PolicyStep, path: Path): Found[] {
  const isReleased = step.mode === 'automatic' && policy.mode === 'automatic' && !step.fourEyes;
  if (!isFormal(step) || !isReleased) return [];
  return [
    {
      code: 'formal_without_approval',
      severity: 'warning',
      path,
      text: `Step ${step.key} is formal, and nobody approves it.`,
      mend: 'Set mode: approve, or fourEyes: true.',
    },
  ];
}

function lintOrder(policy: Policy): Found[] {
  return policy.steps.flatMap((step, index): Found[] => {
    const [root, before] = [rootOf(policy, index), rootOf(policy, index - 1)];
    const previous = policy.steps[index - 1];
    if (root === null || before === null || previous === undefined) return [];
    const path = ['steps', index, 'at'];
    if (root.from !== before.from) {
      return [
        {
          code: 'unclear_order',
          severity: 'warning',
          path,
          text: `Step ${step.key} counts from ${root.from} and ${previous.key} before it from ${before.from}: which comes first depends on the terms of the invoice.`,
          mend: 'Count both from the same day, or the later one from previous.',
        },
      ];
    }
    const { customerDays } = policy.spacing;
    const gap = daysApart(policy, index - 1, index);
    const areEmails = step.channel === 'email' && previous.channel === 'email';
    if (!areEmails || gap === null || gap >= customerDays) return [];
    return [
      {
        code: 'overlap',
        severity: 'warning',
        path,
        text: `Step ${step.key} comes ${plural(gap, 'day')} after ${previous.key}, and two messages keep ${plural(customerDays, 'day')} apart: it is always late.`,
        mend: `Let it come ${plural(customerDays, 'day')} later than ${previous.key} or more.`,
      },
    ];
  });
}

// Norway: inkassoloven § 9, a written notice with 14 days to pay before debt collection. In the United
// Kingdom and elsewhere 14 days is what courts regard as reasonable.
const NOTICE_DAYS = 14;

function lintHandOver(policy: Policy, { country }: LintContext): Found[] {
  const index = policy.steps.findIndex((step) => step.channel === 'hand_over');
  if (index === -1) return [];
  const path = ['steps', index, 'key'];
  const formal = policy.steps.findLastIndex(
    (step, other) => other < index && step.channel !== 'hand_over' && isFormal(step),
  );
  if (formal === -1) {
    return [
      {
        code: 'no_formal_step',
        severity: 'error',
        path,
        text: 'A claim is handed over, and no letter or formal notice comes before that.',
        mend: `Add a letter or formal_notice step at least ${NOTICE_DAYS} days before the hand-over.`,
      },
    ];
  }
  const days = daysApart(policy, formal, index);
  if (days === null || days >= NOTICE_DAYS) return [];
  return [
    {
      code: 'short_notice',
      severity: country === 'NO' ? 'error' : 'warning',
      path,
      text: `Between ${policy.steps[formal]?.key ?? ''} and the hand-over there are only ${plural(days, 'day')}.`,
      mend: `Leave at least ${NOTICE_DAYS} days to pay (in Norway the law asks for them).`,
    },
  ];
}

// Australia: ASIC RG 96 and ACCC, debt collection guideline: at most three contacts a week, from 7:30
// to 21:00 on weekdays and from 9:00 on weekends.
const CONTACTS_MAX = 3;
const EARLIEST = 7 * 60 + 30;
const EARLIEST_WEEKEND = 9 * 60;
const LATEST = 21 * 60;

function lintContacts(policy: Policy, { country }: LintContext): Found[] {
  const severity = country === 'AU' ? 'error' : 'warning';
  const found: Found[] = [];
  const { contactsPer7Days } = policy.budgets;
  if (contactsPer7Days > CONTACTS_MAX) {
    found.push({
      code: 'too_many_contacts',
      severity,
      path: ['budgets', 'contactsPer7Days'],
      text: `${contactsPer7Days} contacts in 7 days are more than the ${CONTACTS_MAX} that guidelines on debt collection allow.`,
      mend: `Set contactsPer7Days to ${CONTACTS_MAX} or less.`,
    });
  }
  const { hours, sendDays } = policy.calendar;
  if (hours === null) return found;
  const earliest = sendDays.has(6) || sendDays.has(7) ? EARLIEST_WEEKEND : EARLIEST;
  if (hours.from >= earliest && hours.until <= LATEST) return found;
  found.push({
    code: 'sending_hours',
    severity,
    path: ['calendar', 'hours'],
    text: 'Messages would go out at hours that guidelines on debt collection call unreasonable.',
    mend: 'Send between 7:30 and 21:00, from 9:00 where weekends are send days.',
  });
  return found;
}

function lintReactions(policy: Policy): Found[] {
  const found: Found[] = [];
  for (const key of ['onBrokenPromise', 'onDispute', 'onPlan'] as const) {
    const target = policy.steps.findIndex((step) => step.key === policy[key].then);
    const skipped = policy.steps.slice(0, Math.max(0, target)).find((step) => isFormal(step));
    if (skipped === undefined) continue;
    found.push({
      code: 'jump_over_formal',
      severity: 'warning',
      path: [key, 'then'],
      text: `${key} goes on with ${policy[key].then}, also where ${skipped.key} has not been taken yet.`,
      mend: `Go on with ${skipped.key}, or a step before it.`,
    });
  }
  if (policy.holdOut !== null && policy.steps[0]?.key === policy.holdOut.before) {
    found.push({
      code: 'hold_out_nothing',
      severity: 'warning',
      path: ['holdOut', 'before'],
      text: `The hold-out ends before ${policy.holdOut.before}, which is the first step: nobody is held out of anything.`,
      mend: 'Name a later step, or leave the hold-out out.',
    });
  }
  const levels = ['collector', 'account_owner', 'finance_lead', 'director'];
  policy.steps.forEach((step, index) => {
    const before = policy.steps[index - 1];
    if (before === undefined) return;
    if (levels.indexOf(step.sender) >= levels.indexOf(before.sender)) return;
    found.push({
      code: 'sender_falls',
      severity: 'warning',
      path: ['steps', index, 'sender'],
      text: `Step ${step.key} comes from the ${step.sender.replace('_', ' ')} after ${before.key} came from the ${before.sender.replace('_', ' ')}: the account seems to calm.`,
      mend: 'Keep the level of the sender, or raise it.',
    });
  });
  return found;
}
