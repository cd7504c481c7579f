/**
 * Who gets the letter. The invoice's own address wins over the customer's, and that over the contact
 * persons marked for emails; the first of these that yields an address is used, alone, and shown.
 * A ledger's field may hold one address, several, or something made to mislead: every address must
 * be a plain one, and a text with a line break or an invisible character in it is refused whole.
 * "ap@acme.co; j.smith@acme.co" gives two; "ap@acme.co\r\nBcc: x@y.z" gives none, and says why.
 */
import { z } from 'zod';
import type { Contact } from './receivables.ts';

export type RecipientSource = 'invoice' | 'customer' | 'contacts';

export interface RecipientTexts {
  /** The address texts of the invoices a message is about. */
  invoices: readonly (string | null)[];
  customer: string | null;
  contacts: readonly Pick<Contact, 'email' | 'includeInEmails'>[];
  /** Addresses from which messages came back (src/domain/bounces.ts), lower case. */
  dead?: readonly string[] | undefined;
}

interface RefusedAddress {
  source: RecipientSource;
  text: string;
  reason: string;
}

export interface Recipients {
  /** Empty: the customer cannot be reached by email. */
  to: string[];
  source: RecipientSource | null;
  refused: RefusedAddress[];
}

/** More than these on one message is a mailing list, not a payer. */
const ADDRESSES_MAX = 10;

// RFC 5321 lets far more through; every character left out here is one that a mail server on the
// way may read as routing (%, !), quoting (") or an option (a leading hyphen).
const LOCAL_PART = /^[a-z0-9_+&'~#=/](?:[a-z0-9_+&'~#=/-]|\.(?!\.|$))*$/i;
const DOMAIN =
  /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?:[a-z]{2,63}|xn--[a-z0-9-]{1,58}[a-z0-9])$/i;

/** One plain address (RFC 5321 lengths, ASCII only), or a reason why it is none. */
export function checkAddress(text: string): { address: string } | { reason: string } {
  const at = text.indexOf('@');
  if (at === -1) return { reason: 'has no @' };
  if (text.indexOf('@', at + 1) !== -1) return { reason: 'has more than one @' };
  const local = text.slice(0, at);
  const domain = text.slice(at + 1);
  if (/[<>"()[\]\\:]/.test(text)) return { reason: 'is not a bare address' };
  if (text.length > 254 || local.length > 64) return { reason: 'is too long for an address' };
  if (!LOCAL_PART.test(local)) return { reason: 'has a malformed part before the @' };
  if (!DOMAIN.test(domain)) return { reason: 'has a malformed domain' };
  return { address: `${local}@${domain.toLowerCase()}` };
}

/** For forms and settings: the same rule as a zod schema. */
export const emailAddress = z.string().transform((text, context) => {
  const checked = checkAddress(text);
  if ('address' in checked) return checked.address;
  context.addIssue({ code: 'custom', message: checked.reason });
  return z.NEVER;
});

// Line and paragraph separators, every control character, and the invisible ones that reorder or hide text.
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}]/u;

/** Reads one text of the ledger. */
export function readAddresses(text: string): {
  to: string[];
  refused: { text: string; reason: string }[];
} {
  const trimmed = text.replace(/^ +| +$/g, '');
  if (trimmed === '') return { to: [], refused: [] };
  if (UNSAFE.test(trimmed)) {
    return { to: [], refused: [{ text, reason: 'holds a line break or an invisible character' }] };
  }
  const to: string[] = [];
  const refused: { text: string; reason: string }[] = [];
  for (const part of trimmed.split(/[,;]/).map((piece) => piece.replace(/^ +| +$/g, ''))) {
    if (part === '') continue;
    const checked = checkAddress(part);
    if ('reason' in checked) refused.push({ text: part, reason: checked.reason });
    else if (!to.some((known) => sameAddress(known, checked.address))) to.push(checked.address);
  }
  if (to.length > ADDRESSES_MAX) {
    return { to: [], refused: [{ text, reason: `holds more than ${ADDRESSES_MAX} addresses` }] };
  }
  return { to, refused };
}

function sameAddress(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

export function resolveRecipients(texts: RecipientTexts): Recipients {
  const refused: RefusedAddress[] = [];
  const read = (source: RecipientSource, text: string): string[] => {
    const found = readAddresses(text);
    refused.push(...found.refused.map((entry) => ({ source, ...entry })));
    const isDead = (address: string) => texts.dead?.includes(address.toLowerCase()) === true;
    for (const address of found.to.filter(isDead)) {
      refused.push({ source, text: address, reason: 'a message to it came back undelivered' });
    }
    return found.to.filter((address) => !isDead(address));
  };
  const onInvoices = agreedAddresses(texts.invoices, (text) => read('invoice', text), refused);
  const sources: [RecipientSource, () => string[]][] = [
    ['invoice', () => (onInvoices.isOnAll ? onInvoices.to : [])],
    ['customer', () => read('customer', texts.customer ?? '')],
    ['contacts', () => contactAddresses(texts.contacts, (text) => read('contacts', text))],
    ['invoice', () => onInvoices.to],
  ];
  for (const [source, addresses] of sources) {
    const to = addresses();
    if (to.length > 0) return { to, source, refused };
  }
  return { to: [], source: null, refused };
}

/**
 * Invoices of one message may name different people. Only an address they agree on is used:
 * otherwise one department would read what is owed for another. When some name none, the
 * customer's own address speaks for all and theirs is the last resort.
 */
function agreedAddresses(
  texts: readonly (string | null)[],
  read: (text: string) => string[],
  refused: RefusedAddress[],
): { to: string[]; isOnAll: boolean } {
  const distinct = [...new Set(texts.map((text) => text ?? ''))].sort();
  const lists = distinct.map(read);
  const named = lists.filter((list) => list.length > 0);
  const [first] = named;
  if (first === undefined) return { to: [], isOnAll: false };
  if (named.every((list) => addressSet(list) === addressSet(first))) {
    return { to: first, isOnAll: named.length === lists.length };
  }
  refused.push({
    source: 'invoice',
    text: named.map((list) => list.join(', ')).join(' / '),
    reason: 'is not the same on the invoices of this message',
  });
  return { to: [], isOnAll: false };
}

function addressSet(list: readonly string[]): string {
  return list
    .map((address) => address.toLowerCase())
    .sort()
    .join(',');
}

function contactAddresses(
  contacts: RecipientTexts['contacts'],
  read: (text: string) => string[],
): string[] {
  const found = contacts.filter((c) => c.includeInEmails).flatMap((c) => read(c.email));
  return found
    .filter((address, index) => found.findIndex((other) => sameAddress(other, address)) === index)
    .slice(0, ADDRESSES_MAX);
}
