/**
 * A log that cannot be rewritten unseen: every line carries the digest of the line before it, and the
 * digest of the last line is kept apart as the head. Whoever changes, drops, adds or swaps a line
 * breaks the chain at that place.
 * Three lines A, B, C with B changed: C still carries the digest of the old B, so line 2 was altered.
 */

/** SHA-256 as 64 hexadecimal characters; the rules bring no hash of their own. */
export type Digest = (text: string) => string;

/** What the first line carries. */
export const CHAIN_START = '0'.repeat(64);

export interface LogEntry {
  at: string;
  kind: string;
  /** What it is about, as "action 4f2a…" or "invoice INV-7". */
  subject: string;
  detail: Readonly<Record<string, unknown>>;
}

export interface ChainedLog {
  lines: string[];
  head: string;
}

export function chainLog(entries: readonly LogEntry[], digest: Digest): ChainedLog {
  const lines: string[] = [];
  let before = CHAIN_START;
  entries.forEach((entry, index) => {
    const { at, kind, subject, detail } = entry;
    const line = JSON.stringify({ line: index + 1, at, kind, subject, detail, before });
    lines.push(line);
    before = digest(line);
  });
  return { lines, head: before };
}

/** The first line, counted from 1, that is not as it was written; null: the chain holds to its head. */
export function brokenLine(lines: readonly string[], head: string, digest: Digest): number | null {
  const carried = lines.map(carriedBy);
  /** What is said of a line elsewhere: by the line after it, or by the head. */
  const told = (index: number) => (index === lines.length - 1 ? head : carried[index + 1]?.before);
  let before = CHAIN_START;
  for (const [index, line] of lines.entries()) {
    const said = carried[index];
    if (said?.line !== index + 1) return index + 1;
    const own = digest(line);
    if (said.before !== before) {
      // Two lines disagree; the one that others know by its digest is the true one.
      return own === told(index) && index > 0 ? index : index + 1;
    }
    before = own;
  }
  return before === head ? null : Math.max(1, lines.length);
}

/** null: not a line of such a log. */
function carriedBy(text: string): { line: unknown; before: unknown } | null {
  try {
    const { line, before } = JSON.parse(text) as { line?: unknown; before?: unknown };
    return { line, before };
  } catch {
    return null;
  }
}
