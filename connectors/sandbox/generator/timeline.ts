/**
 * Turns a schedule of invoices into everything that happens to them: drafts, payments alone or in one
 * transfer, credit notes, too much and too little, in advance, bounced, promised and not kept, voided.
 * Sums are kept here as they go, so that nobody ever pays more than is owed without it being an excess.
 */
import { addDays, type Day } from '../../../src/domain/day.ts';
import type { Currency, Minor } from '../../../src/domain/money.ts';
import { payIntent } from './behaviour.ts';
import { dueBy, onWorkday, WorkingHours } from './calendar.ts';
import type { BookShape, Cast } from './customers.ts';
import { businessName, workDescription } from './names.ts';
import type { BookPlan, CustomerPlan, Event, Happening, InvoicePlan } from './plan.ts';
import type { Random } from './random.ts';
import type { Slot } from './schedule.ts';

/** A credit a customer holds, and may use from `from`. */
interface Held {
  credit: number;
  currency: Currency;
  leftMinor: Minor;
  from: Day;
}

type PaymentHappening = Extract<Happening, { kind: 'payment' }>;

/** Local minutes after midnight. A day's happenings follow each other in this order. */
const HOUR = {
  opening: 7 * 60,
  issue: 8.5 * 60,
  approve: 11 * 60,
  credit: 12 * 60,
  payment: 13 * 60,
  apply: 16.5 * 60,
  correct: 17 * 60,
};

export interface TimelineOptions {
  shape: BookShape;
  timeZone: string;
  /** Share of invoices nobody ever pays; null: as the customers behave. */
  openShare: number | null;
}

export class Timeline {
  readonly #random: Random;
  readonly #shape: BookShape;
  readonly #hours: WorkingHours;
  readonly #openShare: number | null;
  readonly #events: Event[] = [];
  readonly #payments = new Map<string, PaymentHappening>();
  readonly #held = new Map<number, Held[]>();
  #paymentCount = 0;
  #creditCount = 0;

  constructor(random: Random, options: TimelineOptions) {
    this.#random = random;
    this.#shape = options.shape;
    this.#hours = new WorkingHours(options.timeZone);
    this.#openShare = options.openShare;
  }

  build(cast: Cast, slots: readonly Slot[]): BookPlan {
    for (const customer of cast.customers) {
      // The file was set up before the first invoice; ids and stamps follow that order.
      this.#add(addDays(this.#shape.startOn, -1), HOUR.opening + customer.n / 100, {
        kind: 'customer',
        customer,
      });
    }
    const invoices = slots.map((slot, n) => this.#invoice(slot, n, cast));
    this.#sideStories(cast);
    for (const payment of this.#payments.values()) {
      this.#add(payment.on, HOUR.payment + this.#random.int(0, 179), payment);
    }
    this.#events.sort((a, b) => a.at - b.at);
    return { customers: cast.customers, invoices, events: this.#events };
  }

  #invoice(slot: Slot, n: number, cast: Cast): InvoicePlan {
    const invoice = this.#draft(slot, n);
    if (slot.certain === null && this.#cameToNothing(invoice)) return invoice;
    const draft = this.#isDraft(slot);
    this.#add(invoice.issuedOn, HOUR.issue + this.#random.int(0, 119), {
      kind: 'invoice',
      invoice,
      draft,
    });
    if (draft) {
      // The newest drafts are still waiting on the day the book is opened.
      const wait = this.#shape.bornOn - invoice.issuedOn < 6 ? 400 : 1;
      this.#add(addDays(invoice.issuedOn, wait), HOUR.approve, { kind: 'approve', invoice: n });
      if (wait > 1) return invoice;
    }
    const role = slot.certain === null ? undefined : cast.roles.get(slot.certain.roleKey)?.role;
    const staysOpen =
      (role?.keepsOpen === true && slot.certain?.last === true) ||
      this.#isForgotten(slot) ||
      (this.#openShare !== null && this.#random.chance(this.#openShare));
    if (staysOpen) return invoice;
    const excess = slot.certain?.index === 0 ? (role?.overpays ?? 0) : 0;
    this.#settle(slot.customer, invoice, excess);
    return invoice;
  }

  #draft(slot: Slot, n: number): InvoicePlan {
    const { customer, on } = slot;
    const currency =
      customer.currencies[customer.currencies.length > 1 ? n % customer.currencies.length : 0] ??
      this.#shape.baseCurrency;
    const isXero = this.#shape.platform === 'xero';
    return {
      n,
      customer: customer.n,
      number: isXero ? `INV-${String(n + 1).padStart(4, '0')}` : String(1001 + n),
      reference: this.#random.chance(0.4) ? `PO ${this.#random.int(1000, 9999)}` : null,
      currency,
      totalMinor: this.#amount(customer),
      issuedOn: on,
      dueOn: dueBy(customer.terms, on),
      description: workDescription(this.#random),
    };
  }

  #amount(customer: CustomerPlan): Minor {
    const raw = customer.medianMinor * Math.exp(this.#random.normal(0, 0.55));
    const whole = this.#random.chance(0.35) ? Math.round(raw / 1000) * 1000 : Math.round(raw);
    return Math.max(1_500, whole);
  }

  /** Entered by mistake: deleted as a draft, or voided once it was out. */
  #cameToNothing(invoice: InvoicePlan): boolean {
    const draw = this.#random.next();
    if (draw > 0.02) return false;
    const deleted = draw < 0.006;
    const draft = deleted && this.#shape.platform === 'xero';
    this.#add(invoice.issuedOn, HOUR.issue, { kind: 'invoice', invoice, draft });
    const on = addDays(invoice.issuedOn, this.#random.int(1, 6));
    this.#add(on, HOUR.correct, { kind: deleted ? 'delete' : 'void', invoice: invoice.n });
    return true;
  }

  /** QuickBooks has no drafts of invoices. */
  #isDraft(slot: Slot): boolean {
    return this.#shape.platform === 'xero' && slot.certain === null && this.#random.chance(0.05);
  }

  /** Lost in somebody's inbox, and nobody has asked yet. */
  #isForgotten(slot: Slot): boolean {
    const recent = this.#shape.bornOn - slot.on < 330;
    return slot.certain === null && recent && this.#random.chance(0.045);
  }

  #settle(customer: CustomerPlan, invoice: InvoicePlan, overpays: number): void {
    let owed = invoice.totalMinor;
    owed -= this.#paidInAdvance(customer, invoice, owed);
    owed -= this.#useHeldCredit(customer, invoice, owed);
    if (owed <= 0) return;
    const before = payIntent(this.#random, customer, invoice, owed, this.#shape.bornOn);
    const first = before.pieces[0]?.on;
    const credited = this.#goodsReturned(invoice, owed, first);
    const intent =
      credited === 0
        ? before
        : payIntent(this.#random, customer, invoice, owed - credited, this.#shape.bornOn);
    owed -= credited;
    if (intent.promise !== null) {
      const { madeOn, payOn } = intent.promise;
      this.#add(madeOn, HOUR.approve, { kind: 'expect', invoice: invoice.n, on: payOn });
    }
    if (this.#bounces(customer, invoice, intent.pieces, owed)) return;
    this.#moveDueNowAndThen(invoice, first);
    for (const piece of intent.pieces) {
      // A credit note of the same day is entered before the money arrives.
      const on = credited > 0 && first !== undefined && piece.on < first ? first : piece.on;
      this.#pay(
        customer,
        invoice,
        on,
        piece.amountMinor,
        this.#excess(piece.amountMinor, overpays),
      );
      owed -= piece.amountMinor;
    }
    if (owed > 0 && intent.settledByCredit !== null) {
      this.#credit(invoice, owed, intent.settledByCredit);
    }
  }

  #excess(pieceMinor: Minor, overpays: number): { amountMinor: Minor; kept: boolean } {
    if (overpays > 0) return { amountMinor: Math.round(pieceMinor * overpays), kept: true };
    if (!this.#random.chance(0.01)) return { amountMinor: 0, kept: false };
    return {
      amountMinor: Math.round(pieceMinor * (this.#random.int(4, 30) / 100)),
      kept: this.#random.chance(0.4),
    };
  }

  #pay(
    customer: CustomerPlan,
    invoice: InvoicePlan,
    on: Day,
    amountMinor: Minor,
    excess: { amountMinor: Minor; kept: boolean },
  ): void {
    const payment = this.#transfer(customer, invoice.currency, on);
    payment.applied.push({ invoice: invoice.n, amountMinor });
    if (excess.amountMinor <= 0 || payment.credit !== null) return;
    payment.credit = this.#nextCredit();
    payment.excessMinor = excess.amountMinor;
    if (!excess.kept)
      this.#hold(customer, payment.credit, invoice.currency, excess.amountMinor, on);
  }

  /** Money of one customer, one day and one currency arrives in one transfer. */
  #transfer(customer: CustomerPlan, currency: Currency, on: Day): PaymentHappening {
    const key = `${customer.n}|${currency}|${on}`;
    let payment = this.#payments.get(key);
    if (payment === undefined) {
      payment = {
        kind: 'payment',
        payment: this.#nextPayment(),
        customer: customer.n,
        currency,
        on,
        applied: [],
        excessMinor: 0,
        credit: null,
        reference: `DC ${this.#random.int(10_000, 99_999)}`,
      };
      this.#payments.set(key, payment);
    }
    return payment;
  }

  #paidInAdvance(customer: CustomerPlan, invoice: InvoicePlan, owed: Minor): Minor {
    if (!this.#random.chance(0.008)) return 0;
    const amountMinor = Math.round(owed * 0.3);
    const credit = this.#nextCredit();
    const on = addDays(invoice.issuedOn, -this.#random.int(3, 8));
    if (amountMinor === 0 || on <= this.#shape.startOn) return 0;
    this.#add(on, HOUR.credit, {
      kind: 'credit',
      credit,
      of: 'prepayment',
      customer: customer.n,
      currency: invoice.currency,
      number: `Deposit ${invoice.number}`,
      on,
      amountMinor,
    });
    this.#apply(credit, invoice, amountMinor, invoice.issuedOn);
    return amountMinor;
  }

  #useHeldCredit(customer: CustomerPlan, invoice: InvoicePlan, owed: Minor): Minor {
    const held = this.#held.get(customer.n) ?? [];
    const usable = held.find(
      (one) =>
        one.leftMinor > 0 && one.currency === invoice.currency && one.from < invoice.issuedOn,
    );
    if (usable === undefined) return 0;
    const amountMinor = Math.min(usable.leftMinor, owed);
    usable.leftMinor -= amountMinor;
    this.#apply(usable.credit, invoice, amountMinor, invoice.issuedOn);
    return amountMinor;
  }

  #goodsReturned(invoice: InvoicePlan, owed: Minor, firstPayment: Day | undefined): Minor {
    if (!this.#random.chance(0.04)) return 0;
    const on = addDays(invoice.issuedOn, this.#random.int(2, 9));
    if (firstPayment !== undefined && on >= firstPayment) return 0;
    const amountMinor = Math.round((owed * this.#random.int(8, 40)) / 100);
    if (amountMinor <= 0 || amountMinor >= owed) return 0;
    this.#credit(invoice, amountMinor, on);
    return amountMinor;
  }

  #credit(invoice: InvoicePlan, amountMinor: Minor, on: Day): void {
    const credit = this.#creditNote(invoice.customer, invoice.currency, amountMinor, on);
    this.#apply(credit, invoice, amountMinor, on);
  }

  #creditNote(customer: number, currency: Currency, amountMinor: Minor, on: Day): number {
    const credit = this.#nextCredit();
    const number = `CN-${String(credit + 1).padStart(4, '0')}`;
    this.#add(on, HOUR.credit, {
      ...{ kind: 'credit', credit, of: 'credit_note', customer, currency, number, on, amountMinor },
    });
    return credit;
  }

  #apply(credit: number, invoice: InvoicePlan, amountMinor: Minor, on: Day): void {
    this.#add(on, HOUR.apply, {
      ...{ kind: 'apply', payment: this.#nextPayment(), credit, invoice: invoice.n },
      ...{ amountMinor, on },
    });
  }

  /** The bank takes the money back; most pay again two weeks later. */
  #bounces(
    customer: CustomerPlan,
    invoice: InvoicePlan,
    pieces: readonly { on: Day; amountMinor: Minor }[],
    owed: Minor,
  ): boolean {
    const [only] = pieces;
    if (only?.amountMinor !== owed || pieces.length !== 1) return false;
    if (!this.#random.chance(0.006)) return false;
    const payment: PaymentHappening = {
      kind: 'payment',
      payment: this.#nextPayment(),
      customer: customer.n,
      currency: invoice.currency,
      on: only.on,
      applied: [{ invoice: invoice.n, amountMinor: owed }],
      excessMinor: 0,
      credit: null,
      reference: `DD ${this.#random.int(10_000, 99_999)}`,
    };
    this.#payments.set(`bounced|${payment.payment}`, payment);
    const backOn = addDays(only.on, 5);
    this.#add(backOn, HOUR.correct, { kind: 'reverse', payment: payment.payment });
    if (this.#random.chance(0.8)) {
      const again = onWorkday(addDays(only.on, 14));
      this.#pay(customer, invoice, again, owed, { amountMinor: 0, kept: false });
    }
    return true;
  }

  #moveDueNowAndThen(invoice: InvoicePlan, firstPayment: Day | undefined): void {
    if (!this.#random.chance(0.01) || firstPayment === undefined) return;
    const on = addDays(invoice.dueOn, -2);
    if (on <= invoice.issuedOn || on >= firstPayment) return;
    this.#add(on, HOUR.approve, {
      ...{ kind: 'move_due', invoice: invoice.n, dueOn: addDays(invoice.dueOn, 14) },
    });
  }

  #hold(
    customer: CustomerPlan,
    credit: number,
    currency: Currency,
    leftMinor: Minor,
    from: Day,
  ): void {
    const held = this.#held.get(customer.n) ?? [];
    held.push({ credit, currency, leftMinor, from });
    this.#held.set(customer.n, held);
  }

  /** What does not hang on one invoice: bills, journals, refunds, merged and archived customers. */
  #sideStories(cast: Cast): void {
    const born = this.#shape.bornOn;
    const role = (key: string): number => cast.roles.get(key)?.customer.n ?? 0;
    this.#add(addDays(born, -100), HOUR.approve, { kind: 'archive', customer: role('archived') });
    this.#add(addDays(born, -90), HOUR.approve, {
      ...{ kind: 'merge', from: role('merged_from'), into: role('merged_into') },
    });
    this.#add(addDays(born, 20), HOUR.approve, {
      ...{ kind: 'email', customer: role('ten_days_late'), email: 'payables@smith-jones.example' },
    });
    this.#goodwill(role('month_end'), addDays(born, -12));
    this.#refundedCredit(role('early'), addDays(born, -60));
    if (this.#shape.platform === 'quickbooks') this.#journals(role);
    else this.#bills();
  }

  /** A credit note nobody has used yet. */
  #goodwill(customer: number, on: Day): void {
    this.#creditNote(customer, this.#shape.baseCurrency, 12_500, on);
  }

  #refundedCredit(customer: number, on: Day): void {
    const amountMinor = 8_850;
    if (this.#shape.platform === 'quickbooks') {
      this.#add(on, HOUR.correct, {
        ...{ kind: 'refund_receipt', receipt: 0, customer, amountMinor, on },
      });
      return;
    }
    const credit = this.#creditNote(customer, this.#shape.baseCurrency, amountMinor, on);
    const payment = this.#nextPayment();
    const later = addDays(on, 9);
    this.#add(later, HOUR.correct, { kind: 'refund', payment, credit, amountMinor, on: later });
  }

  #journals(role: (key: string) => number): void {
    const debitOn = addDays(this.#shape.bornOn, -75);
    const creditOn = addDays(this.#shape.bornOn, -25);
    this.#add(debitOn, HOUR.correct, {
      ...{ kind: 'journal', journal: 0, customer: role('friday_run'), posting: 'debit' },
      ...{ amountMinor: 34_000, on: debitOn },
    });
    this.#add(creditOn, HOUR.correct, {
      ...{ kind: 'journal', journal: 1, customer: role('partial'), posting: 'credit' },
      ...{ amountMinor: 5_025, on: creditOn },
    });
  }

  /** Purchases live in the same list at Xero: a connector has to tell them apart. */
  #bills(): void {
    const count = Math.min(40, Math.max(3, Math.round(this.#shape.invoices / 50)));
    for (let bill = 0; bill < count; bill += 1) {
      const on = this.#random.dayBetween(this.#shape.startOn, addDays(this.#shape.bornOn, -1));
      this.#add(on, HOUR.issue, {
        kind: 'bill',
        bill,
        supplier: businessName(this.#random, this.#shape.country),
        amountMinor: this.#random.int(4_000, 240_000),
        on,
        dueOn: addDays(on, 30),
      });
    }
  }

  #add(on: Day, minute: number, what: Happening): void {
    this.#events.push({ at: this.#hours.at(on, minute), what });
  }

  #nextPayment(): number {
    return this.#paymentCount++;
  }

  #nextCredit(): number {
    return this.#creditCount++;
  }
}
