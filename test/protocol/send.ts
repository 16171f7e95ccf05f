import { randomUUID } from 'node:crypto';
import type { World } from '../../local/provider/world.ts';

/** Id of the attempt of a request, as an answer's marker has it. */
export function attemptIdOf(world: World, requestId: string): string {
  const attempts = [...world.ledger('ATTEMPT#').values()];
  return String(attempts.find((attempt) => attempt['requestId'] === requestId)?.['attemptId']);
}

/** Sends a request as another stack, or another logical resource, would. */
export async function send(
  world: World,
  fields: {
    RequestType: 'Create' | 'Update' | 'Delete';
    logicalId?: string;
    stackId?: string;
    requestId?: string;
    id?: string;
    old?: object;
  },
  type: string,
  properties: Record<string, unknown>,
) {
  const text = (value: unknown): unknown =>
    typeof value === 'object' && value !== null
      ? Array.isArray(value)
        ? value.map(text)
        : Object.fromEntries(Object.entries(value).map(([name, part]) => [name, text(part)]))
      : String(value);
  const slot = world.responses.open({
    RequestType: fields.RequestType,
    ServiceToken: 'arn:aws:lambda:us-east-1:123456789012:function:provider',
    StackId:
      fields.stackId ??
      'arn:aws:cloudformation:us-east-1:123456789012:stack/other/11111111-2222-3333-4444-555555555555',
    RequestId: fields.requestId ?? randomUUID(),
    LogicalResourceId: fields.logicalId ?? 'Other',
    ...(fields.id === undefined ? {} : { PhysicalResourceId: fields.id }),
    ResourceType: type,
    ResourceProperties: { ServiceToken: 'token', ...(text(properties) as object) },
    ...(fields.old === undefined ? {} : { OldResourceProperties: text(fields.old) as never }),
  } as never);
  slot.countDelivery();
  await world.containers.invoke(slot.event);
  return slot.answered;
}
