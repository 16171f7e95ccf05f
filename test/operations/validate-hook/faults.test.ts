/** Faults of the way to the template, of its payload and of the request: the hook always answers. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createValidateHook } from '../../../operations/validate-hook.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { creation, type HookWorld, startHook } from './world.ts';

const root = resolve(import.meta.dirname, '../../..');
const broken = readFileSync(join(root, 'test/cli/broken/property-misspelt.yaml'), 'utf8');
const context = { getRemainingTimeInMillis: () => 600_000 };

let world: HookWorld;
const clock = new FakeClock(Date.now());
beforeAll(async () => {
  // The caller's clock is the machine's, because a jump of the pauses must not end an attempt.
  world = await startHook({}, { clock });
});
afterAll(() => world.stop());
afterEach(() => expect(world.hook.violations()).toEqual([]));

async function verdict() {
  await world.hook.ask('STACK', creation(broken));
  const { status, reason } = world.hook.results.at(-1) ?? {};
  return { status, reason };
}

describe('the presigned URL', () => {
  test('that has expired is no verdict on the template, and the message says what it is', async () => {
    const url = world.payloads.add(JSON.stringify({ template: broken }));
    clock.advance(301_000);
    expect(await answerTo(url)).toMatchObject({
      errorCode: 'InternalFailure',
      message: expect.stringMatching(/not judged.*has expired \(S3 answered 403\)/),
    });
  });

  test.each([500, 502, 503, 504])('is tried three times where S3 answers %i', async (status) => {
    world.payloads.fault({ kind: 'status', status }, 2);
    expect((await verdict()).status).toBe('HOOK_COMPLETE_FAILED');
    world.payloads.fault({ kind: 'status', status }, 3);
    expect(await verdict()).toEqual({
      status: 'HOOK_FAILED',
      reason: expect.stringContaining(`S3 answered ${status}`),
    });
  });

  test.each([400, 404])('is tried once where S3 answers %i', async (status) => {
    const before = world.payloads.downloads.length;
    world.payloads.fault({ kind: 'status', status });
    expect((await verdict()).reason).toContain(`S3 answered ${status}`);
    expect(world.payloads.downloads).toHaveLength(before + 1);
  });

  test('may lose its connection twice', async () => {
    world.payloads.fault({ kind: 'reset' }, 2);
    expect((await verdict()).status).toBe('HOOK_COMPLETE_FAILED');
  });

  test('is not followed elsewhere', async () => {
    const elsewhere = world.payloads.add(JSON.stringify({ template: broken }));
    world.payloads.fault({ kind: 'redirect', to: elsewhere });
    expect(await verdict()).toMatchObject({ status: 'HOOK_FAILED', reason: expect.stringContaining('307') });
  });

  test('may bring 8 MB and no more', async () => {
    world.payloads.fault({ kind: 'endless' });
    expect((await verdict()).reason).toContain('larger than 8 MB');
  });

  test.each([
    ['http', 'http://bucket.s3.amazonaws.com/key'],
    ['another host', 'https://example.com/key'],
    ['a host that only begins like one of S3', 'https://s3.amazonaws.com.example.com/key'],
    ['another service', 'https://bucket.ec2.amazonaws.com/key'],
    ['an address of the network', 'https://169.254.169.254/latest'],
    ['another port', 'https://bucket.s3.amazonaws.com:8443/key'],
    ['a user', 'https://user@bucket.s3.amazonaws.com/key'],
    ['no URL', 'bucket/key'],
    ['a file', 'file:///etc/passwd'],
    ['this machine by name', 'http://localhost:1/key'],
  ])('by %s is not opened', async (_what, url) => {
    expect((await answerTo(url)).message).toMatch(/is none of S3 by https|is no URL/);
  });

  test.each([
    'https://b.s3.us-east-1.amazonaws.com/k',
    'https://s3.eu-west-1.amazonaws.com/b/k',
    'https://b.s3.dualstack.eu-west-1.amazonaws.com/k',
    'https://b.s3-eu-west-1.amazonaws.com/k',
    'https://b.with.dots.s3.cn-north-1.amazonaws.com.cn/k',
    'https://b.s3.eusc-de-east-1.amazonaws.eu/k',
    'https://b.s3-fips.us-gov-west-1.amazonaws.com/k',
    'https://b.s3-fips.dualstack.us-east-1.amazonaws.com/k',
  ])('%s is one of S3', async (url) => {
    // The deadline is over, so nothing is sent.
    const over = createValidateHook({ environment: {}, log: () => {} });
    const answer = await over(eventOf(url), { getRemainingTimeInMillis: () => 0 });
    expect(answer.message).not.toMatch(/none of S3/);
  });

  test('of this machine is opened only where the variable of the local world is set', async () => {
    const url = world.payloads.add(JSON.stringify({ template: broken }));
    const hook = createValidateHook({ environment: {}, log: () => {} });
    expect((await hook(eventOf(url), context)).message).toContain('is none of S3');
  });
});

test('a bucket that never answers is given up in time, and the answer says so', async () => {
  const local = await startHook();
  local.payloads.fault({ kind: 'hang' }, 3);
  const hook = createValidateHook({ environment: { ALLOW_LOOPBACK_PAYLOAD_URL: 'true' }, log: () => {} });
  const answer = await hook(eventOf(local.payloads.add('{}')), { getRemainingTimeInMillis: () => 1_700 });
  await local.stop();
  expect(answer).toMatchObject({
    errorCode: 'InternalFailure',
    message: expect.stringContaining('the time was over'),
    clientRequestToken: 'token',
  });
});

describe('a payload of another form is no verdict on the template:', () => {
  const ours = 'Type: Custom::GenesysDataAction';
  test.each<[string, string, RegExp]>([
    ['no JSON', `<html>${ours}`, /no JSON object/],
    ['half of one', `{"template": "${ours}`, /no JSON object/],
    ['a list', JSON.stringify([ours]), /no JSON object/],
    ['no template', JSON.stringify({ previousTemplate: ours }), /holds no template/],
    ['a template that is an object', JSON.stringify({ template: { ours } }), /holds no template/],
    ['depth', `{"a": "${ours}", "template": ${'['.repeat(1_000_000)}`, /no JSON object/],
  ])('%s', async (_what, payload, message) => {
    expect(await answerTo(world.payloads.add(payload))).toMatchObject({
      hookStatus: 'FAILED',
      errorCode: 'InternalFailure',
      message: expect.stringMatching(message),
    });
  });

  test.each([
    ['null', null],
    ['empty', ''],
  ])('a template that is %s leaves nothing to judge', async (_what, template) => {
    const payload = JSON.stringify({ template, previousTemplate: ours });
    expect(await answerTo(world.payloads.add(payload))).toMatchObject({ hookStatus: 'SUCCESS' });
  });
});

describe('the request', () => {
  test.each(['examples', 'tables'] as const)(
    'is read and answered in the spelling of the %s',
    async (spelling) => {
      const one = await startHook({ spelling });
      expect(await one.hook.ask('STACK', creation(broken))).toContain('The following hook(s) failed');
      expect(one.hook.violations()).toEqual([]);
      expect(one.log.join()).toContain('stack/demo/1');
      await one.stop();
    },
  );

  test('without a token is judged all the same', async () => {
    const { clientRequestToken: _, ...event } = eventOf(
      world.payloads.add(JSON.stringify({ template: broken })),
    );
    const answer = await hookOf()(event, context);
    expect(answer).toMatchObject({ hookStatus: 'FAILED', errorCode: 'NonCompliant' });
    expect(answer).not.toHaveProperty('clientRequestToken');
  });

  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a text', 'request'],
    ['a list', []],
    ['numbers for texts', { clientRequestToken: 1, requestData: { targetType: 2, payload: 3 } }],
    ['no payload', { ...eventOf(''), requestData: { targetType: 'STACK' } }],
  ])('that is %s is answered', async (_what, event) => {
    expect((await hookOf()(event, context)).hookStatus).toMatch(/^(SUCCESS|FAILED)$/);
  });

  test.each(['RESOURCE', 'CLOUD_CONTROL'])('for %s is not judged, and passes', async (targetType) => {
    const answer = await hookOf()({ ...eventOf('x'), requestData: { targetType } }, context);
    expect(answer.hookStatus).toBe('SUCCESS');
  });

  test('for a deletion fetches nothing', async () => {
    const before = world.payloads.downloads.length;
    const event = { ...eventOf(world.payloads.add('{}')), actionInvocationPoint: 'DELETE_PRE_PROVISION' };
    expect((await hookOf()(event, context)).hookStatus).toBe('SUCCESS');
    expect(world.payloads.downloads).toHaveLength(before);
  });
});

const hookOf = () =>
  createValidateHook({ environment: { ALLOW_LOOPBACK_PAYLOAD_URL: 'true' }, clock, log: () => {} });
const answerTo = (url: string) => hookOf()(eventOf(url), context);

function eventOf(payload: string) {
  return {
    clientRequestToken: 'token',
    stackId: 'arn:aws:cloudformation:us-east-1:123456789012:stack/demo/1',
    actionInvocationPoint: 'CREATE_PRE_PROVISION',
    requestData: { targetName: 'STACK', targetType: 'STACK', targetLogicalId: 'demo', payload },
  };
}
