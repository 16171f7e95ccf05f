/** The caller of a Lambda Hook, with small functions in processes of their own. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { violationsOf } from '../../../local/cloudformation/hook-answers.ts';
import { HookPayloads } from '../../../local/cloudformation/hook-payloads.ts';
import type { HookedOperation } from '../../../local/cloudformation/hook-requests.ts';
import { InProcessInvoker } from '../../../local/cloudformation/in-process-invoker.ts';
import { LambdaHook } from '../../../local/cloudformation/lambda-hook.ts';
import { LambdaInvoker } from '../../../local/cloudformation/lambda-invoker.ts';
import { ResponseServer } from '../../../local/cloudformation/response-server.ts';
import { CloudFormation } from '../../../local/cloudformation/stack.ts';
import { manualClock } from '../../support/manual-clock.ts';

/** A function that does what the template says, one word for each invocation. */
const code = `
export async function handler(event) {
  const { template } = await (await fetch(event.requestData.payload)).json();
  const clientRequestToken = event.clientRequestToken ?? event.clientRequesttoken;
  const { invocation, callbackContext } = event.requestContext;
  console.log(JSON.stringify({ invocation, callbackContext, template }));
  const words = template.split(' ');
  const word = words[Math.min(invocation, words.length) - 1];
  if (word === 'exit') process.exit(3);
  if (word === 'throw') throw new Error('on purpose');
  if (word === 'hang') await new Promise(() => setInterval(() => {}, 1000));
  if (word === 'nothing') return undefined;
  if (word === 'text') return 'SUCCESS';
  if (word === 'strange') return { hookStatus: 'FAILURE', clientRequestToken };
  if (word === 'wait') return { hookStatus: 'IN_PROGRESS', callbackContext: { after: invocation }, clientRequestToken };
  if (word === 'fail') return { hookStatus: 'FAILED', errorCode: 'NonCompliant', message: 'wrong', clientRequestToken };
  return { hookStatus: 'SUCCESS', message: 'right', clientRequestToken };
}
`;

let folder: string;
let invoker: LambdaInvoker;
let payloads: HookPayloads;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hook-function-'));
  await writeFile(join(folder, 'index.mjs'), code);
  invoker = await LambdaInvoker.start({ code: folder });
  payloads = await HookPayloads.start();
});
afterAll(async () => {
  await Promise.all([invoker.stop(), payloads.stop()]);
  await rm(folder, { recursive: true });
});

const operation = (template: string, more: Partial<HookedOperation> = {}): HookedOperation => ({
  action: 'CREATE',
  stackName: 'demo',
  stackId: 'stack',
  template,
  ...more,
});
const hookOf = (failureMode: 'FAIL' | 'WARN', clock = {}) =>
  new LambdaHook({
    invoke: (event, signal) => invoker.call(event, { signal }),
    payloads,
    failureMode,
    ...clock,
  });
const sentence = 'The following hook(s) failed: [GenesysCloud::Templates::Validate]';

describe.each([
  ['FAIL', sentence],
  ['WARN', undefined],
] as const)('under %s', (failureMode, refusal) => {
  test.each([
    ['refuses', 'fail', 'HOOK_COMPLETE_FAILED', 'wrong', 1],
    ['dies three times', 'exit', 'HOOK_FAILED', 'the function crashed', 3],
    ['throws three times', 'throw', 'HOOK_FAILED', 'the function crashed', 3],
    ['answers nothing', 'nothing', 'HOOK_FAILED', 'the answer is none of a hook', 1],
    ['answers a text', 'text', 'HOOK_FAILED', 'the answer is none of a hook', 1],
    ['answers a status that there is not', 'strange', 'HOOK_FAILED', 'the answer is none of a hook', 1],
    ['asks to wait for ever', 'wait', 'HOOK_FAILED', 'the hook answered IN_PROGRESS 3 times', 3],
  ])('a hook that %s', async (_what, template, status, reason, invocations) => {
    const hook = hookOf(failureMode);
    expect(await hook.ask('STACK', operation(template))).toBe(refusal);
    expect(hook.results).toEqual([expect.objectContaining({ status, reason, invocations, failureMode })]);
  });

  test('a hook that hangs is given up after three times 30 seconds, whatever the function does then', async () => {
    const clock = manualClock();
    const hook = hookOf(failureMode, { clock });
    const hanging = () => invoker.logs().split('"hang"').length - 1;
    const before = hanging();
    const asked = hook.ask('STACK', operation('hang'));
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      while (hanging() < before + attempt) await new Promise((resolve) => setImmediate(resolve));
      clock.advance(30_000);
    }
    expect(await asked).toBe(refusal);
    expect(hook.results).toEqual([
      expect.objectContaining({ status: 'HOOK_FAILED', reason: 'the hook timed out after 30 seconds' }),
    ]);
  });

  test('a hook that waits twice and then lets pass gets its context back each time', async () => {
    const hook = hookOf(failureMode);
    expect(await hook.ask('CHANGE_SET', operation('wait wait pass'))).toBeUndefined();
    expect(hook.violations()).toEqual([]);
    const seen = invoker
      .logs()
      .split('\n')
      .flatMap((line) => (/\{.*"wait wait pass".*\}/.exec(line) ?? []).map((json) => JSON.parse(json)));
    expect(seen.slice(-3).map(({ callbackContext }) => callbackContext)).toEqual([
      null,
      { after: 1 },
      { after: 2 },
    ]);
  });
});

test('a hook is not asked about deletions, other targets and stacks that are left out', async () => {
  const hook = new LambdaHook({
    invoke: async () => '',
    payloads,
    failureMode: 'FAIL',
    targets: ['STACK'],
    excludedStacks: ['provider'],
  });
  await hook.ask('STACK', operation('', { action: 'DELETE' }));
  await hook.ask('CHANGE_SET', operation('fail'));
  await hook.ask('STACK', operation('fail', { stackName: 'provider' }));
  expect(hook.results).toEqual([]);
});

test('a stack that a hook stops was never there, and an update that it stops changes nothing', async () => {
  const responses = await ResponseServer.start();
  const requests: string[] = [];
  const provider = new InProcessInvoker(async (event) => {
    requests.push(event.RequestType);
    const body = { Status: 'SUCCESS', PhysicalResourceId: 'one' };
    const { StackId, RequestId, LogicalResourceId } = event;
    await fetch(event.ResponseURL, {
      method: 'PUT',
      headers: { 'content-type': '' },
      body: JSON.stringify({ ...body, StackId, RequestId, LogicalResourceId }),
    });
  });
  let answer = 'fail';
  const hook = new LambdaHook({
    payloads,
    failureMode: 'FAIL',
    invoke: async ({ clientRequestToken }) =>
      JSON.stringify(
        answer === 'fail'
          ? { hookStatus: 'FAILED', errorCode: 'NonCompliant', message: 'wrong', clientRequestToken }
          : { hookStatus: 'SUCCESS', clientRequestToken },
      ),
  });
  const cloudFormation = new CloudFormation({ invoker: provider, responses, hooks: [hook] });
  const template = (Value: string) => ({
    Resources: { A: { Type: 'Custom::Thing', Properties: { Value } } },
  });
  await expect(cloudFormation.createStack('demo', template('1'))).rejects.toThrow(sentence);
  expect([cloudFormation.living(), requests]).toEqual([[], []]);
  answer = 'pass';
  await cloudFormation.createStack('demo', template('1'));
  answer = 'fail';
  await expect(cloudFormation.updateStack('demo', template('2'))).rejects.toThrow(sentence);
  expect(cloudFormation.describe('demo').status).toBe('CREATE_COMPLETE');
  expect(requests).toEqual(['Create']);
  await cloudFormation.stop();
  await responses.stop();
});

describe('an answer breaks the rules', () => {
  const right = { hookStatus: 'FAILED', errorCode: 'NonCompliant', message: 'm', clientRequestToken: 't' };
  const note = { annotationName: 'a', status: 'FAILED', statusMessage: 's', severityLevel: 'HIGH' };
  test.each<[string, object, string[]]>([
    ['never, as this one', { ...right, annotations: [note] }, []],
    ['without an errorCode', { ...right, errorCode: undefined }, ['FAILED without a known errorCode']],
    ['with one for SUCCESS', { ...right, hookStatus: 'SUCCESS' }, ['an errorCode without FAILED']],
    ['without a message', { ...right, message: '' }, ['FAILED without a message']],
    ['with a long message', { ...right, message: 'x'.repeat(1025) }, ['the message is too long']],
    ['with another token', { ...right, clientRequestToken: 'x' }, ['the token is not that of the request']],
    ['with a field of its own', { ...right, status: 1 }, ['unknown field status']],
    [
      'with an empty text in an annotation',
      { ...right, annotations: [{ ...note, remediationMessage: '' }] },
      ['annotation 0: remediationMessage has no length between 1 and 16384'],
    ],
    [
      'with words of its own in an annotation',
      { ...right, annotations: [{ ...note, status: 'WARNING', severityLevel: 'ERROR', line: 1 }] },
      ['unknown field line', 'an unknown status', 'an unknown severityLevel'].map(
        (rule) => `annotation 0: ${rule}`,
      ),
    ],
  ])('%s', (_what, answer, rules) => {
    expect(violationsOf(JSON.stringify(answer), 't')).toEqual(rules);
  });
});
