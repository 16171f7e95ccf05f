/** The command names every message of the queue for what it is, and answers none that it must not. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { jest } from '@jest/globals';
import { integration } from '../../support/templates.ts';
import { StuckWorld } from './world.ts';

jest.setTimeout(180_000);

let world: StuckWorld;
/** The body of an event whose stack hangs. */
let stuck: Record<string, unknown>;

beforeAll(async () => {
  world = await StuckWorld.start();
  await world.breakProvider();
  await world.begin('create-stack', 'hanging', { Integration: integration({ ServiceTimeout: 3600 }) });
  await world.untilStuck();
  const [body = ''] = await world.bodies();
  stuck = JSON.parse(body);
  await world.purge();
});
beforeEach(() => world.purge());
afterAll(async () => {
  expect(world.written).not.toMatch(/X-Amz-Signature|X-Amz-Credential/);
  expect(world.written).not.toMatch(/\u001b/);
  await world.stop();
});

const eventOf = () => stuck['requestPayload'] as Record<string, unknown>;
const url = () => new URL(String(eventOf()['ResponseURL']));
/** The body of an event that differs from the hanging one. */
const changed = (event: Record<string, unknown>, envelope: Record<string, unknown> = {}) =>
  JSON.stringify({ ...stuck, ...envelope, requestPayload: { ...eventOf(), ...event } });

test('an empty queue is said so', async () => {
  expect(await world.unstick([])).toMatchObject({ code: 0, out: 'The failure queue is empty.\n' });
});

test.each<[string, () => string, RegExp]>([
  ['a text', () => 'hello', /no JSON/],
  ['JSON of somebody else', () => '{"Records": []}', /no object/],
  ['an event without an address', () => changed({ ResponseURL: undefined }), /no ResponseURL/],
  ['an event of an unknown kind', () => changed({ RequestType: 'Steal' }), /no RequestType/],
  ['a hostile StackId', () => changed({ StackId: 'arn:aws:cloudformation:../..\n' }), /no valid StackId/],
  [
    'an event of another function',
    () => changed({}, { requestContext: { functionArn: 'arn:aws:lambda:us-east-1:1:function:other' } }),
    /another function/,
  ],
  [
    "an address that is none of CloudFormation's",
    () => changed({ ResponseURL: 'https://cloudformation-custom-resource-response-useast1.example.com/x?y' }),
    /ResponseURL is none of CloudFormation/,
  ],
])('%s is no request, is never answered, and can be removed', async (_, body, problem) => {
  await world.send(body());
  const { code, events } = await world.list();
  expect(code).toBe(0);
  expect(events).toMatchObject([{ number: 1, isWaiting: false, problem: expect.stringMatching(problem) }]);
  const refused = await world.unstick(['1', '--settle', 'failure', '--yes']);
  expect(refused).toMatchObject({ code: 2, out: '' });
  expect(refused.problems).toMatch(/no request of this provider/);
  expect(await world.unstick(['1', '--remove'], 'remove')).toMatchObject({ code: 0 });
  expect((await world.list()).events).toEqual([]);
});

test('the text of an event cannot write to the terminal, or fill it', async () => {
  await world.send(changed({ ResourceType: `Custom::\u001b[2J${'x'.repeat(5_000)}` }));
  const { out } = await world.unstick([]);
  expect(out.length).toBeLessThan(2_000);
  expect(out).toContain('Custom:: [2Jxxx');
});

test('an id that somebody else has written cannot write to the terminal', async () => {
  await world.send(changed({ PhysicalResourceId: 'a\u001b[2Jb' }));
  const asked = await world.unstick(['1', '--settle', 'failure'], 'no');
  expect(asked.problems).toContain('with the id a [2Jb, in place');
});

test('an event in the hands of another reader is not said to be none', async () => {
  await world.send(changed({}));
  await world.take();
  expect(await world.unstick([])).toMatchObject({
    code: 2,
    out: 'Another reader holds 1 more of the queue. Run unstick again in a minute.\nThe failure queue shows no event.\n',
  });
});

test('an answer that nobody took keeps its event, also when the ServiceTimeout has passed', async () => {
  const nowhere = createServer((_, response) => response.end());
  await new Promise<void>((done) => nowhere.listen(0, '127.0.0.1', done));
  const address = url();
  address.port = String((nowhere.address() as AddressInfo).port);
  address.searchParams.set('X-Amz-Date', new Date().toISOString().replace(/[-:]|\.\d+/g, ''));
  await world.send(
    changed({
      ResponseURL: address.href,
      ResourceProperties: { ...(eventOf()['ResourceProperties'] as object), ServiceTimeout: '20' },
    }),
  );
  const { code, out } = await world.unstick(['1', '--settle', 'failure', '--yes']);
  nowhere.close();
  expect(code).toBe(1);
  expect(out).toMatch(/ServiceTimeout .* has passed.*the event stays in the queue/);
  expect((await world.list()).events).toHaveLength(1);
});

test('the provider may serve a stack of another account again, and nobody can see its answer', async () => {
  const nowhere = createServer((_, response) => response.end());
  await new Promise<void>((done) => nowhere.listen(0, '127.0.0.1', done));
  const address = url();
  address.port = String((nowhere.address() as AddressInfo).port);
  const StackId = String(eventOf()['StackId']).replace(/:\d{12}:/, ':999988887777:');
  await world.send(changed({ StackId, ResponseURL: address.href }));
  await world.mendProvider();
  const { code, out } = await world.unstick(['1', '--yes']);
  await world.breakProvider();
  nowhere.close();
  expect(out).toMatch(/has served .* again.*cannot be seen here; the event stays/);
  expect(code).toBe(2);
});

test('an expired address takes no answer, and the command says when the resource will fail', async () => {
  const expired = url();
  expired.searchParams.set('X-Amz-Expires', '1');
  await world.send(changed({ ResponseURL: expired.href }));
  const { events } = await world.list();
  expect(events).toMatchObject([{ isWaiting: true, canBeAnswered: false }]);
  for (const args of [
    ['1', '--yes'],
    ['1', '--settle', 'failure', '--yes'],
  ]) {
    const { code, problems } = await world.unstick(args);
    expect(code).toBe(2);
    expect(problems).toMatch(/has expired.*ServiceTimeout/);
  }
});

test('an event that is older than its ServiceTimeout waits for nothing', async () => {
  const old = url();
  old.searchParams.set('X-Amz-Date', '20200101T000000Z');
  await world.send(changed({ ResponseURL: old.href }));
  expect((await world.list()).events).toMatchObject([{ isWaiting: false, canBeAnswered: false }]);
});

test('an event of a stack that is gone waits for nothing', async () => {
  const StackId = String(eventOf()['StackId']).replace('/hanging/', '/gone/');
  await world.send(changed({ StackId }));
  expect((await world.list()).events).toMatchObject([
    { isWaiting: false, cloudFormation: expect.stringMatching(/not there/) },
  ]);
});

test('a stack of another account is unknown: nothing is answered by hand or removed', async () => {
  const StackId = String(eventOf()['StackId']).replace(/:\d{12}:/, ':999988887777:');
  await world.send(changed({ StackId }));
  const { code, events } = await world.list();
  expect(code).toBe(2);
  expect(events).toMatchObject([{ cloudFormation: 'the stack is in the account 999988887777' }]);
  expect(events[0]).not.toHaveProperty('isWaiting');
  for (const args of [['--settle', 'failure'], ['--remove']]) {
    const refused = await world.unstick(['1', ...args, '--yes']);
    expect(refused).toMatchObject({ code: 2, out: '' });
    expect(refused.problems).toMatch(/cannot be seen|may still wait/);
  }
  expect((await world.list()).events).toHaveLength(1);
});

test('what CloudFormation waits for is not removed', async () => {
  await world.send(changed({}));
  const { code, problems } = await world.unstick(['1', '--remove', '--yes']);
  expect(code).toBe(2);
  expect(problems).toMatch(/still waits for the answer.*nothing was removed/);
  expect((await world.list()).events).toHaveLength(1);
});

test('of two events of one resource only the newer one is waited for, and a RequestId of both is refused', async () => {
  const earlier = url();
  const date = earlier.searchParams.get('X-Amz-Date') ?? '';
  const seconds = Number(date.slice(-3, -1));
  earlier.searchParams.set(
    'X-Amz-Date',
    `${date.slice(0, -3)}${String(Math.max(0, seconds - 1)).padStart(2, '0')}Z`,
  );
  await world.send(changed({}));
  if (seconds > 0) {
    await world.send(changed({ ResponseURL: earlier.href }));
    expect((await world.list()).events.map(({ isWaiting }) => isWaiting)).toEqual([false, true]);
    const { problems } = await world.unstick([String(eventOf()['RequestId']), '--yes']);
    expect(problems).toMatch(/There are 2 events with the RequestId .*: give the number/);
  }
  expect((await world.unstick(['7', '--yes'])).problems).toMatch(/no event 7 in the queue/);
});

test.each([
  ['--settle maybe', ['1', '--settle', 'maybe']],
  ['--settle without an event', ['--settle', 'failure']],
  ['--remove without an event', ['--remove']],
  ['a reason of a success', ['1', '--settle', 'success', '--reason', 'x']],
  ['two events', ['1', '2']],
])('%s is a wrong use', async (_, args) => {
  const { code, problems } = await world.unstick(args);
  expect(code).toBe(2);
  expect(problems).toMatch(/^genesys-cloud-cfn: .*\n\nUsage: genesys-cloud-cfn unstick/);
});

test('a queue that the profile may not read is one line', async () => {
  const closed = createServer((_, response) => {
    response.writeHead(403, { 'content-type': 'application/x-amz-json-1.0' });
    response.end(
      JSON.stringify({
        __type: 'com.amazon.coral.service#AccessDeniedException',
        message: 'User: arn:aws:iam::999988887777:user/me is not authorized to perform: sqs:receivemessage',
      }),
    );
  });
  await new Promise<void>((done) => closed.listen(0, '127.0.0.1', done));
  const { port } = closed.address() as AddressInfo;
  const { code, problems } = await world.unstick([], undefined, {
    AWS_ENDPOINT_URL_SQS: `http://127.0.0.1:${port}`,
  });
  closed.close();
  expect(code).toBe(2);
  expect(problems).toMatch(/^genesys-cloud-cfn: .*not authorized to perform: sqs:receivemessage.*\n$/);
});

test('a provider that is not there is one line', async () => {
  const { code, problems } = await world.unstick(['--export-prefix', 'nobody']);
  expect(code).toBe(2);
  expect(problems).toMatch(/^genesys-cloud-cfn: There is no export nobody-ServiceToken.*\n$/);
});
