/**
 * Seals every secret again with the first key, in sets, while the product goes on working. A row is
 * replaced only while it is what was read: a token pair refreshed meanwhile is not put back, but
 * looked at again in the next pass. When no pass finds work, the older keys can go.
 */
import { AppError } from '../errors.ts';
import { verifierContext } from './begin.ts';
import { openBookRef, sealBookRef } from './book-secrets.ts';
import type { ConnectDeps } from './deps.ts';
import { openTokens, sealTokens } from './grant-tokens.ts';

type Deps = Pick<ConnectDeps, 'db' | 'clock' | 'vault'>;

const SET_SIZE = 500;
/** Each pass but the first meets only rows that changed during the one before. */
const PASSES_MAX = 20;

export async function rotateKeys(deps: Deps): Promise<{ resealed: number }> {
  await deps.db.prisma.oAuthState.deleteMany({ where: { expiresAt: { lte: deps.clock.now() } } });
  let resealed = 0;
  for (let pass = 0; pass < PASSES_MAX; pass += 1) {
    const found = [await resealGrants(deps), await resealBooks(deps), await resealStates(deps)];
    if (found.every((set) => set.stale === 0)) return { resealed };
    resealed += found.reduce((sum, set) => sum + set.resealed, 0);
  }
  throw new AppError(
    'vault.rotation_unfinished',
    'secrets were still being written with an older key: give every process the new ENCRYPTION_KEYS first, then rotate again',
  );
}

interface Progress {
  /** Rows found under an older key. */
  stale: number;
  /** Rows replaced; the rest changed under our hands. */
  resealed: number;
}

async function resealGrants({ db, vault }: Deps): Promise<Progress> {
  const grants = await db.prisma.grant.findMany({ orderBy: { id: 'asc' } });
  const stale = grants.filter(
    (grant) => !vault.isCurrent(grant.accessSealed) || !vault.isCurrent(grant.refreshSealed),
  );
  const rows = stale.map((grant) => {
    const { accessSealed, refreshSealed } = sealTokens(vault, grant.id, openTokens(vault, grant));
    return { id: grant.id, version: grant.version, access: accessSealed, refresh: refreshSealed };
  });
  const update = `update "grant" g set access_sealed = r.access, refresh_sealed = r.refresh
    from json_to_recordset($1::json) as r(id uuid, version int, access text, refresh text)
    where g.id = r.id and g.version = r.version`;
  return { stale: stale.length, resealed: await inSets(db, update, rows) };
}

/** The hash moves with the key, so that a company is still found when the older keys are gone. */
async function resealBooks({ db, vault }: Deps): Promise<Progress> {
  const books = await db.prisma.book.findMany({ orderBy: { id: 'asc' } });
  const stale = books.filter((book) => !vault.isCurrent(book.externalIdSealed));
  const rows = stale.map((book) => {
    const sealed = sealBookRef(vault, book.id, book.platform, openBookRef(vault, book));
    return {
      id: book.id,
      before: book.externalIdSealed,
      external: sealed.externalIdSealed,
      hash: sealed.externalIdHash,
      connection: sealed.connectionIdSealed,
    };
  });
  const update = `update book b
    set external_id_sealed = r.external, external_id_hash = r.hash, connection_id_sealed = r.connection
    from json_to_recordset($1::json) as r(id int, before text, external text, hash text, connection text)
    where b.id = r.id and b.external_id_sealed = r.before`;
  return { stale: stale.length, resealed: await inSets(db, update, rows) };
}

async function resealStates({ db, vault }: Deps): Promise<Progress> {
  const states = await db.prisma.oAuthState.findMany({ orderBy: { stateHash: 'asc' } });
  const stale = states.filter((state) => !vault.isCurrent(state.verifierSealed));
  const rows = stale.map(({ stateHash, verifierSealed }) => {
    const context = verifierContext(stateHash);
    return { id: stateHash, verifier: vault.seal(vault.open(verifierSealed, context), context) };
  });
  const update = `update oauth_state s set verifier_sealed = r.verifier
    from json_to_recordset($1::json) as r(id text, verifier text) where s.state_hash = r.id`;
  return { stale: stale.length, resealed: await inSets(db, update, rows) };
}

async function inSets(db: Deps['db'], update: string, rows: object[]): Promise<number> {
  let replaced = 0;
  for (let start = 0; start < rows.length; start += SET_SIZE) {
    const set = JSON.stringify(rows.slice(start, start + SET_SIZE));
    replaced += await db.prisma.$executeRawUnsafe(update, set);
  }
  return replaced;
}
