/** Which answer by hand would be true. Pure: everything that it judges was read before. */
import type { Attempt, ObjectRecord, OwnerRecord } from '../../provider/ledger/index.ts';
import { isAtWork, sameOwner, standing, successOf } from '../../provider/ledger/index.ts';
import { failedOutcome, type Outcome, Progress, readPhysicalId } from '../../provider/protocol/index.ts';
import { type FailedRequest, shown } from './event.ts';

/** The part of the ledger about one request. */
export interface LedgerView {
  attempt: Attempt | undefined;
  owner: OwnerRecord | undefined;
  /** Records of the objects that the request, its attempt or its owner name. */
  objects: ObjectRecord[];
}

/** An answer, or the reason why none may be given by hand. */
export type Judged = { outcome: Outcome } | { refusal: string };

/** @param kindOf the kind of the objects of a resource type; undefined for an unknown one */
export function failureByHand(
  { event, address, request }: FailedRequest,
  ledger: LedgerView | undefined,
  { reason, now, kindOf }: { reason: string; now: number; kindOf: (type: string) => string | undefined },
): Judged {
  const attempt = ledger?.attempt;
  if (attempt && isAtWork(attempt, now)) return { refusal: AT_WORK };
  const progress = new Progress();
  // Without the ledger a write may have been sent. Its marker makes the rollback look for it.
  if (ledger === undefined) progress.mayHaveWritten();
  const steps = standing(attempt?.steps ?? []);
  if (steps.length > 0) progress.mayHaveWritten();
  const made = steps.find(({ kind, id }) => id !== undefined && kind === kindOf(request.resourceType));
  const id = (attempt && successOf(attempt)?.physicalId) ?? made?.id;
  if (id !== undefined) progress.hasObject(id);
  const { physicalId } = failedOutcome(undefined, event, address, progress);
  return { outcome: { status: 'FAILED', physicalId, reason } };
}

/** SUCCESS where the ledger shows that it is true, with the id that the ledger shows. */
export function successByHand(
  { request }: FailedRequest,
  ledger: LedgerView | undefined,
  now: number,
): Judged {
  if (ledger === undefined)
    return { refusal: 'The ledger cannot be read, so nothing shows that the request succeeded.' };
  const { attempt } = ledger;
  if (attempt && isAtWork(attempt, now)) return { refusal: AT_WORK };
  return request.type === 'Delete' ? deletion(request, ledger) : change(request, ledger);
}

const AT_WORK =
  'The provider works on this request at this moment. Wait a minute, and look again: it may answer by itself.';

function change(request: FailedRequest['request'], { attempt, objects }: LedgerView): Judged {
  const answer = attempt && successOf(attempt);
  if (answer === undefined) {
    return {
      refusal:
        'The ledger does not show that this request succeeded. An answer of success would let CloudFormation go on with an object that is not there, or not as the template says.',
    };
  }
  const object = objects.find(({ id }) => id === answer.physicalId);
  if (object === undefined || !sameOwner(object.owner, request) || object.believedGoneAt !== undefined)
    return {
      refusal: `The ledger does not show that this resource has the object ${shown(answer.physicalId)} now.`,
    };
  if (object.dirty)
    return { refusal: `A later write to the object ${shown(answer.physicalId)} was begun and not finished.` };
  return { outcome: { status: 'SUCCESS', physicalId: answer.physicalId, data: answer.data } };
}

function deletion(request: FailedRequest['request'], { attempt, owner, objects }: LedgerView): Judged {
  const { physicalId = '', stackId, logicalId } = request;
  const success: Judged = { outcome: { status: 'SUCCESS', physicalId } };
  if (attempt && successOf(attempt)) return success;
  if (readPhysicalId(physicalId, stackId, logicalId).kind === 'nothing-created') return success;
  const object = objects.find(({ id }) => id === physicalId);
  if (object?.believedGoneAt !== undefined) return success;
  const wasLetGo = owner?.letGo?.some(({ id }) => id === physicalId) ?? false;
  if (wasLetGo && (object === undefined || !sameOwner(object.owner, request))) return success;
  return {
    refusal: `The ledger does not show that ${shown(physicalId)} is gone or was left behind. To leave it in Genesys Cloud, settle a failure, and delete the stack with --retain-resources ${logicalId}.`,
  };
}
