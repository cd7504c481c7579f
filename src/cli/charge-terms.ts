import type { Command } from 'commander';
import type { TermsChoice } from '../domain/interest/terms.ts';
import { UsageError } from '../errors.ts';
import { confirmTerms, endTerms } from '../late-fees/confirm-terms.ts';
import { chooseCustomer } from './choose-customer.ts';
import { chooseBook, type CliContext, withApp } from './context.ts';
import { addTermsOptions, readTermsOptions, type TermsOptions } from './terms-options.ts';

type ChargeTermsOptions = TermsOptions & {
  confirm?: string;
  country?: string;
  b2b?: string;
  end?: true;
};

export function chargeTermsCommand(program: Command, context: CliContext) {
  const command = program
    .command('charge-terms <book> [customer]')
    .description(
      'confirms the term under which late payment is charged, for a customer or the book',
    )
    .option('--confirm <words>', 'where the contract has it: "in our terms of trade, clause 7"')
    .option('--country <code>', 'for a law: the customer’s country, GB, DE, FR …')
    .option('--b2b <words>', 'for a law: how it is known that both are businesses')
    .option('--end', 'no term holds any longer');
  addTermsOptions(command).action(
    async (wantedBook: string, wantedCustomer: string | undefined, options: ChargeTermsOptions) => {
      const choice = readTermsOptions(options);
      if (options.end !== true && choice === null) {
        throw new UsageError('say the rate with --rate "18 % a year", or a law with --statute');
      }
      await withApp(context, async (app) => {
        const book = await chooseBook(app, wantedBook);
        const customer =
          wantedCustomer === undefined ? null : await chooseCustomer(app, book.id, wantedCustomer);
        const whom = customer?.name ?? 'every customer';
        if (options.end === true || choice === null) {
          const count = await endTerms(app, book.id, customer?.id ?? null, 'command line');
          context.print(
            `${book.name}: ${count === 0 ? 'no term was in force' : 'ended'} for ${whom}`,
          );
          return;
        }
        const id = await confirmTerms(
          app,
          book.id,
          {
            customerId: customer?.id ?? null,
            choice,
            country: options.country ?? null,
            confirmation: confirmationOf(choice, options),
          },
          'command line',
        );
        context.print(`${book.name}: term ${id} confirmed for ${whom}`);
      });
    },
  );
}

function confirmationOf(choice: TermsChoice, options: ChargeTermsOptions): string {
  const said = choice.statute === null ? options.confirm : options.b2b;
  return said ?? '';
}
