/** Malformed events. Each one ends in a clear FAILED or in a thrown error, and loses nothing. */
import { randomUUID } from 'node:crypto';
import type { CustomResourceEvent } from '../../local/cloudformation/events.ts';
import { firstInputs, inWorldOf } from '../../local/provider/inputs.ts';
import {
  CREDENTIALS_SECRET,
  inWorld,
  OAUTH_SECRET,
  only,
  reasons,
  type World,
} from '../../local/provider/world.ts';
import { createHandler } from '../../provider/index.ts';

const ACTION = 'Custom::GenesysDataAction';
const INTEGRATION = 'Custom::GenesysAwsIntegration';

/** Sends the event of a good Create with a change in it; answers how the provider took it. */
async function sendRaw(world: World, change: (event: CustomResourceEvent) => unknown) {
  const slot = world.responses.open({
    RequestType: 'Create',
    ServiceToken: 'arn:aws:lambda:us-east-1:123456789012:function:provider',
    StackId: 'arn:aws:cloudformation:us-east-1:123456789012:stack/stack/11111111-2222-3333-4444-555555555555',
    RequestId: randomUUID(),
    LogicalResourceId: 'Thing',
    ResourceType: ACTION,
    ResourceProperties: {
      ServiceToken: 'token',
      ...inWorldOf(firstInputs(ACTION).create.properties, world),
    } as never,
  });
  slot.countDelivery();
  const end = await world.containers.invoke(change(slot.event) as CustomResourceEvent);
  return { end, uploads: slot.uploads };
}

test.each([
  ['no RequestType', ({ RequestType: _, ...event }: CustomResourceEvent) => event, 'no RequestType'],
  [
    'an unknown RequestType',
    (event: CustomResourceEvent) => ({ ...event, RequestType: 'Read' }),
    'no RequestType',
  ],
  ['no ResourceType', ({ ResourceType: _, ...event }: CustomResourceEvent) => event, 'no ResourceType'],
  [
    'an unknown ResourceType',
    (event: CustomResourceEvent) => ({ ...event, ResourceType: 'Custom::GenesysDataActoin' }),
    'did you mean Custom::GenesysDataAction',
  ],
  ['no properties', ({ ResourceProperties: _, ...event }: CustomResourceEvent) => event, 'is required'],
])('an event with %s is answered FAILED', async (_, change, reason) => {
  await inWorld({}, async (world) => {
    const { end, uploads } = await sendRaw(world, change as never);
    expect(end).toBe('returned');
    expect(uploads).toHaveLength(1);
    expect(uploads[0]?.answer).toMatchObject({ Status: 'FAILED', Reason: expect.stringContaining(reason) });
    expect(world.made().size).toBe(0);
  });
});

test.each([
  ['no ResponseURL', ({ ResponseURL: _, ...event }: CustomResourceEvent) => event, 'no ResponseURL'],
  ['no StackId', ({ StackId: _, ...event }: CustomResourceEvent) => event, 'cannot be answered'],
  [
    'a ResponseURL of a stranger',
    (event: CustomResourceEvent) => ({ ...event, ResponseURL: 'https://example.com/?X-Amz-Signature=1' }),
    "none of CloudFormation's response buckets",
  ],
  [
    'a ResponseURL of another bucket',
    (event: CustomResourceEvent) => ({
      ...event,
      ResponseURL: 'https://somebody-elses-bucket.s3.us-east-1.amazonaws.com/x',
    }),
    "none of CloudFormation's response buckets",
  ],
])('an event with %s is logged, answered nowhere, and makes nothing', async (_, change, reason) => {
  await inWorld({}, async (world) => {
    const { end, uploads } = await sendRaw(world, change as never);
    expect(end).toBe('crashed');
    expect(uploads).toEqual([]);
    expect(world.containers.logs()).toContain(reason);
    expect(world.containers.calls).toEqual([]);
  });
});

test('a loopback ResponseURL is refused unless a test allows it', async () => {
  await inWorld({ environment: { ALLOW_LOOPBACK_RESPONSE_URL: '' } }, async (world) => {
    const { end } = await sendRaw(world, (event) => event);
    expect(end).toBe('crashed');
    expect(world.containers.calls).toEqual([]);
  });
});

test.each([
  ['is no JSON', 'clientid=1', /OAuth secret|secret .* is no/i],
  ['lacks client_secret', JSON.stringify({ client_id: 'x' }), /client_secret/],
])('an OAuth secret that %s is a FAILED that says so and shows nothing of it', async (_, text, reason) => {
  await inWorld({}, async (world) => {
    world.aws.secrets.set(OAUTH_SECRET, { text });
    const stack = await world.cloudFormation.createStack(
      'stack',
      only(ACTION, inWorldOf(firstInputs(ACTION).create.properties, world)),
    );
    expect(stack.status).toBe('ROLLBACK_COMPLETE');
    expect(reasons(stack)).toMatch(reason);
    expect(world.output()).not.toContain('clientid=1');
  });
});

const web = {
  Name: 'Orders',
  IntegrationType: 'custom-rest-actions',
  CredentialType: 'basicAuth',
  CredentialsSecretArn: CREDENTIALS_SECRET,
};

test.each([
  ['is no JSON', { text: 'CANARY-plain-text' }, /is no JSON/],
  ['holds a number', { text: '{"password": 1}' }, /must hold text under password/],
  ['is empty', { text: '{}' }, /must be a JSON object/],
  [
    'is for other stacks',
    { text: '{"password":"CANARY"}', tags: { 'genesys-cloud-cfn:stacks': 'sales-@' } },
    /This stack may not use the secret/,
  ],
  ['has no tag', { text: '{"password":"CANARY"}', tags: {} }, /This stack may not use the secret/],
])('a credentials secret that %s is a FAILED, and nothing of it is shown', async (_, secret, reason) => {
  await inWorld({}, async (world) => {
    world.aws.secrets.set(CREDENTIALS_SECRET, { tags: { 'genesys-cloud-cfn:stacks': 'stack' }, ...secret });
    const stack = await world.cloudFormation.createStack('stack', only(INTEGRATION, web));
    expect(stack.status).toBe('ROLLBACK_COMPLETE');
    expect(reasons(stack)).toMatch(reason);
    expect(world.output()).not.toContain('CANARY');
    expect(world.made().size).toBe(0);
  });
});

test.each(['GENESYS_OAUTH_SECRET_ARN', 'LEDGER_TABLE_NAME', 'PROVIDER_ARN', 'PROVIDER_STACK_ID'])(
  'a missing %s is a FAILED that names it; the rollback works',
  async (name) => {
    await inWorld({ environment: { [name]: '' } }, async (world) => {
      const stack = await world.cloudFormation.createStack(
        'stack',
        only(ACTION, inWorldOf(firstInputs(ACTION).create.properties, world)),
      );
      expect(stack.status).toBe('ROLLBACK_COMPLETE');
      expect(reasons(stack)).toContain(name);
    });
  },
);

test('a Delete without an id is answered with one that names nothing', async () => {
  await inWorld({}, async (world) => {
    const { uploads } = await sendRaw(world, (event) => ({ ...event, RequestType: 'Delete' }));
    expect(uploads[0]?.answer).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId: expect.stringMatching(/^nothing-created\//),
    });
  });
});

test('a Delete of what was never created needs no settings, no ledger and no Genesys Cloud', async () => {
  await inWorld({}, async (world) => {
    const handler = createHandler({ environment: { ALLOW_LOOPBACK_RESPONSE_URL: 'true' } });
    const slot = world.responses.open(
      {
        RequestType: 'Delete',
        ServiceToken: 'token',
        StackId:
          'arn:aws:cloudformation:us-east-1:123456789012:stack/stack/11111111-2222-3333-4444-555555555555',
        RequestId: randomUUID(),
        LogicalResourceId: 'Thing',
        PhysicalResourceId: 'nothing-created/1',
        ResourceType: ACTION,
        ResourceProperties: { ServiceToken: 'token' },
      },
      Date.now(),
    );
    slot.countDelivery();
    await handler(slot.event, { awsRequestId: '1', getRemainingTimeInMillis: () => 30_000 });
    expect(slot.uploads[0]?.answer).toMatchObject({ Status: 'SUCCESS' });
  });
});

test('a reason of any length fits into 4,096 bytes, whatever its characters', async () => {
  for (const name of ['n', 'é', '漢', '🎧', '"', '\u0001']) {
    await inWorld({}, async (world) => {
      const { uploads } = await sendRaw(world, (event) => ({
        ...event,
        ResourceProperties: { ServiceToken: 'token', [name.repeat(9_000)]: 'x', Name: name.repeat(9_000) },
      }));
      expect(uploads[0]?.body.length).toBeLessThanOrEqual(4_096);
      expect(world.cloudFormation.violations()).toEqual([]);
    });
  }
});
