/** From standing invoices to a message: who it goes to, who signs it, and its words. */
import { tidyLines } from '../documents/tidy.ts';
import { deadlineOf, interestSentence, letterDay } from '../domain/letter.ts';
import { resolveRecipients, type Recipients } from '../domain/recipients.ts';
import type { LoadedReminder } from './load-reminder.ts';
import type { StandingLine } from './recheck.ts';
import { type Rendered, type Renderer } from './render.ts';
import { replyAddressOf, type Sender } from '../domain/senders.ts';
import { signerOf } from './signer.ts';
import {
  type Attached,
  type LetterText,
  localeFor,
  type ReminderFacts,
  viewOf,
} from './reminder-view.ts';
import type { WrittenLetter } from './write-letter.ts';
import type { HeldRow } from '../domain/statement.ts';
import { heldLabel } from '../domain/statement-words.ts';

const PDFS_MAX = 5;

/** The same order in which the rules resolved them, of today's addresses. */
export function recipientsOf(
  loaded: Pick<LoadedReminder, 'customer'>,
  lines: readonly StandingLine[],
): Recipients {
  const { customer } = loaded;
  return resolveRecipients({
    invoices: lines.filter((line) => line.isTrigger).map((line) => line.invoice.emailText),
    customer: customer.emailText,
    contacts: customer.contacts,
    dead: customer.deadAddresses,
  });
}

export interface Extras {
  to: readonly string[];
  sender: Sender;
  payLink: string | null;
  attached: Attached;
  /** The letter that it carries; null: it carries none. */
  letter: WrittenLetter | null;
}

export function composeReminder(
  renderer: Renderer,
  loaded: LoadedReminder,
  lines: readonly StandingLine[],
  extras: Extras,
): Rendered {
  const { book, customer, action, today } = loaded;
  const wanted = customer.language ?? 'en';
  const language = renderer.languageOf(action.template, wanted);
  const speaksIt = wanted.toLowerCase().startsWith(language);
  const linked = linkedLine(lines);
  const facts: ReminderFacts = {
    businessName: extras.letter?.paper.facts.businessName ?? book.name,
    greetingName: greetingName(loaded, extras.to),
    customerName: customer.name,
    signer: signerOf(loaded, extras.sender),
    replyAddress: replyAddressOf(extras.sender),
    currency: action.currency,
    locale: localeFor(speaksIt ? wanted : language, book.country),
    today,
    lines: lines.map((line) => ({
      number: line.invoice.number,
      issuedOn: line.invoice.issuedOn,
      dueOn: line.dueOn,
      askedMinor: line.askedMinor,
      totalMinor: line.invoice.totalMinor,
      contestedMinor: line.contestedMinor,
      link: line === linked ? extras.payLink : null,
      isTrigger: line.isTrigger,
    })),
    credits: creditLines(loaded.credits),
    payLink: extras.payLink,
    attached: extras.attached,
    letter: extras.letter === null ? null : letterWordsOf(extras.letter),
  };
  return renderer.render(action.template, language, viewOf(facts));
}

export function creditLines(held: readonly HeldRow[]): ReminderFacts['credits'] {
  return held.map((row) => ({ label: heldLabel(row), amountMinor: row.amountMinor }));
}

/** The letter's own words and figures: an email of its own words could promise another day. */
function letterWordsOf({ paper }: WrittenLetter): LetterText {
  const { facts, texts, reference, paymentDetails } = paper;
  return {
    ...texts,
    reference,
    issuedOn: letterDay(facts.issuedOn, facts.country),
    deadline: letterDay(deadlineOf(facts), facts.country),
    interest: interestSentence(facts),
    howToPay: paymentDetails === null ? [] : tidyLines(paymentDetails).split('\n'),
  };
}

/** Invoices of which a copy is attached. */
export function linesWithPdf(lines: readonly StandingLine[]): StandingLine[] {
  return lines
    .filter((line) => line.isTrigger && line.invoice.kind === 'invoice')
    .slice(0, PDFS_MAX);
}

/** The invoice that the button opens: the one of those that caused the message that is due longest. */
export function linkedLine(lines: readonly StandingLine[]): StandingLine | undefined {
  return lines
    .filter((line) => line.isTrigger && line.invoice.kind === 'invoice')
    .toSorted((a, b) => a.dueOn - b.dueOn)[0];
}

/** A person is greeted when the only address is theirs; otherwise the customer by its name. */
function greetingName(loaded: LoadedReminder, to: readonly string[]): string {
  const [only, ...more] = to;
  if (only === undefined || more.length > 0) return loaded.customer.name;
  const person = loaded.customer.contacts.find(
    (contact) => contact.email.trim().toLowerCase() === only.toLowerCase(),
  );
  const name = person?.name?.trim() ?? '';
  return name === '' ? loaded.customer.name : name;
}

/** A file name that every mail program and file system takes. */
export function pdfName(number: string): string {
  const clean = number.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[-.]+|[-.]+$/g, '');
  return `Invoice ${clean === '' ? 'copy' : clean.slice(0, 60)}.pdf`;
}
