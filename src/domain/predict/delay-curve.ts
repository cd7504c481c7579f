/**
 * How far payment may stray from the expected day: for each level, so many of the customer's own scatters
 * beyond it that this share of the past predictions was paid by then. Only predictions whose day has come
 * are counted, whether the invoice was paid or not; so the unpaid count as not covered, and young ones do
 * not count yet. With a scatter of 4 days and a reach of 1.3 the 80 % day is 5 days after the expected one.
 */
import { at, clamp } from './numbers.ts';

/** Plain numbers, so that it can be kept as JSON: the reach for each of LEVELS. */
export type DelayCurve = readonly number[];

export const LEVELS = [
  0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8,
  0.85, 0.9, 0.95, 0.975,
] as const;
const TOP = LEVELS.length - 1;
const LAST = at(LEVELS, TOP);
const P90 = LEVELS.indexOf(0.9);

/** A bell curve with a heavier upper side, for a book too young to have a past. */
const UNTRIED: DelayCurve = LEVELS.map((level) => {
  const logit = Math.log(level / (1 - level));
  return logit < 0 ? 0.9 * logit : 1.1 * logit;
});
const MIN_PREDICTIONS = 60;
const [LEAST_REACH, MOST_REACH] = [-60, 300];
/** Halving the range this often leaves a thousandth of a scatter. */
const HALVINGS = 19;

/** A past prediction of a delay and what is known of the delay. */
export interface PastDelays {
  middle: Float64Array;
  scale: Float64Array;
  /** Minus the terms: no payment comes before its invoice. */
  earliest: Float64Array;
  /** Days after the due date until which the invoice was watched. */
  watched: Float64Array;
  /** NaN: not paid in all that time. */
  delay: Float64Array;
  recency: Float64Array;
}

export function fitDelayCurve(past: PastDelays): DelayCurve {
  if (past.middle.length < MIN_PREDICTIONS) return UNTRIED;
  let least = LEAST_REACH;
  return LEVELS.map((level) => {
    least = reachOf(level, past, least);
    return least;
  });
}

function reachOf(level: number, past: PastDelays, least: number): number {
  let [low, high] = [least, MOST_REACH];
  for (let round = 0; round < HALVINGS; round += 1) {
    const middle = (low + high) / 2;
    if (coverageOf(middle, past) >= level) high = middle;
    else low = middle;
  }
  return high;
}

function coverageOf(reach: number, past: PastDelays): number {
  const { middle, scale, earliest, watched, delay, recency } = past;
  let covered = 0;
  let counted = 0;
  for (let i = 0; i < middle.length; i += 1) {
    const day = boundOf(middle[i] ?? 0, scale[i] ?? 0, reach, earliest[i] ?? 0);
    if (day > (watched[i] ?? 0)) continue;
    const counts = recency[i] ?? 0;
    counted += counts;
    if ((delay[i] ?? 0) <= day) covered += counts;
  }
  return counted === 0 ? 1 : covered / counted;
}

/** Whole days after the due date. */
function boundOf(middle: number, scale: number, reach: number, earliest: number): number {
  return Math.max(earliest, Math.round(middle + scale * reach));
}

export interface DelayForecast {
  middle: number;
  scale: number;
  earliest: number;
  curve: DelayCurve;
}

/** Days after the due date by which `level` of such invoices are paid. */
export function delayAt(forecast: DelayForecast, level: number): number {
  const { middle, scale, earliest, curve } = forecast;
  return boundOf(middle, scale, reachAt(curve, level), earliest);
}

// Read directly, not through at(): these are read some hundred times for every open invoice.
function reachAt(curve: DelayCurve, level: number): number {
  if (level > LAST) return tailReach(curve, level);
  let above = 1;
  while (above < TOP && (LEVELS[above] ?? 1) < level - 1e-9) above += 1;
  const [low, high] = [LEVELS[above - 1] ?? 0, LEVELS[above] ?? 1];
  const [near, far] = [curve[above - 1] ?? 0, curve[above] ?? 0];
  return near + clamp((level - low) / (high - low), 0, 1) * (far - near);
}

/** Beyond all experience the last stretch goes on: each further halving of the unpaid takes equally long. */
function tailReach(curve: DelayCurve, level: number): number {
  const halvings = Math.log2((1 - LAST) / (1 - level));
  return (curve[TOP] ?? 0) + perHalving(curve) * halvings;
}

/** From 90 to 97.5 % paid the unpaid halve twice. */
function perHalving(curve: DelayCurve): number {
  return Math.max((curve[TOP] ?? 0) - (curve[P90] ?? 0), 0.5) / 2;
}

/**
 * Days after the due date by which `level` of those are paid that are unpaid `age` days after it. Beyond
 * all experience nothing is known but that it takes long: half of them then take half as long again.
 */
export function delayAfter(
  forecast: DelayForecast,
  age: number,
  paidShare: number,
  level: number,
): number {
  if (paidShare < LAST) {
    return Math.max(age, delayAt(forecast, paidShare + (1 - paidShare) * level));
  }
  const halving = Math.max(forecast.scale * perHalving(forecast.curve), age / 2);
  return age + Math.round(-Math.log2(1 - level) * halving);
}

/** The share of such invoices that is paid before `days` after the due date. */
export function paidShareBefore(forecast: DelayForecast, days: number): number {
  const { middle, scale, earliest, curve } = forecast;
  // Whole days are rounded: what is at least half a day short of `days` falls on a day before it.
  const reach = (days - 0.5 - middle) / scale;
  if (days <= earliest || reach <= (curve[0] ?? 0)) return 0;
  if (reach >= (curve[TOP] ?? 0)) {
    const halvings = (reach - (curve[TOP] ?? 0)) / perHalving(curve);
    return 1 - (1 - LAST) * Math.pow(0.5, halvings);
  }
  let above = 1;
  while (above < TOP && (curve[above] ?? 0) <= reach) above += 1;
  const [low, high] = [curve[above - 1] ?? 0, curve[above] ?? 0];
  const share = high > low ? (reach - low) / (high - low) : 1;
  const level = LEVELS[above - 1] ?? 0;
  return level + share * ((LEVELS[above] ?? 1) - level);
}
