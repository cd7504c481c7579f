/** How a sandbox is asked for. */
import type { Clock } from '../../src/clock.ts';
import type { Day } from '../../src/domain/day.ts';

export interface SandboxOptions {
  /** The sandbox's idea of now: tokens expire by it, and records become visible by it. */
  clock: Clock;
  seed?: number;
  /** Invoices of each platform's first book on the day it was born: 50 … 200,000, 400 when not given. */
  invoices?: number;
  /** History ends the day before; later events appear as the clock moves on. Today by the clock when not given. */
  bornOn?: Day;
  /** How many organisations; true is one, false none. Further Xero ones are smaller and share the grant. */
  books?: { xero?: boolean | number; quickbooks?: boolean | number };
  /** 0, the default, takes any free port. */
  xeroPort?: number;
  quickbooksPort?: number;
  /** What was written (notes, expected dates, tokens …) is kept here and read back at the next start. */
  stateFile?: string;
  /** The vendors' rate limits, by the sandbox's clock: a clock that stands still never forgets a call. Default true. */
  enforceLimits?: boolean;
  /** Xero's calls per organisation and day; 1,000 is the Starter tier. */
  dayLimit?: number;
  /** Base URL of Duebook: deliveries go to `${webhookUrl}/webhooks/xero` and `/webhooks/quickbooks`, signed. */
  webhookUrl?: string;
  /** Intuit stopped its own format in 2026; both can still be met. Default cloudevents. */
  intuitWebhookFormat?: 'cloudevents' | 'legacy';
  /** Each delivery is made twice, as both vendors warn. */
  duplicateWebhooks?: boolean;
  /** Share of invoices nobody ever pays: 1 makes a book of open invoices. */
  openShare?: number;
  /** How far the future is written; 365, or 30 for books of more than 5,000 invoices. */
  futureDays?: number;
  /** Machine time before each answer, so that calls in flight overlap. */
  latencyMs?: number;
  /** Seconds after which a refresh gives a new refresh token at Intuit. A day. 0: every time. */
  quickbooksRotateSeconds?: number;
  /** Longest history note Xero takes. Its pages have said 250 and 2,500; the shorter one is the default. */
  historyMaxChars?: number;
}
