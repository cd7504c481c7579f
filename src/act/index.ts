/** ACT: the outbox, and the only stage that sends. */
export { approveActions } from './approve.ts';
export { cancelAction, markDone } from './cancel.ts';
export { createMailer } from './mailer.ts';
export { previewAction } from './preview.ts';
export { resolveInDoubt } from './resolve-in-doubt.ts';
export { sendDue, type SendReport } from './send-due.ts';
export { makeStatement } from './statement.ts';
