/** What left, or was issued, is what the rows say from then on: dropped invoices go, amounts are those that were asked for. */
import type { Tx } from '../store/db.ts';
import type { StandingLine } from './recheck.ts';

export async function keepOnlyWhatIsSaid(
  tx: Tx,
  actionId: string,
  lines: readonly StandingLine[],
): Promise<void> {
  await tx.actionInvoice.deleteMany({
    where: { actionId, invoiceId: { notIn: lines.map((line) => line.invoiceId) } },
  });
  for (const line of lines) {
    await tx.actionInvoice.updateMany({
      where: { actionId, invoiceId: line.invoiceId, openMinor: { not: line.askedMinor } },
      data: { openMinor: line.askedMinor },
    });
  }
}
