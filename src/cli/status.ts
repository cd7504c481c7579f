import type { Command } from 'commander';
import type { App } from '../app.ts';
import { consentEndsSoon, consentEndWords } from '../connect/consent-end.ts';
import { chooseBooks, type CliContext, EXIT, type ExitCode, withApp } from './context.ts';

export function statusCommand(
  program: Command,
  context: CliContext,
  finish: (code: ExitCode) => void,
) {
  program
    .command('status [book]')
    .description('connections, last sync and run, and what waits for a person')
    .option('--json', 'one JSON object per book')
    .action(async (wanted: string | undefined, options: { json?: true }) => {
      await withApp(context, async (app) => {
        for (const { id } of await chooseBooks(app, wanted)) {
          const status = await bookStatus(app, id);
          if (status.needsAttention) finish(EXIT.attention);
          context.print(options.json === true ? JSON.stringify(status) : inWords(status));
        }
      });
    });
}

type BookStatus = Awaited<ReturnType<typeof bookStatus>>;

async function bookStatus(app: App, bookId: number) {
  const { prisma } = app.db;
  const book = await prisma.book.findUniqueOrThrow({
    where: { id: bookId },
    include: { grant: { select: { refreshHardExpiresAt: true } } },
  });
  const run = await prisma.run.findFirst({ where: { bookId }, orderBy: { id: 'desc' } });
  const states = await prisma.action.groupBy({ by: ['state'], where: { bookId }, _count: true });
  const actions = Object.fromEntries(states.map((row) => [row.state, row._count]));
  const quarantined = await prisma.quarantine.count({ where: { bookId } });
  const openInvoices = await prisma.invoice.count({ where: { bookId, status: 'open' } });
  const disconnected = book.status === 'disconnected';
  const consentEndsAt = disconnected ? null : consentEndsSoon(book.grant, app.clock.now());
  return {
    book: book.id,
    name: book.name,
    platform: book.platform,
    mode: book.mode,
    connection: book.status,
    connectionReason: book.statusReason,
    consentEndsAt,
    parkedUntil: book.parkedUntil,
    lastSyncedAt: book.lastSyncedAt,
    lastSyncError: book.lastSyncError,
    lastRunOn: run === null ? null : run.asOn.toISOString().slice(0, 10),
    heldReason: run?.heldReason ?? null,
    openInvoices,
    quarantined,
    actions,
    needsAttention:
      disconnected ||
      consentEndsAt !== null ||
      quarantined > 0 ||
      book.lastSyncError !== null ||
      (actions['in_doubt'] ?? 0) > 0,
  };
}

function inWords(status: BookStatus): string {
  const actions = Object.entries(status.actions).map(([state, count]) => `${count} ${state}`);
  const lines = [
    `${status.book} ${status.name} (${status.platform}, ${status.mode})`,
    `  connection  ${status.connection}${status.connectionReason === null ? '' : `: ${status.connectionReason}`}`,
    `  last sync   ${status.lastSyncedAt?.toISOString() ?? 'never'}${status.lastSyncError === null ? '' : `; last error: ${status.lastSyncError}`}`,
    `  last run    ${status.lastRunOn ?? 'never'}${status.heldReason === null ? '' : `; held: ${status.heldReason}`}`,
    `  invoices    ${status.openInvoices} open, ${status.quarantined} records quarantined`,
    `  actions     ${actions.length === 0 ? 'none' : actions.join(', ')}`,
  ];
  if (status.consentEndsAt !== null)
    lines.push(`  consent     ${consentEndWords(status.consentEndsAt)}`);
  if (status.parkedUntil !== null)
    lines.push(`  parked      until ${status.parkedUntil.toISOString()}`);
  return lines.join('\n');
}
