/**
 * The only thing the product knows of an accounting platform. `connectors/xero` and
 * `connectors/quickbooks` implement it; no SDK object, token, header or body passes this line.
 * Failures are `LedgerError`s (src/errors.ts).
 */
import type {
  Credit,
  Customer,
  Invoice,
  InvoiceId,
  Organisation,
  Payment,
  Platform,
  RecordKind,
} from '../src/domain/receivables.ts';
import type { Day } from '../src/domain/day.ts';

/** The tokens of one grant, in clear: they live in memory for the length of a call. */
export interface TokenSet {
  accessToken: string;
  refreshToken: string;
  accessExpiresAt: Date;
  /** When an unused refresh token dies; null when the platform does not say. */
  refreshExpiresAt: Date | null;
  /** When no refresh can help any more (Intuit, five years); null when not told. */
  refreshHardExpiresAt: Date | null;
  scopes: string[];
}

/** One accounting file a grant gives access to. */
export interface BookRef {
  /** Xero tenant id, QuickBooks realm id (19 digits: never a number). */
  externalId: string;
  /** Xero's id of this connection, needed to disconnect it alone; null elsewhere. */
  connectionId: string | null;
  name: string;
}

/** One callback of the browser, already parsed: every query parameter that came, once. */
export type CallbackQuery = Readonly<Record<string, string>>;

/** What a connector asks for when it needs an access token; the implementation refreshes, once, for everybody. */
export interface TokenSource {
  /** A token good for at least a minute. Throws LedgerError `disconnected`. */
  current(): Promise<string>;
  /** The platform refused `rejected` (401): gives a newer one, or throws `disconnected`. */
  replace(rejected: string): Promise<string>;
}

/** Told of every HTTP call a book's connector makes: for the count, the budget and the metrics. */
export interface CallObserver {
  onCall(call: {
    resource: string;
    status: number | null;
    ms: number;
    dayRemaining: number | null;
  }): void;
}

export interface BookSession {
  /** Names the book in limits; never sent anywhere. */
  key: string;
  externalId: string;
  tokens: TokenSource;
  observer?: CallObserver;
  /** Calls made for a person who waits go first and may use the part of the day's budget kept for them. */
  priority?: 'interactive' | 'background';
  /** A call that would have to wait longer for the platform's limits fails instead: `rate_limited`. */
  waitMsMax?: number | undefined;
}

/** Opaque to everybody but the connector that wrote it (JSON text, versioned). Holds place and watermarks. */
export type Cursor = string;

export interface QuarantinedRecord {
  kind: RecordKind;
  externalId: string;
  /** Path of the first field that did not fit, e.g. `TotalAmt`. */
  field: string;
  problem: string;
}

/** A record the platform reports as gone. */
export interface GoneRecord {
  kind: RecordKind;
  id: string;
}

/**
 * One step of a walk. Storing its records and its cursor in one transaction makes the walk
 * resumable: after a crash the same cursor gives the same page or a newer one.
 */
export interface LedgerPage {
  customers: Customer[];
  invoices: Invoice[];
  credits: Credit[];
  payments: Payment[];
  gone: GoneRecord[];
  quarantined: QuarantinedRecord[];
  /** Where to continue once this page is stored. */
  cursor: Cursor;
  /** For people: "invoices 3/12". */
  label: string;
  /** A full walk of these kinds begins with this page: forget what was seen before. */
  fullWalkStarts: RecordKind[];
  /** A full walk of these kinds ended with this page: what it did not meet has vanished. */
  fullWalkEnds: RecordKind[];
  /** True on pages that belong to a full walk: their ids count as seen. */
  inFullWalk: boolean;
}

export interface PullOptions {
  now: Date;
  /** 'auto' sweeps blind spots when the cursor says a day has passed; 'never' and 'always' are for tests and people. */
  sweep: 'auto' | 'never' | 'always';
}

export interface NoteTarget {
  kind: 'invoice' | 'customer';
  id: string;
}

export interface NoteToWrite {
  target: NoteTarget;
  /** 250 characters or fewer, holding `ref`. */
  text: string;
  /** Unique marker inside the text, e.g. `[ref 7f3a…]`. */
  ref: string;
  /** Same on every attempt; at most 50 characters. */
  requestId: string;
  /** Sent before this moment or not at all: `unavailable`. Later, somebody else may be writing it. */
  notAfter: Date;
}

/** One connected book. Its calls pass one limiter. */
export interface Ledger {
  readonly platform: Platform;
  organisation(): Promise<Organisation>;
  /**
   * Everything since `cursor` (null: from nothing), page by page. A page that fails throws and
   * leaves the caller's cursor where it was. A quiet pull costs at most one call per resource at
   * Xero and one call at QuickBooks.
   */
  pull(cursor: Cursor | null, options: PullOptions): AsyncIterable<LedgerPage>;
  /** The invoice as it is now; null when it no longer exists. */
  readInvoice(id: InvoiceId): Promise<Invoice | null>;
  /** Bytes that begin with %PDF; anything else throws `unexpected_shape`. */
  invoicePdf(id: InvoiceId): Promise<Buffer>;
  /** The platform's own page to view and pay; null when there is none. https, or http on loopback. */
  payLink(id: InvoiceId): Promise<string | null>;
  /** Id of the note that carries `ref`, when the ledger holds one. */
  findNote(target: NoteTarget, ref: string): Promise<string | null>;
  /** Writes a note once and gives its id. `outcome_unknown` means: look with findNote before trying again. */
  writeNote(note: NoteToWrite): Promise<string>;
  /** false when the platform has no such field. */
  setExpectedPayDate(id: InvoiceId, on: Day): Promise<boolean>;
}

/** "Something about X changed in that book": never more than a reason to sync. */
export interface WebhookHint {
  externalId: string;
  category: string;
  entityId: string;
  /** Same for a repeated delivery of the same event. */
  dedupeKey: string;
}

/** How a person's consent is asked for, kept alive and given back. */
export interface LedgerConsent {
  /** PKCE is used where the platform has it (Xero, S256); `codeVerifier` is ignored elsewhere. */
  authorizeUrl(request: { state: string; codeVerifier: string }): string;
  /**
   * Trades the code for tokens and names the books the person chose. The caller has checked the
   * state. A refused consent (`error=access_denied`) throws `rejected`, a used code `rejected`.
   */
  exchange(request: {
    query: CallbackQuery;
    state: string;
    codeVerifier: string;
  }): Promise<{ tokens: TokenSet; books: BookRef[] }>;
  /** A new pair. `disconnected` is final (invalid_grant); `outcome_unknown` may be retried with the same token. */
  refresh(refreshToken: string): Promise<TokenSet>;
  /** Ends the whole grant; already ended is fine. */
  revoke(tokens: TokenSet): Promise<void>;
  /** Ends one book of a grant where the platform can (Xero); false when only revoke() can. */
  disconnectBook(accessToken: string, book: BookRef): Promise<boolean>;
}

export interface LedgerPlatform extends LedgerConsent {
  readonly platform: Platform;
  open(session: BookSession): Ledger;
  /** Raw bytes and the signature header as received; constant time. */
  verifyWebhook(rawBody: Buffer, signature: string | undefined): boolean;
  /** Reads a verified delivery. Unknown categories give hints too; rubbish gives none. */
  webhookHints(rawBody: Buffer): WebhookHint[];
}
