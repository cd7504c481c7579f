/** ACT: the outbox, and the only stage that sends. */
export { approveActions } from './approve.ts';
export { cancelAction, markDone } from './cancel.ts';
export { createMailer, type Mailer } from './mailer.ts';
export { previewAction, type Preview } from './preview.ts';
export { resolveInDoubt, type Resolution } from './resolve-in-doubt.ts';
export { sendDue, type SendReport } from './send-due.ts';
