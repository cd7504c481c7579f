/**
 * Believable books, from a size, a seed and a birthday alone: about eighteen months of history that
 * ends the day before `bornOn`, and a future that becomes visible as the clock moves. Everybody in them is invented.
 */
import { addDays, type Day } from '../../../src/domain/day.ts';
import type { Currency } from '../../../src/domain/money.ts';
import { type BookShape, castBook } from './customers.ts';
import type { BookPlan } from './plan.ts';
import { Random } from './random.ts';
import { scheduleInvoices } from './schedule.ts';
import { Timeline } from './timeline.ts';

const HISTORY_DAYS = 540;

export interface GeneratorOptions {
  platform: 'xero' | 'quickbooks';
  seed: number;
  /** Which of the platform's books: each has its own people. */
  index: number;
  /** Exactly so many sales invoices exist when the book is born, whatever became of them. */
  invoices: number;
  bornOn: Day;
  futureDays: number;
  country: string;
  baseCurrency: Currency;
  timeZone: string;
  openShare: number | null;
}

export function generateBook(options: GeneratorOptions): BookPlan {
  const shape: BookShape = {
    platform: options.platform,
    country: options.country,
    baseCurrency: options.baseCurrency,
    startOn: addDays(options.bornOn, -HISTORY_DAYS),
    bornOn: options.bornOn,
    endOn: addDays(options.bornOn, options.futureDays),
    invoices: options.invoices,
  };
  const seed = `${options.seed}/${options.platform}/${options.index}`;
  const cast = castBook(new Random(`${seed}/customers`), shape);
  const slots = scheduleInvoices(new Random(`${seed}/schedule`), shape, cast);
  const timeline = new Timeline(new Random(`${seed}/timeline`), {
    shape,
    timeZone: options.timeZone,
    openShare: options.openShare,
  });
  return timeline.build(cast, slots);
}
