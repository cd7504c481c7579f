/** The part of Xero's `where` language a receivables reader needs: comparisons joined by AND or OR, with brackets. */

export type Value = string | number | boolean | null;
export type Filter = (field: (path: string) => Value | undefined) => boolean;

/** Thrown for what the language, or this part of it, does not know. */
export class WhereError extends Error {}

type Token = { text: string; kind: 'word' | 'string' | 'operator' | 'bracket' };

const TOKEN =
  /\s*(?:("(?:[^"\\]|\\.)*")|(==|!=|<>|>=|<=|>|<|=|&&|\|\|)|([(),])|([A-Za-z_][\w.]*|-?\d+(?:\.\d+)?))/y;

export function parseWhere(text: string): Filter {
  const tokens = tokenize(text);
  let position = 0;
  const peek = (): Token | undefined => tokens[position];
  const take = (expected?: string): Token => {
    const token = tokens[position];
    if (token === undefined || (expected !== undefined && token.text !== expected)) {
      throw new WhereError(`expected ${expected ?? 'more'} in ${text}`);
    }
    position += 1;
    return token;
  };
  const isWord = (words: readonly string[]): boolean =>
    words.includes(peek()?.text.toUpperCase() ?? '');

  const any = (): Filter => {
    const parts = [all()];
    while (isWord(['OR', '||'])) {
      take();
      parts.push(all());
    }
    return (field) => parts.some((part) => part(field));
  };
  const all = (): Filter => {
    const parts = [one()];
    while (isWord(['AND', '&&'])) {
      take();
      parts.push(one());
    }
    return (field) => parts.every((part) => part(field));
  };
  const one = (): Filter => {
    if (peek()?.text === '(') {
      take('(');
      const inner = any();
      take(')');
      return inner;
    }
    const path = take().text;
    const operator = take();
    if (operator.kind !== 'operator') throw new WhereError(`no comparison after ${path}`);
    const wanted = literal();
    return (field) => compare(field(path), operator.text, wanted, path);
  };
  const literal = (): Value => {
    const token = take();
    if (token.kind === 'string') return token.text;
    const word = token.text.toLowerCase();
    if (word === 'true' || word === 'false') return word === 'true';
    if (word === 'null') return null;
    if (word === 'guid' || word === 'datetime') {
      take('(');
      const parts: string[] = [take().text];
      while (peek()?.text === ',') {
        take(',');
        parts.push(take().text);
      }
      take(')');
      return word === 'guid' ? (parts[0] ?? '').toLowerCase() : dateTime(parts);
    }
    const number = Number(token.text);
    if (Number.isNaN(number)) throw new WhereError(`${token.text} is no value`);
    return number;
  };

  const filter = any();
  if (peek() !== undefined) throw new WhereError(`did not understand ${peek()?.text ?? ''}`);
  return filter;
}

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (match === null) throw new WhereError(`did not understand ${text.slice(at)}`);
    const [, quoted, operator, bracket, word] = match;
    if (quoted !== undefined) {
      tokens.push({ kind: 'string', text: quoted.slice(1, -1).replace(/\\(.)/g, '$1') });
    } else if (operator !== undefined) {
      const joins = operator === '&&' || operator === '||';
      tokens.push({ kind: joins ? 'word' : 'operator', text: operator });
    } else if (bracket !== undefined) tokens.push({ kind: 'bracket', text: bracket });
    else tokens.push({ kind: 'word', text: word ?? '' });
  }
  return tokens;
}

/** DateTime(2026,01,31) and DateTime(2026,01,31,12,0,0), in milliseconds. */
function dateTime(parts: readonly string[]): number {
  const [year = 0, month = 1, date = 1, hour = 0, minute = 0, second = 0] = parts.map(Number);
  return Date.UTC(year, month - 1, date, hour, minute, second);
}

function compare(
  actual: Value | undefined,
  operator: string,
  wanted: Value,
  path: string,
): boolean {
  if (actual === undefined) throw new WhereError(`no such field: ${path}`);
  switch (operator) {
    case '==':
    case '=':
      return actual === wanted;
    case '!=':
    case '<>':
      return actual !== wanted;
    default:
  }
  if (actual === null || wanted === null || typeof actual !== typeof wanted) return false;
  switch (operator) {
    case '>':
      return actual > wanted;
    case '>=':
      return actual >= wanted;
    case '<':
      return actual < wanted;
    case '<=':
      return actual <= wanted;
    default:
      throw new WhereError(`no such comparison: ${operator}`);
  }
}
