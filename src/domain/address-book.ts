/**
 * How often a person was written to, whoever of the book's customers it was about: a bookkeeper who pays
 * for three companies has one mailbox. Kept by address while a run goes from debtor to debtor, so that
 * what one of them is sent today counts for the next.
 */
import type { Day } from './day.ts';
import type { CustomerId } from './receivables.ts';

interface Contact {
  customerId: CustomerId;
  address: string;
  on: Day;
  /** It has not left yet, and may still be decided otherwise. */
  isPending: boolean;
}

export class AddressBook {
  readonly #byAddress = new Map<string, Contact[]>();
  readonly #pendingOf = new Map<CustomerId, Set<string>>();

  constructor(contacts: readonly Contact[]) {
    for (const contact of contacts)
      this.#add({ ...contact, address: contact.address.toLowerCase() });
  }

  /** The days on which another customer's message went to the address, or goes today. */
  elsewhere(address: string, debtorId: CustomerId): Day[] {
    return (this.#byAddress.get(address.toLowerCase()) ?? [])
      .filter((contact) => contact.customerId !== debtorId)
      .map((contact) => contact.on);
  }

  /** What a debtor is now to be sent, in the place of what was pending for it. */
  decided(debtorId: CustomerId, messages: readonly { to: readonly string[] }[], on: Day): void {
    for (const address of this.#pendingOf.get(debtorId) ?? []) {
      const left = this.#byAddress
        .get(address)
        ?.filter((contact) => contact.customerId !== debtorId || !contact.isPending);
      this.#byAddress.set(address, left ?? []);
    }
    this.#pendingOf.delete(debtorId);
    for (const { to } of messages) {
      for (const address of to) {
        this.#add({ customerId: debtorId, address: address.toLowerCase(), on, isPending: true });
      }
    }
  }

  #add(contact: Contact): void {
    const { address, customerId } = contact;
    const known = this.#byAddress.get(address);
    if (known === undefined) this.#byAddress.set(address, [contact]);
    else known.push(contact);
    if (!contact.isPending) return;
    const pending = this.#pendingOf.get(customerId);
    if (pending === undefined) this.#pendingOf.set(customerId, new Set([address]));
    else pending.add(address);
  }
}
