/**
 * What a late debt bears. A contract names a rate by the year or the month; a law names a margin over a
 * reference rate that is published for each half-year. By UK law the reference is fixed for a debt by
 * the half-year in which its interest begins; in most of Europe it moves with the half-years.
 * 8 % over a reference of 4.25 % is 12.25 % a year; 1.5 % a month is 18 % a year.
 */
import { AppError } from '../../errors.ts';
import { addDays, type Day, formatDay } from '../day.ts';
import { Exact } from './exact.ts';

/** A published rate: in force from a day, with where it was read. */
export interface ReferenceRow {
  from: Day;
  /** The last day it is published for. */
  until: Day;
  percent: string;
  source: string;
  /** The day on which the rate stood so. */
  takenOn: Day;
  /** Compared with the publisher's own table. */
  isVerified: boolean;
}

export interface ReferenceRate {
  id: string;
  name: string;
  /** Earliest first, without gaps. */
  rows: readonly ReferenceRow[];
}

export type ReferenceMode = 'fixedAtStart' | 'floating';

export type InterestRate =
  | { kind: 'contract'; percent: string; per: 'year' | 'month' }
  | { kind: 'statutory'; reference: ReferenceRate; marginPercent: string; mode: ReferenceMode };

/** A rate as it is used for some days. */
export interface RateInForce {
  percentPerYear: Exact;
  source: string;
  isVerified: boolean;
}

/** The rate for the days from `on`, of a debt whose interest begins on `startsOn`. */
export function rateInForce(rate: InterestRate, startsOn: Day, on: Day): RateInForce {
  if (rate.kind === 'contract') return contractRate(rate);
  const { reference, marginPercent, mode } = rate;
  const wanted = mode === 'fixedAtStart' ? startsOn : on;
  const row = referenceRowOn(reference, wanted);
  const isPublished = wanted <= row.until;
  const known = isPublished
    ? ''
    : `; none is on file for ${formatDay(wanted)}, the last one is used`;
  return {
    percentPerYear: new Exact(marginPercent).plus(row.percent),
    source: `${marginPercent} % over ${reference.name} ${row.percent} % (from ${formatDay(row.from)}; ${row.source}${known})`,
    isVerified: row.isVerified && isPublished,
  };
}

function contractRate(rate: { percent: string; per: 'year' | 'month' }): RateInForce {
  const percent = new Exact(rate.percent);
  return rate.per === 'year'
    ? { percentPerYear: percent, source: `contract: ${rate.percent} % a year`, isVerified: true }
    : {
        percentPerYear: percent.mul(12),
        source: `contract: ${rate.percent} % a month, twelve times that a year`,
        isVerified: true,
      };
}

function referenceRowOn(reference: ReferenceRate, on: Day): ReferenceRow {
  const row = reference.rows.findLast((candidate) => candidate.from <= on);
  if (row !== undefined) return row;
  throw new AppError(
    'interest.no_rate',
    `${reference.name}: no rate is on file for ${formatDay(on)}; add a row to the table of ${reference.id}`,
  );
}

/** The last days before a new rate begins, between two days (the second included). */
export function lastDaysOfRates(rate: InterestRate, from: Day, to: Day): Day[] {
  if (rate.kind === 'contract' || rate.mode === 'fixedAtStart') return [];
  return rate.reference.rows
    .flatMap((row) => [addDays(row.from, -1), row.until])
    .filter((on) => on >= from && on <= to);
}
