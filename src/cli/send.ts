import type { Command } from 'commander';
import { sendDue } from '../act/index.ts';
import type { App } from '../app.ts';
import { endableDeps, type EndSignals } from '../jobs/ending.ts';
import { writeNotes } from '../writeback/write-notes.ts';
import {
  type BookChoice,
  chooseBooks,
  type CliContext,
  EXIT,
  type ExitCode,
  progressOf,
  withApp,
} from './context.ts';
import { workUntilStopped } from './stopping.ts';

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
        const books = await chooseBooks(app, wanted);
        const isDone = await workUntilStopped(app, context, async (signals) => {
          for (const book of books) {
            if (signals.stop.aborted) return;
            const { mail, notes } = await send(app, context, book, signals);
            if (mail.inDoubt + mail.rejected > 0) finish(EXIT.attention);
            context.print(
              options.json === true
                ? JSON.stringify({ book: book.id, name: book.name, mail, notes })
                : `${book.name}: ${mail.sent} sent, ${mail.cancelled} cancelled, ${mail.deferred} deferred, ` +
                    `${mail.rejected} rejected, ${mail.inDoubt} in doubt, ${mail.waiting} waiting; ${notes.written} notes written`,
            );
          }
        });
        if (!isDone) finish(EXIT.failed);
      });
    });
}

async function send(app: App, context: CliContext, book: BookChoice, signals: EndSignals) {
  const deps = endableDeps(app, signals.handBack);
  const mail = await sendDue(deps, book.id, {
    onProgress: progressOf(context, `${book.name}: `),
    stop: signals.stop,
  });
  return { mail, notes: await writeNotes(deps, book.id, { stop: signals.stop }) };
}
