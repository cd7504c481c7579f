/** The counts of calls in Redis. */
import { Redis } from 'ioredis';
import { LedgerError } from '../src/errors.ts';
import { type CallCount, type CountPlace, NO_CALLS } from './call-count.ts';

const ANSWER_MS_MAX = 10_000;
/** A book nobody calls any more leaves nothing behind; a day is the longest that is counted. */
const KEPT_MS = 2 * 86_400_000;
const NOTHING = JSON.stringify(NO_CALLS);

const SWAP = `
  if (redis.call('get', KEYS[1]) or ARGV[4]) ~= ARGV[1] then return 0 end
  redis.call('set', KEYS[1], ARGV[2], 'PX', ARGV[3])
  return 1`;

export function countsInRedis(url: string): CountPlace {
  const redis = new Redis(url, { commandTimeout: ANSWER_MS_MAX });
  // Without a listener a lost Redis would end the process; the calls that need it fail by themselves.
  redis.on('error', () => undefined);
  return {
    async read(key) {
      return JSON.parse((await answered(redis.get(nameOf(key)))) ?? NOTHING) as CallCount;
    },
    async swap(key, before, after) {
      const [was, is] = [JSON.stringify(before), JSON.stringify(after)];
      return (await answered(redis.eval(SWAP, 1, nameOf(key), was, is, KEPT_MS, NOTHING))) === 1;
    },
    close() {
      redis.disconnect();
    },
  };
}

function nameOf(key: string): string {
  return `duebook:calls:${key}`;
}

async function answered<T>(command: Promise<T>): Promise<T> {
  try {
    return await command;
  } catch {
    throw new LedgerError('unavailable', 'Redis, which counts the calls, does not answer');
  }
}
