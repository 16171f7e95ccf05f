/** The shipped zip and templates on MiniStack: REST API, authorizer, direct invocation, worker. */
import { GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { keyOf } from '../../endpoint/key.ts';
import { aws } from '../../local/aws/cli.ts';
import { type Caller, type EndpointWorld, startEndpointWorld } from './world.ts';

let world: EndpointWorld;
let secretArn: string;
let handlerArn: string;
let handlerName: string;
let workerArn: string;
let authorizerName: string;
let logGroup: string;
let failureQueue: string;
let table: string;
let call: Caller;

const secret = 'canary-secret-current-0123456789';
const right = { 'x-endpoint-secret': secret };

beforeAll(async () => {
  world = await startEndpointWorld();
  secretArn = await world.secret('/genesys/credentials/endpoint', 'canary-secret-older');
  await world.rotate(secretArn, 'canary-secret-previous');
  await world.rotate(secretArn, secret);
  const endpoint = await world.endpoint('endpoint', {
    CreateWorker: 'true',
    CallerTimeoutSeconds: '4',
    TimeoutSeconds: '6',
    SharedSecretArn: secretArn,
  });
  handlerArn = endpoint.outputs['FunctionArn'] ?? '';
  table = endpoint.outputs['TableName'] ?? '';
  handlerName = endpoint.resources['Handler'] ?? '';
  workerArn = endpoint.resources['Worker'] ?? '';
  logGroup = endpoint.outputs['LogGroupName'] ?? '';
  failureQueue = endpoint.outputs['FailureQueueUrl'] ?? '';
  const api = await world.api('api', endpoint.outputs['ApiFunctionArn'] ?? '', {
    SharedSecretArn: secretArn,
    AuthorizerTtlSeconds: '0',
  });
  call = api.call;
  authorizerName = api.authorizer;
});

afterAll(() => world?.stop());

let sequence = 0;
const newId = () => `r-${++sequence}`;

async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const giveUpAt = Date.now() + 20_000;
  while (!(await condition())) {
    if (Date.now() > giveUpAt) throw new Error(`not within 20 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('a caller of the API', () => {
  test('with the right secret gets the answer of the function', async () => {
    const reply = await call({ requestId: newId(), amount: 3 }, right);
    expect(reply.status).toBe(200);
    expect(reply.answer).toMatchObject({
      status: 200,
      requiresRetry: false,
      data: { run: expect.any(Number) },
    });
    expect(reply.headers.get('cache-control')).toBe('no-store');
  });

  test('with the previous secret gets in', async () => {
    expect(
      (await call({ requestId: newId() }, { 'x-endpoint-secret': 'canary-secret-previous' })).status,
    ).toBe(200);
  });

  test.each([
    ['a wrong secret', { 'x-endpoint-secret': 'guess' }],
    ['the secret before the previous one', { 'x-endpoint-secret': 'canary-secret-older' }],
    ['the right secret in another header', { authorization: secret }],
    ['no secret', {}],
    ['an empty secret', { 'x-endpoint-secret': '' }],
  ])('with %s does not, and nothing runs', async (_, headers) => {
    const requestId = newId();
    const reply = await call({ requestId }, headers as Record<string, string>);
    expect([401, 403]).toContain(reply.status);
    expect(world.runsOf(requestId)).toHaveLength(0);
  });

  test('is told apart from others in the key by the authorizer, not by what it says itself', async () => {
    const requestId = newId();
    await call({ requestId, caller: 'direct' }, right);
    expect(world.runsOf(requestId)).toMatchObject([{ caller: 'shared-secret' }]);
  });
});

describe('two identical requests', () => {
  test('one after the other: one run, one answer, and the second says that it is a replay', async () => {
    const payload = { requestId: newId(), amount: 5 };
    const first = await call(payload, right);
    const second = await call(payload, right);
    expect(second.text).toBe(first.text);
    expect(first.headers.get('idempotent-replayed')).toBeNull();
    expect(second.headers.get('idempotent-replayed')).toBe('true');
    expect(world.runsOf(payload.requestId)).toHaveLength(1);
  });

  test('20 at once, in 20 containers: one run, one stored answer', async () => {
    const payload = { requestId: newId() };
    world.behave((run) => void setTimeout(() => run.answer({ data: { ticket: run.idempotencyKey } }), 300));
    const replies = await Promise.all(Array.from({ length: 20 }, () => world.invoke(handlerArn, payload)));
    expect(world.runsOf(payload.requestId)).toHaveLength(1);
    expect(replies.filter(({ error }) => error)).toEqual([]);
    expect(new Set(replies.map(({ payload: data }) => JSON.stringify(data))).size).toBe(1);
    world.behave((run) => run.answer({ data: { run: 1 } }));
  });

  test('of which the second has another payload: 422', async () => {
    const requestId = newId();
    await call({ requestId, amount: 5 }, right);
    const other = await call({ requestId, amount: 6 }, right);
    expect(other).toMatchObject({ status: 422, answer: { code: 'PayloadMismatch', requiresRetry: false } });
    expect(world.runsOf(requestId)).toHaveLength(1);
  });
});

describe('a request', () => {
  test('of more than 256 KB is a 413', async () => {
    const requestId = newId();
    const reply = await call({ requestId, blob: 'x'.repeat(256 * 1024) }, right);
    expect(reply).toMatchObject({ status: 413, answer: { code: 'PayloadTooLarge' } });
    expect(world.runsOf(requestId)).toHaveLength(0);
  });

  test('without an id is a 400', async () => {
    expect(await call({ amount: 3 }, right)).toMatchObject({
      status: 400,
      answer: { code: 'RequestIdMissing' },
    });
  });

  test('whose function is slower than the caller waits is answered in time: 504, and held until it is over', async () => {
    const requestId = newId();
    let release = () => {};
    world.behave((run) => {
      release = () => run.answer({ data: { late: true } });
    });
    const startedAt = Date.now();
    const reply = await call({ requestId }, right);
    expect(Date.now() - startedAt).toBeLessThan(4000);
    expect(reply).toMatchObject({ status: 504, answer: { code: 'FunctionTimedOut', requiresRetry: true } });
    release();
    world.behave((run) => run.answer({ data: { attempt: run.attempt } }));
    const later = await call({ requestId }, right);
    expect([200, 409]).toContain(later.status);
  });

  test('whose function throws is a 502 without its message; the next one is attempt 2', async () => {
    const requestId = newId();
    world.behave((run) => run.fail());
    const reply = await call({ requestId }, right);
    expect(reply).toMatchObject({ status: 502, answer: { code: 'FunctionFailed', requiresRetry: true } });
    expect(reply.text).not.toContain('4111');
    world.behave((run) => run.answer({ data: { attempt: run.attempt } }));
    expect((await call({ requestId }, right)).answer).toMatchObject({ status: 200, data: { attempt: 2 } });
  });

  test('whose function answers nonsense is a 502 of its own', async () => {
    world.behave((run) => run.answer({ balance: 3 }));
    const reply = await call({ requestId: newId() }, right);
    expect(reply).toMatchObject({ status: 502, answer: { code: 'FunctionAnswerInvalid' } });
    world.behave((run) => run.answer({ data: { run: 1 } }));
  });
});

describe('a direct invocation', () => {
  test('returns the data, and replays it', async () => {
    const payload = { requestId: newId(), action: 'refund' };
    world.behave((run) => run.answer({ data: { ticket: run.idempotencyKey } }));
    const first = await world.invoke(handlerArn, payload);
    const second = await world.invoke(handlerArn, payload);
    expect(first).toEqual({ error: false, payload: { ticket: expect.any(String) } });
    expect(second).toEqual(first);
    expect(world.runsOf(payload.requestId)).toMatchObject([
      { caller: 'direct', attempt: 1, action: 'refund' },
    ]);
  });

  test('throws what is no success, as JSON in the message', async () => {
    world.behave((run) => run.answer({ status: 404, code: 'NoSuchOrder' }));
    const { error, payload } = await world.invoke(handlerArn, { requestId: newId() });
    expect(error).toBe(true);
    const { errorMessage } = payload as { errorMessage: string };
    expect(JSON.parse(errorMessage)).toEqual({ status: 404, code: 'NoSuchOrder', requiresRetry: false });
    world.behave((run) => run.answer({ data: { run: 1 } }));
  });
});

describe('the author of a data action, who writes the whole event of a direct invocation,', () => {
  /** The event that API Gateway would send for a caller. */
  const forged = (payload: object, requestContext: object) => ({
    httpMethod: 'POST',
    path: '/actions/refund',
    pathParameters: { action: 'refund' },
    headers: right,
    body: JSON.stringify(payload),
    isBase64Encoded: false,
    requestContext,
  });
  const asApiCaller = { authorizer: { caller: 'shared-secret' } };
  const unqualified = () => handlerArn.replace(/:live$/, '');
  const refusal = { status: 400, code: 'WrongAlias', requiresRetry: false };

  test.each([
    ['the alias live', () => handlerArn],
    ['the function without an alias', unqualified],
  ])('gets by %s no answer that was stored for a caller of the API', async (_, arn) => {
    const payload = { requestId: newId(), amount: 7 };
    world.behave((run) => run.answer({ data: { iban: 'canary-iban' } }));
    expect((await call(payload, right)).answer.data).toEqual({ iban: 'canary-iban' });
    const { error, payload: answer } = await world.invoke(arn(), forged(payload, asApiCaller));
    expect(JSON.stringify(answer)).not.toContain('canary-iban');
    expect(error).toBe(true);
    expect(JSON.parse((answer as { errorMessage: string }).errorMessage)).toEqual(refusal);
    world.behave((run) => run.answer({ data: { run: 1 } }));
  });

  test.each([
    ['a caller of the authorizer', asApiCaller],
    ['an IAM caller', { identity: { userArn: 'arn:aws:sts::111122223333:assumed-role/Payments/x' } }],
    ['a load balancer', { elb: { targetGroupArn: 'x' } }],
  ])('cannot have the function run as %s', async (_, requestContext) => {
    const requestId = newId();
    for (const arn of [handlerArn, unqualified()]) {
      const { payload } = await world.invoke(arn, forged({ requestId }, requestContext));
      expect(JSON.parse((payload as { errorMessage: string }).errorMessage)).toEqual(refusal);
    }
    expect(world.runsOf(requestId)).toEqual([]);
  });

  test('cannot write an order of the worker', async () => {
    const requestId = newId();
    const order = { requestId, payloadHash: 'h', action: 'refund', caller: 'shared-secret', payload: {} };
    const { error } = await world.invoke(workerArn, {
      ...order,
      key: keyOf('refund', 'shared-secret', requestId),
      interactionId: null,
    });
    expect(error).toBe(true);
    expect(world.runsOf(requestId)).toEqual([]);
  });

  test('cannot poll with the token of a caller of the API', async () => {
    const start = await call({ requestId: newId(), phase: 'start' }, right, { action: 'report' });
    const { token } = start.answer.data as { token: string };
    const poll = { phase: 'poll', token, action: 'report' };
    const { payload } = await world.invoke(handlerArn, poll);
    expect(JSON.stringify(payload)).toContain('TokenUnknown');
    expect([200, 202]).toContain((await call(poll, right, { action: 'report' })).status);
  });
});

describe('a container that is killed while the function runs', () => {
  async function dieDuring(arn: string, name: string, requestId: string) {
    let running = false;
    world.behave(() => {
      running = true;
    });
    const dead = world.invoke(arn, { requestId }).catch(() => ({ error: true, payload: undefined }));
    await until('the function runs', () => running);
    expect(await world.kill(name)).toBeGreaterThan(0);
    expect((await dead).error).toBe(true);
    world.behave((run) => run.answer({ data: { attempt: run.attempt } }));
  }

  test('with Retry: its request is in progress until it cannot be, then attempt 2 runs', async () => {
    const requestId = newId();
    await dieDuring(handlerArn, handlerName, requestId);
    const early = await world.invoke(handlerArn, { requestId });
    expect(JSON.stringify(early.payload)).toContain('InProgress');
    let reply = early;
    await until('it is taken over', async () => {
      reply = await world.invoke(handlerArn, { requestId });
      return !reply.error;
    });
    expect(reply.payload).toEqual({ attempt: 2 });
    expect(world.runsOf(requestId).map(({ attempt }) => attempt)).toEqual([1, 2]);
  });

  test('with Refuse: its request is never run again, and says so', async () => {
    const strict = await world.endpoint('strict', {
      OnUnknownOutcome: 'Refuse',
      CallerTimeoutSeconds: '2',
      TimeoutSeconds: '3',
    });
    const arn = strict.outputs['FunctionArn'] ?? '';
    const requestId = newId();
    await dieDuring(arn, strict.resources['Handler'] ?? '', requestId);
    await until('the outcome is unknown', async () =>
      JSON.stringify((await world.invoke(arn, { requestId })).payload).includes('OutcomeUnknown'),
    );
    expect(world.runsOf(requestId)).toHaveLength(1);
  });
});

test('a table that cannot be reached: 503, and nothing runs', async () => {
  const endpoint = await world.endpoint('tableless', { ExistingTableName: 'no-such-table' });
  const requestId = newId();
  const { payload } = await world.invoke(endpoint.outputs['FunctionArn'] ?? '', { requestId });
  expect(JSON.stringify(payload)).toContain('IdempotencyUnavailable');
  expect(world.runsOf(requestId)).toHaveLength(0);
});

describe('work in two phases', () => {
  const poll = (token: unknown, action = 'report') => call({ phase: 'poll', token }, right, { action });

  test('start answers 202 and a token, poll the result; a repeated start does not do it again', async () => {
    const requestId = newId();
    world.behave((run) => run.answer({ data: { rows: 3, attempt: run.attempt } }));
    const start = { requestId, phase: 'start' };
    const first = await call(start, right, { action: 'report' });
    expect(first).toMatchObject({ status: 202, answer: { data: { state: 'accepted' } } });
    const { token } = first.answer.data as { token: string };
    await until('the work is done', async () => (await poll(token)).status === 200);
    expect((await poll(token)).answer).toMatchObject({ status: 200, data: { rows: 3, attempt: 1 } });
    expect((await call(start, right, { action: 'report' })).text).toBe(first.text);
    expect(world.runsOf(requestId)).toHaveLength(1);
  });

  test('a result that is too large for the table comes from the bucket', async () => {
    const requestId = newId();
    const rows = 'x'.repeat(900_000);
    world.behave((run) => run.answer({ data: { rows } }));
    const start = await call({ requestId, phase: 'start' }, right, { action: 'report' });
    const { token } = start.answer.data as { token: string };
    await until('the work is done', async () => (await poll(token)).status === 200);
    expect((await poll(token)).answer.data).toEqual({ rows });
    const { Item } = await world.clients.dynamo.send(
      new GetItemCommand({ TableName: table, Key: { id: { S: `${token}#work` } } }),
    );
    expect(JSON.stringify(Item).length).toBeLessThan(2000);
  });

  test('work that fails is done again, three times at most, and then said to have failed', async () => {
    const requestId = newId();
    world.behave((run) => run.fail());
    const start = await call({ requestId, phase: 'start' }, right, { action: 'report' });
    const { token } = start.answer.data as { token: string };
    await until('it is given up', async () => (await poll(token)).status === 409);
    expect((await poll(token)).answer).toMatchObject({ code: 'WorkFailed', requiresRetry: false });
    expect(world.runsOf(requestId).map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
    world.behave((run) => run.answer({ data: { run: 1 } }));

    // The runbook reads the order and the error from the dead-letter queue.
    let messages: string[] = [];
    await until('it is in the queue', async () => {
      const received = await aws<{ Messages?: { Body: string }[] }>(world.aws, [
        'sqs',
        'receive-message',
        '--queue-url',
        failureQueue,
        '--attribute-names',
        'All',
        '--max-number-of-messages',
        '10',
        // For queues this CLI ignores AWS_ENDPOINT_URL.
        '--endpoint-url',
        world.aws.url,
      ]);
      messages = received.Messages?.map(({ Body }) => Body) ?? [];
      return messages.length > 0;
    });
    expect(messages.map((body) => JSON.parse(body))).toMatchObject([
      { requestPayload: { requestId, key: token }, responsePayload: { errorMessage: expect.any(String) } },
    ]);
  });

  test.each([
    ['another action', 'other'],
    ['nobody', 'report'],
  ])('a token of %s is unknown', async (whose, action) => {
    const requestId = newId();
    const start = await call({ requestId, phase: 'start' }, right, { action: 'report' });
    const { token } = start.answer.data as { token: string };
    const asked = whose === 'nobody' ? `${token.slice(0, -4)}0000` : token;
    expect(await poll(asked, action)).toMatchObject({ status: 404, answer: { code: 'TokenUnknown' } });
  });
});

test('the log has one structured line for each request, with metrics, and no payload, secret or token', async () => {
  const requestId = newId();
  await call(
    { requestId, conversationId: '0a1b2c3d-0000-4000-8000-000000000000', pin: 'canary-pin-4711' },
    right,
  );
  const logged = async () => {
    const groups = [logGroup, `/aws/lambda/${handlerName}`, `/aws/lambda/${authorizerName}`];
    const events = await Promise.all(
      groups.map((group) =>
        aws<{ events?: { message: string }[] }>(world.aws, [
          'logs',
          'filter-log-events',
          '--log-group-name',
          group,
        ]).catch(() => ({ events: [] })),
      ),
    );
    return events.flatMap(({ events: found = [] }) => found.flatMap(({ message }) => message.split('\n')));
  };
  let log: string[] = [];
  await until('it is logged', async () => {
    log = await logged();
    return log.some((text) => text.includes(`"requestId":"${requestId}"`));
  });
  const lines = log.filter((text) => text.includes(`"requestId":"${requestId}"`));
  expect(lines).toHaveLength(1);
  const line = JSON.parse(lines[0]?.slice(lines[0].indexOf('{')) ?? '{}');
  expect(line).toMatchObject({
    requestId,
    interactionId: '0a1b2c3d-0000-4000-8000-000000000000',
    statusCode: 200,
    executionTime: expect.any(Number),
    replayed: false,
    coldStart: expect.any(Boolean),
    action: 'refund',
  });
  const all = `${log.join('\n')}${world.aws.log()}`;
  expect(all).not.toMatch(/canary/);
  expect(all).toContain('"Namespace":"GenesysDataActions"');
});

test('a record that has expired but is not yet removed counts for nothing', async () => {
  const requestId = newId();
  world.behave((run) => run.answer({ data: { attempt: run.attempt } }));
  await world.invoke(handlerArn, { requestId });
  const key = world.runsOf(requestId)[0]?.idempotencyKey ?? '';
  await world.clients.dynamo.send(
    new UpdateItemCommand({
      TableName: table,
      Key: { id: { S: key } },
      UpdateExpression: 'SET expiration = :past',
      ExpressionAttributeValues: { ':past': { N: String(Math.floor(Date.now() / 1000) - 1) } },
    }),
  );
  expect((await world.invoke(handlerArn, { requestId, other: 1 })).payload).toEqual({ attempt: 1 });
  expect(world.runsOf(requestId)).toHaveLength(2);
});
