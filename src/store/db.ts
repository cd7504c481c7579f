/**
 * One database, two hosts: PGlite inside this process, or a PostgreSQL server. Same schema, same
 * migrations, same SQL. Everything outside this folder sees `Db` and `Tx` and nothing of the drivers.
 */
import { mkdir } from 'node:fs/promises';
import { PGlite } from '@electric-sql/pglite';
import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaPGlite } from 'pglite-prisma-adapter';
import pg from 'pg';
import { lockFolder } from './folder-lock.ts';
import { type Prisma, PrismaClient } from './generated/client.ts';
import { type AdapterFactory, applyMigrations } from './migrate.ts';

export type { Book, Grant, Invoice, Prisma } from './generated/client.ts';

/** Stages take a Tx, never the client: on PGlite a query beside an open transaction would wait for it for ever. */
export type Tx = Prisma.TransactionClient;

/** One statement of a bulk transaction; `rowCount` is rows written, or read where nothing is written. */
export type Sql = (
  text: string,
  values?: readonly unknown[],
) => Promise<{ rows: unknown[]; rowCount: number }>;

export interface Db {
  readonly kind: 'pglite' | 'postgres';
  /** For single statements outside a transaction. */
  readonly prisma: PrismaClient;
  tx<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /**
   * A transaction on the driver itself, for work in sets: Prisma would write out a page of rows
   * twice more on its way to the server.
   */
  bulk<T>(work: (sql: Sql) => Promise<T>): Promise<T>;
  /** Plain SQL for the job queue, which brings its own. Without values several statements are allowed. */
  executeSql(text: string, values?: unknown[]): Promise<{ rows: unknown[]; rowCount: number }>;
  close(): Promise<void>;
}

export type DatabaseSetting =
  | { kind: 'postgres'; url: string; poolSize?: number }
  /** `folder` null keeps everything in memory; `snapshot` starts from a dumped data directory. */
  | { kind: 'pglite'; folder: string | null; snapshot?: Blob };

// Work in sets can hold a transaction for minutes on a small server; PGlite's single connection makes others wait.
const TRANSACTION_OPTIONS = { maxWait: 120_000, timeout: 600_000 };

/** Any 64-bit number will do, as long as every Duebook process uses the same. */
const MIGRATION_LOCK = 7_230_581_944;

export async function openDatabase(setting: DatabaseSetting): Promise<Db> {
  return setting.kind === 'postgres' ? openPostgres(setting) : openPglite(setting);
}

function makeClient(adapter: AdapterFactory): PrismaClient {
  return new PrismaClient({ adapter, transactionOptions: TRANSACTION_OPTIONS });
}

async function openPostgres(setting: { url: string; poolSize?: number }): Promise<Db> {
  const config: pg.PoolConfig = {
    connectionString: setting.url,
    max: setting.poolSize ?? 10,
    // The adapter writes timestamps without a zone: the session must read them as UTC.
    options: '-c timezone=UTC',
    application_name: 'duebook',
  };
  const pool = new pg.Pool(config);
  // An idle connection that the server drops must not end the process; the pool opens another.
  pool.on('error', () => undefined);
  const factory = withWholeScripts(new PrismaPg(config), (script) => pool.query(script));
  try {
    const locker = await pool.connect();
    try {
      await locker.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
      await applyMigrations(factory);
    } finally {
      await locker.query('select pg_advisory_unlock($1)', [MIGRATION_LOCK]);
      locker.release();
    }
  } catch (err) {
    await pool.end();
    throw err;
  }
  const prisma = makeClient(factory);
  return {
    kind: 'postgres',
    prisma,
    tx: (work) => prisma.$transaction(work),
    bulk: (work) => bulkOnPool(pool, work),
    async executeSql(text, values) {
      const result = await pool.query(text, values);
      return { rows: result.rows as unknown[], rowCount: result.rowCount ?? 0 };
    },
    async close() {
      await prisma.$disconnect();
      await pool.end();
    },
  };
}

async function bulkOnPool<T>(pool: pg.Pool, work: (sql: Sql) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let isBroken = false;
  try {
    await client.query('begin');
    const result = await work(async (text, values = []) => {
      const { rows, rowCount } = await client.query(text, [...values]);
      return { rows: rows as unknown[], rowCount: rowCount ?? 0 };
    });
    await client.query('commit');
    return result;
  } catch (err) {
    await client.query('rollback').catch(() => (isBroken = true));
    throw err;
  } finally {
    client.release(isBroken);
  }
}

async function openPglite(setting: { folder: string | null; snapshot?: Blob }): Promise<Db> {
  if (setting.folder !== null) await mkdir(setting.folder, { recursive: true });
  const lock = setting.folder === null ? null : await lockFolder(setting.folder);
  let pglite: PGlite | null = null;
  try {
    pglite = await PGlite.create({
      ...(setting.folder === null ? {} : { dataDir: `${setting.folder}/db` }),
      ...(setting.snapshot === undefined ? {} : { loadDataDir: setting.snapshot }),
    });
    await pglite.exec("set time zone 'UTC'");
    if (setting.snapshot === undefined) await applyMigrations(pgliteFactory(pglite));
  } catch (err) {
    await pglite?.close();
    await lock?.release();
    throw err;
  }
  return dbOnPglite(pglite, () => lock?.release() ?? Promise.resolve());
}

/** A Db over an instance that is open and migrated; closing it closes the instance. */
export function dbOnPglite(
  embedded: PGlite,
  afterClose: () => Promise<void> = () => Promise.resolve(),
): Db {
  const prisma = makeClient(pgliteFactory(embedded));
  return {
    kind: 'pglite',
    prisma,
    tx: (work) => prisma.$transaction(work),
    bulk: (work) =>
      embedded.transaction((tx) =>
        work(async (text, values = []) => {
          const result = await tx.query(text, [...values]);
          return { rows: result.rows, rowCount: result.affectedRows ?? result.rows.length };
        }),
      ),
    async executeSql(text, values) {
      if (values === undefined || values.length === 0) {
        const results = await embedded.exec(text);
        const last = results.at(-1);
        return { rows: last?.rows ?? [], rowCount: last?.affectedRows ?? last?.rows.length ?? 0 };
      }
      const result = await embedded.query(text, values);
      return { rows: result.rows, rowCount: result.affectedRows ?? result.rows.length };
    },
    async close() {
      await prisma.$disconnect();
      await embedded.close();
      await afterClose();
    },
  };
}

/** Its shadow database lives in memory, as authoring needs. */
export function pgliteFactory(pglite: PGlite): AdapterFactory {
  return withWholeScripts(new PrismaPGlite(pglite), (script) => pglite.exec(script));
}

/**
 * A migration goes to the database as it is written. pglite-prisma-adapter 0.7.2 starts it without
 * awaiting it, so that a failing one would be an unhandled rejection; @prisma/adapter-pg 7.10 cuts it
 * at every semicolon, and a trigger's function has some.
 */
function withWholeScripts<T extends AdapterFactory>(
  factory: T,
  execute: (script: string) => Promise<unknown>,
): T {
  const connect = factory.connect.bind(factory);
  return Object.assign(factory, {
    async connect() {
      const adapter = await connect();
      return Object.assign(adapter, {
        executeScript: async (script: string) => {
          await execute(script);
        },
      });
    },
  });
}

/** A migrated, empty database as a file, so that a test set-up migrates once. */
export async function dumpMigratedSnapshot(): Promise<Blob> {
  const pglite = await PGlite.create();
  try {
    await pglite.exec("set time zone 'UTC'");
    await applyMigrations(pgliteFactory(pglite));
    return await pglite.dumpDataDir('none');
  } finally {
    await pglite.close();
  }
}
