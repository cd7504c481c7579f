import type { Command } from 'commander';
import {
  type BookSender,
  isSenderLevel,
  SENDER_LEVELS,
  type SenderLevel,
} from '../domain/senders.ts';
import { UsageError } from '../errors.ts';
import { readSenders, removeSender, saveSender } from '../store/senders.ts';
import { chooseBook, type CliContext, withApp } from './context.ts';

interface SenderOptions {
  set?: string;
  remove?: string;
  name?: string;
  title?: string;
  email?: string;
  signature?: string;
}

export function sendersCommand(program: Command, context: CliContext) {
  program
    .command('senders <book>')
    .description('who signs at each level of the ladder, and whose task it is')
    .option('--set <level>', `enter a person at a level: ${SENDER_LEVELS.join(', ')}`)
    .option('--name <name>', 'how they sign')
    .option('--title <title>', 'instead of the word of the level')
    .option('--email <address>', 'where answers go; of the business’s own domain')
    .option('--signature <line>', 'a line under the name, as a telephone number')
    .option('--remove <level>', 'nobody signs there: the level below does')
    .action(async (wanted: string, options: SenderOptions) => {
      await withApp(context, async (app) => {
        const book = await chooseBook(app, wanted);
        const change = { at: app.clock.now(), actor: 'command line' };
        if (options.set !== undefined) {
          const mailFrom = app.config.mailFrom?.address ?? null;
          await saveSender(app.db, book.id, personOf(options.set, options), mailFrom, change);
        }
        if (options.remove !== undefined) {
          await removeSender(app.db, book.id, levelOf(options.remove), change);
        }
        const senders = await readSenders(app.db.prisma, book.id);
        for (const level of SENDER_LEVELS) context.print(line(level, senders));
      });
    });
}

function personOf(level: string, options: SenderOptions): BookSender {
  if (options.name === undefined)
    throw new UsageError(`--set ${level}: say the person with --name`);
  const { name, title = null, email = null, signature = null } = options;
  return { level: levelOf(level), name, title, email, signature };
}

function levelOf(text: string): SenderLevel {
  if (isSenderLevel(text)) return text;
  throw new UsageError(`"${text}" is no level: say one of ${SENDER_LEVELS.join(', ')}`);
}

function line(level: SenderLevel, senders: readonly BookSender[]): string {
  const found = senders.find((sender) => sender.level === level);
  if (found === undefined) return `${level.padEnd(14)}nobody: the level below signs`;
  const { name, title, email, signature } = found;
  return `${level.padEnd(14)}${[name, title, email, signature].filter((part) => part !== null).join(', ')}`;
}
