/**
 * Everything held about a book in one ZIP: a file of JSON lines per table, and a manifest with the
 * number of rows and the SHA-256 of each. Written as it is read, so its size does not matter.
 */
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import { strToU8, Zip, ZipDeflate } from 'fflate';
import type { Clock } from './clock.ts';
import type { BookId } from './domain/receivables.ts';
import { type BookTable, readBookData } from './store/book-data.ts';
import type { Db } from './store/db.ts';

export interface ExportedTable {
  file: string;
  rows: number;
  sha256: string;
  /** Columns left out: sealed secrets. */
  omitted: string[];
}

interface OpenTable extends Pick<ExportedTable, 'file' | 'rows' | 'omitted'> {
  name: string;
  entry: ZipDeflate;
  hash: ReturnType<typeof createHash>;
}

export async function exportBook(
  deps: { db: Db; clock: Clock },
  book: { id: BookId; name: string },
  file: string,
): Promise<ExportedTable[]> {
  // Only for its owner: names, amounts and letters lie in it in clear.
  const out = createWriteStream(file, { mode: 0o600 });
  const zip = new Zip((err, chunk, isLast) => {
    if (err !== null) out.destroy(err);
    else {
      out.write(chunk);
      if (isLast) out.end();
    }
  });
  const tables: ExportedTable[] = [];
  let open = null as OpenTable | null;
  await readBookData(deps.db, book.id, async (table, lines) => {
    if (open?.name !== table.name) {
      if (open !== null) tables.push(close(open));
      open = begin(zip, table);
    }
    add(open, lines);
    if (out.writableNeedDrain) await once(out, 'drain');
  });
  if (open !== null) tables.push(close(open));
  const entry = new ZipDeflate('manifest.json');
  zip.add(entry);
  const about = { book: book.name, bookId: book.id, exportedAt: deps.clock.now(), tables };
  entry.push(strToU8(`${JSON.stringify(about, null, 2)}\n`), true);
  zip.end();
  await finished(out);
  return tables;
}

function begin(zip: Zip, { name, omitted }: BookTable): OpenTable {
  const file = `${name}.jsonl`;
  const entry = new ZipDeflate(file);
  zip.add(entry);
  return { name, file, rows: 0, omitted, entry, hash: createHash('sha256') };
}

function add(table: OpenTable, lines: readonly string[]): void {
  if (lines.length === 0) return;
  const bytes = strToU8(lines.map((line) => `${line}\n`).join(''));
  table.rows += lines.length;
  table.hash.update(bytes);
  table.entry.push(bytes);
}

function close({ file, rows, omitted, entry, hash }: OpenTable): ExportedTable {
  entry.push(new Uint8Array(), true);
  return { file, rows, sha256: hash.digest('hex'), omitted };
}
