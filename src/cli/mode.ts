import type { Command } from 'commander';
import { UsageError } from '../errors.ts';
import { chooseBook, type CliContext, withApp } from './context.ts';
import { setBookMode } from '../escalate/book-mode.ts';

const MODES = ['shadow', 'approve', 'automatic'] as const;

export function modeCommand(program: Command, context: CliContext) {
  program
    .command('mode <book> <mode>')
    .description(
      'shadow: nothing leaves · approve: a person releases each action · automatic: the policy runs',
    )
    .action(async (wanted: string, text: string) => {
      const mode = MODES.find((candidate) => candidate === text);
      if (mode === undefined) throw new UsageError(`"${text}" is no mode: say ${MODES.join(', ')}`);
      await withApp(context, async (app) => {
        const book = await chooseBook(app, wanted);
        await setBookMode(app, book.id, mode, 'command line');
        context.print(`${book.name}: ${mode}`);
      });
    });
}
