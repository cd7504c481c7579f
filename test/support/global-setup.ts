/** One migrated database for the whole run: a PGlite snapshot file, or a template database on a server. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { dumpMigratedSnapshot, openDatabase } from '../../src/store/db.ts';
import { onServer, withDatabaseName } from './postgres.ts';

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

/** Migrating costs seconds; the same migrations give the same snapshot, so it is kept between runs. */
async function setupPglite(project: TestProject): Promise<() => Promise<void>> {
  const folder = path.join('node_modules', '.cache', 'duebook');
  const snapshot = path.resolve(folder, `migrated-${await migrationsDigest()}.tar`);
  if (!existsSync(snapshot)) {
    const dump = await dumpMigratedSnapshot();
    await mkdir(folder, { recursive: true });
    // Written aside and renamed: a second run at the same moment must not read half of it.
    const aside = `${snapshot}.${process.pid}`;
    await writeFile(aside, Buffer.from(await dump.arrayBuffer()));
    await rename(aside, snapshot);
  }
  project.provide('database', { kind: 'pglite', snapshot });
  return () => Promise.resolve();
}

/** Of everything the snapshot is made from. */
async function migrationsDigest(): Promise<string> {
  const digest = createHash('sha256');
  const made = ['src/store/migrate.ts', 'package-lock.json', 'prisma/schema.prisma'];
  const migrations = await readdir('prisma/migrations', { recursive: true });
  for (const file of migrations.sort()) {
    if (file.endsWith('.sql')) made.push(path.join('prisma/migrations', file));
  }
  for (const file of made) digest.update(file).update(await readFile(file));
  return digest.digest('hex').slice(0, 16);
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
