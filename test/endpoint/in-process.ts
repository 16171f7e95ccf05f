/** The whole pipeline around a function in this process, on a real DynamoDB API (MiniStack). */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Answer, HttpResult } from '../../endpoint/answer.ts';
import { type BusinessFunction, dataActionHandler } from '../../endpoint/index.ts';
import type { Observer, RequestFacts } from '../../endpoint/observe.ts';
import { type MiniStack, startMiniStack } from '../../local/aws/ministack.ts';
import { invocation } from './invocation.ts';
import { createTable } from './tables.ts';

export const table = 'records';

export interface Records {
  dynamo: DynamoDBClient;
  stop(): Promise<void>;
}

/** Starts MiniStack with the table, and points the clients of this process to it. */
export async function startRecords(): Promise<Records> {
  const aws: MiniStack = await startMiniStack();
  Object.assign(process.env, aws.env);
  const dynamo = new DynamoDBClient({});
  await createTable(dynamo, table);
  return {
    dynamo,
    async stop() {
      dynamo.destroy();
      await aws.stop();
    },
  };
}

let sequence = 0;
/** An id that no other test uses. */
export const newId = () => `request-${process.pid}-${++sequence}`;

export interface Line extends RequestFacts {
  answer: Answer;
  replayed: boolean;
}

export function endpoint(business: BusinessFunction, settings: Record<string, string> = {}) {
  const lines: Line[] = [];
  const failures: { what: string; error: unknown }[] = [];
  const observer: Observer = {
    answered: (facts, answer, { replayed }) => lines.push({ ...facts, answer, replayed }),
    failed: (what, _, error) => failures.push({ what, error }),
  };
  const handler = dataActionHandler(business, {
    observer,
    settings: { IDEMPOTENCY_TABLE_NAME: table, FUNCTION_TIMEOUT_SECONDS: '1', ...settings },
  });
  return {
    lines,
    failures,
    /** Any event by any alias. */
    invoke: (event: unknown, alias: string | undefined) => handler(event, invocation(alias)),
    direct: (payload: Record<string, unknown>, remainingMs?: number) =>
      handler(payload, invocation('live', remainingMs === undefined ? {} : { remainingMs })),
    /** A request over the REST API whose caller the authorizer has named. */
    async http(payload: unknown, more: { remainingMs?: number; caller?: string; body?: string } = {}) {
      const { remainingMs = 10_000, caller = 'shared-secret', body = JSON.stringify(payload) } = more;
      const result = await handler(apiEvent(body, caller), invocation('api', { remainingMs }));
      return answered(result as HttpResult);
    },
  };
}

/** The event of API Gateway for a request whose caller the authorizer has named. */
export function apiEvent(body: string, caller: string) {
  return {
    httpMethod: 'POST',
    path: '/actions/refund',
    pathParameters: { action: 'refund' },
    headers: {},
    body,
    isBase64Encoded: false,
    requestContext: { authorizer: { caller } },
  };
}

export function answered(result: HttpResult) {
  return { ...result, answer: JSON.parse(result.body) as Answer };
}

/** A function that counts its runs and answers with the count. */
export function counting(before: () => Promise<void> | void = () => {}) {
  const runs: { attempt: number; key: string }[] = [];
  const business: BusinessFunction = async ({ attempt, idempotencyKey }) => {
    runs.push({ attempt, key: idempotencyKey });
    const count = runs.length;
    await before();
    return { data: { count } };
  };
  return { runs, business };
}

/** Waits until the function has begun. */
export async function begun(runs: readonly unknown[]): Promise<void> {
  const giveUpAt = Date.now() + 10_000;
  while (runs.length === 0) {
    if (Date.now() > giveUpAt) throw new Error('the function was not run');
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** A promise that a test resolves. */
export function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}
