/** A failed request as CloudFormation and the ledger see it. */
import { type CloudFormationClient, paginateDescribeStackEvents } from '@aws-sdk/client-cloudformation';
import { systemClock } from '../../common/clock.ts';
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
import { describe } from '../connection/provider-stack.ts';
import type { LedgerView } from './answers.ts';
import { type FailedRequest, type ForeignMessage, isForeign } from './event.ts';
import type { Place } from './place.ts';

export interface StackView {
  /** Status of the stack, such as UPDATE_ROLLBACK_IN_PROGRESS; undefined where it is gone or unreadable. */
  stack?: string | undefined;
  resource?: string | undefined;
  /** Whether CloudFormation waits for the answer to this very request; undefined where none can see it. */
  isWaiting: boolean | undefined;
  /** Why it does not, or why that cannot be seen. */
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
  for (const one of requests) looked.push({ ...one, ...(await viewOf(one, requests, place, now)) });
  return [...looked, ...messages.filter(isForeign)].map(
    (one, index) => ({ ...one, number: index + 1 }) as Entry,
  );
}

/** One entry of the list as it is now. */
export async function lookAgain(
  entry: StuckRequest,
  entries: readonly Entry[],
  place: Place,
): Promise<StuckRequest> {
  const requests = entries.filter((one): one is StuckRequest => one.request !== undefined);
  return { ...entry, ...(await viewOf(entry, requests, place, systemClock.now())) };
}

async function viewOf(one: FailedRequest, requests: readonly FailedRequest[], place: Place, now: number) {
  return {
    cloudFormation: await askCloudFormation(one, requests, place, now),
    ledger: place.ledger && (await readLedgerOf(one, place.ledger)),
  };
}

/** Time from the resource's status to the signing of its ResponseURL, at most. */
const SIGNING_MILLISECONDS = 60_000;
/** An operation that waits has an event of its resource among the newest few thousand. */
const MOST_PAGES = 50;
const WAITING = { Create: 'CREATE_IN_PROGRESS', Update: 'UPDATE_IN_PROGRESS', Delete: 'DELETE_IN_PROGRESS' };

const accountOf = (arn: string) => arn.split(':')[4];

/** Asks CloudFormation about one request. `others` are all requests of the queue. */
export async function askCloudFormation(
  { request, waitsUntil }: FailedRequest,
  others: readonly FailedRequest[],
  place: Pick<Place, 'stacks' | 'functionArn'>,
  now: number,
): Promise<StackView> {
  const { stackId, logicalId, type, signedAt } = request;
  if (now > waitsUntil) return { isWaiting: false, why: 'its ServiceTimeout is over' };
  const account = accountOf(stackId);
  if (account !== accountOf(place.functionArn))
    return { isWaiting: undefined, why: `the stack is in the account ${account}` };
  try {
    const client = place.stacks(stackId.split(':')[3] ?? '');
    const stack = (await describe(client, stackId))?.StackStatus;
    if (stack === undefined) return { isWaiting: false, why: 'the stack is not there' };
    const newest = await newestEventOf(client, stackId, logicalId);
    const view = { stack, resource: newest?.ResourceStatus };
    if (view.resource !== WAITING[type])
      return { ...view, isWaiting: false, why: 'the resource does not wait for such a request' };
    const began = newest?.Timestamp?.getTime() ?? 0;
    const isOlder = signedAt !== undefined && signedAt + SIGNING_MILLISECONDS < began;
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
    return { isWaiting: undefined, why: `CloudFormation cannot be asked: ${messageOf(error)}` };
  }
}

/**
 * The newest event of a logical resource. It also shows the Delete by which a clean-up removes a replaced
 * object, when the resource itself is complete already.
 */
async function newestEventOf(client: CloudFormationClient, StackName: string, logicalId: string) {
  let pages = 0;
  for await (const { StackEvents = [] } of paginateDescribeStackEvents({ client }, { StackName })) {
    const event = StackEvents.find(({ LogicalResourceId }) => LogicalResourceId === logicalId);
    pages += 1;
    if (event !== undefined || pages === MOST_PAGES) return event;
  }
  return undefined;
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
