import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addDays, day, type Day, formatDay } from '../../src/domain/day.ts';
import { decide } from '../../src/domain/dunning.ts';
import { asAgreed, askedMinor, dueMinor, holdEffect } from '../../src/domain/hold-effect.ts';
import type { Hold, HoldRules } from '../../src/domain/holds.ts';
import type { InvoiceId } from '../../src/domain/receivables.ts';
import { aCase, ask, context, invoice, took } from './cases.ts';
import {
  HOLD_RULES,
  arrival,
  dispute,
  extension,
  held,
  manual,
  plan,
  promise,
  reply,
  settlement,
} from './hold-cases.ts';

const DUE = '2026-06-12';
const rules = (more: Partial<HoldRules>): HoldRules => ({ ...HOLD_RULES, ...more });
const effect = (holds: Hold[], on: string, openMinor = 10_000, more = HOLD_RULES) =>
  holdEffect(holds, invoice('a', DUE, { openMinor }), more, day(on));

/** What stops chasing, with its figures; else what shapes the case. */
function told(hold: Hold, on: string, openMinor = 10_000) {
  const { held: stopped, reasons } = effect([hold], on, openMinor);
  const [reason] = stopped === null ? reasons : [stopped.reason];
  const outcome = stopped === null ? 'goes on' : stopped.task === null ? 'hold' : 'task';
  return [outcome, reason?.code, reason?.text, reason?.figures];
}

describe('what is said of', () => {
  test('a promise that is waited for', () => {
    expect(told(promise({}, { reason: 'next run' }), '2026-06-15')).toEqual([
      'hold',
      'hold_promise',
      'NZD 100.00 promised for 18 Jun 2026 (phone, Ana): next run. Paused through 20 Jun 2026; nothing of it has arrived.',
      { amountMinor: 10_000, arrivedMinor: 0, payOn: '2026-06-18', lastOn: '2026-06-20' },
    ]);
    const part = { arrivals: [arrival('2026-06-14', 4_000)], invoices: [held('a', 6_000)] };
    expect(told(promise({}, { reason: 'Soon!', ...part }), '2026-06-15', 6_000)[2]).toBe(
      'NZD 100.00 promised for 18 Jun 2026 (phone, Ana): Soon! Paused through 20 Jun 2026; NZD 40.00 of it has arrived.',
    );
    expect(told(promise({}, { reason: 'see inv. 12' }), '2026-06-15')[2]).toBe(
      'NZD 100.00 promised for 18 Jun 2026 (phone, Ana): see inv. 12. Paused through 20 Jun 2026; nothing of it has arrived.',
    );
  });

  test('one that was kept in part, broken, kept, or void', () => {
    expect(told(promise(), '2026-06-21').slice(0, 3)).toEqual([
      'goes on',
      'promise_broken',
      'NZD 100.00 promised for 18 Jun 2026: broken, nothing of it arrived by 20 Jun 2026.',
    ]);
    const part = { arrivals: [arrival('2026-06-14', 4_000)], invoices: [held('a', 6_000)] };
    expect(told(promise({}, part), '2026-06-21', 6_000).slice(0, 3)).toEqual([
      'goes on',
      'promise_partly_kept',
      'NZD 100.00 promised for 18 Jun 2026: partly kept, NZD 40.00 of it arrived by 20 Jun 2026.',
    ]);
    expect(told(promise({ amountMinor: 4_000 }, part), '2026-06-14', 6_000).slice(0, 3)).toEqual([
      'goes on',
      'promise_kept',
      'NZD 40.00 promised for 18 Jun 2026: kept.',
    ]);
    expect(told(promise({}, { invoices: [held('a', 0)] }), '2026-06-14')).toEqual([
      'goes on',
      undefined,
      undefined,
      undefined,
    ]);
  });

  test('a dispute of a part, of the whole, and one that waits for its credit', () => {
    const part = { part: { currency: 'NZD', amountMinor: 2_000 } };
    const more = { invoices: [held('a', 10_000)], reason: 'two short' };
    expect(told(dispute(part, more), '2026-06-15')).toEqual([
      'goes on',
      'dispute_part',
      'NZD 20.00 of NZD 100.00 is in dispute since 1 Jun 2026 (less was delivered than invoiced; Ana): two short. Not asked for.',
      { contestedMinor: 2_000, openMinor: 10_000 },
    ]);
    expect(told(dispute({}, more), '2026-06-15').slice(0, 3)).toEqual([
      'hold',
      'hold_dispute',
      'NZD 100.00 of NZD 100.00 is in dispute since 1 Jun 2026 (less was delivered than invoiced; Ana): two short.',
    ]);
    const resolution = { outcome: 'upheld' as const, on: day('2026-06-10'), creditMinor: null };
    expect(told(dispute({ ...part, resolution }, more), '2026-06-15')[2]).toBe(
      'NZD 20.00 of NZD 100.00 is to be credited since 1 Jun 2026 (less was delivered than invoiced; Ana): two short. Not asked for.',
    );
  });

  test('a dispute that is over: nothing, and nothing is contested', () => {
    const resolution = { outcome: 'upheld' as const, on: day('2026-06-10'), creditMinor: 2_000 };
    const credited = { arrivals: [arrival('2026-06-12', 2_000, 'credit')] };
    const over = [
      dispute({ resolution }, { invoices: [held('a', 10_000)], ...credited }),
      dispute({}, { untilOn: day('2026-06-14') }),
    ];
    expect(effect(over, '2026-06-15')).toEqual(effect([], '2026-06-15'));
  });

  test('a plan that runs and one that broke', () => {
    expect(told(plan(), '2026-06-15', 9_000)).toEqual([
      'goes on',
      'plan_running',
      'Plan of 3 instalments (Ana): NZD 0.00 of NZD 90.00 paid, the next NZD 30.00 falls due on 1 Jul 2026.',
      { paidMinor: 0, owedMinor: 9_000, paidCount: 0 },
    ]);
    expect(told(plan(), '2026-07-07', 9_000).slice(0, 3)).toEqual([
      'goes on',
      'plan_broken',
      'Plan of 3 instalments broken on 7 Jul 2026: NZD 30.00 of the instalment of 1 Jul 2026 was still open 5 days after it. The whole is due again.',
    ]);
  });

  test('a settlement that is waited for, met, and void', () => {
    expect(told(settlement({}, { reason: 'closing down' }), '2026-06-15')).toEqual([
      'hold',
      'hold_settlement',
      'NZD 80.00 accepted for NZD 100.00 if paid by 30 Jun 2026 (Ana, approved by Ben): closing down',
      { owedMinor: 10_000, acceptMinor: 8_000, arrivedMinor: 0 },
    ]);
    const paid = { arrivals: [arrival('2026-06-20', 8_000)], invoices: [held('a', 2_000)] };
    expect(told(settlement({}, paid), '2026-06-20', 2_000)).toEqual([
      'task',
      'settlement_met',
      'NZD 80.00 paid by 30 Jun 2026 as settled: credit the remaining NZD 20.00.',
      { owedMinor: 10_000, acceptMinor: 8_000, arrivedMinor: 8_000, toCreditMinor: 2_000 },
    ]);
    expect(told(settlement(), '2026-07-01').slice(0, 3)).toEqual([
      'goes on',
      'settlement_void',
      'NZD 80.00 accepted for NZD 100.00 if paid by 30 Jun 2026: only NZD 0.00 came, the settlement is void and the whole is owed.',
    ]);
  });

  test('a settlement that was met leaves one task, to credit the rest, until that is done', () => {
    const met = { id: 7, arrivals: [arrival('2026-06-20', 8_000)], invoices: [held('a', 2_000)] };
    expect(effect([settlement({}, met)], '2026-06-20', 2_000).held).toMatchObject({
      lastOn: null,
      task: { step: 'credit-the-rest', actionKey: 'settlement:7' },
    });
  });

  test('a later due date', () => {
    expect(told(extension('2026-07-10', { reason: 'old friends' }), '2026-06-15')).toEqual([
      'goes on',
      'extended',
      'Due date moved from 12 Jun 2026 to 10 Jul 2026 (Ana, approved by Ben): old friends',
      { originalDueOn: '2026-06-12', dueOn: '2026-07-10' },
    ]);
    expect(told(extension(DUE), '2026-06-15')[1]).toBeUndefined();
    expect(told(extension('2026-07-10', { approvedBy: null }), '2026-06-15')[2]).toBe(
      'Due date moved from 12 Jun 2026 to 10 Jul 2026 (Ana): they said so',
    );
  });

  test('an answer of theirs, for the days it lets chasing rest', () => {
    const rest = [
      'hold',
      'hold_reply',
      'They answered on 1 Jun 2026 (email, Ana): asks for a copy. Paused through 6 Jun 2026.',
      { answeredOn: '2026-06-01', lastOn: '2026-06-06' },
    ];
    const answered = reply({ reason: 'asks for a copy' });
    expect(told(answered, '2026-06-01')).toEqual(rest);
    expect(told(answered, '2026-06-06')).toEqual(rest);
    expect(effect([answered], '2026-06-06')).toMatchObject({
      held: { lastOn: day('2026-06-06'), task: null },
      changesOn: day('2026-06-07'),
    });
    expect(effect([answered], '2026-06-07')).toEqual(effect([], '2026-06-07'));
    const noPause = rules({ onReply: { pauseDays: 0 } });
    expect(effect([answered], '2026-06-01', 10_000, noPause).held).toBeNull();
  });

  test('a person’s word, with and without an end', () => {
    expect(told(manual({ untilOn: day('2026-06-20') }), '2026-06-20')).toEqual([
      'hold',
      'hold_manual',
      'On hold until 20 Jun 2026 (Ana): they said so',
      { untilOn: '2026-06-20' },
    ]);
    expect(told(manual(), '2026-06-20').slice(2)).toEqual([
      'On hold until it is ended (Ana): they said so',
      { untilOn: null },
    ]);
    expect(told(manual({ untilOn: day('2026-06-19') }), '2026-06-20')[1]).toBeUndefined();
  });
});

describe('several holds', () => {
  const from = (on: string, id: number) => ({ fromOn: day(on), id });

  const later = { ...from('2026-06-16', 1), invoices: [held('a', 10_000)] };
  test.each([
    promise({}, later),
    dispute({}, later),
    plan({}, later),
    settlement({}, later),
    extension('2026-07-10', later),
    reply(later),
    manual(later),
  ])('$kind: one that begins tomorrow changes nothing before, and tells its day', (hold) => {
    const without = effect([], '2026-06-15');
    expect(effect([hold], '2026-06-15')).toEqual({ ...without, changesOn: day('2026-06-16') });
  });

  test('are told in the order in which they began, those of one day as they were noted', () => {
    const part = { part: { currency: 'NZD', amountMinor: 1_000 } };
    const contested = (reason: string, on: string, id: number) =>
      dispute(part, { ...from(on, id), reason, invoices: [held('a', 10_000)] });
    const holds = [
      contested('fourth', '2026-06-03', 5),
      contested('second', '2026-06-02', 2),
      contested('third', '2026-06-02', 4),
      contested('first', '2026-06-01', 9),
    ];
    const order = (given: Hold[]) =>
      effect(given, '2026-06-15').reasons.map(({ text }) => /: (\w+)\./.exec(text)?.[1]);
    expect(order(holds)).toEqual(['first', 'second', 'third', 'fourth']);
    expect(order(holds.toReversed())).toEqual(['first', 'second', 'third', 'fourth']);
  });

  test('the one that lasts longest speaks; of two alike the one that began first', () => {
    const speaks = (...holds: Hold[]) => effect(holds, '2026-06-15').held?.reason.code;
    const toThe = (on: string) => ({ ...from('2026-06-02', 2), untilOn: day(on) });
    // The promise rests through the 20th.
    expect(speaks(promise(), manual(toThe('2026-06-19')))).toBe('hold_promise');
    expect(speaks(promise(), manual(toThe('2026-06-20')))).toBe('hold_promise');
    expect(speaks(promise(), manual(toThe('2026-06-21')))).toBe('hold_manual');
    expect(speaks(promise(), manual(from('2026-06-02', 2)))).toBe('hold_manual');
    expect(speaks(dispute(), manual(from('2026-06-02', 2)))).toBe('hold_dispute');
    expect(speaks(manual(), dispute({}, from('2026-06-02', 2)))).toBe('hold_manual');
  });
});

describe('amounts and days', () => {
  const items = (holds: Hold[], on: string, openMinor: number) =>
    effect(holds, on, openMinor).items.map((item) => `${item.openMinor} ${formatDay(item.dueOn)}`);

  test('instalments are what falls due while the plan runs, and not once it broke', () => {
    expect(items([plan()], '2026-06-15', 9_000)).toEqual([
      '3000 2026-07-01',
      '3000 2026-08-01',
      '3000 2026-09-01',
    ]);
    expect(items([plan()], '2026-07-07', 9_000)).toEqual(['9000 2026-06-12']);
  });

  test('a plan says nothing of what it does not speak of, nor once it is paid', () => {
    const other = plan({}, { invoices: [held('b', 9_000)] });
    expect(effect([other], '2026-06-15').items).toEqual(effect([], '2026-06-15').items);
    expect(effect([other], '2026-06-15').reasons).toEqual([]);
    const paid = { arrivals: [arrival('2026-06-14', 9_000)], invoices: [held('a', 1_000)] };
    expect(effect([plan({}, paid)], '2026-06-15', 1_000)).toEqual(effect([], '2026-06-15', 1_000));
  });

  test('a later due date takes along the parts that were due before it', () => {
    const schedule = ['2026-06-01', '2026-07-01', '2026-08-01'].map((on) => ({
      dueOn: day(on),
      amountMinor: 3_000,
    }));
    const own = invoice('a', '2026-06-01', { openMinor: 9_000, schedule });
    const moved = holdEffect([extension('2026-07-01')], own, HOLD_RULES, day('2026-06-15'));
    expect(moved.items).toEqual([
      { dueOn: day('2026-07-01'), openMinor: 6_000 },
      { dueOn: day('2026-08-01'), openMinor: 3_000 },
    ]);
  });

  test('a later due date is good for as long as it was agreed', () => {
    const moved = extension('2026-07-10', { untilOn: day('2026-06-20') });
    expect(items([moved], '2026-06-20', 10_000)).toEqual(['10000 2026-07-10']);
    expect(effect([moved], '2026-06-20').changesOn).toBe(day('2026-06-21'));
    expect(items([moved], '2026-06-21', 10_000)).toEqual(['10000 2026-06-12']);
  });

  test('an invoice ages by the days that were agreed', () => {
    const own = invoice('a', DUE, { openMinor: 9_000 });
    const agreed = (holds: Hold[]) => asAgreed(own, effect(holds, '2026-06-15', 9_000));
    expect(agreed([plan()])).toEqual({
      ...own,
      dueOn: day('2026-07-01'),
      schedule: ['2026-07-01', '2026-08-01', '2026-09-01'].map((on) => ({
        dueOn: day(on),
        amountMinor: 3_000,
      })),
    });
    expect(agreed([])).toEqual({ ...own, schedule: [{ dueOn: day(DUE), amountMinor: 9_000 }] });
    const paid = invoice('a', DUE, { openMinor: 0 });
    expect(asAgreed(paid, effect([], '2026-06-15', 0))).toEqual({ ...paid, schedule: [] });
  });

  test('of what fell due no more is asked for than is uncontested', () => {
    const part = { part: { currency: 'NZD', amountMinor: 4_000 } };
    const both = effect(
      [plan(), dispute(part, { invoices: [held('a', 9_000)] })],
      '2026-06-15',
      9_000,
    );
    expect(dueMinor(both, day('2026-06-30'))).toBe(0);
    expect(askedMinor(both, 9_000, day('2026-07-01'))).toBe(3_000);
    expect(askedMinor(both, 9_000, day('2026-08-01'))).toBe(5_000);
    expect(askedMinor(both, 9_000, day('2026-12-01'))).toBe(5_000);
  });

  test('two disputes that together contest it all hold it', () => {
    const half = (id: number) =>
      dispute(
        { part: { currency: 'NZD', amountMinor: 5_000 } },
        { id, invoices: [held('a', 10_000)] },
      );
    expect(effect([half(1)], '2026-06-15').held).toBeNull();
    expect(effect([half(1), half(2)], '2026-06-15')).toMatchObject({
      contestedMinor: 10_000,
      held: { reason: { code: 'hold_dispute' } },
    });
  });

  test('where the policy says so, a contested part holds the whole', () => {
    const part = dispute(
      { part: { currency: 'NZD', amountMinor: 1 } },
      { invoices: [held('a', 10_000)], untilOn: day('2026-07-01') },
    );
    const strict = rules({ onDispute: { chaseRest: false, then: 'in_time' } });
    expect(effect([part], '2026-06-15', 10_000, strict).held).toMatchObject({
      lastOn: day('2026-07-01'),
    });
  });
});

describe('how chasing goes on', () => {
  const resume = (holds: Hold[], on: string, more = HOLD_RULES, openMinor = 10_000) => {
    const found = effect(holds, on, openMinor, more).resume;
    return found === null ? null : `${found.then} ${formatDay(found.on)}`;
  };

  test('after a broken promise at once, from the day after its grace, or as the policy says', () => {
    expect(resume([promise()], '2026-06-20')).toBeNull();
    expect(resume([promise()], '2026-06-21')).toBe('at_once 2026-06-21');
    const call = rules({ onBrokenPromise: { then: 'call' } });
    expect(resume([promise()], '2026-06-30', call)).toBe('call 2026-06-21');
    const inTime = rules({ onBrokenPromise: { then: 'in_time' } });
    expect(resume([promise()], '2026-06-30', inTime)).toBeNull();
  });

  test('after a broken plan and a rejected dispute in their time, or as the policy says', () => {
    expect(resume([plan()], '2026-07-07', HOLD_RULES, 9_000)).toBeNull();
    const onPlan = rules({ onPlan: { graceDays: 3, then: 'call' } });
    expect(resume([plan()], '2026-07-07', onPlan, 9_000)).toBe('call 2026-07-07');
    const answer = { outcome: 'rejected' as const, on: day('2026-06-15'), creditMinor: null };
    const rejected = [dispute({ resolution: answer }, { invoices: [held('a', 10_000)] })];
    expect(resume(rejected, '2026-06-16')).toBeNull();
    const onDispute = rules({ onDispute: { chaseRest: true, then: 'at_once' } });
    expect(resume(rejected, '2026-06-16', onDispute)).toBe('at_once 2026-06-15');
  });

  test('the latest of several counts', () => {
    const early = promise({ payOn: day('2026-06-05') }, { id: 1 });
    const late = promise({ payOn: day('2026-06-10') }, { id: 2 });
    expect(resume([late, early], '2026-06-21')).toBe('at_once 2026-06-13');
    const kept = promise({ payOn: day('2026-06-25') }, { id: 3 });
    expect(resume([early, late, kept], '2026-06-21')).toBe('at_once 2026-06-13');
    const notedFirst = promise({ payOn: day('2026-06-10') }, { id: 1 });
    const notedLater = promise({ payOn: day('2026-06-05') }, { id: 2 });
    expect(resume([notedFirst, notedLater], '2026-06-21')).toBe('at_once 2026-06-13');
  });

  test('of two that came to nothing the later, also where chasing goes on in its time after it', () => {
    const brokenPromise = promise({ payOn: day('2026-06-18') }, { id: 1 });
    for (const fromOn of ['2026-05-31', '2026-06-02']) {
      const brokenPlan = plan({}, { id: 2, fromOn: day(fromOn) });
      expect(resume([brokenPromise, brokenPlan], '2026-07-08', HOLD_RULES, 9_000)).toBeNull();
    }
  });

  test('of two that came to nothing on one day the one agreed later', () => {
    const onPlan = rules({ onPlan: { graceDays: 3, then: 'call' } });
    const until = promise({ payOn: day('2026-07-04') }, { id: 1 });
    const instalments = plan({}, { id: 2 });
    expect(resume([until, instalments], '2026-07-07', onPlan, 9_000)).toBe('call 2026-07-07');
    const again = { ...until, id: 3 };
    expect(resume([again, instalments], '2026-07-07', onPlan, 9_000)).toBe('at_once 2026-07-07');
  });

  test('the next reminder does not wait for its day; a formal letter does', () => {
    const friendly = [took('a', DUE, 'overdue-friendly', '2026-06-15')];
    const holds = [promise({ payOn: day('2026-06-16') }, { invoiceIds: ['a' as InvoiceId] })];
    const invoices = [invoice('a', DUE)];
    expect(ask({ invoices, holds, taken: friendly }, '2026-06-19').messages).toEqual([
      'overdue-second NZD [a] 100.00',
    ]);
    expect(ask({ invoices, taken: friendly }, '2026-06-19').messages).toEqual([]);
    const firm = [took('a', DUE, 'overdue-firm', '2026-06-17')];
    expect(ask({ invoices, holds, taken: firm }, '2026-06-18').answers).toEqual([
      'a: hold until 2026-06-19 (hold_promise)',
    ]);
    expect(ask({ invoices, holds, taken: firm }, '2026-06-19').messages).toEqual([]);
  });
});

describe('what is left is too little to ask for', () => {
  test.each([
    [500, 'a: hold (hold_dispute)'],
    [501, 'a: remind overdue-friendly (message)'],
  ])('with %i uncontested: %s', (rest, expected) => {
    const holds = [
      dispute(
        { part: { currency: 'NZD', amountMinor: 10_000 - rest } },
        { invoices: [held('a', 10_000)] },
      ),
    ];
    const asked = ask({ invoices: [invoice('a', DUE)], holds }, '2026-06-15');
    expect(asked.answers).toEqual([expected]);
    if (rest > 500) return;
    expect(asked.decision.decisions[0]?.because).toBe(
      'Only NZD 5.00 of it is not in dispute: within the tolerance of NZD 5.00.',
    );
  });
});

describe('properties', () => {
  const START = day('2026-06-01');
  const on = fc.integer({ min: 0, max: 60 }).map((after) => addDays(START, after));
  const amount = fc.integer({ min: 1, max: 10_000 });
  const from = fc.integer({ min: 0, max: 20 }).map((after) => addDays(START, after));
  const maybeDay = fc.option(on);
  const parts = fc.array(fc.record({ on, amountMinor: fc.integer({ min: 1, max: 3_000 }) }), {
    maxLength: 3,
  });
  const anyHold = fc.oneof(
    fc.record({ payOn: on, amountMinor: amount }).map((terms) => promise(terms)),
    fc
      .record({ amountMinor: amount, isWhole: fc.boolean() })
      .map(({ amountMinor, isWhole }) =>
        dispute({ part: isWhole ? null : { currency: 'NZD', amountMinor } }),
      ),
    fc.uniqueArray(on, { minLength: 1, maxLength: 3 }).map((days) =>
      plan({
        instalments: days.sort((a, b) => a - b).map((dueOn) => ({ dueOn, amountMinor: 4_000 })),
      }),
    ),
    fc.record({ payBy: on, acceptMinor: amount }).map((terms) => settlement(terms)),
    on.map((dueOn) => extension(formatDay(dueOn))),
    fc.constant(reply()),
    fc.constant(manual()),
  );
  const anyCase = fc.record({
    holds: fc.array(fc.record({ hold: anyHold, from, until: maybeDay }), { maxLength: 3 }),
    arrived: parts,
    credited: parts,
    dueOn: on,
    openMinor: amount,
    taken: fc.option(fc.constantFrom('overdue-friendly', 'overdue-second')),
  });

  /** Everything a person would see change, day by day with nothing done: the answer and what shaped it. */
  function answerOn(given: Parameters<Parameters<typeof anyCase.map>[0]>[0], asOn: Day) {
    const arrivals = [
      ...given.arrived.map((part) => arrival(formatDay(part.on), part.amountMinor)),
      ...given.credited.map((part) => arrival(formatDay(part.on), part.amountMinor, 'credit')),
    ];
    const invoices = [held('a', given.openMinor, { dueOn: given.dueOn })];
    const holds = given.holds.map(({ hold, from: fromOn, until }, id) => ({
      ...hold,
      id,
      fromOn,
      untilOn: until === null ? null : (Math.max(until, fromOn) as Day),
      invoiceIds: ['a' as InvoiceId],
      invoices,
      arrivals,
    }));
    const due = formatDay(given.dueOn);
    const { decisions } = decide(
      aCase({
        invoices: [invoice('a', given.dueOn, { openMinor: given.openMinor })],
        holds,
        taken: given.taken === null ? [] : [took('a', due, given.taken, due)],
      }),
      context(asOn),
    );
    const [decision] = decisions;
    if (decision === undefined) throw new Error('no decision');
    const { outcome, step, nextOn, path, actionKey } = decision;
    const codes = path.map((reason) => reason.code);
    return { text: JSON.stringify([outcome, step, actionKey, codes]), nextOn };
  }

  test('with nothing done the answer stays until the day it names, day by day', () => {
    fc.assert(
      fc.property(anyCase, (given) => {
        let stated = answerOn(given, START);
        for (let asOn = addDays(START, 1); asOn <= START + 75; asOn = addDays(asOn, 1)) {
          const now = answerOn(given, asOn);
          if (stated.nextOn === null || asOn < stated.nextOn) expect(now.text).toBe(stated.text);
          stated = now;
        }
      }),
      { numRuns: 150 },
    );
  });

  test('parts sum to what is open, and what is asked for is never more than that', () => {
    fc.assert(
      fc.property(anyCase, on, (given, asOn) => {
        const invoices = [held('a', given.openMinor)];
        const holds = given.holds.map(({ hold, from: fromOn }) => ({ ...hold, fromOn, invoices }));
        const own = invoice('a', given.dueOn, { openMinor: given.openMinor });
        const found = holdEffect(holds, own, HOLD_RULES, asOn);
        expect(found.items.reduce((sum, item) => sum + item.openMinor, 0)).toBe(given.openMinor);
        const asked = askedMinor(found, given.openMinor, asOn);
        expect(asked).toBeGreaterThanOrEqual(0);
        expect(asked + found.contestedMinor).toBeLessThanOrEqual(given.openMinor);
        const other = holdEffect(holds.toReversed(), own, HOLD_RULES, asOn);
        expect(other.contestedMinor).toBe(found.contestedMinor);
        expect(other.changesOn).toBe(found.changesOn);
      }),
    );
  });
});
