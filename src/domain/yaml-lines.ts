/**
 * Where in a YAML text a value stands, so that whatever is wrong with it is said with its line. Files
 * that people write here (policies) are plain: what cannot be parsed is refused, and so are aliases,
 * which would put one line's words in two places and let a small file unfold into a huge one.
 */
import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument, visit } from 'yaml';
import { PolicyError } from '../errors.ts';

/** The line of the deepest node on the path that exists: for an unknown key the key itself. */
export type LineOf = (path: readonly PropertyKey[]) => number | undefined;

/** Reads a YAML text whole; a PolicyError says what is wrong and in which line. */
export function readYaml(text: string): { value: unknown; lineOf: LineOf } {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, merge: false });
  const [broken] = [...document.errors, ...document.warnings];
  if (broken !== undefined) {
    throw new PolicyError(firstLine(broken.message), broken.linePos?.[0].line);
  }
  visit(document, {
    Alias: (_key, node) => {
      const offset = node.range?.[0] ?? 0;
      throw new PolicyError(
        'aliases (*name) are not used; write the value out',
        lines.linePos(offset).line,
      );
    },
  });
  return {
    value: document.toJS() as unknown,
    lineOf: (path) => findLine(document, lines, path),
  };
}

function findLine(
  document: Document,
  lines: LineCounter,
  path: readonly PropertyKey[],
): number | undefined {
  for (let length = path.length; length >= 0; length -= 1) {
    const offset = offsetOf(document, path.slice(0, length));
    if (offset !== undefined) return lines.linePos(offset).line;
  }
  return undefined;
}

function offsetOf(document: Document, path: readonly PropertyKey[]): number | undefined {
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

function nodeAt(document: Document, path: readonly PropertyKey[]): unknown {
  return path.length === 0 ? document.contents : document.getIn(path, true);
}

function firstLine(message: string): string {
  return (message.split('\n')[0] ?? message).replace(/ at line \d+, column \d+:?$/, '');
}
