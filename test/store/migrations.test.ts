import { PGlite } from '@electric-sql/pglite';
import { describe, expect, test } from 'vitest';
import { pgliteFactory } from '../../src/store/db.ts';
import { pendingSql } from '../../src/store/migrate.ts';
import { useDatabase } from '../support/database.ts';

const db = useDatabase();

describe('migrations', () => {
  test('give exactly schema.prisma: nothing is left to write', async () => {
    const shadow = await PGlite.create();
    try {
      expect(await pendingSql(pgliteFactory(shadow))).toBeNull();
    } finally {
      await shadow.close();
    }
  });

  test('a timestamp comes back as the instant that went in', async () => {
    const at = new Date('2026-03-29T01:30:00.123Z');
    await db().prisma.webSession.create({
      data: { tokenHash: 'h', kind: 'link', createdAt: at, expiresAt: at },
    });
    const row = await db().prisma.webSession.findUniqueOrThrow({ where: { tokenHash: 'h' } });
    expect(row.createdAt).toEqual(at);
    const { rows } = await db().executeSql(
      'select extract(epoch from created_at)::text as at from web_session',
    );
    expect(rows).toEqual([{ at: '1774747800.123000' }]);
  });
});
