/** One child process, from its start to its end. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { Standing } from './standing.ts';
import type { Answer, Tick } from './worker.ts';

/** Compiling less well is compiling sooner: a life lasts seconds. */
const QUICK_START = ['--wasm-lazy-compilation', '--liftoff-only', '--max-lazy'];
/** A life that says nothing for so long is stuck where nobody planted anything. */
const SILENCE_MS = 180_000;

export type Ended =
  | { how: 'done'; answer: Extract<Answer, { kind: 'done' }> }
  | { how: 'hanging' }
  | { how: 'died'; signal: string | null; words: string };

export class Life {
  readonly #child: ChildProcess;
  readonly #answers: Answer[] = [];
  #words = '';
  #death: { signal: string | null } | null = null;
  #wake: () => void = () => undefined;

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.on('message', (answer) => {
      this.#answers.push(answer as Answer);
      this.#wake();
    });
    child.on('exit', (code, signal) => {
      this.#death = { signal: signal ?? `exit ${code}` };
      this.#wake();
    });
    child.stderr?.on('data', (chunk: Buffer) => (this.#words += chunk.toString()));
  }

  static async start(file: string, env: NodeJS.ProcessEnv): Promise<Life> {
    const life = new Life(
      fork(file, [], {
        env,
        execArgv: QUICK_START,
        stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      }),
    );
    const answer = await life.#next();
    if (answer?.kind !== 'ready') throw new Error(`the worker did not start: ${life.#words}`);
    return life;
  }

  async tick(tick: Tick): Promise<Ended> {
    this.#child.send(tick);
    const answer = await this.#next();
    if (answer === null) {
      return { how: 'died', signal: this.#death?.signal ?? null, words: this.#words };
    }
    if (answer.kind === 'hanging') return { how: 'hanging' };
    if (answer.kind !== 'done') throw new Error(`an unexpected answer: ${answer.kind}`);
    return { how: 'done', answer };
  }

  /** How things stand, without doing anything. */
  async look(): Promise<Standing> {
    this.#child.send('look');
    const answer = await this.#next();
    if (answer?.kind !== 'seen') throw new Error(`the worker did not look: ${this.#words}`);
    return answer.standing;
  }

  async kill(): Promise<void> {
    if (this.#death !== null) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
  }

  /** null: the process has ended. */
  async #next(): Promise<Answer | null> {
    for (;;) {
      const answer = this.#answers.shift();
      if (answer !== undefined) return answer;
      if (this.#death !== null) return null;
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve, reject) => {
        this.#wake = resolve;
        timer = setTimeout(
          () => reject(new Error(`the worker says nothing; it said: ${this.#words}`)),
          SILENCE_MS,
        );
      }).finally(() => clearTimeout(timer));
    }
  }
}
