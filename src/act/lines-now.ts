/** What an action lists, by what the database knows today: nothing is asked of the ledger. */
import { PolicyError } from '../errors.ts';
import type { LoadedReminder } from './load-reminder.ts';
import { recheck, type StandingLine } from './recheck.ts';

/** Lines that stand today; when none does, the lines as they were planned, so that there is something to read. */
export function linesNow(loaded: LoadedReminder): StandingLine[] {
  const context = {
    today: loaded.today,
    plannedOn: loaded.action.plannedOn,
    currency: loaded.action.currency,
    debtorId: loaded.customer.id,
    debtorOf: () => loaded.customer.id,
    holds: loaded.holds,
    holdRules: loaded.holdRules,
  };
  const lines: StandingLine[] = [];
  const asPlanned: StandingLine[] = [];
  for (const listed of loaded.listed) {
    const current = loaded.mirror.get(listed.invoiceId) ?? null;
    const verdict = recheck(listed, current, context);
    if (verdict.stands) lines.push(verdict.line);
    if (current !== null) {
      const { openMinor } = current;
      asPlanned.push({ ...listed, invoice: current, askedMinor: openMinor, contestedMinor: 0 });
    }
  }
  const shown = lines.some((line) => line.isTrigger) ? lines : asPlanned;
  if (shown.length === 0) throw new PolicyError('none of its invoices is known any more');
  return shown;
}
