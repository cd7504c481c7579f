/**
 * A YAML file that a person wrote, read strictly: what cannot be read exactly is refused with its file,
 * its line, what is wrong and what would be right. Nothing is guessed and nothing half loaded.
 * `percent: high` in line 7 of boe.yaml: "boe.yaml line 7: rows.0.percent: should be a percentage".
 */
import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument, visit } from 'yaml';
import type { z } from 'zod';
import { UsageError } from '../errors.ts';

type Path = readonly PropertyKey[];

export interface YamlText<T> {
  data: T;
  /** The error for a problem at a path, with its line. */
  refusal: (path: Path, problem: string) => UsageError;
}

export function readYaml<T>(file: string, text: string, schema: z.ZodType<T>): YamlText<T> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, merge: false });
  const at = (line: number | undefined, problem: string) =>
    new UsageError(`${file}${line === undefined ? '' : ` line ${line}`}: ${problem}`);
  const [broken] = [...document.errors, ...document.warnings];
  if (broken !== undefined) throw at(broken.linePos?.[0].line, firstLine(broken.message));
  visit(document, {
    Alias: (_key, node) => {
      const { line } = lines.linePos(node.range?.[0] ?? 0);
      throw at(line, 'aliases (*name) are not used here; write the value out');
    },
  });
  const refusal = (path: Path, problem: string) => {
    const where = path.map(String).join('.');
    return at(lineOf(document, lines, path), where === '' ? problem : `${where}: ${problem}`);
  };
  const parsed = schema.safeParse(document.toJS() as unknown);
  if (parsed.success) return { data: parsed.data, refusal };
  const { issues } = parsed.error;
  // A misspelt key is also a missing one: the spelling is the thing to mend.
  const issue = issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0];
  const unknown = issue?.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
  if (unknown !== undefined) throw refusal([...(issue?.path ?? []), unknown], 'is no known key');
  throw refusal(issue?.path ?? [], issue?.message ?? 'cannot be read');
}

/** The line of the deepest node on the path that exists. */
function lineOf(document: Document, lines: LineCounter, path: Path): number | undefined {
  for (let length = path.length; length >= 0; length -= 1) {
    const offset = offsetOf(document, path.slice(0, length));
    if (offset !== undefined) return lines.linePos(offset).line;
  }
  return undefined;
}

function offsetOf(document: Document, path: Path): number | undefined {
  const parent = path.length === 0 ? undefined : nodeAt(document, path.slice(0, -1));
  if (isMap(parent)) {
    const pair = parent.items.find(
      (item) => isScalar(item.key) && String(item.key.value) === String(path.at(-1)),
    );
    return isNode(pair?.key) ? pair.key.range?.[0] : undefined;
  }
  const node = nodeAt(document, path);
  return isNode(node) ? node.range?.[0] : undefined;
}

function nodeAt(document: Document, path: Path): unknown {
  return path.length === 0 ? document.contents : document.getIn(path, true);
}

function firstLine(message: string): string {
  return (message.split('\n')[0] ?? message).replace(/ at line \d+, column \d+:?$/, '');
}
