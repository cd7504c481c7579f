/** What can go wrong between a client and a vendor, ordered ahead for the calls it should hit. */
import type { Reply, Vendor } from './http.ts';

export interface Fault {
  /** Tested against "METHOD /path?query"; every call when absent. */
  match?: RegExp;
  /** Only calls about this organisation or company. */
  book?: string;
  /** How many calls it hits; once when absent. */
  times?: number;
  /**
   * status: that status with `body` · html: a gateway's page (503 unless `status`) · truncated: the real
   * answer cut in half · empty: the real status without a body · reset: the connection drops · hang: no
   * answer until the sandbox closes · fault200: the vendor's error inside a 200 · rate: too many requests.
   */
  kind: 'status' | 'html' | 'truncated' | 'empty' | 'reset' | 'hang' | 'fault200' | 'rate';
  status?: number;
  body?: string;
  retryAfter?: number;
  /** The vendor did what was asked before the answer was lost. Always so for truncated and empty. */
  after?: boolean;
}

export class Faults {
  #queue: (Fault & { times: number; after: boolean })[] = [];

  next(fault: Fault): void {
    const always = fault.kind === 'truncated' || fault.kind === 'empty';
    this.#queue.push({
      ...fault,
      times: fault.times ?? 1,
      after: always || (fault.after ?? false),
    });
  }

  clear(): void {
    this.#queue = [];
  }

  /** The first fault that fits this call about `book`; it is used up after `times` calls. */
  take(call: string, book: string | null): (Fault & { after: boolean }) | null {
    const index = this.#queue.findIndex(
      (fault) =>
        (fault.book === undefined || fault.book === book) && (fault.match?.test(call) ?? true),
    );
    const fault = this.#queue[index];
    if (fault === undefined) return null;
    fault.times -= 1;
    if (fault.times <= 0) this.#queue.splice(index, 1);
    return fault;
  }

  reply(fault: Fault, vendor: Vendor, real: Reply | null): Reply {
    const jsonType = { 'content-type': 'application/json; charset=utf-8' };
    switch (fault.kind) {
      case 'status':
        return { status: fault.status ?? 500, headers: jsonType, body: fault.body ?? '{}' };
      case 'html':
        return {
          status: fault.status ?? 503,
          headers: { 'content-type': 'text/html' },
          body: fault.body ?? '<html><body><h1>Service unavailable</h1></body></html>',
        };
      case 'truncated': {
        const body = Buffer.from(real?.body ?? '{"cut":"short"}');
        return {
          status: real?.status ?? 200,
          headers: real?.headers ?? jsonType,
          body: body.subarray(0, Math.floor(body.length / 2)),
        };
      }
      case 'empty':
        return { status: real?.status ?? 200, headers: real?.headers ?? jsonType, body: '' };
      case 'fault200':
        return { status: 200, headers: jsonType, body: fault.body ?? vendor.faultBody() };
      case 'rate':
        return vendor.rateReply(fault.retryAfter ?? 1);
      case 'reset':
      case 'hang':
        throw new Error('a dropped connection has no reply');
    }
  }
}
