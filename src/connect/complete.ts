/**
 * The second half of a connection: checks that the answer belongs to a question this browser asked,
 * trades the code for tokens, reads who was connected, and only then stores anything, all at once.
 * A company that was connected before keeps its book, with everything people decided in it.
 */
import { randomUUID } from 'node:crypto';
import type { BookRef, CallbackQuery, LedgerPlatform, TokenSet } from '../../connectors/ledger.ts';
import type { BookId, Organisation, Platform } from '../domain/receivables.ts';
import { AccessError, LedgerError } from '../errors.ts';
import type { Tx } from '../store/db.ts';
import { hashOf, verifierContext } from './begin.ts';
import { externalIdHashes, limiterKey, sealBookRef } from './book-secrets.ts';
import { type ConnectDeps, PLATFORM_NAMES, platformOf } from './deps.ts';
import { sealTokens } from './grant-tokens.ts';

interface Company {
  ref: BookRef;
  organisation: Organisation;
}

export interface ConnectedBook {
  id: BookId;
  name: string;
}

export async function completeConnect(
  deps: ConnectDeps,
  request: { platform: Platform; query: CallbackQuery; browser: string },
): Promise<{ books: ConnectedBook[] }> {
  const platform = platformOf(deps, request.platform);
  const { state, codeVerifier } = await useState(deps, request);
  refuseDenied(platform, request.query);
  const { tokens, books } = await exchange(platform, { query: request.query, state, codeVerifier });
  const companies = await readCompanies(deps, platform, tokens, books);
  const connected = await deps.db.tx((tx) => store(deps, tx, platform.platform, tokens, companies));
  deps.log.info({ platform: platform.platform, books: connected.length }, 'connected');
  return { books: connected };
}

/** Takes the state out of use, in one statement, so that of two answers with one state only one goes on. */
async function useState(
  deps: ConnectDeps,
  request: { platform: Platform; query: CallbackQuery; browser: string },
): Promise<{ state: string; codeVerifier: string }> {
  const state = request.query['state'];
  if (state === undefined || state === '') {
    throw refused('The answer came without the code that ties it to your browser.');
  }
  const now = deps.clock.now();
  const stateHash = hashOf(state);
  const browserHash = hashOf(request.browser);
  const [row] = await deps.db.prisma.oAuthState.updateManyAndReturn({
    where: {
      stateHash,
      platform: request.platform,
      browserHash,
      usedAt: null,
      expiresAt: { gt: now },
    },
    data: { usedAt: now },
  });
  if (row === undefined) throw await whyUnusable(deps, stateHash, browserHash);
  return { state, codeVerifier: deps.vault.open(row.verifierSealed, verifierContext(stateHash)) };
}

async function whyUnusable(
  deps: ConnectDeps,
  stateHash: string,
  browserHash: string,
): Promise<AccessError> {
  const row = await deps.db.prisma.oAuthState.findUnique({ where: { stateHash } });
  if (row === null) return refused('We did not ask for this connection.');
  if (row.browserHash !== browserHash) return refused('It was begun in another browser.');
  if (row.usedAt !== null) return refused('This answer was used before.');
  if (row.expiresAt <= deps.clock.now()) return refused('It took longer than ten minutes.');
  return refused('It was begun for another platform.');
}

function refused(why: string): AccessError {
  return new AccessError(
    'forbidden',
    `${why} Nothing was connected: begin again with the connect button.`,
  );
}

/** RFC 6749 §4.1.2.1: a refusal comes back as `error` in place of a code. */
function refuseDenied(platform: LedgerPlatform, query: CallbackQuery): void {
  const error = query['error'];
  if (error === undefined) return;
  const name = PLATFORM_NAMES[platform.platform];
  const platformCode = /^[a-z_]{1,60}$/.test(error) ? error : 'unreadable';
  const userMessage =
    error === 'access_denied'
      ? `Access was not given at ${name}, so nothing was connected.`
      : `${name} did not allow the connection (${platformCode}). Nothing was connected.`;
  throw new LedgerError('rejected', `consent: ${platformCode}`, { platformCode }, { userMessage });
}

async function exchange(
  platform: LedgerPlatform,
  request: { query: CallbackQuery; state: string; codeVerifier: string },
): Promise<{ tokens: TokenSet; books: BookRef[] }> {
  const name = PLATFORM_NAMES[platform.platform];
  const answer = await platform.exchange(request).catch((err: unknown) => {
    if (!(err instanceof LedgerError) || err.kind !== 'rejected') throw err;
    const userMessage = `${name} did not accept the sign-in code; it works once and not for long. Nothing was connected: begin again with the connect button.`;
    throw new LedgerError('rejected', err.message, err.facts, { userMessage });
  });
  if (answer.books.length > 0) return answer;
  const userMessage = `No organisation was chosen at ${name}, so nothing was connected.`;
  throw new LedgerError('rejected', 'the grant covers no book', {}, { userMessage });
}

/** Reads each company once. One that cannot be read does not keep the others out. */
async function readCompanies(
  deps: ConnectDeps,
  platform: LedgerPlatform,
  tokens: TokenSet,
  refs: BookRef[],
): Promise<Company[]> {
  const companies: Company[] = [];
  let failure: unknown;
  for (const ref of refs) {
    try {
      companies.push({ ref, organisation: await readOrganisation(deps, platform, tokens, ref) });
    } catch (err) {
      deps.log.warn({ err }, 'one organisation of the grant could not be read');
      failure ??= err;
    }
  }
  if (companies.length === 0) throw failure;
  return companies;
}

function readOrganisation(
  deps: ConnectDeps,
  platform: LedgerPlatform,
  tokens: TokenSet,
  ref: BookRef,
): Promise<Organisation> {
  const ledger = platform.open({
    key: limiterKey(deps.vault, platform.platform, ref.externalId),
    externalId: ref.externalId,
    priority: 'interactive',
    tokens: {
      current: () => Promise.resolve(tokens.accessToken),
      replace: () =>
        Promise.reject(new LedgerError('disconnected', 'the platform refused its own new token')),
    },
  });
  return ledger.organisation();
}

async function store(
  deps: ConnectDeps,
  tx: Tx,
  platform: Platform,
  tokens: TokenSet,
  companies: Company[],
): Promise<ConnectedBook[]> {
  // Two answers that name the same company take turns, or both would make it a book.
  await tx.$executeRaw`select pg_advisory_xact_lock(7230581946)`;
  const at = deps.clock.now();
  const id = randomUUID();
  await tx.grant.create({
    data: {
      id,
      platform,
      ...sealTokens(deps.vault, id, tokens),
      createdAt: at,
      updatedAt: at,
    },
  });
  const books: ConnectedBook[] = [];
  for (const company of companies) {
    books.push(await storeBook(deps, tx, { platform, grantId: id, at }, company));
  }
  // A consent that was replaced covers nothing any more; revoking it would end the new one as well.
  await tx.grant.deleteMany({ where: { platform, books: { none: {} } } });
  return books;
}

async function storeBook(
  deps: ConnectDeps,
  tx: Tx,
  grant: { platform: Platform; grantId: string; at: Date },
  { ref, organisation }: Company,
): Promise<ConnectedBook> {
  const { platform, grantId, at } = grant;
  const hashes = externalIdHashes(deps.vault, platform, ref.externalId);
  const known = await tx.book.findFirst({
    where: { externalIdHash: { in: hashes } },
    select: { id: true },
  });
  const id = known?.id ?? (await nextBookId(tx));
  const data = {
    grantId,
    ...sealBookRef(deps.vault, id, platform, ref),
    status: 'connected' as const,
    statusReason: null,
    ...organisationColumns(organisation),
    updatedAt: at,
  };
  if (known === null) {
    await tx.book.create({ data: { id, platform, mode: 'shadow', ...data, createdAt: at } });
  } else {
    await tx.book.update({
      where: { id },
      data: { ...data, parkedUntil: null, parkedReason: null, lastSyncError: null },
    });
  }
  await tx.audit.create({
    data: {
      bookId: id,
      at,
      actor: 'owner',
      action: known === null ? 'book.connected' : 'book.reconnected',
      subject: `book ${id}`,
    },
  });
  return { id: id as BookId, name: organisation.name };
}

function organisationColumns(organisation: Organisation) {
  const { platformRemindersOn, ...rest } = organisation;
  return { ...rest, ...(platformRemindersOn === null ? {} : { platformRemindersOn }) };
}

/** The id before the row: a sealed text is bound to it. */
async function nextBookId(tx: Tx): Promise<number> {
  const [row] = await tx.$queryRaw<
    { id: bigint }[]
  >`select nextval(pg_get_serial_sequence('book', 'id')) as id`;
  return Number(row?.id);
}
