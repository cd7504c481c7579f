/**
 * One error style: stages throw these; the job wrapper, the HTTP middleware, the CLI and the
 * connector boundary catch them. Anything else that is thrown is a bug.
 */

export type Retry = 'no' | 'later' | 'after';

export interface AppErrorOptions {
  /** For the person in front of the screen; never holds a token, an address of a debtor, or a stack. */
  userMessage?: string;
  retry?: Retry;
  retryAfterMs?: number;
  cause?: unknown;
}

export class AppError extends Error {
  override readonly name: string = 'AppError';
  /** Stable and never reused; branch on this, never on the message. */
  readonly code: string;
  readonly userMessage: string;
  readonly retry: Retry;
  readonly retryAfterMs: number | undefined;

  constructor(code: string, message: string, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.userMessage = options.userMessage ?? message;
    this.retry = options.retry ?? 'no';
    this.retryAfterMs = options.retryAfterMs;
  }
}

export type LedgerErrorKind =
  | 'disconnected'
  | 'scope_missing'
  | 'rate_limited'
  | 'stale'
  | 'period_locked'
  | 'rejected'
  | 'not_found'
  | 'unavailable'
  /** The request may or may not have taken effect. Never retried blindly: look first. */
  | 'outcome_unknown'
  | 'unexpected_shape';

/** Everything of a failed platform call that may travel: rebuilt from this allow-list, the SDK's error is dropped. */
export interface LedgerErrorFacts {
  status?: number;
  /** The platform's own code, e.g. Intuit 5010. */
  platformCode?: string;
  /** Xero-Correlation-Id or intuit_tid, for the vendor's support. */
  requestId?: string;
  /** For unexpected_shape: which field. */
  field?: string;
}

const LEDGER_RETRY: Record<LedgerErrorKind, Retry> = {
  disconnected: 'no',
  scope_missing: 'no',
  rate_limited: 'after',
  stale: 'later',
  period_locked: 'no',
  rejected: 'no',
  not_found: 'no',
  unavailable: 'later',
  outcome_unknown: 'no',
  unexpected_shape: 'later',
};

export class LedgerError extends AppError {
  override readonly name = 'LedgerError';
  readonly kind: LedgerErrorKind;
  readonly facts: LedgerErrorFacts;

  constructor(
    kind: LedgerErrorKind,
    message: string,
    facts: LedgerErrorFacts = {},
    options: AppErrorOptions = {},
  ) {
    super(`ledger.${kind}`, message, { retry: LEDGER_RETRY[kind], ...options });
    this.kind = kind;
    this.facts = facts;
  }
}

/** This process is ending: what it was about to do is handed back. A write may or may not have happened. */
export class StoppedError extends LedgerError {
  constructor() {
    super(
      'unavailable',
      'the process is ending',
      {},
      {
        userMessage: 'Duebook was stopped meanwhile; it goes on at the next start.',
        // Nothing is wrong out there: whoever comes next need not wait.
        retryAfterMs: 0,
      },
    );
  }
}

/** An invalid policy, step or template; says where. */
export class PolicyError extends AppError {
  override readonly name = 'PolicyError';
  readonly line: number | undefined;

  constructor(message: string, line?: number) {
    super('policy.invalid', line === undefined ? message : `line ${line}: ${message}`);
    this.line = line;
  }
}

export type AccessErrorKind = 'unauthenticated' | 'forbidden' | 'not_found';

export class AccessError extends AppError {
  override readonly name = 'AccessError';
  readonly kind: AccessErrorKind;

  constructor(kind: AccessErrorKind, message: string) {
    super(`access.${kind}`, message);
    this.kind = kind;
  }
}

/** A wrong or missing setting, argument or file; the message names the thing and the mend. */
export class UsageError extends AppError {
  override readonly name = 'UsageError';

  constructor(message: string) {
    super('usage', message);
  }
}
