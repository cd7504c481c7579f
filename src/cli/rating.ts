import type { Command } from 'commander';
import { setRating } from '../assess/credit-terms.ts';
import { dayIn } from '../domain/day.ts';
import { dayText } from '../domain/text.ts';
import { chooseCustomer } from './choose-customer.ts';
import { chooseBook, type CliContext, dayOption, withApp } from './context.ts';

export function ratingCommand(program: Command, context: CliContext) {
  program
    .command('rating <book> <customer> <grade>')
    .description('notes what a bureau, an insurer or a bank thinks of a customer')
    .requiredOption('--source <name>', 'whose rating it is')
    .option('--on <day>', 'the day of the rating, YYYY-MM-DD; left out: today')
    .action(
      async (
        wanted: string,
        whom: string,
        grade: string,
        options: { source: string; on?: string },
      ) => {
        const on = dayOption('--on', options.on);
        await withApp(context, async (app) => {
          const { id } = await chooseBook(app, wanted);
          const { timeZone } = await app.db.prisma.book.findUniqueOrThrow({ where: { id } });
          const customer = await chooseCustomer(app, id, whom);
          const today = dayIn(timeZone, context.clock.now());
          const ratedOn = on ?? today;
          const request = { customerId: customer.id, grade, source: options.source, ratedOn };
          await setRating(app, id, request, today, 'command line');
          context.print(`${customer.name}: ${grade} by ${options.source} on ${dayText(ratedOn)}`);
        });
      },
    );
}
