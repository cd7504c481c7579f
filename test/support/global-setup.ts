/** One migrated database for the whole run: a PGlite snapshot file, or a template database on a server. */
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { openDatabase } from '../../src/store/db.ts';
import { onServer, withDatabaseName } from './postgres.ts';
import { migratedSnapshot } from './snapshot.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    database:
      { kind: 'pglite'; snapshot: string } | { kind: 'postgres'; url: string; template: string };
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const url = process.env['TEST_DATABASE_URL'];
  return url === undefined || url === '' ? setupPglite(project) : setupPostgres(project, url);
}

async function setupPglite(project: TestProject): Promise<() => Promise<void>> {
  project.provide('database', { kind: 'pglite', snapshot: await migratedSnapshot() });
  return () => Promise.resolve();
}

async function setupPostgres(project: TestProject, url: string): Promise<() => Promise<void>> {
  const template = `duebook_template_${process.pid}`;
  await onServer(url, (client) => client.query(`create database ${pg.escapeIdentifier(template)}`));
  const db = await openDatabase({
    kind: 'postgres',
    url: withDatabaseName(url, template),
    poolSize: 2,
  });
  await db.close();
  project.provide('database', { kind: 'postgres', url, template });
  return async () => {
    await onServer(url, (client) =>
      client.query(`drop database if exists ${pg.escapeIdentifier(template)}`),
    );
  };
}
