/**
 * What was written to the sandbox, one JSON line each, so that a demo started again on the same day
 * finds its notes and its tokens. Books are not stored: the seed makes the same ones again.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export interface JournalHeader {
  seed: number;
  /** A day, or the instant of the first start when none was given. */
  born: string;
  invoices: number;
  xero: number;
  quickbooks: number;
}

export interface JournalEntry {
  at: number;
  /** Who wrote it: `xero/0`, `quickbooks/grants` … */
  scope: string;
  op: unknown;
}

export class Journal {
  readonly #file: string | null;
  #muted = false;

  private constructor(file: string | null) {
    this.#file = file;
  }

  /** Entries of an earlier run come back only when its books were the same; otherwise the file starts anew. */
  static open(
    file: string | null,
    header: JournalHeader,
  ): { journal: Journal; entries: JournalEntry[] } {
    const journal = new Journal(file);
    if (file === null) return { journal, entries: [] };
    const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
    if (lines[0] === JSON.stringify(header))
      return { journal, entries: lines.slice(1).flatMap(entry) };
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, `${JSON.stringify(header)}\n`);
    return { journal, entries: [] };
  }

  /** When the books of an earlier run were born, so that a later start of the same demo keeps them. */
  static bornAt(file: string | null): Date | null {
    if (file === null || !existsSync(file)) return null;
    const [first = ''] = readFileSync(file, 'utf8').split('\n', 1);
    const instant = /"born":"(\d{4}-\d\d-\d\dT[^"]+)"/.exec(first)?.[1];
    return instant === undefined ? null : new Date(instant);
  }

  write(entry: JournalEntry): void {
    if (this.#file === null || this.#muted) return;
    appendFileSync(this.#file, `${JSON.stringify(entry)}\n`);
  }

  /** While entries are replayed nothing is written again. */
  replaying(work: () => void): void {
    this.#muted = true;
    try {
      work();
    } finally {
      this.#muted = false;
    }
  }
}

/** A line cut short by a crash is dropped. */
function entry(line: string): JournalEntry[] {
  try {
    return line === '' ? [] : [JSON.parse(line) as JournalEntry];
  } catch {
    return [];
  }
}
