/**
 * What the open invoices will bring in, week by week and by currency. The middle is the sum of every
 * amount times its chance of arriving in that week. A promise or an instalment stands in for the habit
 * as far as this customer's word has been good; what is disputed is counted apart, not in. The band
 * comes from the same chances played through many times, and invoices of one customer go together: who
 * pays one late mostly pays all late. 1,000.00 promised for Friday by someone who keeps seven promises
 * of ten: 700.00 on Friday, 300.00 by the customer's habit after it.
 */
import { addDays, type Day, weekday } from './day.ts';
import type { Currency, Minor } from './money.ts';
import type { CustomerId, InvoiceId } from './receivables.ts';

export interface ForecastInvoice {
  id: InvoiceId;
  customerId: CustomerId;
  currency: Currency;
  openMinor: Minor;
  /** The day by which that share of such invoices is paid. */
  payDay: (share: number) => Day;
}

/** A promise, or an instalment of a running plan. */
export interface AgreedPayment {
  invoiceId: InvoiceId;
  amountMinor: Minor;
  on: Day;
  /** The chance that this customer does what it said. */
  reliability: number;
}

export interface ForecastAgreements {
  promises: readonly AgreedPayment[];
  plans: readonly AgreedPayment[];
  /** Contested amounts; null: all that is open. */
  disputes: readonly { invoiceId: InvoiceId; amountMinor: Minor | null }[];
}

export interface ForecastWeek {
  /** A Monday, or today in the first week. */
  from: Day;
  to: Day;
  expectedMinor: Minor;
  /** Of what is expected: by promise or plan. */
  agreedMinor: Minor;
  /** In two of ten cases less than the first, in two more than the second. */
  p20Minor: Minor;
  p80Minor: Minor;
}

export interface CurrencyForecast {
  currency: Currency;
  weeks: ForecastWeek[];
  openMinor: Minor;
  /** Expected after the last week. */
  laterMinor: Minor;
  disputedMinor: Minor;
}

/** The chance that an invoice follows the same luck as its customer's others. */
const TOGETHER = 0.7;
const MOST_PLAYS = 300;
const LEAST_PLAYS = 40;
/** Many invoices even out: fewer plays show the band as well. */
const PLAYED_INVOICES = 300_000;
/** In how many equal slices the chance of each invoice is read. */
const SLICES = 20;

export class Forecast {
  readonly #asOn: Day;
  readonly #weekCount: number;
  readonly #plays: number;
  readonly #currencies = new Map<Currency, Account>();

  /** `invoices`: about how many will be added. */
  constructor(asOn: Day, weekCount: number, invoices: number) {
    this.#asOn = asOn;
    this.#weekCount = weekCount;
    const wanted = Math.round(PLAYED_INVOICES / Math.max(1, invoices));
    this.#plays = Math.min(MOST_PLAYS, Math.max(LEAST_PLAYS, wanted));
  }

  /** Customers whole, in any order. */
  add(invoices: readonly ForecastInvoice[], agreements: ForecastAgreements): void {
    for (const invoice of invoices) this.#addInvoice(invoice, agreements);
  }

  #addInvoice(invoice: ForecastInvoice, agreements: ForecastAgreements): void {
    const account = this.#accountOf(invoice.currency);
    account.openMinor += invoice.openMinor;
    const disputed = disputedOf(invoice, agreements.disputes);
    account.disputedMinor += disputed;
    let left = invoice.openMinor - disputed;
    const luck = new Luck(invoice);
    const isOwn = (agreed: AgreedPayment) => agreed.invoiceId === invoice.id;
    for (const agreed of [
      ...agreements.plans.filter(isOwn),
      ...agreements.promises.filter(isOwn),
    ]) {
      const amountMinor = Math.min(left, agreed.amountMinor);
      if (amountMinor <= 0) continue;
      left -= amountMinor;
      this.#addAgreed(account, invoice, { ...agreed, amountMinor }, luck);
    }
    if (left > 0) this.#addHabit(account, invoice, left, luck);
  }

  #addAgreed(
    account: Account,
    invoice: ForecastInvoice,
    { amountMinor, on, reliability }: AgreedPayment,
    luck: Luck,
  ): void {
    const week = this.#weekOf(on);
    account.expect(week, amountMinor * reliability);
    account.agree(week, amountMinor * reliability);
    const after = (share: number): number =>
      this.#weekOf(Math.max(on + 1, invoice.payDay(share)) as Day);
    for (let slice = 0; slice < SLICES; slice += 1) {
      account.expect(after((slice + 0.5) / SLICES), (amountMinor * (1 - reliability)) / SLICES);
    }
    for (let play = 0; play < this.#plays; play += 1) {
      const isKept = luck.word(play) < reliability;
      account.play(play, isKept ? week : after(luck.day(play)), amountMinor);
    }
  }

  #addHabit(account: Account, invoice: ForecastInvoice, amountMinor: Minor, luck: Luck): void {
    for (let slice = 0; slice < SLICES; slice += 1) {
      const week = this.#weekOf(invoice.payDay((slice + 0.5) / SLICES));
      account.expect(week, amountMinor / SLICES);
    }
    for (let play = 0; play < this.#plays; play += 1) {
      account.play(play, this.#weekOf(invoice.payDay(luck.day(play))), amountMinor);
    }
  }

  /** The last place stands for everything later. */
  #weekOf(on: Day): number {
    const monday = this.#asOn - (weekday(this.#asOn) - 1);
    const week = Math.floor((Math.max(on, this.#asOn) - monday) / 7);
    return Math.min(week, this.#weekCount);
  }

  #accountOf(currency: Currency): Account {
    const known = this.#currencies.get(currency);
    if (known !== undefined) return known;
    const made = new Account(this.#weekCount, this.#plays);
    this.#currencies.set(currency, made);
    return made;
  }

  /** By currency in alphabetical order. */
  report(): CurrencyForecast[] {
    const monday = addDays(this.#asOn, 1 - weekday(this.#asOn));
    return [...this.#currencies]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([currency, account]) => ({
        currency,
        weeks: Array.from({ length: this.#weekCount }, (_, week) => ({
          from: week === 0 ? this.#asOn : addDays(monday, 7 * week),
          to: addDays(monday, 7 * week + 6),
          ...account.week(week),
        })),
        openMinor: account.openMinor,
        laterMinor: account.week(this.#weekCount).expectedMinor,
        disputedMinor: account.disputedMinor,
      }));
  }
}

function disputedOf(
  { id, openMinor }: ForecastInvoice,
  disputes: ForecastAgreements['disputes'],
): Minor {
  const own = disputes.filter((dispute) => dispute.invoiceId === id);
  const sum = own.reduce((total, { amountMinor }) => total + (amountMinor ?? openMinor), 0);
  return Math.min(openMinor, sum);
}

/** One currency: what is expected of each week, and what each play brought. */
class Account {
  openMinor = 0;
  disputedMinor = 0;
  readonly #expected: Float64Array;
  readonly #agreed: Float64Array;
  readonly #played: Float64Array;
  readonly #plays: number;

  constructor(weekCount: number, plays: number) {
    this.#expected = new Float64Array(weekCount + 1);
    this.#agreed = new Float64Array(weekCount + 1);
    this.#played = new Float64Array((weekCount + 1) * plays);
    this.#plays = plays;
  }

  expect(week: number, amount: number): void {
    this.#expected[week] = (this.#expected[week] ?? 0) + amount;
  }

  agree(week: number, amount: number): void {
    this.#agreed[week] = (this.#agreed[week] ?? 0) + amount;
  }

  play(play: number, week: number, amountMinor: Minor): void {
    const place = week * this.#plays + play;
    this.#played[place] = (this.#played[place] ?? 0) + amountMinor;
  }

  week(
    week: number,
  ): Pick<ForecastWeek, 'expectedMinor' | 'agreedMinor' | 'p20Minor' | 'p80Minor'> {
    const plays = this.#played.slice(week * this.#plays, (week + 1) * this.#plays).sort();
    const read = (share: number): Minor =>
      Math.round(plays[Math.min(this.#plays - 1, Math.floor(share * this.#plays))] ?? 0);
    return {
      expectedMinor: Math.round(this.#expected[week] ?? 0),
      agreedMinor: Math.round(this.#agreed[week] ?? 0),
      p20Minor: read(0.2),
      p80Minor: read(0.8),
    };
  }
}

/** Drawn from names, so that the same facts give the same band on every machine and in any order. */
class Luck {
  readonly #customer: number;
  readonly #invoice: number;

  constructor({ id, customerId }: ForecastInvoice) {
    this.#customer = hashOf(customerId);
    this.#invoice = hashOf(`${customerId} ${id}`);
  }

  day(play: number): number {
    const isTogether = drawn(this.#invoice, play, 1) < TOGETHER;
    return isTogether ? drawn(this.#customer, play, 2) : drawn(this.#invoice, play, 3);
  }

  word(play: number): number {
    return drawn(this.#customer, play, 4);
  }
}

/** FNV-1a. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return hash >>> 0;
}

/** Evenly between 0 and 1, both left out: the finish of MurmurHash3 over its three seeds. */
function drawn(seed: number, play: number, use: number): number {
  let mixed = seed ^ Math.imul(play + 1, 0x9e3779b1) ^ Math.imul(use, 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32 + 2 ** -33;
}
