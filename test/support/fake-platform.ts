/** A platform in memory: a token server that rotates for real, and a ledger that plays the pages it was given. */
import { randomUUID } from 'node:crypto';
import type {
  BookRef,
  BookSession,
  Ledger,
  LedgerPage,
  LedgerPlatform,
  TokenSet,
} from '../../connectors/ledger.ts';
import type { Clock } from '../../src/clock.ts';
import type { Organisation, Platform } from '../../src/domain/receivables.ts';
import { LedgerError } from '../../src/errors.ts';

export const ORGANISATION: Organisation = {
  name: 'Kauri Supplies',
  legalName: 'Kauri Supplies Limited',
  country: 'NZ',
  baseCurrency: 'NZD',
  timeZone: 'Pacific/Auckland',
  shortCode: '!k1',
  platformRemindersOn: false,
};

const ACCESS_LIFE_MS = 30 * 60_000;

export class FakePlatform implements LedgerPlatform {
  readonly platform: Platform;
  readonly clock: Clock;
  /** What a consent covers. */
  companies: BookRef[] = [{ externalId: 'tenant-1', connectionId: 'conn-1', name: 'Kauri' }];
  organisations = new Map<string, Organisation>();
  codes = new Map<string, { verifier: string | null }>();
  pages: LedgerPage[] = [];
  /** Whether an old refresh token still works, as it does for a while at Xero when an answer got lost. */
  hasGrace = false;
  refreshes = 0;
  invalidGrants = 0;
  ended: string[] = [];
  revoked = 0;
  calls = 0;
  /** Runs inside a refresh, after the new pair exists and before it is answered. */
  beforeAnswer: () => Promise<void> = () => Promise.resolve();
  /** Thrown instead of page `index`. */
  failAt: { index: number; error: Error } | null = null;
  canEndOneBook = true;
  lastAuthorize: { state: string; codeVerifier: string } | null = null;
  #access = new Set<string>();
  #refresh = new Set<string>();
  #retired = new Set<string>();

  constructor(platform: Platform, clock: Clock) {
    this.platform = platform;
    this.clock = clock;
  }

  authorizeUrl(request: { state: string; codeVerifier: string }): string {
    this.lastAuthorize = request;
    return `https://consent.example/${this.platform}?state=${request.state}`;
  }

  /** The person consents in the browser: gives the query of the callback. */
  consent(): { state: string; code: string } {
    const code = randomUUID();
    this.codes.set(code, { verifier: this.lastAuthorize?.codeVerifier ?? null });
    return { state: this.lastAuthorize?.state ?? '', code };
  }

  exchange(request: {
    query: Readonly<Record<string, string>>;
    codeVerifier: string;
  }): Promise<{ tokens: TokenSet; books: BookRef[] }> {
    const code = request.query['code'] ?? '';
    const known = this.codes.get(code);
    this.codes.delete(code);
    if (known?.verifier !== request.codeVerifier) {
      return Promise.reject(new LedgerError('rejected', 'invalid_grant'));
    }
    return Promise.resolve({ tokens: this.issue(), books: this.companies });
  }

  issue(): TokenSet {
    const tokens = {
      accessToken: `access-${randomUUID()}`,
      refreshToken: `refresh-${randomUUID()}`,
    };
    this.#access.add(tokens.accessToken);
    this.#refresh.add(tokens.refreshToken);
    return {
      ...tokens,
      accessExpiresAt: new Date(this.clock.now().getTime() + ACCESS_LIFE_MS),
      refreshExpiresAt: null,
      refreshHardExpiresAt: null,
      scopes: ['offline_access', 'accounting.invoices'],
    };
  }

  async refresh(refreshToken: string): Promise<TokenSet> {
    this.refreshes += 1;
    const works =
      this.#refresh.delete(refreshToken) || (this.hasGrace && this.#retired.has(refreshToken));
    if (!works) {
      this.invalidGrants += 1;
      throw new LedgerError('disconnected', 'invalid_grant');
    }
    this.#retired.add(refreshToken);
    const tokens = this.issue();
    await this.beforeAnswer();
    return tokens;
  }

  /** The person takes the consent back at the platform. */
  forgetEverything(): void {
    this.#access.clear();
    this.#refresh.clear();
    this.#retired.clear();
  }

  revoke(): Promise<void> {
    this.revoked += 1;
    this.forgetEverything();
    return Promise.resolve();
  }

  disconnectBook(_accessToken: string, book: BookRef): Promise<boolean> {
    if (!this.canEndOneBook) return Promise.resolve(false);
    this.ended.push(book.connectionId ?? '');
    return Promise.resolve(true);
  }

  open(session: BookSession): Ledger {
    const called = (resource: string): void => {
      this.calls += 1;
      session.observer?.onCall({ resource, status: 200, ms: 1, dayRemaining: null });
    };
    const authorised = async (resource: string): Promise<void> => {
      const token = await session.tokens.current();
      called(resource);
      if (this.#access.has(token)) return;
      const fresh = await session.tokens.replace(token);
      called(resource);
      if (!this.#access.has(fresh)) throw new LedgerError('disconnected', '401');
    };
    const notPlayed = () => Promise.reject(new Error('the fake platform does not play this'));
    const next = async (index: number): Promise<LedgerPage | undefined> => {
      await authorised('page');
      if (this.failAt?.index === index) throw this.failAt.error;
      return this.pages[index];
    };
    return {
      platform: this.platform,
      organisation: async () => {
        await authorised('organisation');
        return this.organisations.get(session.externalId) ?? ORGANISATION;
      },
      async *pull(cursor) {
        for (let index = Number(cursor ?? 0); ; index += 1) {
          const page = await next(index);
          if (page === undefined) return;
          yield { ...page, cursor: String(index + 1) };
        }
      },
      readInvoice: notPlayed,
      invoicePdf: notPlayed,
      payLink: notPlayed,
      findNote: notPlayed,
      writeNote: notPlayed,
      setExpectedPayDate: notPlayed,
    };
  }

  verifyWebhook(): boolean {
    return true;
  }

  webhookHints(): [] {
    return [];
  }
}

/** A clock for waits on real work: it stands still, and sleeping only lets others run. */
export function standingClock(now: string): Clock {
  return {
    now: () => new Date(now),
    sleep: () =>
      new Promise((resolve) => {
        setImmediate(resolve);
      }),
    random: () => 0.5,
  };
}
