/**
 * The worker as one file, quick to start: a process per crash is only affordable that way. While the
 * product's sources are read, the failpoints are put around their awaits, and a fault into its line.
 */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';
import ts from 'typescript';
import { type AwaitPoint, type Failpoint, idOf } from './failpoints.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
/** Beside the packages that stay outside the bundle, so that it finds them. */
const BUNDLE_FOLDER = path.join(ROOT, 'node_modules/.cache/duebook-crash');

/** A mistake: what stands in a file of the product, and what stands there instead. */
export interface Planted {
  name: string;
  changes: readonly (readonly [file: string, find: string, replace: string])[];
}

export interface Bundling {
  name: string;
  /** The file of the process, whole. */
  entry: string;
  failpoints?: readonly Failpoint[];
  fault?: Planted | null;
}

/** Gives the file to start with `node`. */
export async function bundleWorker(bundling: Bundling): Promise<string> {
  const { name, entry, failpoints = [], fault = null } = bundling;
  const points = failpoints.filter((point): point is AwaitPoint => 'awaits' in point);
  await mkdir(BUNDLE_FOLDER, { recursive: true });
  const code = path.join(BUNDLE_FOLDER, `${name}.cjs`);
  const unread = new Set([
    ...points.map((point) => point.file),
    ...(fault?.changes.map(([file]) => file) ?? []),
  ]);
  await build({
    entryPoints: [entry],
    outfile: code,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    // A script that comes from V8's cache cannot import.
    supported: { 'dynamic-import': false },
    // PGlite finds its files beside itself, and so does pdfkit.
    external: ['@electric-sql/pglite', 'pdfkit', 'pg-native'],
    define: { 'import.meta.url': 'bundleUrl' },
    banner: { js: `const bundleUrl = require('node:url').pathToFileURL(__filename).href;` },
    logLevel: 'error',
    plugins: [unusedIsLeftOut, planting(points, fault, unread)],
  });
  if (unread.size > 0) throw new Error(`not part of the worker: ${[...unread].join(', ')}`);
  // V8 knows a text by its length only.
  await rm(`${code}.v8`, { force: true });
  const launcher = path.join(BUNDLE_FOLDER, `${name}.launch.cjs`);
  await writeFile(launcher, launcherOf(code));
  return launcher;
}

/** The product's own files do nothing when they are imported, so the web and the command line stay out. */
const unusedIsLeftOut: Plugin = {
  name: 'unused-is-left-out',
  setup(bundling) {
    bundling.onResolve({ filter: /^\.{1,2}\/.*\.ts$/ }, ({ path: file, resolveDir }) => ({
      path: path.resolve(resolveDir, file),
      sideEffects: false,
    }));
  },
};

function planting(points: AwaitPoint[], fault: Planted | null, unread: Set<string>): Plugin {
  return {
    name: 'planting',
    setup(bundling) {
      bundling.onLoad({ filter: /\/(src|connectors|prisma)\/.*\.ts$/ }, async ({ path: full }) => {
        const file = path.relative(ROOT, full);
        let text = await readFile(full, 'utf8');
        unread.delete(file);
        if (fault !== null) text = plantFault(file, text, fault);
        text = plantPoints(
          text,
          points.filter((point) => point.file === file),
        );
        return { contents: staysWhereItWas(text, full), loader: 'ts' };
      });
    },
  };
}

function staysWhereItWas(text: string, full: string): string {
  return text
    .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(full).href))
    .replaceAll('import.meta.dirname', JSON.stringify(path.dirname(full)));
}

function plantFault(file: string, text: string, fault: Planted): string {
  const here = fault.changes.filter(([where]) => where === file);
  return here.reduce((changed, [, find, replace]) => {
    if (!changed.includes(find)) throw new Error(`no place for "${fault.name}" in ${file}`);
    return changed.replaceAll(find, replace);
  }, text);
}

/** `await x` becomes `(await point, await x)`, or the point is passed once x has come. */
function plantPoints(text: string, points: readonly AwaitPoint[]): string {
  if (points.length === 0) return text;
  const awaits = awaitsOf(text);
  const inserts = points.flatMap((point) => {
    const found = awaits.filter(
      (one) => one.function === point.in && text.startsWith(point.awaits, one.operandAt),
    );
    const [place] = found;
    if (place === undefined || found.length > 1) {
      throw new Error(
        `${idOf(point)}: ${found.length} awaits of "${point.awaits}" in ${point.in} of ${point.file}, one is needed`,
      );
    }
    const id = JSON.stringify(idOf(point));
    return point.when === 'before'
      ? [
          { at: place.at, text: `(await failpoint(${id}), ` },
          { at: place.end, text: ')' },
        ]
      : [
          { at: place.operandAt, text: `passed(${id}, ` },
          { at: place.end, text: ')' },
        ];
  });
  return inserts
    .toSorted((a, b) => b.at - a.at)
    .reduce((done, insert) => done.slice(0, insert.at) + insert.text + done.slice(insert.at), text);
}

interface Await {
  function: string;
  at: number;
  operandAt: number;
  end: number;
}

function awaitsOf(text: string): Await[] {
  const source = ts.createSourceFile('source.ts', text, ts.ScriptTarget.Latest, true);
  const found: Await[] = [];
  const visit = (node: ts.Node, inside: string): void => {
    const named = nameOf(node) ?? inside;
    if (ts.isAwaitExpression(node)) {
      found.push({
        function: named,
        at: node.getStart(),
        operandAt: node.expression.getStart(),
        end: node.getEnd(),
      });
    }
    ts.forEachChild(node, (child) => visit(child, named));
  };
  visit(source, '');
  return found;
}

function nameOf(node: ts.Node): string | null {
  if (!ts.isFunctionDeclaration(node) && !ts.isMethodDeclaration(node)) return null;
  return node.name?.getText() ?? null;
}

/** Starts the bundle from V8's cache of its compiled code. */
function launcherOf(code: string): string {
  return `
const fs = require('node:fs');
const vm = require('node:vm');
const { createRequire } = require('node:module');
const code = ${JSON.stringify(code)};
const cache = code + '.v8';
const cachedData = fs.existsSync(cache) ? fs.readFileSync(cache) : undefined;
const text = '(function(exports,require,module,__filename,__dirname){' + fs.readFileSync(code, 'latin1') + '\\n})';
const script = new vm.Script(text, {
  filename: code,
  ...(cachedData ? { cachedData } : {}),
});
const module_ = { exports: {} };
script.runInThisContext()(module_.exports, createRequire(code), module_, code, ${JSON.stringify(BUNDLE_FOLDER)});
if (!cachedData || script.cachedDataRejected) {
  fs.writeFileSync(cache + process.pid, script.createCachedData());
  fs.renameSync(cache + process.pid, cache);
}
`;
}
