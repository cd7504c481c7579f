/** The two databases a figure is measured on, each with the fastest way in that it has: COPY. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import pg from 'pg';
import {
  type DatabaseSetting,
  type Db,
  dbOnPglite,
  openDatabase,
  pgliteFactory,
} from '../src/store/db.ts';
import { applyMigrations } from '../src/store/migrate.ts';

export interface BenchDatabase {
  name: 'PostgreSQL' | 'PGlite';
  db: Db;
  /** Reads rows, given as CSV text, into whole tables in one transaction. */
  copyIn(tables: readonly { table: string; csv: string }[]): Promise<void>;
  /** How another process opens such a database: the same server, or a folder of its own. */
  elsewhere(folder: string): DatabaseSetting;
  drop(): Promise<void>;
}

const DEFAULT_URL = 'postgres://root@127.0.0.1:5432/test';

/** null when no server answers: the figures are then for PGlite only. */
export async function benchPostgres(): Promise<BenchDatabase | null> {
  const server = process.env['TEST_DATABASE_URL'] ?? process.env['DATABASE_URL'] ?? DEFAULT_URL;
  const name = `duebook_bench_${process.pid}`;
  const created = await onServer(server, `create database ${name}`).catch(() => false);
  if (created === false) return null;
  const url = new URL(server);
  url.pathname = `/${name}`;
  const db = await openDatabase({ kind: 'postgres', url: url.toString() });
  const client = new pg.Client({
    connectionString: url.toString(),
    options: '-c timezone=UTC',
  });
  await client.connect();
  return {
    name: 'PostgreSQL',
    db,
    async copyIn(tables) {
      await client.query('begin');
      for (const { table, csv } of tables) await copyFromStdin(client, table, csv);
      await client.query('commit');
    },
    elsewhere: () => ({ kind: 'postgres', url: url.toString() }),
    async drop() {
      await client.end();
      await db.close();
      await onServer(server, `drop database ${name} with (force)`);
    },
  };
}

async function onServer(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

interface CopyConnection {
  query(text: string): void;
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
}

/** COPY FROM STDIN in pg's own protocol: a "submittable" that answers the server's copy-in with all of the text. */
function copyFromStdin(client: pg.Client, table: string, csv: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let failure: Error | undefined;
    const copy = {
      submit: (connection: CopyConnection) => connection.query(`copy ${table} from stdin csv`),
      handleCopyInResponse(connection: CopyConnection) {
        connection.sendCopyFromChunk(Buffer.from(csv));
        connection.endCopyFrom();
      },
      handleCommandComplete: () => undefined,
      handleError: (error: Error) => void (failure = error),
      handleReadyForQuery: () => {
        if (failure === undefined) resolve();
        else reject(failure);
      },
    };
    client.query(copy as unknown as pg.Submittable);
  });
}

export async function benchPglite(): Promise<BenchDatabase> {
  const folder = await mkdtemp(path.join(tmpdir(), 'duebook-bench-'));
  const pglite = await PGlite.create({ dataDir: path.join(folder, 'db') });
  await pglite.exec("set time zone 'UTC'");
  await applyMigrations(pgliteFactory(pglite));
  const db = dbOnPglite(pglite);
  return {
    name: 'PGlite',
    db,
    async copyIn(tables) {
      await pglite.transaction(async (tx) => {
        for (const { table, csv } of tables) {
          await tx.query(`copy ${table} from '/dev/blob' csv`, [], { blob: new Blob([csv]) });
        }
      });
    },
    elsewhere: (other) => ({ kind: 'pglite', folder: other }),
    async drop() {
      await db.close();
      await rm(folder, { recursive: true });
    },
  };
}
