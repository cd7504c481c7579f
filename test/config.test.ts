import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { newEncryptionKey, readConfig, SETTING_NAMES } from '../src/config.ts';

const example = readFileSync(path.resolve(import.meta.dirname, '../.env.example'), 'utf8');
const exampleValues = new Map(
  example
    .split('\n')
    .filter((line) => /^[A-Z]/.test(line))
    .map((line) => line.split(/=(.*)/s).slice(0, 2) as [string, string]),
);

describe('settings', () => {
  test('.env.example names every setting that is read, once, and no other', () => {
    expect([...exampleValues.keys()].sort()).toEqual([...SETTING_NAMES].sort());
    expect(example.match(/^[A-Z_]+=/gm)).toHaveLength(SETTING_NAMES.length);
  });

  test('.env.example shows the defaults: reading it gives what reading nothing gives', () => {
    expect(readConfig(Object.fromEntries(exampleValues))).toEqual(readConfig({}));
  });

  test.each([
    ['PORT', 'eighty', /^PORT: should be a whole number from 0 to 65535$/],
    ['DATABASE_URL', 'mysql://x', /^DATABASE_URL: should begin with postgres:\/\//],
    ['SMTP_SECURE', 'yes', /^SMTP_SECURE: should be true or false$/],
    ['XERO_API_URL', 'http://api.xero.com', /^XERO_API_URL: should be an https URL/],
    ['XERO_CLIENT_ID', 'abc', /^XERO_CLIENT_SECRET: is missing/],
    ['SMTP_USER', 'abc', /^SMTP_PASSWORD: is missing|^$/],
    ['ENCRYPTION_KEYS', 'k1:short', /^ENCRYPTION_KEYS: should be one or more id:base64/],
    ['MAIL_FROM', 'Accounts <a@b.example>', /^MAIL_FROM: should be one email address$/],
    ['LOG_LEVEL', 'loud', /^LOG_LEVEL: should be trace/],
  ])('%s=%s is refused with the variable’s name and what it should be', (name, value, message) => {
    expect(() => readConfig({ SMTP_HOST: 'smtp.example', [name]: value })).toThrow(message);
  });

  test('every wrong setting is named at once, a line each', () => {
    expect(() => readConfig({ PORT: 'x', SMTP_PORT: 'y' })).toThrow(/^PORT: .*\nSMTP_PORT: .*$/);
  });

  test('plain http is accepted for this machine only', () => {
    expect(readConfig({ XERO_API_URL: 'http://127.0.0.1:9/' }).xero.apiUrl).toBe(
      'http://127.0.0.1:9',
    );
  });

  test('a printed key is one that is accepted', () => {
    const [key] = readConfig({ ENCRYPTION_KEYS: newEncryptionKey('k1') }).encryptionKeys;
    expect(key?.id).toBe('k1');
    expect(key?.key).toHaveLength(32);
  });
});
