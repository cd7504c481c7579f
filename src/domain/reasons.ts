/**
 * Why an invoice was not paid on time, and whose doing it is: ours (it never arrived, it was wrong),
 * the customer's (forgotten, no money), contested, or that of a bank or a portal between us. Half of
 * late payment is mended at home, so the reason is asked for at every call and counted afterwards.
 * INV-7 for 1,200.00 without its order number: `po_missing`, our fault, and it may be disputed until
 * a corrected invoice goes out.
 */

export const FAULTS = ['ours', 'customer', 'dispute', 'third_party'] as const;
export type Fault = (typeof FAULTS)[number];

interface ReasonFacts {
  /** As a report and a form show it. */
  words: string;
  fault: Fault;
  /** The customer contests the invoice or part of it: that amount is not asked for until it is settled. */
  contests: boolean;
}

const ours = (words: string, contests = false): ReasonFacts => ({ words, fault: 'ours', contests });
const theirs = (words: string): ReasonFacts => ({ words, fault: 'customer', contests: false });
const contested = (words: string): ReasonFacts => ({ words, fault: 'dispute', contests: true });
const between = (words: string): ReasonFacts => ({ words, fault: 'third_party', contests: false });

export const REASONS = {
  invoice_not_received: ours('The invoice did not arrive'),
  sent_to_wrong_person: ours('It went to the wrong person'),
  invoice_error: ours('An error on the invoice (address, period, tax number)', true),
  po_missing: ours('The order number is missing or wrong', true),
  duplicate_invoice: ours('Invoiced twice', true),
  credit_owed: ours('A credit note that we owe has not been issued', true),
  payment_details_unclear: ours('Our bank details were missing or unclear'),
  payment_not_recorded: ours('It was paid and we had not recorded it'),

  price_differs: contested('The price is not what was agreed'),
  quantity_differs: contested('Less was delivered than invoiced'),
  not_delivered: contested('Nothing was delivered yet'),
  quality: contested('The goods or the work are faulty'),
  not_ordered: contested('It was not ordered'),
  terms_differ: contested('The payment terms are not what was agreed'),
  other_dispute: contested('Contested for another reason'),

  forgotten: theirs('Forgotten'),
  approval_pending: theirs('Not yet approved on their side'),
  payment_run: theirs('Waits for their next payment run'),
  person_absent: theirs('The person who pays is away'),
  no_funds: theirs('No money at the moment'),
  waits_for_own_customer: theirs('They wait for their own customer to pay'),
  pays_late_by_habit: theirs('They pay later than agreed as a rule'),
  insolvent: theirs('Insolvent or in administration'),
  refuses: theirs('They refuse without giving a reason'),
  no_answer: theirs('Nobody answers'),

  bank_delay: between('The bank delayed or returned the payment'),
  card_or_debit_failed: between('The card or direct debit failed'),
  portal: between('Their invoice portal rejected it or did not pass it on'),
  mail_blocked: between('A mail system blocked our message'),
  funder_or_insurer: between('A funder, factor or insurer has not released it'),
} as const satisfies Readonly<Record<string, ReasonFacts>>;

export type ReasonCode = keyof typeof REASONS;

export const REASON_CODES = Object.keys(REASONS) as ReasonCode[];

/** The reasons a dispute may be raised for. */
export const DISPUTE_REASONS: readonly ReasonCode[] = REASON_CODES.filter(
  (code) => REASONS[code].contests,
);

export const FAULT_WORDS: Readonly<Record<Fault, string>> = {
  ours: 'our own doing',
  customer: 'the customer’s',
  dispute: 'contested',
  third_party: 'a bank, portal or other third party',
};

export function isReasonCode(text: string): text is ReasonCode {
  return Object.hasOwn(REASONS, text);
}
