import type { Command } from 'commander';
import { exportBook } from '../book-export.ts';
import { chooseBook, type CliContext, withApp } from './context.ts';

export function exportCommand(program: Command, context: CliContext) {
  program
    .command('export <book>')
    .description('everything held about a book, as a ZIP of JSON lines with a manifest')
    .option('--out <file>', 'where to write it; export-<book>.zip when left out')
    .action(async (wanted: string, options: { out?: string }) => {
      await withApp(context, async (app) => {
        const book = await chooseBook(app, wanted);
        const file = options.out ?? `export-${book.id}.zip`;
        const tables = await exportBook(app, book, file);
        const rows = tables.reduce((sum, table) => sum + table.rows, 0);
        context.print(`${file}: ${rows} rows of ${tables.length} tables about ${book.name}`);
        await app.db.prisma.audit.create({
          data: {
            bookId: book.id,
            at: app.clock.now(),
            actor: 'command line',
            action: 'book.exported',
            subject: `book ${book.id}`,
          },
        });
      });
    });
}
