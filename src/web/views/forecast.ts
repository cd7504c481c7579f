/** What the open invoices will bring in, as a chart of weeks for each currency. */
import { forecastBook } from '../../assess/forecast-book.ts';
import type { Day } from '../../domain/day.ts';
import type { CurrencyForecast, ForecastWeek } from '../../domain/forecast.ts';
import type { BookId } from '../../domain/receivables.ts';
import type { Db } from '../../store/db.ts';
import { formatDayText } from '../helpers.ts';

const WEEKS = 8;
/** More than these take longer than a page may: `duebook forecast` sums them. */
const INVOICES_MAX = 5_000;

/** In units of the drawing, whose width is given in shares of the page. */
const [CHART_HEIGHT, LABEL_HEIGHT, HEADROOM] = [130, 22, 8];
const BASE = CHART_HEIGHT - LABEL_HEIGHT;
/** Of the width of a week. */
const BAR_SHARE = 0.56;

export interface ForecastChart {
  currency: string;
  /** In these weeks together. */
  expectedMinor: number;
  laterMinor: number;
  disputedMinor: number;
  height: number;
  base: number;
  bars: ForecastBar[];
}

export interface ForecastBar extends ForecastWeek {
  /** "23 Nov" */
  label: string;
  x: string;
  width: string;
  middle: string;
  y: number;
  height: number;
  /** The band, from two in ten above to two in ten below. */
  high: number;
  low: number;
  labelY: number;
}

export interface BookForecast {
  isTooLarge: boolean;
  charts: ForecastChart[];
}

/** null before the book was predicted for the first time, and where nothing is open. */
export async function bookForecast(
  db: Db,
  bookId: BookId,
  today: Day,
): Promise<BookForecast | null> {
  const predicted = await db.prisma.prediction.count({ where: { bookId } });
  if (predicted === 0) return null;
  if (predicted > INVOICES_MAX) return { isTooLarge: true, charts: [] };
  const currencies = await forecastBook({ db }, bookId, { asOn: today, weeks: WEEKS });
  const charts = (currencies ?? []).map(forecastChart);
  return charts.length === 0 ? null : { isTooLarge: false, charts };
}

/** The highest band or bar fills the height; a currency in which nothing comes has flat bars. */
export function forecastChart(forecast: CurrencyForecast): ForecastChart {
  const { currency, weeks, laterMinor, disputedMinor } = forecast;
  const highest = Math.max(1, ...weeks.flatMap((week) => [week.p80Minor, week.expectedMinor]));
  const heightOf = (amount: number): number => (amount / highest) * (BASE - HEADROOM);
  const yOf = (amount: number): number => round(BASE - heightOf(amount));
  const step = 100 / weeks.length;
  return {
    currency,
    expectedMinor: weeks.reduce((sum, week) => sum + week.expectedMinor, 0),
    laterMinor,
    disputedMinor,
    height: CHART_HEIGHT,
    base: BASE,
    bars: weeks.map((week, n) => ({
      ...week,
      label: formatDayText(week.from).slice(0, -5),
      x: percent((n + (1 - BAR_SHARE) / 2) * step),
      width: percent(BAR_SHARE * step),
      middle: percent((n + 0.5) * step),
      y: yOf(week.expectedMinor),
      height: round(heightOf(week.expectedMinor)),
      high: yOf(week.p80Minor),
      low: yOf(week.p20Minor),
      labelY: CHART_HEIGHT - 6,
    })),
  };
}

const round = (value: number): number => Math.round(value * 10) / 10;
const percent = (share: number): string => `${share.toFixed(3)}%`;
