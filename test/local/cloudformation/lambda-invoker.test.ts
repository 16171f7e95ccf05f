import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CustomResourceEvent } from '../../../local/cloudformation/events.ts';
import { LambdaInvoker, type LambdaOptions } from '../../../local/cloudformation/lambda-invoker.ts';
import { bestRuntime, type Runtime } from '../../../local/cloudformation/runtimes.ts';
import { zip } from '../../../scripts/build/package.ts';

/** A function that does what the event's property `Do` says. */
const code = `
let calls = 0;
export async function handler(event, context) {
  calls += 1;
  const { Do } = event.ResourceProperties;
  console.log(JSON.stringify({ call: calls, pid: process.pid, text: event.LogicalResourceId, left: context.getRemainingTimeInMillis() }));
  if (Do === 'throw') throw new Error('thrown on purpose');
  if (Do === 'exit') process.exit(3);
  if (Do === 'hang') await new Promise(() => setInterval(() => {}, 1000));
  if (Do === 'environment') console.log(JSON.stringify({ env: process.env, cwd: process.cwd(), context }));
  if (Do === 'tick') setInterval(() => console.log('tick'), 1);
}
`;

let folder: string;
const started: LambdaInvoker[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'function-'));
  await writeFile(join(folder, 'index.mjs'), code);
});
afterEach(async () => {
  for (const invoker of started.splice(0)) await invoker.stop();
});
afterAll(() => rm(folder, { recursive: true }));

async function start(options: Partial<LambdaOptions> = {}): Promise<LambdaInvoker> {
  const invoker = await LambdaInvoker.start({ code: folder, timeoutMs: 20_000, ...options });
  started.push(invoker);
  return invoker;
}

function event(Do = '', LogicalResourceId = 'Thing'): CustomResourceEvent {
  const ServiceToken = 'arn:aws:lambda:eu-west-1:123456789012:function:things';
  return {
    RequestType: 'Create',
    ServiceToken,
    ResponseURL: 'http://127.0.0.1:1/',
    StackId: 'stack',
    RequestId: 'request',
    LogicalResourceId,
    ResourceType: 'Custom::Thing',
    ResourceProperties: { ServiceToken, Do },
  };
}

const lines = (invoker: LambdaInvoker) =>
  invoker
    .logs()
    .split('\n')
    .flatMap((line) => (/\{"call":.*\}/.exec(line) ?? []).map((json) => JSON.parse(json)));

/** Resolves when the function has written something that matches. */
async function written(invoker: LambdaInvoker, pattern: RegExp): Promise<void> {
  while (!pattern.test(invoker.logs())) await new Promise((resolve) => setImmediate(resolve));
}

const runtimes: Runtime[] = ['own bootstrap'];
const best = bestRuntime();
if (best !== 'own bootstrap') runtimes.push('aws-lambda-ric without its native part');
if (best === 'aws-lambda-ric') runtimes.push(best);

describe.each(runtimes)('a function under %s', (runtime) => {
  test('is called with its event and the real time left, and its output is kept', async () => {
    const invoker = await start({ runtime });
    expect(await invoker.invoke(event('', 'Größe 電話'))).toBe('returned');
    const [line] = lines(invoker);
    expect(line.text).toBe('Größe 電話');
    expect(line.left).toBeGreaterThan(10_000);
    expect(line.left).toBeLessThanOrEqual(20_000);
  });

  test('is killed at its deadline', async () => {
    const invoker = await start({ runtime, timeoutMs: 150 });
    const before = Date.now();
    expect(await invoker.invoke(event('hang'))).toBe('timed out');
    expect(Date.now() - before).toBeGreaterThanOrEqual(150);
    expect(invoker.logs()).toContain('Task timed out after 0.15 seconds');
    expect(invoker.environments).toBe(0);
    const [{ pid }] = lines(invoker);
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });

  test('counts as crashed when it throws, and its process lives on', async () => {
    const invoker = await start({ runtime });
    expect(await invoker.invoke(event('throw'))).toBe('crashed');
    expect(await invoker.invoke(event())).toBe('returned');
    expect(lines(invoker).map(({ call }) => call)).toEqual([1, 2]);
    expect(invoker.logs()).toContain('thrown on purpose');
  });

  test('counts as crashed when its process ends, and gets a new one', async () => {
    const invoker = await start({ runtime });
    expect(await invoker.invoke(event('exit'))).toBe('crashed');
    expect(await invoker.invoke(event())).toBe('returned');
    expect(lines(invoker).map(({ call }) => call)).toEqual([1, 1]);
  });
});

describe('execution environments', () => {
  test('are as many as there are invocations at once, and are reused while warm', async () => {
    const invoker = await start();
    await Promise.all([invoker.invoke(event()), invoker.invoke(event())]);
    await invoker.invoke(event());
    expect(invoker.environments).toBe(2);
    expect(lines(invoker).map(({ call }) => call)).toEqual([1, 1, 2]);
  });

  test('are no more than the concurrency allows: further invocations wait', async () => {
    const invoker = await start({ concurrency: 1 });
    await Promise.all([invoker.invoke(event()), invoker.invoke(event()), invoker.invoke(event())]);
    expect(invoker.environments).toBe(1);
    expect(lines(invoker).map(({ call }) => call)).toEqual([1, 2, 3]);
  });

  test('die at the moment that a test chooses, only those that work on a matching event', async () => {
    const invoker = await start();
    const doomed = invoker.invoke(event('hang', 'Doomed'));
    await invoker.invoke(event());
    await written(invoker, /Doomed/);
    expect(invoker.kill(({ LogicalResourceId }) => LogicalResourceId === 'Nobody')).toBe(0);
    expect(invoker.kill(({ LogicalResourceId }) => LogicalResourceId === 'Doomed')).toBe(1);
    expect(await doomed).toBe('crashed');
    expect(invoker.environments).toBe(1);
  });

  test('die with an aborted signal', async () => {
    const invoker = await start();
    const controller = new AbortController();
    const invocation = invoker.invoke(event('hang'), { signal: controller.signal });
    await written(invoker, /"call":1/);
    controller.abort();
    expect(await invocation).toBe('crashed');
  });

  test('see the variables of Lambda and their own, nothing of the test', async () => {
    process.env['SECRET_OF_THE_TEST'] = 'yes';
    const invoker = await start({ environment: { LEDGER: 'table' }, runtime: 'own bootstrap' });
    await invoker.invoke(event('environment'));
    delete process.env['SECRET_OF_THE_TEST'];
    const { env, cwd, context } = JSON.parse(/\{"env.*\}/.exec(invoker.logs())?.[0] ?? '{}');
    expect(env).toMatchObject({
      AWS_REGION: 'eu-west-1',
      AWS_LAMBDA_FUNCTION_NAME: 'things',
      LEDGER: 'table',
      LAMBDA_TASK_ROOT: folder,
    });
    expect(env).not.toHaveProperty('SECRET_OF_THE_TEST');
    expect(cwd).toBe(folder);
    expect(context).toMatchObject({ functionName: 'things', invokedFunctionArn: event().ServiceToken });
    expect(context).not.toHaveProperty('done');
  });

  test('are new after the function was changed, also those that were busy then', async () => {
    const invoker = await start({ environment: { VERSION: '1' } });
    const busy = invoker.invoke(event());
    await invoker.update({ environment: { VERSION: '2' } });
    await busy;
    await invoker.invoke(event('environment'));
    expect(invoker.environments).toBe(1);
    expect(lines(invoker).map(({ call }) => call)).toEqual([1, 1]);
    expect(JSON.parse(/\{"env.*\}/.exec(invoker.logs())?.[0] ?? '{}').env.VERSION).toBe('2');
  });

  test('belong to one version of the function, and the versions share its settings', async () => {
    const other = await mkdtemp(join(tmpdir(), 'function-'));
    await writeFile(join(other, 'index.mjs'), code.replace('call: calls', 'call: process.env.NAME'));
    const invoker = await start({ environment: { NAME: 'new' } });
    const version = invoker.version(other);
    started.push(version);
    for (const one of [invoker, version, invoker]) await one.invoke(event());
    expect([invoker, version].map((one) => lines(one).map(({ call }) => call))).toEqual([[1, 2], ['new']]);
    await version.stop();
    await rm(other, { recursive: true });
  });

  test('are frozen between invocations', async () => {
    const invoker = await start();
    await invoker.invoke(event('tick'));
    const [{ pid }] = lines(invoker);
    const state = async () => /^State:\s+(\w)/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1];
    // The kernel stops it a moment after the signal; it stays stopped until the next invocation.
    while ((await state()) !== 'T') await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await invoker.invoke(event())).toBe('returned');
  });

  test('that cannot load their handler count as crashed', async () => {
    const invoker = await start({ handler: 'index.missing' });
    expect(await invoker.invoke(event())).toBe('crashed');
    expect(invoker.logs()).toMatch(/index\.missing/);
  });
});

test('a packaged zip runs like its folder', async () => {
  const file = join(folder, '..', `${Date.now()}.zip`);
  await zip(folder, file);
  try {
    const invoker = await start({ code: file });
    expect(await invoker.invoke(event())).toBe('returned');
    expect(lines(invoker)).toHaveLength(1);
  } finally {
    await rm(file);
  }
});
