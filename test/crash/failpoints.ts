/**
 * Where a process may end: an await of the product (found by its text, planted when the worker is
 * bundled, so that the product itself carries nothing of it) or a moment in the mail server's session.
 * An await that is no longer there stops the bundling by name: this list follows the product.
 */
import type { Moment } from '../../src/demo/mail-catcher.ts';

export type Stage = 'sync' | 'escalate' | 'act' | 'write back';

interface Named {
  stage: Stage;
  /** What has happened when the process ends here. */
  name: string;
  /** The message may be with the server though nobody wrote it down: the only place where doubt may remain. */
  inHandover?: true;
  /** Passed only when the access tokens have expired. */
  needsRefresh?: true;
  /** Ends its stage for the day: tried after the others. */
  last?: true;
}

export interface AwaitPoint extends Named {
  file: string;
  /** The function around the await. */
  in: string;
  /** How the awaited expression begins. */
  awaits: string;
  when: 'before' | 'after';
}

/** The server acts: it goes silent while the process is killed, drops the connection, or hangs. */
export interface ServerPoint extends Named {
  moment: Moment['at'];
}

export type Failpoint = AwaitPoint | ServerPoint;

const SYNC = 'src/sync/sync-book.ts';
const PAGES = 'src/store/ledger-pages.ts';
const TOKENS = 'src/connect/tokens.ts';
const ASSESS = 'src/assess/assess-book.ts';
const ESCALATE = 'src/escalate/escalate-book.ts';
const SEND_DUE = 'src/act/send-due.ts';
const SEND_ONE = 'src/act/send-one.ts';
const SETTLE = 'src/act/settle.ts';
const MAILER = 'src/act/mailer.ts';
const NOTES = 'src/writeback/write-notes.ts';

const sync = at('sync');
const escalate = at('escalate');
const act = at('act');
const note = at('write back');

// prettier-ignore
export const FAILPOINTS: readonly Failpoint[] = [
  sync('page read, not stored', SYNC, 'pullPages', 'before', 'savePage('),
  sync('cursor moved, rows not written, uncommitted', PAGES, 'savePage', 'after', 'moveCursor('),
  sync('page written, uncommitted', PAGES, 'savePage', 'after', 'endFullWalks('),
  sync('page stored', SYNC, 'pullPages', 'after', 'savePage('),
  sync('every page stored, not settled', SYNC, 'walk', 'before', 'settle('),
  sync('settled, uncommitted', SYNC, 'settle', 'after', 'tx.book.update('),
  sync('settled', SYNC, 'walk', 'after', 'settle('),
  refreshing(sync('refresh lease taken, vendor not asked', TOKENS, 'refreshOrWait', 'after', 'claim(')),
  refreshing(sync('vendor rotated the tokens, not stored', TOKENS, 'refresh', 'after', 'askTwice(')),
  refreshing(sync('new tokens stored', TOKENS, 'refresh', 'after', 'deps.db.prisma.grant.updateMany(')),

  escalate('assessed, uncommitted', ASSESS, 'assessChunk', 'after', 'writeAssessments('),
  escalate('assessed, run not begun', ESCALATE, 'escalateBook', 'before', 'deps.db.tx((tx) => beginRun('),
  escalate('run begun', ESCALATE, 'escalateBook', 'after', 'deps.db.tx((tx) => beginRun('),
  escalate('decisions written, uncommitted', ESCALATE, 'writeChunk', 'after', 'writeDecisions('),
  escalate('actions in the outbox, uncommitted', ESCALATE, 'writeChunk', 'after', 'writeActions('),
  escalate('actions in the outbox', ESCALATE, 'walk', 'after', 'deps.db.tx((tx) => decideChunk('),
  escalate('everybody decided, run not ended', ESCALATE, 'escalateBook', 'before', 'endRun('),
  last(escalate('run ended', ESCALATE, 'escalateBook', 'after', 'endRun(')),

  act('dead leases taken back', SEND_DUE, 'sendDue', 'after', 'recover('),
  act('claim committed', SEND_DUE, 'runPass', 'after', 'claimNext('),
  act('reminder loaded', SEND_ONE, 'tryToSend', 'after', 'loadReminder('),
  act('invoices read again, message written', SEND_ONE, 'tryToSend', 'after', 'prepare('),
  act('server asks for the content', MAILER, '#release', 'before', 'hooks.beforeContent('),
  act('handing over, uncommitted', SETTLE, 'beginHandover', 'after', 'saveMessage('),
  during(act('handing over, no byte sent', MAILER, '#release', 'after', 'hooks.beforeContent(')),
  server('first bytes with the server', 'content'),
  server('whole message with the server', 'received'),
  server('server has kept it, no 250', 'stored'),
  during(act('250 received, not recorded', SEND_ONE, 'tryToSend', 'after', 'pass.mailer.send(')),
  during(act('sent and its note, uncommitted', SETTLE, 'settleSent', 'after', 'planNote(')),
  act('recorded as sent', SEND_ONE, 'settle', 'after', 'settleSent('),

  note('dead leases taken back', NOTES, 'writeNotes', 'after', 'recoverNotes('),
  note('claim committed', NOTES, 'runPass', 'after', 'claimNote('),
  note('looked for in the ledger', NOTES, 'writeOne', 'after', 'findWritten('),
  note('writing committed, nothing written', NOTES, 'write', 'after', `moveNote(deps, note, { from: ['claimed'], to: 'writing'`),
  note('in the ledger, not recorded', NOTES, 'writeOne', 'after', 'write('),
  note('recorded as written', NOTES, 'writeOne', 'after', 'moveNote('),
];

export const STAGES: readonly Stage[] = ['sync', 'escalate', 'act', 'write back'];

export function idOf(point: Failpoint): string {
  return `${point.stage}: ${point.name}`;
}

type When = AwaitPoint['when'];

function at(stage: Stage) {
  return (name: string, file: string, inside: string, when: When, awaits: string): AwaitPoint => ({
    ...{ stage, name, file, in: inside, when, awaits },
  });
}

function during(point: AwaitPoint): AwaitPoint {
  return { ...point, inHandover: true };
}

function refreshing(point: AwaitPoint): AwaitPoint {
  return { ...point, needsRefresh: true };
}

function last(point: AwaitPoint): AwaitPoint {
  return { ...point, last: true };
}

function server(name: string, moment: ServerPoint['moment']): ServerPoint {
  return { stage: 'act', name, moment, inHandover: true };
}
