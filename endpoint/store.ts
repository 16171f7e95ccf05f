/**
 * The records of requests in DynamoDB; idempotency.ts draws their states. The attribute names are those of
 * Powertools' idempotency, so that its tools read the table; docs/decisions/0005-endpoint-idempotency.md says
 * why the conditions are our own. A claim is one call and its end another. Every write after a claim is
 * conditional on its owner, so an attempt that lost its record changes nothing.
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
  /**
   * End of the time in which the attempt counts as alive, in ms since the epoch; 0 once it is known to be
   * over.
   */
  inProgressUntilMs: number;
  /** Time of the claim, in ms since the epoch. */
  claimedAtMs: number;
  /** End of the record's time, in seconds since the epoch. DynamoDB removes the record up to days later. */
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
  /** Whether another attempt may follow a dead one. */
  takeOverTheDead: boolean;
  /**
   * Earlier deliveries of the same event: their owner begins so, and they are dead if they began before this
   * time.
   */
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
   * Makes this attempt the owner of the key, or returns the record in its way. This is one call to the table;
   * only an expired record that DynamoDB has not removed yet costs more.
   * @throws Error of DynamoDB, or if records of this key expire and vanish again and again.
   */
  async claim(request: ClaimRequest, signal: AbortSignal): Promise<Claim> {
    let expired: StoredRecord | undefined;
    for (let round = 0; round < 4; round++) {
      const claim = await this.#tryClaim(request, expired, signal);
      if (claim.claimed) return claim;
      const { record } = claim;
      const wasRemoved = record === undefined;
      const hasExpired = !wasRemoved && record.expiresAtSeconds * 1000 <= request.nowMs;
      // DynamoDB removed the expired record between two tries, so the key is claimed as a new one.
      if (wasRemoved) expired = undefined;
      else if (expired === undefined && hasExpired) expired = record;
      else return { claimed: false, record };
    }
    throw new Error('the record of this key comes and goes');
  }

  async #tryClaim(
    request: ClaimRequest,
    expired: StoredRecord | undefined,
    signal: AbortSignal,
  ): Promise<Claim | { claimed: false; record: undefined }> {
    const hasFailed = '#status = :failed';
    const isDead = '(#status = :inProgress AND #alive < :now)';
    const isDeadPredecessor =
      '(#status = :inProgress AND begins_with(#owner, :prefix) AND #claimed <= :beganBefore)';
    const followable = [
      hasFailed,
      ...(request.takeOverTheDead ? [isDead] : []),
      ...(request.takeOverTheDead && request.dead !== undefined ? [isDeadPredecessor] : []),
    ].join(' OR ');
    const isNew = 'attribute_not_exists(id)';
    const isNextAttempt = `(#expiration > :nowSeconds AND #validation = :validation AND (${followable}))`;
    const isSameExpiredRecord = '#expiration = :expired AND #owner = :lastOwner';
    // DynamoDB refuses an expression with values that it does not use.
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
          ConditionExpression: expired === undefined ? `${isNew} OR ${isNextAttempt}` : isSameExpiredRecord,
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
      // The client sent this claim twice, because the first answer got lost on the way.
      if (record.owner === request.owner) return { claimed: true, attempt: record.attempt };
      return { claimed: false, record };
    }
  }

  /** Stores the answer. Returns the record of another attempt if this one has lost its claim to it. */
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

  /** Ends an attempt that another one may follow at once. */
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

  /**
   * Ends an attempt with an unknown outcome. The record stays in progress, but it no longer counts as alive.
   */
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
      // The client sent this write twice, because the first answer got lost on the way.
      return record?.owner === owner ? undefined : record;
    }
  }
}

/** The record that made the condition fail, if there was one. Any other error is thrown again. */
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
