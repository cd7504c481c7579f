/** Papers that were issued, byte for byte: what we said we wrote can be shown. Never changed, never replaced. */
import { hash, randomUUID } from 'node:crypto';
import type { BookId, CustomerId } from '../domain/receivables.ts';
import type { Tx } from './db.ts';

export type DocumentKind = 'letter' | 'statement';

export interface NewDocument {
  bookId: BookId;
  customerId: CustomerId;
  actionId: string | null;
  kind: DocumentKind;
  filename: string;
  contentType: string;
  content: Buffer;
  at: Date;
}

/** The same bytes for the same action are one document. */
export async function keepDocument(tx: Tx, document: NewDocument): Promise<void> {
  const { content, at, ...rest } = document;
  await tx.document.createMany({
    data: {
      ...rest,
      id: randomUUID(),
      sha256: hash('sha256', content, 'hex'),
      bytes: new Uint8Array(content),
      createdAt: at,
    },
    skipDuplicates: true,
  });
}

export interface KeptDocument {
  filename: string;
  contentType: string;
  content: Buffer;
  sha256: string;
  createdAt: Date;
}

/** The first that was issued for an action: later ones would be copies. */
export async function findDocument(
  tx: Tx,
  bookId: BookId,
  actionId: string,
  kind: DocumentKind,
): Promise<KeptDocument | null> {
  const row = await tx.document.findFirst({
    where: { bookId, actionId, kind },
    orderBy: { createdAt: 'asc' },
  });
  if (row === null) return null;
  const { filename, contentType, sha256, createdAt } = row;
  return { filename, contentType, content: Buffer.from(row.bytes), sha256, createdAt };
}
