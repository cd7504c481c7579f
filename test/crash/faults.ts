/**
 * Mistakes the suite must catch, planted into a bundle of their own. Each is a change of a line or two
 * of the product; a line that is no longer there stops the self-test by name.
 */
import type { Invariant } from './check.ts';
import type { Planted } from './bundle.ts';
import type { Mode } from './failpoint.ts';
import type { DbKind } from './world.ts';

export interface Fault extends Planted {
  /** The limit that must be broken when it is planted. */
  breaks: Invariant;
  /** Ids of the failpoints that bring it to light; none: it shows by itself. */
  at: readonly string[];
  /** Killed, unless said otherwise. */
  mode?: Mode;
  /** On PGlite, unless it takes two processes. */
  db?: DbKind;
}

/** The vendors' own memory of the key would hide a note written twice for some minutes. */
const UNDER_ANOTHER_KEY = [
  'src/writeback/write-notes.ts',
  'ref, requestId, notAfter })',
  'ref, requestId: randomUUID(), notAfter })',
] as const;

export const FAULTS: readonly Fault[] = [
  {
    name: 'a claim that does not ask whether another has it',
    changes: [
      [
        'src/act/claim.ts',
        "state in ('planned', 'deferred')",
        "state in ('planned', 'deferred', 'claimed', 'handing_over')",
      ],
    ],
    breaks: 'duplicates',
    at: ['act: server has kept it, no 250'],
  },
  {
    name: 'marked as sent before it is sent',
    changes: [
      [
        'src/act/send-one.ts',
        'beforeContent: () => beginHandover(pass, claim, ready),',
        `beforeContent: async () => {
      await beginHandover(pass, claim, ready);
      await settleSent(pass, claim, ready, { response: '250', refused: [] });
    },`,
      ],
    ],
    breaks: 'sentWithout250',
    at: ['act: handing over, no byte sent'],
  },
  {
    name: 'the handover written down after it',
    changes: [
      [
        'src/act/send-one.ts',
        `beforeContent: () => beginHandover(pass, claim, ready),
  });`,
        `beforeContent: () => Promise.resolve(),
  });
  await beginHandover(pass, claim, ready);`,
      ],
    ],
    breaks: 'duplicates',
    at: ['act: server has kept it, no 250'],
  },
  {
    name: 'dead claims never taken back',
    changes: [
      [
        'src/act/recover.ts',
        "state: { in: ['claimed', 'handing_over'] }",
        "state: { in: ['handing_over'] }",
      ],
    ],
    breaks: 'unfinished',
    at: ['act: claim committed'],
  },
  {
    name: 'a note written again without looking for it, under another key',
    changes: [
      [
        'src/writeback/write-notes.ts',
        'if (note.attempts <= 1 && !asksFirst) return null;',
        'if (!asksFirst) return null;',
      ],
      UNDER_ANOTHER_KEY,
    ],
    breaks: 'notes',
    at: ['write back: in the ledger, not recorded'],
  },
  {
    name: 'a note that leaves however late, under another key',
    changes: [
      [
        'connectors/transport.ts',
        'startedAt >= (exchange.notAfter?.getTime() ?? Infinity)',
        'startedAt >= Infinity',
      ],
      UNDER_ANOTHER_KEY,
    ],
    breaks: 'notes',
    at: ['write back: writing committed, nothing written'],
    mode: 'sleep',
    db: 'postgres',
  },
  {
    name: 'a cursor that moves before its page is stored',
    changes: [
      [
        'src/store/ledger-pages.ts',
        `  return deps.db.bulk(async (sql) => {
    await moveCursor(sql, bookId, place, page.cursor);`,
        `  await deps.db.bulk((sql) => moveCursor(sql, bookId, place, page.cursor));
  return deps.db.bulk(async (sql) => {`,
      ],
    ],
    breaks: 'otherMirror',
    at: ['sync: page written, uncommitted'],
    // Pages do not wait for the disk: a killed PGlite loses such a cursor together with its page.
    mode: 'throw',
  },
];
