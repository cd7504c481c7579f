/** The options that say how a late debt bears interest, read strictly. */
import type { Command } from 'commander';
import {
  parseAmount,
  parsePercent,
  parseRate,
  PLAIN_CHOICE,
  type TermsChoice,
} from '../domain/interest/terms.ts';
import { UsageError } from '../errors.ts';

export interface TermsOptions {
  rate?: string;
  statute?: string;
  reference?: string;
  dayCount?: string;
  grace?: string;
  compounding?: true;
  maxRate?: string;
  maxShare?: string;
  fee?: string;
  costsFirst?: true;
}

export function addTermsOptions(command: Command): Command {
  return command
    .option('--rate <rate>', 'the contract’s rate: "1.5 % a month", "18 % a year"')
    .option('--statute <law>', 'a law of the legal tables instead: uk, de, fr, eu')
    .option('--reference <mode>', 'fixedAtStart or floating, where the law’s own rule is not meant')
    .option('--day-count <days>', '365, actual (366 in leap years) or 360')
    .option('--grace <days>', 'days after the due date without interest')
    .option('--compounding', 'interest bears interest, daily')
    .option('--max-rate <percent>', 'never more than this a year')
    .option('--max-share <percent>', 'never more than this share of a debt')
    .option('--fee <amount>', 'a fixed fee for each late debt: "25.00 NZD"')
    .option('--costs-first', 'payments go to costs, then interest, then principal (§ 367 BGB)');
}

/** null when none of them was given. */
export function readTermsOptions(options: TermsOptions): TermsChoice | null {
  const { rate, statute } = options;
  if (rate === undefined && statute === undefined) {
    const known = Object.keys(options).filter((key) => OTHERS.has(key));
    if (known.length === 0) return null;
    throw new UsageError('say the rate with --rate "18 % a year", or a law with --statute');
  }
  if (rate !== undefined && statute !== undefined) {
    throw new UsageError('--rate and --statute: a contract’s rate or a law, not both');
  }
  if (statute !== undefined && options.fee !== undefined) {
    throw new UsageError('--fee: a law has its own compensation; leave it out with --statute');
  }
  if (rate !== undefined && options.reference !== undefined) {
    throw new UsageError('--reference: a contract’s rate has no reference; leave it out');
  }
  return {
    ...PLAIN_CHOICE,
    ...(rate === undefined
      ? { statute: statute ?? null }
      : read('--rate', rate, parseRate, 'a rate such as "1.5 % a month" or "18 % a year"')),
    mode: oneOf('--reference', options.reference, ['fixedAtStart', 'floating']),
    dayCount: oneOf('--day-count', options.dayCount, ['365', 'actual', '360']),
    graceDays: graceDays(options.grace),
    compounding: options.compounding === true ? 'daily' : 'none',
    maxPercentPerYear: percent('--max-rate', options.maxRate),
    maxPercentOfDebt: percent('--max-share', options.maxShare),
    fee:
      options.fee === undefined
        ? null
        : read('--fee', options.fee, parseAmount, 'an amount such as "25.00 NZD"'),
    appropriation: options.costsFirst === true ? 'costs_interest_principal' : null,
  };
}

const OTHERS: ReadonlySet<string> = new Set([
  ...['reference', 'dayCount', 'grace', 'compounding', 'maxRate', 'maxShare', 'fee', 'costsFirst'],
]);

function read<T>(name: string, text: string, parse: (text: string) => T | null, right: string): T {
  const value = parse(text);
  if (value === null) throw new UsageError(`${name} ${text}: should be ${right}`);
  return value;
}

function percent(name: string, text: string | undefined): string | null {
  if (text === undefined) return null;
  return read(name, text, parsePercent, 'a percentage above 0 and up to 100');
}

function graceDays(text: string | undefined): number {
  if (text === undefined) return 0;
  if (/^\d{1,3}$/.test(text)) return Number(text);
  throw new UsageError(`--grace ${text}: should be a whole number of days from 0 to 999`);
}

function oneOf<const T extends string>(
  name: string,
  text: string | undefined,
  values: readonly T[],
): T | null {
  if (text === undefined) return null;
  const value = values.find((candidate) => candidate === text);
  if (value === undefined) {
    throw new UsageError(`${name} ${text}: should be ${values.join(' or ')}`);
  }
  return value;
}
