/**
 * The records of requests in DynamoDB. Attribute names are those of Powertools' idempotency, so that its tools
 * read them; docs/decisions/0005-endpoint-idempotency.md says why the conditions are our own. A claim and what
 * ends it are one call each, and every write after a claim names its owner: who lost a record changes nothing.
 */
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';

export type RecordStatus = 'INPROGRESS' | 'COMPLETED' | 'FAILED';

export interface StoredRecord {
  status: RecordStatus;
  /** 1 for the first. */
  attempt: number;
  owner: string;
  payloadHash: string;
  /** Until when the attempt is presumed alive, in ms since the epoch; 0 once it is known to be over. */
  inProgressUntilMs: number;
  /** When the attempt began, in ms since the epoch. */
  claimedAtMs: number;
  /** Until when the record counts, in seconds since the epoch; DynamoDB removes it up to days later. */
  expiresAtSeconds: number;
  /** The stored answer as JSON. */
  data: string | undefined;
}

export interface ClaimRequest {
  key: string;
  /** Unique for this attempt. */
  owner: string;
  payloadHash: string;
  nowMs: number;
  inProgressUntilMs: number;
  expiresAtSeconds: number;
  /** Whether an attempt that is presumed dead may be followed by another. */
  takeOverTheDead: boolean;
  /** Attempts whose owner begins so and that began before `beganBeforeMs` are dead: deliveries of this same event. */
  dead?: { ownerPrefix: string; beganBeforeMs: number } | undefined;
}

export type Claim = { claimed: true; attempt: number } | { claimed: false; record: StoredRecord };

const names = {
  '#status': 'status',
  '#attempt': 'attempt',
  '#owner': 'owner',
  '#validation': 'validation',
  '#expiration': 'expiration',
  '#alive': 'in_progress_expiration',
  '#claimed': 'claimed_at',
  '#data': 'data',
};

export class RecordStore {
  readonly #client: () => DynamoDBClient;
  readonly #tableName: string;

  constructor(client: () => DynamoDBClient, tableName: string) {
    this.#client = client;
    this.#tableName = tableName;
  }

  /**
   * Makes this attempt the owner of the key, or tells who stands in the way: one call, and more only for a record
   * that has expired and is not removed yet.
   */
  async claim(request: ClaimRequest, signal: AbortSignal): Promise<Claim> {
    let expired: StoredRecord | undefined;
    for (let round = 0; round < 4; round++) {
      const claim = await this.#tryClaim(request, expired, signal);
      if (claim.claimed) return claim;
      const { record } = claim;
      // DynamoDB removed the expired record between two tries: there is none to follow any more.
      if (record === undefined) expired = undefined;
      else if (expired === undefined && record.expiresAtSeconds * 1000 <= request.nowMs) expired = record;
      else return { claimed: false, record };
    }
    throw new Error('the record of this key comes and goes');
  }

  async #tryClaim(
    request: ClaimRequest,
    expired: StoredRecord | undefined,
    signal: AbortSignal,
  ): Promise<Claim | { claimed: false; record: undefined }> {
    const dead = ['(#status = :inProgress AND #alive < :now)'];
    if (request.dead !== undefined) {
      dead.push('(#status = :inProgress AND begins_with(#owner, :prefix) AND #claimed <= :beganBefore)');
    }
    const followable = ['#status = :failed', ...(request.takeOverTheDead ? dead : [])].join(' OR ');
    const free = `attribute_not_exists(id) OR (#expiration > :nowSeconds AND #validation = :validation AND (${followable}))`;
    // A DynamoDB expression may not name values that it does not use.
    const conditionValues: Record<string, AttributeValue> =
      expired === undefined
        ? {
            ':failed': { S: 'FAILED' },
            ':nowSeconds': { N: String(request.nowMs / 1000) },
            ...(request.takeOverTheDead ? { ':now': { N: String(request.nowMs) } } : {}),
            ...(request.takeOverTheDead && request.dead !== undefined
              ? {
                  ':prefix': { S: request.dead.ownerPrefix },
                  ':beganBefore': { N: String(request.dead.beganBeforeMs) },
                }
              : {}),
          }
        : { ':expired': { N: String(expired.expiresAtSeconds) }, ':lastOwner': { S: expired.owner } };
    try {
      const { Attributes } = await this.#client().send(
        new UpdateItemCommand({
          TableName: this.#tableName,
          Key: { id: { S: request.key } },
          ConditionExpression:
            expired === undefined ? free : '#expiration = :expired AND #owner = :lastOwner',
          UpdateExpression: [
            'SET #status = :inProgress, #owner = :owner, #validation = :validation, #alive = :alive,',
            '#expiration = :expiration, #claimed = :claimed,',
            expired === undefined ? '#attempt = if_not_exists(#attempt, :zero) + :one' : '#attempt = :one',
            'REMOVE #data',
          ].join(' '),
          ExpressionAttributeNames: names,
          ExpressionAttributeValues: {
            ':inProgress': { S: 'INPROGRESS' },
            ':owner': { S: request.owner },
            ':validation': { S: request.payloadHash },
            ':alive': { N: String(request.inProgressUntilMs) },
            ':claimed': { N: String(request.nowMs) },
            ':expiration': { N: String(request.expiresAtSeconds) },
            ':one': { N: '1' },
            ...(expired === undefined ? { ':zero': { N: '0' } } : {}),
            ...conditionValues,
          },
          ReturnValues: 'UPDATED_NEW',
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        }),
        { abortSignal: signal },
      );
      return { claimed: true, attempt: Number(Attributes?.['attempt']?.N ?? 1) };
    } catch (error) {
      const record = refusedBy(error);
      if (record === undefined) return { claimed: false, record };
      // Our own claim, whose answer was lost on the way and which the client sent again.
      if (record.owner === request.owner) return { claimed: true, attempt: record.attempt };
      return { claimed: false, record };
    }
  }

  /** Stores the answer. Returns the record that stands instead when the claim was lost to another attempt. */
  complete(
    key: string,
    owner: string,
    data: string,
    expiresAtSeconds: number,
    signal: AbortSignal,
  ): Promise<StoredRecord | undefined> {
    return this.#end(
      key,
      owner,
      'SET #status = :completed, #data = :data, #expiration = :expiration REMOVE #alive',
      {
        ':completed': { S: 'COMPLETED' },
        ':data': { S: data },
        ':expiration': { N: String(expiresAtSeconds) },
      },
      signal,
    );
  }

  /** Ends an attempt that is known to have done nothing, or may be followed by another at once. */
  async release(key: string, owner: string, signal: AbortSignal): Promise<void> {
    await this.#end(
      key,
      owner,
      'SET #status = :failed, #alive = :over',
      {
        ':failed': { S: 'FAILED' },
        ':over': { N: '0' },
      },
      signal,
    );
  }

  /** Ends an attempt of which nobody knows what it did. It stays in progress, presumed alive no longer. */
  async abandon(key: string, owner: string, signal: AbortSignal): Promise<void> {
    await this.#end(key, owner, 'SET #alive = :over', { ':over': { N: '0' } }, signal);
  }

  async read(key: string, signal: AbortSignal): Promise<StoredRecord | undefined> {
    const { Item } = await this.#client().send(
      new GetItemCommand({ TableName: this.#tableName, Key: { id: { S: key } }, ConsistentRead: true }),
      { abortSignal: signal },
    );
    return Item === undefined ? undefined : recordOf(Item);
  }

  async #end(
    key: string,
    owner: string,
    update: string,
    values: Record<string, AttributeValue>,
    signal: AbortSignal,
  ): Promise<StoredRecord | undefined> {
    const used = Object.entries(names).filter(
      ([name]) => name === '#owner' || name === '#status' || update.includes(name),
    );
    try {
      await this.#client().send(
        new UpdateItemCommand({
          TableName: this.#tableName,
          Key: { id: { S: key } },
          ConditionExpression: '#owner = :owner AND #status = :inProgress',
          UpdateExpression: update,
          ExpressionAttributeNames: Object.fromEntries(used),
          ExpressionAttributeValues: {
            ':owner': { S: owner },
            ':inProgress': { S: 'INPROGRESS' },
            ...values,
          },
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        }),
        { abortSignal: signal },
      );
      return undefined;
    } catch (error) {
      const record = refusedBy(error);
      // Our own end of it, sent twice by the client.
      return record?.owner === owner ? undefined : record;
    }
  }
}

/** The record that made a condition fail, where there was one; any other error is thrown again. */
function refusedBy(error: unknown): StoredRecord | undefined {
  if (!(error instanceof ConditionalCheckFailedException)) throw error;
  return error.Item === undefined ? undefined : recordOf(error.Item);
}

function recordOf(item: Record<string, AttributeValue>): StoredRecord {
  const number = (name: string) => Number(item[name]?.N ?? 0);
  return {
    status: (item['status']?.S ?? 'FAILED') as RecordStatus,
    attempt: number('attempt'),
    owner: item['owner']?.S ?? '',
    payloadHash: item['validation']?.S ?? '',
    inProgressUntilMs: number('in_progress_expiration'),
    claimedAtMs: number('claimed_at'),
    expiresAtSeconds: number('expiration'),
    data: item['data']?.S,
  };
}
