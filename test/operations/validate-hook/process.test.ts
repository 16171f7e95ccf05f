/** The hook as it is shipped: the zip in a process, killed while it works. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { HookPayloads } from '../../../local/cloudformation/hook-payloads.ts';
import { LambdaHook } from '../../../local/cloudformation/lambda-hook.ts';
import { LambdaInvoker } from '../../../local/cloudformation/lambda-invoker.ts';
import { creation } from './world.ts';

const root = resolve(import.meta.dirname, '../../..');
const broken = readFileSync(join(root, 'test/cli/broken/property-misspelt.yaml'), 'utf8');
const sentence = 'The following hook(s) failed: [GenesysCloud::Templates::Validate]';

let invoker: LambdaInvoker;
let payloads: HookPayloads;
beforeAll(async () => {
  payloads = await HookPayloads.start();
  invoker = await LambdaInvoker.start({
    code: join(root, 'dist/operations.zip'),
    handler: 'validate-hook.handler',
    timeoutMs: 120_000,
    environment: { ALLOW_LOOPBACK_PAYLOAD_URL: 'true' },
  });
});
afterAll(() => Promise.all([invoker.stop(), payloads.stop()]));

const hookOf = (failureMode: 'FAIL' | 'WARN') =>
  new LambdaHook({
    invoke: (event, signal) => invoker.call(event, { signal }),
    payloads,
    failureMode,
  });

test('the package judges as the source does, and its log holds neither the template nor its address', async () => {
  const hook = hookOf('FAIL');
  expect(await hook.ask('STACK', creation(broken))).toBe(sentence);
  expect(hook.results).toEqual([
    expect.objectContaining({
      status: 'HOOK_COMPLETE_FAILED',
      reason: expect.stringMatching(/^1 fault .*unknown-property, line \d+: .*Write Category\./),
    }),
  ]);
  expect(hook.violations()).toEqual([]);
  expect(invoker.logs()).toContain('"rules":["unknown-property"]');
  expect(invoker.logs()).not.toMatch(/X-Amz|Categroy|hook-payloads/);
});

test.each([
  ['WARN', undefined],
  ['FAIL', sentence],
] as const)('a function that is killed at each attempt, under %s', async (failureMode, refusal) => {
  const hook = hookOf(failureMode);
  const before = payloads.downloads.length;
  payloads.fault({ kind: 'hang' }, 3);
  const asked = hook.ask('STACK', creation(broken));
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    // The function waits for its template now.
    while (payloads.downloads.length < before + attempt) await new Promise((next) => setImmediate(next));
    expect(invoker.kill()).toBe(1);
  }
  expect(await asked).toBe(refusal);
  expect(hook.results).toEqual([
    expect.objectContaining({ status: 'HOOK_FAILED', reason: 'the function crashed', invocations: 3 }),
  ]);
});
