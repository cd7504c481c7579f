import type { Command } from 'commander';
import { handOver, takeBack } from '../act/index.ts';
import { moneyText, plural } from '../domain/text.ts';
import { chooseCustomer } from './choose-customer.ts';
import { chooseBook, type CliContext, withApp } from './context.ts';

export function handOverCommand(program: Command, context: CliContext) {
  program
    .command('hand-over <book> <customer>')
    .description('what is overdue goes to an agency or a lawyer, and is no longer chased here')
    .requiredOption('--agency <name>', 'to whom')
    .option('--currency <code>', 'needed when something is overdue in several')
    .option('--reference <text>', 'their file number')
    .requiredOption('--as <name>', 'who hands it over')
    .action(
      async (
        wanted: string,
        who: string,
        options: { agency: string; currency?: string; reference?: string; as: string },
      ) => {
        await withApp(context, async (app) => {
          const book = await chooseBook(app, wanted);
          const customer = await chooseCustomer(app, book.id, who);
          const { amountMinor, currency, invoices } = await handOver(app, book.id, {
            customerId: customer.id,
            currency: options.currency ?? null,
            agency: options.agency,
            reference: options.reference ?? null,
            by: options.as,
          });
          context.print(
            `${customer.name}: ${plural(invoices, 'invoice')}, ${moneyText(amountMinor, currency)}, handed over to ${options.agency}`,
          );
        });
      },
    );
  program
    .command('take-back <book> <customer>')
    .description('what was handed over is chased here again')
    .requiredOption('--reason <text>', 'why')
    .requiredOption('--as <name>', 'who takes it back')
    .action(async (wanted: string, who: string, options: { reason: string; as: string }) => {
      await withApp(context, async (app) => {
        const book = await chooseBook(app, wanted);
        const customer = await chooseCustomer(app, book.id, who);
        await takeBack(app, book.id, customer.id, { reason: options.reason, by: options.as });
        context.print(`${customer.name}: taken back; chasing goes on with the next run`);
      });
    });
}
