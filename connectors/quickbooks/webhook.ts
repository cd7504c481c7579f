/**
 * Deliveries from Intuit: signed over the raw bytes, in the old format (one notification per
 * company) or as CloudEvents, which are mandatory since 31 July 2026; both are read, since nobody
 * saw the old ones stop everywhere. A delivery never says more than "look again".
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { WebhookHint } from '../ledger.ts';

export function verifyWebhook(
  rawBody: Buffer,
  signature: string | undefined,
  token: string | null,
): boolean {
  if (token === null || token === '' || signature === undefined) return false;
  const expected = createHmac('sha256', token).update(rawBody).digest();
  // The text is compared as well: base64 decoding would let stray characters pass.
  const given = Buffer.from(signature, 'utf8');
  const wanted = Buffer.from(expected.toString('base64'), 'utf8');
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

const CloudEvent = z.object({
  id: z.string().min(1).max(200),
  type: z.string().max(200),
  intuitentityid: z.string().max(64),
  intuitaccountid: z.string().min(1).max(64),
});

const LegacyNotification = z.object({
  realmId: z.string().min(1).max(64),
  dataChangeEvent: z.object({ entities: z.array(z.unknown()) }),
});

const LegacyEntity = z.object({
  name: z.string().min(1).max(64),
  id: z.string().max(64),
  operation: z.string().max(32).default(''),
  lastUpdated: z.string().max(64).default(''),
});

/** One bad event must not lose its neighbours: each is read alone, and rubbish gives none. */
export function webhookHints(rawBody: Buffer): WebhookHint[] {
  const body = parseJson(rawBody);
  if (Array.isArray(body)) return body.flatMap(fromCloudEvent);
  const notifications = z.object({ eventNotifications: z.array(z.unknown()) }).safeParse(body);
  return notifications.success ? notifications.data.eventNotifications.flatMap(fromLegacy) : [];
}

function parseJson(rawBody: Buffer): unknown {
  try {
    const body: unknown = JSON.parse(rawBody.toString('utf8'));
    return isSingleEvent(body) ? [body] : body;
  } catch {
    return null;
  }
}

/** CloudEvents allows one event without the list around it. */
function isSingleEvent(body: unknown): boolean {
  return typeof body === 'object' && body !== null && 'specversion' in body;
}

/** `qbo.invoice.updated.v1`: the verb is not looked at, since every one of them means "fetch again". */
function fromCloudEvent(event: unknown): WebhookHint[] {
  const parsed = CloudEvent.safeParse(event);
  const category = /^qbo\.([a-z]{1,64})\./.exec(parsed.success ? parsed.data.type : '')?.[1];
  if (!parsed.success || category === undefined) return [];
  return [
    {
      externalId: parsed.data.intuitaccountid,
      category,
      entityId: parsed.data.intuitentityid,
      dedupeKey: parsed.data.id,
    },
  ];
}

function fromLegacy(notification: unknown): WebhookHint[] {
  const parsed = LegacyNotification.safeParse(notification);
  if (!parsed.success) return [];
  const { realmId } = parsed.data;
  return parsed.data.dataChangeEvent.entities.flatMap((entity) => {
    const change = LegacyEntity.safeParse(entity);
    if (!change.success) return [];
    const { name, id, operation, lastUpdated } = change.data;
    return [
      {
        externalId: realmId,
        category: name.toLowerCase(),
        entityId: id,
        dedupeKey: [realmId, name, id, operation, lastUpdated].join(':'),
      },
    ];
  });
}
