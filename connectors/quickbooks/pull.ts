/**
 * Bringing the local copy up to date. The first time, and when the change list no longer reaches
 * back far enough, every entity is read whole. After that one call asks for all changes. Once a day
 * the blind spots are swept: customers are read again because their balance moves without a change
 * of theirs, open invoices because they are what gets people reminded.
 */
import type { RecordKind } from '../../src/domain/receivables.ts';
import type { Cursor, LedgerPage, PullOptions } from '../ledger.ts';
import { readChanges } from './changes.ts';
import type { Client } from './client.ts';
import { type Place, readCursor, type State, type Step, type Walk, writeCursor } from './cursor.ts';
import { ENTITIES, type Entity, FACTS } from './entities.ts';
import { readEntityPage } from './paging.ts';
import { instantText } from './query.ts';
import { createMapper, type Mapper, type Records } from './records.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** Answers of the change list may lack what was written a moment ago. */
const OVERLAP_MS = 5 * MINUTE_MS;
/** Intuit keeps changes for 30 days, and answers an older question with a part and without an error. */
const REACH_MS = 29 * DAY_MS;
const SWEEP_EVERY_MS = DAY_MS;
const START: Place = { from: null, skip: 0 };
const ALL_KINDS: RecordKind[] = ['customer', 'invoice', 'credit', 'payment'];

export async function* pull(
  client: Client,
  cursor: Cursor | null,
  options: PullOptions,
): AsyncGenerator<LedgerPage> {
  const given = readCursor(cursor);
  const puller = new Puller(client, given, options);
  yield* puller.run();
}

class Puller {
  readonly #client: Client;
  readonly #mapper: Mapper;
  readonly #options: PullOptions;
  #state: State;

  constructor(client: Client, state: State, options: PullOptions) {
    this.#client = client;
    this.#options = options;
    this.#state = isOutOfReach(state.walk?.startedAt, options.now)
      ? { ...state, walk: null }
      : state;
    this.#mapper = createMapper(client, state.homeCurrency);
  }

  async *run(): AsyncGenerator<LedgerPage> {
    // What a crash broke off comes first.
    yield* this.#finishWalk();
    const { watermark } = this.#state;
    if (watermark === null || isOutOfReach(watermark, this.#options.now)) {
      this.#begin('full', allSteps());
      yield* this.#finishWalk();
      return;
    }
    yield* this.#readChanges(watermark);
    if (!this.#sweepIsDue()) return;
    if (this.#state.fullWalkDue) this.#begin('full', allSteps());
    else this.#begin('sweep', [step('Customer', 'all'), step('Invoice', 'open')]);
    yield* this.#finishWalk();
  }

  #sweepIsDue(): boolean {
    const { sweep, now } = this.#options;
    if (sweep !== 'auto') return sweep === 'always';
    const { sweptAt, fullWalkDue } = this.#state;
    return fullWalkDue || sweptAt === null || now.getTime() - Date.parse(sweptAt) >= SWEEP_EVERY_MS;
  }

  /** One call for all entities. An answer as long as Intuit allows may be cut: then each is asked alone. */
  async *#readChanges(since: string): AsyncGenerator<LedgerPage> {
    const changes = await readChanges(this.#client, ENTITIES, new Date(since));
    const answeredAt = changes.answeredAt ?? this.#options.now;
    const watermark = instantText(new Date(answeredAt.getTime() - OVERLAP_MS));
    if (changes.isCut) {
      const steps = ENTITIES.map((entity) => step(entity, 'changes', since));
      this.#begin('catch_up', steps, watermark);
      yield* this.#finishWalk();
      return;
    }
    const records = await this.#mapper.map(changes.rows, 'changes');
    this.#state = { ...this.#state, watermark };
    yield this.#page(records, { label: 'changes', inFullWalk: false });
  }

  #begin(purpose: Walk['purpose'], steps: Step[], watermark: string | null = null): void {
    const walk: Walk = {
      purpose,
      steps,
      place: START,
      page: 0,
      isFirst: true,
      startedAt: instantText(this.#options.now),
      watermark,
      holes: [],
    };
    this.#state = { ...this.#state, walk };
  }

  async *#finishWalk(): AsyncGenerator<LedgerPage> {
    while (this.#state.walk !== null) yield await this.#nextPage(this.#state.walk);
  }

  async #nextPage(walk: Walk): Promise<LedgerPage> {
    const [current] = walk.steps;
    if (current === undefined) throw new Error('a walk without steps');
    if (current.mode === 'changes') return this.#nextChanges(walk, current);
    const read = await readEntityPage(this.#client, current, walk.place);
    const records = await this.#mapper.map({ [current.entity]: read.rows }, 'walk');
    records.quarantined.push(...read.unreadable);
    const hasHole = read.unreadable.length > 0 && !walk.holes.includes(current.entity);
    const after: Walk = {
      ...walk,
      isFirst: false,
      page: walk.page + 1,
      place: read.next ?? START,
      watermark: watermarkOf(walk, read.answeredAt),
      holes: hasHole ? [...walk.holes, current.entity] : walk.holes,
    };
    this.#state = { ...this.#state, walk: after };
    if (read.next === null) this.#endStep(after);
    return this.#page(records, {
      label: labelOf(current, walk.page + 1),
      inFullWalk: current.mode === 'all',
      ...boundsOf(walk, after, current, read.next === null),
    });
  }

  /** The change list of one entity alone; when even that is cut, its changed rows are queried instead. */
  async #nextChanges(walk: Walk, current: Step): Promise<LedgerPage> {
    const since = current.since ?? walk.startedAt;
    const changes = await readChanges(this.#client, [current.entity], new Date(since));
    if (changes.isCut) {
      const [, ...rest] = walk.steps;
      const steps = [step(current.entity, 'since', since), ...rest];
      // Deletions are told by the change list only.
      this.#state = { ...this.#state, fullWalkDue: true, walk: { ...walk, steps } };
      return this.#nextPage({ ...walk, steps });
    }
    const records = await this.#mapper.map(changes.rows, 'changes');
    this.#endStep({ ...walk, isFirst: false });
    return this.#page(records, {
      label: `changes of ${FACTS[current.entity].label}`,
      inFullWalk: false,
    });
  }

  #endStep(walk: Walk): void {
    const [, ...steps] = walk.steps;
    if (steps.length > 0) {
      this.#state = { ...this.#state, walk: { ...walk, steps, place: START, page: 0 } };
      return;
    }
    const isSweep = walk.purpose !== 'catch_up';
    this.#state = {
      ...this.#state,
      walk: null,
      watermark: walk.watermark ?? this.#state.watermark,
      sweptAt: isSweep ? walk.startedAt : this.#state.sweptAt,
      fullWalkDue: walk.purpose === 'full' ? false : this.#state.fullWalkDue,
    };
  }

  #page(
    records: Records,
    place: Pick<LedgerPage, 'label' | 'inFullWalk'> &
      Partial<Pick<LedgerPage, 'fullWalkStarts' | 'fullWalkEnds'>>,
  ): LedgerPage {
    this.#state = { ...this.#state, homeCurrency: this.#mapper.homeCurrency };
    return {
      fullWalkStarts: [],
      fullWalkEnds: [],
      ...records,
      ...place,
      cursor: writeCursor(this.#state),
    };
  }
}

function step(entity: Entity, mode: Step['mode'], since: string | null = null): Step {
  return { entity, mode, since };
}

function allSteps(): Step[] {
  return ENTITIES.map((entity) => step(entity, 'all'));
}

function isOutOfReach(instant: string | undefined, now: Date): boolean {
  return instant !== undefined && now.getTime() - Date.parse(instant) > REACH_MS;
}

/** A full walk sets the watermark when its first page is answered, by Intuit's clock. */
function watermarkOf(walk: Walk, answeredAt: Date | null): string | null {
  if (walk.purpose !== 'full' || walk.watermark !== null) return walk.watermark;
  const known = answeredAt ?? new Date(walk.startedAt);
  return instantText(new Date(known.getTime() - OVERLAP_MS));
}

/** What this page opens and closes, for whoever wants to know what has vanished. */
function boundsOf(
  walk: Walk,
  after: Walk,
  current: Step,
  isLast: boolean,
): Pick<LedgerPage, 'fullWalkStarts' | 'fullWalkEnds'> {
  const starts = walk.purpose === 'full' ? ALL_KINDS : FACTS[current.entity].kinds;
  const holes = new Set(after.holes.flatMap((entity) => FACTS[entity].kinds));
  const ends = current.mode === 'all' && isLast ? FACTS[current.entity].completes : [];
  return {
    fullWalkStarts: walk.isFirst && current.mode === 'all' ? starts : [],
    fullWalkEnds: ends.filter((kind) => !holes.has(kind)),
  };
}

function labelOf(current: Step, page: number): string {
  const { label } = FACTS[current.entity];
  const subject = { all: label, open: `open ${label}`, since: `changed ${label}`, changes: label };
  return `${subject[current.mode]}, page ${page}`;
}
