import { defineConfig, mergeConfig } from 'vitest/config';
import base from './vitest.config.ts';

/** `npm run test:secrets` (test/security/scan-suite.ts): the same tests, with every log kept. */
export default mergeConfig(
  base,
  defineConfig({ test: { setupFiles: ['test/security/keep-logs.ts'] } }),
);
