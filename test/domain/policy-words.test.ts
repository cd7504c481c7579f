import { expect, test } from 'vitest';
import { diffPolicies } from '../../src/domain/policy-words.ts';
import { DEFAULT_POLICY } from './cases.ts';
import { policyOf } from './policies.ts';

const STEPS = ['friendly: 3 days after due', 'call: 10 days after due, call'];

test('a policy does not differ from itself, nor from one that only says the defaults', () => {
  expect(diffPolicies(DEFAULT_POLICY, DEFAULT_POLICY)).toEqual([]);
  expect(
    diffPolicies(policyOf(STEPS), policyOf(STEPS, 'graceDays: 0\nspacing: { stepDays: 5 }')),
  ).toEqual([]);
});

test.each([
  ['mode: approve', 'Mode: automatic → approve'],
  ['graceDays: 1', 'Grace: 0 days → 1 day'],
  ['missed: latest', 'Missed runs: steps one by one → on to the latest plain reminder'],
  ['missed: skip', 'Missed runs: steps one by one → late reminders are left out'],
  ['tolerance: { default: 5, JPY: 500 }', 'Tolerance: none → JPY 500, default 5'],
  ['when: { age: { atLeast: 3, below: 9 } }', 'Only when: always → days past due from 3 below 9'],
  [
    'unless: { amount: { below: { default: 5 } }, overdue: { atLeast: { NZD: 9 } } }',
    'Not when: always → amount below default 5; overdue from NZD 9',
  ],
  [
    'unless: { overdueCount: { atLeast: 2 }, score: { below: 40 }, flags: [over_limit, off_balance], segment: [new, erratic] }',
    'Not when: always → overdue invoices from 2; score below 40; flag over_limit or off_balance; segment new or erratic',
  ],
  ['spacing: { customerDays: 4 }', 'Between two messages to a customer: 3 days → 4 days'],
  ['spacing: { stepDays: 6 }', 'Between two steps of an invoice: 5 days → 6 days'],
  ['budgets: { messagesPer7Days: 1 }', 'Messages in 7 days: 2 → 1'],
  ['budgets: { contactsPer7Days: 1 }', 'Contacts in 7 days: 3 → 1'],
  ['budgets: { personPer7Days: 1 }', 'Messages to one person in 7 days: 3 → 1'],
  ['budgets: { callsPer7Days: 1 }', 'Calls in 7 days: 2 → 1'],
  ['budgets: { lettersPer7Days: 1 }', 'Letters in 7 days: 2 → 1'],
  ['budgets: { volumeBreaker: 1.5 }', 'Volume breaker: 3 times the usual → 1.5 times the usual'],
  ['calendar: { sendDays: [tue, sun] }', 'Send days: Mon, Tue, Wed, Thu, Fri → Tue, Sun'],
  ['calendar: { hours: { from: "08:05", until: "17:30" } }', 'Hours: any → 08:05 to 17:30'],
  ['calendar: { holidays: false }', 'Public holidays: kept → worked'],
  ['calendar: { extraHolidays: [2026-11-02] }', 'Own holidays: none → 2 Nov 2026'],
  [
    'calendar: { closed: [{ from: 2026-12-24, until: 2027-01-02 }] }',
    'Closed: never → 24 Dec 2026 to 2 Jan 2027',
  ],
  ['freshnessHours: 12', 'Freshness: as installed → 12 hours'],
  ['unappliedCreditHoldShare: 0.75', 'Held when unapplied credit reaches: 50 % → 75 %'],
  ['holdOut: { share: 0.1, before: call }', 'Hold-out: none → 10 % hear nothing before call'],
  ['onPromise: { graceDays: 1 }', 'After a promised day: wait 2 days → wait 1 day'],
  [
    'onBrokenPromise: { then: call }',
    'After a broken promise: the next reminder at once → step call',
  ],
  [
    'onDispute: { chaseRest: false, then: at_once }',
    'In a dispute: the rest is chased, then the next step in its time → nothing is chased, then the next reminder at once',
  ],
  [
    'onPlan: { graceDays: 1 }',
    'In a plan: an instalment may be 3 days late, then the next step in its time → an instalment may be 1 day late, then the next step in its time',
  ],
  ['onReply: { pauseDays: 1 }', 'After a reply: pause for 5 days → pause for 1 day'],
  [
    'statements: { dayOfMonth: 1, kind: open_item, minBalance: { default: 50 } }',
    'Statements: none → open item on day 1 of the month from default 50',
  ],
  [
    'statements: { dayOfMonth: 31, kind: activity }',
    'Statements: none → activity on day 31 of the month',
  ],
])('%s', (rest, line) => {
  expect(diffPolicies(policyOf(STEPS), policyOf(STEPS, rest))).toEqual([line]);
});

test.each([
  ['call: 11 days after due, call', 'day: 10 days after the due date → 11 days after the due date'],
  ['call: 10 days after due, formal_notice', 'channel: call → formal notice'],
  ['call: 10 days after due, call, sender: finance_lead', 'sender: collector → finance lead'],
  ['call: 10 days after due, call, mode: approve', 'mode: automatic → approve'],
  [
    'call: 10 days after due, call, fourEyes: true',
    'mode: automatic → automatic, released by two people',
  ],
  [
    'call: 10 days after due, call, when: { score: { atLeast: 1 } }',
    'only when: always → score from 1',
  ],
  [
    'call: 10 days after due, call, unless: { flags: [over_limit] }',
    'not when: always → flag over_limit',
  ],
  [
    'call: 10 days after due, call, repeat: { everyDays: 7, atMost: 1 }',
    'repeats: no → every 7 days, at most 1 time',
  ],
  ['call: 10 days after due, call, attachPdf: true', 'attached: nothing → invoices'],
  [
    'call: 10 days after due, call, attachPdf: true, attachStatement: true',
    'attached: nothing → invoices and statement',
  ],
  ['call: 10 days after due, call, template: call-script', 'template: none → call-script'],
])('a step, %s', (step, line) => {
  const [friendly = ''] = STEPS;
  expect(diffPolicies(policyOf(STEPS), policyOf([friendly, step]))).toEqual([`Step call, ${line}`]);
});

test('steps that are new, gone and in another order', () => {
  const before = policyOf(STEPS);
  const after = policyOf([
    'call: 2 days after due, call',
    'friendly: 3 days after due',
    'last: 30 days after due, letter',
  ]);
  expect(diffPolicies(before, after)).toEqual([
    'Step call, day: 10 days after the due date → 2 days after the due date',
    'Step last is new: "last", 30 days after the due date, by letter',
    'Order of the steps: friendly, call → call, friendly',
  ]);
  expect(diffPolicies(after, before)[0]).toBe(
    'Step last is gone: "last", 30 days after the due date, by letter',
  );
  const renamed = { ...before, name: 'Other' };
  expect(diffPolicies(before, renamed)).toEqual(['Name: Test → Other']);
});
