import type { Command } from 'commander';
import { UsageError } from '../errors.ts';
import { runDemo } from '../demo/run-demo.ts';
import { type CliContext, EXIT, type ExitCode } from './context.ts';

const SIZE_MIN = 50;
const SIZE_MAX = 200_000;

export function demoCommand(
  program: Command,
  context: CliContext,
  finish: (code: ExitCode) => void,
) {
  program
    .command('demo')
    .description(
      'both platforms in a sandbox on this machine: connect, sync, decide, send, write back, look',
    )
    .option('--once', 'end after the run instead of serving the web app')
    .option('--json', 'with --once: the figures as one JSON object on the last line')
    .option('--invoices <number>', `invoices per book, ${SIZE_MIN} to ${SIZE_MAX}`, '400')
    .option('--fresh', 'forget what earlier demos did')
    .action(async (options: { once?: true; json?: true; invoices: string; fresh?: true }) => {
      const size = Number(options.invoices);
      if (!Number.isInteger(size) || size < SIZE_MIN || size > SIZE_MAX) {
        throw new UsageError(
          `--invoices ${options.invoices}: should be a whole number from ${SIZE_MIN} to ${SIZE_MAX}`,
        );
      }
      const agreed = await runDemo(context, {
        once: options.once === true,
        json: options.json === true,
        fresh: options.fresh === true,
        size,
      });
      if (!agreed) finish(EXIT.failed);
    });
}
