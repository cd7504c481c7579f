/** Every metric there is. A figure on a page, a command and a benchmark all come from here. */
import { AGING_METRICS } from './aging-metrics.ts';
import { CONCENTRATION } from './concentration.ts';
import { CONTACT_METRICS } from './contacts.ts';
import { DAYS_TO_PAY_METRICS } from './days-to-pay.ts';
import { DSO_METRICS } from './dso.ts';
import type { Metric } from './metric.ts';
import { PAST_DUE_METRICS } from './past-due.ts';
import { PROVISION } from './provision.ts';

export const METRICS: readonly Metric[] = [
  ...AGING_METRICS,
  ...DSO_METRICS,
  ...DAYS_TO_PAY_METRICS,
  ...PAST_DUE_METRICS,
  CONCENTRATION,
  PROVISION,
  ...CONTACT_METRICS,
];

export function findMetric(id: string): Metric | undefined {
  return METRICS.find((metric) => metric.id === id);
}
