/** What every command is handed, and the few things all of them do the same way. */
import type { App } from '../app.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import { type Day, parseDay } from '../domain/day.ts';
import type { BookId } from '../domain/receivables.ts';
import { UsageError } from '../errors.ts';

export interface CliDeps {
  compose(config: Config, options?: { clock?: Clock; keepPace?: boolean }): Promise<App>;
  readConfig(env?: Readonly<Record<string, string | undefined>>): Config;
  clock: Clock;
}

export interface CliContext extends CliDeps {
  /** Results go to stdout. */
  print: (line: string) => void;
  /** Progress and hints go to stderr, so that a pipe sees results only. */
  note: (line: string) => void;
}

/** Progress for people: the first line at once, then at most one a second. */
export function progressOf(context: Pick<CliContext, 'note' | 'clock'>, prefix: string) {
  let nextAt = 0;
  return (line: string): void => {
    const now = context.clock.now().getTime();
    if (now < nextAt) return;
    nextAt = now + 1000;
    context.note(`${prefix}${line}`);
  };
}

/** Exit codes that mean something to a script. */
export const EXIT = {
  ok: 0,
  /** Something that was asked for failed. */
  failed: 1,
  /** A wrong setting or argument; nothing was started. */
  usage: 2,
  /** It ran, and something waits for a person: a disconnected book, an email in doubt, a held run. */
  attention: 3,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Runs `work` with an open App and closes it whatever happens. */
export async function withApp<T>(
  context: CliContext,
  work: (app: App) => Promise<T>,
  env?: Readonly<Record<string, string | undefined>>,
): Promise<T> {
  const app = await context.compose(
    env === undefined ? context.readConfig() : context.readConfig(env),
  );
  try {
    return await work(app);
  } finally {
    await app.close();
  }
}

export interface BookChoice {
  id: BookId;
  name: string;
}

/** The books a command speaks of: one by number or name, or all when none is named. */
export async function chooseBooks(app: App, wanted: string | undefined): Promise<BookChoice[]> {
  const books = await app.db.prisma.book.findMany({
    orderBy: { id: 'asc' },
    select: { id: true, name: true },
  });
  const choices = books.map(({ id, name }) => ({ id: id as BookId, name }));
  if (choices.length === 0) {
    throw new UsageError(
      'no book is connected yet: `duebook connect xero` or `duebook connect quickbooks`',
    );
  }
  if (wanted === undefined) return choices;
  const folded = wanted.toLowerCase();
  const exact = choices.filter(
    (book) => String(book.id) === wanted || book.name.toLowerCase() === folded,
  );
  const found =
    exact.length > 0 ? exact : choices.filter((book) => book.name.toLowerCase().startsWith(folded));
  if (found.length === 1) return found;
  const known = choices.map((book) => `${book.id} (${book.name})`).join(', ');
  throw new UsageError(
    found.length === 0
      ? `no book is called "${wanted}"; there is ${known}`
      : `"${wanted}" fits several books: say the number; there is ${known}`,
  );
}

/** Like chooseBooks, for a command that speaks of exactly one. */
export async function chooseBook(app: App, wanted: string | undefined): Promise<BookChoice> {
  const books = await chooseBooks(app, wanted);
  const [first] = books;
  if (first !== undefined && books.length === 1) return first;
  throw new UsageError(
    `say which book: ${books.map((book) => `${book.id} (${book.name})`).join(', ')}`,
  );
}

/** A day given with an option; undefined when the option was left out. */
export function dayOption(name: string, text: string | undefined): Day | undefined {
  if (text === undefined) return undefined;
  const day = parseDay(text);
  if (day === null) throw new UsageError(`${name} ${text}: should be a day written YYYY-MM-DD`);
  return day;
}
