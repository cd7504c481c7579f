/** A migrated, empty PGlite as a file. Migrating costs seconds, so it is kept between runs. */
import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type DatabaseSetting, dumpMigratedSnapshot, openDatabase } from '../../src/store/db.ts';

/** Gives the file's path; the same migrations give the same file. */
export async function migratedSnapshot(): Promise<string> {
  const folder = path.join('node_modules', '.cache', 'duebook');
  const snapshot = path.resolve(folder, `migrated-${await migrationsDigest()}.tar`);
  if (!existsSync(snapshot)) {
    const dump = await dumpMigratedSnapshot();
    await mkdir(folder, { recursive: true });
    // Written aside and renamed: a second run at the same moment must not read half of it.
    const aside = `${snapshot}.${randomUUID()}`;
    await writeFile(aside, Buffer.from(await dump.arrayBuffer()));
    await rename(aside, snapshot);
  }
  return snapshot;
}

/** How to open a migrated, empty embedded database in a folder that is empty. */
export async function fromSnapshot(folder: string): Promise<DatabaseSetting> {
  const snapshot = new Blob([await readFile(await migratedSnapshot())]);
  return { kind: 'pglite', folder, snapshot };
}

/** Makes the folder such a database: a process that opens it need not migrate. */
export async function migratedFolder(folder: string): Promise<void> {
  const db = await openDatabase(await fromSnapshot(folder));
  await db.close();
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
