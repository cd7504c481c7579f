import type { Day } from '../domain/day.ts';
import { type Flag, type FlagCode, isFlagCode } from '../domain/flags.ts';
import type { BookId, CustomerId } from '../domain/receivables.ts';
import {
  closeFlags,
  type FlagUpdate,
  type NewFlag,
  openFlags,
  type OpenFlagRow,
  refreshFlags,
} from '../store/assessments.ts';
import type { Tx } from '../store/db.ts';

/** Today's flags against those that stand. */
export class FlagChanges {
  readonly opened: NewFlag[] = [];
  readonly closed: OpenFlagRow[] = [];
  readonly #refreshed: FlagUpdate[] = [];

  /** A flag that stays open tells today's figures when the facts changed: a day that passes is no change. */
  compare(
    customerId: CustomerId,
    flags: readonly Flag[],
    standing: readonly OpenFlagRow[],
    factsChanged: boolean,
  ): void {
    for (const { code, severity, sentence, evidence } of flags) {
      const known = standing.find((row) => row.code === code);
      if (known === undefined) {
        this.opened.push({ customerId, code, severity, sentence, evidence });
      } else if (known.severity !== severity || (factsChanged && known.sentence !== sentence)) {
        this.#refreshed.push({ id: known.id, severity, sentence, evidence });
      }
    }
    const stands = new Set<string>(flags.map((flag) => flag.code));
    this.closed.push(...standing.filter((row) => !stands.has(row.code)));
  }

  async write(tx: Tx, bookId: BookId, on: Day): Promise<void> {
    await closeFlags(
      tx,
      on,
      this.closed.map((row) => row.id),
    );
    await openFlags(tx, bookId, on, this.opened);
    await refreshFlags(tx, this.#refreshed);
  }
}

export function codesOf(standing: readonly OpenFlagRow[]): Set<FlagCode> {
  return new Set(standing.map((flag) => flag.code).filter(isFlagCode));
}
