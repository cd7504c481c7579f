/** Child processes of the bench: each is one TypeScript file, given JSON, answering with one line of JSON. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';

const ROOT = path.resolve(import.meta.dirname, '..');

function start(file: string, given: unknown): ChildProcess {
  return spawn(
    process.execPath,
    ['--import', 'tsx', path.join(ROOT, file), JSON.stringify(given)],
    {
      cwd: ROOT,
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
}

async function firstLine(child: ChildProcess): Promise<unknown> {
  if (child.stdout === null) throw new Error('the child has no output');
  const lines = createInterface({ input: child.stdout });
  for await (const line of lines) return JSON.parse(line) as unknown;
  throw new Error(`a child process ended without an answer (exit code ${child.exitCode ?? '?'})`);
}

/** Runs to the end and gives its answer. */
export async function runChild(file: string, given: unknown): Promise<unknown> {
  const child = start(file, given);
  const ended = once(child, 'exit');
  const answer = await firstLine(child);
  await ended;
  return answer;
}

/** Keeps a server running while `work` uses it. */
export async function withServer<R>(
  file: string,
  given: unknown,
  work: (announced: unknown) => Promise<R>,
): Promise<R> {
  const child = start(file, given);
  const ended = once(child, 'exit');
  try {
    return await work(await firstLine(child));
  } finally {
    child.kill('SIGTERM');
    await ended;
  }
}
