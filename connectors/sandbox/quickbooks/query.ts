/**
 * Intuit's query language: SELECT * | COUNT(*) | fields FROM Entity [WHERE … AND …] [ORDERBY …]
 * [STARTPOSITION n] [MAXRESULTS m]. Values are quoted and escaped with a backslash, booleans are not.
 */

export interface Condition {
  field: string;
  operator: '=' | '<' | '>' | '<=' | '>=' | 'IN' | 'LIKE';
  values: (string | boolean)[];
}

export interface Query {
  select: 'all' | 'count' | string[];
  entity: string;
  where: Condition[];
  orderBy: { field: string; descending: boolean }[];
  startPosition: number;
  maxResults: number;
}

/** 4000: the text does not parse. */
export class QueryParseError extends Error {}

interface Token {
  text: string;
  quoted: boolean;
}

const TOKEN = /\s*(?:'((?:[^'\\]|\\.)*)'|(<=|>=|=|<|>)|([(),*])|([\w.]+))/y;

export function parseQuery(text: string): Query {
  return new Parser(tokenize(text)).parse();
}

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  const end = text.trimEnd().length;
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < end) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (match === null) throw new QueryParseError(`Encountered "${text.slice(at, at + 20)}"`);
    const [, quoted, operator, mark, word] = match;
    if (quoted === undefined) tokens.push({ text: operator ?? mark ?? word ?? '', quoted: false });
    else tokens.push({ text: quoted.replace(/\\(.)/gs, '$1'), quoted: true });
  }
  return tokens;
}

class Parser {
  readonly #tokens: readonly Token[];
  #position = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  parse(): Query {
    this.#word('SELECT');
    const select = this.#selection();
    this.#word('FROM');
    const query: Query = {
      select,
      entity: this.#next().text,
      where: [],
      orderBy: [],
      startPosition: 1,
      maxResults: 100,
    };
    if (this.#accept('WHERE')) {
      do query.where.push(this.#condition());
      while (this.#accept('AND'));
    }
    while (this.#peek() !== undefined) this.#clause(query);
    return query;
  }

  #selection(): Query['select'] {
    if (this.#accept('*')) return 'all';
    const fields = [this.#next().text];
    if (fields[0]?.toUpperCase() === 'COUNT' && this.#accept('(')) {
      this.#word('*');
      this.#word(')');
      return 'count';
    }
    while (this.#accept(',')) fields.push(this.#next().text);
    return fields;
  }

  #condition(): Condition {
    const field = this.#next();
    if (field.quoted) throw new QueryParseError(`Encountered '${field.text}'`);
    const operator = this.#next().text.toUpperCase();
    switch (operator) {
      case 'IN': {
        this.#word('(');
        const values = [this.#value()];
        while (this.#accept(',')) values.push(this.#value());
        this.#word(')');
        return { field: field.text, operator, values };
      }
      case '=':
      case '<':
      case '>':
      case '<=':
      case '>=':
      case 'LIKE':
        return { field: field.text, operator, values: [this.#value()] };
      default:
        throw new QueryParseError(`Encountered "${operator}"`);
    }
  }

  #value(): string | boolean {
    const token = this.#next();
    if (token.quoted) return token.text;
    const word = token.text.toLowerCase();
    if (word === 'true' || word === 'false') return word === 'true';
    throw new QueryParseError(`Encountered "${token.text}", a value must be quoted`);
  }

  #clause(query: Query): void {
    if (this.#accept('ORDER')) {
      this.#word('BY');
      this.#order(query);
    } else if (this.#accept('ORDERBY')) this.#order(query);
    else if (this.#accept('STARTPOSITION')) query.startPosition = this.#count();
    else if (this.#accept('MAXRESULTS')) query.maxResults = this.#count();
    else throw new QueryParseError(`Encountered "${this.#peek()?.text ?? ''}"`);
  }

  #order(query: Query): void {
    if (query.orderBy.length > 0) throw new QueryParseError('Encountered a second ORDERBY');
    do {
      const field = this.#next().text;
      const descending = this.#accept('DESC');
      if (!descending) this.#accept('ASC');
      query.orderBy.push({ field, descending });
    } while (this.#accept(','));
  }

  #count(): number {
    const text = this.#next().text;
    if (!/^\d+$/.test(text)) throw new QueryParseError(`Encountered "${text}"`);
    return Number(text);
  }

  #peek(): Token | undefined {
    return this.#tokens[this.#position];
  }

  #next(): Token {
    const token = this.#peek();
    if (token === undefined) throw new QueryParseError('Encountered "<EOF>"');
    this.#position += 1;
    return token;
  }

  #accept(word: string): boolean {
    const token = this.#peek();
    if (token === undefined || token.quoted || token.text.toUpperCase() !== word) return false;
    this.#position += 1;
    return true;
  }

  #word(word: string): void {
    if (!this.#accept(word)) {
      throw new QueryParseError(`Encountered "${this.#peek()?.text ?? '<EOF>'}", expected ${word}`);
    }
  }
}
