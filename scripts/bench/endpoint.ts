/**
 * Section `endpoint`: checks and times the promises of the data-action endpoint. The packaged handler runs in
 * processes of its own, against MiniStack's DynamoDB.
 * The customer's function is a small server that speaks Lambda's Invoke and counts its effects.
 */
import { type ChildProcess, execFile, fork } from 'node:child_process';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { build } from 'esbuild';
import { startMiniStack } from '../../local/aws/ministack.ts';
import type { Done, Order } from './container.ts';
import { sectionOf } from './report.ts';
import { atMost, type Options, type Section } from './section.ts';

const root = resolve(import.meta.dirname, '../..');
const functionArn = 'arn:aws:lambda:us-east-1:000000000000:function:business';

export interface Spread {
  median: number;
  p99: number;
}

export interface Traffic {
  /**
   * Requests without the ones that a caller repeated because a container died or the first was in progress.
   */
  requests: number;
  distinctKeys: number;
  /** Runs of the customer's function. */
  invocations: number;
  /** Containers that were killed while the function ran. */
  deaths: number;
  /** Effects beyond the first of their request, under whatever key. */
  duplicateEffects: number;
  /** Requests whose attempts had more than one key. A function that honours the key would then act twice. */
  changedKeys: number;
  /** Repeats that were answered 5xx. */
  duplicate5xx: number;
  /** Distinct requests that were refused because the effect of the dead attempt is unknown. */
  refused: number;
  /** Distinct keys that never got an answer, nor a refusal. */
  unanswered: number;
}

export interface EndpointFigures extends Traffic {
  /** Traffic with 5 % of the containers dying and a function that honours the key. */
  retry: Traffic;
  /** Traffic with 5 % of the containers dying and a function that ignores the key. */
  refuse: Traffic;
  overhead: {
    /** A bare invocation of the function and, below, one conditional write, by the same SDK and process. */
    passThroughMs: Spread;
    roundTripMs: Spread;
    /** A bare invocation and two conditional writes in turn: the handler cannot be faster. */
    leastMs: Spread;
    handlerMs: Spread;
    replayMs: Spread;
    authorizerMs: Spread;
    /** handlerMs less leastMs, median less median and p99 less p99; may be at most 3. */
    beyondTwoRoundTripsMs: Spread;
    /** replayMs less roundTripMs, in the same way; may be at most 2. */
    replayBeyondOneRoundTripMs: Spread;
    /** Calls to DynamoDB of one new request and of one replay, counted on the wire. */
    dynamoCalls: { first: number; replay: number };
  };
  zipBytes: number;
  /** Loading the handler in a fresh process: packaged, and the same code with its dependencies unbundled. */
  coldLoadMs: { packaged: number; unbundled: number; ratio: number };
}

export async function endpoint({ quick }: Options): Promise<Section> {
  const figures = await measure(quick ? 200 : 10_000, quick);
  const { overhead: time, coldLoadMs } = figures;
  return {
    ...sectionOf('Data-action endpoint', figures),
    notes: [
      'Requests: 30 % are duplicates, and 10 % of all repeat another one at the same moment. The runs with deaths send a fifth as many.',
      "Least: a bare invocation of the function and two conditional writes by the same SDK in the same process, in turns with the handler. DynamoDB is MiniStack's, on this machine.",
      'Beyond: median less median, p99 less p99.',
    ],
    goals: [
      atMost('endpoint.duplicateEffects', figures.duplicateEffects, 0),
      atMost('endpoint.duplicate5xx', figures.duplicate5xx, 0),
      atMost('endpoint.invocations less distinctKeys', figures.invocations - figures.distinctKeys, 0),
      atMost('endpoint.changedKeys', figures.changedKeys, 0),
      atMost('endpoint.unanswered', figures.unanswered, 0),
      atMost('endpoint.refuse.refused less deaths', figures.refuse.refused - figures.refuse.deaths, 0),
      atMost('endpoint.overhead.beyondTwoRoundTripsMs.median', time.beyondTwoRoundTripsMs.median, 3),
      atMost('endpoint.overhead.beyondTwoRoundTripsMs.p99', time.beyondTwoRoundTripsMs.p99, 3),
      atMost(
        'endpoint.overhead.replayBeyondOneRoundTripMs.median',
        time.replayBeyondOneRoundTripMs.median,
        2,
      ),
      atMost('endpoint.overhead.replayBeyondOneRoundTripMs.p99', time.replayBeyondOneRoundTripMs.p99, 2),
      atMost('endpoint.overhead.authorizerMs.p99', time.authorizerMs.p99, 1),
      atMost('endpoint.zipBytes', figures.zipBytes, 250_000),
      atMost('endpoint.coldLoadMs.ratio', coldLoadMs.ratio, 0.6),
    ],
  };
}

async function measure(requests: number, quick: boolean): Promise<EndpointFigures> {
  const aws = await startMiniStack();
  const business = await startBusiness();
  const dynamo = new DynamoDBClient({
    endpoint: aws.url,
    region: aws.region,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  const tableOf = async (name: string) => {
    await dynamo.send(
      new CreateTableCommand({
        TableName: name,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      }),
    );
    return name;
  };
  const environment = (table: string, more: Record<string, string> = {}) => ({
    ...aws.env,
    AWS_ENDPOINT_URL_LAMBDA: business.url,
    FUNCTION_ARN: functionArn,
    FUNCTION_TIMEOUT_SECONDS: '1',
    IDEMPOTENCY_TABLE_NAME: table,
    POWERTOOLS_SERVICE_NAME: 'bench',
    DIRECT_ANSWER: 'Envelope',
    ...more,
  });
  try {
    const steady = await traffic(business, environment(await tableOf('steady')), { requests, deathShare: 0 });
    const fifth = Math.ceil(requests / 5);
    const retry = await traffic(business, environment(await tableOf('retry')), {
      requests: fifth,
      deathShare: 0.05,
      honoursKey: true,
    });
    const refuse = await traffic(
      business,
      environment(await tableOf('refuse'), { ON_UNKNOWN_OUTCOME: 'Refuse' }),
      { requests: fifth, deathShare: 0.05 },
    );
    return {
      ...steady,
      duplicateEffects: steady.duplicateEffects + retry.duplicateEffects + refuse.duplicateEffects,
      duplicate5xx: steady.duplicate5xx + retry.duplicate5xx + refuse.duplicate5xx,
      changedKeys: steady.changedKeys + retry.changedKeys + refuse.changedKeys,
      unanswered: steady.unanswered + retry.unanswered + refuse.unanswered,
      retry,
      refuse,
      overhead: await overhead(
        business,
        environment(await tableOf('overhead')),
        aws.url,
        // A hundred rounds are enough for a p99 of the short run.
        quick ? 100 : 1_000,
      ),
      zipBytes: (await stat(join(root, 'dist/endpoint.zip'))).size,
      coldLoadMs: await coldLoad(),
    };
  } finally {
    dynamo.destroy();
    await business.stop();
    await aws.stop();
  }
}

// ---- Traffic ----

interface Pending {
  requestId: string;
  repeat: boolean;
}

/**
 * Sends 70 % of the requests with keys of their own. 10 % of all repeat another request at the same moment,
 * and 20 % repeat one later.
 */
async function traffic(
  business: Business,
  env: Record<string, string>,
  {
    requests,
    deathShare,
    honoursKey = false,
  }: { requests: number; deathShare: number; honoursKey?: boolean },
): Promise<Traffic> {
  const distinctKeys = Math.round(requests * 0.7);
  const concurrent = Math.round(requests * 0.1);
  const later = requests - distinctKeys - concurrent;
  const tally = { duplicate5xx: 0, unanswered: 0, deaths: 0 };
  const refused = new Set<string>();
  const pool = await startPool(12, env);
  const deathEvery = Math.round(1 / deathShare);
  business.begin({
    honoursKey,
    // The container dies after the effect and before the answer: the worst moment.
    kills: (requestId, attempt) =>
      deathShare > 0 && attempt === 1 && Number(requestId.slice(2)) % deathEvery === 3,
    kill: (container) => {
      if (pool.kill(container)) tally.deaths += 1;
    },
  });

  /** Sends until there is an answer, as a caller does that was told to come again. */
  async function settle({ requestId, repeat }: Pending): Promise<void> {
    for (let sending = 0; sending < 40; sending++) {
      const done = await pool.run({ requestId, amount: 1 });
      if (done === 'died') continue;
      const answer = (done.result ?? JSON.parse(done.error ?? '{}')) as { status: number; code?: string };
      if (answer.status >= 500 && (repeat || sending > 0)) tally.duplicate5xx += 1;
      if (answer.code === 'OutcomeUnknown') {
        refused.add(requestId);
        return;
      }
      if (answer.status < 300) return;
      // The caller waits a tenth of a second. A real caller would wait for Retry-After.
      await new Promise((wake) => setTimeout(wake, 100));
    }
    tally.unanswered += 1;
  }

  const queue: Pending[][] = Array.from({ length: distinctKeys }, (_, i) => {
    const first = { requestId: `r-${i}`, repeat: false };
    return i < concurrent ? [first, { ...first, repeat: true }] : [first];
  });
  const repeats: Pending[][] = Array.from({ length: later }, (_, i) => [
    { requestId: `r-${i % distinctKeys}`, repeat: true },
  ]);
  try {
    for (const stage of [queue, repeats]) {
      // There are fewer callers than containers, because some send two requests at once and dead containers
      // are replaced.
      await Promise.all(
        Array.from({ length: 10 }, async () => {
          for (let together = stage.shift(); together !== undefined; together = stage.shift()) {
            await Promise.all(together.map(settle));
          }
        }),
      );
    }
  } finally {
    pool.stop();
  }
  return { requests, distinctKeys, ...business.end(), ...tally, refused: refused.size };
}

// ---- Overhead ----

async function overhead(
  business: Business,
  env: Record<string, string>,
  dynamoUrl: string,
  rounds: number,
): Promise<EndpointFigures['overhead']> {
  business.begin({ honoursKey: false, kills: () => false, kill: () => {} });
  const pool = await startPool(1, env);
  const samples = {
    pass: [] as number[],
    trip: [] as number[],
    least: [] as number[],
    first: [] as number[],
    replay: [] as number[],
  };
  const warmUp = 50;
  for (let i = 0; i < rounds + warmUp; i++) {
    const event = { requestId: `o-${i}`, amount: 1, subject: 'a request of ordinary size'.repeat(10) };
    const reference = await pool.reference(event);
    const first = await pool.run(event);
    const replay = await pool.run(event);
    if (first === 'died' || replay === 'died') throw new Error('the container died');
    if (i < warmUp) continue;
    samples.pass.push(reference.ms);
    const trips = reference.roundTripsMs ?? [];
    samples.trip.push(...trips);
    samples.least.push(trips.reduce((sum, ms) => sum + ms, reference.ms));
    samples.first.push(first.ms);
    samples.replay.push(replay.ms);
  }
  pool.stop();
  const [least, trip] = [spread(samples.least), spread(samples.trip)];
  const [handler, replayed] = [spread(samples.first), spread(samples.replay)];
  const dynamoCalls = await countCalls(env, dynamoUrl);
  business.end();
  return {
    passThroughMs: spread(samples.pass),
    roundTripMs: trip,
    leastMs: least,
    handlerMs: handler,
    replayMs: replayed,
    authorizerMs: await authorizer(),
    beyondTwoRoundTripsMs: beyond(handler, least),
    replayBeyondOneRoundTripMs: beyond(replayed, trip),
    dynamoCalls,
  };
}

/** Sends one new request and one replay through a proxy that counts. */
async function countCalls(env: Record<string, string>, dynamoUrl: string) {
  let calls = 0;
  const proxy = createServer((incoming, outgoing) => {
    calls += 1;
    const { method, headers, url } = incoming;
    const upstream = httpRequest(new URL(url ?? '/', dynamoUrl), { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(outgoing);
    });
    incoming.pipe(upstream);
  });
  const url = await listen(proxy);
  const pool = await startPool(1, { ...env, AWS_ENDPOINT_URL_DYNAMODB: url });
  await pool.run({ requestId: 'counted' });
  const first = calls;
  await pool.run({ requestId: 'counted' });
  pool.stop();
  proxy.closeAllConnections();
  await new Promise((done) => proxy.close(done));
  return { first, replay: calls - first };
}

/** The packaged authorizer with a warm secret, in a process of its own. */
async function authorizer(): Promise<Spread> {
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(JSON.stringify({ SecretString: '{"secret":"the right one"}' }));
  });
  const url = await listen(server);
  const script = `
    const { handler } = await import(process.argv[1]);
    console.warn = console.log = console.info = () => {};
    const event = { methodArn: 'arn:aws:execute-api:us-east-1:000000000000:a/live/POST/actions/x', headers: { 'x-endpoint-secret': 'the right one' } };
    const samples = [];
    for (let i = 0; i < 1100; i++) {
      const startedAt = performance.now();
      const { policyDocument } = await handler(event);
      if (policyDocument.Statement[0].Effect !== 'Allow') throw new Error('refused');
      if (i >= 100) samples.push(performance.now() - startedAt);
    }
    process.stdout.write(JSON.stringify(samples));`;
  try {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--input-type=module', '-e', script, join(root, 'dist/endpoint/authorizer.mjs')],
      {
        env: {
          AWS_ENDPOINT_URL: url,
          AWS_REGION: 'us-east-1',
          AWS_ACCESS_KEY_ID: 'test',
          AWS_SECRET_ACCESS_KEY: 'test',
          SHARED_SECRET_ARN: 'arn:aws:secretsmanager:us-east-1:000000000000:secret:a-AbCdEf',
        },
      },
    );
    return spread(JSON.parse(stdout) as number[]);
  } finally {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  }
}

/** Median of loads in fresh processes, taken in turns. */
async function coldLoad(): Promise<EndpointFigures['coldLoadMs']> {
  // The folder lies inside the checkout, so that the dependencies are found.
  const folder = await mkdtemp(join(root, 'dist/unbundled-'));
  try {
    const unbundled = join(folder, 'index.mjs');
    await build({
      absWorkingDir: root,
      entryPoints: ['endpoint/index.ts'],
      outfile: unbundled,
      bundle: true,
      packages: 'external',
      format: 'esm',
      platform: 'node',
      target: 'node24',
    });
    const files = { packaged: join(root, 'dist/endpoint/index.mjs'), unbundled };
    const samples = { packaged: [] as number[], unbundled: [] as number[] };
    const script =
      'const t = performance.now(); await import(process.argv[1]); process.stdout.write(String(performance.now() - t));';
    for (let i = 0; i < 15; i++) {
      for (const which of ['packaged', 'unbundled'] as const) {
        const { stdout } = await promisify(execFile)(
          process.execPath,
          ['--input-type=module', '-e', script, files[which]],
          { env: { FUNCTION_ARN: functionArn } },
        );
        samples[which].push(Number(stdout));
      }
    }
    const packaged = spread(samples.packaged).median;
    const reference = spread(samples.unbundled).median;
    return { packaged, unbundled: reference, ratio: round(packaged / reference) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

// ---- Containers ----

interface Pool {
  /** Runs the handler in a free container; 'died' when the container was killed meanwhile. */
  run(event: unknown): Promise<Done | 'died'>;
  reference(event: unknown): Promise<Done>;
  /** Kills a container by the name that it gives in its calls. */
  kill(name: string): boolean;
  stop(): void;
}

/** Each container runs one event at a time, and a dead one is replaced, as Lambda does. */
async function startPool(size: number, env: Record<string, string>): Promise<Pool> {
  interface Container {
    name: string;
    child: ChildProcess;
    settle: ((done: Done | 'died') => void) | undefined;
  }
  const all = new Set<Container>();
  const free: Container[] = [];
  const waiting: ((container: Container) => void)[] = [];
  let stopped = false;
  let sequence = 0;
  let started = 0;

  const release = (container: Container) => {
    const next = waiting.shift();
    if (next === undefined) free.push(container);
    else next(container);
  };
  const start = () =>
    new Promise<void>((ready) => {
      const name = `container-${++started}`;
      const child = fork(
        join(import.meta.dirname, 'container.ts'),
        [join(root, 'dist/endpoint/index.mjs'), functionArn, env['IDEMPOTENCY_TABLE_NAME'] ?? ''],
        {
          // The SDK puts this name into its user agent, which tells the function the container that invoked
          // it.
          env: { PATH: process.env['PATH'] ?? '', ...env, AWS_SDK_UA_APP_ID: name },
          execArgv: ['--no-warnings'],
          // Writing log lines is part of the measured work; the bench does not print them.
          stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
        },
      );
      const container: Container = { name, child, settle: undefined };
      all.add(container);
      child.on('message', (message: Done | 'ready') => {
        if (message === 'ready') {
          release(container);
          ready();
          return;
        }
        const { settle } = container;
        container.settle = undefined;
        release(container);
        settle?.(message);
      });
      child.on('exit', () => {
        all.delete(container);
        if (stopped) return;
        container.settle?.('died');
        void start();
      });
    });
  await Promise.all(Array.from({ length: size }, start));

  const take = () =>
    new Promise<Container>((taken) => {
      const container = free.shift();
      if (container === undefined) waiting.push(taken);
      else taken(container);
    });
  const order = async (what: (id: number) => Order) => {
    const container = await take();
    return new Promise<Done | 'died'>((settle) => {
      container.settle = settle;
      container.child.send(what(++sequence));
    });
  };
  return {
    run: (event) => order((id) => ({ id, kind: 'invoke', event, remainingMs: 1500 })),
    async reference(event) {
      const done = await order((id) => ({ id, kind: 'reference', event }));
      if (done === 'died') throw new Error('the container died');
      return done;
    },
    kill(name) {
      const container = [...all].find((one) => one.name === name);
      return container?.child.kill('SIGKILL') ?? false;
    },
    stop() {
      stopped = true;
      for (const { child } of all) child.kill('SIGKILL');
    },
  };
}

// ---- The customer's function ----

interface Behaviour {
  honoursKey: boolean;
  kills(requestId: string, attempt: number): boolean;
  kill(container: string): void;
}

interface Business {
  url: string;
  begin(behaviour: Behaviour): void;
  end(): { invocations: number; duplicateEffects: number; changedKeys: number };
  stop(): Promise<void>;
}

/** Speaks Lambda's Invoke: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html. */
async function startBusiness(): Promise<Business> {
  let behaviour: Behaviour | undefined;
  let invocations = 0;
  /** Number of effects by request id. */
  let effects = new Map<string, number>();
  /** Keys that the function has met. */
  let seen = new Set<string>();
  let keys = new Map<string, Set<string>>();
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const event = JSON.parse(Buffer.concat(chunks).toString()) as {
      idempotencyKey?: string;
      requestId?: string;
      attempt?: number;
    };
    const { idempotencyKey, requestId = '', attempt = 1 } = event;
    if (idempotencyKey !== undefined) {
      invocations += 1;
      keys.set(requestId, (keys.get(requestId) ?? new Set()).add(idempotencyKey));
      if (!seen.has(idempotencyKey) || behaviour?.honoursKey !== true) {
        effects.set(requestId, (effects.get(requestId) ?? 0) + 1);
      }
      seen.add(idempotencyKey);
      if (behaviour?.kills(requestId, attempt) === true) {
        const agent = `${request.headers['user-agent']} ${request.headers['x-amz-user-agent']}`;
        behaviour.kill(/app\/(container-\d+)/.exec(agent)?.[1] ?? '');
        return;
      }
    }
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ data: { receipt: idempotencyKey ?? null } }));
  });
  const url = await listen(server);
  return {
    url,
    begin(how) {
      behaviour = how;
      invocations = 0;
      effects = new Map();
      seen = new Set();
      keys = new Map();
    },
    end() {
      const duplicateEffects = [...effects.values()].reduce((sum, times) => sum + times - 1, 0);
      const changedKeys = [...keys.values()].filter(({ size }) => size > 1).length;
      return { invocations, duplicateEffects, changedKeys };
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

// ---- Figures ----

function spread(samples: readonly number[]): Spread {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = (share: number) =>
    round(sorted[Math.min(Math.floor(sorted.length * share), sorted.length - 1)] ?? 0);
  return { median: at(0.5), p99: at(0.99) };
}

const beyond = (ours: Spread, reference: Spread): Spread => ({
  median: round(ours.median - reference.median),
  p99: round(ours.p99 - reference.p99),
});

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}

function listen(server: Server): Promise<string> {
  return new Promise((done) => {
    server.listen(0, '127.0.0.1', () => done(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
  });
}
