import { writeFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { makeStatement, type StatementRequest } from '../act/statement.ts';
import { UsageError } from '../errors.ts';
import { chooseCustomer } from './choose-customer.ts';
import { chooseBook, type CliContext, dayOption, withApp } from './context.ts';

interface StatementOptions {
  kind: StatementRequest['kind'];
  format: StatementRequest['format'];
  from?: string;
  to?: string;
  asOf?: string;
  currency?: string;
  out?: string;
}

export function statementCommand(program: Command, context: CliContext) {
  program
    .command('statement <book> <customer>')
    .description('a customer’s statement of account, one part per currency, as PDF or CSV')
    .addOption(
      new Option('--kind <kind>', 'what is open, or what happened between two days')
        .choices(['open-item', 'activity'])
        .default('open-item'),
    )
    .option('--from <day>', 'activity: the first day, YYYY-MM-DD; 90 days before the last')
    .option('--to <day>', 'activity: the last day; today when left out')
    .option('--as-of <day>', 'open items: as they stood on that day; today when left out')
    .option('--currency <code>', 'only this currency')
    .addOption(
      new Option('--format <format>', 'the kind of file').choices(['pdf', 'csv']).default('pdf'),
    )
    .option('--out <file>', 'where to write it; a name of its own in this folder when left out')
    .action(async (wanted: string, customer: string, options: StatementOptions) => {
      const request = requestOf(options);
      await withApp(context, async (app) => {
        const book = await chooseBook(app, wanted);
        const { id: customerId } = await chooseCustomer(app, book.id, customer);
        const deps = { tx: app.db.prisma, clock: app.clock, config: app.config };
        const file = await makeStatement(deps, book.id, customerId, request);
        const path = options.out ?? file.filename;
        await writeFile(path, file.content);
        if (file.debtor.id !== customerId) {
          context.note(`billed with ${file.debtor.name}: the statement is theirs`);
        }
        context.print(path);
      });
    });
}

function requestOf(options: StatementOptions): StatementRequest {
  const { kind, format, currency } = options;
  if (kind === 'open-item' && (options.from ?? options.to) !== undefined) {
    throw new UsageError('--from and --to belong to --kind activity; open items take --as-of');
  }
  if (kind === 'activity' && options.asOf !== undefined) {
    throw new UsageError('--as-of belongs to --kind open-item; activity takes --from and --to');
  }
  const from = dayOption('--from', options.from);
  const to = dayOption('--to', options.to) ?? dayOption('--as-of', options.asOf);
  return {
    kind,
    format,
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(currency === undefined ? {} : { currency: currency.toUpperCase() }),
  };
}
