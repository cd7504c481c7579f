/**
 * Runs the tests of the rules for Stryker in one warm process. The rules are pure, so a mutant can be
 * switched on and off between two runs of a test without loading anything again: thousands of mutants
 * an hour instead of hundreds. Per mutant, the quickest of the tests that reach it go first and the first
 * failure ends it. What a test file computes while it is loaded (its tables of cases) counts as a test too:
 * for a mutant reached there the file is loaded again, without what it imports.
 *
 * The score is a lower bound, for two reasons: a property stops after a quarter of a second; and what has
 * lived through four seconds of tests counts as alive, though it may die of the slow ones.
 */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { INSTRUMENTER_CONSTANTS, type InstrumenterContext } from '@stryker-mutator/api/core';
import { declareClassPlugin, PluginKind } from '@stryker-mutator/api/plugin';
import {
  determineHitLimitReached,
  type DryRunResult,
  DryRunStatus,
  type MutantRunOptions,
  type MutantRunResult,
  type TestResult,
  type TestRunner,
  type TestRunnerCapabilities,
  TestStatus,
  toMutantRunResult,
} from '@stryker-mutator/api/test-runner';
import { build } from 'esbuild';
import { filesUnder } from './files.ts';
import type * as Vitest from './vitest.ts';
import type { KnownTest } from './vitest.ts';

/** Written by the process that runs all tests once, for the others: the slow ones first would use up the budget. */
const TIMES = '.mutation/times.json';
/** Of tests that a mutant has to live through. */
const BUDGET_MS = 4_000;

class RulesRunner implements TestRunner {
  readonly #tests: KnownTest[] = [];
  /** A test for each file, which loads it anew and runs all that is in it. */
  readonly #wholes: (KnownTest & { inFile: KnownTest[] })[] = [];
  /** How long each test took when it last passed, in milliseconds. */
  #took = new Map<string, number>();
  readonly #context: InstrumenterContext = {};

  capabilities(): TestRunnerCapabilities {
    // It would be asked for where a mutant is also reached while files are loaded, and would take seconds.
    return { reloadEnvironment: true };
  }

  async init(): Promise<void> {
    Object.assign(globalThis, { [INSTRUMENTER_CONSTANTS.NAMESPACE]: this.#context });
    const { testFiles, load } = await bundled();
    for (const file of testFiles) {
      const id = `${file} as a whole`;
      const inFile = await this.#reaching(id, () => load(file));
      this.#tests.push(...inFile);
      this.#wholes.push({ id, run: async () => runAll(await load(file)), inFile });
    }
  }

  async dryRun(): Promise<DryRunResult> {
    // Which mutants a file reaches while it is loaded has been seen at the beginning.
    const results: TestResult[] = this.#wholes.map(({ id }) => {
      return { id, name: id, timeSpentMs: 0, status: TestStatus.Success };
    });
    for (const test of this.#tests) {
      results.push(await this.#reaching(test.id, () => this.#resultOf(test)));
    }
    for (const { id, inFile } of this.#wholes) {
      this.#took.set(
        id,
        inFile.reduce((sum, test) => sum + (this.#took.get(test.id) ?? 0), 0),
      );
    }
    await writeFile(TIMES, JSON.stringify([...this.#took]));
    const { mutantCoverage } = this.#context;
    return {
      status: DryRunStatus.Complete,
      tests: results,
      ...(mutantCoverage === undefined ? {} : { mutantCoverage }),
    };
  }

  async #reaching<T>(id: string, run: () => Promise<T>): Promise<T> {
    this.#context.currentTestId = id;
    const result = await run();
    delete this.#context.currentTestId;
    return result;
  }

  async mutantRun(options: MutantRunOptions): Promise<MutantRunResult> {
    const { activeMutant, testFilter, hitLimit } = options;
    if (this.#took.size === 0) {
      this.#took = new Map(JSON.parse(await readFile(TIMES, 'utf8')) as [string, number][]);
    }
    const wanted = new Set(testFilter);
    const took = ({ id }: KnownTest): number => this.#took.get(id) ?? 1;
    const quickestFirst = [...this.#tests, ...this.#wholes]
      .filter(({ id }) => wanted.has(id))
      .toSorted((a, b) => took(a) - took(b));
    Object.assign(this.#context, {
      activeMutant: activeMutant.id,
      hitCount: hitLimit === undefined ? undefined : 0,
      hitLimit,
    });
    const results: TestResult[] = [];
    let leftMs = BUDGET_MS;
    for (const test of quickestFirst) {
      if (results.length > 0 && took(test) > leftMs) break;
      const result = await this.#resultOf(test);
      results.push(result);
      leftMs -= result.timeSpentMs;
      if (result.status === TestStatus.Failed) break;
    }
    delete this.#context.activeMutant;
    const timedOut = determineHitLimitReached(this.#context.hitCount, hitLimit);
    return toMutantRunResult(timedOut ?? { status: DryRunStatus.Complete, tests: results });
  }

  async #resultOf({ id, run }: KnownTest): Promise<TestResult> {
    const startedAt = performance.now();
    const named = () => ({ id, name: id, timeSpentMs: performance.now() - startedAt });
    try {
      await run();
      const passed = named();
      this.#took.set(id, passed.timeSpentMs);
      return { ...passed, status: TestStatus.Success };
    } catch (err) {
      const failureMessage = err instanceof Error ? err.message : String(err);
      return { ...named(), status: TestStatus.Failed, failureMessage };
    }
  }
}

async function runAll(tests: readonly KnownTest[]): Promise<void> {
  for (const { run } of tests) await run();
}

interface Bundle {
  testFiles: string[];
  /** Evaluates a test file, anew each time, over what has been loaded once. */
  load: (testFile: string) => Promise<KnownTest[]>;
}

/** The tests of the rules, each file by itself, and what they share, with mutants. */
async function bundled(): Promise<Bundle> {
  const testFiles = await filesUnder('test/domain', '.test.ts');
  const rules = await filesUnder('src/domain', '.ts');
  const vitest = path.resolve('test/mutation/vitest.ts');
  const outdir = path.resolve('.mutation', String(process.pid));
  await build({
    // Else the folder where this file was loaded, in which nothing has been mutated.
    absWorkingDir: process.cwd(),
    // Every rule is an entry as well, so that none is put into the one test file that uses it.
    entryPoints: [vitest, ...rules, ...testFiles],
    outdir,
    outbase: '.',
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    packages: 'external',
    alias: { vitest },
    logLevel: 'error',
  });
  const imported = (file: string, query = ''): Promise<unknown> => {
    const built = path.join(outdir, file.replace(/\.ts$/, '.mjs'));
    return import(`${pathToFileURL(built).href}${query}`);
  };
  for (const file of rules) await imported(file);
  const { testsIn } = (await imported('test/mutation/vitest.ts')) as typeof Vitest;
  let loads = 0;
  return {
    testFiles,
    load: (file) => testsIn(file, () => imported(file, `?${(loads += 1)}`)),
  };
}

export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, 'rules', RulesRunner)];
