import { defineConfig, mergeConfig } from 'vitest/config';
import base from './vitest.config.ts';

/** `npm run test:secrets` (test/security/scan-suite.ts): the same tests, with every log kept. */
export default mergeConfig(
  base,
  defineConfig({
    // The log is replaced before anything loads it, in every file anew.
    test: { isolate: true, setupFiles: ['test/security/keep-logs.ts'] },
  }),
);
