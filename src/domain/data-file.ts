/**
 * A data file in YAML, read strictly by its schema: what cannot be read exactly is refused with its file,
 * its line, what is wrong and what would be right. Nothing is guessed and nothing half loaded.
 * `percent: high` in line 7 of boe.yaml: "boe.yaml line 7: rows.0.percent: should be a percentage".
 */
import type { z } from 'zod';
import { PolicyError, UsageError } from '../errors.ts';
import { type LineOf, readYaml } from './yaml-lines.ts';

type Path = readonly PropertyKey[];

export interface YamlText<T> {
  data: T;
  /** The error for a problem at a path, with its line. */
  refusal: (path: Path, problem: string) => UsageError;
}

export function readDataFile<T>(file: string, text: string, schema: z.ZodType<T>): YamlText<T> {
  const { value, lineOf } = parse(file, text);
  const refusal = (path: Path, problem: string) => {
    const where = path.map(String).join('.');
    const line = lineOf(path);
    const place = line === undefined ? file : `${file} line ${line}`;
    return new UsageError(`${place}: ${where === '' ? problem : `${where}: ${problem}`}`);
  };
  const parsed = schema.safeParse(value);
  if (parsed.success) return { data: parsed.data, refusal };
  const { issues } = parsed.error;
  // A misspelt key is also a missing one: the spelling is the thing to mend.
  const issue = issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0];
  const unknown = issue?.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
  if (unknown !== undefined) throw refusal([...(issue?.path ?? []), unknown], 'is no known key');
  throw refusal(issue?.path ?? [], issue?.message ?? 'cannot be read');
}

function parse(file: string, text: string): { value: unknown; lineOf: LineOf } {
  try {
    return readYaml(text);
  } catch (err) {
    throw err instanceof PolicyError ? new UsageError(`${file} ${err.message}`) : err;
  }
}
