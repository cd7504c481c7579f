/** When each step comes: anchors, month ends, what was taken late, repeats, and runs that were missed. */
import { describe, expect, test } from 'vitest';
import { day, type Day, formatDay } from '../../src/domain/day.ts';
import type { Policy } from '../../src/domain/policy.ts';
import type { InvoiceId } from '../../src/domain/receivables.ts';
import { nextStep, type Resume, type StepTaken } from '../../src/domain/step-chain.ts';
import { EVERY_DAY } from './cases.ts';
import { policyOf } from './policies.ts';

interface Asked {
  due: string;
  issued?: string;
  taken?: [string, string][];
  resume?: Resume;
  workdays?: boolean;
}

const WORKDAYS = { sendDays: new Set([1, 2, 3, 4, 5]), holidays: new Set<Day>() };

function place(policy: Policy, on: string, asked: Asked) {
  const dueOn = day(asked.due);
  const taken = (asked.taken ?? []).map(([step, takenOn]): StepTaken => ({
    invoiceId: 'a' as InvoiceId,
    dueOn,
    step,
    channel: 'email',
    deadlineOn: null,
    actionKey: `${step} ${takenOn}`,
    on: day(takenOn),
    state: 'sent',
  }));
  return nextStep(
    policy,
    {
      dueOn,
      issuedOn: day(asked.issued ?? asked.due),
      taken,
      ...(asked.resume === undefined ? {} : { resume: asked.resume }),
    },
    day(on),
    asked.workdays === true ? WORKDAYS : EVERY_DAY,
  );
}

/** "second on 2026-06-22", with "#2" for the second time. */
function next(policy: Policy, on: string, asked: Asked): string {
  const found = place(policy, on, asked);
  if (found.step === null) return 'none';
  const again = found.round === 1 ? '' : `#${found.round}`;
  return `${found.step.key}${again} on ${formatDay(found.on)}`;
}

describe('anchors', () => {
  const policy = policyOf([
    'copy: 2 days after issue',
    'friendly: 3 days after due',
    'month: 5 days after end of due month',
    'chase: 10 days after previous',
  ]);
  test.each([
    [{ due: '2026-01-31', issued: '2026-01-01' }, '2026-01-01', 'copy on 2026-01-03'],
    [{ due: '2026-01-31', issued: '2026-01-01' }, '2026-01-31', 'friendly on 2026-02-03'],
    [
      { due: '2026-01-31', taken: [['friendly', '2026-02-03']] },
      '2026-02-03',
      'month on 2026-02-05', // two days apart in the policy: no wider than that
    ],
    [
      { due: '2026-01-20', taken: [['friendly', '2026-01-23']] },
      '2026-01-24',
      'month on 2026-02-05',
    ],
    [
      { due: '2028-02-02', taken: [['friendly', '2028-02-05']] },
      '2028-02-06',
      'month on 2028-03-05',
    ],
    [
      { due: '2027-02-28', taken: [['friendly', '2027-03-01']] },
      '2027-03-02',
      'month on 2027-03-05',
    ],
    // The month's reminder went late, on the 20th: ten days after that.
    [{ due: '2026-01-20', taken: [['month', '2026-02-20']] }, '2026-02-21', 'chase on 2026-03-02'],
  ] as [Asked, string, string][])('%j on %s: %s', (asked, on, expected) => {
    expect(next(policy, on, asked)).toBe(expected);
  });

  test('a notice by the invoice date lapses with the due date, and is a reminder on longer terms', () => {
    const late = policyOf(['halfway: 15 days after issue', 'friendly: 3 days after due']);
    expect(next(late, '2026-06-20', { due: '2026-06-30', issued: '2026-06-01' })).toBe(
      'halfway on 2026-06-20',
    );
    expect(next(late, '2026-06-30', { due: '2026-06-30', issued: '2026-06-01' })).toBe(
      'friendly on 2026-07-03',
    );
    expect(next(late, '2026-06-15', { due: '2026-06-08', issued: '2026-06-01' })).toBe(
      'halfway on 2026-06-16',
    );
  });

  test('a step counted from one that was not taken counts from the day that one had', () => {
    const chain = policyOf([
      'first: 3 days after due',
      'second: 7 days after previous',
      'third: 7 days after previous',
    ]);
    expect(
      next(chain, '2026-06-11', { due: '2026-06-01', taken: [['second', '2026-06-12']] }),
    ).toBe('third on 2026-06-19');
    expect(place(chain, '2026-06-02', { due: '2026-06-01' }).dayOn).toBe(day('2026-06-04'));
    expect(next(chain, '2026-06-05', { due: '2026-06-01', taken: [['first', '2026-06-20']] })).toBe(
      'second on 2026-06-27',
    );
  });

  test('grace moves what comes after the due date, whatever it is counted from', () => {
    const graced = policyOf(
      ['copy: 2 days after issue', 'soon: 20 days after issue', 'later: 9 days after due'],
      'graceDays: 7',
    );
    const asked = { due: '2026-06-15', issued: '2026-06-01' };
    expect(next(graced, '2026-06-02', asked)).toBe('copy on 2026-06-03');
    expect(next(graced, '2026-06-15', asked)).toBe('soon on 2026-06-22');
    expect(next(graced, '2026-06-23', { ...asked, taken: [['soon', '2026-06-22']] })).toBe(
      'later on 2026-06-24',
    );
  });
});

describe('a step that repeats', () => {
  const tail = policyOf([
    'friendly: 3 days after due',
    'chase: 10 days after due, email, repeat: { everyDays: 14, atMost: 2 }',
  ]);
  const due = '2026-06-01';
  const chased = (...on: string[]): Asked => ({
    due,
    taken: on.map((text): [string, string] => ['chase', text]),
  });
  test.each([
    [chased('2026-06-11'), '2026-06-12', 'chase#2 on 2026-06-25'],
    [chased('2026-06-15'), '2026-06-16', 'chase#2 on 2026-06-29'],
    [chased('2026-06-11', '2026-06-25'), '2026-07-01', 'chase#3 on 2026-07-09'],
    [chased('2026-06-11', '2026-06-25', '2026-07-09'), '2026-07-10', 'none'],
  ])('%j on %s: %s', (asked, on, expected) => {
    expect(next(tail, on, asked)).toBe(expected);
  });

  test('gives way to the next step on that one’s day', () => {
    const middle = policyOf([
      'chase: 10 days after due, email, repeat: { everyDays: 7, atMost: 9 }',
      'letter: 24 days after due, letter',
    ]);
    expect(next(middle, '2026-06-12', chased('2026-06-11'))).toBe('chase#2 on 2026-06-18');
    // The third would be on the 25th, the day of the letter.
    const twice = chased('2026-06-11', '2026-06-18');
    expect(next(middle, '2026-06-19', twice)).toBe('letter on 2026-06-25');
    expect(place(middle, '2026-06-12', chased('2026-06-11')).changesOn).toBe(day('2026-06-25'));
  });
});

describe('skip leaves out a plain reminder that is late', () => {
  const policy = policyOf(
    ['first: 3 days after due', 'second: 20 days after due', 'letter: 30 days after due, letter'],
    'missed: skip',
  );
  const due = '2026-06-01';
  test.each([
    ['2026-06-09', 'first on 2026-06-09'], // five days late: the last day
    ['2026-06-10', 'second on 2026-06-21'],
    ['2026-06-26', 'second on 2026-06-26'],
    ['2026-06-27', 'letter on 2026-07-01'],
    ['2026-12-01', 'letter on 2026-12-01'], // a formal step waits until it is taken
  ])('%s: %s', (on, expected) => {
    expect(next(policy, on, { due })).toBe(expected);
  });

  test('the days are counted from the day on which it could first go', () => {
    // The 4th of July is a Saturday: Monday the 6th and five days.
    expect(next(policy, '2026-07-11', { due: '2026-07-01', workdays: true })).toBe(
      'second on 2026-07-21',
    );
    expect(next(policy, '2026-07-10', { due: '2026-07-01', workdays: true })).toBe(
      'first on 2026-07-10',
    );
  });
});

describe('chasing that goes on again', () => {
  const policy = policyOf([
    'friendly: 3 days after due',
    'second: 20 days after due',
    'call: 40 days after due, call',
    'letter: 60 days after due, letter',
  ]);
  const due = '2026-06-01';
  const broken = (then: string, on = '2026-06-10'): Resume => ({ then, on: day(on) });
  const friendly: [string, string][] = [['friendly', '2026-06-04']];

  test('at once: the next reminder does not wait for its day', () => {
    const asked: Asked = { due, taken: friendly, resume: broken('at_once') };
    expect(next(policy, '2026-06-10', asked)).toBe('second on 2026-06-10');
    expect(next(policy, '2026-06-12', asked)).toBe('second on 2026-06-12');
  });

  test('in its time: nothing is hurried', () => {
    const asked: Asked = { due, taken: friendly };
    expect(next(policy, '2026-06-10', asked)).toBe('second on 2026-06-21');
  });

  test('a formal step keeps its day unless the policy names it', () => {
    const taken: [string, string][] = [['call', '2026-06-12']];
    expect(
      next(policy, '2026-06-15', { due, taken, resume: broken('at_once', '2026-06-14') }),
    ).toBe('letter on 2026-07-31');
    expect(next(policy, '2026-06-15', { due, taken, resume: broken('letter', '2026-06-14') })).toBe(
      'letter on 2026-06-15',
    );
  });

  test('at a step further on, and after it in order', () => {
    const resume = broken('call');
    expect(next(policy, '2026-06-10', { due, taken: friendly, resume })).toBe('call on 2026-06-10');
    const called: [string, string][] = [...friendly, ['call', '2026-06-10']];
    expect(next(policy, '2026-06-11', { due, taken: called, resume })).toBe('letter on 2026-07-31');
  });

  test('at a step it had already: it comes again, as its second time', () => {
    const taken: [string, string][] = [...friendly, ['second', '2026-06-21']];
    expect(
      next(policy, '2026-06-30', { due, taken, resume: broken('friendly', '2026-06-29') }),
    ).toBe('friendly#2 on 2026-06-30');
  });

  test('not before the due date', () => {
    expect(next(policy, '2026-05-20', { due, resume: broken('at_once', '2026-05-10') })).toBe(
      'friendly on 2026-06-02',
    );
  });
});
