/** The counts of calls in Redis. A count is swapped only for the one it was made of; who comes second looks again. */
import { Redis } from 'ioredis';
import { LedgerError } from '../src/errors.ts';
import { type CallCount, type CallCounts, NO_CALLS } from './call-count.ts';

const ANSWER_MS_MAX = 10_000;
/** A book nobody calls any more leaves nothing behind; a day is the longest that is counted. */
const KEPT_MS = 2 * 86_400_000;

const SWAP = `
  if (redis.call('get', KEYS[1]) or '') ~= ARGV[1] then return 0 end
  redis.call('set', KEYS[1], ARGV[2], 'PX', ARGV[3])
  return 1`;

export function countsInRedis(url: string): CallCounts {
  const redis = new Redis(url, { commandTimeout: ANSWER_MS_MAX });
  // Without a listener a lost Redis would end the process; the calls that need it fail by themselves.
  redis.on('error', () => undefined);
  return {
    async change(key, decide) {
      const name = `duebook:calls:${key}`;
      for (;;) {
        const before = (await answered(redis.get(name))) ?? '';
        const [count, result] = decide(
          before === '' ? NO_CALLS : (JSON.parse(before) as CallCount),
        );
        const swap = redis.eval(SWAP, 1, name, before, JSON.stringify(count), KEPT_MS);
        if ((await answered(swap)) === 1) return result;
      }
    },
    close() {
      redis.disconnect();
      return Promise.resolve();
    },
  };
}

async function answered<T>(command: Promise<T>): Promise<T> {
  try {
    return await command;
  } catch {
    throw new LedgerError('unavailable', 'Redis, which counts the calls, does not answer');
  }
}
