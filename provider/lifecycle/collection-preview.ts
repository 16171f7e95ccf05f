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

/** The parts of a collection that a look ahead needs. */
interface Foreseeable<P, Remote> {
  kind: string;
  api: { read(id: string, operation: Operation): Promise<Remote> };
  check?(properties: P, operation: Operation, isCreate: boolean): void | Promise<void>;
  parts?: { expected?(properties: P): Details };
  preview?: Pick<PreviewRules<P>, 'removesToo'>;
}

export function collectionPreview<P, Remote>(
  spec: Foreseeable<P, Remote>,
  steps: CollectionSteps<P, Remote>,
): PreviewRules<P> {
  const { kind, api } = spec;
  return {
    ...spec.preview,

    async create(properties, operation, { newId, predecessor }) {
      steps.refuseUniqueName(properties, operation);
      await spec.check?.(properties, operation, true);
      const existing = await steps.find(properties, operation, predecessor);
      const details = spec.parts?.expected?.(properties) ?? {};
      if (existing) await steps.adopt(existing, { properties, details }, operation);
      else {
        await steps.refuseTaken(properties, operation, predecessor?.id);
        await steps.claiming(properties, operation, (claim) => expect(newId, details, claim, operation));
      }
      const isThere = existing !== undefined;
      return { id: existing?.id ?? newId, isThere, ...steps.noted(properties, details, operation) };
    },

    async update({ id }, properties, operation) {
      steps.refuseUniqueName(properties, operation);
      await spec.check?.(properties, operation, false);
      const before = await onExisting(id, () => api.read(id, operation), operation);
      await steps.takeName(id, before, properties, operation);
      return { id, isThere: true, ...steps.noted(properties, {}, operation) };
    },
  };

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
