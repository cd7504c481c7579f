/**
 * Xero's deliveries. One signing key per app, one delivery for several organisations; the payload
 * carries no amounts and no event id, so it is a hint, and what repeats is told by its own words.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { WebhookHint } from '../ledger.ts';

export function verifyWebhook(
  key: string | null,
  rawBody: Buffer,
  signature: string | undefined,
): boolean {
  if (key === null || signature === undefined) return false;
  const expected = Buffer.from(createHmac('sha256', key).update(rawBody).digest('base64'));
  const given = Buffer.from(signature);
  return expected.length === given.length && timingSafeEqual(expected, given);
}

const word = z.string().min(1).max(200);

const Delivery = z.object({ events: z.array(z.unknown()) });

const Event = z.object({
  tenantId: word,
  resourceId: word,
  eventCategory: word,
  eventType: word,
  eventDateUtc: word,
});

export function webhookHints(rawBody: Buffer): WebhookHint[] {
  const delivery = Delivery.safeParse(parseJson(rawBody));
  if (!delivery.success) return [];
  return delivery.data.events.flatMap((one) => {
    const event = Event.safeParse(one);
    return event.success ? [hint(event.data)] : [];
  });
}

function hint(event: z.infer<typeof Event>): WebhookHint {
  const { tenantId, eventCategory, resourceId, eventType, eventDateUtc } = event;
  return {
    externalId: tenantId,
    category: eventCategory,
    entityId: resourceId,
    dedupeKey: [tenantId, eventCategory, resourceId, eventType, eventDateUtc].join('|'),
  };
}

function parseJson(rawBody: Buffer): unknown {
  try {
    return JSON.parse(rawBody.toString('utf8'));
  } catch {
    return null;
  }
}
