/** The planted end of the code: what `failpoint` and `passed` mean in a bundled worker. */

/** `hang` never goes on; `sleep` does, when it is woken. */
export type Mode = 'kill' | 'throw' | 'hang' | 'sleep';

/** Begins the message of a planted error. */
export const PLANTED = 'planted:';

export interface Armed {
  id: string;
  mode: Mode;
}

let armed: Armed | null = null;
let hangs: () => void = () => undefined;
let wakes: () => void = () => undefined;
let hasFired = false;

export function arm(next: Armed | null, onHang: () => void = () => undefined): void {
  armed = next === null ? null : { ...next };
  hangs = onHang;
}

/** Whatever sleeps at a point goes on from there. */
export function wake(): void {
  wakes();
}

/** Whether the armed point threw since this was last asked. */
export function takeFired(): boolean {
  const fired = hasFired;
  hasFired = false;
  return fired;
}

async function failpoint(id: string): Promise<void> {
  if (armed?.id !== id) return;
  const { mode } = armed;
  armed = null;
  switch (mode) {
    case 'kill':
      process.kill(process.pid, 'SIGKILL');
      return never();
    case 'hang':
      hangs();
      return never();
    case 'sleep':
      hangs();
      return new Promise((resolve) => {
        wakes = resolve;
      });
    case 'throw':
      hasFired = true;
      throw new Error(`${PLANTED} ${id}`);
  }
}

function never(): Promise<never> {
  return new Promise(() => undefined);
}

async function passed<T>(id: string, promise: Promise<T> | T): Promise<T> {
  const result = await promise;
  await failpoint(id);
  return result;
}

// The planted calls stand in files that import nothing of this one.
Object.assign(globalThis, { failpoint, passed });
