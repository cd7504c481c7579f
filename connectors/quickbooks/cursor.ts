/**
 * Where a pull stands, as versioned JSON: the watermark up to which every change is known, and the
 * walk that is under way, so that a process that died goes on with the page it had not stored.
 */
import { z } from 'zod';
import type { Cursor } from '../ledger.ts';
import { ENTITIES } from './entities.ts';

const instant = z.iso.datetime();

const Place = z.object({
  /** Rows that changed at or after this instant are still to be read; null: from the oldest. */
  from: instant.nullable(),
  /** How many of those have been read already. */
  skip: z.number().int().min(0),
});
export type Place = z.infer<typeof Place>;

const Step = z.object({
  entity: z.enum(ENTITIES),
  /** all of them · those with a balance · those changed since · the change list of this entity alone */
  mode: z.enum(['all', 'open', 'since', 'changes']),
  since: instant.nullable(),
});
export type Step = z.infer<typeof Step>;

const Walk = z.object({
  purpose: z.enum(['full', 'sweep', 'catch_up']),
  steps: z.array(Step).min(1),
  place: Place,
  /** Pages read of the first step. */
  page: z.number().int().min(0),
  isFirst: z.boolean(),
  startedAt: instant,
  /** The watermark once the walk is over; null: it stays. */
  watermark: instant.nullable(),
  /** Entities with a row that could not be read: what they lack cannot be taken for gone. */
  holes: z.array(z.enum(ENTITIES)),
});
export type Walk = z.infer<typeof Walk>;

const State = z.object({
  v: z.literal(1),
  homeCurrency: z.string().nullable(),
  watermark: instant.nullable(),
  /** When the blind spots were last swept. */
  sweptAt: instant.nullable(),
  /** A burst of changes hid deletions: the next sweep has to be a full walk. */
  fullWalkDue: z.boolean(),
  walk: Walk.nullable(),
});
export type State = z.infer<typeof State>;

const NEVER_PULLED: State = {
  v: 1,
  homeCurrency: null,
  watermark: null,
  sweptAt: null,
  fullWalkDue: false,
  walk: null,
};

/** A cursor of another version, or of nobody's, means a fresh start: slower, and never wrong. */
export function readCursor(cursor: Cursor | null): State {
  if (cursor === null) return NEVER_PULLED;
  try {
    const parsed = State.safeParse(JSON.parse(cursor));
    return parsed.success ? parsed.data : NEVER_PULLED;
  } catch {
    return NEVER_PULLED;
  }
}

export function writeCursor(state: State): Cursor {
  return JSON.stringify(state);
}
