/**
 * The cash forecast tried on the past: at the start of every month after the warm-up, what the invoices
 * open that morning were said to bring in each of the next eight weeks, against what they brought. The
 * error is the sum of all misses over the sum of all that came in: 0.30 means that of 100.00 a week the
 * forecast was off by 30.00. Beside it two plain rules: everything comes on its due date, and everything
 * comes as late as its customer usually is.
 */
import type { Day } from './day.ts';
import { Forecast, type ForecastInvoice } from './forecast.ts';
import { warmUpEnd } from './predict/backtest.ts';
import { delayAfter, paidShareBefore } from './predict/delay-curve.ts';
import { FACT, FACTS, type Facts } from './predict/facts.ts';
import { arrangeHistory, type History, lastDayOf } from './predict/history.ts';
import { at } from './predict/numbers.ts';
import { type PaymentObservation, separateContradictions } from './predict/observation.ts';
import { lastDayOfMonth } from './predict/pay-run.ts';
import { fitPredictor, forecastDelay, type Predictor } from './predict/predictor.ts';
import { type Walk, walkHistory } from './predict/walk.ts';
import type { CustomerId, InvoiceId } from './receivables.ts';

export interface ForecastBacktest {
  /** Forecast and over. */
  weeks: number;
  /** Misses over what came in. */
  error: { model: number; dueDate: number; averageDelay: number };
  /** Share of the weeks in which what came in lay within the band; six of ten should. */
  withinBand: number;
}

const WEEKS_AHEAD = 8;
const NOTHING_AGREED = { promises: [], plans: [], disputes: [] };

/** null when no forecast week has passed yet, or nothing came in any of them. */
export function backtestForecast(
  observations: readonly PaymentObservation[],
  asOn?: Day,
): ForecastBacktest | null {
  return backtestForecastHistory(arrangeHistory(separateContradictions(observations).usable), asOn);
}

/** The same for a history that was taken in page by page. */
export function backtestForecastHistory(history: History, asOn?: Day): ForecastBacktest | null {
  const lastOn = lastDayOf(history);
  if (lastOn === null) return null;
  const tally = new Tally();
  const until = asOn ?? lastOn + 1;
  let monthEnd = -Infinity;
  walkHistory(history, until, (walk, day, from, to) => {
    if (to <= warmUpEnd(history) || day <= monthEnd) return;
    monthEnd = lastDayOfMonth(day);
    const predictor = fitPredictor(history, walk.facts, walk.records, day);
    const open = openOn(history, walk, predictor, { day: day as Day, issued: from });
    tally.compare(open, day as Day, until);
  });
  return tally.report();
}

interface OpenThen extends ForecastInvoice {
  paidOn: number;
  dueOn: number;
  averageDelay: number;
}

function openOn(
  history: History,
  { records }: Walk,
  predictor: Predictor,
  { day, issued }: { day: Day; issued: number },
): OpenThen[] {
  const open: OpenThen[] = [];
  for (let i = 0; i < issued; i += 1) {
    const paidOn = at(history.paidOn, i);
    if (paidOn < day) continue;
    const facts = new Float64Array(FACTS);
    records.write(i, day, facts, 0);
    const dueOn = at(history.dueOn, i);
    const amount = at(history.amount, i);
    open.push({
      id: String(i) as InvoiceId,
      customerId: String(at(history.customer, i)) as CustomerId,
      currency: history.currencies[at(history.currency, i)] ?? '',
      openMinor: Number.isNaN(amount) ? 100 : amount,
      payDay: payDays(predictor, facts, day),
      paidOn,
      dueOn,
      averageDelay: at(facts, FACT.delaySum) / Math.max(at(facts, FACT.delayWeight), 1e-9),
    });
  }
  return open;
}

/** The day by which each share of such invoices is paid, of those unpaid on the morning of `asOn`. */
export function payDays(predictor: Predictor, facts: Facts, asOn: Day): (share: number) => Day {
  const forecast = forecastDelay(predictor, facts, 0);
  const dueOn = at(facts, FACT.dueOn);
  const paidShare = paidShareBefore(forecast, asOn - dueOn);
  return (share) => (dueOn + delayAfter(forecast, asOn - dueOn, paidShare, share)) as Day;
}

class Tally {
  #weeks = 0;
  #within = 0;
  #came = 0;
  #model = 0;
  #dueDate = 0;
  #averageDelay = 0;

  compare(open: readonly OpenThen[], asOn: Day, until: number): void {
    const forecast = new Forecast(asOn, WEEKS_AHEAD, open.length);
    forecast.add(open, NOTHING_AGREED);
    for (const { currency, weeks } of forecast.report()) {
      const own = open.filter((one) => one.currency === currency);
      for (const week of weeks) {
        if (week.to >= until) break;
        const sum = (dayOf: (one: OpenThen) => number): number =>
          own
            .filter((one) => week.from <= dayOf(one) && dayOf(one) <= week.to)
            .reduce((total, one) => total + one.openMinor, 0);
        const came = sum((one) => one.paidOn);
        this.#weeks += 1;
        this.#came += came;
        if (week.p20Minor <= came && came <= week.p80Minor) this.#within += 1;
        this.#model += Math.abs(came - week.expectedMinor);
        this.#dueDate += Math.abs(came - sum((one) => Math.max(asOn, one.dueOn)));
        this.#averageDelay += Math.abs(
          came - sum((one) => Math.max(asOn, Math.round(one.dueOn + one.averageDelay))),
        );
      }
    }
  }

  report(): ForecastBacktest | null {
    if (this.#came === 0) return null;
    return {
      weeks: this.#weeks,
      error: {
        model: this.#model / this.#came,
        dueDate: this.#dueDate / this.#came,
        averageDelay: this.#averageDelay / this.#came,
      },
      withinBand: this.#within / this.#weeks,
    };
  }
}
