import { describe, expect, test } from 'vitest';
import { addDays, day, type Day } from '../../../src/domain/day.ts';
import { explainDelay, explainLate, explainOpen } from '../../../src/domain/predict/explain.ts';
import { FACT, type Facts } from '../../../src/domain/predict/facts.ts';
import { arrangeHistory } from '../../../src/domain/predict/history.ts';
import { logitOf } from '../../../src/domain/predict/numbers.ts';
import type { PaymentObservation } from '../../../src/domain/predict/observation.ts';
import {
  type OpenPrediction,
  predictOpen,
  predictUnpaid,
} from '../../../src/domain/predict/open-invoices.ts';
import {
  learnPredictor,
  type Predictor,
  predictLate,
} from '../../../src/domain/predict/predictor.ts';
import type { BookSurroundings } from '../../../src/domain/predict/track-record.ts';
import { predictionWords } from '../../../src/domain/predict/words.ts';
import { factsOf, invoice, someHistory } from './histories.ts';
import { predictorOf } from './predictors.ts';

const asOn = day('2023-11-20');
/** As it stood on the morning of `asOn`: what was paid later is open. */
const history = someHistory(4, 900)
  .filter((one) => one.issuedOn < asOn)
  .map((one) => ({
    ...one,
    paidOn: one.paidOn !== null && one.paidOn < asOn ? one.paidOn : null,
  }));
const predictor = learned(history);

function learned(observations: readonly PaymentObservation[]): Predictor {
  const learnt = learnPredictor(arrangeHistory(observations), asOn);
  if (learnt === null) throw new Error('nothing was learnt');
  return learnt;
}

interface Seen extends OpenPrediction {
  observation: PaymentObservation;
  facts: Facts;
}

function open(
  observations: readonly PaymentObservation[],
  on: Day = asOn,
  surroundings: BookSurroundings | null = null,
): Seen[] {
  const arranged = arrangeHistory(observations);
  const seen: Seen[] = [];
  predictOpen(predictor, arranged, on, surroundings, (i, prediction, facts) => {
    const observation = observations[arranged.source[i] ?? -1];
    if (observation === undefined) throw new Error('no such invoice');
    seen.push({ ...prediction, observation, facts: facts.slice() });
  });
  return seen;
}

/** Of the last one in the list. */
function lastOf(observations: readonly PaymentObservation[], on: Day = asOn): Seen {
  const wanted = observations.at(-1);
  const found = open(observations, on).find((one) => one.observation === wanted);
  if (found === undefined) throw new Error('it is not open');
  return found;
}

/**
 * Ten scatters of 4 days lie between nobody and everybody paid, so each day is a fortieth: half are
 * paid by the middle, `middle` days after the due date.
 */
function still(age: number, middle = 6, half = 0.5): OpenPrediction {
  const plain = predictorOf({
    late: { constant: Math.log(3 / 7) },
    delay: { constant: middle },
    reach: (level) => 10 * (level - half),
  });
  // The book's scatter of 6 is worth three invoices, the customer's own of 2 here as many.
  const facts = factsOf({ spread: 2, medianWeight: 3, termsDays: 30 });
  return predictUnpaid(plain, facts, DUE, addDays(DUE, age));
}
const DUE = day('2026-03-10');
const inDays = ({ expectedOn, p50On, p80On, p90On }: OpenPrediction): number[] =>
  [expectedOn, p50On, p80On, p90On].map((on) => on - DUE);

describe('an invoice that is still unpaid', () => {
  test('while none of its like has paid, has its first chance and its first days', () => {
    expect(still(-20)).toMatchObject({ late: expect.closeTo(0.3, 12) as number });
    expect(inDays(still(-20))).toEqual([6, 6, 18, 22]);
  });

  test('on its due date: the punctual ones that would have paid are out of the question', () => {
    // 33.75 % would have paid by yesterday, 36.25 % by tonight: the others are late.
    const punctual = 0.7 * (1 - 0.3375 / 0.3625);
    expect(still(0).late).toBeCloseTo(0.3 / (0.3 + punctual), 12);
    expect(still(-6).late).toBeCloseTo(0.3 / (0.3 + 0.7 * (1 - 0.1875 / 0.3625)), 12);
    expect(still(1).late).toBe(1);
  });

  test('is expected later by what its like have not paid yet', () => {
    // A third of them has paid: half of the rest is reached at 66.875 %, eight tenths at 86.75 %.
    expect(inDays(still(0))).toEqual([13, 13, 21, 23]);
    expect(inDays(still(12))).toEqual([19, 19, 23, 25]);
  });

  test('keeps its expected day until a quarter of its like has paid', () => {
    // With a middle of 5.5 days a quarter has paid by the fourth day before the due date.
    expect(still(-5, 5.5).expectedOn - DUE).toBe(6);
    expect(still(-4, 5.5).expectedOn).toBe(still(-4, 5.5).p50On);
    expect(inDays(still(-4, 5.5))).toEqual([11, 11, 20, 23]);
  });

  test('and never one that has passed', () => {
    // Most of its like pay late here: by the expected day, the sixth, hardly one in nine has paid.
    expect(still(6, 6, 0.1).expectedOn - DUE).toBe(6);
    expect(still(7, 6, 0.1).expectedOn).toBe(still(7, 6, 0.1).p50On);
    expect(still(7, 6, 0.1).p50On - DUE).toBeGreaterThan(20);
  });

  test('is not expected before it was raised', () => {
    expect(still(-30, -50).expectedOn - DUE).toBe(-30);
  });

  test('is beyond experience once 97.5 % of its like had paid', () => {
    expect(still(25).isBeyondExperience).toBe(false);
    expect(still(26).isBeyondExperience).toBe(true);
  });

  test('where none of its like pays in time, waiting makes nothing more likely until it is late', () => {
    expect(still(0, 100).late).toBeCloseTo(0.3, 12);
    expect(still(1, 100).late).toBe(1);
  });
});

describe('open invoices', () => {
  test('every unpaid one is predicted, with days in order and none before today', () => {
    const seen = open(history);
    expect(seen.length).toBe(history.filter((one) => one.paidOn === null).length);
    expect(seen.length).toBeGreaterThan(20);
    for (const one of seen) {
      expect(one.late).toBeGreaterThan(0);
      expect(one.late).toBeLessThanOrEqual(1);
      expect(one.p50On).toBeGreaterThanOrEqual(asOn);
      expect(one.expectedOn).toBeGreaterThanOrEqual(asOn);
      expect(one.p80On).toBeGreaterThanOrEqual(one.p50On);
      expect(one.p90On).toBeGreaterThanOrEqual(one.p80On);
    }
  });

  test('is late for certain from the day after the due date, not on it', () => {
    const due = (days: number) =>
      lastOf([...history, invoice('C1', addDays(asOn, days - 30), 30, null)]);
    expect(due(0).late).toBeLessThan(1);
    expect(due(-1).late).toBe(1);
  });

  test('each day without the money makes late more likely and the day later', () => {
    const raised = invoice('C1', addDays(asOn, -25), 40, null);
    const days = Array.from({ length: 60 }, (_, n) =>
      lastOf([...history, raised], addDays(asOn, n)),
    );
    for (const [n, today] of days.entries()) {
      const before = days[n - 1];
      if (before === undefined) continue;
      expect(today.p80On).toBeGreaterThanOrEqual(before.p80On - 1);
      expect(today.p50On).toBeGreaterThanOrEqual(addDays(asOn, n));
    }
    expect(days[14]?.late).toBeGreaterThan(days[0]?.late ?? 1);
    expect(days[59]?.p90On).toBeGreaterThan((days[0]?.p90On ?? 0) + 20);
  });

  test('one overdue by 20 days is expected later than its like that is due today', () => {
    const due = (days: number) =>
      lastOf([...history, invoice('C3', addDays(asOn, days - 30), 30, null)]);
    const [overdue, fresh] = [due(-20), due(0)];
    expect(overdue.p80On - overdue.observation.dueOn).toBeGreaterThan(
      fresh.p80On - fresh.observation.dueOn,
    );
  });

  test('unpaid beyond all experience is said to be a guess', () => {
    const raised = invoice('C1', addDays(asOn, -400), 30, null);
    expect(lastOf([...history, raised]).isBeyondExperience).toBe(true);
    expect(
      lastOf([...history, invoice('C1', addDays(asOn, -1), 30, null)]).isBeyondExperience,
    ).toBe(false);
  });

  test('where nobody pays in time, a fresh invoice has the plain chance', () => {
    const slow = Array.from({ length: 200 }, (_, n) =>
      invoice(`C${n % 5}`, addDays(asOn, -300 + n), 10, 70 + (n % 5)),
    );
    const learnt = learned(slow);
    predictOpen(
      learnt,
      arrangeHistory([...slow, invoice('C1', addDays(asOn, -5), 10, null)]),
      asOn,
      null,
      (_, { late }, facts) => {
        if (facts[FACT.dueOn] !== asOn + 5) return;
        expect(late).toBe(predictLate(learnt, facts, 0));
        expect(late).toBeGreaterThan(0.9);
      },
    );
    expect.assertions(2);
  });

  test('beyond experience half of them take half as long again', () => {
    const seen = lastOf([...history, invoice('C1', addDays(asOn, -4_030), 30, null)]);
    expect(seen.p50On).toBe(asOn + 2_000);
    expect(seen.p90On).toBe(asOn + Math.round(2_000 * Math.log2(10)));
    expect(seen.expectedOn).toBe(seen.p50On);
  });

  test('the order of the invoices changes nothing', () => {
    const there = open(history).sort(byFacts);
    const back = open(history.toReversed()).sort(byFacts);
    expect(back).toEqual(there);
  });

  test('dividing the customers changes nothing when the book’s figures stand beside them', () => {
    const surroundings = { late: 30, matured: 70, usualSize: new Map([['USD', 11]]) };
    const whole = open(history, asOn, surroundings);
    const customers = [...new Set(history.map((one) => one.customer))];
    const divided = customers.flatMap((customer) =>
      open(
        history.filter((one) => one.customer === customer),
        asOn,
        surroundings,
      ),
    );
    expect(divided.sort(byFacts)).toEqual(whole.sort(byFacts));
    expect(whole[0]?.facts[FACT.bookLate]).toBe(30);
    expect(whole[0]?.facts[FACT.bookMatured]).toBe(70);
  });
});

const byFacts = (a: Seen, b: Seen): number =>
  a.observation.issuedOn - b.observation.issuedOn ||
  a.observation.customer.localeCompare(b.observation.customer) ||
  a.observation.dueOn - b.observation.dueOn ||
  (a.observation.amountMinor ?? 0) - (b.observation.amountMinor ?? 0);

describe('a prediction is explained', () => {
  test('the parts add up to the log-odds of the chance', () => {
    for (const { facts, late } of open(history)) {
      const { average, contributions, ...explained } = explainLate(predictor, facts);
      const sum = contributions.reduce((total, part) => total + part.adds, logitOf(average));
      expect(sum).toBeCloseTo(logitOf(predictLate(predictor, facts, 0)), 9);
      expect(explained.late).toBeCloseTo(predictLate(predictor, facts, 0), 12);
      if (late === 1) continue;
      const now = explainOpen(predictor, facts, late);
      const sumNow = now.contributions.reduce((total, part) => total + part.adds, logitOf(average));
      expect(sumNow).toBeCloseTo(logitOf(late), 6);
      expect(now.late).toBe(late);
    }
  });

  test('and in days to the expected day', () => {
    for (const { facts } of open(history)) {
      const { averageDays, contributions, expectedDays } = explainDelay(predictor, facts);
      const sum = contributions.reduce((total, part) => total + part.adds, averageDays);
      expect(Math.max(-(facts[FACT.termsDays] ?? 0), Math.round(sum))).toBe(expectedDays);
    }
  });

  test('the largest part comes first', () => {
    const [first] = open(history);
    const sizes = explainLate(predictor, first?.facts ?? new Float64Array()).contributions.map(
      (part) => Math.abs(part.adds),
    );
    expect(sizes).toEqual(sizes.toSorted((a, b) => b - a));
  });

  test('a predictor kept as JSON says the same', () => {
    const kept = JSON.parse(JSON.stringify(predictor)) as Predictor;
    for (const { facts } of open(history)) {
      expect(predictLate(kept, facts, 0)).toBe(predictLate(predictor, facts, 0));
    }
  });
});

describe('in words', () => {
  const words = (observation: PaymentObservation) => {
    const seen = lastOf([...history, observation]);
    return { ...predictionWords({ ...seen, asOn, predictor }), seen };
  };

  test('a customer without history gets the rate of new customers, and the sentence says so', () => {
    const { sentence, reasons, seen } = words(invoice('a stranger', addDays(asOn, -1), 30, null));
    const rate = Math.round(predictor.book.newLateRate * 100);
    expect(sentence).toMatch(
      /^The chance of being late is \d+ %\. Expected on \d+ \w{3} 202\d; of ten/,
    );
    expect(sentence).toContain(
      ` This customer has no history yet: the figures are those of new customers of this book, of whom ${rate} % pay their first invoice late.`,
    );
    expect(reasons.map((reason) => reason.text)).toContain(
      `No invoice of this customer has fallen due yet; new customers here are late with ${rate} % of their first invoices.`,
    );
    expect(Math.abs(seen.late - predictor.book.newLateRate)).toBeLessThan(0.2);
  });

  test('a known one is told by its history', () => {
    const { sentence, reasons, average } = words(invoice('C1', addDays(asOn, -1), 30, null));
    expect(sentence).not.toContain('no history');
    expect(average).toMatch(/^An average invoice of this book is late with \d+ %\.$/);
    expect(reasons.map((reason) => reason.effect).join()).toMatch(/^(odds × \d+\.\d\d,?)+$/);
    expect(
      reasons.some(({ text }) =>
        /^Of \d+ invoices that fell due, older ones counting less, \d+ % were late, \d of the last 3; usually paid /.test(
          text,
        ),
      ),
    ).toBe(true);
  });

  test('an overdue one by its days', () => {
    const { sentence, reasons, average } = words(invoice('C1', addDays(asOn, -50), 30, null));
    expect(sentence).toMatch(/^Late already, by 20 days\. Expected on /);
    expect(average).toMatch(
      /^An average invoice of this book is paid -?\d+\.\d days after its due date\.$/,
    );
    expect(reasons[0]?.effect).toMatch(/^[+−] \d+\.\d days$/);
  });

  test('beyond experience', () => {
    expect(words(invoice('C1', addDays(asOn, -430), 30, null)).sentence).toContain(
      ' It is unpaid longer than nearly all of its like ever were: the days are little more than a guess.',
    );
  });
});

test('what is paid today is open this morning, what was paid yesterday is not', () => {
  const observations = [-1, 0, 1].map((days) =>
    invoice(`C${days}`, addDays(asOn, -9), 5, 9 + days),
  );
  const seen: [string | undefined, number | undefined, number][] = [];
  const arranged = arrangeHistory(observations);
  predictOpen(predictor, arranged, asOn, null, (i, { late }, facts) => {
    seen.push([arranged.customers[arranged.customer[i] ?? -1], facts[FACT.termsDays], late]);
  });
  expect(seen).toEqual([
    ['C0', 5, 1],
    ['C1', 5, 1],
  ]);
});

test('an invoice raised later is open, and what its customer owes by then is known today', () => {
  const observations = [
    invoice('A', addDays(asOn, -20), 10, null, 300_00),
    invoice('A', addDays(asOn, -2), 10, null, 100_00),
    invoice('A', addDays(asOn, 5), 10, null, 100_00),
  ];
  const seen: (readonly [number, number])[] = [];
  predictOpen(predictor, arrangeHistory(observations), asOn, null, (_, __, facts) => {
    seen.push([facts[FACT.overdueCount] ?? -1, facts[FACT.dueOn] ?? -1]);
  });
  expect(seen).toEqual([
    [0, asOn - 10],
    [1, asOn + 8],
    [1, asOn + 15],
  ]);
});

test('what was paid is no longer owed: one of the two others that are is overdue', () => {
  const observations = [
    invoice('A', addDays(asOn, -30), 10, null),
    invoice('A', addDays(asOn, -29), 10, 12),
    invoice('A', addDays(asOn, -3), 10, null),
    invoice('A', addDays(asOn, -2), 10, null),
  ];
  const shares: (number | undefined)[] = [];
  predictOpen(predictor, arrangeHistory(observations), asOn, null, (_, __, facts) => {
    shares.push(facts[FACT.overdueShare]);
  });
  expect(shares.map((share) => share?.toFixed(9))).toEqual([
    '0.000000000',
    '0.500000000',
    '0.500000000',
  ]);
});

test('29 matured invoices teach nothing, 30 do', () => {
  const some = (count: number) =>
    arrangeHistory(
      Array.from({ length: count }, (_, n) =>
        invoice(`C${n % 3}`, addDays(day('2023-01-01'), n), 10, 12),
      ),
    );
  expect(learnPredictor(some(29), day('2023-06-01'))).toBeNull();
  expect(learnPredictor(some(30), day('2023-06-01'))?.learntFrom).toBe(30);
});
