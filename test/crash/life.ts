/** One child process, from its start to its end. */
import { Child } from '../support/child.ts';
import type { Standing } from '../support/standing.ts';
import type { Answer, Tick, Wake } from './worker.ts';

/** Compiling less well is compiling sooner: a life lasts seconds. */
const QUICK_START = ['--wasm-lazy-compilation', '--liftoff-only', '--max-lazy'];

export type Ended =
  | { how: 'done'; answer: Extract<Answer, { kind: 'done' }> }
  | { how: 'hanging' }
  | { how: 'died'; signal: string | null; words: string };

export class Life {
  readonly #child: Child<Answer>;

  private constructor(child: Child<Answer>) {
    this.#child = child;
  }

  static async start(file: string, env: NodeJS.ProcessEnv): Promise<Life> {
    const child = new Child<Answer>(file, env, QUICK_START);
    const answer = await child.next();
    if (answer?.kind !== 'ready') throw new Error(`the worker did not start: ${child.words}`);
    return new Life(child);
  }

  tick(tick: Tick): Promise<Ended> {
    this.#child.send(tick);
    return this.#ended();
  }

  /** Ends the tick that fell asleep. */
  wake(wake: Wake): Promise<Ended> {
    this.#child.send(wake);
    return this.#ended();
  }

  async #ended(): Promise<Ended> {
    const answer = await this.#child.next();
    if (answer === null) {
      return { how: 'died', signal: this.#child.death, words: this.#child.words };
    }
    if (answer.kind === 'hanging') return { how: 'hanging' };
    if (answer.kind !== 'done') throw new Error(`an unexpected answer: ${answer.kind}`);
    return { how: 'done', answer };
  }

  /** How things stand, without doing anything. */
  async look(): Promise<Standing> {
    this.#child.send('look');
    const answer = await this.#child.next();
    if (answer?.kind !== 'seen') throw new Error(`the worker did not look: ${this.#child.words}`);
    return answer.standing;
  }

  kill(): Promise<void> {
    return this.#child.kill();
  }
}
