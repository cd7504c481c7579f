/**
 * The work a settlement leaves once it is met: what was given up is to be credited, so that it stops
 * standing open. One task for each settlement; the credit note in the ledger ends it by itself.
 * 800.00 of 1,000.00 paid as settled: "credit the rest", 200.00.
 */
import type { CustomerCase, DunningContext, Proposal } from './dunning-case.ts';
import { groupBy } from './group-by.ts';
import { modeOfStep } from './policy.ts';
import { CREDIT_THE_REST } from './settlement.ts';
import type { Standing } from './standing.ts';

export function creditTasks(
  standings: readonly Standing[],
  customer: CustomerCase,
  context: DunningContext,
): Proposal[] {
  const met = standings.filter(({ verdict }) => verdict?.reason.code === 'settlement_met');
  return [...groupBy(met, (standing) => standing.verdict?.actionKey ?? '')].flatMap(
    ([key, own]): Proposal[] => {
      const [first] = own;
      if (first === undefined) return [];
      const { currency } = first.invoice;
      const invoices = own.map(({ invoice, dueOn }) => ({
        invoiceId: invoice.id,
        step: CREDIT_THE_REST.key,
        isTrigger: true,
        dueOn,
        amountMinor: invoice.openMinor,
      }));
      const totalMinor = invoices.reduce((sum, invoice) => sum + invoice.amountMinor, 0);
      return [
        {
          key,
          step: CREDIT_THE_REST,
          rules: first.rules,
          mode: modeOfStep(CREDIT_THE_REST, first.rules.policy, context.mode),
          debtorId: customer.debtor.id,
          to: [],
          currency,
          invoices,
          totalMinor,
          deadlineOn: null,
          isApproved: false,
        },
      ];
    },
  );
}
