// Stryker loads its plugins in processes of its own, which do not read TypeScript.
import { register } from 'tsx/esm/api';

register();
export const { strykerPlugins } = await import('./runner.ts');
