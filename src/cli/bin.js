#!/usr/bin/env node
// Node 20 does not read TypeScript by itself; tsx does, the same way on 20, 22 and 24.
import { register } from 'tsx/esm/api';

register();
try {
  process.loadEnvFile('.env');
} catch (err) {
  // No .env is fine: settings may come from the environment, and the demo needs none.
  if (err.code !== 'ENOENT') throw err;
}
const { main } = await import('../main.ts');
process.exitCode = await main(process.argv.slice(2));
// Everything is closed; a call to a vendor that was walked away from must not keep the process.
setTimeout(() => process.exit(), 500).unref();
