/** `duebook promise | dispute | plan | settle | extend | reply | hold`: one mechanism, seven words for it. */
import { userInfo } from 'node:os';
import type { Command } from 'commander';
import { dayIn } from '../domain/day.ts';
import { holdLine } from '../domain/hold-words.ts';
import type { BookId, CustomerId } from '../domain/receivables.ts';
import { UsageError } from '../errors.ts';
import { holdFromText, type HoldText } from '../escalate/hold-text.ts';
import { addHold } from '../escalate/holds.ts';
import { findHold } from '../store/holds.ts';
import type { Db } from '../store/db.ts';
import { chooseBook, type CliContext, withApp } from './context.ts';

type Option = readonly [flags: string, words: string];

const AMOUNT: Option = ['--amount <amount>', 'like 1234.50; left out: all that is open'];
const ON: Option = ['--on <day>', 'YYYY-MM-DD'];
const CURRENCY: Option = ['--currency <code>', 'when the customer owes in several'];

const COMMANDS: readonly {
  name: string;
  kind: string;
  words: string;
  options: readonly Option[];
}[] = [
  {
    name: 'promise',
    kind: 'promise',
    words: 'the customer promises to pay an amount on a day',
    options: [
      ON,
      AMOUNT,
      CURRENCY,
      ['--source <how>', 'email, phone, portal, meeting, letter or chat'],
      ['--quote <words>', 'in their own words'],
    ],
  },
  {
    name: 'dispute',
    kind: 'dispute',
    words: 'the customer contests an invoice, or a part of it',
    options: [
      ['--amount <amount>', 'the contested part; left out: all of it'],
      ['--about <reason>', 'a code of the list of reasons, like quantity_differs'],
    ],
  },
  {
    name: 'plan',
    kind: 'plan',
    words: 'what is open is paid in instalments',
    options: [
      CURRENCY,
      ['--instalments <parts...>', 'like 2026-07-01=300.00 2026-08-01=300.00'],
      ['--grace-days <days>', 'an instalment open this long after its day breaks the plan'],
    ],
  },
  {
    name: 'settle',
    kind: 'settlement',
    words: 'less than the whole is accepted when it is paid by a day; needs a second person',
    options: [ON, ['--amount <amount>', 'what is accepted'], CURRENCY],
  },
  {
    name: 'extend',
    kind: 'extension',
    words: 'a later due date; needs a second person',
    options: [ON],
  },
  {
    name: 'reply',
    kind: 'reply',
    words:
      'the customer answered without promising or contesting: chasing rests as the policy says',
    options: [['--source <how>', 'email, phone, portal, meeting, letter or chat; left out: email']],
  },
  { name: 'hold', kind: 'manual', words: 'do not chase, for a reason of your own', options: [] },
];

type Given = Omit<HoldText, 'kind' | 'owner' | 'invoices'> & {
  book?: string;
  owner?: string;
  invoice?: string[];
  json?: true;
};

export function agreeCommands(program: Command, context: CliContext) {
  for (const { name, kind, words, options } of COMMANDS) {
    const command = program
      .command(`${name} <customer>`)
      .description(words)
      .requiredOption('--reason <sentence>', 'why, in one sentence')
      .option('--invoice <numbers...>', 'left out: everything open')
      .option('--until <day>', 'the last day; left out: until it is released')
      .option('--owner <name>', 'whose it is; left out: you')
      .option('--approved-by <name>', 'the second person')
      .option('--book <book>', 'number or name')
      .option('--json', 'as one JSON object');
    for (const [flags, text] of options) command.option(flags, text);
    command.action((customer: string, given: Given) => agree(context, kind, customer, given));
  }
}

async function agree(
  context: CliContext,
  kind: string,
  customer: string,
  given: Given,
): Promise<void> {
  await withApp(context, async (app) => {
    const { id: bookId } = await chooseBook(app, given.book);
    const customerId = await findCustomer(app.db, bookId, customer);
    const book = await app.db.prisma.book.findUniqueOrThrow({ where: { id: bookId } });
    const today = dayIn(book.timeZone, app.clock.now());
    const owner = given.owner ?? userInfo().username;
    const text = { ...given, kind, owner, invoices: given.invoice ?? [] };
    const request = await holdFromText(app.db, bookId, customerId, text, today);
    const holdId = await addHold(app, bookId, request, owner);
    const hold = await findHold(app.db.prisma, bookId, holdId);
    const line = hold === null ? '' : holdLine(hold);
    context.print(
      given.json === true
        ? JSON.stringify({ hold: holdId, kind, customerId, line, approvedBy: hold?.approvedBy })
        : `Hold ${holdId}: ${line}`,
    );
  });
}

export async function findCustomer(db: Db, bookId: BookId, wanted: string): Promise<CustomerId> {
  const found = await db.prisma.customer.findMany({
    where: {
      bookId,
      OR: [{ id: wanted }, { name: { equals: wanted, mode: 'insensitive' } }],
    },
    select: { id: true, name: true },
    take: 2,
  });
  const [only, other] = found;
  if (only === undefined) throw new UsageError(`no customer has the name or id "${wanted}"`);
  if (other !== undefined && only.id !== wanted) {
    throw new UsageError(`"${wanted}" are several customers: say the id, like ${only.id}`);
  }
  return (found.find((one) => one.id === wanted) ?? only).id as CustomerId;
}
