/**
 * The customers whose stories every book tells, whatever its size: each behaviour, each awkward name,
 * each broken email. Invented, like everything here; see names.ts for why the addresses cannot be reached.
 */
import type { Currency } from '../../../src/domain/money.ts';
import type { Behaviour, Terms } from './plan.ts';

export interface Role {
  key: string;
  name: string;
  behaviour: Behaviour;
  terms: Terms;
  /** null: none. undefined: an ordinary one. */
  email?: string | null;
  currencies?: Currency[];
  medianMinor?: number;
  weight?: number;
  /** Days before the book was born on which this customer certainly got an invoice. */
  invoicedBefore: readonly number[];
  /** The newest certain invoice stays unpaid. */
  keepsOpen?: boolean;
  /** Pays this share too much on the first certain invoice, and leaves it there. */
  overpays?: number;
  parent?: string;
  billWithParent?: boolean;
}

const NET_7: Terms = { kind: 'days', days: 7 };
const NET_14: Terms = { kind: 'days', days: 14 };
const NET_30: Terms = { kind: 'days', days: 30 };
const TWENTIETH: Terms = { kind: 'following_month', dayOfMonth: 20 };
const EOM_30: Terms = { kind: 'after_month_end', days: 30 };

export const ORDINARY_TERMS: readonly Terms[] = [NET_7, NET_14, TWENTIETH, NET_30, NET_30, EOM_30];
export const ORDINARY_US_TERMS: readonly Terms[] = [NET_7, NET_14, NET_30, NET_30, TWENTIETH];

const LONG_NAME =
  'The Incorporated Society for the Preservation, Restoration and Continued Enjoyment of Narrow-Gauge ' +
  'Railways, Tramways and Associated Machinery of the Upper Valley and Surrounding Districts';

const SHARED: readonly Role[] = [
  {
    key: 'punctual',
    name: `O'Connor & Daughters "The Deli" Ltd`,
    behaviour: 'punctual',
    terms: NET_14,
    invoicedBefore: [40, 10],
    weight: 5,
  },
  {
    key: 'ten_days_late',
    name: 'Smith, Jones, Brown & Partners',
    behaviour: 'ten_days_late',
    terms: NET_30,
    invoicedBefore: [36, 8],
    weight: 1.2,
  },
  {
    key: 'month_end',
    name: 'Te Whānau o Ngā Kaihanga Rākau',
    behaviour: 'month_end',
    terms: TWENTIETH,
    invoicedBefore: [45],
    weight: 0.8,
  },
  {
    key: 'friday_run',
    name: 'Back\\Slash Systems',
    behaviour: 'friday_run',
    terms: NET_14,
    invoicedBefore: [18],
    weight: 1,
  },
  {
    key: 'deteriorating',
    name: 'Harbourside Café ☕ 🥐',
    behaviour: 'deteriorating',
    terms: NET_30,
    invoicedBefore: [62, 35],
    weight: 1.2,
    medianMinor: 240_000,
  },
  {
    key: 'disputing',
    name: `<script>alert('pay me')</script> Web Studio`,
    behaviour: 'disputing',
    terms: NET_14,
    invoicedBefore: [70, 38],
    weight: 0.5,
  },
  {
    key: 'partial',
    name: 'مقهى النخيل',
    behaviour: 'partial',
    terms: NET_14,
    invoicedBefore: [48],
    weight: 0.4,
  },
  {
    key: 'promise_breaker',
    name: LONG_NAME,
    behaviour: 'promise_breaker',
    terms: NET_30,
    invoicedBefore: [68, 33],
    weight: 0.4,
  },
  {
    key: 'bankrupt',
    name: 'Southern Star Scaffolding Co.',
    behaviour: 'bankrupt',
    terms: NET_30,
    medianMinor: 620_000,
    invoicedBefore: [155, 124, 96],
    weight: 0.6,
  },
  {
    key: 'newcomer',
    name: 'Ünïcødé & Söhne',
    behaviour: 'newcomer',
    terms: NET_14,
    medianMinor: 480_000,
    invoicedBefore: [20, 9],
    weight: 0.5,
  },
  {
    key: 'dormant',
    name: '=SUM(A1:A9) Bookkeeping',
    behaviour: 'dormant',
    terms: NET_30,
    medianMinor: 9_000,
    invoicedBefore: [430, 400],
    keepsOpen: true,
    weight: 0.3,
  },
  {
    key: 'no_email',
    name: 'Willow & Fern Florists',
    behaviour: 'ten_days_late',
    terms: NET_14,
    email: null,
    invoicedBefore: [22],
    weight: 0.5,
  },
  {
    key: 'two_emails',
    name: 'Twin Rivers Physio',
    behaviour: 'ten_days_late',
    terms: NET_30,
    email: 'accounts@twin-rivers.example, owner@twin-rivers.example',
    invoicedBefore: [37],
    weight: 0.5,
  },
  {
    key: 'line_break_email',
    name: '{{customer.name}} Templates',
    behaviour: 'slow',
    terms: NET_14,
    email: 'accounts@broken-line.example\nbcc: everyone@broken-line.example',
    invoicedBefore: [45],
    weight: 0.2,
  },
  {
    key: 'archived',
    name: 'Closed Doors Hardware',
    behaviour: 'slow',
    terms: NET_30,
    invoicedBefore: [300, 160],
    keepsOpen: true,
    weight: 0,
  },
  {
    key: 'merged_from',
    name: 'Aroha Catering (old)',
    behaviour: 'punctual',
    terms: NET_14,
    invoicedBefore: [200, 150],
    weight: 0,
  },
  {
    key: 'merged_into',
    name: 'Aroha Catering',
    behaviour: 'punctual',
    terms: NET_14,
    invoicedBefore: [60, 6],
    weight: 3,
  },
  {
    key: 'credit_holder',
    name: "D'Arcy Street Motors",
    behaviour: 'month_end',
    terms: NET_14,
    invoicedBefore: [70, 30],
    overpays: 1,
    weight: 0.4,
  },
  {
    key: 'early',
    name: 'Early Bird Nursery',
    behaviour: 'early',
    terms: TWENTIETH,
    invoicedBefore: [12],
    weight: 5,
  },
];

const XERO_NZ: readonly Role[] = [
  {
    key: 'foreign_aud',
    name: 'Gum Leaf Interiors Pty Ltd',
    behaviour: 'ten_days_late',
    terms: NET_30,
    currencies: ['AUD'],
    invoicedBefore: [64, 34],
    weight: 0.8,
  },
  {
    key: 'foreign_usd',
    name: 'Redwood Outdoor Gear Inc.',
    behaviour: 'punctual',
    terms: NET_30,
    currencies: ['USD'],
    invoicedBefore: [21],
    weight: 3,
  },
  {
    key: 'two_currencies',
    name: 'Trans-Tasman Freight & Co',
    behaviour: 'slow',
    terms: NET_14,
    currencies: ['NZD', 'AUD'],
    invoicedBefore: [42, 28],
    weight: 0.5,
  },
];

const QUICKBOOKS_US: readonly Role[] = [
  {
    key: 'parent',
    name: 'Magnolia Property Group',
    behaviour: 'punctual',
    terms: NET_30,
    invoicedBefore: [80],
    weight: 0.4,
  },
  {
    key: 'child_kitchen',
    name: 'Kitchen refit',
    behaviour: 'slow',
    terms: NET_30,
    parent: 'parent',
    billWithParent: true,
    email: null,
    invoicedBefore: [50, 12],
    weight: 0.3,
  },
  {
    key: 'child_roof',
    name: 'Roof, phase 2',
    behaviour: 'slow',
    terms: NET_30,
    parent: 'parent',
    billWithParent: true,
    email: null,
    invoicedBefore: [44],
    weight: 0.2,
  },
  {
    key: 'child_own_bill',
    name: 'Riverside tenant',
    behaviour: 'ten_days_late',
    terms: NET_14,
    parent: 'parent',
    billWithParent: false,
    invoicedBefore: [21],
    weight: 0.5,
  },
];

/** The roles of a book; `extra` ones tell what only that platform can. */
export function rolesFor(platform: 'xero' | 'quickbooks', country: string): readonly Role[] {
  if (platform === 'quickbooks') return [...SHARED, ...QUICKBOOKS_US];
  return country === 'NZ' ? [...SHARED, ...XERO_NZ] : SHARED;
}
