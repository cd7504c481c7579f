/** `duebook holds`: what was agreed and decided, and how it stands today. */
import type { Command } from 'commander';
import { type Day, dayIn, formatDay } from '../domain/day.ts';
import { endsInDays, holdState, isCurrent, stateWords } from '../domain/hold-state.ts';
import { holdLine } from '../domain/hold-words.ts';
import type { HoldRules } from '../domain/holds.ts';
import { plural } from '../domain/text.ts';
import { HoldRulesInForce } from '../store/hold-rules.ts';
import { type ListedHold, listHolds } from '../store/holds.ts';
import { findCustomer } from './agree.ts';
import { chooseBooks, type CliContext, withApp } from './context.ts';

export function holdsCommand(program: Command, context: CliContext) {
  program
    .command('holds [book]')
    .description('promises, disputes, plans and holds that still matter, and how they stand')
    .option('--customer <customer>', 'of one customer, by name or id')
    .option('--json', 'one JSON object for each book')
    .action(async (wanted: string | undefined, options: { customer?: string; json?: true }) => {
      await withApp(context, async (app) => {
        for (const { id: bookId, name } of await chooseBooks(app, wanted)) {
          const book = await app.db.prisma.book.findUniqueOrThrow({ where: { id: bookId } });
          const today = dayIn(book.timeZone, app.clock.now());
          const customers =
            options.customer === undefined
              ? null
              : [await findCustomer(app.db, bookId, options.customer)];
          const holds = await listHolds(app.db.prisma, bookId, customers);
          const rules = await HoldRulesInForce.open(app.db.prisma, bookId, today);
          const rows = holds.flatMap((hold) => rowOf(hold, rules.forHold(hold), today) ?? []);
          if (options.json === true) {
            context.print(JSON.stringify({ book: name, holds: rows }));
          } else {
            context.print(`${name}: ${plural(rows.length, 'hold')}`);
            for (const row of rows) context.print(textOf(row));
          }
        }
      });
    });
}

function rowOf(hold: ListedHold, rules: HoldRules, today: Day) {
  const standing = holdState(hold, rules, today);
  if (!isCurrent(hold, standing)) return null;
  return {
    id: hold.id,
    customer: hold.customerName,
    kind: hold.kind,
    agreed: holdLine(hold),
    state: hold.awaitsApproval ? ('awaits_approval' as const) : standing.state,
    detail: standing.detail,
    owner: hold.owner,
    reason: hold.reason,
    lastOn: standing.lastOn === null ? null : formatDay(standing.lastOn),
    endsInDays: endsInDays(standing, today),
  };
}

function textOf(row: NonNullable<ReturnType<typeof rowOf>>): string {
  const ending = row.endsInDays === null ? '' : `; ends in ${plural(row.endsInDays, 'day')}`;
  const line = `  ${row.id}  ${row.customer}: ${row.agreed}: ${stateWords(row.state)} (${row.detail}${ending}). ${row.owner}: ${row.reason}`;
  return line.replace(/[\p{Cc}\p{Cf}]/gu, ' ');
}
