/**
 * From rows to canonical records, with what a row leaves out: the home currency, the payment terms,
 * which accounts are receivable and what the journal entries behind a payment do. Each of these is
 * asked for only when a row needs it, and once.
 */
import type { Currency } from '../../src/domain/money.ts';
import type { LedgerPage } from '../ledger.ts';
import type { Client, Row } from './client.ts';
import { type Entity, ENTITIES, FACTS } from './entities.ts';
import { mapEach, rowId } from './fields.ts';
import {
  customerAccounts,
  goneLines,
  type JournalRecords,
  type JournalSide,
  mapJournal,
} from './journal.ts';
import { type Company, mapCreditMemo, mapCustomer, mapInvoice } from './map.ts';
import { readHomeCurrency } from './organisation.ts';
import { journalsNamed, mapPayment } from './payment.ts';
import { criteriaText, inList } from './query.ts';
import { readTerms, type Terms } from './terms.ts';

export type Records = Pick<
  LedgerPage,
  'customers' | 'invoices' | 'credits' | 'payments' | 'gone' | 'quarantined'
>;

export type RowsByEntity = Readonly<Partial<Record<Entity, readonly Row[]>>>;

export interface Mapper {
  /** `changes` tells what became of records; a walk leaves it to whoever sees what it did not meet. */
  map(rows: RowsByEntity, source: 'walk' | 'changes'): Promise<Records>;
  readonly homeCurrency: Currency | null;
}

/** Entries remembered for the payments that follow; beyond that they are asked for again. */
const JOURNALS_KEPT = 20_000;
const IDS_PER_QUERY = 200;

export function createMapper(client: Client, knownHomeCurrency: Currency | null): Mapper {
  const journals = new Map<string, readonly JournalSide[]>();
  let homeCurrency = knownHomeCurrency;
  let terms: Terms | null = null;
  const receivable = new Set<string>();
  const other = new Set<string>();

  const company = async (rows: RowsByEntity): Promise<Company> => {
    if (homeCurrency === null && ENTITIES.some((entity) => rows[entity]?.some(lacksCurrency)))
      homeCurrency = await readHomeCurrency(client);
    if (terms === null && rows.Invoice?.some(needsTerm)) terms = await queryTerms(client);
    return { homeCurrency, terms: terms ?? new Map() };
  };

  const receivableAccounts = async (rows: readonly Row[]): Promise<ReadonlySet<string>> => {
    const named = rows.flatMap(customerAccounts);
    for (const { id, isReceivableByName } of named) if (isReceivableByName) receivable.add(id);
    const unknown = named.map(({ id }) => id).filter((id) => !receivable.has(id) && !other.has(id));
    for (const ids of inChunks([...new Set(unknown)], IDS_PER_QUERY)) {
      const found = await queryReceivable(client, ids);
      for (const id of ids) (found.has(id) ? receivable : other).add(id);
    }
    return receivable;
  };

  const readJournals = async (
    rows: readonly Row[],
    facts: Company,
    into: Records,
  ): Promise<JournalRecords[]> => {
    const accounts = await receivableAccounts(rows);
    const read = mapEach(
      rows,
      'invoice',
      (row) => mapJournal(row, facts, accounts),
      (row) => `journal:${rowId(row)}`,
    );
    into.quarantined.push(...read.quarantined);
    for (const journal of read.records) {
      into.invoices.push(...journal.invoices);
      into.credits.push(...journal.credits);
      if (journals.size < JOURNALS_KEPT) journals.set(journal.journalId, journal.sides);
    }
    return read.records;
  };

  const learnJournals = async (payments: readonly Row[], facts: Company) => {
    const unknown = [...new Set(journalsNamed(payments))].filter((id) => !journals.has(id));
    for (const ids of inChunks(unknown, IDS_PER_QUERY)) {
      const rows = await queryByIds(client, 'JournalEntry', ids);
      await readJournals(rows, facts, noRecords());
    }
  };

  return {
    get homeCurrency() {
      return homeCurrency;
    },
    async map(given, source) {
      const records = noRecords();
      const rows = setGoneAside(given, records);
      const facts = await company(rows);
      const keep = <T>(into: T[], entity: Entity, map: (row: Row) => T) => {
        const kind = FACTS[entity].kinds[0] ?? 'invoice';
        const read = mapEach(rows[entity] ?? [], kind, map);
        for (const record of read.records) into.push(record);
        records.quarantined.push(...read.quarantined);
      };
      keep(records.customers, 'Customer', (row) => mapCustomer(row, facts));
      keep(records.invoices, 'Invoice', (row) => mapInvoice(row, facts));
      keep(records.credits, 'CreditMemo', (row) => mapCreditMemo(row, facts));
      const changed = await readJournals(rows.JournalEntry ?? [], facts, records);
      if (source === 'changes') {
        for (const journal of changed)
          records.gone.push(...goneLines(journal.journalId, journal.sides));
      }
      await learnJournals(rows.Payment ?? [], facts);
      keep(records.payments, 'Payment', (row) => mapPayment(row, facts, journals));
      return records;
    },
  };
}

function noRecords(): Records {
  return { customers: [], invoices: [], credits: [], payments: [], gone: [], quarantined: [] };
}

/** A deleted row of the change list has an id and nothing else to read. */
function setGoneAside(given: RowsByEntity, records: Records): RowsByEntity {
  const kept: Partial<Record<Entity, Row[]>> = {};
  for (const entity of ENTITIES) {
    const rows = given[entity] ?? [];
    kept[entity] = rows.filter((row) => row['status'] !== 'Deleted');
    for (const row of rows.filter((candidate) => candidate['status'] === 'Deleted')) {
      const kind = FACTS[entity].kinds[0] ?? 'invoice';
      if (entity === 'JournalEntry') records.gone.push(...goneLines(rowId(row), []));
      else records.gone.push({ kind, id: rowId(row) });
    }
  }
  return kept;
}

function lacksCurrency(row: Row): boolean {
  return row['CurrencyRef'] === undefined || row['CurrencyRef'] === null;
}

function needsTerm(row: Row): boolean {
  return typeof row['DueDate'] !== 'string' && row['SalesTermRef'] !== undefined;
}

async function queryTerms(client: Client): Promise<Terms> {
  const criteria = criteriaText({
    where: ['Active IN (true, false)'],
    startPosition: 1,
    maxResults: 1000,
  });
  const { rows } = await client.query('Term', (sdk, done) => sdk.findTerms(criteria, done));
  return readTerms(rows);
}

/** Which of these accounts are receivable, whatever the company calls them. */
async function queryReceivable(
  client: Client,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  const criteria = criteriaText({
    where: [`Id IN ${inList(ids)}`, 'Active IN (true, false)'],
    startPosition: 1,
    maxResults: 1000,
  });
  const { rows } = await client.query('Account', (sdk, done) => sdk.findAccounts(criteria, done));
  return new Set(rows.filter((row) => row['AccountType'] === 'Accounts Receivable').map(rowId));
}

async function queryByIds(client: Client, entity: Entity, ids: readonly string[]): Promise<Row[]> {
  const facts = FACTS[entity];
  const criteria = criteriaText({
    where: [`Id IN ${inList(ids)}`, ...facts.where],
    startPosition: 1,
    maxResults: 1000,
  });
  const { rows } = await client.query(entity, (sdk, done) => facts.find(sdk, criteria, done));
  return rows;
}

function inChunks<T>(items: readonly T[], size: number): T[][] {
  const chunks: T[][] = [];
  for (let start = 0; start < items.length; start += size)
    chunks.push(items.slice(start, start + size));
  return chunks;
}
