import type { Command } from 'commander';
import { parseDay } from '../domain/day.ts';
import { interestWorking } from '../domain/interest/interest-working.ts';
import { UsageError } from '../errors.ts';
import { interestText } from '../late-fees/interest-text.ts';
import { todayOf } from '../pipeline.ts';
import type { InterestReading } from '../store/interest.ts';
import { readInterest } from '../store/interest.ts';
import { chooseCustomerOrInvoice } from './choose-customer.ts';
import { chooseBook, type CliContext, withApp } from './context.ts';
import { addTermsOptions, readTermsOptions, type TermsOptions } from './terms-options.ts';

type InterestOptions = TermsOptions & { asOf?: string; json?: true };

export function interestCommand(program: Command, context: CliContext) {
  const command = program
    .command('interest <book> <customer-or-invoice>')
    .description('what late payment would bear, line by line; information only, nothing is charged')
    .option('--as-of <day>', 'YYYY-MM-DD; today in the book’s time zone when left out')
    .option('--json', 'as one JSON object');
  addTermsOptions(command).action(
    async (wantedBook: string, wanted: string, options: InterestOptions) => {
      const asked = readTermsOptions(options);
      const asOf = options.asOf === undefined ? null : parseDay(options.asOf);
      if (options.asOf !== undefined && asOf === null) {
        throw new UsageError(`--as-of ${options.asOf}: should be a day written YYYY-MM-DD`);
      }
      await withApp(context, async (app) => {
        const book = await chooseBook(app, wantedBook);
        const chosen = await chooseCustomerOrInvoice(app, book.id, wanted);
        const whose =
          chosen.kind === 'invoice' ? { invoiceId: chosen.id } : { customerId: chosen.customer.id };
        const asOn = asOf ?? (await todayOf(app, book.id));
        const reading = await app.db.tx((tx) => readInterest(tx, book.id, whose, asOn, asked));
        context.print(
          options.json === true
            ? JSON.stringify(forScripts(reading))
            : interestText(reading).join('\n'),
        );
      });
    },
  );
}

function forScripts({ claims, ...reading }: InterestReading) {
  return {
    ...reading,
    claims: claims.map((claim) => ({
      currency: claim.currency,
      interestMinor: claim.interestMinor,
      compensationMinor: claim.compensationMinor,
      totalMinor: claim.totalMinor,
      isVerified: claim.isVerified,
      debts: claim.debts,
      working: interestWorking(claim),
    })),
  };
}
