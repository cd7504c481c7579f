/**
 * The archive: files, a manifest that names each with its size and SHA-256, all in a ZIP without
 * compression. The same files give the same bytes on every machine, so verifying can make the archive
 * again and compare: there is no byte in it that could change unseen.
 */
import { createHash } from 'node:crypto';
import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate';
import { z } from 'zod';
import { brokenLine } from '../domain/log-chain.ts';

const MANIFEST = 'manifest.json';
export const LOG = 'log.jsonl';

export type Files = ReadonlyMap<string, Uint8Array>;

const ManifestText = z.strictObject({
  about: z.record(z.string(), z.unknown()),
  /** What could not be had, and why. */
  missing: z.array(z.strictObject({ file: z.string(), because: z.string() })),
  log: z.strictObject({ lines: z.int(), head: z.string() }),
  files: z.array(z.strictObject({ file: z.string(), size: z.int(), sha256: z.string() })),
});
export type Manifest = z.infer<typeof ManifestText>;

export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

export function makeArchive(
  files: Files,
  facts: Pick<Manifest, 'about' | 'missing' | 'log'>,
): { zip: Uint8Array; manifestSha256: string } {
  const names = [...files.keys()].sort();
  const manifest: Manifest = {
    ...facts,
    files: names.map((file) => {
      const content = files.get(file) ?? new Uint8Array();
      return { file, size: content.length, sha256: sha256(content) };
    }),
  };
  const text = strToU8(`${JSON.stringify(manifest, null, 2)}\n`);
  return { zip: zipped(new Map([...files, [MANIFEST, text]])), manifestSha256: sha256(text) };
}

/** A local time, so that every time zone writes the same bytes; the first that ZIP knows. */
const NO_TIME = '1980-01-01T00:00:00';

function zipped(files: Files): Uint8Array {
  const inOrder = [...files].sort(([a], [b]) => (a < b ? -1 : 1));
  return zipSync(Object.fromEntries(inOrder), { level: 0, mtime: NO_TIME });
}

export interface Verified {
  /** One sentence for each thing that is not as it was made; none: the pack is whole. */
  problems: string[];
  /** To compare with what was printed and logged when the pack was made. */
  manifestSha256: string | null;
  manifest: Manifest | null;
}

export function verifyArchive(zip: Uint8Array): Verified {
  const files = opened(zip);
  if (files === null) return broken('The archive cannot be opened: its table of files is damaged.');
  const text = files.get(MANIFEST);
  if (text === undefined) return broken(`${MANIFEST} is missing.`);
  const manifest = readManifest(text);
  if (manifest === null) return broken(`${MANIFEST} was altered: it cannot be read.`);
  const problems = [...fileProblems(files, manifest), ...logProblems(files, manifest)];
  if (problems.length === 0 && !sameBytes(zipped(files), zip)) {
    problems.push('The archive was altered outside its files: their names, times or order.');
  }
  return { problems, manifestSha256: sha256(text), manifest };
}

function broken(problem: string): Verified {
  return { problems: [problem], manifestSha256: null, manifest: null };
}

function opened(zip: Uint8Array): Files | null {
  try {
    return new Map(Object.entries(unzipSync(zip)));
  } catch {
    return null;
  }
}

function readManifest(content: Uint8Array): Manifest | null {
  try {
    const parsed = ManifestText.safeParse(JSON.parse(strFromU8(content)));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

function fileProblems(files: Files, manifest: Manifest): string[] {
  const listed = new Set(manifest.files.map((entry) => entry.file));
  const strangers = [...files.keys()].filter((file) => file !== MANIFEST && !listed.has(file));
  return [
    ...manifest.files.flatMap(({ file, size, sha256: expected }) => {
      const content = files.get(file);
      if (content === undefined) return [`${file} is missing.`];
      return content.length === size && sha256(content) === expected
        ? []
        : [`${file} was altered.`];
    }),
    ...strangers.map((file) => `${file} was added: the manifest does not name it.`),
  ];
}

function logProblems(files: Files, manifest: Manifest): string[] {
  const content = files.get(LOG);
  if (content === undefined) return [];
  const lines = strFromU8(content).split('\n').slice(0, -1);
  const line = brokenLine(lines, manifest.log.head, sha256);
  if (line !== null) return [`${LOG}: line ${line} was altered.`];
  return lines.length === manifest.log.lines ? [] : [`${LOG}: lines were added or removed.`];
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
