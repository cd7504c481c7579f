/**
 * Why a connection did not come about, told on a page of its own. The reason travels in the address
 * sealed, so that nobody can make this page say their words.
 */
import type { Request } from 'express';
import { type AppError } from '../errors.ts';
import type { Vault } from '../store/vault.ts';

const CONTEXT = 'web|connect-failed|reason';

const SENTENCES: Readonly<Record<string, string>> = {
  platform_unknown: 'That address belongs to no accounting platform.',
  no_session:
    'The answer came back to a browser that is not signed in here. Open the link printed on the console and begin the connection in that same browser.',
  'access.forbidden':
    'The answer did not fit a connection that this browser began: it was missing its code, was used before, took too long, or belongs to another browser.',
  'ledger.rejected': 'The platform did not give access, or did not accept its own code again.',
  'ledger.unavailable': 'The platform did not answer. Try again in a few minutes.',
  'ledger.rate_limited': 'The platform asked us to wait. Try again in a few minutes.',
};

const UNKNOWN = 'The connection could not be finished. If it happens again, the log says why.';

export function failurePath(code: string, reason?: string): string {
  const query = new URLSearchParams({ code, ...(reason === undefined ? {} : { why: reason }) });
  return `/connect-failed?${query.toString()}`;
}

export function sealReason(vault: Vault, err: AppError): string {
  return vault.seal(err.userMessage, CONTEXT);
}

export function readFailure(vault: Vault, query: Request['query']): { sentence: string } {
  const { code, why } = query;
  const told = typeof why === 'string' ? openReason(vault, why) : null;
  if (told !== null) return { sentence: told };
  const known = typeof code === 'string' && Object.hasOwn(SENTENCES, code) ? SENTENCES[code] : null;
  return { sentence: known ?? UNKNOWN };
}

function openReason(vault: Vault, sealed: string): string | null {
  try {
    return vault.open(sealed, CONTEXT);
  } catch {
    return null;
  }
}
