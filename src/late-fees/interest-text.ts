/** A reading of interest in words, as the command line prints it and an evidence pack keeps it. */
import { interestWorking } from '../domain/interest/interest-working.ts';
import type { InterestReading } from '../store/interest.ts';

const BASIS: Record<InterestReading['basis'], string> = {
  confirmed: 'By the term that was confirmed.',
  law: 'For information: what the law of the book’s country would grant. Nobody has confirmed that it applies.',
  asked: 'For information: by the rate that was asked about.',
  none: 'No rate is known: confirm the contract’s with `duebook charge-terms`, or ask with --rate.',
};

/** Lines of plain text: what it stands on, and the working of each currency. */
export function interestText({ basis, confirmed, note, claims }: InterestReading): string[] {
  const lines = [BASIS[basis]];
  if (confirmed !== null) {
    lines.push(
      `Confirmed by ${confirmed.confirmedBy} on ${confirmed.confirmedAt.toISOString().slice(0, 10)}: ${confirmed.confirmation}`,
    );
  }
  if (note !== null) lines.push(note);
  if (basis !== 'none' && claims.length === 0) lines.push('Nothing is owed in interest.');
  for (const claim of claims) lines.push('', ...interestWorking(claim));
  return lines;
}
