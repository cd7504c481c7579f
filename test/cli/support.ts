/** The command line over a world told by hand. */
import type { App } from '../../src/app.ts';
import { runCli } from '../../src/cli/index.ts';
import { readConfig } from '../../src/config.ts';
import type { World } from '../stories/world.ts';

/** A function that runs one command line and gives its exit code and everything it printed. */
export function commandLine(world: () => World) {
  return async (...args: string[]) => {
    const out: string[] = [];
    const notes: string[] = [];
    const { db, clock } = world();
    const config = readConfig({});
    const app = { db, clock, config, close: () => Promise.resolve() } as unknown as App;
    const code = await runCli(
      args,
      { compose: () => Promise.resolve(app), readConfig: () => config, clock },
      { print: (line) => void out.push(line), note: (line) => void notes.push(line) },
    );
    return { code, out: out.join('\n'), notes: notes.join('\n') };
  };
}
