/** The sandbox's time, the same in every process of the load: it begins at one instant and runs faster than the machine's. */
import { type Clock, systemClock } from '../../src/clock.ts';

export interface Pace {
  beginsAt: string;
  /** By the machine's clock, in milliseconds since 1970. */
  startedAt: number;
  /** Seconds of the sandbox in one of the machine's. */
  speed: number;
}

export function fastClock({ beginsAt, startedAt, speed }: Pace): Clock {
  const beginMs = Date.parse(beginsAt);
  return {
    now: () => new Date(beginMs + (systemClock.now().getTime() - startedAt) * speed),
    sleep: (ms, signal) => systemClock.sleep(ms / speed, signal),
    random: () => systemClock.random(),
  };
}
