/**
 * What a message template may hold: text, {{name}} from a list, #if, #unless, #each over a list, and
 * our own partials. Everything else that Handlebars knows (raw output, helpers, paths into objects,
 * @root, decorators, inline partials) is refused with its line, before anything is rendered.
 */
import Handlebars from 'handlebars';
import { PolicyError } from '../errors.ts';

/** Names of plain values, and of lists with the names inside one entry. */
export interface Variables {
  values: ReadonlySet<string>;
  lists: ReadonlyMap<string, ReadonlySet<string>>;
}

interface Scope {
  template: string;
  names: ReadonlySet<string>;
  /** null inside a list: lists do not nest. */
  lists: ReadonlyMap<string, ReadonlySet<string>> | null;
  partials: ReadonlySet<string>;
}

export function parseTemplate(template: string, source: string): hbs.AST.Program {
  try {
    return Handlebars.parse(source);
  } catch (err) {
    throw new PolicyError(`template ${template}: it cannot be read`, lineOfParseError(err));
  }
}

// Handlebars gives a line for what it checks itself, and only words for what its grammar refuses.
function lineOfParseError(err: unknown): number | undefined {
  if (!(err instanceof Error)) return undefined;
  const { lineNumber } = err as { lineNumber?: unknown };
  if (typeof lineNumber === 'number') return lineNumber;
  const found = /on line (\d+)/.exec(err.message)?.[1];
  return found === undefined ? undefined : Number(found);
}

export function checkTemplate(
  template: string,
  program: hbs.AST.Program,
  variables: Variables,
  partials: ReadonlySet<string>,
): void {
  const { values: names, lists } = variables;
  checkProgram(program, { template, names, lists, partials });
}

function checkProgram(program: hbs.AST.Program, scope: Scope): void {
  // Absent, whatever the types say, where the tag has none.
  const blockParams = program.blockParams as string[] | undefined;
  if (blockParams !== undefined && blockParams.length > 0)
    refuse(program, scope, 'block parameters');
  for (const statement of program.body) checkStatement(statement, scope);
}

function checkStatement(statement: hbs.AST.Statement, scope: Scope): void {
  switch (statement.type) {
    case 'ContentStatement':
    case 'CommentStatement':
      return;
    case 'MustacheStatement':
      checkMustache(statement as hbs.AST.MustacheStatement, scope);
      return;
    case 'BlockStatement':
      checkBlock(statement as hbs.AST.BlockStatement, scope);
      return;
    case 'PartialStatement':
      checkPartial(statement as hbs.AST.PartialStatement, scope);
      return;
    default:
      refuse(statement, scope, 'this kind of tag');
  }
}

function checkMustache(tag: hbs.AST.MustacheStatement, scope: Scope): void {
  if (!tag.escaped) refuse(tag, scope, 'raw output');
  if (tag.params.length > 0 || hasHash(tag.hash)) refuse(tag, scope, 'helpers');
  const name = plainName(tag.path, scope);
  if (!scope.names.has(name)) unknown(tag, scope, name);
}

function checkBlock(block: hbs.AST.BlockStatement, scope: Scope): void {
  const [param, ...more] = block.params;
  if (param === undefined || more.length > 0 || hasHash(block.hash)) {
    refuse(block, scope, 'this block');
  }
  const name = plainName(param, scope);
  switch (plainName(block.path, scope)) {
    case 'if':
    case 'unless': {
      if (!scope.names.has(name) && scope.lists?.has(name) !== true) unknown(param, scope, name);
      checkProgram(block.program, scope);
      break;
    }
    case 'each': {
      const names = scope.lists?.get(name);
      if (names === undefined) unknown(param, scope, name);
      checkProgram(block.program, { ...scope, names, lists: null });
      break;
    }
    default:
      refuse(block, scope, 'blocks other than #if, #unless and #each');
  }
  // A block without {{else}} has no inverse, whatever the types say.
  const inverse = block.inverse as hbs.AST.Program | undefined;
  if (inverse !== undefined) checkProgram(inverse, scope);
}

function checkPartial(tag: hbs.AST.PartialStatement, scope: Scope): void {
  const name = tag.name.type === 'PathExpression' ? tag.name.original : '';
  const isPlain = tag.params.length === 0 && !hasHash(tag.hash) && scope.lists !== null;
  if (!isPlain || !scope.partials.has(name)) refuse(tag, scope, 'partials other than our own');
}

/** `name`, and nothing that climbs, digs or computes. */
function plainName(expression: hbs.AST.Expression, scope: Scope): string {
  if (expression.type !== 'PathExpression') refuse(expression, scope, 'anything but a name');
  const path = expression as hbs.AST.PathExpression;
  const [name] = path.parts;
  const isPlain =
    !path.data && path.depth === 0 && path.parts.length === 1 && path.original === name;
  if (!isPlain) refuse(expression, scope, 'anything but a name');
  return path.original;
}

function hasHash(hash: hbs.AST.Hash | undefined): boolean {
  return hash !== undefined && hash.pairs.length > 0;
}

function refuse(node: hbs.AST.Node, scope: Scope, what: string): never {
  throw new PolicyError(`template ${scope.template}: ${what} cannot be used`, lineOf(node));
}

function unknown(node: hbs.AST.Node, scope: Scope, name: string): never {
  throw new PolicyError(`template ${scope.template}: unknown variable ${name}`, lineOf(node));
}

// A Program has no place of its own in some versions of the parser.
function lineOf(node: hbs.AST.Node): number | undefined {
  const loc = node.loc as hbs.AST.SourceLocation | undefined;
  return loc?.start.line;
}
