import { readFile, writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { openLedger } from '../connect/open-ledger.ts';
import { UsageError } from '../errors.ts';
import { verifyArchive } from '../evidence/archive.ts';
import { makeEvidence } from '../evidence/make-evidence.ts';
import { chooseCustomer } from './choose-customer.ts';
import { chooseBook, type CliContext, EXIT, type ExitCode, withApp } from './context.ts';

interface EvidenceOptions {
  out?: string;
  verify?: string;
  ledger: boolean;
}

export function evidenceCommand(
  program: Command,
  context: CliContext,
  finish: (code: ExitCode) => void,
) {
  program
    .command('evidence [book] [customer]')
    .description('everything that shows what a customer owes and was told, as a ZIP; or check one')
    .option('--out <file>', 'where to write it; evidence-<customer>.zip when left out')
    .option('--no-ledger', 'without asking the ledger for the PDF of each invoice')
    .option('--verify <file>', 'check a pack: which file or line was altered')
    .action(
      async (
        wanted: string | undefined,
        customer: string | undefined,
        options: EvidenceOptions,
      ) => {
        if (options.verify !== undefined) {
          await verify(context, options.verify, finish);
          return;
        }
        if (wanted === undefined || customer === undefined) {
          throw new UsageError('name the book and the customer, or a pack with --verify FILE');
        }
        await withApp(context, async (app) => {
          const book = await chooseBook(app, wanted);
          const found = await chooseCustomer(app, book.id, customer);
          const ledger = options.ledger ? await openLedger(app, book.id, 'interactive') : null;
          const pack = await makeEvidence({ ...app, ledger }, book.id, found.id, 'command line');
          const file = options.out ?? `evidence-${found.id.replace(/[^A-Za-z0-9_-]+/g, '-')}.zip`;
          await writeFile(file, pack.zip);
          context.print(
            `${file}: ${pack.files} files, ${pack.logLines} log lines about ${found.name}; manifest ${pack.manifestSha256}`,
          );
          for (const { file: name, because } of pack.missing)
            context.note(`without ${name}: ${because}`);
        });
      },
    );
}

async function verify(
  context: CliContext,
  file: string,
  finish: (code: ExitCode) => void,
): Promise<void> {
  const { problems, manifest, manifestSha256 } = verifyArchive(await readFile(file));
  for (const problem of problems) context.print(problem);
  if (problems.length > 0) finish(EXIT.failed);
  else {
    context.print(
      `${file}: whole, ${manifest?.files.length ?? 0} files, ${manifest?.log.lines ?? 0} log lines; manifest ${manifestSha256 ?? ''}`,
    );
  }
}
