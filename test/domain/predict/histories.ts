/** Short payment histories, written the way they are told: raised, due, paid. */
import { addDays, day, type Day } from '../../../src/domain/day.ts';
import type { PaymentObservation } from '../../../src/domain/predict/observation.ts';
import { REGIMES, simulate, type SimulatedInvoice } from '../../support/payment-simulator.ts';

/** `paid` and `due` are days after `issued`; null: not paid. */
export function invoice(
  customer: string,
  issued: string | Day,
  due: number,
  paid: number | null,
  amountMinor: number | null = 100_00,
): PaymentObservation {
  const issuedOn = typeof issued === 'string' ? day(issued) : issued;
  return {
    customer,
    issuedOn,
    dueOn: addDays(issuedOn, due),
    paidOn: paid === null ? null : addDays(issuedOn, paid),
    amountMinor,
    currency: 'NZD',
  };
}

/** Some hundred invoices of thirty customers over ten months, half of them late. */
export function someHistory(seed: number, invoices = 400): SimulatedInvoice[] {
  return simulate({ ...REGIMES.short, customers: 30, invoices, days: 300 }, seed);
}
