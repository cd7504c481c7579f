import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { createVault, loadOrCreateKeyFile } from '../../src/store/vault.ts';

const key = (id: string, fill: number) => ({ id, key: Buffer.alloc(32, fill) });

describe('vault', () => {
  const vault = createVault([key('k1', 1)]);
  const context = 'grant|42|access';

  test('opens what it sealed, for the same place only', () => {
    const sealed = vault.seal('tøken', context);
    expect(sealed).toMatch(/^v1\.k1\.[\w-]{16}\.[\w-]+\.[\w-]{22}$/);
    expect(sealed).not.toContain('tøken');
    expect(vault.open(sealed, context)).toBe('tøken');
    expect(() => vault.open(sealed, 'grant|43|access')).toThrow(/cannot open/);
    expect(() => vault.open(sealed, 'grant|42|refresh')).toThrow(/cannot open/);
  });

  test('never gives the same text twice', () => {
    expect(vault.seal('same', context)).not.toBe(vault.seal('same', context));
  });

  test('fails closed when any single bit of the sealed text is flipped', () => {
    const sealed = vault.seal('a secret of some length', context);
    for (let at = 0; at < sealed.length; at += 1) {
      for (let bit = 0; bit < 7; bit += 1) {
        const flipped =
          sealed.slice(0, at) +
          String.fromCharCode(sealed.charCodeAt(at) ^ (1 << bit)) +
          sealed.slice(at + 1);
        expect(() => vault.open(flipped, context), `char ${at}, bit ${bit}`).toThrow(/cannot open/);
      }
    }
  });

  test.each(['', 'v1', 'plain text', 'v1.k1..AA.AA', 'v2.k1.AA.AA.AA', 'v1.k1.AA.AA.AA.AA'])(
    'refuses %j, and its error holds no part of it but the place',
    (text) => {
      expect(() => vault.open(text, context)).toThrow(
        expect.objectContaining({ code: 'vault.unreadable' }),
      );
    },
  );

  test('a cut tag is refused, not compared by its first bytes', () => {
    const [version, id, iv, body, tag = ''] = vault.seal('x', context).split('.');
    const cut = Buffer.from(tag, 'base64url').subarray(0, 4).toString('base64url');
    expect(() => vault.open([version, id, iv, body, cut].join('.'), context)).toThrow(
      /cannot open/,
    );
  });

  test('with two keys the first seals and both open; the old text is not current', () => {
    const old = vault.seal('secret', context);
    const both = createVault([key('k2', 2), key('k1', 1)]);
    expect(both.open(old, context)).toBe('secret');
    expect(both.isCurrent(old)).toBe(false);
    expect(both.isCurrent(both.seal('secret', context))).toBe(true);
    expect(() => createVault([key('k2', 2)]).open(old, context)).toThrow(/key k1 is not among/);
  });

  test('a hash is found under every key that was ever first', () => {
    const both = createVault([key('k2', 2), key('k1', 1)]);
    expect(both.keyedHashes('realm')).toEqual([
      createVault([key('k2', 2)]).keyedHash('realm'),
      vault.keyedHash('realm'),
    ]);
    expect(vault.keyedHash('realm')).not.toBe(vault.keyedHash('realm2'));
  });

  test('without a key it names the setting', () => {
    expect(() => createVault([])).toThrow(/^ENCRYPTION_KEYS: /);
  });
});

describe('key file', () => {
  test('is made once, for this user only, and read again; a broken one is refused, not replaced', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'duebook-keys-'));
    try {
      const file = path.join(folder, 'inner', 'encryption-keys');
      const made = await loadOrCreateKeyFile(path.dirname(file));
      expect(made).toHaveLength(1);
      expect((await stat(file)).mode & 0o777).toBe(0o600);
      expect(await loadOrCreateKeyFile(path.dirname(file))).toEqual(made);
      await writeFile(file, 'garbage');
      await expect(loadOrCreateKeyFile(path.dirname(file))).rejects.toThrow(
        /encryption-keys: should/,
      );
      expect(await readFile(file, 'utf8')).toBe('garbage');
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
