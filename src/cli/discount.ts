import type { Command } from 'commander';
import { parseDay } from '../domain/day.ts';
import { earlyPayment, parseEarlyPayment } from '../domain/interest/early-payment.ts';
import { parseAmount } from '../domain/interest/terms.ts';
import { dayText, moneyText } from '../domain/text.ts';
import { UsageError } from '../errors.ts';
import type { CliContext } from './context.ts';

interface DiscountOptions {
  amount: string;
  issued: string;
  json?: true;
}

export function discountCommand(program: Command, context: CliContext) {
  program
    .command('discount <terms>')
    .description('what "2/10 net 30" takes off, until when, and what not taking it costs a year')
    .requiredOption('--amount <amount>', 'the invoice: "1000.00 NZD"')
    .requiredOption('--issued <day>', 'the invoice date, YYYY-MM-DD')
    .option('--json', 'as one JSON object')
    .action((text: string, options: DiscountOptions) => {
      const terms = parseEarlyPayment(text);
      if (terms === null) {
        throw new UsageError(
          `"${text}": should be terms such as "2/10 net 30", with the discount ending before the term`,
        );
      }
      const amount = parseAmount(options.amount);
      if (amount === null) {
        throw new UsageError(
          `--amount ${options.amount}: should be an amount such as "1000.00 NZD"`,
        );
      }
      const issuedOn = parseDay(options.issued);
      if (issuedOn === null) {
        throw new UsageError(`--issued ${options.issued}: should be a day written YYYY-MM-DD`);
      }
      const { currency, amountMinor } = amount;
      const offer = earlyPayment({ totalMinor: amountMinor, issuedOn }, terms);
      const cost = offer.costPercentPerYear.toFixed(2);
      context.print(
        options.json === true
          ? JSON.stringify({ ...offer, currency, costPercentPerYear: cost })
          : `Pay ${moneyText(offer.payMinor, currency)} by ${dayText(offer.lastOn)} (${moneyText(offer.discountMinor, currency)} off), or ${moneyText(amountMinor, currency)} by ${dayText(offer.dueOn)}. Not taking it costs ${cost} % a year.`,
      );
    });
}
