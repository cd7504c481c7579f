import type { Command } from 'commander';
import { setLimit } from '../assess/credit-terms.ts';
import { dayIn } from '../domain/day.ts';
import { type Currency, isCurrency, type Minor, minorDigits, parseMinor } from '../domain/money.ts';
import { dayText, moneyText } from '../domain/text.ts';
import { UsageError } from '../errors.ts';
import { chooseCustomer } from './choose-customer.ts';
import { chooseBook, type CliContext, dayOption, withApp } from './context.ts';

interface LimitOptions {
  currency?: string;
  insured?: string;
  from?: string;
  until?: string;
}

const EVERYBODY = 'all';

export function limitCommand(program: Command, context: CliContext) {
  program
    .command('limit <book> <customer> <amount>')
    .description(`sets a credit limit; "${EVERYBODY}" for every customer without one of their own`)
    .option('--currency <code>', 'left out: the customer’s, or the book’s')
    .option('--insured <amount>', 'how much of it a credit insurer covers')
    .option('--from <day>', 'YYYY-MM-DD; left out: today')
    .option('--until <day>', 'the last day, YYYY-MM-DD; left out: until another is set')
    .action(async (wanted: string, whom: string, amount: string, options: LimitOptions) => {
      const from = dayOption('--from', options.from);
      const untilOn = dayOption('--until', options.until) ?? null;
      await withApp(context, async (app) => {
        const { id } = await chooseBook(app, wanted);
        const book = await app.db.prisma.book.findUniqueOrThrow({ where: { id } });
        const chosen = whom === EVERYBODY ? null : await chooseCustomer(app, id, whom);
        const customer =
          chosen === null
            ? null
            : await app.db.prisma.customer.findUniqueOrThrow({
                where: { bookId_id: { bookId: id, id: chosen.id } },
              });
        const currency = options.currency ?? customer?.currency ?? book.baseCurrency;
        const request = {
          customerId: chosen?.id ?? null,
          currency,
          amountMinor: readAmount('the limit', amount, currency),
          insuredMinor:
            options.insured === undefined
              ? null
              : readAmount('--insured', options.insured, currency),
          fromOn: from ?? dayIn(book.timeZone, context.clock.now()),
          untilOn,
        };
        await setLimit(app, id, request, 'command line');
        const until = untilOn === null ? '' : ` to ${dayText(untilOn)}`;
        context.print(
          `${chosen?.name ?? 'Every customer without a limit'}: ${moneyText(request.amountMinor, currency)} from ${dayText(request.fromOn)}${until}`,
        );
      });
    });
}

function readAmount(what: string, text: string, currency: Currency): Minor {
  if (!isCurrency(currency)) throw new UsageError(`"${currency}" is no currency: say NZD, EUR …`);
  const amountMinor = parseMinor(text, currency);
  if (amountMinor !== null) return amountMinor;
  throw new UsageError(
    `${what} "${text}": should be an amount of ${currency} with at most ${minorDigits(currency)} decimals, like 12000 or 12000.50`,
  );
}
