import type { Command } from 'commander';
import { approveActions } from '../act/index.ts';
import { UsageError } from '../errors.ts';
import { chooseBook, type CliContext, withApp } from './context.ts';

export function approveCommand(program: Command, context: CliContext) {
  program
    .command('approve <book> [actions...]')
    .description('release proposed actions, by id or all of them')
    .option('--all', 'everything that is proposed in this book')
    .action(async (wanted: string, actionIds: string[], options: { all?: true }) => {
      if (options.all === true ? actionIds.length > 0 : actionIds.length === 0) {
        throw new UsageError('name the actions to approve, or say --all');
      }
      await withApp(context, async (app) => {
        const book = await chooseBook(app, wanted);
        const count = await approveActions(
          app,
          book.id,
          options.all === true ? 'all' : actionIds,
          'command line',
        );
        context.print(
          `${book.name}: ${count} approved; \`duebook send\` or the background sends them`,
        );
      });
    });
}
