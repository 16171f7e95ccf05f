import { RefusedError } from '../../common/errors.ts';
import { NewerLedgerError, type OpenAttempt } from '../ledger/index.ts';
import {
  type Application,
  type CustomResourceRequest,
  nothingCreated,
  readPhysicalId,
  type Verdict,
} from '../protocol/index.ts';
import { deletesNoObject, refuseUnknownType } from './admission.ts';
import { type Run, runAttempt, verdictOf } from './attempt-run.ts';
import { create } from './create.ts';
import { jobOf, type LifecycleParts } from './job.ts';
import { Listings } from './listings.ts';
import type { ResourceType } from './resource-type.ts';

/**
 * The life of every custom resource, whatever its type. A request becomes an attempt in the ledger; facts are
 * read, a plan is made from them, and carried out by the type's own flows.
 */
export function lifecycle(given: LifecycleParts): Application {
  const parts = { ...given, listings: new Listings(given.clock) };
  const attempts = new WeakMap<CustomResourceRequest, OpenAttempt>();
  return {
    async handle(request, invocation) {
      const type = parts.types.find(({ typeName }) => typeName === request.resourceType);
      if (type === undefined) return answerUnknownType(parts, request);
      const job = jobOf(parts, type as unknown as ResourceType<unknown>, request, invocation);
      return runAttempt(job, run, (attempt) => attempts.set(request, attempt));
    },
    recall: async (request, { deadline }) => {
      const known = await parts.ledger.recall(request, deadline);
      return known && verdictOf(known);
    },
    leftSomething: (createAttemptId, request, limit) =>
      parts.ledger.isPending(request, createAttemptId, limit).catch((error: unknown) => {
        throw error instanceof NewerLedgerError ? new RefusedError(error.message, { cause: error }) : error;
      }),
    async answered(request, limit) {
      const attempt = attempts.get(request);
      // The attempt's own view may be outdated: then the ledger is asked.
      if (await attempt?.close(limit)) return;
      await parts.ledger.close(request, attempt?.record.lease.holder, limit);
    },
  };
}

const run: Run = async (job, attempt, owner) => {
  const { type, physicalId, stackId, logicalId } = job.request;
  // A first Create does not need these, so a cold start parses less.
  if (type === 'Delete') return (await import('./delete.ts')).remove(job, attempt, owner);
  const physical = readPhysicalId(physicalId, stackId, logicalId);
  // An Update without the id of an object stands for a Create.
  return type === 'Update' && physical.kind === 'object'
    ? (await import('./update.ts')).update(job, attempt, owner, physical.id)
    : create(job, attempt, owner);
};

/** A Create of no type makes nothing; whoever misspelt the type has to get rid of the resource. */
function answerUnknownType({ types }: LifecycleParts, request: CustomResourceRequest): Verdict {
  if (!deletesNoObject(request)) refuseUnknownType(types, request.resourceType);
  return { status: 'SUCCESS', physicalId: request.physicalId ?? nothingCreated(request.attemptId) };
}
