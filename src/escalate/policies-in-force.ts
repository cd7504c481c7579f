/** Which policy speaks for a customer on a day, and its rules ready to use. Texts are read once per run. */
import type { PolicySource } from '../domain/dunning-case.ts';
import type { Day } from '../domain/day.ts';
import { choosePolicy } from '../domain/policy-choice.ts';
import { parsePolicy, type Policy } from '../domain/policy.ts';
import { AppError } from '../errors.ts';
import { defaultPolicyText } from './default-policy.ts';
import type { Tx } from '../store/db.ts';
import { findLibraryPolicy, findPolicyVersion } from '../store/policies.ts';

export interface PolicyInForce {
  policy: Policy;
  versionId: number;
  version: number;
  source: PolicySource;
}

export class PoliciesInForce {
  readonly #on: Day;
  readonly #libraryId: number;
  readonly #bookPolicyId: number | null;
  readonly #read = new Map<number, Omit<PolicyInForce, 'source'>>();

  private constructor(on: Day, libraryId: number, bookPolicyId: number | null) {
    this.#on = on;
    this.#libraryId = libraryId;
    this.#bookPolicyId = bookPolicyId;
  }

  /** Without a library policy (nothing has ever run) the default text speaks, unsaved. */
  static async open(
    tx: Tx,
    on: Day,
    policies: { libraryId: number | null; bookPolicyId: number | null },
  ): Promise<PoliciesInForce> {
    const unsaved = parsePolicy(await defaultPolicyText());
    const known = policies.libraryId ?? (await findLibraryPolicy(tx, unsaved.name))?.id;
    const opened = new PoliciesInForce(on, known ?? UNSAVED, policies.bookPolicyId);
    if (known === undefined) {
      opened.#read.set(UNSAVED, { policy: unsaved, versionId: UNSAVED, version: 1 });
    }
    return opened;
  }

  async forCustomer(tx: Tx, customerPolicyId: number | null): Promise<PolicyInForce> {
    const { policyId, source } = choosePolicy({
      invoice: null,
      customer: customerPolicyId,
      book: this.#bookPolicyId,
      library: this.#libraryId,
    });
    return { ...(await this.#get(tx, policyId)), source };
  }

  forBook(tx: Tx): Promise<PolicyInForce> {
    return this.forCustomer(tx, null);
  }

  async #get(tx: Tx, policyId: number): Promise<Omit<PolicyInForce, 'source'>> {
    const known = this.#read.get(policyId);
    if (known !== undefined) return known;
    const row = await findPolicyVersion(tx, policyId, this.#on);
    if (row === null) throw new AppError('policy.no_version', `policy ${policyId} has no version`);
    const read = { policy: parsePolicy(row.text), versionId: row.id, version: row.number };
    this.#read.set(policyId, read);
    return read;
  }
}

/** No row has this id. */
const UNSAVED = 0;
