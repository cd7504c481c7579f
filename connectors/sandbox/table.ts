/** Records of one kind, listed as the vendors list them: by the time of their last change. */
export interface Row {
  id: string;
  /** Milliseconds since 1970. */
  updatedAt: number;
}

export class Table<T extends Row> {
  readonly #rows = new Map<string, T>();
  #ordered: T[] | null = null;
  #filtered = new Map<string, T[]>();

  get size(): number {
    return this.#rows.size;
  }

  get(id: string): T | undefined {
    return this.#rows.get(id);
  }

  put(row: T): T {
    this.#rows.set(row.id, row);
    this.#forget();
    return row;
  }

  remove(id: string): void {
    this.#rows.delete(id);
    this.#forget();
  }

  /** Call after changing a row. */
  touch(row: T, at: number): void {
    row.updatedAt = at;
    this.#forget();
  }

  values(): IterableIterator<T> {
    return this.#rows.values();
  }

  /** Oldest change first, then by id. */
  ordered(): readonly T[] {
    this.#ordered ??= [...this.#rows.values()].sort(
      (a, b) => a.updatedAt - b.updatedAt || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0),
    );
    return this.#ordered;
  }

  /** Ordered rows that pass; the answer is kept under `key` until something changes, so paging stays cheap. */
  select(key: string, passes: (row: T) => boolean): readonly T[] {
    let rows = this.#filtered.get(key);
    if (rows === undefined) {
      rows = this.ordered().filter(passes);
      if (this.#filtered.size > 8) this.#filtered.clear();
      this.#filtered.set(key, rows);
    }
    return rows;
  }

  #forget(): void {
    this.#ordered = null;
    if (this.#filtered.size > 0) this.#filtered.clear();
  }
}
