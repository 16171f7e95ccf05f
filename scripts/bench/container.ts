/**
 * One execution environment: runs a packaged handler as Lambda's Node runtime does, one event at a time. The
 * process that forked it may kill it, as Lambda may kill a container.
 */
import { DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';

export type Order =
  | { id: number; kind: 'invoke'; event: unknown; remainingMs: number }
  /** The reference of the handler's time: one invocation of the function and two writes of an item. */
  | { id: number; kind: 'reference'; event: unknown };

export interface Done {
  id: number;
  ms: number;
  result?: unknown;
  error?: string;
  roundTripsMs?: number[];
}

type Handler = (
  event: unknown,
  context: { invokedFunctionArn: string; awsRequestId: string; getRemainingTimeInMillis(): number },
) => Promise<unknown>;

const [file = '', functionArn = '', table = ''] = process.argv.slice(2);
const { handler } = (await import(file)) as { handler: Handler };
const lambda = new LambdaClient({ maxAttempts: 1 });
const dynamo = new DynamoDBClient({});

/** Milliseconds of one conditional write. */
async function write(order: Order, nth: number): Promise<number> {
  const startedAt = performance.now();
  await dynamo.send(
    new UpdateItemCommand({
      TableName: table,
      Key: { id: { S: `reference-${order.id}-${nth}` } },
      ConditionExpression: 'attribute_not_exists(id)',
      UpdateExpression: 'SET #data = :data',
      ExpressionAttributeNames: { '#data': 'data' },
      ExpressionAttributeValues: { ':data': { S: JSON.stringify(order) } },
    }),
  );
  return performance.now() - startedAt;
}

async function carryOut(order: Order): Promise<Done> {
  if (order.kind === 'reference') {
    const startedAt = performance.now();
    await lambda.send(
      new InvokeCommand({ FunctionName: functionArn, Payload: Buffer.from(JSON.stringify(order.event)) }),
    );
    const ms = performance.now() - startedAt;
    return { id: order.id, ms, roundTripsMs: [await write(order, 1), await write(order, 2)] };
  }
  const endsAt = Date.now() + order.remainingMs;
  const startedAt = performance.now();
  try {
    const result = await handler(order.event, {
      invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:endpoint:live',
      awsRequestId: `bench-${order.id}`,
      getRemainingTimeInMillis: () => endsAt - Date.now(),
    });
    return { id: order.id, ms: performance.now() - startedAt, result };
  } catch (error) {
    return { id: order.id, ms: performance.now() - startedAt, error: (error as Error).message };
  }
}

/** Serves the orders of the parent process until it disconnects. */
export function run(): void {
  process.on('message', (order: Order) => void carryOut(order).then((done) => process.send?.(done)));
  process.on('disconnect', () => process.exit());
  process.send?.('ready');
}

if (import.meta.main) run();
