import { randomUUID } from 'node:crypto';
import {
  type AttributeValue,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import type { Clock } from '../../common/clock.ts';
import {
  type Abortable,
  type Deadline,
  endOfRepeats,
  timeLimit,
  unlessAborted,
} from '../../common/deadline.ts';
import { LedgerError } from '../../common/errors.ts';
import { describeAwsError } from '../runtime/aws.ts';

/** An item as it was read; a later write has to find the same revision. */
export interface Versioned<T> {
  key: string;
  body: T;
  revision: number;
}

/** One write of a commit. */
export interface Change<T = unknown> {
  key: string;
  /** The new body; without one the item is removed. */
  body?: T;
  /** The item that the write replaces; undefined for one that must not exist. */
  read: Versioned<unknown> | undefined;
  /** Seconds since the epoch at which DynamoDB may drop the item. */
  expiresAt?: number;
}

/** The end of a call. Without a time, a busy table is asked for some seconds. */
export type CallEnd = Abortable & Partial<Pick<Deadline, 'at'>>;

interface Until {
  abortSignal: AbortSignal;
}

export type AtLeastOne<T> = [T, ...T[]];
const eachOf = <T, U>([first, ...rest]: AtLeastOne<T>, map: (item: T) => U): AtLeastOne<U> => [
  map(first),
  ...rest.map(map),
];

/** Somebody else wrote one of the items since it was read. */
export class LedgerConflictError extends LedgerError {}

/**
 * The format of the items, which includes the rules of the fingerprints in them. Every item says its format.
 * It grows with each change that earlier code would misunderstand.
 */
export const LEDGER_FORMAT = 1;

/** A newer version of the provider has written an item, so this one does not know its meaning. */
export class NewerLedgerError extends LedgerError {
  constructor(key: string, format: number) {
    super(
      `The ledger's record ${key} was written by a newer version of the provider, in format ${format}; this version knows format ${LEDGER_FORMAT}. Nothing was done. Update this provider to that version, then deploy again.`,
    );
  }
}

/**
 * Compare-and-set over one DynamoDB table (hash key `pk`, TTL attribute `expiresAt`). An item is a JSON body
 * with a revision, and several changes are one transaction. An expired item does not exist, even if DynamoDB
 * still has it.
 */
export class Store {
  readonly #client: DynamoDBClient;
  readonly #table: string;
  readonly #clock: Clock;

  constructor(client: DynamoDBClient, table: string, clock: Clock) {
    this.#client = client;
    this.#table = table;
    this.#clock = clock;
  }

  /** @throws NewerLedgerError where a newer version of the provider has written the item */
  async read<T>(key: string, deadline?: CallEnd): Promise<Versioned<T> | undefined> {
    const item = await this.#readItem(key, deadline);
    if (item === undefined) return undefined;
    const format = Number(item['format']?.N);
    if (format > LEDGER_FORMAT) throw new NewerLedgerError(key, format);
    return { key, body: JSON.parse(item['body']?.S ?? 'null') as T, revision: Number(item['revision']?.N) };
  }

  /**
   * Writes all changes or none, and returns the items in the same order.
   * @throws LedgerConflictError where an item is not as it was read
   */
  async commit(changes: AtLeastOne<Change>, deadline?: CallEnd): Promise<AtLeastOne<Versioned<unknown>>> {
    const writer = randomUUID();
    const end = this.#endOfRepeats(deadline);
    const written = eachOf(changes, (change) => ({ change, revision: (change.read?.revision ?? 0) + 1 }));
    try {
      await this.#send(() => this.#write(written, writer, deadline, end));
    } catch (error) {
      // The write may be done: its answer was lost, or the client repeated it and met its own item. `writer`
      // tells.
      const first = written.find(({ change }) => change.body !== undefined);
      const item = first && (await this.#readItem(first.change.key, deadline, end).catch(() => undefined));
      if (item?.['writer']?.S !== writer) {
        if (!isConflict(error)) throw error;
        throw new LedgerConflictError(
          `The ledger's ${changes.map((change) => change.key).join(', ')} was written by another request.`,
          {
            cause: error,
          },
        );
      }
    }
    return eachOf(written, ({ change, revision }) => ({ key: change.key, body: change.body, revision }));
  }

  /**
   * Makes sure that the table is still the ledger of this provider. @throws LedgerError where it is not
   */
  async confirm(_deadline?: CallEnd): Promise<void> {
    // A plain store has no registration to look at.
  }

  async #readItem(
    key: string,
    deadline: CallEnd | undefined,
    end = this.#endOfRepeats(deadline),
  ): Promise<Record<string, AttributeValue> | undefined> {
    const command = () =>
      new GetItemCommand({ TableName: this.#table, Key: { pk: { S: key } }, ConsistentRead: true });
    const { Item } = await this.#send(() =>
      this.#unlessBusy(
        (until) => this.#client.send(command(), until),
        () => false,
        deadline,
        end,
      ),
    );
    const expiresAt = Number(Item?.['expiresAt']?.N ?? Number.POSITIVE_INFINITY);
    return expiresAt * 1000 <= this.#clock.now() ? undefined : Item;
  }

  async #write(
    written: AtLeastOne<{ change: Change; revision: number }>,
    writer: string,
    deadline: CallEnd | undefined,
    end: number,
  ): Promise<void> {
    const [only, ...others] = eachOf(written, ({ change, revision }) =>
      this.#action(change, revision, writer),
    );
    const send = (until: Until): Promise<unknown> => {
      if (others.length > 0) {
        const command = { TransactItems: [only, ...others], ClientRequestToken: writer };
        return this.#client.send(new TransactWriteItemsCommand(command), until);
      }
      return only.Put
        ? this.#client.send(new PutItemCommand(only.Put), until)
        : this.#client.send(new DeleteItemCommand(only.Delete), until);
    };
    await this.#unlessBusy(send, isFinalForWrite, deadline, end);
  }

  /**
   * Repeats a call while the table is too busy for it, or still works on an earlier try. The SDK's own tries
   * of a throttled call end within a second, and it takes a cancellation for final. A repeated write meets
   * its own item, and a repeated transaction with the same token is done once (DynamoDB API reference,
   * TransactWriteItems).
   * Any other failure is tried again for some seconds, and once in any case. Permissions that were just given
   * may not hold yet (IAM User Guide, "Changes that I make are not always immediately visible"), and an
   * answer may be lost on the way. A Delete that gives up leaves its object to nobody.
   * @param end milliseconds since the epoch
   */
  async #unlessBusy<T>(
    send: (until: Until) => Promise<T>,
    isFinal: (error: unknown) => boolean,
    deadline: CallEnd | undefined,
    end: number,
  ): Promise<T> {
    const endOfOthers = Math.min(end, this.#clock.now() + LEAST_MILLISECONDS);
    for (let wait = FIRST_WAIT_MILLISECONDS; ; wait = Math.min(2 * wait, LONGEST_WAIT_MILLISECONDS)) {
      try {
        return await this.#limited(send, deadline);
      } catch (error) {
        if (isFinal(error) || deadline?.signal.aborted) throw error;
        const isFirst = wait === FIRST_WAIT_MILLISECONDS;
        const last = isBusy(error) || isFirst ? end : endOfOthers;
        if (this.#clock.now() + wait >= last) throw error;
        await this.#clock.sleep(wait, deadline?.signal);
      }
    }
  }

  /** The SDK limits the time until an answer begins, and not the time until it is complete. */
  async #limited<T>(send: (until: Until) => Promise<T>, deadline: CallEnd | undefined): Promise<T> {
    const reason = () => new LedgerError(`DynamoDB did not answer within ${CALL_MILLISECONDS / 1000} s.`);
    const limit = timeLimit(this.#clock, CALL_MILLISECONDS, reason, deadline?.signal);
    try {
      // The client does not let go of an answer that has begun.
      return await unlessAborted(send({ abortSignal: limit.signal }), limit.signal);
    } finally {
      limit.dispose();
    }
  }

  /** When the repeats of a call that begins now end: a busy minute must not fail a rollback that has five. */
  #endOfRepeats(deadline: CallEnd | undefined): number {
    const now = this.#clock.now();
    const end = deadline?.at === undefined ? now : endOfRepeats({ at: deadline.at }, now);
    return Math.max(end, now + LEAST_MILLISECONDS);
  }

  #action({ key, body, read, expiresAt }: Change, revision: number, writer: string) {
    const condition =
      read === undefined
        ? {
            ConditionExpression: 'attribute_not_exists(pk) OR expiresAt <= :now',
            ExpressionAttributeValues: { ':now': { N: String(Math.floor(this.#clock.now() / 1000)) } },
          }
        : {
            ConditionExpression: 'revision = :revision',
            ExpressionAttributeValues: { ':revision': { N: String(read.revision) } },
          };
    if (body === undefined)
      return { Delete: { TableName: this.#table, Key: { pk: { S: key } }, ...condition } };
    return {
      Put: {
        TableName: this.#table,
        Item: {
          pk: { S: key },
          body: { S: JSON.stringify(body) },
          revision: { N: String(revision) },
          writer: { S: writer },
          format: { N: String(LEDGER_FORMAT) },
          ...(expiresAt === undefined ? {} : { expiresAt: { N: String(expiresAt) } }),
        },
        ...condition,
      },
    };
  }

  async #send<T>(call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      if (isConflict(error)) throw error;
      throw new LedgerError(
        `The provider's ledger, DynamoDB table ${this.#table}, cannot be used: ${describeAwsError(error)}. Without it nothing is changed in Genesys Cloud.`,
        { cause: error },
      );
    }
  }
}

// Errors are told by name, because loading the SDK's classes costs time at the start.
function isConflict(error: unknown): boolean {
  const { name } = (error ?? {}) as { name?: unknown };
  return (
    name === 'ConditionalCheckFailedException' ||
    // DynamoDB's answer to a single write that met a transaction.
    name === 'TransactionConflictException' ||
    cancellations(error).some((code) => code === 'ConditionalCheckFailed' || code === 'TransactionConflict')
  );
}

const isBusy = (error: unknown) =>
  isInProgress(error) ||
  PASSING.includes(String(((error ?? {}) as { name?: unknown }).name)) ||
  (!isConflict(error) && cancellations(error).some((code) => BUSY.includes(code)));

/** Another request has written, or one of the reasons of a cancelled transaction does not go away. */
const isFinalForWrite = (error: unknown) =>
  isConflict(error) || (cancellations(error).length > 0 && !isBusy(error));

/** Whether DynamoDB still works on an earlier try of the same transaction, whose answer was lost. */
const isInProgress = (error: unknown) =>
  ((error ?? {}) as { name?: unknown }).name === 'TransactionInProgressException';

/**
 * Reasons of a cancelled transaction that go away by themselves (DynamoDB API reference, TransactWriteItems).
 */
const BUSY = [
  'ThrottlingError',
  'ProvisionedThroughputExceeded',
  'RequestLimitExceeded',
  'InternalServerError',
];
/**
 * Refusals of a whole call that go away by themselves (Amazon DynamoDB developer guide, "Error handling").
 */
const PASSING = [
  'ThrottlingException',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'InternalServerError',
  'ServiceUnavailable',
];
/** A busy table is asked for so long at least, within the deadline; after another failure, at most. */
const LEAST_MILLISECONDS = 8_000;
/** Enough for the SDK's own tries, each of which may hang. */
const CALL_MILLISECONDS = 30_000;
const FIRST_WAIT_MILLISECONDS = 100;
const LONGEST_WAIT_MILLISECONDS = 2_000;

/** The reason of a cancelled transaction for each of its writes. */
function cancellations(error: unknown): string[] {
  const { name, CancellationReasons: reasons } = (error ?? {}) as {
    name?: unknown;
    CancellationReasons?: { Code?: string }[];
  };
  return name === 'TransactionCanceledException' ? (reasons ?? []).map(({ Code = '' }) => Code) : [];
}
