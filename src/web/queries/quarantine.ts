/** Records the connector could not read. The rest of their page was kept. */
import type { BookId } from '../../domain/receivables.ts';
import type { Db } from '../../store/db.ts';

const RECORDS_MAX = 500;

export async function readQuarantine(db: Db, bookId: BookId) {
  return db.prisma.quarantine.findMany({
    where: { bookId },
    orderBy: [{ lastSeenAt: 'desc' }, { kind: 'asc' }, { externalId: 'asc' }],
    take: RECORDS_MAX,
  });
}
