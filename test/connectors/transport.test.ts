import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { TokenSource } from '../../connectors/ledger.ts';
import type { RateReport } from '../../connectors/call-count.ts';
import type { BookLimiter } from '../../connectors/limits.ts';
import {
  type Answer,
  checkLink,
  type Exchange,
  ExchangeFailed,
  type Failure,
  parseCount,
  parseRetryAfter,
  createTransport,
} from '../../connectors/transport.ts';
import { ManualClock } from '../../src/clock.ts';
import { LedgerError } from '../../src/errors.ts';

const SECRET = 'secret-that-must-not-leak';

interface Observed {
  reports: RateReport[];
  statuses: (number | null)[];
  tokensUsed: string[];
  refused: string[];
  sleptMs: number;
}

/** Plays one failure after the other, then a good answer; says what was done about them. */
async function play(
  effect: Exchange<string>['effect'],
  failures: readonly (Failure | Error)[],
  options: {
    timeoutMs?: number;
    tokens?: TokenSource;
    turnAfterMs?: number;
    withinMs?: number;
  } = {},
): Promise<{ outcome: string | LedgerError; seen: Observed }> {
  const seen: Observed = { reports: [], statuses: [], tokensUsed: [], refused: [], sleptMs: 0 };
  const clock = new ManualClock('2026-11-22T20:00:00Z');
  const startedAt = clock.now().getTime();
  const limiter: BookLimiter = {
    run: (_priority, call) => {
      clock.advance(options.turnAfterMs ?? 0);
      return call((report) => seen.reports.push(report));
    },
  };
  let token = 'first';
  const tokens: TokenSource = options.tokens ?? {
    current: () => Promise.resolve(token),
    replace(rejected) {
      seen.refused.push(rejected);
      token = 'second';
      return Promise.resolve(token);
    },
  };
  const transport = createTransport({
    platformName: 'Xero',
    clock,
    limiter,
    tokens,
    priority: 'background',
    observer: { onCall: ({ status }) => seen.statuses.push(status) },
    timeoutMs: options.timeoutMs ?? 1_000,
    explain: () => ({ cause: 'no_answer' }),
  });
  const left = [...failures];
  const send = (accessToken: string): Promise<Answer<string>> => {
    seen.tokensUsed.push(accessToken);
    const failure = left.shift();
    if (failure === undefined) return Promise.resolve({ value: 'good', status: 200 });
    return Promise.reject(failure instanceof Error ? failure : new ExchangeFailed(failure));
  };
  const exchange = {
    ...{ resource: 'invoices', effect, send },
    ...(options.withinMs === undefined ? {} : { notAfter: new Date(startedAt + options.withinMs) }),
  };
  const outcome = await transport.call(exchange).catch(asLedgerError);
  seen.sleptMs = clock.now().getTime() - startedAt;
  return { outcome, seen };
}

function asLedgerError(error: unknown): LedgerError {
  if (error instanceof LedgerError) return error;
  throw error;
}

const limited = (problem: 'minute' | 'concurrent' | 'day', retryAfterMs?: number): Failure => ({
  cause: 'rate_limited',
  status: 429,
  rate: retryAfterMs === undefined ? { problem } : { problem, retryAfterMs },
});

describe('a read', () => {
  it.each<[string, Failure]>([
    ['a broken connection', { cause: 'no_answer' }],
    ['502', { cause: 'unavailable', status: 502 }],
    ['503', { cause: 'unavailable', status: 503 }],
    ['504', { cause: 'unavailable', status: 504 }],
  ])('goes again after %s, twice at most, with growing pauses', async (_name, failure) => {
    const recovered = await play('read', [failure, failure]);
    expect(recovered.outcome).toBe('good');
    expect(recovered.seen.sleptMs).toBe(500 + 2_000);

    const lost = await play('read', [failure, failure, failure]);
    expect(lost.outcome).toMatchObject({ kind: 'unavailable' });
    expect(lost.seen.statuses).toHaveLength(3);
  });

  it.each<[string, Failure, string]>([
    ['500', { cause: 'unavailable', status: 500 }, 'unavailable'],
    ['a timeout', { cause: 'timed_out' }, 'unavailable'],
    ['a refusal', { cause: 'rejected', status: 400 }, 'rejected'],
    ['an answer of another shape', { cause: 'unexpected_shape', status: 200 }, 'unexpected_shape'],
    ['404', { cause: 'not_found', status: 404 }, 'not_found'],
  ])('does not go again after %s', async (_name, failure, kind) => {
    const { outcome, seen } = await play('read', [failure]);
    expect(outcome).toMatchObject({ kind });
    expect(seen.statuses).toHaveLength(1);
  });

  it('that hangs ends at the time limit', async () => {
    const clock = new ManualClock('2026-11-22T20:00:00Z');
    const transport = createTransport({
      platformName: 'Xero',
      clock,
      limiter: { run: (_priority, call) => call(() => undefined) },
      tokens: { current: () => Promise.resolve('t'), replace: () => Promise.resolve('t') },
      priority: 'background',
      timeoutMs: 20,
      explain: () => ({ cause: 'no_answer' }),
    });
    let aborted = false;
    const send = (_token: string, signal: AbortSignal): Promise<never> => {
      signal.addEventListener('abort', () => {
        aborted = true;
      });
      return new Promise(() => undefined);
    };
    const call = (effect: 'read' | 'write') => transport.call({ resource: 'x', effect, send });
    await expect(call('read')).rejects.toMatchObject({ kind: 'unavailable' });
    expect(aborted).toBe(true);
    await expect(call('write')).rejects.toMatchObject({ kind: 'outcome_unknown' });
  });
});

describe('a write', () => {
  it.each<[string, Failure]>([
    ['a broken connection', { cause: 'no_answer' }],
    ['500', { cause: 'unavailable', status: 500 }],
    ['503', { cause: 'unavailable', status: 503 }],
    ['a good status with a broken body', { cause: 'unexpected_shape', status: 200 }],
  ])('is never repeated after %s: its outcome is unknown', async (_name, failure) => {
    const { outcome, seen } = await play('write', [failure]);
    expect(outcome).toMatchObject({ kind: 'outcome_unknown', retry: 'no' });
    expect(seen.statuses).toHaveLength(1);
  });

  it('that never left this machine goes again', async () => {
    const { outcome } = await play('write', [{ cause: 'not_sent' }]);
    expect(outcome).toBe('good');
    const lost = await play(
      'write',
      Array.from({ length: 3 }, () => ({ cause: 'not_sent' as const })),
    );
    expect(lost.outcome).toMatchObject({ kind: 'unavailable' });
  });

  it('whose turn comes after its time is not sent', async () => {
    const inTime = await play('write', [], { turnAfterMs: 59_999, withinMs: 60_000 });
    expect(inTime.outcome).toBe('good');
    const late = await play('write', [], { turnAfterMs: 60_000, withinMs: 60_000 });
    expect(late.outcome).toMatchObject({ kind: 'unavailable' });
    expect(late.seen.tokensUsed).toEqual([]);
    const second = [limited('minute', 1_000)];
    const refused = await play('write', second, { turnAfterMs: 40_000, withinMs: 60_000 });
    expect(refused.outcome).toMatchObject({ kind: 'unavailable' });
    expect(refused.seen.tokensUsed).toEqual(['first']);
  });

  it('that was refused for its rate did nothing, and goes again in its turn', async () => {
    const { outcome, seen } = await play('write', [limited('minute', 7_000)]);
    expect(outcome).toBe('good');
    expect(seen.reports[0]).toEqual({ problem: 'minute', retryAfterMs: 7_000 });
  });
});

describe('a rate limit', () => {
  it('of the day is given to the caller with its time, at once', async () => {
    const { outcome, seen } = await play('read', [limited('day', 73_451_000)]);
    expect(outcome).toMatchObject({
      kind: 'rate_limited',
      retryAfterMs: 73_451_000,
      retry: 'after',
    });
    expect(seen.statuses).toEqual([429]);
    expect(seen.reports).toEqual([{ problem: 'day', retryAfterMs: 73_451_000 }]);
  });

  it('that never ends is given up after five waits', async () => {
    const { outcome, seen } = await play(
      'read',
      Array.from({ length: 20 }, () => limited('concurrent')),
    );
    expect(outcome).toMatchObject({ kind: 'rate_limited' });
    expect(seen.statuses).toHaveLength(6);
  });
});

describe('a refused token', () => {
  const refused: Failure = { cause: 'token_refused', status: 401 };

  it('is replaced once and the call made once more, writes included', async () => {
    for (const effect of ['read', 'write'] as const) {
      const { outcome, seen } = await play(effect, [refused]);
      expect(outcome).toBe('good');
      expect(seen.tokensUsed).toEqual(['first', 'second']);
      expect(seen.refused).toEqual(['first']);
    }
  });

  it('twice means disconnected, without a third call', async () => {
    const { outcome, seen } = await play('read', [refused, refused]);
    expect(outcome).toMatchObject({ kind: 'disconnected', retry: 'no' });
    expect(seen.statuses).toEqual([401, 401]);
    expect(seen.refused).toEqual(['first']);
  });

  it('is not tried to replace when a scope is missing', async () => {
    const { outcome, seen } = await play('read', [{ cause: 'scope_missing', status: 401 }]);
    expect(outcome).toMatchObject({ kind: 'scope_missing' });
    expect(seen.refused).toEqual([]);
  });

  it('whose replacement says disconnected ends the call with that', async () => {
    const tokens: TokenSource = {
      current: () => Promise.resolve('first'),
      replace: () => Promise.reject(new LedgerError('disconnected', 'the grant has ended')),
    };
    const { outcome, seen } = await play('read', [refused], { tokens });
    expect(outcome).toMatchObject({ kind: 'disconnected' });
    expect(seen.statuses).toEqual([401]);
  });
});

describe('what leaves the boundary', () => {
  it('keeps codes and ids, and nothing that is not a short word', async () => {
    const { outcome } = await play('read', [
      {
        cause: 'rejected',
        status: 400,
        platformCode: '10',
        requestId: `long text that quotes ${SECRET}`,
      },
    ]);
    expect(outcome).toMatchObject({ facts: { status: 400, platformCode: '10' } });
    expect(inspect(outcome, { depth: 9, showHidden: true })).not.toContain(SECRET);
  });

  it('holds nothing of what the SDK threw', async () => {
    const thrown = Object.assign(new Error(SECRET), { config: { headers: { a: SECRET } } });
    const { outcome } = await play('write', [thrown]);
    expect(outcome).toMatchObject({ kind: 'outcome_unknown' });
    expect(inspect(outcome, { depth: 9, showHidden: true })).not.toContain(SECRET);
    expect(JSON.stringify(outcome)).not.toContain(SECRET);
  });
});

describe('Retry-After', () => {
  const now = new Date('2026-11-22T20:00:00Z');

  it.each([
    ['7', 7_000],
    ['73451', 73_451_000],
    ['Sun, 22 Nov 2026 20:00:30 GMT', 30_000],
    ['Sun, 22 Nov 2026 19:00:00 GMT', 0],
    ['soon', undefined],
    [undefined, undefined],
  ])('%s is %s ms', (header, ms) => {
    expect(parseRetryAfter(header, now)).toBe(ms);
  });

  it('counts are whole numbers or nothing', () => {
    expect(parseCount('59')).toBe(59);
    expect(parseCount('many')).toBeUndefined();
  });
});

describe('a link for an email', () => {
  it.each(['https://in.xero.com/abc', 'http://127.0.0.1:4321/pay', 'http://localhost/pay'])(
    'may be %s',
    (link) => {
      expect(checkLink(link, 'url')).toBe(link);
    },
  );

  it.each([
    'http://in.xero.com/abc',
    'javascript:alert(1)',
    'data:text/html,x',
    'https://user:pass@in.xero.com/',
    'in.xero.com/abc',
    `https://in.xero.com/${'a'.repeat(2_000)}`,
    '',
  ])('may not be %s', (link) => {
    expect(() => checkLink(link, 'url')).toThrow(LedgerError);
  });
});
