/** A database of one's own for a test file: migrated, empty, gone afterwards. Same tests on PGlite and PostgreSQL. */
import { readFile } from 'node:fs/promises';
import pg from 'pg';
import { afterAll, beforeAll, inject } from 'vitest';
import { type Db, openDatabase } from '../../src/store/db.ts';
import { onServer, withDatabaseName } from './postgres.ts';

let counter = 0;

/** Call at the top of a test file: `const db = useDatabase();` then `db()` inside tests. */
export function useDatabase(): () => Db {
  let current: { db: Db; drop(): Promise<void> } | undefined;
  beforeAll(async () => {
    current = await openTestDatabase();
  }, 60_000);
  afterAll(async () => {
    await current?.db.close();
    await current?.drop();
  });
  return () => {
    if (current === undefined) throw new Error('the test database is open inside tests only');
    return current.db;
  };
}

export async function openTestDatabase(): Promise<{ db: Db; drop(): Promise<void> }> {
  const database = inject('database');
  if (database.kind === 'pglite') {
    const snapshot = new Blob([await readFile(database.snapshot)]);
    return {
      db: await openDatabase({ kind: 'pglite', folder: null, snapshot }),
      drop: () => Promise.resolve(),
    };
  }
  const { url, template } = database;
  counter += 1;
  const name = `duebook_test_${process.pid}_${counter}_${Math.floor(Math.random() * 1e9)}`;
  const quoted = pg.escapeIdentifier(name);
  await onServer(url, async (client) => {
    // Two files that clone one template at the same moment would collide: take turns.
    await client.query('select pg_advisory_lock(7230581945)');
    await client.query(`create database ${quoted} template ${pg.escapeIdentifier(template)}`);
  });
  return {
    db: await openDatabase({ kind: 'postgres', url: withDatabaseName(url, name), poolSize: 5 }),
    drop: async () => {
      await onServer(url, (client) =>
        client.query(`drop database if exists ${quoted} with (force)`),
      );
    },
  };
}
