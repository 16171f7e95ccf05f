/** Reads from the ledger, once and before anything is decided, all that a plan is made from. */
import { type ObjectRecord, type OpenAttempt, type OwnerRecord, sameOwner } from '../ledger/index.ts';
import type { PhysicalId } from '../protocol/index.ts';
import { formOf } from './form.ts';
import type { Job } from './job.ts';
import type { DeleteFacts, UpdateFacts } from './plan.ts';

/** @param id of the object that the Update names */
export async function updateFacts(
  job: Job,
  attempt: OpenAttempt,
  owner: OwnerRecord,
  id: string,
): Promise<UpdateFacts> {
  const { type, request } = job;
  const [record, others] = await Promise.all([
    attempt.object(type.kind, id),
    recordsOfOthers(job, owner, id),
  ]);
  const namedId = type.adoption?.namedId(request.properties);
  const namedBefore = request.oldProperties && type.adoption?.namedId(request.oldProperties);
  return {
    asking: request,
    named: { id, record },
    owner,
    others,
    madeByThisRequest: attempt.steps.flatMap(({ step }) => (step.id === undefined ? [] : [step.id])),
    form: formOf(type, request.properties),
    oldForm: request.oldProperties && formOf(type, request.oldProperties),
    newlyNamedId: namedId === namedBefore ? undefined : namedId,
  };
}

/** @param physical the object that is to end, or what its request stands for */
export async function deleteFacts(
  job: Job,
  attempt: OpenAttempt,
  owner: OwnerRecord,
  physical: PhysicalId,
): Promise<DeleteFacts> {
  const { type, request, deadline, parts } = job;
  const { stackId, properties } = request;
  const id = physical.kind === 'object' ? physical.id : undefined;
  const namesNothing = physical.kind === 'invented' || physical.kind === 'none';
  const [record, others, newestCreateAnsweredAt] = await Promise.all([
    id === undefined ? undefined : attempt.object(type.kind, id),
    id === undefined ? [] : recordsOfOthers(job, owner, id),
    namesNothing && owner.newestCreate !== undefined
      ? parts.ledger.closedAt(stackId, owner.newestCreate, deadline)
      : undefined,
  ]);
  return {
    asking: request,
    physical,
    object: id === undefined ? undefined : { id, record },
    owner,
    others,
    newestCreateAnsweredAt,
    formerEnd: record && sameOwner(record.owner, request) ? await attempt.formerEnd(record) : undefined,
    now: parts.clock.now(),
    canPutBack: type.adoption !== undefined,
    wantedEnd: type.adoption?.wantedEnd(properties),
    saysAdopted: type.adoption?.saysAdopted(properties) ?? false,
  };
}

/**
 * Records of this logical resource's other objects. Another logical resource may have adopted one of them.
 */
async function recordsOfOthers(
  { type, request, parts, deadline }: Job,
  owner: OwnerRecord,
  exceptId: string,
): Promise<ObjectRecord[]> {
  const others = owner.objects.filter(({ kind, id }) => kind === type.kind && id !== exceptId);
  const records = await Promise.all(others.map(({ kind, id }) => parts.ledger.object(kind, id, deadline)));
  return records.filter(
    (record): record is ObjectRecord => record !== undefined && sameOwner(record.owner, request),
  );
}
