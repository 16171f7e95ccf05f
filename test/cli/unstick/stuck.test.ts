/** Requests that the provider could not answer are answered through the command. */
import { jest } from '@jest/globals';
import { aws } from '../../../local/aws/cli.ts';
import { type Probe, probeTemplate, startProbe, succeed } from '../../local/aws/probe.ts';
import { integration } from '../../support/templates.ts';
import { StuckWorld } from './world.ts';

jest.setTimeout(180_000);

let world: StuckWorld;
beforeAll(async () => {
  world = await StuckWorld.start();
});
afterEach(async () => {
  await world.mendProvider();
  await world.purge();
});
afterAll(async () => {
  expect(world.written).not.toMatch(/X-Amz-Signature|https?:\/\/127/);
  await world.stop();
});

const resources = (changes = {}) => ({ Integration: integration(changes) });

/** A stack whose Create is stuck. */
async function stuckCreate(name: string): Promise<void> {
  await world.breakProvider();
  await world.begin('create-stack', name, resources({ Name: name }));
  await world.untilStuck();
}

/** A colleague mends the provider, and gives it the event. */
async function serveAgain(body: string): Promise<void> {
  await world.mendProvider();
  await aws(world.provider.ministack, [
    ...['lambda', 'invoke', '--function-name', 'genesys-cloud-provider'],
    ...['--payload', JSON.stringify(JSON.parse(body).requestPayload)],
    `${world.provider.ministack.env['HOME']}/out.json`,
  ]);
}

test('a stuck Create is listed, and the mended provider answers it', async () => {
  await stuckCreate('create');
  const { code, events } = await world.list();
  expect(code).toBe(1);
  expect(events).toMatchObject([
    {
      number: 1,
      stack: 'create',
      logicalId: 'Integration',
      requestType: 'Create',
      isWaiting: true,
      canBeAnswered: true,
      cloudFormation: 'stack CREATE_IN_PROGRESS, resource CREATE_IN_PROGRESS',
      ledger: 'nothing of this request',
    },
  ]);
  expect((await world.unstick([])).out).toMatch(
    /1\. create\/Integration: Create of .*\n.*CloudFormation waits/,
  );
  // A look consumes nothing.
  expect(await world.bodies()).toHaveLength(1);
  await world.mendProvider();
  const ended = await world.unstick(['1', '--yes']);
  expect(ended).toMatchObject({ code: 0, problems: '' });
  await world.until('create', 'CREATE_COMPLETE');
  expect((await world.list()).events).toEqual([]);
});

test('a provider that still fails keeps the event, and says what to do', async () => {
  await stuckCreate('again');
  const { code, problems } = await world.unstick(['1', '--yes']);
  expect(code).toBe(2);
  expect(problems).toMatch(/The provider has failed again: .*--settle failure/);
  expect(problems.trim().split('\n')).toHaveLength(1);
  expect((await world.list()).events).toHaveLength(1);
});

test('a Create is settled as a failure with the word of the stack, and its rollback by hand too', async () => {
  await stuckCreate('settled');
  const refused = await world.unstick(['1', '--settle', 'success', '--yes']);
  expect(refused).toMatchObject({ code: 2, out: '' });
  expect(refused.problems).toMatch(/does not show that this request succeeded.*Nothing was sent/);
  const mistyped = await world.unstick(['1', '--settle', 'failure'], 'setled');
  expect(mistyped.problems).toMatch(/Nothing was done: the name does not match/);
  const piped = await world.unstick(['1', '--settle', 'failure']);
  expect(piped.problems).toMatch(/Without a terminal, say so by --yes/);
  await world.untilStuck();
  const reason = ['--reason', 'Settled at night.'];
  expect(await world.unstick(['1', '--settle', 'failure', ...reason], 'settled')).toMatchObject({ code: 0 });
  // The rollback sends a Delete, which the broken provider cannot answer either.
  await world.untilStuck();
  const { events } = await world.list();
  expect(events).toMatchObject([{ requestType: 'Delete', isWaiting: true }]);
  expect(await world.unstick(['1', '--settle', 'success'], 'settled')).toMatchObject({ code: 0 });
  await world.until('settled', 'ROLLBACK_COMPLETE');
  const { StackEvents } = await aws<{ StackEvents: { ResourceStatusReason?: string }[] }>(
    world.provider.ministack,
    ['cloudformation', 'describe-stack-events', '--stack-name', 'settled'],
  );
  expect(JSON.stringify(StackEvents)).toContain('Settled at night.');
});

test('a stuck Update and a stuck Delete keep their object, and the provider ends both', async () => {
  await world.provider.deployResources('both', resources({ Name: 'both' }));
  await world.breakProvider();
  await world.begin('update-stack', 'both', resources({ Name: 'both', Notes: 'new' }));
  await world.untilStuck();
  const { events } = await world.list();
  expect(events).toMatchObject([{ requestType: 'Update', isWaiting: true }]);
  expect(
    (await world.unstick([events[0]?.requestId ?? '', '--settle', 'success', '--yes'])).problems,
  ).toMatch(/does not show/);
  await world.mendProvider();
  expect(await world.unstick(['1', '--yes'])).toMatchObject({ code: 0 });
  await world.until('both', 'UPDATE_COMPLETE');
  await world.breakProvider();
  await world.beginDeletion('both');
  await world.untilStuck();
  expect((await world.unstick(['1', '--settle', 'success', '--yes'])).problems).toMatch(
    /does not show that .* is gone or was left behind/,
  );
  await world.mendProvider();
  expect(await world.unstick(['1', '--yes'])).toMatchObject({ code: 0 });
  await world.until('both', 'DELETE_COMPLETE');
});

test('an Update of a rollback is answered, and the rollback ends', async () => {
  const probe: Probe = await startProbe();
  try {
    const { ministack } = world.provider;
    const file = await world.provider.files.file(probeTemplate);
    const args = ['--stack-name', 'probe', '--template-body', `file://${file}`];
    await aws(ministack, ['cloudformation', 'create-stack', ...args, '--capabilities', 'CAPABILITY_IAM']);
    await world.until('probe', 'CREATE_COMPLETE');
    await world.provider.deployResources('rolling', resources({ Name: 'rolling' }));
    // The second resource fails, and the provider is broken when the rollback reaches the first one.
    probe.behave('rolling', async (event) => {
      if (event.RequestType !== 'Create') return succeed(event);
      await world.breakProvider();
      return { Status: 'FAILED', PhysicalResourceId: 'none', Reason: 'as told' };
    });
    await world.begin('update-stack', 'rolling', {
      ...resources({ Name: 'rolling', Notes: 'new' }),
      Failing: {
        Type: 'Custom::Probe',
        DependsOn: 'Integration',
        Properties: {
          ServiceToken: { 'Fn::ImportValue': 'ProbeToken' },
          ServiceTimeout: 60,
          Probe: probe.url,
        },
      },
    });
    await world.untilStuck();
    expect((await world.list()).events).toMatchObject([
      {
        requestType: 'Update',
        isWaiting: true,
        cloudFormation: 'stack UPDATE_ROLLBACK_IN_PROGRESS, resource UPDATE_IN_PROGRESS',
      },
    ]);
    await world.mendProvider();
    expect(await world.unstick(['1', '--yes'])).toMatchObject({ code: 0 });
    await world.until('rolling', 'UPDATE_ROLLBACK_COMPLETE');
  } finally {
    await probe.stop();
  }
});

test('an event that was answered meanwhile is left alone, and removed on request only', async () => {
  await stuckCreate('meanwhile');
  const [body = ''] = await world.bodies();
  await serveAgain(body);
  await world.until('meanwhile', 'CREATE_COMPLETE');
  const { code, out } = await world.unstick(['1', '--settle', 'failure', '--yes']);
  expect(code).toBe(0);
  expect(out).toMatch(/Nobody waits for the answer .*Nothing was sent/);
  expect((await world.list()).events).toMatchObject([{ isWaiting: false }]);
  expect(await world.unstick(['1', '--remove'], 'meanwhile')).toMatchObject({ code: 0 });
  expect((await world.list()).events).toEqual([]);
});

test.each([
  ['an answer by hand', 'by-hand', ['--settle', 'failure']],
  ['the provider', 'by-provider', []],
])('a request that was answered during the question gets no second answer: %s', async (_, name, args) => {
  await stuckCreate(name);
  const [body = ''] = await world.bodies();
  const { code, out, problems } = await world.unstick(['1', ...args], name, {}, async () => {
    await serveAgain(body);
    await world.until(name, 'CREATE_COMPLETE');
  });
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(problems).toMatch(/has changed meanwhile.*Nothing was sent/);
  expect((await world.list()).events).toMatchObject([{ isWaiting: false }]);
});

test('an event that somebody else took during the question is left to him', async () => {
  await stuckCreate('taken');
  const { code, out, problems } = await world.unstick(['1', '--settle', 'failure'], 'taken', {}, () =>
    world.purge(),
  );
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(problems).toMatch(/Somebody else holds the event.*Nothing was sent/);
});
