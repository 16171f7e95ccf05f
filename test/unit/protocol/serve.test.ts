/** The way of one request through the handler: what is answered, what is logged, and when it gives up. */
import { RefusedError, RequestError, SettingsError } from '../../../common/errors.ts';
import { registerSecretOfRequest } from '../../../common/redaction.ts';
import { type Application, serve, type Verdict } from '../../../provider/protocol/index.ts';
import type { Log } from '../../../provider/runtime/logger.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { type LoopbackServer, loopbackServer } from '../../support/loopback-server.ts';

const stackId = 'arn:aws:cloudformation:eu-west-1:123456789012:stack/orders/1a2b3c4d';
const facts = { stackId, requestId: 'r1', logicalId: 'Action', lambdaRequestId: 'lambda-1' };
const SECOND = 1000;
const success: Verdict = { status: 'SUCCESS', physicalId: 'made' };
const turn = () => new Promise((resolve) => setImmediate(resolve));

let bucket: LoopbackServer;
let clock: FakeClock;
let lines: [level: string, message: string, fields: Record<string, unknown>][];
/** Calls of the application, by name. */
let calls: string[];

beforeEach(async () => {
  clock = new FakeClock();
  lines = [];
  calls = [];
  bucket = await loopbackServer((_received, response) => response.end());
});
afterEach(() => bucket.close());

const log = Object.fromEntries(
  ['debug', 'info', 'warn', 'error'].map((level) => [
    level,
    (message: string, fields: Record<string, unknown>) => lines.push([level, message, fields]),
  ]),
) as unknown as Log;

/** An application that makes an object, unless the test says otherwise; its calls are counted. */
const applicationOf = (parts: Partial<Application>): Application => {
  const whole: Application = {
    handle: async () => success,
    recall: async () => undefined,
    leftSomething: async () => false,
    answered: async () => {},
    ...parts,
  };
  return Object.fromEntries(
    Object.entries(whole).map(([name, call]) => [
      name,
      (...args: never[]) => {
        calls.push(name);
        return (call as (...of: never[]) => unknown)(...args);
      },
    ]),
  ) as unknown as Application;
};

const eventOf = (change: Record<string, unknown> = {}) => ({
  RequestType: 'Create',
  ResourceType: 'Custom::GenesysDataAction',
  StackId: stackId,
  RequestId: 'r1',
  LogicalResourceId: 'Action',
  ResponseURL: `${bucket.url}/answer`,
  ResourceProperties: {},
  ...change,
});
const handle = (parts: Partial<Application>, change = {}, application = () => applicationOf(parts)) =>
  serve({ application, clock, log, allowLoopbackResponseUrl: true, random: () => 0 })(eventOf(change), {
    awsRequestId: 'lambda-1',
    getRemainingTimeInMillis: () => 300 * SECOND,
  });
const answers = () => bucket.received.map(({ body }) => JSON.parse(body) as Record<string, string>);
const throwing = (error: unknown) => async () => {
  throw error;
};

test('the answer is what the application says, and its attempt is closed after it', async () => {
  let answeredBefore = 0;
  await handle({
    answered: async () => {
      answeredBefore = bucket.received.length;
    },
  });
  expect(answeredBefore).toBe(1);
  expect(answers()).toEqual([
    {
      Status: 'SUCCESS',
      PhysicalResourceId: 'made',
      StackId: stackId,
      RequestId: 'r1',
      LogicalResourceId: 'Action',
    },
  ]);
  expect(calls).toEqual(['handle', 'answered']);
  expect(lines).toEqual([['info', 'answering', { ...facts, status: 'SUCCESS', physicalId: 'made' }]]);
  expect(clock.pending).toBe(0);
});

test('a delivery that must not answer sends nothing and closes nothing', async () => {
  await handle({ handle: async () => ({ status: 'NO_ANSWER', why: 'another one answers' }) });
  expect(answers()).toEqual([]);
  expect(calls).toEqual(['handle']);
  expect(lines).toEqual([
    ['info', 'this delivery answers nothing', { ...facts, why: 'another one answers' }],
  ]);
});

test('an error of the provider is the reason, in the log without a stack', async () => {
  await handle({ handle: throwing(new RequestError('It is wrong.')) });
  expect(answers()).toMatchObject([
    {
      Status: 'FAILED',
      Reason: 'It is wrong. (Lambda request lambda-1)',
      PhysicalResourceId: expect.stringMatching(/^nothing-created\/r1\//),
    },
  ]);
  expect(calls).toEqual(['handle', 'answered']);
  expect(lines).toEqual([
    [
      'warn',
      'request failed',
      { requestId: 'r1', logicalId: 'Action', error: 'RequestError', problem: 'It is wrong.' },
    ],
    [
      'info',
      'answering',
      {
        ...facts,
        status: 'FAILED',
        physicalId: expect.stringMatching(/^nothing-created/),
        reason: 'It is wrong.',
      },
    ],
  ]);
});

test.each([
  ['a defect, with its stack', new TypeError('x is null'), 'TypeError', true],
  ['a thrown text, which has none', 'boom', 'string', false],
])('the log names %s', async (_what, thrown, error, hasStack) => {
  await handle({ handle: throwing(thrown) });
  expect(lines[0]?.[2]).toMatchObject({ error, ...(hasStack ? { stack: expect.any(String) } : {}) });
  expect('stack' in (lines[0]?.[2] ?? {})).toBe(hasStack);
});

test('a failure that was noted is the reason, whatever comes after it', async () => {
  await handle({
    handle: async (_request, { progress }) => {
      progress.failed(new RequestError('The first.'));
      throw new Error('The second.');
    },
  });
  expect(answers()[0]?.['Reason']).toMatch(/^The first\. /);
});

test('settings that are wrong are answered, and no attempt is closed', async () => {
  await handle({}, {}, () => {
    throw new SettingsError('SECRET_ARN is missing.');
  });
  expect(answers()).toMatchObject([
    { Status: 'FAILED', Reason: expect.stringMatching(/^SECRET_ARN is missing\. /) },
  ]);
});

test('a request that cannot be read is answered, and reaches no application', async () => {
  await handle({}, { RequestType: 'Read' });
  expect(answers()).toMatchObject([{ Status: 'FAILED', Reason: expect.stringContaining('RequestType') }]);
  expect(calls).toEqual([]);
});

test('an event whose answer would go to a strange host does nothing at all', async () => {
  const host = `${'a'.repeat(60)}.${'b'.repeat(60)}.invalid`;
  const handled = handle({}, { ResponseURL: `https://${host}/x` });
  await expect(handled).rejects.toThrow(
    new RequestError(
      `The ResponseURL's host ${host.slice(0, 100)} is none of CloudFormation's response buckets: nothing was done and nothing is answered there.`,
    ),
  );
  expect(calls).toEqual([]);
});

test('a bucket that refuses the answer fails the invocation, and the attempt stays open', async () => {
  await bucket.close();
  bucket = await loopbackServer((_received, response) => response.writeHead(403).end());
  await expect(handle({})).rejects.toThrow('refused the answer: status 403');
  expect(calls).toEqual(['handle']);
});

test("the answer is tried until half a second before Lambda's end", async () => {
  await bucket.close();
  bucket = await loopbackServer((_received, response) => response.writeHead(503).end());
  const begun = clock.now();
  const handled = serve({
    application: () => applicationOf({}),
    clock,
    log,
    allowLoopbackResponseUrl: true,
    random: () => 1,
  })(eventOf(), { awsRequestId: 'lambda-1', getRemainingTimeInMillis: () => 1_250 });
  await expect(handled).rejects.toThrow('in 2 attempts');
  expect(clock.now() - begun).toBe(250);
});

test('secrets of the request are in neither answer nor log', async () => {
  const tell = async (): Promise<Verdict> => {
    registerSecretOfRequest('s3cr3t-value');
    return { status: 'SUCCESS', physicalId: 'made', remark: 'It has s3cr3t-value.' };
  };
  await handle({ handle: tell });
  await handle({
    handle: async () => {
      await tell();
      throw new Error('no s3cr3t-value');
    },
  });
  expect(answers().map(({ Reason }) => Reason)).toEqual([
    'It has [redacted]. (Lambda request lambda-1)',
    'The provider failed unexpectedly: no [redacted]. (Lambda request lambda-1)',
  ]);
  const logged = lines.map(([, , { stack: _, ...fields }]) => JSON.stringify(fields)).join();
  expect(logged).not.toContain('s3cr3t-value');
});

describe('the Delete of a Create that made nothing', () => {
  const change = { RequestType: 'Delete', PhysicalResourceId: 'nothing-created/r0/1' };

  test('succeeds without a look at its settings', async () => {
    await handle({}, change, () => {
      throw new SettingsError('SECRET_ARN is missing.');
    });
    expect(answers()).toMatchObject([{ Status: 'SUCCESS', PhysicalResourceId: 'nothing-created/r0/1' }]);
    expect(lines[0]).toEqual([
      'warn',
      'whether the Create left something cannot be seen',
      { problem: 'SECRET_ARN is missing.' },
    ]);
  });

  test('succeeds where the ledger knows nothing of it either, by the attempt in the id', async () => {
    await handle({ leftSomething: async (attemptId) => attemptId !== 'r0/1' }, change);
    expect(answers()).toMatchObject([{ Status: 'SUCCESS' }]);
    expect(calls).toEqual(['leftSomething']);
  });

  test('is work where the ledger contradicts it', async () => {
    await handle({ leftSomething: async () => true }, change);
    expect(calls).toEqual(['leftSomething', 'handle', 'answered']);
  });

  test('fails where a newer version has worked on it', async () => {
    await handle({ leftSomething: throwing(new RefusedError('A newer version did.')) }, change);
    expect(answers()).toMatchObject([
      {
        Status: 'FAILED',
        PhysicalResourceId: 'nothing-created/r0/1',
        Reason: 'A newer version did. (Lambda request lambda-1)',
      },
    ]);
  });

  test('waits five seconds for a ledger that does not answer', async () => {
    const handled = handle({ leftSomething: () => new Promise(() => {}) }, change);
    await turn();
    clock.advance(4_999);
    await turn();
    expect(lines).toEqual([]);
    clock.advance(1);
    await handled;
    expect(lines[0]?.[2]).toEqual({ problem: 'no time is left' });
    expect(answers()).toMatchObject([{ Status: 'SUCCESS' }]);
  });

  test.each([
    ['the Delete of an object', { RequestType: 'Delete', PhysicalResourceId: 'object' }],
    ['a Delete without an id', { RequestType: 'Delete' }],
    ['the Update of nothing', { RequestType: 'Update', PhysicalResourceId: 'nothing-created/r0/1' }],
  ])('is something else than %s', async (_what, other) => {
    await handle({}, other);
    expect(calls).toEqual(['handle', 'answered']);
  });
});

describe('a request for which CloudFormation no longer waits', () => {
  const stale = () => ({
    ResponseURL: `${bucket.url}/answer?X-Amz-Date=20251231T225959Z`,
    PhysicalResourceId: 'object',
  });

  test('answers as the earlier delivery did', async () => {
    await handle({ recall: async () => ({ status: 'SUCCESS', physicalId: 'before' }) }, stale());
    expect(answers()).toMatchObject([{ Status: 'SUCCESS', PhysicalResourceId: 'before' }]);
    expect(calls).toEqual(['recall', 'answered']);
  });

  test('fails where there was none that succeeded', async () => {
    await handle({}, stale());
    expect(answers()).toMatchObject([
      {
        Status: 'FAILED',
        Reason:
          'This request is older than its ServiceTimeout: CloudFormation no longer waits for it. Nothing was done. (Lambda request lambda-1)',
      },
    ]);
  });
});

describe('work that does not end', () => {
  const endless = () => new Promise<Verdict>(() => {});

  test('is answered 15 seconds before Lambda ends, and 2.5 seconds later if it may still say something', async () => {
    const handled = handle({ handle: endless });
    await turn();
    clock.advance(285 * SECOND);
    await turn();
    expect(lines).toEqual([]);
    clock.advance(2_499);
    await turn();
    expect(lines).toEqual([]);
    clock.advance(1);
    await handled;
    expect(answers()).toMatchObject([
      { Status: 'FAILED', Reason: expect.stringMatching(/^The time for this request is over/) },
    ]);
  });

  test('is told by its signal, and its last word counts', async () => {
    const handled = handle({
      handle: (_request, { deadline }) =>
        new Promise((resolve) => {
          deadline.signal.addEventListener('abort', () =>
            resolve({ status: 'NO_ANSWER', why: 'another one answers' }),
          );
        }),
    });
    await turn();
    clock.advance(285 * SECOND);
    await handled;
    expect(answers()).toEqual([]);
  });

  test('is answered with the time where its last word is an error', async () => {
    const handled = handle({
      handle: (_request, { deadline }) =>
        new Promise((_resolve, reject) => {
          deadline.signal.addEventListener('abort', () => reject(new Error('aborted')));
        }),
    });
    await turn();
    clock.advance(285 * SECOND);
    await handled;
    expect(answers()[0]?.['Reason']).toMatch(/^The time for this request is over/);
  });
});

describe('an attempt that cannot be closed', () => {
  test('is a line in the log', async () => {
    await handle({ answered: throwing(new Error('no table')) });
    expect(lines.at(-1)).toEqual([
      'warn',
      'the attempt could not be closed',
      { ...facts, problem: 'no table' },
    ]);
  });

  test('is given up after two seconds', async () => {
    const handled = handle({ answered: () => new Promise(() => {}) });
    await bucket.arrived(1);
    while (!calls.includes('answered')) await turn();
    clock.advance(1_999);
    await turn();
    expect(lines).toHaveLength(1);
    clock.advance(1);
    await handled;
    expect(lines.at(-1)?.[2]).toEqual({ ...facts, problem: 'no time is left' });
  });
});
