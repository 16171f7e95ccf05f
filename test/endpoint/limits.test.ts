/** A service behind the endpoint hangs, or cannot be reached. */
import { Agent, createServer, type Server } from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { jest } from '@jest/globals';
import { systemClock } from '../../common/clock.ts';
import type { Answer } from '../../endpoint/answer.ts';
import { assembleParts } from '../../endpoint/assemble.ts';
import { dynamoDB } from '../../endpoint/aws/dynamodb.ts';
import { client as clientOf } from '../../endpoint/aws/limits.ts';
import { secretText } from '../../endpoint/aws/secrets-manager.ts';
import { type Business, type BusinessRequest, remoteBusiness } from '../../endpoint/business.ts';
import { createHandler, type Parts } from '../../endpoint/pipeline.ts';
import { RotatingSecret, sameSecret } from '../../endpoint/secrets.ts';
import { readSettings } from '../../endpoint/settings.ts';
import { RecordStore } from '../../endpoint/store.ts';
import { createTwoPhase } from '../../endpoint/two-phase.ts';
import { type MiniStack, startMiniStack } from '../../local/aws/ministack.ts';
import { invocation } from './invocation.ts';
import { createTable } from './tables.ts';

let aws: MiniStack;
let dynamo: DynamoDBClient;
let silence: Server;
let silent: string;
let sequence = 0;
const newId = () => `limits-${process.pid}-${++sequence}`;
const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
const functionArn = 'arn:aws:lambda:us-east-1:000000000000:function:f';

const listen = (server: net.Server) =>
  new Promise<string>((done) =>
    server.listen(0, '127.0.0.1', () => done(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)),
  );

beforeAll(async () => {
  aws = await startMiniStack();
  Object.assign(process.env, aws.env);
  dynamo = new DynamoDBClient({});
  await createTable(dynamo, 'records');
  // This server takes every request and never answers.
  silence = createServer(() => {});
  silent = await listen(silence);
});
afterAll(async () => {
  silence.closeAllConnections();
  silence.close();
  dynamo.destroy();
  await aws.stop();
});

const done =
  (data: string): Business =>
  async () => ({
    kind: 'answered',
    answer: { status: 200, data, requiresRetry: false, processedAt: new Date().toISOString() },
  });

/** A handler with some of its parts replaced. */
function endpoint(business: Business, given: Record<string, string> = {}, parts: Partial<Parts> = {}) {
  const settings = readSettings({
    IDEMPOTENCY_TABLE_NAME: 'records',
    FUNCTION_TIMEOUT_SECONDS: '1',
    DIRECT_ANSWER: 'Envelope',
    ...given,
  });
  const quiet = { answered: () => {}, failed: () => {} };
  const handler = createHandler(
    () => ({
      ...assembleParts(settings, business, systemClock),
      store: new RecordStore(() => dynamo, 'records'),
      ...parts,
    }),
    () => quiet,
    systemClock,
  );
  return async (event: object, remainingMs = 15_000, alias = 'live') => {
    const startedAt = Date.now();
    const result = await handler(event, invocation(alias, { remainingMs })).catch((error: Error) =>
      JSON.parse(error.message),
    );
    const { body } = result as { body?: string };
    const answer = (body === undefined ? result : JSON.parse(body)) as Answer & { replayed?: boolean };
    return { answer, ms: Date.now() - startedAt };
  };
}

/** The table, but some of its calls go to a server that never answers. */
function hanging(...calls: ('claim' | 'complete' | 'read')[]): { store: RecordStore; stop: () => void } {
  const good = new RecordStore(() => dynamo, 'records');
  const client = new DynamoDBClient({ endpoint: silent, region: 'us-east-1', credentials });
  const bad = new RecordStore(() => client, 'records');
  const store = Object.create(good) as Record<string, unknown>;
  for (const name of ['claim', 'complete', 'read', 'release', 'abandon'] as const) {
    const from = (calls as string[]).includes(name) ? bad : good;
    store[name] = from[name].bind(from);
  }
  return { store: store as unknown as RecordStore, stop: () => client.destroy() };
}

describe('a service that takes a request and never answers', () => {
  test('is given up after three tries of 0.8 s, by the clients of the package', async () => {
    process.env['AWS_ENDPOINT_URL_DYNAMODB'] = silent;
    process.env['AWS_ENDPOINT_URL_SECRETS_MANAGER'] = silent;
    try {
      const startedAt = Date.now();
      const store = new RecordStore(dynamoDB, 'records');
      const calls = [store.read('key', new AbortController().signal), secretText('arn', 'AWSCURRENT')];
      const results = await Promise.allSettled(calls);
      expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
      expect(Date.now() - startedAt).toBeLessThan(6000);
      expect(Date.now() - startedAt).toBeGreaterThan(2300);
    } finally {
      delete process.env['AWS_ENDPOINT_URL_DYNAMODB'];
      delete process.env['AWS_ENDPOINT_URL_SECRETS_MANAGER'];
    }
  });

  test('as the table, before the work: 503 within the time of the caller, and nothing runs', async () => {
    const { store, stop } = hanging('claim');
    let runs = 0;
    const call = endpoint(
      async (request, signal) => {
        runs += 1;
        return done('x')(request, signal);
      },
      { CALLER_TIMEOUT_SECONDS: '1' },
      { store },
    );
    const { answer, ms } = await call({ requestId: newId() });
    stop();
    expect(answer).toMatchObject({ status: 503, code: 'IdempotencyUnavailable' });
    expect(ms).toBeLessThan(1000);
    expect(runs).toBe(0);
  });

  test('as the table, after the work: the answer goes out in time; with Retry a repeat runs it again', async () => {
    const { store, stop } = hanging('complete');
    const requestId = newId();
    const settings = { CALLER_TIMEOUT_SECONDS: '1' };
    const { answer, ms } = await endpoint(done('first'), settings, { store })({ requestId }, 2000);
    stop();
    expect(answer).toMatchObject({ status: 200, data: 'first' });
    expect(ms).toBeLessThan(1000);
    // The attempt still counts as alive here, and as dead for the request after this one.
    expect((await endpoint(done('second'), settings)({ requestId })).answer).toMatchObject({ status: 409 });
    const later = await endpoint(done('second'))({ requestId });
    expect(later.answer).toMatchObject({ status: 200, data: 'second' });
  });

  test('as the table, after the work: with Refuse a repeat is refused', async () => {
    const { store, stop } = hanging('complete');
    const requestId = newId();
    const settings = { ON_UNKNOWN_OUTCOME: 'Refuse' };
    const one = endpoint(done('first'), { ...settings, CALLER_TIMEOUT_SECONDS: '1' }, { store });
    expect((await one({ requestId }, 2000)).answer).toMatchObject({ status: 200, data: 'first' });
    stop();
    expect((await endpoint(done('second'), settings)({ requestId })).answer).toMatchObject({
      status: 409,
      code: 'OutcomeUnknown',
    });
  });

  test.each(['Retry', 'Refuse'])(
    'as the table, which took the claim: it is taken back, and a repeat runs with %s',
    async (policy) => {
      const requestId = newId();
      const good = new RecordStore(() => dynamo, 'records');
      const store = Object.assign(Object.create(good), {
        async claim(...given: Parameters<RecordStore['claim']>) {
          await good.claim(...given);
          throw Object.assign(new Error('no answer in time'), { name: 'TimeoutError' });
        },
        release: good.release.bind(good),
      }) as RecordStore;
      const settings = { ON_UNKNOWN_OUTCOME: policy };
      expect((await endpoint(done('x'), settings, { store })({ requestId })).answer.status).toBe(503);
      expect((await endpoint(done('second'), settings)({ requestId }, 3000)).answer).toMatchObject({
        status: 200,
        data: 'second',
      });
    },
  );

  const overHttp = { httpMethod: 'POST', path: '/actions/a', body: '{"requestId":"1"}' };
  const throughBalancer = {
    ...overHttp,
    headers: { 'x-endpoint-secret': 'x' },
    requestContext: { elb: {} },
  };
  const signed = {
    ...overHttp,
    headers: { 'x-genesys-signature': '0'.repeat(64) },
    requestContext: { identity: { userArn: 'arn:aws:iam::1:user/a' } },
  };

  test.each([
    ['a secret', 'alb', throughBalancer, { SHARED_SECRET_ARN: 'arn:x' }],
    [
      'a signing secret',
      'api',
      signed,
      { AUTHENTICATION: 'Iam', SIGNATURE: 'Body', SIGNING_SECRET_ARN: 'arn:x' },
    ],
  ])('as the keeper of %s: 503 within the time of the caller', async (_, alias, event, settings) => {
    process.env['AWS_ENDPOINT_URL_SECRETS_MANAGER'] = silent;
    const call = endpoint(done('x'), { CALLER_TIMEOUT_SECONDS: '1', ...settings });
    const { answer, ms } = await call(event, 15_000, alias);
    delete process.env['AWS_ENDPOINT_URL_SECRETS_MANAGER'];
    expect(answer).toMatchObject({ status: 503, code: 'SecretUnavailable', requiresRetry: true });
    expect(ms).toBeLessThan(1000);
  });

  test('as the keeper of a secret that is known: it goes on being accepted, after a second', async () => {
    let hangs = false;
    let now = Date.now();
    const secret = new RotatingSecret(
      {
        secretId: 'arn',
        field: 'secret',
        cacheMs: 1000,
        clock: { ...systemClock, now: () => now },
      },
      async () => (hangs ? new Promise(() => {}) : 'known'),
    );
    const accepts = () => secret.matches((value) => sameSecret(value, 'known'));
    expect(await accepts()).toBe(true);
    hangs = true;
    now += 600_000;
    const startedAt = Date.now();
    expect(await accepts()).toBe(true);
    expect(Date.now() - startedAt).toBeLessThan(1500);
  });

  test('as Lambda that is handed the work: 503 within the time of the caller', async () => {
    const store = new RecordStore(() => dynamo, 'records');
    const client = new LambdaClient({ endpoint: silent, region: 'us-east-1', credentials, maxAttempts: 1 });
    const twoPhase = createTwoPhase({
      store,
      lambda: () => client,
      workerArn: functionArn,
      bucket: undefined,
      onUnknownOutcome: 'Retry',
      clock: systemClock,
    });
    const call = endpoint(done('x'), { CALLER_TIMEOUT_SECONDS: '1' }, { store, twoPhase });
    const { answer, ms } = await call({ requestId: newId(), phase: 'start' });
    client.destroy();
    expect(answer).toMatchObject({ status: 503, code: 'WorkNotAccepted', requiresRetry: true });
    expect(ms).toBeLessThan(1000);
  });
});

describe('the time of the caller', () => {
  const settings = { CALLER_TIMEOUT_SECONDS: '60' };
  const seen = (deadlines: number[]): Business => {
    return async (request, signal) => {
      deadlines.push(Date.parse(request.deadline));
      return done('x')(request, signal);
    };
  };

  test('behind API Gateway is 28.5 s at most, whatever the setting', async () => {
    const deadlines: number[] = [];
    const now = Date.now();
    await endpoint(seen(deadlines), settings)(
      {
        httpMethod: 'POST',
        path: '/actions/a',
        body: JSON.stringify({ requestId: newId() }),
        requestContext: { requestTimeEpoch: now, authorizer: { caller: 'c' } },
      },
      65_000,
      'api',
    );
    expect((deadlines[0] ?? 0) - now).toBe(28_500 - 300);
  });

  test.each([
    ['on-demand', 4, 60 - 4],
    ['on-demand', 300, 60],
    ['provisioned-concurrency', 4, 60],
  ])(
    'of the first request of a container (%s, up for %d s) is %d s, of the next 60 s',
    async (type, upSeconds, left) => {
      const uptime = jest.spyOn(process, 'uptime').mockReturnValue(upSeconds);
      process.env['AWS_LAMBDA_INITIALIZATION_TYPE'] = type;
      const deadlines: number[] = [];
      const call = endpoint(seen(deadlines), settings);
      const startedAt = Date.now();
      try {
        for (let nth = 0; nth < 2; nth++) await call({ requestId: newId() }, 65_000);
      } finally {
        uptime.mockRestore();
        delete process.env['AWS_LAMBDA_INITIALIZATION_TYPE'];
      }
      const seconds = deadlines.map((deadline) => Math.round((deadline + 300 - startedAt) / 1000));
      expect(seconds).toEqual([left, 60]);
    },
  );
});

describe('an invocation', () => {
  /** Lambda behind a NAT gateway, which resets a connection that it has forgotten. */
  async function behindNat() {
    let runs = 0;
    const server = createServer((request, response) => {
      request.resume();
      request.on('end', () => {
        runs += 1;
        response.writeHead(200, { 'content-type': 'application/json' }).end('{"data":"done"}');
      });
    });
    const { port } = new URL(await listen(server));
    const flows = new Set<{ forgotten: boolean }>();
    const nat = net.createServer((down) => {
      const flow = { forgotten: false };
      flows.add(flow);
      const up = net.connect(Number(port), '127.0.0.1');
      down.on('data', (chunk) => (flow.forgotten ? down.resetAndDestroy() : up.write(chunk)));
      up.on('data', (chunk) => void (flow.forgotten || down.write(chunk)));
      for (const socket of [down, up]) socket.on('error', () => {});
      down.on('close', () => up.destroy());
      up.on('close', () => flow.forgotten || down.destroy());
    });
    const endpointUrl = await listen(nat);
    const made = clientOf(
      (requestHandler) =>
        new LambdaClient({
          endpoint: endpointUrl,
          region: 'us-east-1',
          credentials,
          requestHandler: { ...requestHandler, requestTimeout: 0 },
          maxAttempts: 1,
        }),
    );
    return {
      client: made,
      runs: () => runs,
      forget() {
        for (const flow of flows) flow.forgotten = true;
      },
      stop() {
        made().destroy();
        nat.close();
        server.closeAllConnections();
        server.close();
      },
    };
  }

  test.each(['Retry', 'Refuse'])(
    'after minutes without one uses no connection that a NAT gateway may have forgotten (%s)',
    async (policy) => {
      const world = await behindNat();
      const call = endpoint(remoteBusiness(world.client, functionArn, { clock: systemClock }), {
        ON_UNKNOWN_OUTCOME: policy,
      });
      expect((await call({ requestId: newId() })).answer.status).toBe(200);
      world.forget();
      const minutesLater = Date.now() + 350_000;
      const now = jest.spyOn(Date, 'now').mockImplementation(() => minutesLater);
      try {
        expect((await call({ requestId: newId() })).answer).toMatchObject({ status: 200, data: 'done' });
      } finally {
        now.mockRestore();
        world.stop();
      }
      expect(world.runs()).toBe(2);
    },
  );

  async function outcomeOf(client: () => LambdaClient) {
    const business = remoteBusiness(client, functionArn, { clock: systemClock });
    return business({} as BusinessRequest, new AbortController().signal);
  }

  test('that finds no connection within 0.8 s has done nothing', async () => {
    // A security group that drops packets has this effect, and so has a NAT gateway without a free port.
    class Nowhere extends Agent {
      override createConnection() {
        return Object.assign(new net.Socket(), { connecting: true });
      }
    }
    const client = new LambdaClient({
      endpoint: 'http://lambda.local',
      region: 'us-east-1',
      credentials,
      requestHandler: { connectionTimeout: 300, requestTimeout: 0, httpAgent: new Nowhere() },
      maxAttempts: 1,
    });
    const outcome = await outcomeOf(() => client);
    client.destroy();
    expect(outcome).toMatchObject({
      kind: 'nothing-done',
      answer: { status: 503, code: 'FunctionUnavailable' },
    });
  });

  const failing = (error: object) => () =>
    ({ send: () => Promise.reject(Object.assign(new Error('x'), error)) }) as unknown as LambdaClient;

  test.each([
    ...['EAI_AGAIN', 'ENOTFOUND'].map((code) => ({ code, syscall: 'getaddrinfo' })),
    ...['EHOSTUNREACH', 'ENETUNREACH', 'ECONNREFUSED', 'ETIMEDOUT'].map((code) => ({
      code,
      syscall: 'connect',
    })),
    { name: 'CredentialsProviderError' },
    ...[
      'EC2AccessDeniedException',
      'EC2ThrottledException',
      'EC2UnexpectedException',
      'EFSMountConnectivityException',
      'EFSMountFailureException',
      'EFSMountTimeoutException',
      'ENILimitReachedException',
      'InvalidRuntimeException',
      'InvalidSecurityGroupIDException',
      'InvalidSubnetIDException',
      'InvalidZipFileException',
      'KMSAccessDeniedException',
      'KMSDisabledException',
      'KMSInvalidStateException',
      'KMSNotFoundException',
      'SnapStartException',
      'SnapStartNotReadyException',
      'SnapStartTimeoutException',
      'SubnetIPAddressLimitReachedException',
    ].map((name) => ({ name, $metadata: { httpStatusCode: 502 } })),
    { name: 'RequestTooLargeException', $metadata: { httpStatusCode: 413 } },
    { name: 'ResourceNotFoundException', $metadata: { httpStatusCode: 404 } },
    { name: 'TooManyRequestsException', $metadata: { httpStatusCode: 429 } },
    { name: 'AccessDeniedException', $metadata: { httpStatusCode: 403 } },
    { name: 'ExpiredTokenException', $metadata: { httpStatusCode: 403 } },
  ])('that ends with %j never began: nothing is done, and it may come again', async (error) => {
    expect(await outcomeOf(failing(error))).toMatchObject({
      kind: 'nothing-done',
      answer: { requiresRetry: true },
    });
  });

  test.each([
    { code: 'ECONNRESET', syscall: 'read' },
    { code: 'EHOSTUNREACH', syscall: 'read' },
    { name: 'ServiceException', $metadata: { httpStatusCode: 500 } },
    { name: 'EFSIOException', $metadata: { httpStatusCode: 502 } },
  ])('that ends with %j may be running', async (error) => {
    expect(await outcomeOf(failing(error))).toMatchObject({ kind: 'unknown', running: true });
  });
});
