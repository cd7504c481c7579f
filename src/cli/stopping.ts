/** How a command that is told to stop (SIGINT, SIGTERM) comes to its end. */
import type { App } from '../app.ts';
import { createEnding, type EndSignals } from '../jobs/ending.ts';
import { type CliContext, EXIT } from './context.ts';

/** From the signal to the end of the process. */
const STOP_MS_MAX = 10_000;

/** Calls `stop` at the first SIGINT or SIGTERM; gives what takes that back. */
function onStop(stop: () => void): () => void {
  const forget = (): void => {
    process.off('SIGINT', once);
    process.off('SIGTERM', once);
  };
  const once = (): void => {
    forget();
    stop();
  };
  process.on('SIGINT', once);
  process.on('SIGTERM', once);
  return forget;
}

/** Resolves at the first SIGINT or SIGTERM. */
export function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    onStop(resolve);
  });
}

/** From now on the process ends in time, come what may. */
export function endInTime(context: CliContext): void {
  context.note('Stopping: what runs is finished or handed back.');
  const deadline = setTimeout(() => {
    context.note('Not everything ended in time; the next start goes on from what was committed.');
    process.exit(EXIT.failed);
  }, STOP_MS_MAX);
  deadline.unref();
}

/** Works until it is done, or until the process is told to stop; false in that case. */
export async function workUntilStopped(
  app: App,
  context: CliContext,
  work: (signals: EndSignals) => Promise<void>,
): Promise<boolean> {
  const ending = createEnding(app);
  const forget = onStop(() => {
    endInTime(context);
    ending.begin();
  });
  try {
    await work(ending.signals);
    return !ending.signals.stop.aborted;
  } finally {
    forget();
    ending.over();
  }
}
