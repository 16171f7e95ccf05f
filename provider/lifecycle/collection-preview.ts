/**
 * Foresees the writes of a collection by the steps of its flows, up to the first write. The function's bundle
 * leaves this file out.
 */
import type { Found } from './adoption.ts';
import { makeOnce } from './making.ts';
import type { Operation } from './operation.ts';
import type { PreviewRules, RemoteObject, Result } from './resource-type.ts';
import { onExisting } from './waiting.ts';

type Details = Record<string, string>;

/** The steps of the flows that refuse, or write to the ledger alone. */
export interface CollectionSteps<P, Remote> {
  refuseUniqueName(properties: P, operation: Operation): void;
  find(
    properties: P,
    operation: Operation,
    predecessor: RemoteObject | undefined,
  ): Promise<Found<Remote> | undefined>;
  adopt(
    found: Found<Remote>,
    wanted: { properties: P; details: Details },
    operation: Operation,
  ): Promise<unknown>;
  refuseTaken(properties: P, operation: Operation, exceptId?: string): Promise<void>;
  claiming<T>(
    properties: P,
    operation: Operation,
    write: (claim: string | undefined) => Promise<T>,
  ): Promise<T>;
  takeName(id: string, before: Remote, properties: P, operation: Operation): Promise<void>;
  noted(properties: P, details: Details, operation: Operation): Pick<Result, 'details' | 'claims'>;
}

/** Rules of a collection for a look ahead alone. */
export interface CollectionPreviewRules<P, Prepared> extends Pick<PreviewRules<P>, 'removesToo'> {
  /** The facts that making the parts would answer; `newId` stands for the id of a part that is made. */
  partsOf?(prepared: Prepared, newId: string): Details;
}

/** The parts of a collection that a look ahead needs. */
interface Foreseeable<P, Remote, Prepared> {
  kind: string;
  api: { read(id: string, operation: Operation): Promise<Remote> };
  check?(properties: P, operation: Operation, isCreate: boolean): void | Promise<void>;
  prepare(properties: P, operation: Operation, object?: RemoteObject): Promise<Prepared>;
  parts?: { expected?(properties: P): Details };
  adoption: {
    stateOf(found: Remote, operation: Operation): Promise<unknown>;
    isAsWanted?(
      state: unknown,
      wanted: { properties: P; prepared: Prepared; details: Details },
    ): boolean | Promise<boolean>;
  };
  preview?: CollectionPreviewRules<P, Prepared>;
}

export function collectionPreview<P, Remote, Prepared>(
  spec: Foreseeable<P, Remote, Prepared>,
  steps: CollectionSteps<P, Remote>,
): PreviewRules<P> {
  const { kind, api, adoption } = spec;
  const { partsOf, ...rules } = spec.preview ?? {};
  return {
    ...rules,

    async create(properties, operation, { newId, predecessor }) {
      steps.refuseUniqueName(properties, operation);
      await spec.check?.(properties, operation, true);
      const prepared = await spec.prepare(properties, operation);
      const existing = await steps.find(properties, operation, predecessor);
      const details = spec.parts?.expected?.(properties) ?? {};
      let isWritten: boolean | undefined;
      if (existing) {
        await steps.adopt(existing, { properties, details }, operation);
        const wanted = { properties, prepared, details: partsOf?.(prepared, newId) ?? {} };
        isWritten = await writes(existing, wanted, operation);
      } else {
        await steps.refuseTaken(properties, operation, predecessor?.id);
        await steps.claiming(properties, operation, (claim) => expect(newId, details, claim, operation));
      }
      const isThere = existing !== undefined;
      return {
        id: existing?.id ?? newId,
        isThere,
        ...(isWritten === undefined ? {} : { isWritten }),
        ...steps.noted(properties, details, operation),
      };
    },

    async update(object, properties, operation) {
      const { id } = object;
      steps.refuseUniqueName(properties, operation);
      await spec.check?.(properties, operation, false);
      await spec.prepare(properties, operation, object);
      const before = await onExisting(id, () => api.read(id, operation), operation);
      await steps.takeName(id, before, properties, operation);
      return { id, isThere: true, ...steps.noted(properties, {}, operation) };
    },
  };

  /** Whether taking the object over writes to it. */
  async function writes(
    { value }: Found<Remote>,
    wanted: { properties: P; prepared: Prepared; details: Details },
    operation: Operation,
  ): Promise<boolean | undefined> {
    if (value === undefined) return undefined;
    const state = await adoption.stateOf(value, operation);
    return !((await adoption.isAsWanted?.(state, wanted)) ?? false);
  }

  /** Notes an object as made, in the copy of the ledger. */
  function expect(id: string, details: Details, claim: string | undefined, operation: Operation) {
    return makeOnce<{ id: string }>(
      {
        kind,
        marker: {},
        claim,
        send: async () => ({ id }),
        find: async () => undefined,
        object: () => ({ details: { ...details, expected: 'true' } }),
      },
      operation,
    );
  }
}
