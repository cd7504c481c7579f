import type { Command } from 'commander';
import { parseDay } from '../domain/day.ts';
import { UsageError } from '../errors.ts';
import { explainInvoice, formatExplanation } from '../escalate/explain.ts';
import { chooseBooks, type CliContext, withApp } from './context.ts';

export function explainCommand(program: Command, context: CliContext) {
  program
    .command('explain <invoice>')
    .description('why this invoice is chased or not: the decision, its facts, the policy version')
    .option('--book <book>', 'number or name; needed when several books have that invoice number')
    .option('--on <day>', 'the decision in force on that day, YYYY-MM-DD')
    .option('--json', 'as one JSON object')
    .action(async (invoice: string, options: { book?: string; on?: string; json?: true }) => {
      const on = options.on === undefined ? undefined : parseDay(options.on);
      if (on === null)
        throw new UsageError(`--on ${options.on ?? ''}: should be a day written YYYY-MM-DD`);
      await withApp(context, async (app) => {
        const book = await bookOf(app, options.book, invoice);
        const explanation = await explainInvoice(app.db, book, invoice, on);
        context.print(
          options.json === true
            ? JSON.stringify(explanation, null, 2)
            : formatExplanation(explanation),
        );
      });
    });
}

async function bookOf(
  app: Parameters<typeof chooseBooks>[0],
  wanted: string | undefined,
  invoice: string,
) {
  const books = await chooseBooks(app, wanted);
  const holding = await app.db.prisma.invoice.findMany({
    where: {
      bookId: { in: books.map((book) => book.id) },
      OR: [{ id: invoice }, { number: invoice }],
    },
    distinct: ['bookId'],
    select: { bookId: true },
  });
  const found = books.filter((book) => holding.some((row) => row.bookId === book.id));
  const [first] = found;
  if (first === undefined) throw new UsageError(`no invoice has the number or id "${invoice}"`);
  if (found.length > 1) {
    throw new UsageError(
      `"${invoice}" is in several books: add --book with one of ${found.map((book) => `${book.id} (${book.name})`).join(', ')}`,
    );
  }
  return first.id;
}
