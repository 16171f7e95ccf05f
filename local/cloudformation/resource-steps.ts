import { randomBytes } from 'node:crypto';
import type { Outcome } from './answers.ts';
import type { ResourceProperties } from './events.ts';
import type { Settings } from './options.ts';
import type { Requests } from './requests.ts';
import type { Resource, Stack } from './state.ts';

/** A stack operation in progress. */
export interface Operation {
  stack: Stack;
  settings: Settings;
  requests: Requests;
  /** A failed operation that is tried again: requests keep their RequestIds. */
  retried?: boolean;
}

/** Sends a Create. Resolves to whether it succeeded. */
export async function createResource(
  { stack, requests, retried }: Operation,
  resource: Resource,
  properties: ResourceProperties,
  cancelled: AbortSignal,
): Promise<boolean> {
  resource.properties = properties;
  stack.markResource(resource, 'CREATE_IN_PROGRESS');
  const outcome = await requests.send(stack.id, resource, { RequestType: 'Create' }, properties, {
    cancelled,
    retried,
  });
  resource.physicalId = outcome.physicalResourceId ?? inventedId(stack.name, resource.logicalId);
  return settle(stack, resource, 'CREATE', outcome);
}

/**
 * Sends an Update of `physicalId` and takes the answer's id and attributes over. An answer with another id
 * replaces the object. Resolves to whether it succeeded.
 */
export async function updateResource(
  { stack, requests, retried }: Operation,
  resource: Resource,
  physicalId: string,
  properties: ResourceProperties,
  cancelled?: AbortSignal,
): Promise<boolean> {
  stack.markResource(resource, 'UPDATE_IN_PROGRESS');
  const kind = {
    RequestType: 'Update',
    PhysicalResourceId: physicalId,
    OldResourceProperties: resource.properties as ResourceProperties,
  } as const;
  const outcome = await requests.send(stack.id, resource, kind, properties, { cancelled, retried });
  resource.properties = properties;
  resource.physicalId = outcome.physicalResourceId ?? physicalId;
  return settle(stack, resource, 'UPDATE', outcome);
}

/** Sends a Delete of an object. Resolves to whether it succeeded. */
export async function deleteObject(
  { stack, requests, retried }: Operation,
  resource: Resource,
  physicalId: string,
  properties: ResourceProperties,
): Promise<boolean> {
  stack.markResource(resource, 'DELETE_IN_PROGRESS');
  const kind = { RequestType: 'Delete', PhysicalResourceId: physicalId } as const;
  const outcome = await requests.send(stack.id, resource, kind, properties, { retried });
  return settle(stack, resource, 'DELETE', outcome);
}

function settle(
  stack: Stack,
  resource: Resource,
  verb: 'CREATE' | 'UPDATE' | 'DELETE',
  outcome: Outcome,
): boolean {
  if (outcome.status === 'FAILED') {
    stack.markResource(resource, `${verb}_FAILED`, outcome.reason);
    return false;
  }
  if (verb !== 'DELETE') resource.attributes = outcome.data;
  stack.markResource(resource, `${verb}_COMPLETE`);
  return true;
}

/** CloudFormation invents an id when no answer to a Create gave one, because the Delete needs an id. */
function inventedId(stackName: string, logicalId: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
  const suffix = [...randomBytes(12)].map((byte) => alphabet[byte % alphabet.length]).join('');
  return `${stackName}-${logicalId}-${suffix}`;
}
