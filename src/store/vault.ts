/**
 * Secrets at rest: AES-256-GCM under a keyring. Each sealed text names its key and is bound to its
 * place (table, row, field), so a text that was changed, or moved to another row, does not open.
 * The first key seals, all of them open: a key is changed by putting a new one in front, running
 * `duebook keys rotate`, and then taking the old one out.
 */
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type EncryptionKey, newEncryptionKey, readConfig } from '../config.ts';
import { AppError, UsageError } from '../errors.ts';

const VERSION = 'v1';
const IV_BYTES = 12;
const TAG_BYTES = 16;
const KEY_FILE = 'encryption-keys';

export interface Vault {
  /** `context` is `table|row|field`, and the same text is needed to open. */
  seal(text: string, context: string): string;
  /** Throws AppError `vault.unreadable` for anything that was not sealed here, for this place. */
  open(sealed: string, context: string): string;
  /** For finding a row by a secret: HMAC-SHA256 under the first key. Written by new rows and by rotation. */
  keyedHash(text: string): string;
  /** The same under every key, first key first: what a search must try, as rotation may not be through yet. */
  keyedHashes(text: string): string[];
  /** Sealed with the first key. */
  isCurrent(sealed: string): boolean;
}

export function createVault(keys: EncryptionKey[]): Vault {
  const [first] = keys;
  if (first === undefined) {
    throw new UsageError(
      'ENCRYPTION_KEYS: is missing; `duebook keys new` prints one, keep it outside the database',
    );
  }
  const ring = new Map(keys.map((key) => [key.id, key.key]));
  const hashKeys = keys.map((key) => hashKey(key.key));
  const [firstHashKey = hashKey(first.key)] = hashKeys;
  return {
    seal: (text, context) => seal(first, text, context),
    open: (sealed, context) => open(ring, sealed, context),
    keyedHash: (text) => hmac(firstHashKey, text),
    keyedHashes: (text) => hashKeys.map((key) => hmac(key, text)),
    isCurrent: (sealed) => sealed.startsWith(`${VERSION}.${first.id}.`),
  };
}

function seal(key: EncryptionKey, text: string, context: string): string {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key.key, iv, { authTagLength: TAG_BYTES });
  cipher.setAAD(associatedData(context, key.id));
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return [VERSION, key.id, ...[iv, sealed, cipher.getAuthTag()].map(toText)].join('.');
}

function open(ring: ReadonlyMap<string, Buffer>, sealed: string, context: string): string {
  const [version, keyId, ...parts] = sealed.split('.');
  const [iv, body, tag] = parts.map(toBytes);
  if (version !== VERSION || keyId === undefined || parts.length !== 3 || !iv || !body || !tag) {
    throw unreadable(context, 'it is not a sealed text');
  }
  const key = ring.get(keyId);
  if (key === undefined) {
    throw unreadable(context, `its key ${keyId} is not among ENCRYPTION_KEYS`);
  }
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_BYTES });
    decipher.setAAD(associatedData(context, keyId));
    decipher.setAuthTag(tag);
    return Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8');
  } catch {
    throw unreadable(context, 'it was changed, moved, or sealed with another key of the same name');
  }
}

/** Names the place and the cause, never the text. */
function unreadable(context: string, because: string): AppError {
  return new AppError('vault.unreadable', `cannot open the secret ${context}: ${because}`);
}

function associatedData(context: string, keyId: string): Buffer {
  return Buffer.from(`${context}|${keyId}`, 'utf8');
}

function toText(bytes: Buffer): string {
  return bytes.toString('base64url');
}

/** null unless it is exactly how toText writes: base64url has spare bits that a reader would overlook. */
function toBytes(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64url');
  return toText(bytes) === text ? bytes : null;
}

/** A key of its own for hashing: one key should not serve two algorithms. */
function hashKey(key: Buffer): Buffer {
  return Buffer.from(hkdfSync('sha256', key, '', 'duebook keyed hash v1', 32));
}

function hmac(key: Buffer, text: string): string {
  return createHmac('sha256', key).update(text, 'utf8').digest('base64url');
}

/**
 * For an embedded database without ENCRYPTION_KEYS: a key made on the first start, readable by this
 * user only. It guards a copied database; whoever copies the whole folder has both.
 */
export async function loadOrCreateKeyFile(folder: string): Promise<EncryptionKey[]> {
  const file = path.join(folder, KEY_FILE);
  await mkdir(folder, { recursive: true });
  try {
    await writeFile(file, `${newEncryptionKey('k1')}\n`, { flag: 'wx', mode: 0o600 });
  } catch (err) {
    if ((err as NodeJS.ErrnoException).code !== 'EEXIST') throw err;
  }
  return readKeyFile(file);
}

async function readKeyFile(file: string): Promise<EncryptionKey[]> {
  const text = (await readFile(file, 'utf8')).trim();
  try {
    const { encryptionKeys } = readConfig({ ENCRYPTION_KEYS: text });
    if (encryptionKeys.length > 0) return encryptionKeys;
  } catch (err) {
    if (!(err instanceof UsageError)) throw err;
  }
  throw new UsageError(
    `${file}: should hold keys in the form of ENCRYPTION_KEYS; put it back from a backup, or remove it and connect every book again`,
  );
}
