/** Keeps verified webhook events, once each, and says which books they are about. They only hint: a sync follows. */
import { createHash } from 'node:crypto';
import type { WebhookHint } from '../../connectors/ledger.ts';
import type { BookId, Platform } from '../domain/receivables.ts';
import { storable } from '../domain/text.ts';
import type { Db } from '../store/db.ts';
import type { ConnectDeps } from './deps.ts';
import { externalIdHashes } from './book-secrets.ts';

/** Enough to recognise a repeated delivery: vendors give up within a few days. */
const EVENTS_KEPT = 100_000;

/** Connected books with an event that was not known before; a replayed delivery names none. */
export async function recordWebhook(
  deps: Pick<ConnectDeps, 'db' | 'clock' | 'vault'>,
  platform: Platform,
  hints: WebhookHint[],
): Promise<BookId[]> {
  if (hints.length === 0) return [];
  const bookIds = await findBooks(deps, platform, hints);
  const rows = hints.map((hint) => ({
    dedupeKey: dedupeKey(platform, hint),
    bookId: bookIds.get(hint.externalId) ?? null,
    category: storable(hint.category.slice(0, 100)),
    entityId: storable(hint.entityId.slice(0, 100)),
  }));
  const affected = await deps.db.prisma.$queryRawUnsafe<{ bookId: BookId }[]>(
    KEEP,
    platform,
    deps.clock.now().toISOString(),
    JSON.stringify(rows),
  );
  return affected.map(({ bookId }) => bookId);
}

// One statement, however many events a delivery holds: the vendor is waiting.
const KEEP = `
  with kept as (
    insert into webhook_event (platform, dedupe_key, book_id, category, entity_id, received_at)
    select $1::platform, e."dedupeKey", e."bookId", e.category, e."entityId", $2::timestamptz
      from json_to_recordset($3::json) as e("dedupeKey" text, "bookId" int, category text, "entityId" text)
    on conflict (dedupe_key) do nothing
    returning book_id)
  select distinct book_id as "bookId" from kept where book_id is not null order by 1`;

async function findBooks(
  deps: Pick<ConnectDeps, 'db' | 'vault'>,
  platform: Platform,
  hints: WebhookHint[],
): Promise<Map<string, number>> {
  const externalIdByHash = new Map<string, string>();
  for (const externalId of new Set(hints.map((hint) => hint.externalId))) {
    for (const hash of externalIdHashes(deps.vault, platform, externalId)) {
      externalIdByHash.set(hash, externalId);
    }
  }
  const books = await deps.db.prisma.book.findMany({
    where: {
      platform,
      status: 'connected',
      externalIdHash: { in: [...externalIdByHash.keys()] },
    },
    select: { id: true, externalIdHash: true },
  });
  return new Map(
    books.map((book) => [externalIdByHash.get(book.externalIdHash) ?? '', book.id] as const),
  );
}

/** A digest, because a vendor's event may carry the company's id, which is kept sealed everywhere else. */
function dedupeKey(platform: Platform, hint: WebhookHint): string {
  return createHash('sha256')
    .update(JSON.stringify([platform, hint.externalId, hint.dedupeKey]))
    .digest('base64url');
}

/** For the daily clean-up. */
export async function forgetOldEvents(db: Db): Promise<void> {
  await db.prisma
    .$executeRaw`delete from webhook_event where id < (select max(id) from webhook_event) - ${EVENTS_KEPT}::int`;
}
