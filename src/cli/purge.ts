import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import { purgeBook } from '../connect/purge-book.ts';
import { UsageError } from '../errors.ts';
import { type BookChoice, chooseBook, type CliContext, withApp } from './context.ts';

interface PurgeOptions {
  yes?: true;
  unrevoked?: true;
}

export function purgeCommand(program: Command, context: CliContext) {
  program
    .command('purge <book>')
    .description('take the consent back and remove everything held about a book, for good')
    .option('--yes', 'without typing the book’s name')
    .option('--unrevoked', 'even if the platform cannot be asked to end the consent')
    .action(async (wanted: string, options: PurgeOptions) => {
      await withApp(context, async (app) => {
        const book = await chooseBook(app, wanted);
        if (options.yes !== true) await confirm(context, book);
        const { rows, isRevoked } = await purgeBook(app, book.id, 'command line', {
          evenUnrevoked: options.unrevoked === true,
        });
        context.print(
          `${book.name}: ${rows} rows removed; ` +
            (isRevoked
              ? 'the platform has taken the consent back'
              : 'end the consent in the platform’s own settings'),
        );
        context.note('Back-ups made before still hold it: see docs/operations.md.');
      });
    });
}

async function confirm(context: CliContext, book: BookChoice): Promise<void> {
  if (!process.stdin.isTTY) throw new UsageError('say --yes: nobody can be asked here');
  context.note(
    `Everything about ${book.name} will be removed. There is no way back but a back-up.`,
  );
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const typed = await terminal.question('Type its name to go on: ');
    if (typed.trim() !== book.name)
      throw new UsageError('that is another name; nothing was removed');
  } finally {
    terminal.close();
  }
}
