import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { type IssueDeps, issueLetter, readLetterPdf } from '../act/letter.ts';
import { openLedger } from '../connect/open-ledger.ts';
import { AccessError } from '../errors.ts';
import type { App } from '../app.ts';
import type { BookId } from '../domain/receivables.ts';
import { type CliContext, withApp } from './context.ts';

export function letterCommand(program: Command, context: CliContext) {
  program
    .command('letter <action>')
    .description(
      'issues the letter of a task as a PDF, after a last look into the ledger; it is kept as it is',
    )
    .option('--preview', 'as the database has it now, without issuing it')
    .option('--out <file>', 'where to write it; a name of its own in this folder when left out')
    .action(async (actionId: string, options: { preview?: true; out?: string }) => {
      await withApp(context, async (app) => {
        const bookId = await bookOf(app, actionId);
        const letter =
          options.preview === true
            ? await readLetterPdf(app, bookId, actionId)
            : await issueLetter(issueDeps(app), bookId, actionId, 'cli');
        const path = options.out ?? letter.filename;
        await writeFile(path, letter.content);
        context.print(path);
      });
    });
}

function issueDeps(app: App): IssueDeps {
  return { ...app, openLedger: (bookId) => openLedger(app, bookId, 'interactive') };
}

async function bookOf(app: App, actionId: string): Promise<BookId> {
  const isId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(actionId);
  const action = isId
    ? await app.db.prisma.action.findUnique({ where: { id: actionId }, select: { bookId: true } })
    : null;
  if (action === null) throw new AccessError('not_found', `no action ${actionId}`);
  return action.bookId as BookId;
}
