import type { Command } from 'commander';
import { sayRestored } from '../store/alive.ts';
import { type CliContext, withApp } from './context.ts';

export function restoredCommand(program: Command, context: CliContext) {
  program
    .command('restored')
    .description('say that a back-up was brought back: the ledgers are asked what was sent since')
    .action(async () => {
      await withApp(context, async (app) => {
        await sayRestored(app);
        context.print('For thirty days each ledger is asked for our note before an email leaves.');
      });
    });
}
