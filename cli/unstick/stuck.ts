/** What CloudFormation and the ledger say of a failed request. */
import { type CloudFormationClient, DescribeStackResourcesCommand } from '@aws-sdk/client-cloudformation';
import { messageOf } from '../../common/errors.ts';
import {
  type Attempt,
  attemptKey,
  type ObjectRecord,
  type OwnerRecord,
  objectKey,
  ownerKey,
  type Store,
  successOf,
} from '../../provider/ledger/index.ts';
import { resourceTypes } from '../../provider/resources/index.ts';
import { describe, isNotThere } from '../connection/provider-stack.ts';
import type { LedgerView } from './answers.ts';
import { type FailedRequest, type ForeignMessage, isForeign } from './event.ts';
import type { Place } from './place.ts';

export interface StackView {
  /** Status of the stack, such as UPDATE_ROLLBACK_IN_PROGRESS; undefined where it is gone or cannot be read. */
  stack?: string | undefined;
  resource?: string | undefined;
  /** Whether CloudFormation waits for the answer to this very request. */
  isWaiting: boolean;
  /** Why it does not, or why nobody can tell. */
  why?: string;
}

export type Entry = { number: number } & (
  | (FailedRequest & { problem?: never; cloudFormation: StackView; ledger: LedgerView | undefined })
  | (ForeignMessage & { request?: never })
);
export type StuckRequest = Extract<Entry, { request: object }>;

const kinds = new Map<string, string>(resourceTypes.map(({ typeName, kind }) => [typeName, kind]));
/** The kind of the objects of a resource type. */
export const kindOf = (typeName: string) => kinds.get(typeName);

/** The messages as the list shows them: requests by age, the oldest first, then the others. */
export async function lookAt(
  messages: (FailedRequest | ForeignMessage)[],
  place: Place,
  now: number,
): Promise<Entry[]> {
  const requests = messages
    .filter((one): one is FailedRequest => !isForeign(one))
    .sort((a, b) => (a.request.signedAt ?? 0) - (b.request.signedAt ?? 0));
  const looked: Omit<StuckRequest, 'number'>[] = [];
  for (const one of requests) {
    looked.push({
      ...one,
      cloudFormation: await askCloudFormation(one, requests, place, now),
      ledger: place.ledger && (await readLedgerOf(one, place.ledger)),
    });
  }
  return [...looked, ...messages.filter(isForeign)].map(
    (one, index) => ({ ...one, number: index + 1 }) as Entry,
  );
}

/** Time from the resource's status to the signing of its ResponseURL, at most. */
const SIGNING_MILLISECONDS = 60_000;
const WAITING = { Create: 'CREATE_IN_PROGRESS', Update: 'UPDATE_IN_PROGRESS', Delete: 'DELETE_IN_PROGRESS' };

/** Asks CloudFormation about one request. `others` are all requests of the queue. */
export async function askCloudFormation(
  { request, waitsUntil }: FailedRequest,
  others: readonly FailedRequest[],
  place: Pick<Place, 'stacks'>,
  now: number,
): Promise<StackView> {
  const { stackId, logicalId, type, signedAt } = request;
  try {
    const client = place.stacks(stackId.split(':')[3] ?? '');
    const stack = (await describe(client, stackId))?.StackStatus;
    if (stack === undefined) return { isWaiting: false, why: 'the stack is not there' };
    const found = await resourceOf(client, stackId, logicalId);
    const view = { stack, resource: found?.ResourceStatus };
    // The clean-up of a replacement deletes an object whose resource is complete already.
    const isCleanUp = type === 'Delete' && /CLEANUP_IN_PROGRESS$/.test(stack);
    if (view.resource !== WAITING[type] && !isCleanUp)
      return { ...view, isWaiting: false, why: 'the resource is not in progress any more' };
    if (now > waitsUntil) return { ...view, isWaiting: false, why: 'its ServiceTimeout is over' };
    const began = found?.Timestamp?.getTime() ?? 0;
    const isOlder = signedAt !== undefined && !isCleanUp && signedAt + SIGNING_MILLISECONDS < began;
    const isOvertaken = others.some(
      (other) =>
        other.request.stackId === stackId &&
        other.request.logicalId === logicalId &&
        (other.request.signedAt ?? 0) > (signedAt ?? 0),
    );
    if (isOlder || isOvertaken)
      return { ...view, isWaiting: false, why: 'a newer request of this resource is under way' };
    return { ...view, isWaiting: true };
  } catch (error) {
    return { isWaiting: false, why: `CloudFormation cannot be asked: ${messageOf(error)}` };
  }
}

async function resourceOf(client: CloudFormationClient, StackName: string, LogicalResourceId: string) {
  try {
    const { StackResources = [] } = await client.send(
      new DescribeStackResourcesCommand({ StackName, LogicalResourceId }),
    );
    return StackResources[0];
  } catch (error) {
    if (isNotThere(error)) return undefined;
    throw error;
  }
}

/** Undefined where the ledger cannot be read. */
async function readLedgerOf({ request }: FailedRequest, store: Store): Promise<LedgerView | undefined> {
  try {
    const read = async <T>(key: string) => (await store.read<T>(key))?.body;
    const attempt = await read<Attempt>(attemptKey(request.stackId, request.attemptId));
    const owner = await read<OwnerRecord>(ownerKey(request));
    const kind = kindOf(request.resourceType);
    const answered = attempt && successOf(attempt);
    const keys = [
      ...(owner?.objects ?? []).map((object) => objectKey(object.kind, object.id)),
      ...(kind === undefined
        ? []
        : [request.physicalId, answered?.physicalId].flatMap((id) => (id ? [objectKey(kind, id)] : []))),
    ];
    const objects = await Promise.all([...new Set(keys)].map((key) => read<ObjectRecord>(key)));
    return { attempt, owner, objects: objects.filter((object) => object !== undefined) };
  } catch {
    return undefined;
  }
}
