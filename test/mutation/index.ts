/**
 * `npm run test:mutation [-- FOLDER_OR_FILE …]`: how many mistakes planted in the rules do their tests
 * find? A few files at a time: to count who reaches which mutant slows the rest down. Exit code 1 below
 * 85 %. Mutants in what a rule computes once, when its file is loaded, are left out.
 */
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { type MutantResult } from '@stryker-mutator/api/core';
import { Stryker } from '@stryker-mutator/core';
import { groupBy } from '../../src/domain/group-by.ts';
import { filesUnder } from './files.ts';

const KILLED_MIN = 0.85;
const LINES_AT_ONCE = 500;

const { values, positionals } = parseArgs({
  options: { json: { type: 'boolean', default: false } },
  allowPositionals: true,
});

interface Score {
  killed: number;
  timedOut: number;
  survived: number;
  notCovered: number;
}

const all: MutantResult[] = [];
for (const files of await slices(positionals.length === 0 ? ['src/domain'] : positionals)) {
  const results = await new Stryker({ mutate: files }).runMutationTest();
  all.push(...results);
  process.stderr.write(`${lineOf('so far', scoreOf(all))}\n`);
}
const score = scoreOf(all);
if (values.json) process.stdout.write(`${JSON.stringify({ ...score, survivors: survivors() })}\n`);
else print();
process.exitCode = shareOf(score) >= KILLED_MIN ? 0 : 1;

async function slices(places: readonly string[]): Promise<string[][]> {
  const found: string[][] = [];
  let linesLeft = 0;
  for (const file of (await Promise.all(places.map(filesIn))).flat()) {
    const lines = (await readFile(file, 'utf8')).split('\n').length;
    if (lines > linesLeft) {
      found.push([]);
      linesLeft = LINES_AT_ONCE;
    }
    found.at(-1)?.push(file);
    linesLeft -= lines;
  }
  return found;
}

async function filesIn(place: string): Promise<string[]> {
  return (await stat(place)).isFile() ? [place] : filesUnder(place, '.ts');
}

function scoreOf(results: readonly MutantResult[]): Score {
  const count = (status: MutantResult['status']) =>
    results.filter((result) => result.status === status).length;
  return {
    killed: count('Killed'),
    timedOut: count('Timeout'),
    survived: count('Survived'),
    notCovered: count('NoCoverage'),
  };
}

function shareOf({ killed, timedOut, survived, notCovered }: Score): number {
  return (killed + timedOut) / Math.max(1, killed + timedOut + survived + notCovered);
}

function survivors() {
  return all
    .filter(({ status }) => status === 'Survived' || status === 'NoCoverage')
    .map(({ fileName, location, replacement, status }) => ({
      place: `${path.relative('.', fileName)}:${location.start.line}:${location.start.column}`,
      replacement,
      status,
    }));
}

function print(): void {
  for (const { place, replacement, status } of survivors()) {
    process.stdout.write(`${status.padEnd(10)} ${place}  ${replacement}\n`);
  }
  const byFile = groupBy(all, ({ fileName }) => path.relative('.', fileName));
  for (const [file, results] of [...byFile].toSorted()) {
    process.stdout.write(`${lineOf(file, scoreOf(results))}\n`);
  }
  process.stdout.write(`${lineOf('all', score)}\n`);
}

function lineOf(name: string, one: Score): string {
  const { killed, timedOut, survived, notCovered } = one;
  const share = (100 * shareOf(one)).toFixed(1).padStart(5);
  return `${share} %  ${killed} killed, ${timedOut} timed out, ${survived} survived, ${notCovered} not reached  ${name}`;
}
