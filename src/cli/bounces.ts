import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import type { Command } from 'commander';
import { readReport } from '../bounces/read-report.ts';
import { clearBounces, recordReport } from '../bounces/record-report.ts';
import { UsageError } from '../errors.ts';
import { chooseBook, chooseBooks, type CliContext, withApp } from './context.ts';

export function bouncesCommand(program: Command, context: CliContext) {
  program
    .command('bounces [book]')
    .description('messages that came back; or take one in that was forwarded to a program')
    .option('--read <file>', 'a returned mail as a file, - for standard input')
    .option('--clear <address>', 'the address works: it is written to again')
    .action(async (wanted: string | undefined, options: { read?: string; clear?: string }) => {
      await withApp(context, async (app) => {
        if (options.read !== undefined) {
          const report = await readReport(await bytesOf(options.read));
          if (report === null) throw new UsageError('that is no delivery report about a message');
          const { bounces } = await recordReport(app, report);
          context.print(bounces === 0 ? 'nothing new in it' : `${bounces} taken down`);
          return;
        }
        if (options.clear !== undefined) {
          const book = await chooseBook(app, wanted);
          const count = await clearBounces(app, book.id, options.clear, 'command line');
          if (count === 0) throw new UsageError(`nothing came back from ${options.clear}`);
          context.print(`${options.clear} is written to again`);
          return;
        }
        for (const book of await chooseBooks(app, wanted)) {
          const rows = await app.db.prisma.bounce.findMany({
            where: { bookId: book.id, clearedAt: null },
            orderBy: { id: 'asc' },
          });
          context.print(`${book.name}: ${rows.length === 0 ? 'nothing came back' : ''}`.trim());
          for (const row of rows) {
            const on = row.reportedAt.toISOString().slice(0, 10);
            context.print(`  ${on} ${row.kind} ${row.status ?? ''} ${row.address}: ${row.words}`);
          }
        }
      });
    });
}

async function bytesOf(file: string): Promise<Buffer> {
  return file === '-' ? buffer(process.stdin) : readFile(file);
}
