import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { dueBy } from '../../connectors/sandbox/generator/calendar.ts';
import { generateBook, type GeneratorOptions } from '../../connectors/sandbox/generator/index.ts';
import type { BookPlan, Happening } from '../../connectors/sandbox/generator/plan.ts';
import { day, formatDay, instantAt } from '../../src/domain/day.ts';

const BORN = day('2026-11-22');

function plan(changes: Partial<GeneratorOptions> = {}): BookPlan {
  const isXero = (changes.platform ?? 'xero') === 'xero';
  return generateBook({
    platform: 'xero',
    seed: 1,
    index: 0,
    invoices: 400,
    bornOn: BORN,
    futureDays: 365,
    country: isXero ? 'NZ' : 'US',
    baseCurrency: isXero ? 'NZD' : 'USD',
    timeZone: isXero ? 'Pacific/Auckland' : 'America/Los_Angeles',
    openShare: null,
    ...changes,
  });
}

const fingerprint = (book: BookPlan): string =>
  createHash('sha256').update(JSON.stringify(book)).digest('hex');

/** Plays a plan and gives what is left of each invoice; throws when more is paid than is owed. */
function play(book: BookPlan, until = Number.POSITIVE_INFINITY) {
  const left = new Map<number, number>();
  const credits = new Map<number, number>();
  const payments = new Map<number, Extract<Happening, { kind: 'payment' }>>();
  const dead = new Set<number>();
  const drafts = new Set<number>();
  const lastPaid = new Map<number, number>();
  const take = (from: Map<number, number>, key: number, amount: number): void => {
    const now = from.get(key);
    if (now === undefined) throw new Error(`${key} is used before it exists`);
    if (now < amount) throw new Error(`${key} has ${now}, ${amount} is taken`);
    from.set(key, now - amount);
  };
  for (const { at, what } of book.events) {
    if (at >= until) break;
    switch (what.kind) {
      case 'invoice':
        left.set(what.invoice.n, what.invoice.totalMinor);
        if (what.draft) drafts.add(what.invoice.n);
        break;
      case 'approve':
        drafts.delete(what.invoice);
        break;
      case 'payment':
        payments.set(what.payment, what);
        for (const part of what.applied) {
          take(left, part.invoice, part.amountMinor);
          lastPaid.set(part.invoice, what.on);
        }
        if (what.credit !== null) credits.set(what.credit, what.excessMinor);
        break;
      case 'reverse':
        for (const part of payments.get(what.payment)?.applied ?? []) {
          left.set(part.invoice, (left.get(part.invoice) ?? 0) + part.amountMinor);
        }
        break;
      case 'credit':
        credits.set(what.credit, what.amountMinor);
        break;
      case 'apply':
        take(left, what.invoice, what.amountMinor);
        take(credits, what.credit, what.amountMinor);
        break;
      case 'refund':
        take(credits, what.credit, what.amountMinor);
        break;
      case 'void':
      case 'delete':
        dead.add(what.invoice);
        break;
      case 'customer':
      case 'move_due':
      case 'expect':
      case 'merge':
      case 'archive':
      case 'email':
      case 'bill':
      case 'journal':
      case 'refund_receipt':
    }
  }
  return { left, credits, dead, drafts, lastPaid };
}

describe('the generator', () => {
  it('makes the same bytes from the same seed, and others from another', () => {
    expect(fingerprint(plan())).toBe(fingerprint(plan()));
    expect(fingerprint(plan())).not.toBe(fingerprint(plan({ seed: 2 })));
    expect(fingerprint(plan())).not.toBe(fingerprint(plan({ index: 1 })));
  });

  it.each([50, 400, 5_000])('has exactly %i invoices the day it is born', (invoices) => {
    const book = plan({ invoices });
    const issued = book.invoices.filter((invoice) => invoice.issuedOn < BORN);
    expect(issued).toHaveLength(invoices);
    expect(book.invoices.every((invoice) => invoice.issuedOn !== BORN)).toBe(true);
  });

  it.each(['xero', 'quickbooks'] as const)(
    'never takes more from a %s invoice or credit than it holds',
    (platform) => {
      for (const seed of [1, 2, 3, 4, 5]) {
        expect(() => play(plan({ platform, seed, invoices: 1_000 }))).not.toThrow();
      }
    },
  );

  it('tells a believable story: a third or so is late, a sixth or so is open, about half of that overdue', () => {
    for (const platform of ['xero', 'quickbooks'] as const) {
      const zone = platform === 'xero' ? 'Pacific/Auckland' : 'America/Los_Angeles';
      const book = plan({ platform });
      const born = instantAt(zone, BORN, 0).getTime();
      const { left, dead, drafts, lastPaid } = play(book, born);
      const alive = book.invoices.filter((one) => left.has(one.n) && !dead.has(one.n));
      const open = alive.filter((one) => !drafts.has(one.n) && (left.get(one.n) ?? 0) > 0);
      const overdue = open.filter((one) => one.dueOn < BORN);
      const due = alive.filter((one) => one.dueOn < BORN);
      const late = due.filter((one) => (lastPaid.get(one.n) ?? BORN) > one.dueOn);
      expect(late.length / due.length).toBeGreaterThan(0.28);
      expect(late.length / due.length).toBeLessThan(0.52);
      expect(open.length).toBeGreaterThanOrEqual(50);
      expect(open.length).toBeLessThanOrEqual(100);
      expect(overdue.length).toBeGreaterThanOrEqual(28);
      expect(overdue.length).toBeLessThanOrEqual(65);
    }
  });

  it('leaves nearly everything open when asked to', () => {
    const book = plan({ openShare: 1, futureDays: 30 });
    const { left, dead } = play(book, BORN * 86_400_000);
    const alive = [...left].filter(([n]) => !dead.has(n));
    expect(alive.filter(([, amount]) => amount > 0)).toHaveLength(alive.length);
  });

  it('can reach nobody: every address that parses ends in .example', () => {
    for (const customer of plan({ invoices: 2_000 }).customers) {
      const addresses = [customer.email ?? '', ...customer.contacts.map((one) => one.email)];
      for (const text of addresses.flatMap((one) => one.split(/[\s,;]+/))) {
        if (text.includes('@')) expect(text).toMatch(/\.example$/);
      }
    }
  });

  it('has every awkward name and address', () => {
    const { customers } = plan();
    const names = customers.map((customer) => customer.name);
    for (const mark of ["'", '"', '&', '<script>', '☕', 'مقهى', ',', 'Whānau', '\\', '{{']) {
      expect(names.some((name) => name.includes(mark))).toBe(true);
    }
    expect(Math.max(...names.map((name) => name.length))).toBeGreaterThan(150);
    const emails = customers.map((customer) => customer.email);
    expect(emails).toContain(null);
    expect(emails.some((email) => email?.includes(', ') === true)).toBe(true);
    expect(emails.some((email) => email?.includes('\n') === true)).toBe(true);
  });

  it('lets every kind of thing happen within the year around its birth', () => {
    const kinds = new Set(plan().events.map((event) => event.what.kind));
    for (const kind of ['void', 'delete', 'reverse', 'merge', 'archive', 'expect', 'bill']) {
      expect(kinds).toContain(kind);
    }
    const american = plan({ platform: 'quickbooks' });
    const more = new Set(american.events.map((event) => event.what.kind));
    for (const kind of ['journal', 'refund_receipt']) expect(more).toContain(kind);
    expect(american.customers.some((customer) => customer.billWithParent)).toBe(true);
  });

  it('keeps its events in order', () => {
    const { events } = plan();
    expect(events.every((event, i) => i === 0 || (events[i - 1]?.at ?? 0) <= event.at)).toBe(true);
  });
});

describe('terms', () => {
  it.each([
    [{ kind: 'days', days: 30 }, '2026-01-31', '2026-03-02'],
    [{ kind: 'following_month', dayOfMonth: 20 }, '2026-01-31', '2026-02-20'],
    [{ kind: 'following_month', dayOfMonth: 20 }, '2026-12-01', '2027-01-20'],
    [{ kind: 'after_month_end', days: 30 }, '2026-01-05', '2026-03-02'],
  ] as const)('%o from %s fall due on %s', (terms, issued, due) => {
    expect(formatDay(dueBy(terms, day(issued)))).toBe(due);
  });
});
