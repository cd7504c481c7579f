/**
 * What a letter says, put together once: the PDF and the email that carries it are both made of this,
 * so the sum, the deadline, the date and the reference cannot differ between them.
 */
import type { LetterPaper } from '../documents/letter-pdf.ts';
import { letterPdf } from '../documents/letter-pdf.ts';
import { isLetter } from '../domain/deadline.ts';
import { type Day, formatDay } from '../domain/day.ts';
import {
  deadlineOf,
  type LetterFacts,
  type LetterKind,
  type LetterLine,
  letterWords,
} from '../domain/letter.ts';
import { parsePolicy, type PolicyStep } from '../domain/policy.ts';
import { PolicyError } from '../errors.ts';
import type { Tx } from '../store/db.ts';
import { replyAddressOf, type Sender } from '../domain/senders.ts';
import { signerOf } from './signer.ts';
import { readLetterInterest } from './letter-interest.ts';
import { letterPacks } from './letter-packs.ts';
import type { LoadedReminder } from './load-reminder.ts';
import type { StandingLine } from './recheck.ts';
import { shown } from './reminder-view.ts';
import { fileWords } from '../documents/file-words.ts';

export interface WrittenLetter {
  paper: LetterPaper;
  deadlineOn: Day;
  filename: string;
}

/** `sender` is null where no address is set to write from: then the business signs. */
export async function writeLetter(
  tx: Tx,
  loaded: LoadedReminder,
  lines: readonly StandingLine[],
  sender: Sender | null,
  now: Date,
): Promise<WrittenLetter> {
  const { book, action, customer, today } = loaded;
  if (!isLetter(action)) throw new PolicyError(`"${action.stepName}" writes no letter`);
  const kind: LetterKind = action.template === 'letter-final' ? 'final' : 'formal';
  const wording = letterPacks().wordingFor(book.country, kind, customer.isIndividual);
  const businessName = shown(book.legalName ?? book.name);
  const facts: LetterFacts = {
    kind,
    businessName,
    customerName: shown(customer.name),
    currency: action.currency,
    country: book.country,
    issuedOn: today,
    deadlineOn: action.deadlineOn,
    minimumDays: wording.minimumDays,
    lines: letterLines(lines),
    held: loaded.credits,
    interest: await readLetterInterest(tx, loaded, lines),
    handsOver: await handsOverNext(tx, action),
  };
  const signer = signerOf(loaded, sender);
  return {
    paper: {
      facts,
      texts: wording.render(letterWords(facts)),
      reference: action.reference ?? referenceOf(action.id),
      businessAddress: book.postalAddress,
      customerAddress: customer.postalAddress,
      replyAddress: sender === null ? null : replyAddressOf(sender),
      paymentDetails: book.paymentDetails,
      signature: { name: shown(signer.name ?? businessName), role: signer.role, line: signer.line },
      createdAt: now,
    },
    deadlineOn: deadlineOf(facts),
    filename: `Letter ${fileWords(customer.name)} ${formatDay(today)}.pdf`,
  };
}

export async function letterFile({ paper, filename }: WrittenLetter) {
  return { filename, contentType: 'application/pdf', content: await letterPdf(paper) };
}

/** For an action that was planned without one: short enough to be typed into a bank's form. */
export function referenceOf(actionId: string): string {
  return `L-${actionId.slice(0, 8).toUpperCase()}`;
}

/** What is asked for, and beside it what is disputed and therefore not. */
function letterLines(standing: readonly StandingLine[]): LetterFacts['lines'] {
  const [first, ...rest] = standing.map(({ invoice, dueOn, askedMinor, contestedMinor }) => {
    const openMinor = Math.min(invoice.openMinor, askedMinor + contestedMinor);
    return {
      number: invoice.number,
      issuedOn: invoice.issuedOn,
      dueOn,
      totalMinor: invoice.totalMinor,
      openMinor,
      disputedMinor: openMinor - askedMinor,
    } satisfies LetterLine;
  });
  if (first === undefined) throw new PolicyError('none of its invoices is open any more');
  return [first, ...rest];
}

/** "We intend to" is only true when the policy's next step does it. */
async function handsOverNext(tx: Tx, action: LoadedReminder['action']): Promise<boolean> {
  const version = await tx.policyVersion.findUnique({ where: { id: action.policyVersionId } });
  if (version === null) return false;
  const steps = stepsOf(version.text);
  const at = steps.findIndex((step) => step.key === action.step);
  return at !== -1 && steps[at + 1]?.channel === 'hand_over';
}

/** A version of long ago may be in words that are not read any more: then nothing is announced. */
function stepsOf(text: string): readonly PolicyStep[] {
  try {
    return parsePolicy(text).steps;
  } catch (err) {
    if (err instanceof PolicyError) return [];
    throw err;
  }
}
