import type { Command } from 'commander';
import { formatDay } from '../domain/day.ts';
import type { Statute } from '../domain/interest/terms.ts';
import { legalStatutes } from '../legal-rates.ts';
import type { CliContext } from './context.ts';

export function ratesCommand(program: Command, context: CliContext) {
  program
    .command('rates')
    .description('the legal tables of late-payment interest, each rate with its source and day')
    .option('--json', 'one JSON object per law')
    .action(async (options: { json?: true }) => {
      for (const statute of await legalStatutes()) {
        context.print(options.json === true ? JSON.stringify(statute) : inWords(statute));
      }
    });
}

function inWords({ id, title, countries, rate, note }: Statute): string {
  const { reference, marginPercent, mode } = rate;
  const rows = reference.rows.map(
    (row) =>
      `  ${formatDay(row.from)} to ${formatDay(row.until)}  ${row.percent} % on ${formatDay(row.takenOn)}  ${row.isVerified ? 'verified' : 'not verified'}: ${row.source}`,
  );
  const moves = mode === 'floating' ? 'moves with the half-years' : 'fixed when interest begins';
  return [
    `${id}  ${title} (${countries.join(', ')})`,
    `  ${marginPercent} points over ${reference.name}, which ${moves}. ${note}`,
    ...rows,
  ].join('\n');
}
