/**
 * Moves a provider's records from its ledger into a shared one, step by step. A note in the source says how
 * far it came, so an interrupted run is continued by the same command.
 *
 *   stop ── wait ── copy, compare ── register, close the source ── switch ── start
 *     └──────────── until here it can be taken back ──────────────────┘
 *
 * While the provider stands still, Lambda keeps its events, for an hour at most.
 */
import type { ObjectRecord } from '../../provider/ledger/records.ts';
import { type Attempt, isAtWork } from '../../provider/ledger/records.ts';
import { type RegistrationRecord, registrationKey } from '../../provider/ledger/registration.ts';
import { LEDGER_FORMAT } from '../../provider/ledger/store.ts';
import { type Conflict, type Decisions, type Merge, mergeLedgers } from './ledger-merge.ts';
import {
  bodyOf,
  formatOf,
  type Item,
  itemOf,
  keyOf,
  type LedgerTable,
  revisionOf,
  sameItem,
} from './ledger-table.ts';

/** The provider whose ledger moves. */
export interface MovingProvider {
  /** ARN of the function. */
  readonly arn: string;
  /** Milliseconds after which an invocation has ended, however it ended. */
  readonly timeoutMs: number;
  /** ARN of the table that the function's configuration names. */
  ledger(): Promise<string>;
  /** The reserved concurrency; undefined where none is reserved. */
  concurrency(): Promise<number | undefined>;
  /** Sets it; undefined reserves none, and 0 stops the function. */
  setConcurrency(reserved: number | undefined): Promise<void>;
  /**
   * Gives the function another ledger.
   * @throws NotHereError where that is done elsewhere
   */
  switchTo(table: string): Promise<void>;
}

/** A step that another command has to do; the same move then goes on. */
export class NotHereError extends Error {}

export interface MoveParts {
  source: LedgerTable;
  target: LedgerTable;
  provider: MovingProvider;
  decisions: Decisions;
  clock: { now(): number; sleep(milliseconds: number): Promise<void> };
  say(line: string): void;
}

/** The work of a move. */
export interface MoveReport {
  /** Items by kind. */
  counts: Record<string, number>;
  /** Requests that an invocation works on. */
  running: Attempt[];
  undecided: Conflict[];
  /** Writes that are left to do in the target. */
  changes: number;
}

interface MoveState {
  to: string;
  phase: 'stopping' | 'stopped' | 'closed';
  /** The reserved concurrency of before; null for none. */
  reserved: number | null;
  stoppedAt?: number;
  decisions: [string, 'source' | 'target'][];
}

/** A lease may be some milliseconds longer than the invocation, and clocks differ. */
const MARGIN_MILLISECONDS = 10_000;
const POLL_MILLISECONDS = 5_000;

export class LedgerMove {
  readonly #parts: MoveParts;

  constructor(parts: MoveParts) {
    this.#parts = parts;
  }

  /** The work that is left; reads only. @throws Error where this move makes no sense */
  async report(): Promise<MoveReport> {
    const { clock } = this.#parts;
    const items = await this.#refuseNonsense();
    const { moving, undecided, changes } = await this.#merge(items);
    const counts: Record<string, number> = {};
    for (const key of moving.keys()) {
      const kind = key.split('#')[0] ?? '';
      counts[kind] = (counts[kind] ?? 0) + 1;
    }
    return { counts, running: running(items, clock.now()), undecided, changes: changes.length };
  }

  /** Makes the move, or goes on with it. @throws Error where something has to be decided or mended first */
  async go(): Promise<void> {
    const { target, provider, clock, say } = this.#parts;
    const before = await this.#state();
    if (before === undefined && (await provider.ledger()) === target.arn) {
      say('the provider has this ledger already');
      return;
    }
    const items = await this.#refuseNonsense();
    if (before?.phase !== 'closed') {
      const { undecided } = await this.#merge(items);
      if (undecided.length > 0) throw new Error(inWords(undecided));
      const stopped = await this.#stop(before);
      await this.#waitForInvocations(stopped, clock.now());
      await this.#copy();
      await this.#register();
      await this.#close();
      await this.#note({ ...stopped, phase: 'closed' });
    }
    if ((await provider.ledger()) !== target.arn) {
      say('switching the provider to the new ledger');
      await provider.switchTo(target.arn);
    }
    await this.#start();
    say('moved: the provider works with the new ledger');
  }

  /**
   * Takes a move back that has not started the provider with the new ledger. @throws Error where there is
   * none
   */
  async undo(): Promise<void> {
    const { source, target, provider, say } = this.#parts;
    await Promise.all([all(source), all(target)]);
    const state = await this.#state();
    if (state === undefined)
      throw new Error('There is no unfinished move of this provider: nothing was taken back.');
    if ((await provider.ledger()) === target.arn) {
      say('switching the provider back to its former ledger');
      await provider.switchTo(source.arn);
    }
    await this.#open();
    await this.#takeBackCopies();
    const registration = await target.get(registrationKey(provider.arn));
    if (registration !== undefined) await target.remove(registration);
    await this.#start();
    say('taken back: the provider works with its former ledger');
  }

  // ---- steps

  /** Stops the provider. The note comes first: it has to say what concurrency there was. */
  async #stop(before: MoveState | undefined): Promise<MoveState> {
    const { target, provider, decisions, clock, say } = this.#parts;
    if (before?.phase === 'stopped') return before;
    const reserved = before ? before.reserved : ((await provider.concurrency()) ?? null);
    const state: MoveState = {
      to: target.arn,
      phase: 'stopping',
      reserved,
      decisions: [...(before ? new Map(before.decisions) : []), ...decisions],
    };
    await this.#note(state);
    say('stopping the provider: its reserved concurrency becomes 0, and Lambda keeps its events');
    await provider.setConcurrency(0);
    const stopped: MoveState = { ...state, phase: 'stopped', stoppedAt: clock.now() };
    await this.#note(stopped);
    return stopped;
  }

  /** Waits until every invocation of before has ended, and no request is at work. */
  async #waitForInvocations({ stoppedAt = 0 }: MoveState, since: number): Promise<void> {
    const { source, provider, clock, say } = this.#parts;
    const over = stoppedAt + provider.timeoutMs + MARGIN_MILLISECONDS;
    if (since < over)
      say(`waiting until every invocation has ended, ${Math.ceil((over - since) / 1000)} seconds`);
    for (;;) {
      const now = clock.now();
      if (now >= over && running(await all(source), now).length === 0) return;
      await clock.sleep(now < over ? Math.min(POLL_MILLISECONDS, over - now) : POLL_MILLISECONDS);
    }
  }

  /** Copies what is missing, and compares. */
  async #copy(): Promise<void> {
    const { source, target, say } = this.#parts;
    const { changes, undecided } = await this.#merge(await all(source));
    if (undecided.length > 0) throw new Error(inWords(undecided));
    say(`copying ${changes.length} items`);
    for (const { key, before, after } of changes) {
      if (before !== undefined) await this.#backUp(key, before);
      if (after !== undefined) await target.put(after, before);
      else if (before !== undefined) await target.remove(before);
    }
    const left = await this.#merge(await all(source));
    if (left.changes.length > 0 || left.undecided.length > 0) {
      throw new Error(
        `The ledgers differ after the copy, in ${[...left.changes, ...left.undecided].map(({ key }) => key).join(', ')}. Somebody wrote meanwhile; run the same command again.`,
      );
    }
    say(`compared ${left.moving.size} items: equal`);
  }

  async #register(): Promise<void> {
    const { source, target, provider, clock } = this.#parts;
    const key = registrationKey(provider.arn);
    const before = await target.get(key);
    const movedFrom = source.arn;
    const body: RegistrationRecord = { provider: provider.arn, at: clock.now(), by: 'move', movedFrom };
    await target.put(itemOf(key, body, before ? revisionOf(before) + 1 : 1), before);
  }

  /** Closes the source to the provider: whatever still has it for a ledger refuses every request. */
  async #close(): Promise<void> {
    const { source, target, provider, clock } = this.#parts;
    const key = registrationKey(provider.arn);
    const before = await source.get(key);
    const body: RegistrationRecord = {
      ...((bodyOf(before) as RegistrationRecord | undefined) ?? {
        provider: provider.arn,
        at: clock.now(),
        by: 'installation',
      }),
      movedTo: target.arn,
    };
    await source.put({ ...before, ...itemOf(key, body, before ? revisionOf(before) + 1 : 1) }, before);
  }

  /** Opens the source again. */
  async #open(): Promise<void> {
    const { source, provider } = this.#parts;
    const before = await source.get(registrationKey(provider.arn));
    const body = bodyOf(before) as RegistrationRecord | undefined;
    if (before === undefined || body?.movedTo === undefined) return;
    const { movedTo: _, ...open } = body;
    await source.put({ ...before, ...itemOf(keyOf(before), open, revisionOf(before) + 1) }, before);
  }

  /** Starts the provider as it was before, and forgets the move. */
  async #start(): Promise<void> {
    const { source, provider, say } = this.#parts;
    const state = await this.#state();
    if (state === undefined) return;
    say('starting the provider');
    await provider.setConcurrency(state.reserved ?? undefined);
    for (const item of (await all(source)).values())
      if (keyOf(item).startsWith(this.#backupKey(''))) await source.remove(item);
    const note = await source.get(this.#stateKey);
    if (note !== undefined) await source.remove(note);
  }

  /** Removes from the target what was copied, and puts back what was replaced. */
  async #takeBackCopies(): Promise<void> {
    const { source, target, say } = this.#parts;
    const items = await all(source);
    const there = await all(target);
    let count = 0;
    for (const [key, item] of items) {
      const copy = there.get(key);
      if (copy === undefined || items.has(this.#backupKey(key)) || !isCopy(copy, item)) continue;
      await target.remove(copy);
      count += 1;
    }
    for (const item of items.values()) {
      if (!keyOf(item).startsWith(this.#backupKey(''))) continue;
      const original = bodyOf(item) as Item;
      const now = await target.get(keyOf(original));
      // The revision is a new number, because a writer may know the former ones with other contents.
      const revision = { N: String(Math.max(revisionOf(original), now ? revisionOf(now) : 0) + 1) };
      await target.put({ ...original, revision }, now);
      count += 1;
    }
    say(`took back ${count} items`);
  }

  // ---- what the steps share

  async #merge(items: ReadonlyMap<string, Item>): Promise<Merge> {
    const { target, decisions, clock } = this.#parts;
    const noted = (await this.#state())?.decisions ?? [];
    const known: Decisions = new Map([...noted, ...decisions]);
    return mergeLedgers(items, await all(target), known, clock.now());
  }

  /** @throws Error for a move that would go wrong, whatever is decided */
  async #refuseNonsense(): Promise<Map<string, Item>> {
    const { source, target, provider } = this.#parts;
    if (source.arn === target.arn) throw new Error('The provider has this ledger already.');
    const [items, itemsThere] = [await all(source), await all(target)];
    const others = othersOn(items, provider.arn);
    if (others.length > 0) {
      throw new Error(
        `${source.arn} is the ledger of other providers too, and a move would copy their records: ${others.join(', ')}.`,
      );
    }
    const partition = ({ arn }: { arn: string }) => arn.split(':')[1];
    if (partition(source) !== partition(target))
      throw new Error(
        `${target.arn} is in another partition of AWS; each partition has a ledger of its own.`,
      );
    const state = await this.#state();
    if (state !== undefined && state.to !== target.arn)
      throw new Error(`A move to ${state.to} has begun. Finish it, or take it back with --undo.`);
    const registration = bodyOf(await source.get(registrationKey(provider.arn))) as
      | RegistrationRecord
      | undefined;
    if (registration?.movedTo !== undefined && state === undefined)
      throw new Error(`The records of this provider moved to ${registration.movedTo} before.`);
    const [here, there] = [organizations(items), organizations(itemsThere)];
    if (here.size > 0 && there.size > 0 && [...here].every((id) => !there.has(id))) {
      throw new Error(
        `The ledgers are of different Genesys Cloud organizations: ${[...here].join(', ')} and ${[...there].join(', ')}.`,
      );
    }
    return items;
  }

  get #stateKey() {
    return `MOVE#${this.#parts.provider.arn}`;
  }

  #backupKey(key: string) {
    return `MOVE-BACKUP#${this.#parts.provider.arn}#${key}`;
  }

  async #state(): Promise<MoveState | undefined> {
    return bodyOf(await this.#parts.source.get(this.#stateKey)) as MoveState | undefined;
  }

  async #note(state: MoveState): Promise<void> {
    const { source } = this.#parts;
    const before = await source.get(this.#stateKey);
    await source.put(itemOf(this.#stateKey, state, before ? revisionOf(before) + 1 : 1), before);
  }

  async #backUp(key: string, item: Item): Promise<void> {
    const { source } = this.#parts;
    const backup = this.#backupKey(key);
    // Only the first backup has the original: a repeated run would back up its own write.
    if ((await source.get(backup)) === undefined) await source.put(itemOf(backup, item), undefined);
  }
}

/** ARNs of other providers that use the ledger of these items. */
function othersOn(items: ReadonlyMap<string, Item>, own: string): string[] {
  return bodiesOf<RegistrationRecord>(items, 'PROVIDER')
    .filter(({ provider, movedTo }) => provider !== own && movedTo === undefined)
    .map(({ provider }) => provider);
}

/** Every item of a table. @throws Error where a newer version of the provider has written one */
async function all(table: LedgerTable): Promise<Map<string, Item>> {
  const items = new Map<string, Item>();
  for await (const item of table.items()) items.set(keyOf(item), item);
  const newer = [...items].filter(([, item]) => formatOf(item) > LEDGER_FORMAT);
  const [first] = newer;
  if (first === undefined) return items;
  const [key, item] = first;
  throw new Error(
    `A newer version of the provider has written ${newer.length} items of the ledger ${table.arn}, such as ${key} in format ${formatOf(item)}; this version knows format ${LEDGER_FORMAT}. Nothing was written now: use make move-ledger of that version.`,
  );
}

const bodiesOf = <T>(items: ReadonlyMap<string, Item>, kind: string): T[] =>
  [...items].flatMap(([key, item]) => (key.startsWith(`${kind}#`) ? [bodyOf(item) as T] : []));

/** Attempts that an invocation works on. */
const running = (items: ReadonlyMap<string, Item>, now: number): Attempt[] =>
  bodiesOf<Attempt>(items, 'ATTEMPT').filter((attempt) => isAtWork(attempt, now));

const organizations = (items: ReadonlyMap<string, Item>): Set<string> =>
  new Set(bodiesOf<ObjectRecord>(items, 'OBJECT').map(({ organization }) => organization));

/** Whether an item is a copy: equal to its original, or by the same writer and changed by a decision. */
const isCopy = (copy: Item, original: Item) =>
  sameItem(copy, original) ||
  (original['writer']?.S !== undefined && copy['writer']?.S === original['writer'].S);

const inWords = (conflicts: readonly Conflict[]): string =>
  [
    'Both ledgers have these, with different owners or contents. Decide for each, by --keep <key>=source or --keep <key>=target:',
    ...conflicts.map(({ key, source, target }) => `  ${key}\n    source: ${source}\n    target: ${target}`),
  ].join('\n');
