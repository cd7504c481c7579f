/** A database whose nth transaction is rolled back after all its statements, as a kill before COMMIT does. */
import type { Db } from '../../src/store/db.ts';

export class Killed extends Error {}

export function dyingDatabase(database: Db, nth: number): Db {
  let count = 0;
  const dying =
    <S, T>(work: (on: S) => Promise<T>) =>
    async (on: S): Promise<T> => {
      const result = await work(on);
      count += 1;
      if (count === nth) throw new Killed();
      return result;
    };
  return {
    ...database,
    tx: (work) => database.tx(dying(work)),
    bulk: (work) => database.bulk(dying(work)),
  };
}
