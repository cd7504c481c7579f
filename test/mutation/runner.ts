/**
 * Runs the tests of the rules for Stryker in one warm process. The rules are pure, so a mutant can be
 * switched on and off between two runs of a test without loading anything again: thousands of mutants
 * an hour instead of hundreds. Per mutant, the quickest of the tests that reach it go first and the first
 * failure ends it.
 *
 * The score is a lower bound, for three reasons: a property stops after a quarter of a second; what has
 * lived through four seconds of tests counts as alive, though it may die of the slow ones; and what a test
 * file computes while it is loaded, outside its tests, is computed once, without any mutant.
 */
import { mkdir, readdir } from 'node:fs/promises';
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
import type { KnownTest } from './vitest.ts';

/** Of tests that a mutant has to live through. */
const BUDGET_MS = 4_000;

class RulesRunner implements TestRunner {
  #tests: KnownTest[] = [];
  /** How long each test took when it last passed, in milliseconds. */
  readonly #took = new Map<string, number>();
  readonly #context: InstrumenterContext = {};

  capabilities(): TestRunnerCapabilities {
    // It would be asked for where a mutant is also reached while files are loaded, and would take seconds.
    return { reloadEnvironment: true };
  }

  async init(): Promise<void> {
    Object.assign(globalThis, { [INSTRUMENTER_CONSTANTS.NAMESPACE]: this.#context });
    const { tests } = (await import(pathToFileURL(await bundled()).href)) as {
      tests: KnownTest[];
    };
    this.#tests = tests;
  }

  async dryRun(): Promise<DryRunResult> {
    const results: TestResult[] = [];
    for (const test of this.#tests) {
      this.#context.currentTestId = test.id;
      results.push(await this.#resultOf(test));
      delete this.#context.currentTestId;
    }
    const { mutantCoverage } = this.#context;
    return {
      status: DryRunStatus.Complete,
      tests: results,
      ...(mutantCoverage === undefined ? {} : { mutantCoverage }),
    };
  }

  async mutantRun(options: MutantRunOptions): Promise<MutantRunResult> {
    const { activeMutant, testFilter, hitLimit } = options;
    const wanted = new Set(testFilter);
    const took = ({ id }: KnownTest): number => this.#took.get(id) ?? 1;
    const quickestFirst = this.#tests
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

/** All tests of the rules and what they test, with mutants, as one file. */
async function bundled(): Promise<string> {
  const all = await readdir('test/domain', { recursive: true });
  const files = all
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => `test/domain/${file}`);
  const folder = path.resolve('.mutation');
  await mkdir(folder, { recursive: true });
  const outfile = path.join(folder, `rules-${process.pid}.mjs`);
  const imports = files
    .toSorted()
    .map((file) => `await inFile('${file}', () => import('./${file}'));`);
  await build({
    stdin: {
      contents: `import { inFile } from 'vitest';\nexport { tests } from 'vitest';\n${imports.join('\n')}`,
      resolveDir: process.cwd(),
    },
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    packages: 'external',
    alias: { vitest: path.resolve('test/mutation/vitest.ts') },
    logLevel: 'error',
  });
  return outfile;
}

export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, 'rules', RulesRunner)];
