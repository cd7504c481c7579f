/**
 * Customers by how they pay. Somebody who is always twelve days late but as sure as the calendar needs
 * another letter than somebody who used to be punctual and slides, so a policy may name a segment.
 * Every customer with a history belongs to exactly one, and keeps it until the figures clearly differ.
 * Ten invoices paid 11 to 14 days late: slow but reliable.
 */

export const SEGMENTS = [
  'new',
  'dormant',
  'stopped',
  'disputer',
  'part_payer',
  'deteriorating',
  'punctual',
  'month_end',
  'slow_reliable',
  'erratic',
] as const;
export type Segment = (typeof SEGMENTS)[number];

export const SEGMENT_WORDS: Readonly<Record<Segment, string>> = {
  new: 'new',
  dormant: 'dormant',
  stopped: 'stopped paying',
  disputer: 'disputer',
  part_payer: 'pays in parts',
  deteriorating: 'deteriorating',
  punctual: 'punctual',
  month_end: 'month-end payer',
  slow_reliable: 'slow but reliable',
  erratic: 'erratic',
};
