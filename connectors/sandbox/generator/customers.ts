/** Who a book invoices: the cast that is always there, and as many ordinary businesses as its size asks for. */
import { addDays, type Day } from '../../../src/domain/day.ts';
import type { Currency } from '../../../src/domain/money.ts';
import { ORDINARY_TERMS, ORDINARY_US_TERMS, type Role, rolesFor } from './cast.ts';
import { businessEmail, businessName, personName } from './names.ts';
import type { Behaviour, CustomerPlan } from './plan.ts';
import type { Random } from './random.ts';

export interface BookShape {
  platform: 'xero' | 'quickbooks';
  country: string;
  baseCurrency: Currency;
  startOn: Day;
  bornOn: Day;
  endOn: Day;
  invoices: number;
}

export interface Cast {
  customers: CustomerPlan[];
  roles: Map<string, { role: Role; customer: CustomerPlan }>;
}

const ORDINARY_BEHAVIOUR: readonly [Behaviour, number][] = [
  ['punctual', 0.54],
  ['early', 0.18],
  ['month_end', 0.06],
  ['ten_days_late', 0.08],
  ['friday_run', 0.05],
  ['slow', 0.025],
  ['deteriorating', 0.02],
  ['disputing', 0.02],
  ['partial', 0.02],
  ['promise_breaker', 0.005],
];

/** 400 invoices are spread over about 60 customers, 100,000 over about 5,000. */
export function castBook(random: Random, shape: BookShape): Cast {
  const customers: CustomerPlan[] = [];
  const roles: Cast['roles'] = new Map();
  for (const role of rolesFor(shape.platform, shape.country)) {
    const parent = role.parent === undefined ? null : (roles.get(role.parent)?.customer.n ?? null);
    const customer = playedBy(random, shape, role, customers.length, parent);
    customers.push(customer);
    roles.set(role.key, { role, customer });
  }
  const wanted =
    shape.invoices <= 400 ? 20 + shape.invoices / 10 : Math.round(shape.invoices / 20 + 40);
  const names = new Set(customers.map((customer) => customer.name));
  while (customers.length < wanted) {
    customers.push(ordinary(random, shape, customers.length, names));
  }
  return { customers, roles };
}

function playedBy(
  random: Random,
  shape: BookShape,
  role: Role,
  n: number,
  parent: number | null,
): CustomerPlan {
  const firstOn =
    role.behaviour === 'newcomer'
      ? addDays(shape.bornOn, -21)
      : addDays(shape.startOn, random.int(0, 30));
  return {
    n,
    name: role.name,
    email: role.email === undefined ? businessEmail(role.name, n) : role.email,
    contacts: [],
    phone: phone(random, shape.country),
    behaviour: role.behaviour,
    terms: role.terms,
    currencies: role.currencies ?? [shape.baseCurrency],
    medianMinor: role.medianMinor ?? median(random),
    weight: role.weight ?? 1,
    firstOn,
    lastOn: role.behaviour === 'dormant' ? addDays(shape.bornOn, -399) : lastDay(role, shape),
    parent,
    billWithParent: role.billWithParent ?? false,
  };
}

function lastDay(role: Role, shape: BookShape): Day {
  return role.behaviour === 'bankrupt' ? addDays(shape.bornOn, -90) : shape.endOn;
}

function ordinary(random: Random, shape: BookShape, n: number, names: Set<string>): CustomerPlan {
  const name = freeName(random, shape.country, names);
  const currency = ordinaryCurrency(random, shape);
  const person = personName(random);
  const late = random.chance(0.2);
  return {
    n,
    name,
    email: random.chance(0.03) ? null : businessEmail(name, n),
    contacts: random.chance(0.15)
      ? [{ ...person, email: businessEmail(name, n, 'owner'), includeInEmails: random.chance(0.6) }]
      : [],
    phone: random.chance(0.8) ? phone(random, shape.country) : null,
    behaviour: weighted(random, ORDINARY_BEHAVIOUR),
    terms: random.pick(shape.country === 'US' ? ORDINARY_US_TERMS : ORDINARY_TERMS),
    currencies: [currency],
    medianMinor: median(random),
    // A few customers make most of the sales, as in any book.
    weight: Math.min(8, 0.4 / Math.pow(1 - random.next(), 0.6)),
    firstOn: late ? random.dayBetween(shape.startOn, shape.bornOn) : shape.startOn,
    lastOn: shape.endOn,
    parent: null,
    billWithParent: false,
  };
}

function freeName(random: Random, country: string, taken: Set<string>): string {
  let name = businessName(random, country);
  for (let attempt = 2; taken.has(name); attempt += 1) {
    name = `${businessName(random, country)} ${attempt > 20 ? taken.size : ''}`.trim();
  }
  taken.add(name);
  return name;
}

function ordinaryCurrency(random: Random, shape: BookShape): Currency {
  if (shape.platform === 'quickbooks' || shape.country !== 'NZ') return shape.baseCurrency;
  const draw = random.next();
  return draw < 0.06 ? 'AUD' : draw < 0.1 ? 'USD' : shape.baseCurrency;
}

function median(random: Random): number {
  return Math.round(Math.exp(random.normal(Math.log(140_000), 0.8)));
}

/** 555 numbers, as in films. */
function phone(random: Random, country: string): string {
  const last = String(random.int(0, 99)).padStart(2, '0');
  return country === 'US' ? `(555) 555-01${last}` : `09 555 01${last}`;
}

function weighted<T>(random: Random, table: readonly (readonly [T, number])[]): T {
  let draw = random.next() * table.reduce((sum, [, share]) => sum + share, 0);
  for (const [item, share] of table) {
    draw -= share;
    if (draw < 0) return item;
  }
  const last = table.at(-1);
  if (last === undefined) throw new RangeError('nothing to pick from');
  return last[0];
}
