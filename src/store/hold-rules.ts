/**
 * What the policies in force say about holds (days of grace, how chasing goes on), for the invoice or
 * the customer a hold is about: the same choice of policy as the daily run makes, for everybody else
 * who has to know how a hold stands.
 */
import type { Day } from '../domain/day.ts';
import type { Hold, HoldRules } from '../domain/holds.ts';
import { choosePolicy, type Scope } from '../domain/policy-choice.ts';
import { parsePolicy } from '../domain/policy.ts';
import type { BookId, CustomerId, InvoiceId } from '../domain/receivables.ts';
import { readFamilies } from './book-facts.ts';
import type { Tx } from './db.ts';
import { idsFrom, jsonRows } from './json-rows.ts';
import { DEFAULT_POLICY_NAME, findLibraryPolicy, findPolicyVersion } from './policies.ts';
import { type AssignmentRow, readAssignments } from './policy-assignments.ts';

export class HoldRulesInForce {
  readonly #library: HoldRules;
  readonly #policies: ReadonlyMap<number, HoldRules>;
  readonly #assigned: ReadonlyMap<string, number>;
  readonly #segments: ReadonlyMap<CustomerId, string>;
  readonly #families: ReadonlyMap<CustomerId, CustomerId>;
  /** What is assigned, and the versions that speak. */
  readonly digest: string;

  private constructor(parts: {
    library: HoldRules;
    policies: ReadonlyMap<number, HoldRules>;
    assigned: readonly AssignmentRow[];
    segments: ReadonlyMap<CustomerId, string>;
    families: ReadonlyMap<CustomerId, CustomerId>;
    digest: string;
  }) {
    this.#library = parts.library;
    this.#policies = parts.policies;
    this.#assigned = new Map(
      parts.assigned.map((row) => [keyOf(row.scope, row.scopeId), row.policyId]),
    );
    this.#segments = parts.segments;
    this.#families = parts.families;
    this.digest = parts.digest;
  }

  static async open(tx: Tx, bookId: BookId, on: Day): Promise<HoldRulesInForce> {
    const assigned = await readAssignments(tx, bookId);
    const policies = new Map<number, HoldRules>();
    const versionIds: (number | undefined)[] = [];
    const rulesOf = async (policyId: number): Promise<HoldRules> => {
      const version = await findPolicyVersion(tx, policyId, on);
      versionIds.push(version?.id);
      return version === null ? BEFORE_ANY_POLICY : parsePolicy(version.text);
    };
    for (const id of new Set(assigned.map((row) => row.policyId))) {
      policies.set(id, await rulesOf(id));
    }
    const library = await findLibraryPolicy(tx, DEFAULT_POLICY_NAME);
    const isNarrow = assigned.some(({ scope }) => scope === 'segment' || scope === 'customer');
    return new HoldRulesInForce({
      library: library === null ? BEFORE_ANY_POLICY : await rulesOf(library.id),
      policies,
      assigned,
      segments: await readSegments(tx, bookId, assigned),
      families: isNarrow ? await readFamilies(tx, bookId) : new Map(),
      digest: JSON.stringify([assigned, versionIds]),
    });
  }

  /** By the first of the invoices it names, which are in the order of their due dates; else by its customer. */
  forHold({ invoices, customerId }: Pick<Hold, 'invoices' | 'customerId'>): HoldRules {
    return this.#choose(invoices[0]?.id ?? null, customerId);
  }

  forInvoice({ id, customerId }: { id: InvoiceId; customerId: CustomerId }): HoldRules {
    return this.#choose(id, customerId);
  }

  #choose(invoiceId: InvoiceId | null, customerId: CustomerId): HoldRules {
    const debtorId = this.#families.get(customerId) ?? customerId;
    const assigned = (scope: Scope, id: string) => this.#assigned.get(keyOf(scope, id)) ?? null;
    const { policyId } = choosePolicy({
      invoice: invoiceId === null ? null : assigned('invoice', invoiceId),
      customer: assigned('customer', customerId) ?? assigned('customer', debtorId),
      segment: assigned('segment', this.#segments.get(debtorId) ?? ''),
      book: assigned('book', ''),
      library: LIBRARY,
    });
    return this.#policies.get(policyId) ?? this.#library;
  }
}

/** No row has this id. */
const LIBRARY = 0;

function keyOf(scope: Scope, id: string): string {
  return `${scope} ${id}`;
}

/** A book that has never had a run has no policy yet: what a policy says that leaves these keys out. */
const BEFORE_ANY_POLICY: HoldRules = parsePolicy(
  'name: None\nsteps: [{ key: none, name: None, at: on due, channel: task }]',
);

/** Of the customers who are in a segment that has a policy of its own. */
async function readSegments(
  tx: Tx,
  bookId: BookId,
  assigned: readonly AssignmentRow[],
): Promise<Map<CustomerId, string>> {
  const names = assigned.filter(({ scope }) => scope === 'segment').map(({ scopeId }) => scopeId);
  if (names.length === 0) return new Map();
  const rows = await jsonRows<{ customerId: CustomerId; segment: string }>(
    tx,
    `select customer_id as "customerId", segment from customer_risk
      where book_id = $1::int and segment = any(${idsFrom('$2')})`,
    bookId,
    JSON.stringify(names),
  );
  return new Map(rows.map((row) => [row.customerId, row.segment]));
}
