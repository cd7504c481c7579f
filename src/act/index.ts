/** ACT: the outbox, and the only stage that sends. */
export { approveActions } from './approve.ts';
export { cancelAction } from './cancel.ts';
export { handOver, takeBack } from './hand-over.ts';
export { issueLetter, MAY_BE_ISSUED, readLetterPdf } from './letter.ts';
export { createMailer } from './mailer.ts';
export { previewAction } from './preview.ts';
export { type OutcomeRequest, type Raise, recordOutcome } from './record-outcome.ts';
export { resolveInDoubt } from './resolve-in-doubt.ts';
export { sendDue, type SendReport } from './send-due.ts';
export { makeStatement } from './statement.ts';
