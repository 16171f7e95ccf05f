import { deleteObject, type Operation } from './resource-steps.ts';
import type { Leftover, Resource } from './state.ts';
import { dependencies } from './template.ts';
import { walk } from './walk.ts';

/** The reason for a Delete. `DeletionPolicy: RetainExceptOnCreate` depends on it. */
export type Occasion = 'removal' | 'rollback of a creation';

/**
 * Deletes resources in reverse order of dependency. When a Delete fails, the resources that it needs stay.
 * Resolves to whether all are gone.
 */
export async function deleteResources(
  operation: Operation,
  logicalIds: string[],
  occasion: Occasion,
): Promise<boolean> {
  const { stack, settings } = operation;
  const dependents = (logicalId: string) =>
    logicalIds.filter((other) => {
      const resource = stack.resources.get(other);
      return resource !== undefined && dependencies(resource.declaration).includes(logicalId);
    });
  const one = (logicalId: string) => deleteResource(operation, logicalId, occasion);
  return walk(logicalIds, dependents, one, { limit: settings.concurrency, stopAtFailure: false });
}

/**
 * Deletes replaced objects, and resources that left the template. A Delete that fails is in the events, and
 * CloudFormation does not try it again.
 */
export async function cleanUp(
  operation: Operation,
  logicalIds: string[],
  leftovers: Leftover[],
  occasion: Occasion,
): Promise<void> {
  await Promise.all(leftovers.map((leftover) => deleteLeftover(operation, leftover, occasion)));
  await deleteResources(operation, logicalIds, occasion);
  for (const logicalId of logicalIds) operation.stack.resources.delete(logicalId);
}

async function deleteLeftover(
  operation: Operation,
  { resource, physicalId, properties }: Leftover,
  occasion: Occasion,
): Promise<void> {
  if (occasion === 'removal' && resource.declaration.UpdateReplacePolicy === 'Retain') return;
  // A copy, because the resource itself lives on under its other id with a status of its own.
  const object: Resource = { ...resource, physicalId, properties };
  await deleteObject(operation, object, physicalId, properties);
}

async function deleteResource(operation: Operation, logicalId: string, occasion: Occasion): Promise<boolean> {
  const { stack } = operation;
  const resource = stack.resources.get(logicalId);
  const { physicalId, properties } = resource ?? {};
  if (resource === undefined || resource.status === 'DELETE_COMPLETE') return true;
  if (physicalId === undefined || properties === undefined) {
    // No request was ever sent for this resource.
    stack.resources.delete(logicalId);
    return true;
  }
  const policy = resource.declaration.DeletionPolicy;
  if (policy === 'Retain' || (policy === 'RetainExceptOnCreate' && occasion === 'removal')) {
    stack.markResource(resource, 'DELETE_SKIPPED');
    return true;
  }
  return deleteObject(operation, resource, physicalId, properties);
}
