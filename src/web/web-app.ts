/** What the web app is handed: the App, and the hooks that only a process with jobs (or the demo) has. */
import type { App } from '../app.ts';
import type { CaughtMail } from '../demo/mail-catcher.ts';
import type { BookId } from '../domain/receivables.ts';

export interface WebApp extends App {
  /** Demo only: what the catching mail server holds, oldest first. */
  caughtMail?: () => CaughtMail[];
  /** Puts a sync of the book in the queue; the queue coalesces. Absent: no job runner in this process. */
  requestSync?: (bookId: BookId) => Promise<void>;
  /** Puts the book's daily run (assess, escalate, act, write back) in the queue. */
  requestRun?: (bookId: BookId) => Promise<void>;
}
