/** Mistakes the load must catch, planted into the bundle of the worker processes. */
import type { Planted } from '../crash/bundle.ts';
import type { Invariant } from './check.ts';

export interface Fault extends Planted {
  /** The limit that must be broken when it is planted. */
  breaks: Invariant;
}

export const FAULTS: readonly Fault[] = [
  {
    name: 'a limiter that lets 70 a minute through',
    changes: [
      ['connectors/limits.ts', '[{ calls: 60, ms: 60_000 }]', '[{ calls: 70, ms: 60_000 }]'],
    ],
    breaks: 'window',
  },
  {
    name: 'a count that each process keeps for itself',
    changes: [['src/main.ts', "return db.kind === 'postgres' ?", 'return false ?']],
    breaks: 'window',
  },
  {
    name: 'a "try again" that only the call it was said to obeys',
    changes: [
      [
        'connectors/call-count.ts',
        'const pauseMs = Math.min(count.pausedUntil - now',
        'const pauseMs = Math.min(0',
      ],
    ],
    breaks: 'early',
  },
];
