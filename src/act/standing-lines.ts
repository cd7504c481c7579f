/**
 * What still stands of an action just before it leaves or is issued: every invoice that caused it is
 * read live from the ledger, the others on the list only when the mirror is old, and then up to a cap:
 * a list that is half an hour old is honest, and each reading costs a call of the day's budget.
 */
import type { Ledger } from '../../connectors/ledger.ts';
import type { Clock } from '../clock.ts';
import type { CustomerId, InvoiceId } from '../domain/receivables.ts';
import { LedgerError } from '../errors.ts';
import type { LoadedReminder } from './load-reminder.ts';
import { type CurrentInvoice, type Listed, recheck, type StandingLine } from './recheck.ts';

/** Listed invoices are trusted to the mirror while its last sync is younger than this. */
const MIRROR_FRESH_MS = 60 * 60_000;
/** Readings of listed invoices for one message, beside those that caused it. */
const LISTED_READS_MAX = 20;
const READS_AT_ONCE = 5;
const REASON_MAX = 300;

export interface LiveReader {
  clock: Clock;
  ledger: Ledger;
  /** Child to debtor, as the rules saw it. */
  families: ReadonlyMap<CustomerId, CustomerId>;
  /** Called before each batch of readings: whoever holds a claim keeps it. */
  keep: () => Promise<void>;
}

export interface Standing {
  lines: StandingLine[];
  /** The freshest figures of what is listed, live or the mirror's; null: the ledger no longer has it. */
  current: ReadonlyMap<string, CurrentInvoice | null>;
}

export type Withdrawn = { kind: 'withdrawn'; because: string };

export async function readStanding(
  reader: LiveReader,
  loaded: LoadedReminder,
): Promise<({ kind: 'standing' } & Standing) | Withdrawn> {
  const stopped = stopsCustomer(loaded);
  if (stopped !== null) return { kind: 'withdrawn', because: stopped };
  const current = await readCurrent(reader, loaded);
  const { lines, dropped } = standingLines(reader.families, loaded, current);
  if (!lines.some((line) => line.isTrigger)) return { kind: 'withdrawn', because: dropped };
  const credit = loaded.credits.reduce((sum, entry) => sum + entry.amountMinor, 0);
  const asked = lines.reduce((sum, line) => sum + line.askedMinor, 0);
  if (credit >= asked) {
    return {
      kind: 'withdrawn',
      because: 'credit of theirs covers all that would be asked for',
    };
  }
  return { kind: 'standing', lines, current };
}

export function stopsCustomer(loaded: LoadedReminder): string | null {
  if (loaded.customer.doNotChase) return `${loaded.customer.name} is set to never be reminded`;
  const [first] = loaded.offBalance;
  return first === undefined
    ? null
    : `the balance of ${first} here and in the ledger differ: not chased until they agree`;
}

function standingLines(
  families: LiveReader['families'],
  loaded: LoadedReminder,
  current: Standing['current'],
): { lines: StandingLine[]; dropped: string } {
  const context = {
    today: loaded.today,
    plannedOn: loaded.action.plannedOn,
    currency: loaded.action.currency,
    debtorId: loaded.customer.id,
    debtorOf: (id: CustomerId) => families.get(id) ?? id,
    holds: loaded.holds,
    holdRules: loaded.holdRules,
  };
  const lines: StandingLine[] = [];
  const reasons: string[] = [];
  for (const listed of loaded.listed) {
    const verdict = recheck(listed, current.get(listed.invoiceId) ?? null, context);
    if (verdict.stands) lines.push(verdict.line);
    else if (listed.isTrigger) reasons.push(verdict.because);
  }
  return { lines, dropped: reasons.join('; ').slice(0, REASON_MAX) };
}

/** The freshest figures: live where asked, the mirror's otherwise. */
async function readCurrent(
  { clock, ledger, keep }: LiveReader,
  loaded: LoadedReminder,
): Promise<Map<string, CurrentInvoice | null>> {
  const current = new Map<string, CurrentInvoice | null>(loaded.mirror);
  const wanted = toReadLive(loaded, clock.now());
  for (let from = 0; from < wanted.length; from += READS_AT_ONCE) {
    await keep();
    const batch = wanted.slice(from, from + READS_AT_ONCE);
    const read = await Promise.all(batch.map((listed) => readLive(ledger, listed, loaded.mirror)));
    batch.forEach((listed, index) => current.set(listed.invoiceId, read[index] ?? null));
  }
  return current;
}

function toReadLive(loaded: LoadedReminder, now: Date): Listed[] {
  // A journal line has no page of its own to read.
  const readable = loaded.listed.filter(
    (listed) => loaded.mirror.get(listed.invoiceId)?.kind !== 'journal',
  );
  const syncedAt = loaded.book.lastSyncedAt?.getTime() ?? 0;
  const isFresh = now.getTime() - syncedAt < MIRROR_FRESH_MS;
  const others = readable.filter((listed) => !listed.isTrigger);
  return [
    ...readable.filter((listed) => listed.isTrigger),
    ...(isFresh ? [] : others.slice(0, LISTED_READS_MAX)),
  ];
}

async function readLive(
  ledger: Ledger,
  listed: Listed,
  mirror: ReadonlyMap<string, CurrentInvoice>,
): Promise<CurrentInvoice | null> {
  const invoice = await orNullIfGone(ledger.readInvoice(listed.invoiceId as InvoiceId));
  if (invoice === null) return null;
  return { ...invoice, openMinor: invoice.openMinor ?? mirror.get(invoice.id)?.openMinor ?? 0 };
}

async function orNullIfGone<T>(reading: Promise<T | null>): Promise<T | null> {
  try {
    return await reading;
  } catch (err) {
    if (err instanceof LedgerError && err.kind === 'not_found') return null;
    throw err;
  }
}
