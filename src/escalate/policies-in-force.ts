/** The policies that can speak in a book on a day, read once per run, and which of them speaks for an invoice. */
import { sendCalendar } from '../domain/calendar.ts';
import type { Day } from '../domain/day.ts';
import type { Rules } from '../domain/dunning-case.ts';
import { choosePolicy, type OwnPolicies } from '../domain/policy-choice.ts';
import { modeOfStep, parsePolicy, type Policy } from '../domain/policy.ts';
import type { BookId } from '../domain/receivables.ts';
import { AppError } from '../errors.ts';
import { defaultPolicyText } from './default-policy.ts';
import type { Tx } from '../store/db.ts';
import { DEFAULT_POLICY_NAME, findLibraryPolicy, findPolicyVersion } from '../store/policies.ts';
import {
  type AssignmentRow,
  readAssignedPolicyIds,
  readWideAssignments,
} from '../store/policy-assignments.ts';

export interface OpenPolicies {
  bookId: BookId;
  on: Day;
  /** null: nothing has ever run; then the default text speaks, unsaved. */
  libraryId: number | null;
  holidays: ReadonlySet<Day>;
}

type Version = Omit<Rules, 'source'>;

export class PoliciesInForce {
  readonly #libraryId: number;
  readonly #wide: readonly AssignmentRow[];
  readonly #versions: ReadonlyMap<number, Version>;
  readonly #rules = new Map<string, Rules>();

  private constructor(
    libraryId: number,
    wide: readonly AssignmentRow[],
    versions: ReadonlyMap<number, Version>,
  ) {
    this.#libraryId = libraryId;
    this.#wide = wide;
    this.#versions = versions;
  }

  static async open(tx: Tx, opened: OpenPolicies): Promise<PoliciesInForce> {
    const { bookId, on, holidays } = opened;
    const unsaved = parsePolicy(await defaultPolicyText());
    const libraryId = opened.libraryId ?? (await findLibraryPolicy(tx, DEFAULT_POLICY_NAME))?.id;
    const ids = await readAssignedPolicyIds(tx, bookId);
    const versions = new Map<number, Version>();
    const add = (policyId: number, policy: Policy, versionId: number, version: number) => {
      const calendar = sendCalendar(policy.calendar, holidays);
      versions.set(policyId, { policy, versionId, version, calendar });
    };
    if (libraryId === undefined) add(UNSAVED, unsaved, UNSAVED, 1);
    else ids.push(libraryId);
    for (const policyId of new Set(ids)) {
      const row = await findPolicyVersion(tx, policyId, on);
      if (row === null) {
        throw new AppError('policy.no_version', `policy ${policyId} has no version`);
      }
      add(policyId, parsePolicy(row.text), row.id, row.number);
    }
    const wide = await readWideAssignments(tx, bookId);
    return new PoliciesInForce(libraryId ?? UNSAVED, wide, versions);
  }

  /** What is assigned to the book as a whole and to its segments. */
  get wide(): readonly AssignmentRow[] {
    return this.#wide;
  }

  /** The policy that speaks, given what is assigned to an invoice and its customer themselves. */
  rulesFor(own: OwnPolicies, segment: string | null): Rules {
    const ofSegment = this.#assigned('segment', segment ?? '');
    const book = this.#assigned('book', '');
    const choice = choosePolicy({ ...own, segment: ofSegment, book, library: this.#libraryId });
    const key = `${choice.policyId} ${choice.source}`;
    const known = this.#rules.get(key);
    if (known !== undefined) return known;
    const version = this.#versions.get(choice.policyId);
    if (version === undefined) throw new Error(`policy ${choice.policyId} was not read`);
    const rules = { ...version, source: choice.source };
    this.#rules.set(key, rules);
    return rules;
  }

  /** What speaks where nothing narrower does. */
  forBook(): Rules {
    return this.rulesFor({ invoice: null, customer: null }, null);
  }

  /** Something of it is in shadow mode while the book is not. */
  hasShadow(): boolean {
    return [...this.#versions.values()].some(({ policy }) =>
      policy.steps.some((step) => modeOfStep(step, policy, 'automatic') === 'shadow'),
    );
  }

  /** Some policy sends statements by the calendar. */
  hasStatements(): boolean {
    return [...this.#versions.values()].some(({ policy }) => policy.statements !== null);
  }

  #assigned(scope: 'segment' | 'book', scopeId: string): number | null {
    const found = this.#wide.find((row) => row.scope === scope && row.scopeId === scopeId);
    return found?.policyId ?? null;
  }
}

/** No row has this id. */
const UNSAVED = 0;
