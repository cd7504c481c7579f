import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { issueLetter, readLetterPdf } from '../act/letter.ts';
import { AccessError } from '../errors.ts';
import type { App } from '../app.ts';
import type { BookId } from '../domain/receivables.ts';
import { type CliContext, withApp } from './context.ts';

export function letterCommand(program: Command, context: CliContext) {
  program
    .command('letter <action>')
    .description('issues the letter of a task as a PDF; what is issued is kept and does not change')
    .option('--preview', 'as it would be now, without issuing it')
    .option('--out <file>', 'where to write it; a name of its own in this folder when left out')
    .action(async (actionId: string, options: { preview?: true; out?: string }) => {
      await withApp(context, async (app) => {
        const bookId = await bookOf(app, actionId);
        const letter =
          options.preview === true
            ? await readLetterPdf(app, bookId, actionId)
            : await issueLetter(app, bookId, actionId, 'cli');
        const path = options.out ?? letter.filename;
        await writeFile(path, letter.content);
        context.print(path);
      });
    });
}

async function bookOf(app: App, actionId: string): Promise<BookId> {
  const isId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(actionId);
  const action = isId
    ? await app.db.prisma.action.findUnique({ where: { id: actionId }, select: { bookId: true } })
    : null;
  if (action === null) throw new AccessError('not_found', `no action ${actionId}`);
  return action.bookId as BookId;
}
