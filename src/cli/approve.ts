import type { Command } from 'commander';
import { approveActions } from '../act/index.ts';
import { UsageError } from '../errors.ts';
import { readLetterNeeds } from '../store/addresses.ts';
import { chooseBook, type CliContext, withApp } from './context.ts';

export function approveCommand(program: Command, context: CliContext) {
  program
    .command('approve <book> [actions...]')
    .description('release proposed actions, by id or all of them')
    .option('--all', 'everything that is proposed in this book')
    .option('--as <name>', 'who says so; a step under four eyes needs two different people')
    .action(async (wanted: string, actionIds: string[], options: { all?: true; as?: string }) => {
      if (options.all === true ? actionIds.length > 0 : actionIds.length === 0) {
        throw new UsageError('name the actions to approve, or say --all');
      }
      await withApp(context, async (app) => {
        const book = await chooseBook(app, wanted);
        const chosen = options.all === true ? 'all' : actionIds;
        const lacking = await readLetterNeeds(app.db.prisma, book.id, chosen, ['proposed']);
        for (const need of new Set([...lacking.values()].flat())) context.note(need);
        const { released, waiting, unnamed } = await approveActions(
          app,
          book.id,
          chosen,
          options.as ?? 'command line',
          { isUnnamed: options.as === undefined },
        );
        const another = waiting === 0 ? '' : `; ${waiting} wait for another person’s approval`;
        if (unnamed > 0) {
          context.note(
            `${unnamed} under four eyes were left alone: say who approves with --as NAME`,
          );
        }
        context.print(
          `${book.name}: ${released} approved${another}; \`duebook send\` or the background sends them`,
        );
      });
    });
}
