import { isDeepStrictEqual } from 'node:util';
import { cleanUp } from './deletion.ts';
import { type Operation, updateResource } from './resource-steps.ts';
import type { Update } from './state.ts';
import { declarationOf, dependenciesIn, type ResourceDeclaration, resolveProperties } from './template.ts';
import { walk } from './walk.ts';

/** Applies the old template again to the resources that changed, then deletes the objects of the update. */
export async function rollBack(operation: Operation, update: Update): Promise<void> {
  const { stack, settings } = operation;
  // The replaced objects are in use again. A new list is made of the objects that the rollback leaves behind.
  update.leftovers = [];
  const ok = await walk(
    Object.keys(update.old.Resources),
    (logicalId) => dependenciesIn(update.old, logicalId),
    (logicalId) => rollBackResource(operation, update, logicalId),
    { limit: settings.concurrency, stopAtFailure: true },
  );
  if (!ok) {
    stack.failedUpdate = update;
    stack.mark('UPDATE_ROLLBACK_FAILED', 'Some resources could not be rolled back.');
    return;
  }
  stack.failedUpdate = undefined;
  stack.mark('UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS');
  await cleanUp(operation, [...update.created], update.leftovers, 'rollback of a creation');
  stack.mark('UPDATE_ROLLBACK_COMPLETE');
}

async function rollBackResource(operation: Operation, update: Update, logicalId: string): Promise<boolean> {
  const { stack, settings } = operation;
  const resource = stack.resources.get(logicalId);
  if (resource === undefined || update.rolledBack.has(logicalId)) return true;
  resource.declaration = declarationOf(update.old, logicalId) as ResourceDeclaration;
  const properties = resolveProperties(resource.declaration, stack.scope(), settings.serviceToken);
  const change = update.changed.get(logicalId);
  if (change === undefined && isDeepStrictEqual(resource.properties, properties)) {
    if (resource.status === 'UPDATE_FAILED') stack.markResource(resource, 'UPDATE_COMPLETE');
    return true;
  }
  const oldId = change?.before.physicalId;
  const newId = resource.physicalId as string;
  const order = settings.replacementRollback;
  const isReplaced = change !== undefined && newId !== oldId;
  if (change !== undefined) resource.properties = change.sent;

  if (isReplaced && order === 'delete-new-only') {
    update.leftovers.push({ resource, physicalId: newId, properties: change.sent });
    Object.assign(resource, { physicalId: oldId, properties, attributes: change.before.attributes });
    stack.markResource(resource, 'UPDATE_COMPLETE');
    update.rolledBack.add(logicalId);
    return true;
  }
  const named = isReplaced && order === 'update-old-then-delete-new' ? (oldId as string) : newId;
  const ok = await updateResource(operation, resource, named, properties);
  if (!ok) return false;
  update.rolledBack.add(logicalId);
  if (resource.physicalId !== newId && order !== 'update-back')
    update.leftovers.push({ resource, physicalId: newId, properties: change?.sent ?? properties });
  return true;
}
