/** `duebook release`, `approve-hold` and `answer`: what becomes of a hold. */
import { userInfo } from 'node:os';
import type { Command } from 'commander';
import type { App } from '../app.ts';
import { minorToDecimal, parseMinor, type Minor } from '../domain/money.ts';
import { DISPUTE_OUTCOMES } from '../domain/holds.ts';
import type { BookId } from '../domain/receivables.ts';
import { UsageError } from '../errors.ts';
import { approveHold, endHold, resolveDispute } from '../escalate/holds.ts';
import { findHold } from '../store/holds.ts';
import { type CliContext, withApp } from './context.ts';

export function releaseCommands(program: Command, context: CliContext) {
  program
    .command('release <hold>')
    .description('end a hold: chasing goes on')
    .option('--because <reason>', 'why')
    .option('--json', 'as one JSON object')
    .action((text: string, options: { because?: string; json?: true }) =>
      change(context, text, options.json, 'released', (app, bookId, id) =>
        endHold(app, bookId, id, userInfo().username, options.because),
      ),
    );
  program
    .command('approve-hold <hold>')
    .description('agree, as the second person, to a settlement or a later due date')
    .requiredOption('--by <name>', 'who agrees')
    .option('--json', 'as one JSON object')
    .action((text: string, options: { by: string; json?: true }) =>
      change(context, text, options.json, 'approved', (app, bookId, id) =>
        approveHold(app, bookId, id, options.by),
      ),
    );
  program
    .command('answer <hold> <outcome>')
    .description(`what came of a dispute: ${DISPUTE_OUTCOMES.join(', ')}`)
    .option('--credit <amount>', 'the credit that was agreed; left out: all that was contested')
    .option('--json', 'as one JSON object')
    .action((text: string, word: string, options: { credit?: string; json?: true }) =>
      change(context, text, options.json, 'answered', async (app, bookId, id) => {
        const outcome = DISPUTE_OUTCOMES.find((known) => known === word);
        if (outcome === undefined) {
          throw new UsageError(`${word}: should be one of ${DISPUTE_OUTCOMES.join(', ')}`);
        }
        const creditMinor = await creditOf(app, bookId, id, options.credit);
        await resolveDispute(app, bookId, id, { outcome, creditMinor }, userInfo().username);
      }),
    );
}

async function change(
  context: CliContext,
  text: string,
  asJson: true | undefined,
  word: string,
  work: (app: App, bookId: BookId, holdId: number) => Promise<void>,
): Promise<void> {
  if (!/^[1-9]\d{0,8}$/.test(text)) {
    throw new UsageError(`${text}: should be the number of a hold; \`duebook holds\` lists them`);
  }
  const holdId = Number(text);
  await withApp(context, async (app) => {
    const row = await app.db.prisma.hold.findUnique({ where: { id: holdId } });
    if (row === null) throw new UsageError(`there is no hold ${holdId}`);
    await work(app, row.bookId as BookId, holdId);
    context.print(
      asJson === true ? JSON.stringify({ hold: holdId, did: word }) : `Hold ${holdId} ${word}`,
    );
  });
}

async function creditOf(
  app: App,
  bookId: BookId,
  holdId: number,
  text: string | undefined,
): Promise<Minor | null> {
  if (text === undefined) return null;
  const hold = await findHold(app.db.prisma, bookId, holdId);
  const currency = hold?.invoices[0]?.currency;
  if (currency === undefined) {
    throw new UsageError('a credit of an amount belongs to a dispute of one invoice');
  }
  const amount = parseMinor(text, currency);
  if (amount !== null && amount > 0) return amount;
  throw new UsageError(
    `--credit ${text}: should be an amount like ${minorToDecimal(15_000, currency)}`,
  );
}
