import type { Command } from 'commander';
import { sendDue } from '../act/index.ts';
import { stageDeps } from '../pipeline.ts';
import { writeNotes } from '../writeback/write-notes.ts';
import {
  chooseBooks,
  type CliContext,
  EXIT,
  type ExitCode,
  progressOf,
  withApp,
} from './context.ts';

export function sendCommand(
  program: Command,
  context: CliContext,
  finish: (code: ExitCode) => void,
) {
  program
    .command('send [book]')
    .description('send what is approved and due, then write the notes')
    .option('--json', 'one JSON object per book')
    .action(async (wanted: string | undefined, options: { json?: true }) => {
      await withApp(context, async (app) => {
        for (const book of await chooseBooks(app, wanted)) {
          const deps = stageDeps(app);
          const mail = await sendDue(deps, book.id, {
            onProgress: progressOf(context, `${book.name}: `),
          });
          const notes = await writeNotes(deps, book.id);
          if (mail.inDoubt + mail.rejected > 0) finish(EXIT.attention);
          context.print(
            options.json === true
              ? JSON.stringify({ book: book.id, name: book.name, mail, notes })
              : `${book.name}: ${mail.sent} sent, ${mail.cancelled} cancelled, ${mail.deferred} deferred, ` +
                  `${mail.rejected} rejected, ${mail.inDoubt} in doubt, ${mail.waiting} waiting; ${notes.written} notes written`,
          );
        }
      });
    });
}
