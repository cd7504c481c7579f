import { readdir } from 'node:fs/promises';
import path from 'node:path';

/** In the order of their names. */
export async function filesUnder(folder: string, ending: string): Promise<string[]> {
  const all = await readdir(folder, { recursive: true });
  return all
    .filter((file) => file.endsWith(ending))
    .toSorted()
    .map((file) => path.join(folder, file));
}
