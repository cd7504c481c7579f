/** A ledger in memory: invoices as they are now, notes as they were written, and answers that fail on demand. */
import type { Ledger, NoteTarget, NoteToWrite } from '../../connectors/ledger.ts';
import type { Day } from '../../src/domain/day.ts';
import type { Invoice } from '../../src/domain/receivables.ts';

export interface FakeNote {
  id: string;
  target: NoteTarget;
  text: string;
  requestId: string;
  notAfter: Date;
}

type Calls =
  'readInvoice' | 'invoicePdf' | 'payLink' | 'findNote' | 'writeNote' | 'setExpectedPayDate';

export class FakeLedger implements Ledger {
  readonly platform = 'xero';
  readonly invoices = new Map<string, Invoice>();
  readonly notes: FakeNote[] = [];
  readonly calls: Calls[] = [];
  link: string | null = 'https://pay.example/view';
  pdf: Buffer = Buffer.from('%PDF-1.4 fake');
  /** Like Xero; QuickBooks has no expected payment date. */
  takesDates = true;
  /** Thrown by the call of that name, once for each entry. */
  failures: { call: Calls; error: Error; after?: boolean }[] = [];
  /** Awaited at the start of a call. */
  before: (call: Calls) => Promise<void> = () => Promise.resolve();

  organisation(): never {
    throw new Error('not played');
  }

  pull(): never {
    throw new Error('not played');
  }

  setExpectedPayDate(id: string, on: Day): Promise<boolean> {
    return this.#answer('setExpectedPayDate', () => {
      const invoice = this.invoices.get(id);
      if (!this.takesDates || invoice === undefined) return false;
      this.invoices.set(id, { ...invoice, expectedPayOn: on });
      return true;
    });
  }

  readInvoice(id: string): Promise<Invoice | null> {
    return this.#answer('readInvoice', () => this.invoices.get(id) ?? null);
  }

  invoicePdf(): Promise<Buffer> {
    return this.#answer('invoicePdf', () => this.pdf);
  }

  payLink(): Promise<string | null> {
    return this.#answer('payLink', () => this.link);
  }

  findNote(target: NoteTarget, ref: string): Promise<string | null> {
    return this.#answer('findNote', () => {
      const found = this.notes.find(
        (note) => note.target.id === target.id && note.text.includes(ref),
      );
      return found?.id ?? null;
    });
  }

  writeNote(note: NoteToWrite): Promise<string> {
    return this.#answer('writeNote', () => {
      const id = `note-${this.notes.length + 1}`;
      const { target, text, requestId, notAfter } = note;
      this.notes.push({ id, target, text, requestId, notAfter });
      return id;
    });
  }

  async #answer<T>(call: Calls, work: () => T): Promise<T> {
    this.calls.push(call);
    await this.before(call);
    const index = this.failures.findIndex((failure) => failure.call === call);
    const [failure] = index === -1 ? [] : this.failures.splice(index, 1);
    if (failure !== undefined && failure.after !== true) throw failure.error;
    const result = work();
    // The call took effect, and its answer got lost.
    if (failure !== undefined) throw failure.error;
    return result;
  }
}
