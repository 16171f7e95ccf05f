/**
 * The request of a CloudFormation Lambda Hook (Hooks User Guide, "Create a Lambda function to evaluate
 * resources for Lambda Hooks"). The guide spells two fields in two ways, so both are read.
 */
import { isPlainObject } from '../../common/objects.ts';

export interface HookRequest {
  /** Names the request in the answer; undefined where the request has none. */
  token: string | undefined;
  stackId: string | undefined;
  /** `STACK`, `CHANGE_SET`, or what else the hook was set up for. */
  target: string;
  /** The stack's name, or the change set's ARN. */
  targetId: string;
  isDelete: boolean;
  /** Presigned URL of the template; undefined where the request has none. */
  payloadUrl: string | undefined;
}

const textIn = (from: unknown, ...names: string[]): string | undefined =>
  isPlainObject(from)
    ? names
        .map((name) => from[name])
        .find((value): value is string => typeof value === 'string' && value !== '')
    : undefined;

/** Reads whatever an event has. An event of another form gives a request without anything. */
export function readRequest(event: unknown): HookRequest {
  const data = isPlainObject(event) ? event['requestData'] : undefined;
  return {
    token: textIn(event, 'clientRequestToken', 'clientRequesttoken'),
    stackId: textIn(event, 'stackId', 'stackID'),
    target: textIn(data, 'targetType', 'targetName') ?? '',
    targetId: textIn(data, 'targetLogicalId') ?? '',
    isDelete: textIn(event, 'actionInvocationPoint')?.startsWith('DELETE') ?? false,
    payloadUrl: textIn(data, 'payload'),
  };
}
