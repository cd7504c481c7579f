import { type Command, InvalidArgumentError } from 'commander';
import { forecastBook } from '../assess/forecast-book.ts';
import { formatDay } from '../domain/day.ts';
import type { CurrencyForecast } from '../domain/forecast.ts';
import { backtestForecastHistory, type ForecastBacktest } from '../domain/forecast-backtest.ts';
import { dayText, moneyText, percentText, plural } from '../domain/text.ts';
import { UsageError } from '../errors.ts';
import { todayOf } from '../pipeline.ts';
import { readHistoryAsKnown } from './backtest.ts';
import { chooseBook, type CliContext, withApp } from './context.ts';

interface ForecastOptions {
  weeks: number;
  backtest?: true;
  json?: true;
}

const MOST_WEEKS = 52;

export function forecastCommand(program: Command, context: CliContext) {
  program
    .command('forecast [book]')
    .description('what the open invoices will bring in, week by week and by currency')
    .option('--weeks <n>', `how far ahead, 1 to ${MOST_WEEKS}`, weeksFrom, 13)
    .option('--backtest', 'how good such forecasts would have been over the book’s past')
    .option('--json', 'as one JSON object')
    .action(async (wanted: string | undefined, options: ForecastOptions) => {
      await withApp(context, async (app) => {
        const book = await chooseBook(app, wanted);
        if (options.backtest === true) {
          const { history, asOn } = await readHistoryAsKnown(app, book);
          const report = backtestForecastHistory(history, asOn);
          if (report === null) throw new UsageError(`${book.name}: too short a history to test on`);
          context.print(
            options.json === true ? JSON.stringify(report) : backtestText(book.name, report),
          );
          return;
        }
        const asOn = await todayOf(app, book.id);
        const currencies = await forecastBook(app, book.id, { asOn, weeks: options.weeks });
        if (currencies === null) {
          throw new UsageError(
            `${book.name}: nothing is predicted yet; \`duebook run\` predicts once some 30 invoices have fallen due`,
          );
        }
        context.print(
          options.json === true
            ? JSON.stringify({
                book: book.id,
                asOn: formatDay(asOn),
                currencies: currencies.map(asJson),
              })
            : [`${book.name}, as of ${dayText(asOn)}`, ...currencies.flatMap(inWords)].join('\n'),
        );
      });
    });
}

function weeksFrom(text: string): number {
  const weeks = Number(text);
  if (Number.isInteger(weeks) && weeks >= 1 && weeks <= MOST_WEEKS) return weeks;
  throw new InvalidArgumentError(`should be a whole number from 1 to ${MOST_WEEKS}.`);
}

function asJson({ weeks, ...rest }: CurrencyForecast) {
  return {
    ...rest,
    weeks: weeks.map((week) => ({ ...week, from: formatDay(week.from), to: formatDay(week.to) })),
  };
}

function inWords(forecast: CurrencyForecast): string[] {
  const { currency } = forecast;
  const money = (amount: number): string => moneyText(amount, currency).padStart(18);
  const row = (name: string, cells: readonly string[]): string =>
    [name.padEnd(24), ...cells.map((cell) => cell.padStart(18))].join('');
  return [
    '',
    row(currency, ['expected', 'two in ten below', 'two in ten above', 'by agreement']),
    ...forecast.weeks.map((week) =>
      row(`${dayText(week.from)} – ${dayText(week.to).slice(0, -5)}`, [
        money(week.expectedMinor),
        money(week.p20Minor),
        money(week.p80Minor),
        week.agreedMinor === 0 ? '–' : money(week.agreedMinor),
      ]),
    ),
    row('later', [money(forecast.laterMinor)]),
    row('disputed, not counted', [money(forecast.disputedMinor)]),
    row('open', [money(forecast.openMinor)]),
  ];
}

function backtestText(name: string, { weeks, error, withinBand }: ForecastBacktest): string {
  return [
    `${name}: ${plural(weeks, 'forecast week')} that have passed`,
    'Missed, of every 100 that came in:',
    `  this forecast                    ${(error.model * 100).toFixed(0)}`,
    `  all paid on the due date         ${(error.dueDate * 100).toFixed(0)}`,
    `  as late as the customer usually  ${(error.averageDelay * 100).toFixed(0)}`,
    `What came in lay within the band in ${percentText(withinBand)} of the weeks; 60 % should.`,
  ].join('\n');
}
