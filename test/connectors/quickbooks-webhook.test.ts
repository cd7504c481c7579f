import { describe, expect, it } from 'vitest';
import { verifyWebhook, webhookHints } from '../../connectors/quickbooks/webhook.ts';

const TOKEN = 'test-verifier-token';
const LEGACY =
  '{"eventNotifications":[{"realmId":"310687","dataChangeEvent":{"entities":[{"name":"Invoice","id":"1","operation":"Update","lastUpdated":"2025-09-10T21:31:25.000Z"},{"name":"Customer","id":"58","operation":"Merge","lastUpdated":"2025-09-10T21:31:26.000Z","deletedID":"57"}]}}]}';
const CLOUD =
  '[{"specversion":"1.0","id":"88cd52aa-33b6-4351-9aa4-47572edbd068","source":"intuit.dsnBgbse=","type":"qbo.invoice.void.v1","time":"2025-09-10T21:31:25.179851517Z","intuitentityid":"1234","intuitaccountid":"310687","data":{}}]';
// Computed with openssl dgst -sha256 -hmac test-verifier-token -binary | base64.
const LEGACY_SIGNATURE = 'hg6hKrCAnMeqCmXq2zw31j4nh3OXpYVLsGYtPIknXoc=';
const CLOUD_SIGNATURE = '6x3Nm73irDMHYiurAUDDPNIoIpkQIj6MOsPO4Trba+o=';

const bytes = (text: string) => Buffer.from(text, 'utf8');

describe('a signature', () => {
  it('of either format is accepted over the bytes it was made for', () => {
    expect(verifyWebhook(bytes(LEGACY), LEGACY_SIGNATURE, TOKEN)).toBe(true);
    expect(verifyWebhook(bytes(CLOUD), CLOUD_SIGNATURE, TOKEN)).toBe(true);
  });

  it.each([
    ['another body', CLOUD, LEGACY_SIGNATURE, TOKEN],
    ['one byte changed', LEGACY.replace('310687', '310688'), LEGACY_SIGNATURE, TOKEN],
    [
      'a body parsed and written again',
      JSON.stringify(JSON.parse(LEGACY), null, 1),
      LEGACY_SIGNATURE,
      TOKEN,
    ],
    ['a cut body', LEGACY.slice(0, -1), LEGACY_SIGNATURE, TOKEN],
    ['another key', LEGACY, LEGACY_SIGNATURE, 'other-token'],
    ['no key configured', LEGACY, LEGACY_SIGNATURE, null],
    ['an empty key', LEGACY, LEGACY_SIGNATURE, ''],
    ['no signature', LEGACY, undefined, TOKEN],
    ['an empty signature', LEGACY, '', TOKEN],
    ['two headers joined', LEGACY, `${LEGACY_SIGNATURE}, ${LEGACY_SIGNATURE}`, TOKEN],
    ['stray characters that base64 ignores', LEGACY, `${LEGACY_SIGNATURE}\n`, TOKEN],
  ])('is refused for %s', (_what, body, signature, token) => {
    expect(verifyWebhook(bytes(body), signature, token)).toBe(false);
  });
});

describe('hints', () => {
  it('of the old format and of CloudEvents look alike', () => {
    expect(webhookHints(bytes(LEGACY))).toEqual([
      {
        externalId: '310687',
        category: 'invoice',
        entityId: '1',
        dedupeKey: '310687:Invoice:1:Update:2025-09-10T21:31:25.000Z',
      },
      {
        externalId: '310687',
        category: 'customer',
        entityId: '58',
        dedupeKey: '310687:Customer:58:Merge:2025-09-10T21:31:26.000Z',
      },
    ]);
    expect(webhookHints(bytes(CLOUD))).toEqual([
      {
        externalId: '310687',
        category: 'invoice',
        entityId: '1234',
        dedupeKey: '88cd52aa-33b6-4351-9aa4-47572edbd068',
      },
    ]);
  });

  it('come for entities and verbs that do not exist yet', () => {
    const event = { id: 'e1', type: 'qbo.hologram.teleported.v2', intuitentityid: '1' };
    const body = JSON.stringify([{ specversion: '1.0', intuitaccountid: '310687', ...event }]);
    expect(webhookHints(bytes(body))).toMatchObject([{ category: 'hologram', dedupeKey: 'e1' }]);
  });

  it('of good events survive a bad neighbour', () => {
    const [good] = JSON.parse(CLOUD) as unknown[];
    const body = JSON.stringify([null, { type: 5 }, good, { id: 'x', type: 'other.thing' }]);
    expect(webhookHints(bytes(body))).toHaveLength(1);
    expect(webhookHints(bytes(JSON.stringify(good)))).toHaveLength(1);
  });

  it.each(['', '{', 'null', '"text"', '{}', '[]', '{"eventNotifications":{}}', '\u0000\u0001'])(
    'of rubbish (%j) are none',
    (body) => {
      expect(webhookHints(bytes(body))).toEqual([]);
    },
  );
});
