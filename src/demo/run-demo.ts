/**
 * The whole product on one machine: both vendors' APIs and a mail server stand in on loopback,
 * everything else is what runs in production, OAuth included.
 */
import path from 'node:path';
import { startSandbox, type Sandbox } from '../../connectors/sandbox/index.ts';
import { approveActions, sendDue } from '../act/index.ts';
import type { App } from '../app.ts';
import { type CliContext, progressOf } from '../cli/context.ts';
import { listen } from '../cli/start.ts';
import { untilStopped } from '../cli/stopping.ts';
import { type Clock } from '../clock.ts';
import { beginConnect } from '../connect/begin.ts';
import { completeConnect } from '../connect/complete.ts';
import { dayIn, formatDay } from '../domain/day.ts';
import type { BookId, Platform } from '../domain/receivables.ts';
import { setBookMode } from '../escalate/book-mode.ts';
import { isPublicHoliday } from '../holidays.ts';
import { startWorker } from '../jobs/worker.ts';
import { runPipeline, stageDeps, type StageName, type StageReports } from '../pipeline.ts';
import { createLoginLink } from '../web/index.ts';
import { writeNotes } from '../writeback/write-notes.ts';
import { clockFrom, latestWorkingMoment } from './demo-clock.ts';
import { openDemoFolder } from './demo-state.ts';
import { type DemoFigures, readFigures, sentEqualsCaughtEqualsNoted } from './figures.ts';
import { type MailCatcher, startMailCatcher } from './mail-catcher.ts';

export interface DemoOptions {
  once: boolean;
  json: boolean;
  fresh: boolean;
  size: number;
}

const PLATFORMS: readonly Platform[] = ['xero', 'quickbooks'];
const DEMO_FOLDER = 'demo';

/** Runs the demo; false when the mail server, the outbox and the ledgers disagree. */
export async function runDemo(context: CliContext, options: DemoOptions): Promise<boolean> {
  const startedAt = context.clock.now();
  const base = context.readConfig();
  const clock = clockFrom(context.clock, latestWorkingMoment(startedAt, isPublicHoliday));
  const folder = path.join(base.dataDir, DEMO_FOLDER);
  const today = dayIn('UTC', clock.now());
  const { state, isNew } = await openDemoFolder(folder, today, options.size, options);
  const say = (stage: string, text: string): void =>
    (options.json ? context.note : context.print)(`${stage.padEnd(11)} ${text}`);

  say(
    'demo',
    `invented data in ${folder}; its calendar stands at ${describe(clock)}${isNew ? '' : ', second visit'}`,
  );
  const sandbox = await startSandbox({
    clock,
    bornOn: state.bornOn,
    invoices: options.size,
    stateFile: path.join(folder, 'sandbox.json'),
    // The demo shows the product's speed, not the vendor's patience.
    enforceLimits: false,
  });
  const catcher = await startMailCatcher({ folder: path.join(folder, 'mail'), clock });
  try {
    const env = demoEnvironment(sandbox, catcher, folder, base.web.port, base.logLevel);
    const app = await context.compose(context.readConfig(env), { clock, keepPace: false });
    try {
      const before = await readFigures(app, sandbox, catcher);
      await connectAll(app, sandbox, say);
      for (const book of await app.db.prisma.book.findMany({ orderBy: { id: 'asc' } })) {
        await runBook(app, book.id as BookId, book.name, say, context);
      }
      const after = await readFigures(app, sandbox, catcher);
      const agreed = report(
        before,
        after,
        (clock.now().getTime() - startOf(clock, startedAt, context)) / 1000,
      );
      if (!options.once) await serve(app, catcher, context);
      return agreed;
    } finally {
      await app.close();
    }
  } finally {
    await catcher.close();
    await sandbox.close();
  }

  function report(before: DemoFigures, after: DemoFigures, seconds: number): boolean {
    const agreed = sentEqualsCaughtEqualsNoted(after);
    const sentNow = after.emailsHeld - before.emailsHeld;
    const notedNow = after.notesHeld - before.notesHeld;
    say(
      'proof',
      `${after.actionsSent} actions marked sent = ${after.emailsHeld} emails the mail server accepted = ${after.notesHeld} notes the ledgers hold` +
        (agreed ? '' : '  ← THEY DISAGREE'),
    );
    say(
      'done',
      `${sentNow} new emails, ${notedNow} new notes, ${after.apiCalls} API calls, ${seconds.toFixed(1)} s`,
    );
    if (options.json) {
      context.print(
        JSON.stringify({
          ...after,
          emailsAccepted: sentNow,
          notesWritten: notedNow,
          seconds: Number(seconds.toFixed(2)),
        }),
      );
    }
    return agreed;
  }
}

function startOf(clock: Clock, startedAt: Date, context: CliContext): number {
  return clock.now().getTime() - (context.clock.now().getTime() - startedAt.getTime());
}

function describe(clock: Clock): string {
  const now = clock.now();
  return `${formatDay(dayIn('America/New_York', now))} in New York, ${formatDay(dayIn('Pacific/Auckland', now))} in Auckland`;
}

function demoEnvironment(
  sandbox: Sandbox,
  catcher: MailCatcher,
  folder: string,
  port: number,
  logLevel: string,
): Record<string, string> {
  return {
    ...sandbox.settings,
    DATA_DIR: folder,
    PORT: String(port),
    LOG_LEVEL: logLevel === 'info' ? 'warn' : logLevel,
    SMTP_HOST: catcher.host,
    SMTP_PORT: String(catcher.port),
    MAIL_FROM: 'accounts@duebook-demo.example',
  };
}

/** Walks the real OAuth flow for both platforms; the sandbox plays the person who presses Allow. */
async function connectAll(
  app: App,
  sandbox: Sandbox,
  say: (stage: string, text: string) => void,
): Promise<void> {
  for (const platform of PLATFORMS) {
    const startedAt = app.clock.now().getTime();
    const browser = `demo-${platform}`;
    const { url } = await beginConnect(app, { platform, browser });
    const callback = new URL(await sandbox.consent(url));
    const { books } = await completeConnect(app, {
      platform,
      query: Object.fromEntries(callback.searchParams),
      browser,
    });
    for (const book of books) await setBookMode(app, book.id, 'automatic', 'demo');
    const ms = app.clock.now().getTime() - startedAt;
    say('connect', `${platform}: ${books.map((book) => book.name).join(', ')}  ${seconds(ms)}`);
  }
}

async function runBook(
  app: App,
  bookId: BookId,
  name: string,
  say: (stage: string, text: string) => void,
  context: CliContext,
): Promise<void> {
  say('book', name);
  const { escalate } = await runPipeline(app, bookId, {
    onStageEnd: (stage, stageReport, ms) =>
      say(stage, `${stageLine(stage, stageReport)}  ${seconds(ms)}`),
    onProgress: progressOf(context, '            '),
  });
  if (escalate.stopped !== null) await releaseStopped(app, bookId, say);
}

/** Plays the person who reads what the first run would send, and lets it go. */
async function releaseStopped(
  app: App,
  bookId: BookId,
  say: (stage: string, text: string) => void,
): Promise<void> {
  const stopped = await app.db.prisma.action.findMany({
    where: { bookId, state: 'proposed', stoppedBy: { not: null } },
    select: { id: true },
  });
  const ids = stopped.map(({ id }) => id);
  const { released } = await approveActions(app, bookId, ids, 'demo', { isUnnamed: true });
  say('review', `${released} messages of the first run released by a person`);
  say('act', stageLine('act', await sendDue(stageDeps(app), bookId)));
  say('writeback', stageLine('writeback', await writeNotes(stageDeps(app), bookId)));
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

const STAGE_LINES: { [S in StageName]: (report: StageReports[S]) => string } = {
  sync: (r) =>
    `${r.customers} customers, ${r.invoices} invoices, ${r.payments} payments, ${r.credits} credits in ${r.calls} calls; ${r.quarantined} quarantined, ${r.variances} off balance`,
  assess: (r) => `${r.customers} customers; ${r.flagsOpen} flags open`,
  predict: (r) =>
    r.isRefit
      ? `${r.predicted} open invoices, from habits learnt today`
      : `${r.predicted} open invoices`,
  escalate: (r) =>
    `${Object.entries(r.decisions)
      .map(([outcome, count]) => `${count} ${outcome}`)
      .join(
        ', ',
      )}; ${r.actions} new actions${r.heldReason === null ? '' : `; held: ${r.heldReason}`}${r.stopped === null ? '' : `; stopped: ${r.stopped.reason}`}`,
  act: (r) =>
    `${r.sent} sent, ${r.cancelled} cancelled, ${r.rejected} rejected, ${r.deferred} deferred, ${r.inDoubt} in doubt`,
  writeback: (r) => `${r.written} notes written`,
};

function stageLine<S extends StageName>(stage: S, stageReport: StageReports[S]): string {
  return STAGE_LINES[stage](stageReport);
}

async function serve(app: App, catcher: MailCatcher, context: CliContext): Promise<void> {
  const worker = await startWorker(app);
  const web = await listen(app, worker, { caughtMail: () => catcher.messages() });
  context.print('');
  context.print(`Duebook is at ${web.url}`);
  context.print(`Sign in once with ${await createLoginLink(app)}`);
  context.note('Stop with Ctrl-C.');
  await untilStopped();
  await web.close();
  await worker.stop();
}
