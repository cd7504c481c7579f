import type { Command } from 'commander';
import { stageDeps } from '../pipeline.ts';
import { syncBook } from '../sync/sync-book.ts';
import {
  chooseBooks,
  type CliContext,
  EXIT,
  type ExitCode,
  progressOf,
  withApp,
} from './context.ts';

export function syncCommand(
  program: Command,
  context: CliContext,
  finish: (code: ExitCode) => void,
) {
  program
    .command('sync [book]')
    .description('pull what changed in the ledger (all books when none is named)')
    .option('--sweep', 'also re-read what the platforms do not report as changed')
    .option('--json', 'one JSON object per book')
    .action(async (wanted: string | undefined, options: { sweep?: true; json?: true }) => {
      await withApp(context, async (app) => {
        for (const book of await chooseBooks(app, wanted)) {
          const report = await syncBook(stageDeps(app), book.id, {
            sweep: options.sweep === true ? 'always' : 'auto',
            onProgress: progressOf(context, `${book.name}: `),
          });
          if (report.quarantined > 0 || report.variances > 0) finish(EXIT.attention);
          context.print(
            options.json === true
              ? JSON.stringify({ book: book.id, name: book.name, ...report })
              : `${book.name}: ${report.changed} records changed in ${report.calls} calls, ` +
                  `${report.quarantined} quarantined, ${report.variances} customers off balance, ${report.seconds.toFixed(1)} s`,
          );
        }
      });
    });
}
