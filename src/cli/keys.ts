import type { Command } from 'commander';
import { newEncryptionKey } from '../config.ts';
import { rotateKeys } from '../connect/rotate-keys.ts';
import { dayIn, formatDay } from '../domain/day.ts';
import { type CliContext, withApp } from './context.ts';

export function keysCommand(program: Command, context: CliContext) {
  const keys = program.command('keys').description('the keys that seal tokens and company ids');
  keys
    .command('new')
    .description('print a fresh key; put it first in ENCRYPTION_KEYS, keep the old ones behind it')
    .action(() => {
      const today = formatDay(dayIn('UTC', context.clock.now())).replaceAll('-', '');
      context.print(newEncryptionKey(`k${today}`));
    });
  keys
    .command('rotate')
    .description('seal everything again with the first key; afterwards the old ones can go')
    .action(async () => {
      await withApp(context, async (app) => {
        const { resealed } = await rotateKeys(app);
        context.print(`${resealed} values sealed with the first key`);
      });
    });
}
