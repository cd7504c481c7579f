import type { Command } from 'commander';
import { assessBook } from '../assess/assess-book.ts';
import { parseDay } from '../domain/day.ts';
import { UsageError } from '../errors.ts';
import { escalateBook } from '../escalate/escalate-book.ts';
import { stageDeps, todayOf } from '../pipeline.ts';
import {
  chooseBooks,
  type CliContext,
  EXIT,
  type ExitCode,
  progressOf,
  withApp,
} from './context.ts';

export function runCommand(
  program: Command,
  context: CliContext,
  finish: (code: ExitCode) => void,
) {
  program
    .command('run [book]')
    .description('assess every customer and decide for every open invoice, as of a day')
    .option('--as-of <day>', 'YYYY-MM-DD; today in the book’s time zone when left out')
    .option('--dry-run', 'decide and show, but write nothing')
    .option('--json', 'one JSON object per book')
    .action(
      async (
        wanted: string | undefined,
        options: { asOf?: string; dryRun?: true; json?: true },
      ) => {
        const asOf = options.asOf === undefined ? null : parseDay(options.asOf);
        if (options.asOf !== undefined && asOf === null) {
          throw new UsageError(`--as-of ${options.asOf}: should be a day written YYYY-MM-DD`);
        }
        const dryRun = options.dryRun === true;
        await withApp(context, async (app) => {
          for (const book of await chooseBooks(app, wanted)) {
            const asOn = asOf ?? (await todayOf(app, book.id));
            const onProgress = progressOf(context, `${book.name}: `);
            // A dry run changes nothing, so it decides on the flags that are open now.
            if (!dryRun) await assessBook(stageDeps(app), book.id, { asOn, onProgress });
            const report = await escalateBook(stageDeps(app), book.id, {
              asOn,
              dryRun,
              onProgress,
            });
            if (report.heldReason !== null) finish(EXIT.attention);
            context.print(
              options.json === true
                ? JSON.stringify({ book: book.id, name: book.name, ...report })
                : `${book.name}: ${countsInWords(report.decisions)}; ${report.actions} new actions (${report.mode}${dryRun ? ', dry run' : ''})` +
                    (report.heldReason === null ? '' : `; held: ${report.heldReason}`),
            );
          }
        });
      },
    );
}

export function countsInWords(counts: Readonly<Record<string, number>>): string {
  const parts = Object.entries(counts).map(([outcome, count]) => `${count} ${outcome}`);
  return parts.length === 0 ? 'no open invoice' : parts.join(', ');
}
