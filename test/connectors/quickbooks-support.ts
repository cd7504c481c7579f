/** A QuickBooks company in memory behind nock: queries, change list, objects, and a record of every request. */
import nock from 'nock';
import { ManualClock } from '../../src/clock.ts';
import type { QuickBooksConfig } from '../../src/config.ts';
import type { Ledger, LedgerPage, LedgerPlatform } from '../../connectors/ledger.ts';
import { createLimits, type Limits } from '../../connectors/limits.ts';
import { createQuickBooks } from '../../connectors/quickbooks/index.ts';

export const API = 'https://quickbooks.test';
export const INTUIT = 'https://intuit.test';
/** Nineteen digits: as a number it would become another company. */
export const REALM = '9130347957983176871';
export const TOKEN = 'AT-planted-access-token-5f2c';
export const NOW = '2026-11-22T09:00:00Z';

export const config: QuickBooksConfig = {
  app: {
    clientId: 'client-id',
    clientSecret: 'CS-planted-client-secret-77',
    scopes: ['com.intuit.quickbooks.accounting'],
    redirectUri: 'http://localhost:4000/callback/quickbooks',
  },
  webhookToken: 'test-verifier-token',
  apiUrl: API,
  authorizeUrl: `${INTUIT}/connect/oauth2`,
  tokenUrl: `${INTUIT}/oauth2/v1/tokens/bearer`,
  revokeUrl: `${INTUIT}/v2/oauth2/tokens/revoke`,
  userInfoUrl: `${INTUIT}/v1/openid_connect/userinfo`,
  timeoutMs: 5_000,
};

export interface Connection {
  clock: ManualClock;
  limits: Limits;
  platform: LedgerPlatform;
  ledger: Ledger;
  /** Tokens that were refused and replaced. */
  replaced: string[];
  calls: { resource: string; status: number | null }[];
}

export function connect(changes: Partial<QuickBooksConfig> = {}): Connection {
  const clock = new ManualClock(NOW);
  const limits = createLimits({ clock, xeroDayLimit: 1000 });
  const platform = createQuickBooks({ ...config, ...changes }, { clock, limits });
  const replaced: string[] = [];
  const calls: Connection['calls'] = [];
  const ledger = platform.open({
    key: 'book-1',
    externalId: REALM,
    tokens: {
      current: () => Promise.resolve(TOKEN),
      replace: (rejected) => {
        replaced.push(rejected);
        return Promise.resolve(`${TOKEN}-renewed`);
      },
    },
    observer: { onCall: ({ resource, status }) => calls.push({ resource, status }) },
  });
  return { clock, limits, platform, ledger, replaced, calls };
}

export type Row = Record<string, unknown>;

/** What one company holds. Rows are found by the time of their last change, as Intuit does it. */
export class Company {
  readonly tables: Record<string, Row[]> = {};
  readonly deleted: { entity: string; id: string; at: string }[] = [];
  /** Query texts and cdc addresses, oldest first. */
  readonly requests: string[] = [];
  /** Ids of rows that make every page they are on fail. */
  readonly poison = new Set<string>();
  /** One row more than asked for, which Intuit does now and then. */
  extraRow = false;
  /** Runs before each request is answered: people who work meanwhile. */
  meanwhile: (requestNumber: number) => void = () => undefined;
  now = new Date(NOW);

  put(entity: string, ...rows: Row[]): void {
    (this.tables[entity] ??= []).push(...rows);
  }

  touch(entity: string, id: string, changes: Row, at = this.now): void {
    const row = this.tables[entity]?.find((candidate) => candidate['Id'] === id);
    Object.assign(row ?? {}, changes, { MetaData: { LastUpdatedTime: pacific(at) } });
  }

  remove(entity: string, id: string, at = this.now): void {
    this.tables[entity] = (this.tables[entity] ?? []).filter((row) => row['Id'] !== id);
    this.deleted.push({ entity, id, at: pacific(at) });
  }

  listen(): void {
    nock(API)
      .persist()
      .get(/^\/v3\/company\/9130347957983176871\//)
      .reply((uri) => {
        const url = new URL(uri, API);
        this.requests.push(url.searchParams.get('query') ?? `${url.pathname}${url.search}`);
        this.meanwhile(this.requests.length);
        if (url.pathname.endsWith('/query'))
          return this.#query(url.searchParams.get('query') ?? '');
        if (url.pathname.endsWith('/cdc')) return this.#changes(url.searchParams);
        return this.#single(url.pathname.split('/').slice(4));
      });
  }

  #query(text: string): nock.ReplyFnResult {
    const parts =
      /^select \* from (\w+)(?: where (.+?))?(?: orderby MetaData.LastUpdatedTime asc)? startposition (\d+) maxresults (\d+)$/.exec(
        text,
      );
    if (parts === null) return fault(400, '4000');
    const entity = Object.keys(this.tables).find(
      (name) => name.toLowerCase() === parts[1]?.toLowerCase(),
    );
    const conditions = (parts[2] ?? '').split(' and ').filter((condition) => condition !== '');
    const rows = (this.tables[entity ?? ''] ?? [])
      .filter((row) => conditions.every((condition) => holds(condition, row)))
      // Lists of names leave out what is inactive unless the query speaks of it.
      .filter((row) => row['Active'] !== false || (parts[2] ?? '').includes('Active'))
      .sort((a, b) => changedAt(a) - changedAt(b));
    const start = Number(parts[3]) - 1;
    const page = rows.slice(start, start + Number(parts[4]) + (this.extraRow ? 1 : 0));
    if (page.some((row) => this.poison.has(String(row['Id'])))) return fault(400, '4002');
    const list =
      page.length === 0 || entity === undefined
        ? {}
        : { [entity]: page, startPosition: start + 1, maxResults: page.length };
    return this.#answer({ QueryResponse: list });
  }

  #changes(params: URLSearchParams): nock.ReplyFnResult {
    const since = Date.parse(params.get('changedSince') ?? '');
    let left = 1000;
    const blocks = (params.get('entities') ?? '').split(',').map((entity) => {
      const changed = (this.tables[entity] ?? []).filter((row) => changedAt(row) >= since);
      const gone = this.deleted
        .filter((one) => one.entity === entity && Date.parse(one.at) >= since)
        .map(({ id, at }) => ({
          domain: 'QBO',
          status: 'Deleted',
          Id: id,
          MetaData: { LastUpdatedTime: at },
        }));
      const rows = [...changed, ...gone].slice(0, left);
      left -= rows.length;
      return rows.length === 0 ? {} : { [entity]: rows };
    });
    return this.#answer({ CDCResponse: [{ QueryResponse: blocks }] });
  }

  #single([resource = '', id = '']: string[]): nock.ReplyFnResult {
    if (resource === 'preferences')
      return this.#answer({ Preferences: { CurrencyPrefs: { HomeCurrency: { value: 'USD' } } } });
    if (resource === 'companyinfo')
      return this.#answer({ CompanyInfo: { CompanyName: 'Blue Spruce LLC', Country: 'USA' } });
    const entity = Object.keys(this.tables).find((name) => name.toLowerCase() === resource);
    const row = this.tables[entity ?? '']?.find((candidate) => candidate['Id'] === id);
    return row === undefined ? fault(400, '610') : this.#answer({ [entity ?? '']: row });
  }

  #answer(body: Row): nock.ReplyFnResult {
    return [200, { ...body, time: pacific(this.now) }];
  }
}

export function fault(status: number, code: string): [number, Row] {
  return [
    status,
    {
      Fault: { Error: [{ Message: 'm', Detail: `d ${TOKEN}`, code }], type: 'ValidationFault' },
      time: NOW,
    },
  ];
}

function holds(condition: string, row: Row): boolean {
  const inList = /^(\w+) IN \((.+)\)$/.exec(condition);
  if (inList !== null) {
    const values = (inList[2] ?? '').split(', ').map((value) => value.replaceAll("'", ''));
    return values.some((value) => value === text(row[inList[1] ?? '']));
  }
  const [, field = '', op, value = ''] = /^([\w.]+) (>=|<|>|=) '(.*)'$/.exec(condition) ?? [];
  if (field === 'MetaData.LastUpdatedTime') {
    const [at, bound] = [changedAt(row), Date.parse(value)];
    return op === '<' ? at < bound : at >= bound;
  }
  return op === '>' ? Number(row[field]) > Number(value) : text(row[field]) === value;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function changedAt(row: Row): number {
  const meta = row['MetaData'] as { LastUpdatedTime: string } | undefined;
  return meta === undefined ? 0 : Date.parse(meta.LastUpdatedTime);
}

/** Intuit writes Pacific time with its offset and whole seconds. */
export function pacific(at: Date): string {
  return new Date(at.getTime() - 8 * 3_600_000).toISOString().slice(0, 19) + '-08:00';
}

let minute = 0;
/** A time of its own in the past, a minute after the one before. */
function earlier(): { LastUpdatedTime: string } {
  minute += 1;
  return {
    LastUpdatedTime: pacific(new Date(Date.parse('2026-01-01T00:00:00Z') + minute * 60_000)),
  };
}

export function customer(id: string, changes: Row = {}): Row {
  return {
    Id: id,
    SyncToken: '0',
    MetaData: earlier(),
    DisplayName: `Customer ${id}`,
    Active: true,
    Balance: 100,
    CurrencyRef: { value: 'USD' },
    ...changes,
  };
}

export function invoice(id: string, changes: Row = {}): Row {
  return {
    Id: id,
    SyncToken: '0',
    MetaData: earlier(),
    DocNumber: `N${id}`,
    TxnDate: '2026-10-01',
    DueDate: '2026-10-31',
    CustomerRef: { value: '1' },
    CurrencyRef: { value: 'USD' },
    TotalAmt: 100,
    Balance: 100,
    ...changes,
  };
}

export function payment(id: string, changes: Row = {}): Row {
  return {
    Id: id,
    SyncToken: '0',
    MetaData: earlier(),
    TxnDate: '2026-11-02',
    CustomerRef: { value: '1' },
    CurrencyRef: { value: 'USD' },
    TotalAmt: 100,
    UnappliedAmt: 0,
    Line: [{ Amount: 100, LinkedTxn: [{ TxnId: '10', TxnType: 'Invoice' }] }],
    ...changes,
  };
}

export interface JournalLine {
  id: string;
  side: 'Debit' | 'Credit';
  account: string;
  accountName?: string;
  customer?: string;
  amount: number;
}

export function journal(id: string, lines: JournalLine[], changes: Row = {}): Row {
  return {
    Id: id,
    SyncToken: '0',
    MetaData: earlier(),
    DocNumber: `J${id}`,
    TxnDate: '2026-09-30',
    CurrencyRef: { value: 'USD' },
    TotalAmt: 0,
    Line: lines.map((line) => ({
      Id: line.id,
      Amount: line.amount,
      DetailType: 'JournalEntryLineDetail',
      JournalEntryLineDetail: {
        PostingType: line.side,
        AccountRef: { value: line.account, ...(line.accountName && { name: line.accountName }) },
        ...(line.customer === undefined
          ? {}
          : { Entity: { Type: 'Customer', EntityRef: { value: line.customer } } }),
      },
    })),
    ...changes,
  };
}

export function linked(amount: number, type: string, id: string, line?: string): Row {
  return {
    Amount: amount,
    LinkedTxn: [{ TxnId: id, TxnType: type, ...(line === undefined ? {} : { TxnLineId: line }) }],
  };
}

export async function pullAll(
  ledger: Ledger,
  cursor: string | null,
  options: { now?: Date; sweep?: 'auto' | 'never' | 'always' } = {},
): Promise<{ pages: LedgerPage[]; cursor: string }> {
  const pages: LedgerPage[] = [];
  const now = options.now ?? new Date(NOW);
  for await (const page of ledger.pull(cursor, { now, sweep: options.sweep ?? 'auto' }))
    pages.push(page);
  return { pages, cursor: pages.at(-1)?.cursor ?? '' };
}

export function idsOf(
  pages: LedgerPage[],
  kind: 'customers' | 'invoices' | 'credits' | 'payments',
) {
  return pages.flatMap((page) => page[kind].map((record) => record.id as string));
}
