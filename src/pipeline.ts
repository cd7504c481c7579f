/**
 * The product on one screen: sync → assess → escalate → act → write back, for one book.
 * Each stage reads rows and writes rows; only `act` and `writeback` touch the world.
 */
import type { App } from './app.ts';
import { sendDue, type SendReport } from './act/index.ts';
import { type AssessReport, assessBook } from './assess/assess-book.ts';
import { predictBook, type PredictReport } from './assess/predict-book.ts';
import { openLedger } from './connect/open-ledger.ts';
import { dayIn, type Day } from './domain/day.ts';
import type { BookId } from './domain/receivables.ts';
import { escalateBook, type RunReport } from './escalate/escalate-book.ts';
import { type SyncReport, syncBook } from './sync/sync-book.ts';
import { type NoteReport, writeNotes } from './writeback/write-notes.ts';

export interface StageReports {
  sync: SyncReport;
  assess: AssessReport;
  predict: PredictReport;
  escalate: RunReport;
  act: SendReport;
  writeback: NoteReport;
}

export type StageName = keyof StageReports;

export interface PipelineOptions {
  onStageEnd?: <S extends StageName>(stage: S, report: StageReports[S], ms: number) => void;
  onProgress?: (line: string) => void;
}

/** What the stages are handed of an App: the same parts, and a way to open a book's ledger. */
export function stageDeps(app: App) {
  return {
    db: app.db,
    clock: app.clock,
    log: app.log,
    mailer: app.mailer,
    mailFrom: app.config.mailFrom,
    freshnessHours: app.config.freshnessHours,
    openLedger: (bookId: BookId, priority?: 'interactive' | 'background') =>
      openLedger(app, bookId, priority),
  };
}

/** Today where the book lives. */
export async function todayOf(app: App, bookId: BookId): Promise<Day> {
  const book = await app.db.prisma.book.findUniqueOrThrow({ where: { id: bookId } });
  return dayIn(book.timeZone, app.clock.now());
}

export async function runPipeline(
  app: App,
  bookId: BookId,
  options: PipelineOptions = {},
): Promise<StageReports> {
  const deps = stageDeps(app);
  const { onProgress } = options;
  const progress = onProgress === undefined ? {} : { onProgress };

  const timed = async <S extends StageName>(
    stage: S,
    work: () => Promise<StageReports[S]>,
  ): Promise<StageReports[S]> => {
    const startedAt = app.clock.now().getTime();
    const report = await work();
    options.onStageEnd?.(stage, report, app.clock.now().getTime() - startedAt);
    return report;
  };

  const sync = await timed('sync', () => syncBook(deps, bookId, progress));
  const asOn = await todayOf(app, bookId);
  const assess = await timed('assess', () => assessBook(deps, bookId, { asOn, ...progress }));
  const predict = await timed('predict', () => predictBook(deps, bookId, { asOn, ...progress }));
  const escalate = await timed('escalate', () => escalateBook(deps, bookId, { asOn, ...progress }));
  const act = await timed('act', () => sendDue(deps, bookId, progress));
  const writeback = await timed('writeback', () => writeNotes(deps, bookId));
  return { sync, assess, predict, escalate, act, writeback };
}
