/**
 * Every name, address and product in the sandbox is invented; email domains end in `.example`, which
 * RFC 2606 keeps for documentation, so no message can reach anybody.
 */
import type { Random } from './random.ts';

const FIRST = [
  ...[
    'Kauri',
    'Harbour',
    'Rimu',
    'Southern',
    'Blue Gum',
    'Cedar',
    'Granite',
    'Lakeside',
    'Redwood',
  ],
  ...[
    'Mason',
    'Tūī',
    'Copper',
    'Northgate',
    'Silver Fern',
    'Juniper',
    'Beacon',
    'Summit',
    'Willow',
  ],
  ...[
    'Fox Hollow',
    'Prairie',
    'Ironbark',
    'Larkspur',
    'Quayside',
    'Saltmarsh',
    'Alder',
    'Magnolia',
  ],
];

const TRADE = [
  ...['Joinery', 'Plumbing', 'Catering', 'Design Studio', 'Logistics', 'Dental', 'Architects'],
  ...['Bakery', 'Print Works', 'Nursery', 'Motors', 'Physio', 'Roofing', 'Electrical', 'Florists'],
  ...['Wholesale', 'Outdoor Gear', 'Books', 'Brewing', 'Fitness', 'Property Care', 'Interiors'],
];

const FORM: Readonly<Record<string, readonly string[]>> = {
  NZ: ['Ltd', 'Limited', 'Partnership', 'Co', 'Trust'],
  AU: ['Pty Ltd', 'Pty Limited', 'Co', 'Trust'],
  US: ['LLC', 'Inc.', 'Co.', 'Group', 'Partners'],
};

const GIVEN = [
  ...['Aroha', 'Ben', 'Carmen', 'Dev', 'Elena', 'Finn', 'Grace', 'Hemi', 'Ines', 'Jack', 'Kiri'],
  ...['Leo', 'Mere', 'Noah', 'Olive', 'Priya', 'Quinn', 'Rosa', 'Sione', 'Tama', 'Una', 'Viktor'],
];

const FAMILY = [
  ...['Abbott', 'Brennan', 'Chen', 'Duarte', 'Eriksen', 'Fraser', 'Gupta', 'Hansen', 'Ihaka'],
  ...['Jensen', 'Kelly', 'Larsen', 'McKay', 'Ngata', 'O’Neill', 'Parata', 'Ruiz', 'Silva', 'Tait'],
];

const WORK = [
  ...['Site works', 'Monthly retainer', 'Joinery as quoted', 'Maintenance visit', 'Print run'],
  ...['Catering for the board day', 'Consulting hours', 'Freight', 'Replacement parts', 'Design'],
];

export function businessName(random: Random, country: string): string {
  const form = random.pick(FORM[country] ?? ['Ltd']);
  return `${random.pick(FIRST)} ${random.pick(TRADE)} ${form}`;
}

export function personName(random: Random): { firstName: string; lastName: string } {
  return { firstName: random.pick(GIVEN), lastName: random.pick(FAMILY) };
}

export function workDescription(random: Random): string {
  return random.pick(WORK);
}

/** accounts@rimu-dental-12.example */
export function businessEmail(name: string, n: number, mailbox = 'accounts'): string {
  return `${mailbox}@${domainOf(name, n)}`;
}

function domainOf(name: string, n: number): string {
  const plain = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 30)
    .replace(/-+$/, '');
  return `${plain === '' ? 'customer' : plain}-${n}.example`;
}
