/**
 * Where a book's sync stands, as versioned JSON. `since` holds, per resource, the moment from which
 * changes are asked for next; `walk` the place in a walk that has begun. A cursor nobody can read
 * means a walk from the beginning, which repeats work but loses nothing.
 */
import { z } from 'zod';
import { isCurrency } from '../../src/domain/money.ts';
import type { Cursor } from '../ledger.ts';

const RESOURCES = [
  'contacts',
  'invoices',
  'creditNotes',
  'overpayments',
  'prepayments',
  'payments',
] as const;

export type Resource = (typeof RESOURCES)[number];

const instant = z.iso.datetime();

const Place = z.object({
  v: z.literal(1),
  /** The organisation's own currency; Xero does not let it change. */
  base: z.string().refine(isCurrency),
  since: z.partialRecord(z.enum(RESOURCES), instant),
  /** When contacts and open invoices were last read whole. */
  sweptAt: instant.nullable(),
  walk: z
    .object({
      kind: z.enum(['first', 'changes', 'sweep']),
      startedAt: instant,
      /** Index into the walk's steps, and the page to read next. */
      step: z.int().min(0),
      page: z.int().min(1),
      /** Xero's own time when the step's first page was read. */
      servedAt: instant.nullable(),
    })
    .nullable(),
});

export type Place = z.infer<typeof Place>;
export type Walk = NonNullable<Place['walk']>;

export function writeCursor(place: Place): Cursor {
  return JSON.stringify(place);
}

export function readCursor(cursor: Cursor | null): Place | null {
  if (cursor === null) return null;
  try {
    return Place.parse(JSON.parse(cursor));
  } catch {
    return null;
  }
}
