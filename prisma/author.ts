/** `npm run db:author NAME`: writes the migration that takes prisma/migrations to schema.prisma. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { pgliteFactory } from '../src/store/db.ts';
import { pendingSql } from '../src/store/migrate.ts';

const name = process.argv[2];
if (name === undefined || !/^[a-z][a-z0-9_]*$/.test(name)) {
  console.error('usage: npm run db:author NAME   (lower case letters, digits and _)');
  process.exit(2);
}

const folder = path.join(import.meta.dirname, 'migrations');
await mkdir(folder, { recursive: true });
const shadow = await PGlite.create();
try {
  const sql = await pendingSql(pgliteFactory(shadow));
  if (sql === null) {
    console.log('nothing to write: the migrations already give schema.prisma');
  } else {
    const stamp = new Date().toISOString().replace(/\D/g, '').slice(0, 14);
    const file = path.join(folder, `${stamp}_${name}`, 'migration.sql');
    await mkdir(path.dirname(file));
    await writeFile(file, sql);
    console.log(`wrote ${path.relative(process.cwd(), file)}; read it before you commit it`);
  }
} finally {
  await shadow.close();
}
