/**
 * `npm run test:secrets [-- --quick]`: runs the whole suite, or the tests in which secrets travel most,
 * with every log of theirs at level trace, and looks through all that was logged or printed for the
 * secrets they plant. One more is leaked on purpose (test/security/planted.ts): a search that does not
 * find it has found nothing.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { config as quickBooks, TOKEN } from '../connectors/quickbooks-support.ts';
import { SECRET } from '../connectors/xero-support.ts';
import { KEY } from '../support/connect.ts';
import { QUICKBOOKS_TOKEN, SECRET_TOKEN, XERO_KEY } from '../web/support.ts';
import { findSecrets } from './find-secrets.ts';
import { PLANTED } from './planted.ts';

const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false } } });

const WHERE_SECRETS_TRAVEL = [
  'test/act/send-due.test.ts',
  // With its slash: a filter is any part of a path, and the connectors' tests begin alike.
  'test/connect/',
  'test/connectors/quickbooks-oauth.test.ts',
  'test/connectors/transport.test.ts',
  'test/connectors/xero-errors.test.ts',
  'test/connectors/xero-oauth.test.ts',
  'test/security/secrets.test.ts',
  'test/web/connect.test.ts',
];

const secrets = new Map([
  ['Xero secrets', SECRET],
  ['QuickBooks token', TOKEN],
  ['QuickBooks client secret', quickBooks.app?.clientSecret ?? ''],
  ['tokens of the web tests', SECRET_TOKEN],
  ['Xero webhook key', XERO_KEY],
  ['QuickBooks verifier token', QUICKBOOKS_TOKEN],
  ['encryption key', KEY.key.toString('base64')],
  ['planted', PLANTED],
]);

const folder = mkdtempSync(path.join(tmpdir(), 'duebook-secrets-'));
try {
  const run = spawnSync(
    process.execPath,
    [
      'node_modules/vitest/vitest.mjs',
      'run',
      '--config',
      'vitest.secrets.config.ts',
      ...(values.quick ? WHERE_SECRETS_TRAVEL : []),
    ],
    { env: { ...process.env, SECRETS_FOLDER: folder }, encoding: 'utf8', maxBuffer: 1e9 },
  );
  const written = new Map([
    ['stdout', run.stdout],
    ['stderr', run.stderr],
  ]);
  for (const file of readdirSync(folder)) {
    written.set(file, readFileSync(path.join(folder, file), 'utf8'));
  }
  const lines = [...written.values()].reduce((sum, text) => sum + text.split('\n').length, 0);
  const finds = findSecrets(secrets, written);
  const leaks = finds.filter(({ name }) => name !== 'planted');
  const isPlantFound = finds.some(({ name }) => name === 'planted');
  for (const { name, where, spelling } of leaks)
    console.log(`LEAK: ${name} in ${where}, ${spelling}`);
  console.log(`${lines} lines of ${written.size} logs searched for ${secrets.size} secrets`);
  console.log(
    `leaks: ${leaks.length}; the planted one was ${isPlantFound ? 'found' : 'NOT FOUND'}`,
  );
  if (run.status !== 0) console.log(run.stdout.slice(-3_000));
  process.exitCode = leaks.length === 0 && isPlantFound && run.status === 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
