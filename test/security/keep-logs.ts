/** Set-up of vitest.secrets.config.ts: every log is kept at level trace, and one secret is leaked into it. */
import { appendFileSync } from 'node:fs';
import path from 'node:path';
import { vi } from 'vitest';
import type * as RealLog from '../../src/log.ts';
import { PLANTED } from './planted.ts';

vi.mock('../../src/log.ts', async (original) => {
  const real = await original<typeof RealLog>();
  const file = path.join(process.env['SECRETS_FOLDER'] ?? '.', `${process.pid}.log`);
  const kept = { write: (line: string) => appendFileSync(file, line) };
  real.createLog('trace', kept).info({ careless: PLANTED }, 'planted');
  return {
    ...real,
    createLog: (_level: string, own?: { write(line: string): void }) =>
      real.createLog('trace', {
        write(line: string) {
          kept.write(line);
          own?.write(line);
        },
      }),
  };
});
