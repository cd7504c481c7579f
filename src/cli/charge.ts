import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { parseDay } from '../domain/day.ts';
import { moneyText } from '../domain/text.ts';
import { UsageError } from '../errors.ts';
import { chargeFile } from '../late-fees/charge-file.ts';
import { type Charge, decideCharge, listCharges, proposeCharges } from '../late-fees/charges.ts';
import { todayOf } from '../pipeline.ts';
import { chooseCustomer } from './choose-customer.ts';
import { chooseBook, type CliContext, EXIT, type ExitCode, withApp } from './context.ts';

export function chargeCommand(
  program: Command,
  context: CliContext,
  finish: (code: ExitCode) => void,
) {
  const charge = program
    .command('charge')
    .description('interest and compensation as a document of its own; the ledger is left alone');

  charge
    .command('propose <book> <customer>')
    .description('puts together what a confirmed term gives, with its working')
    .option('--as-of <day>', 'YYYY-MM-DD; today in the book’s time zone when left out')
    .option('--json', 'one JSON object per charge')
    .action(async (wanted: string, whom: string, options: { asOf?: string; json?: true }) => {
      const asOf = options.asOf === undefined ? null : parseDay(options.asOf);
      if (options.asOf !== undefined && asOf === null) {
        throw new UsageError(`--as-of ${options.asOf}: should be a day written YYYY-MM-DD`);
      }
      await withApp(context, async (app) => {
        const book = await chooseBook(app, wanted);
        const customer = await chooseCustomer(app, book.id, whom);
        const asOn = asOf ?? (await todayOf(app, book.id));
        const charges = await proposeCharges(app, book.id, customer.id, asOn, 'command line');
        if (charges.length > 0) finish(EXIT.attention);
        if (options.json === true) for (const one of charges) context.print(JSON.stringify(one));
        else
          context.print(
            charges.length === 0
              ? `nothing to charge ${customer.name}`
              : charges.map(withWorking).join('\n\n'),
          );
      });
    });

  charge
    .command('list <book> [customer]')
    .description('charges, the latest first')
    .option('--json', 'one JSON object per charge')
    .action(async (wanted: string, whom: string | undefined, options: { json?: true }) => {
      await withApp(context, async (app) => {
        const book = await chooseBook(app, wanted);
        const customer = whom === undefined ? undefined : await chooseCustomer(app, book.id, whom);
        for (const one of await listCharges(app.db, book.id, customer?.id)) {
          context.print(options.json === true ? JSON.stringify(one) : headline(one));
        }
      });
    });

  charge
    .command('pdf <book> <id>')
    .description('a charge on paper, with its working')
    .option('--out <file>', 'where to write it; a name of its own in this folder when left out')
    .action(async (wanted: string, id: string, options: { out?: string }) => {
      const number = chargeNumber(id);
      await withApp(context, async (app) => {
        const book = await chooseBook(app, wanted);
        const deps = { tx: app.db.prisma, clock: app.clock, config: app.config };
        const file = await chargeFile(deps, book.id, number);
        const path = options.out ?? file.filename;
        await writeFile(path, file.content);
        context.print(path);
      });
    });

  const decide = (verb: 'confirm' | 'cancel', state: 'confirmed' | 'cancelled', words: string) =>
    charge
      .command(`${verb} <book> <id>`)
      .description(words)
      .option('--reason <words>', 'why')
      .action(async (wanted: string, id: string, options: { reason?: string }) => {
        const number = chargeNumber(id);
        await withApp(context, async (app) => {
          const book = await chooseBook(app, wanted);
          const reason = options.reason ?? null;
          const decided = await decideCharge(
            app,
            book.id,
            number,
            { state, reason },
            'command line',
          );
          context.print(headline(decided));
        });
      });
  decide('confirm', 'confirmed', 'a person stands behind it');
  decide('cancel', 'cancelled', 'it is let go; its days may be charged again');
}

function chargeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new UsageError(`${text}: should be the number of a charge`);
  return Number(text);
}

function headline(one: Charge): string {
  const reason = one.stateReason === null ? '' : ` (${one.stateReason})`;
  return `charge ${one.id} ${one.state}${reason}: ${moneyText(one.totalMinor, one.currency)} of ${one.customerId}, until ${one.asOn}`;
}

function withWorking(one: Charge): string {
  return [headline(one), ...one.working].join('\n');
}
