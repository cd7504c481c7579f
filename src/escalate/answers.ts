/** Answers as digests: a decision is stored when its answer changes, not when a sentence tells another figure. */
import { hash } from 'node:crypto';
import type { InvoiceDecision } from '../domain/dunning-case.ts';
import type { NewDecision } from '../store/decisions.ts';

/** Long enough that two answers of one debtor never share one. */
const DIGEST_LENGTH = 22;

export function shortDigest(text: string): string {
  return hash('sha256', text, 'base64url').slice(0, DIGEST_LENGTH);
}

/** The answer without the figures that move every day. */
function answerText(decision: InvoiceDecision): string {
  const { outcome, step, actionKey, nextOn, path, policyVersionId } = decision;
  const codes = path.map((reason) => reason.code);
  return JSON.stringify([outcome, step, actionKey, nextOn, policyVersionId, codes]);
}

export function newDecision(decision: InvoiceDecision): NewDecision {
  const { invoiceId, customerId, outcome, step, because, path, facts } = decision;
  const { nextOn, actionKey, policyVersionId } = decision;
  const digest = shortDigest(answerText(decision));
  const answer = { outcome, step, because, path, facts, actionKey, policyVersionId, nextOn };
  return { invoiceId, customerId, ...answer, digest };
}

/** Of everything that was answered about one debtor. */
export function digestOfAll(decisions: readonly InvoiceDecision[]): string {
  return shortDigest(
    decisions.map((decision) => `${decision.invoiceId} ${answerText(decision)}`).join('\n'),
  );
}
