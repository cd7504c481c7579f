/** The token pair of a grant, as it lies in its row. */
import type { TokenSet } from '../../connectors/ledger.ts';
import type { Vault } from '../store/vault.ts';

export function accessContext(grantId: string): string {
  return `grant|${grantId}|access`;
}

export function refreshContext(grantId: string): string {
  return `grant|${grantId}|refresh`;
}

/** The columns of a pair, for a new grant or a refreshed one. */
export function sealTokens(vault: Vault, grantId: string, tokens: TokenSet) {
  return {
    scopes: tokens.scopes.join(' '),
    accessSealed: vault.seal(tokens.accessToken, accessContext(grantId)),
    refreshSealed: vault.seal(tokens.refreshToken, refreshContext(grantId)),
    accessExpiresAt: tokens.accessExpiresAt,
    refreshExpiresAt: tokens.refreshExpiresAt,
    refreshHardExpiresAt: tokens.refreshHardExpiresAt,
  };
}

/** The columns of `sealTokens`, read back. */
export function openTokens(
  vault: Vault,
  row: { id: string; scopes: string; accessSealed: string; refreshSealed: string } & Pick<
    TokenSet,
    'accessExpiresAt' | 'refreshExpiresAt' | 'refreshHardExpiresAt'
  >,
): TokenSet {
  return {
    accessToken: vault.open(row.accessSealed, accessContext(row.id)),
    refreshToken: vault.open(row.refreshSealed, refreshContext(row.id)),
    accessExpiresAt: row.accessExpiresAt,
    refreshExpiresAt: row.refreshExpiresAt,
    refreshHardExpiresAt: row.refreshHardExpiresAt,
    scopes: row.scopes.split(' ').filter((scope) => scope !== ''),
  };
}
