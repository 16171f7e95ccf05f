import { endOfRepeats } from '../../common/deadline.ts';
import { messageOf, RefusedError } from '../../common/errors.ts';
import { collect } from '../genesys/index.ts';
import { describeOwner, NameClaimedError, type ObjectRecord, type Step } from '../ledger/index.ts';
import { invalidProperty } from '../properties/index.ts';
import { type AdoptionProperties, adoptionRules, type Found, findExisting, NOT_APPLIED } from './adoption.ts';
import { type CollectionPreviewRules, collectionPreview } from './collection-preview.ts';
import { isUniqueName, makeOnce, takeOver, uniqueName } from './making.ts';
import type { Operation } from './operation.ts';
import {
  type AdoptionRules,
  GoneError,
  missingAndListed,
  type RemoteObject,
  type Removal,
  type ResourceType,
  type Result,
} from './resource-type.ts';
import {
  deleteAndWait,
  GONE_AFTER_MILLISECONDS,
  isMissing,
  isNoObject,
  isSeenSoon,
  onExisting,
  patiently,
  seenSoon,
  untilIndexed,
} from './waiting.ts';

/** Facts about an object that the ledger keeps; not secret. */
export type Details = Record<string, string>;

/** An object as Genesys Cloud answers it. */
interface Named {
  id?: string;
  name?: string;
}

/** The input of a write. */
export interface Wanted<P, Prepared> {
  properties: P;
  prepared: Prepared;
  /** Facts about the parts that were made before. */
  details: Details;
}

/** The calls of a collection. None of them looks at the ledger. */
export interface CollectionApi<P, Remote, Prepared> {
  read(id: string, operation: Operation): Promise<Remote>;
  /** Objects that the list shows: of one id, or all of them. */
  list(id: string | undefined, operation: Operation): AsyncGenerator<Remote>;
  /**
   * Objects of exactly this name, wherever in the organization; where others can look alike, only those that
   * can.
   */
  named(name: string, properties: P | undefined, operation: Operation): Promise<Remote[]>;
  make(name: string, wanted: Wanted<P, Prepared>, operation: Operation): Promise<Remote>;
  /**
   * Writes everything that can change, the name too. `known` is the object as it was just read or made; it
   * may be outdated. Repeats version conflicts.
   */
  change(
    id: string,
    wanted: Wanted<P, Prepared>,
    known: Remote | undefined,
    operation: Operation,
  ): Promise<Remote | undefined>;
  remove(id: string, operation: Operation): Promise<unknown>;
}

/** Things that are made before the object, belong to it alone, and go with it: a credential. */
export interface Parts<P, Prepared> {
  make(prepared: Prepared, properties: P, operation: Operation): Promise<Details>;
  /** Converges those of an existing object; `obsolete` are ids that its new configuration no longer names. */
  converge(
    object: RemoteObject,
    prepared: Prepared,
    properties: P,
    operation: Operation,
  ): Promise<{ details: Details; obsolete: string[] }>;
  /** Ids of the parts that are removed with the object, asked before it is. */
  goingWith(
    object: RemoteObject,
    properties: Record<string, unknown>,
    operation: Operation,
  ): Promise<string[]>;
  /** Ids of the parts that were made for an adopted object, and go when it is put back. */
  madeFor(object: RemoteObject): string[];
  /** Facts that the record keeps of the parts which an adopted object had of its owner before. */
  inherited?(record: ObjectRecord | undefined): Details;
  remove(id: string, operation: Operation): Promise<void>;
  undo(step: Step, operation: Operation): Promise<void>;
  /** Facts that `make` will answer for certain, for `plan`. */
  expected?(properties: P): Details;
}

/**
 * Names of which a place has one: the ledger keeps them for their owner, and the list shows those of others.
 */
export interface UniqueNames<P> {
  /** The name in the ledger: place and name, unlike that of any other type. */
  claim(properties: P, operation: Operation): string;
  /** The place as a person calls it, at the beginning of a sentence: `Integration 4711`. */
  place(properties: P): string;
}

/** How objects of a collection are taken over. */
export interface CollectionAdoption<P, Remote, Prepared> {
  /** @throws RefusedError where the object cannot become what the properties say */
  refuseOther(found: Remote, properties: P): void | Promise<void>;
  /** Its state, as JSON. */
  stateOf(found: Remote, operation: Operation): Promise<unknown>;
  /**
   * Whether an object in that state is already what is wanted, so that taking it over writes nothing. Missing
   * for a type that always writes.
   */
  isAsWanted?(state: unknown, wanted: Wanted<P, Prepared>): boolean | Promise<boolean>;
  /** Writes that state again. */
  restore(id: string, state: unknown, operation: Operation): Promise<void>;
}

/** The end of a create or update: waits until the object works, tests it. */
export interface Written<P, Remote, Prepared> extends Wanted<P, Prepared> {
  id: string;
  /** As it was before the write; undefined for a new one. */
  before: Remote | undefined;
  /** As the write answered; undefined where it answered nothing. */
  after: Remote | undefined;
  /** Made by this request. */
  isNew: boolean;
  /** It was taken over as it is, and nothing was written. */
  isUntouched?: boolean;
  record: ObjectRecord | undefined;
}

/** A type whose objects are made, read, changed and deleted one by one, and have names. */
export interface Collection<P extends AdoptionProperties, WrittenProperties, Remote extends Named, Prepared>
  extends Pick<
    ResourceType<P, WrittenProperties>,
    | 'typeName'
    | 'kind'
    | 'servedByDefault'
    | 'about'
    | 'drift'
    | 'schema'
    | 'resolve'
    | 'canonical'
    | 'outside'
    | 'resolvedFrom'
    | 'replacement'
    | 'defaults'
    | 'attributes'
    | 'guardReplacement'
    | 'deletionGuard'
    | 'usersOf'
  > {
  /** As a person calls one of them: `data action`. */
  noun: string;
  nameOf(properties: P): string;
  preview?: CollectionPreviewRules<P, Prepared>;
  api: CollectionApi<P, Remote, Prepared>;
  /** Refuses, before the first write, what cannot work. */
  check?(properties: P, operation: Operation, isCreate: boolean): void | Promise<void>;
  /** Reads what the writes need; of an object that exists, only the differences from it. */
  prepare(properties: P, operation: Operation, object?: RemoteObject): Promise<Prepared>;
  parts?: Parts<P, Prepared>;
  uniqueNames?: UniqueNames<P>;
  /** Facts of the properties that the ledger keeps for requests of other resources. */
  published?(properties: P, operation: Operation): Details;
  adoption: CollectionAdoption<P, Remote, Prepared>;
  finish(written: Written<P, Remote, Prepared>, operation: Operation): Promise<Omit<Result, 'details'>>;
}

/**
 * Makes the flows of a resource type out of the declaration of a collection. An object is made under a name
 * that belongs to this request alone, and gets its own by the first change. So the name alone tells what a
 * lost call made.
 */
export function collection<P extends AdoptionProperties, WrittenProperties, Remote extends Named, Prepared>(
  spec: Collection<P, WrittenProperties, Remote, Prepared>,
): ResourceType<P, WrittenProperties> {
  const { kind, api, parts, uniqueNames } = spec;

  const type: ResourceType<P, WrittenProperties> = {
    ...spec,
    notApplied: NOT_APPLIED as unknown as readonly (keyof WrittenProperties & string)[],

    async create(properties, operation, predecessor) {
      refuseUniqueName(properties, operation);
      await spec.check?.(properties, operation, true);
      const prepared = await spec.prepare(properties, operation);
      const { id, ...written } = await whileNamesStay(properties, operation, async () => {
        const existing = await find(properties, operation, predecessor);
        const details = (await parts?.make(prepared, properties, operation)) ?? {};
        const wanted = { properties, prepared, details };
        if (existing) return takeOverExisting(existing, wanted, operation);
        const { id, known } = await make(wanted, operation, predecessor);
        const write = () => api.change(id, wanted, known, operation);
        // Genesys Cloud is eventually consistent, so a write to a new object may meet a 404.
        const after = await patiently(write, isMissing, operation, Number.POSITIVE_INFINITY);
        return { id, ...wanted, before: undefined, after, isNew: true };
      });
      return end({ id, ...written, record: undefined }, operation);
    },

    async update(object, properties, operation) {
      refuseUniqueName(properties, operation);
      await spec.check?.(properties, operation, false);
      const { id, record } = object;
      const [prepared, before] = await Promise.all([
        spec.prepare(properties, operation, object),
        onExisting(id, () => api.read(id, operation), operation),
      ]);
      await takeName(id, before, properties, operation);
      const { details, obsolete } = (await parts?.converge(object, prepared, properties, operation)) ?? {
        details: {},
        obsolete: [],
      };
      const wanted = { properties, prepared, details };
      const after = await api.change(id, wanted, before, operation);
      const result = await end({ ...wanted, id, before, after, isNew: false, record }, operation);
      for (const part of obsolete) await parts?.remove(part, operation);
      return result;
    },

    preview: collectionPreview(spec, {
      refuseUniqueName,
      find,
      adopt: async (found, wanted, operation) => {
        if (found.value === undefined) return;
        const state = await spec.adoption.stateOf(found.value, operation);
        await adopt({ ...found, value: found.value }, state, wanted, operation);
      },
      refuseTaken,
      claiming,
      takeName,
      noted,
    }),

    exists: async (id, operation) => !(await isNoObject(() => api.read(id, operation))),

    async isListed(id, { Name }, operation) {
      const [byId, byName] = await Promise.all([
        collect(api.list(id, operation)),
        typeof Name === 'string' ? api.named(Name, undefined, operation) : [],
      ]);
      return [...byId, ...byName].some((one) => one.id === id);
    },

    async remove(object, properties, operation) {
      const going = (await parts?.goingWith(object, properties, operation)) ?? [];
      const removed = await removeById(object, operation);
      for (const part of going) await parts?.remove(part, operation);
      return { gone: [object.id, ...going], ...removed };
    },

    ...(parts
      ? {
          async removeParts(object: RemoteObject, operation: Operation) {
            for (const part of await parts.goingWith(object, {}, operation))
              await parts.remove(part, operation);
          },
        }
      : {}),

    adoption: {
      ...adoptionRules,
      async putBack(object, before, operation) {
        const restored = await restore(object.id, before, operation);
        const made = parts?.madeFor(object) ?? [];
        for (const part of made) await parts?.remove(part, operation);
        return { gone: [object.id, ...made], ...restored };
      },
    } satisfies AdoptionRules,

    async undo(step, operation) {
      if (step.kind !== kind) return parts?.undo(step, operation);
      const id = step.id ?? (await untilIndexed(() => madeUnder(step.marker, operation), operation))?.id;
      if (id !== undefined) await removeById({ id, record: undefined }, operation);
    },
  };
  return type;

  /** Deletes an object, for as long as a list shows it. @throws NotSeenError */
  async function removeById(
    { id, record }: RemoteObject,
    operation: Operation,
  ): Promise<Pick<Removal, 'wasMissing'>> {
    const { clock, deadline } = operation;
    const end = Math.min(clock.now() + GONE_AFTER_MILLISECONDS, endOfRepeats(deadline, clock.now()));
    for (;;) {
      const ended = await deleteAndWait(
        () => api.remove(id, operation),
        () => api.read(id, operation),
        `${spec.noun} ${id}`,
        operation,
      );
      if (ended === 'deleted') return { wasMissing: false };
      if (!(await isInSharedList(id, record?.createdAt, operation))) return { wasMissing: true };
      if (clock.now() >= end) throw missingAndListed(id);
    }
  }

  /** Writes the state of before an adoption. @throws NotSeenError */
  async function restore(
    id: string,
    before: unknown,
    operation: Operation,
  ): Promise<Pick<Removal, 'wasMissing'>> {
    try {
      await spec.adoption.restore(id, before, operation);
      return { wasMissing: false };
    } catch (error) {
      if (!(error instanceof GoneError)) throw error;
      if (await type.isListed(id, {}, operation)) throw missingAndListed(id);
      return { wasMissing: true };
    }
  }

  /** Whether the whole list shows an object; removals one after the other share a look. */
  function isInSharedList(id: string, madeAt: number | undefined, operation: Operation): Promise<boolean> {
    const list = `${operation.organization.id}#${kind}`;
    return operation.listings.shows(list, id, madeAt, async () => {
      const all = await collect(api.list(undefined, operation));
      return all.flatMap((one) => one.id ?? []);
    });
  }

  /** A name that looks as if a request had made it up could be taken for one. */
  function refuseUniqueName(properties: P, { appliedBefore }: Operation): void {
    if (appliedBefore || !isUniqueName(spec.nameOf(properties))) return;
    throw invalidProperty(
      'Name',
      'must not end in 12 hex digits in brackets: the provider names its unfinished objects so',
    );
  }

  /** The object of this request alone, by the name that it was made under. */
  async function madeUnder({ name = '' }: Step['marker'], operation: Operation): Promise<Remote | undefined> {
    return (await api.named(name, undefined, operation))[0];
  }

  /** Objects of one name are told apart only while nobody makes another. */
  function whileNamesStay<T>(properties: P, operation: Operation, run: () => Promise<T>): Promise<T> {
    if (properties.AdoptExisting !== true) return run();
    const { ledger, attempt, deadline, organization } = operation;
    const name = `${organization.id}#${kind}#${spec.nameOf(properties)}`;
    return ledger.withLock(name, attempt.record, deadline, run);
  }

  function find(properties: P, operation: Operation, predecessor: RemoteObject | undefined) {
    return findExisting<Remote>(
      properties,
      {
        kind,
        noun: spec.noun,
        predecessorId: predecessor?.id,
        read: (id) => api.read(id, operation),
        named: async () => {
          const found = await api.named(spec.nameOf(properties), properties, operation);
          return found.map(({ id = '' }) => id);
        },
        check: (found) => spec.adoption.refuseOther(found, properties),
      },
      operation,
    );
  }

  /** Takes an object over, and writes what is not as it is wanted. */
  async function takeOverExisting(
    existing: Found<Remote>,
    wanted: Wanted<P, Prepared>,
    operation: Operation,
  ): Promise<Omit<Written<P, Remote, Prepared>, 'record'>> {
    const { id } = existing;
    const before = existing.value ?? (await onExisting(id, () => api.read(id, operation), operation));
    const state = await spec.adoption.stateOf(before, operation);
    // Otherwise an earlier delivery of this request has taken it over, and may have written to it.
    const isFirst = existing.value !== undefined;
    if (isFirst) await adopt({ ...existing, value: before }, state, wanted, operation);
    const isUntouched = isFirst && ((await spec.adoption.isAsWanted?.(state, wanted)) ?? false);
    const after = isUntouched ? before : await api.change(id, wanted, before, operation);
    return { id, ...wanted, before, after, isNew: false, isUntouched };
  }

  /** Notes the object's state, and that it is ours from here on. */
  async function adopt(
    { id, value, record }: Found<Remote> & { value: Remote },
    before: unknown,
    { properties, details }: Pick<Wanted<P, Prepared>, 'properties' | 'details'>,
    operation: Operation,
  ): Promise<void> {
    if (value.name !== spec.nameOf(properties)) await refuseTaken(properties, operation, id);
    await claiming(properties, operation, (claim) =>
      takeOver(
        { kind, id, record, before, details: { ...details, ...parts?.inherited?.(record) }, claim },
        operation,
      ),
    );
  }

  async function make(
    wanted: Wanted<P, Prepared>,
    operation: Operation,
    predecessor: RemoteObject | undefined,
  ): Promise<{ id: string; known: Remote | undefined }> {
    const { properties, details } = wanted;
    const name = uniqueName(spec.nameOf(properties), operation);
    // Beside the POST, which nearly always goes on.
    const taken = refuseTaken(properties, operation, predecessor?.id).then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    const { id, value } = await claiming(properties, operation, (claim) =>
      makeOnce<Remote>(
        {
          kind,
          marker: { name },
          claim,
          send: () => api.make(name, wanted, operation),
          find: () => madeUnder({ name }, operation),
          object: () => ({ details }),
        },
        operation,
      ),
    );
    const refusal = await taken;
    if (refusal === undefined) return { id, known: value };
    await unmake(id, operation);
    throw refusal.error;
  }

  /** Keeps the name that an existing object is about to get. @throws RefusedError where it is taken */
  async function takeName(id: string, before: Remote, properties: P, operation: Operation): Promise<void> {
    const isRenamed = before.name !== spec.nameOf(properties);
    if (isRenamed && !operation.appliedBefore) await refuseTaken(properties, operation, id);
    await claiming(properties, operation, (claim) => operation.markDirty(undefined, claim));
  }

  /** Removes what was just made under its unique name. The rollback would do it as well, but later. */
  async function unmake(id: string, operation: Operation): Promise<void> {
    const { attempt, progress, log } = operation;
    try {
      await removeById({ id, record: undefined }, operation);
      const made = attempt.steps.find(({ step }) => step.kind === kind && step.id === id);
      if (made) await attempt.unmade(made.index);
      progress.hasNoObject();
    } catch (error) {
      log.warn('what was made in vain is left to the rollback', { id, problem: messageOf(error) });
    }
  }

  /**
   * @throws RefusedError where an object that the ledger does not know, or another's, has the name already
   */
  async function refuseTaken(properties: P, operation: Operation, exceptId?: string): Promise<void> {
    if (uniqueNames === undefined) return;
    // An object of this logical resource is replaced, or left over and removed later.
    const ours = [exceptId, ...operation.ownIds];
    const found = await api.named(spec.nameOf(properties), properties, operation);
    const listed = found.flatMap(({ id = '' }) => (ours.includes(id) ? [] : [id]));
    const others = await seenSoon(listed, (id) => () => api.read(id, operation), operation);
    if (others.length === 0) return;
    const ids = others.join(', ');
    throw new RefusedError(
      `${uniqueNames.place(properties)} already has a ${spec.noun} named "${spec.nameOf(properties)}" (${ids}). Choose another Name, or delete that ${spec.noun}; a new resource takes it over with AdoptExisting: true.`,
    );
  }

  /**
   * Runs a write that keeps the name for this logical resource. A name that is kept for one whose objects are
   * gone is free. @throws RefusedError that names the owner
   */
  async function claiming<T>(
    properties: P,
    operation: Operation,
    write: (claim: string | undefined) => Promise<T>,
  ): Promise<T> {
    const claim = uniqueNames?.claim(properties, operation);
    try {
      return await write(claim);
    } catch (error) {
      if (!(error instanceof NameClaimedError) || uniqueNames === undefined) throw error;
      const holder = await holderOf(error, operation);
      if (holder === undefined) {
        await operation.attempt.freeName(error);
        return write(claim);
      }
      throw new RefusedError(
        `${uniqueNames.place(properties)} already has a ${spec.noun} named "${spec.nameOf(properties)}" (${holder}): it belongs to ${describeOwner(error.owner)}. Choose another Name.`,
        { cause: error },
      );
    }
  }

  /**
   * The id of the object that a name is kept for, or why it is kept; undefined where nothing of that name is
   * left.
   */
  async function holderOf(
    { owner, claim }: NameClaimedError,
    operation: Operation,
  ): Promise<string | undefined> {
    const { ledger, deadline } = operation;
    const holder = await ledger.owner(owner, deadline);
    for (const { kind: ofKind, id } of holder?.objects ?? []) {
      const record = ofKind === kind ? await ledger.object(kind, id, deadline) : undefined;
      if (!record?.claims?.includes(claim)) continue;
      // A look ahead expects the object, and nobody has made it.
      if (record.details['expected']) return 'to be made before';
      if (await isSeenSoon(() => api.read(id, operation), operation)) return id;
    }
    const isAtWork = holder?.current !== undefined || (holder?.unfinished.length ?? 0) > 0;
    return isAtWork ? 'being made' : undefined;
  }

  async function end(written: Written<P, Remote, Prepared>, operation: Operation): Promise<Result> {
    const result = await spec.finish(written, operation);
    return { ...result, ...noted(written.properties, written.details, operation) };
  }

  /** The facts and names that the ledger keeps once an object is as it is wanted. */
  function noted(properties: P, details: Details, operation: Operation): Pick<Result, 'details' | 'claims'> {
    const claim = uniqueNames?.claim(properties, operation);
    return {
      details: { ...details, ...spec.published?.(properties, operation) },
      ...(claim === undefined ? {} : { claims: [claim] }),
    };
  }
}
