import type { Command } from 'commander';
import { setFlagNotes } from '../assess/flag-notes.ts';
import { UsageError } from '../errors.ts';
import { chooseBook, type CliContext, withApp } from './context.ts';

export function flagNotesCommand(program: Command, context: CliContext) {
  program
    .command('flag-notes <book> <on|off>')
    .description('whether a flag that opens or closes is noted on the customer in the ledger')
    .action(async (wanted: string, text: string) => {
      if (text !== 'on' && text !== 'off') {
        throw new UsageError(`"${text}": should be on or off`);
      }
      await withApp(context, async (app) => {
        const book = await chooseBook(app, wanted);
        await setFlagNotes(app, book.id, text === 'on', 'command line');
        context.print(`${book.name}: flags are ${text === 'on' ? '' : 'not '}noted in the ledger`);
      });
    });
}
