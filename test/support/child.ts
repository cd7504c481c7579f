/** One child process of a suite: what it says comes in order, and its death is an answer too. */
import { type ChildProcess, fork, type Serializable } from 'node:child_process';
import { once } from 'node:events';

/** A child that says nothing for so long is stuck where nobody planted anything. */
const SILENCE_MS = 180_000;

export class Child<Message> {
  readonly #child: ChildProcess;
  readonly #messages: Message[] = [];
  #death: string | null = null;
  #wake: () => void = () => undefined;
  words = '';

  constructor(file: string, env: NodeJS.ProcessEnv, execArgv: readonly string[]) {
    this.#child = fork(file, [], {
      env,
      execArgv: [...execArgv],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child.on('message', (message) => {
      this.#messages.push(message as Message);
      this.#wake();
    });
    this.#child.on('exit', (code, signal) => {
      this.#death = signal ?? `exit ${code}`;
      this.#wake();
    });
    this.#child.stderr?.on('data', (chunk: Buffer) => (this.words += chunk.toString()));
  }

  /** The signal or exit code that ended it; null while it lives. */
  get death(): string | null {
    return this.#death;
  }

  send(message: Serializable): void {
    this.#child.send(message);
  }

  /** null: the process has ended. */
  async next(): Promise<Message | null> {
    for (;;) {
      const message = this.#messages.shift();
      if (message !== undefined) return message;
      if (this.#death !== null) return null;
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve, reject) => {
        this.#wake = resolve;
        timer = setTimeout(
          () => reject(new Error(`the process says nothing; it said: ${this.words}`)),
          SILENCE_MS,
        );
      }).finally(() => clearTimeout(timer));
    }
  }

  async kill(): Promise<void> {
    if (this.#death !== null) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
  }
}
