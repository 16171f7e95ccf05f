/** The requests that CloudFormation sends to the function of a Lambda Hook, and their payloads. */
import { randomUUID } from 'node:crypto';

export type HookTarget = 'STACK' | 'CHANGE_SET';
export type HookAction = 'CREATE' | 'UPDATE' | 'DELETE';

/** A resource that a change set changes. The contexts are JSON texts, and null where there is none. */
export interface ChangedResource {
  logicalResourceId: string;
  resourceType: string;
  action: HookAction;
  lineNumber: number | null;
  beforeContext: string | null;
  afterContext: string | null;
}

/** An operation on a stack that a hook may be asked about. */
export interface HookedOperation {
  action: HookAction;
  stackName: string;
  stackId: string;
  /** The template as it was handed in; empty for a deletion. */
  template: string;
  /** Only for an update. */
  previousTemplate?: string;
  changeSet?: { id: string; changedResources: ChangedResource[] };
}

/**
 * The event (Hooks User Guide, "Create a Lambda function to evaluate resources for Lambda Hooks"). The guide
 * spells two fields in two ways.
 */
export interface HookEvent {
  clientRequestToken?: string;
  clientRequesttoken?: string;
  awsAccountId: string;
  stackId?: string;
  stackID?: string;
  changeSetId: string | null;
  hookTypeName: string;
  hookTypeVersion: string;
  hookModel: { LambdaFunction: string };
  actionInvocationPoint: string;
  requestData: { targetName: HookTarget; targetType: HookTarget; targetLogicalId: string; payload: string };
  requestContext: { invocation: number; callbackContext: unknown };
}

/** The spelling of the guide's examples, or of its tables. */
export type Spelling = 'examples' | 'tables';

/** The text behind the presigned URL. */
export function payloadOf(target: HookTarget, operation: HookedOperation): string {
  const { template, previousTemplate = '', changeSet } = operation;
  return JSON.stringify(
    target === 'STACK'
      ? { template, previousTemplate }
      : { template, changedResources: changeSet?.changedResources },
  );
}

export function requestOf(
  target: HookTarget,
  operation: HookedOperation,
  {
    payloadUrl,
    typeName,
    functionArn,
    spelling,
  }: { payloadUrl: string; typeName: string; functionArn: string; spelling: Spelling },
): HookEvent {
  const { action, stackName, stackId, changeSet } = operation;
  const token = randomUUID();
  const tokens =
    spelling === 'examples'
      ? { clientRequestToken: token, stackId }
      : { clientRequesttoken: token, stackID: stackId };
  return {
    ...tokens,
    awsAccountId: functionArn.split(':')[4] ?? '',
    changeSetId: changeSet?.id ?? null,
    hookTypeName: typeName,
    hookTypeVersion: '00000001',
    hookModel: { LambdaFunction: functionArn },
    actionInvocationPoint: `${action}_PRE_PROVISION`,
    requestData: {
      targetName: target,
      targetType: target,
      targetLogicalId: target === 'STACK' ? stackName : (changeSet?.id ?? ''),
      payload: payloadUrl,
    },
    requestContext: { invocation: 1, callbackContext: null },
  };
}
