import { messageOf, ProviderError } from '../../common/errors.ts';
import type { Outcome } from './answer.ts';
import type { AnswerAddress } from './event.ts';
import { failedCreate, nothingCreated, readPhysicalId } from './physical-id.ts';
import type { Progress } from './progress.ts';

/** The FAILED answer to an event, which need not be a readable request. */
export function failedOutcome(
  error: unknown,
  event: unknown,
  address: AnswerAddress,
  progress: Progress,
): Outcome {
  return { status: 'FAILED', physicalId: idOfFailure(event, address, progress), reason: reasonOf(error) };
}

/**
 * An Update or Delete of an object keeps the object's id. A Create names what its rollback has to clean up;
 * so does an Update whose id names no object, since it stands for a Create.
 */
function idOfFailure(event: unknown, address: AnswerAddress, progress: Progress): string {
  const type = (event as { RequestType?: unknown } | null)?.RequestType;
  const { physicalId, stackId, logicalId, attemptId } = address;
  const isOfObject = readPhysicalId(physicalId, stackId, logicalId).kind === 'object';
  if (physicalId !== undefined && (type === 'Delete' || (type === 'Update' && isOfObject))) return physicalId;
  if (progress.objectId !== undefined) return progress.objectId;
  if (progress.wroteSomething) return failedCreate(attemptId);
  return physicalId ?? nothingCreated(attemptId);
}

function reasonOf(error: unknown): string {
  if (error instanceof ProviderError) return error.message;
  // A defect of ours or of a library: its message is all that a person has.
  return `The provider failed unexpectedly: ${messageOf(error)}.`;
}
