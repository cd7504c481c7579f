import type { Command } from 'commander';
import { findRisk, listRisk, type RiskLine, type RiskWhole } from '../store/customer-risk.ts';
import type { RiskDetail } from '../domain/customer-risk.ts';
import { limitSentence } from '../domain/exposure.ts';
import { segmentWord } from '../domain/segments.ts';
import { dayText, moneyText } from '../domain/text.ts';
import { UsageError } from '../errors.ts';
import { chooseCustomer } from './choose-customer.ts';
import { chooseBook, type CliContext, withApp } from './context.ts';

const LISTED_MAX = 50;
const LISTED_MAX_JSON = 1_000_000;

export function riskCommand(program: Command, context: CliContext) {
  program
    .command('risk <book> [customer]')
    .description('customers by score, the worst first; or one customer with every figure')
    .option('--json', 'one JSON object per customer')
    .action(async (wanted: string, whom: string | undefined, options: { json?: true }) => {
      await withApp(context, async (app) => {
        const { id } = await chooseBook(app, wanted);
        const asJson = options.json === true;
        if (whom === undefined) {
          const lines = await listRisk(app.db.prisma, id, asJson ? LISTED_MAX_JSON : LISTED_MAX);
          for (const line of lines)
            context.print(asJson ? JSON.stringify(line) : lineInWords(line));
          if (lines.length === 0) context.note('nobody was assessed yet: `duebook run` does it');
          return;
        }
        const customer = await chooseCustomer(app, id, whom);
        const risk = await findRisk(app.db.prisma, id, customer.id);
        if (risk === null) {
          throw new UsageError(`${customer.name} was not assessed yet: \`duebook run\` does it`);
        }
        context.print(asJson ? JSON.stringify(risk) : wholeInWords(risk));
      });
    });
}

function lineInWords(line: RiskLine): string {
  const flags = line.flags.map((flag) => flag.code.replaceAll('_', ' ')).join(', ');
  const segment = line.segment === null ? '' : segmentWord(line.segment);
  const score = line.score === null ? '  –' : String(line.score).padStart(3);
  return `${score} ${line.grade ?? '–'}  ${line.name} (${segment})${flags === '' ? '' : `: ${flags}`}`;
}

function wholeInWords(risk: RiskWhole): string {
  const { detail } = risk;
  const segment =
    risk.segment === null
      ? []
      : [`Segment: ${segmentWord(risk.segment)}. ${detail.segmentBecause ?? ''}`];
  return [
    risk.score === null
      ? `${risk.name}: no score, there is nothing to judge by`
      : `${risk.name}: ${risk.score} of 100 (100 is best), grade ${risk.grade ?? '–'}, since ${risk.asOn}`,
    ...segment,
    ...(detail.rating === null ? [] : [ratingText(detail.rating)]),
    ...detail.exposure.flatMap(exposureText),
    ...section(
      'Flags',
      risk.flags.map(
        (flag) => `${flag.code.replaceAll('_', ' ')} (${flag.severity}): ${flag.sentence}`,
      ),
    ),
    ...section('Score', detail.factors.map(factorText)),
    ...(detail.thin === null ? [] : [`  ${detail.thin}`]),
    ...section(
      'Advice',
      detail.advice.map((advice) => advice.sentence),
    ),
    ...section(
      'Left out of all habits, because the facts contradict each other',
      contradictionTexts(detail),
    ),
  ].join('\n');
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`)];
}

function ratingText({ grade, source, ratedOn }: NonNullable<RiskDetail['rating']>): string {
  return `Rated ${grade} by ${source} on ${dayText(ratedOn)}.`;
}

function factorText({
  code,
  points,
  max,
  sentence,
  better,
}: RiskDetail['factors'][number]): string {
  const would = better === null ? '' : ` ${better.points} more if ${better.sentence}.`;
  return `${String(points).padStart(2)} of ${String(max).padStart(2)}  ${code.replaceAll('_', ' ')}: ${sentence}${would}`;
}

function exposureText(one: RiskDetail['exposure'][number]): string[] {
  const money = (amountMinor: number) => moneyText(amountMinor, one.currency);
  const parts = [
    `${money(one.openMinor)} open, ${money(one.overdueMinor)} of it overdue`,
    ...(one.disputedMinor > 0 ? [`${money(one.disputedMinor)} contested`] : []),
    ...(one.unappliedMinor > 0 ? [`${money(one.unappliedMinor)} unapplied`] : []),
    ...(one.draftMinor > 0 ? [`${money(one.draftMinor)} in drafts`] : []),
  ];
  return [
    `Exposure ${money(one.exposureMinor)}: ${parts.join(', ')}.`,
    `  ${limitSentence(one, one.currency)}`,
  ];
}

function contradictionTexts({ contradictions, contradictionCount }: RiskDetail): string[] {
  const more = contradictionCount - contradictions.length;
  const sentences = contradictions.map((one) => one.sentence);
  return more > 0 ? [...sentences, `and ${more} more invoices`] : sentences;
}
