/**
 * Intuit's change data capture: every object that changed or was deleted since a time, whole. One
 * answer holds at most 1,000 objects over all entities, has no pages and does not say that it was cut.
 */
import { LedgerError } from '../../src/errors.ts';
import { type Client, instantOf, type Row } from './client.ts';
import { ENTITIES, type Entity } from './entities.ts';
import { codeIn, isRecord } from './fault.ts';
import { instantText } from './query.ts';
import type { RowsByEntity } from './records.ts';

const OBJECTS_MAX = 1000;

export interface Changes {
  rows: RowsByEntity;
  answeredAt: Date | null;
  /** As long as Intuit allows: there may be more. */
  isCut: boolean;
}

export async function readChanges(
  client: Client,
  entities: readonly Entity[],
  since: Date,
): Promise<Changes> {
  const body = await client.get('cdc', (sdk, done) =>
    sdk.changeDataCapture(entities.join(','), instantText(since), done),
  );
  return parseChanges(body);
}

/** Blocks come in the order asked, `{}` where nothing changed; the key says whose block it is. */
export function parseChanges(body: Row): Changes {
  const rows: Partial<Record<Entity, Row[]>> = {};
  let count = 0;
  for (const block of blocksOf(body)) {
    for (const entity of ENTITIES) {
      const found = block[entity];
      if (found === undefined) continue;
      if (!Array.isArray(found) || !found.every(isRecord)) throw misshapen(entity);
      rows[entity] = [...(rows[entity] ?? []), ...found];
      count += found.length;
    }
  }
  return { rows, answeredAt: instantOf(body['time']), isCut: count >= OBJECTS_MAX };
}

function blocksOf(body: Row): Row[] {
  const responses = body['CDCResponse'];
  const first: unknown = Array.isArray(responses) ? responses[0] : undefined;
  const blocks = isRecord(first) ? first['QueryResponse'] : undefined;
  if (!Array.isArray(blocks) || blocks.length === 0 || !blocks.every(isRecord))
    throw misshapen('CDCResponse');
  if (blocks.some((block) => codeIn(block) !== null)) throw misshapen('CDCResponse.Fault');
  return blocks;
}

function misshapen(field: string): LedgerError {
  return new LedgerError('unexpected_shape', `QuickBooks cdc: ${field} is not what it should be`, {
    status: 200,
    field,
  });
}
