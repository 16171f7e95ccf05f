import { isDeepStrictEqual } from 'node:util';
import { messageOf } from '../../common/errors.ts';
import type { ResourceProperties } from './events.ts';
import { createResource, type Operation, updateResource } from './resource-steps.ts';
import type { Resource, Stack, Update } from './state.ts';
import {
  declarationOf,
  dependenciesIn,
  type ResourceDeclaration,
  resolveProperties,
  resolveValue,
  type Template,
} from './template.ts';
import { walk } from './walk.ts';

/** The next step of one resource under a new template. */
type Step =
  | { kind: 'create' | 'update'; properties: ResourceProperties }
  | { kind: 'nothing' }
  | { kind: 'refuse'; status: string; reason: string };

/**
 * Creates and updates the resources of a template, then resolves its outputs. Without `update` the stack is
 * new. Resolves to why it failed, or undefined.
 */
export async function applyTemplate(
  operation: Operation,
  template: Template,
  update: Update | undefined,
): Promise<string | undefined> {
  const { stack, settings } = operation;
  const cancel = new AbortController();
  const one = async (logicalId: string): Promise<boolean> => {
    const ok = await applyResource(operation, template, logicalId, update, cancel.signal);
    if (!ok && settings.whenOneFails === 'cancel') cancel.abort();
    return ok;
  };
  const ok = await walk(
    Object.keys(template.Resources),
    (logicalId) => dependenciesIn(template, logicalId),
    one,
    {
      limit: settings.concurrency,
      stopAtFailure: true,
    },
  );
  if (!ok) {
    const failed = [...stack.resources.values()].filter(({ status }) => status.endsWith('_FAILED'));
    const verb = update === undefined ? 'create' : 'create or update';
    return `The following resource(s) failed to ${verb}: [${failed.map(({ logicalId }) => logicalId).join(', ')}].`;
  }
  return resolveOutputs(stack, template);
}

function resolveOutputs(stack: Stack, template: Template): string | undefined {
  try {
    stack.outputs = Object.fromEntries(
      Object.entries(template.Outputs ?? {}).map(([name, { Value }]) => [
        name,
        resolveValue(Value, stack.scope()),
      ]),
    );
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

async function applyResource(
  operation: Operation,
  template: Template,
  logicalId: string,
  update: Update | undefined,
  cancelled: AbortSignal,
): Promise<boolean> {
  // Another resource may have failed since this one became ready.
  if (cancelled.aborted) return false;
  const { stack, settings } = operation;
  const declaration = declarationOf(template, logicalId) as ResourceDeclaration;
  const existing = stack.resources.get(logicalId);
  // Only an operation that is tried again meets resources that failed.
  const before = existing?.status === 'CREATE_FAILED' ? undefined : beforeUpdate(existing, update);
  const step = stepOf(stack, before, declaration, settings.serviceToken);
  const resource: Resource = existing ?? { logicalId, declaration, status: '', attributes: {} };
  if (before === undefined) update?.created.add(logicalId);
  stack.resources.set(logicalId, resource);
  if (step.kind === 'refuse') {
    stack.markResource(resource, step.status, step.reason);
    return false;
  }
  resource.declaration = declaration;
  if (step.kind === 'nothing') return true;
  if (before === undefined) return createResource(operation, resource, step.properties, cancelled);

  update?.changed.set(logicalId, { before, sent: step.properties });
  const { physicalId, properties } = before as Required<Resource>;
  resource.properties = properties;
  const ok = await updateResource(operation, resource, physicalId, step.properties, cancelled);
  if (ok && resource.physicalId !== physicalId) update?.leftovers.push({ resource, physicalId, properties });
  return ok;
}

/** A resource as it was before the update, also where an earlier run of this update has failed with it. */
function beforeUpdate(existing: Resource | undefined, update: Update | undefined): Resource | undefined {
  if (existing === undefined) return undefined;
  const failed =
    existing.status === 'UPDATE_FAILED' ? update?.changed.get(existing.logicalId)?.before : undefined;
  return { ...(failed ?? existing) };
}

function stepOf(
  stack: Stack,
  existing: Resource | undefined,
  declaration: ResourceDeclaration,
  serviceToken: string,
): Step {
  let properties: ResourceProperties;
  try {
    properties = resolveProperties(declaration, stack.scope(), serviceToken);
  } catch (error) {
    const verb = existing === undefined ? 'CREATE' : 'UPDATE';
    return { kind: 'refuse', status: `${verb}_FAILED`, reason: messageOf(error) };
  }
  if (existing === undefined) return { kind: 'create', properties };
  if (isDeepStrictEqual(existing.properties, properties)) return { kind: 'nothing' };
  if (existing.properties?.ServiceToken !== properties.ServiceToken)
    return {
      kind: 'refuse',
      status: 'UPDATE_FAILED',
      reason: 'Modifying service token is not allowed.',
    };
  return { kind: 'update', properties };
}
