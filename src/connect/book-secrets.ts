/** Which company a book is, as it lies in its row: sealed to be used, hashed to be found. */
import type { BookRef } from '../../connectors/ledger.ts';
import type { Platform } from '../domain/receivables.ts';
import type { Vault } from '../store/vault.ts';

function externalIdContext(bookId: number): string {
  return `book|${bookId}|external_id`;
}

function connectionIdContext(bookId: number): string {
  return `book|${bookId}|connection_id`;
}

/** A realm id is a number of up to 19 digits: a hash that is not keyed could be found by counting. */
function hashedText(platform: Platform, externalId: string): string {
  return `${platform}|${externalId}`;
}

/** The columns that say which company a book is. */
export function sealBookRef(
  vault: Vault,
  bookId: number,
  platform: Platform,
  ref: Pick<BookRef, 'externalId' | 'connectionId'>,
) {
  return {
    externalIdSealed: vault.seal(ref.externalId, externalIdContext(bookId)),
    externalIdHash: vault.keyedHash(hashedText(platform, ref.externalId)),
    connectionIdSealed:
      ref.connectionId === null ? null : vault.seal(ref.connectionId, connectionIdContext(bookId)),
  };
}

/** The columns of `sealBookRef`, read back. */
export function openBookRef(
  vault: Vault,
  row: { id: number; name: string; externalIdSealed: string; connectionIdSealed: string | null },
): BookRef {
  return {
    externalId: vault.open(row.externalIdSealed, externalIdContext(row.id)),
    connectionId:
      row.connectionIdSealed === null
        ? null
        : vault.open(row.connectionIdSealed, connectionIdContext(row.id)),
    name: row.name,
  };
}

/** Every hash a company's book may be filed under: one per key, until rotation has been through. */
export function externalIdHashes(vault: Vault, platform: Platform, externalId: string): string[] {
  return vault.keyedHashes(hashedText(platform, externalId));
}

/** Names a company to the limiter: the same before and after its book has a row. */
export function limiterKey(vault: Vault, platform: Platform, externalId: string): string {
  return vault.keyedHash(hashedText(platform, externalId));
}
