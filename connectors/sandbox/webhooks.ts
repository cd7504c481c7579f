/**
 * Deliveries to Duebook, signed as the vendors sign them and sent again when they were not answered
 * with 200 in time. Duplicates and both of Intuit's formats can be asked for.
 */
import { createHmac } from 'node:crypto';
import { hash128, stableUuid } from './generator/random.ts';

export const XERO_WEBHOOK_KEY = 'sandbox-xero-webhook-key';
export const QUICKBOOKS_WEBHOOK_TOKEN = 'sandbox-intuit-verifier-token';

export interface Delivery {
  platform: 'xero' | 'quickbooks';
  url: string;
  headers: Record<string, string>;
  body: string;
  /** Status of the last attempt; null: no answer. */
  status: number | null;
  attempts: number;
  /** How long the longest attempt took, by the machine's clock. */
  ms: number;
}

export interface DeliveryOptions {
  webhookUrl: string | null;
  intuitFormat: 'cloudevents' | 'legacy';
  duplicates: boolean;
}

interface XeroChange {
  category: string;
  id: string;
  type: 'CREATE' | 'UPDATE';
  at: number;
}

export interface QuickBooksChange {
  entity: string;
  id: string;
  operation: 'Create' | 'Update' | 'Delete' | 'Void' | 'Merge' | 'Emailed';
  at: number;
}

const RESOURCES: Readonly<Record<string, string>> = {
  INVOICE: 'Invoices',
  CONTACT: 'Contacts',
  CREDITNOTE: 'CreditNotes',
  PAYMENT: 'Payments',
  PREPAYMENT: 'Prepayments',
};

/** Vendors give up on an answer sooner; on one machine this is ample. */
const ANSWER_MS = 5_000;

export class Deliveries {
  /** All of them, oldest first. */
  readonly all: Delivery[] = [];
  readonly #options: DeliveryOptions;
  #waiting: Delivery[] = [];
  #xero: { apiUrl: string; tenantId: string; change: XeroChange }[] = [];
  #quickbooks: { realmId: string; change: QuickBooksChange }[] = [];
  #sequence = 0;

  constructor(options: DeliveryOptions) {
    this.#options = options;
  }

  xero(apiUrl: string, tenantId: string, change: XeroChange): void {
    if (this.#options.webhookUrl !== null) this.#xero.push({ apiUrl, tenantId, change });
  }

  quickbooks(realmId: string, change: QuickBooksChange): void {
    if (this.#options.webhookUrl !== null) this.#quickbooks.push({ realmId, change });
  }

  /** Sends what is waiting; what is not answered with 200 stays for the next flush. */
  async flush(): Promise<void> {
    this.#collect();
    const due = this.#waiting;
    this.#waiting = [];
    for (const delivery of due) {
      await attempt(delivery);
      if (delivery.status !== 200) this.#waiting.push(delivery);
      else if (this.#options.duplicates && delivery.attempts === 1) await attempt(delivery);
    }
  }

  #collect(): void {
    const base = this.#options.webhookUrl;
    if (base === null) return;
    if (this.#xero.length > 0) {
      const body = this.#xeroBody();
      this.#queue('xero', `${base}/webhooks/xero`, body, {
        'content-type': 'application/json; charset=utf-8',
        'x-xero-signature': signature(XERO_WEBHOOK_KEY, body),
      });
    }
    if (this.#quickbooks.length > 0) {
      const body = this.#quickBooksBody();
      const legacy = this.#options.intuitFormat === 'legacy';
      this.#queue('quickbooks', `${base}/webhooks/quickbooks`, body, {
        'content-type': legacy ? 'application/json' : 'application/cloudevents+json',
        'intuit-signature': signature(QUICKBOOKS_WEBHOOK_TOKEN, body),
      });
    }
  }

  #queue(
    platform: Delivery['platform'],
    url: string,
    body: string,
    headers: Record<string, string>,
  ): void {
    const delivery: Delivery = { platform, url, headers, body, status: null, attempts: 0, ms: 0 };
    this.all.push(delivery);
    this.#waiting.push(delivery);
  }

  #xeroBody(): string {
    const first = this.#sequence + 1;
    const events = this.#xero.map(({ apiUrl, tenantId, change }) => {
      this.#sequence += 1;
      return {
        resourceUrl: `${apiUrl}/api.xro/2.0/${RESOURCES[change.category] ?? ''}/${change.id}`,
        resourceId: change.id,
        tenantId,
        tenantType: 'ORGANISATION',
        eventCategory: change.category,
        eventType: change.type,
        // Without a Z, as Xero sends it.
        eventDateUtc: new Date(change.at).toISOString().slice(0, 23),
      };
    });
    this.#xero = [];
    return JSON.stringify({
      events,
      firstEventSequence: first,
      lastEventSequence: this.#sequence,
      entropy: stableUuid(`entropy/${first}`).replaceAll('-', '').slice(0, 20).toUpperCase(),
    });
  }

  #quickBooksBody(): string {
    const changes = this.#quickbooks;
    this.#quickbooks = [];
    if (this.#options.intuitFormat === 'legacy') return legacyBody(changes);
    // Newest first: the order of events is not promised.
    const events = [...changes].reverse().map(({ realmId, change }) => {
      this.#sequence += 1;
      return {
        specversion: '1.0',
        id: stableUuid(`event/${this.#sequence}/${change.entity}/${change.id}/${change.at}`),
        source: 'intuit.sandbox=',
        type: `qbo.${change.entity.toLowerCase()}.${verb(change.operation)}.v1`,
        datacontenttype: 'application/json',
        time: `${new Date(change.at).toISOString().slice(0, 19)}.${nanoseconds(change.at)}Z`,
        intuitentityid: change.id,
        intuitaccountid: realmId,
        data: {},
      };
    });
    return JSON.stringify(events);
  }
}

async function attempt(delivery: Delivery): Promise<void> {
  delivery.attempts += 1;
  const began = performance.now();
  try {
    const answer = await fetch(delivery.url, {
      method: 'POST',
      headers: delivery.headers,
      body: delivery.body,
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    await answer.arrayBuffer();
    delivery.status = answer.status;
  } catch {
    delivery.status = null;
  }
  delivery.ms = Math.max(delivery.ms, performance.now() - began);
}

export function signature(key: string, body: string): string {
  return createHmac('sha256', key).update(body).digest('base64');
}

function legacyBody(changes: readonly { realmId: string; change: QuickBooksChange }[]): string {
  const realms = [...new Set(changes.map(({ realmId }) => realmId))];
  return JSON.stringify({
    eventNotifications: realms.map((realmId) => ({
      realmId,
      dataChangeEvent: {
        entities: changes
          .filter((one) => one.realmId === realmId)
          .map(({ change }) => ({
            name: change.entity,
            id: change.id,
            operation: change.operation,
            lastUpdated: new Date(change.at).toISOString(),
          })),
      },
    })),
  });
}

function verb(operation: QuickBooksChange['operation']): string {
  return {
    Create: 'created',
    Update: 'updated',
    Delete: 'deleted',
    Void: 'voided',
    Merge: 'merged',
    Emailed: 'emailed',
  }[operation];
}

function nanoseconds(at: number): string {
  const below = hash128(String(at))[0] % 1_000_000;
  return `${String(at % 1000).padStart(3, '0')}${String(below).padStart(6, '0')}`;
}
