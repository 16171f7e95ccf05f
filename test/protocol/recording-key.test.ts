/** A recording key is always put back, and a setting of somebody else is never overwritten. */
import type { StackView } from '../../local/cloudformation/stack.ts';
import { callsOn, spell } from '../../local/faults/spells.ts';
import {
  inWorld,
  KEY_ALIAS,
  LEDGER,
  OTHER_KEY_ALIAS,
  only,
  reasons,
  type World,
} from '../../local/provider/world.ts';
import { send } from './send.ts';

const KEY = 'Custom::GenesysRecordingKey';
const key = (properties: Record<string, unknown> = {}) =>
  only(KEY, { KeyAliasArn: KEY_ALIAS, ...properties });

const Bad = { Type: 'Custom::GenesysNothing', DependsOn: 'Thing', Properties: {} };

const withWorld = (run: (world: World) => Promise<void>) =>
  inWorld({}, async (world) => {
    await run(world);
    expect(world.cloudFormation.violations()).toEqual([]);
  });

function organization(world: World) {
  const [only] = world.genesys.state().organizations;
  if (only === undefined) throw new Error('no organization');
  return only;
}
const configuration = (world: World) => organization(world).keyConfigurations[0];
const newestKey = (world: World) => organization(world).recordingKeys.at(-1)?.keyConfigurationType;
test('the second delivery of a Delete in a rollback leaves the configuration that the first one put back', () =>
  withWorld(async (world) => {
    const stack = await world.cloudFormation.createStack('stack', key({ OnDelete: 'Native' }));
    const before = configuration(world);
    world.loseLedger();
    const describe = world.cloudFormation.describe.bind(world.cloudFormation);
    world.cloudFormation.describe = (name) => ({ ...describe(name), status: 'ROLLBACK_IN_PROGRESS' });
    const id = stack.resources['Thing']?.physicalId ?? '';
    const request = { RequestType: 'Delete' as const, stackId: stack.id, logicalId: 'Thing', id };
    const properties = { KeyAliasArn: KEY_ALIAS, OnDelete: 'Native' };
    expect(await send(world, request, KEY, properties)).toMatchObject({ status: 'SUCCESS' });
    expect(configuration(world)).toEqual(before);
    world.cloudFormation.describe = describe;
  }));

const refuseOnce = (world: World, method: string, path: string) =>
  world.genesys.faults({
    match: { method, path },
    action: { status: 403, body: { status: 403, code: 'missing.any.permissions' } },
  });

/** A change that an administrator makes in Genesys Cloud. */
async function byHand(world: World, body: Record<string, unknown>): Promise<void> {
  const { genesys } = world;
  const login = await fetch(`${genesys.url}/oauth/token`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`${genesys.clientId}:${genesys.clientSecret}`).toString('base64')}`,
    },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  });
  const { access_token: token } = (await login.json()) as { access_token: string };
  const id = configuration(world)?.id;
  const response = await fetch(`${genesys.url}/api/v2/recording/keyconfigurations/${id}`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ id, ...body }),
  });
  expect(response.status).toBe(200);
}

const stackOf = (view: StackView) => view.status;

test.each([3, 15, 40])('a configuration is given up in spite of %i s of 404', (seconds) =>
  withWorld(async (world) => {
    await world.cloudFormation.createStack('stack', key({ OnDelete: 'Native' }));
    spell(world, seconds, callsOn(configuration(world)?.id ?? ''));
    const { id } = await world.cloudFormation.deleteStack('stack');
    expect(stackOf(world.cloudFormation.describe(id))).toBe('DELETE_COMPLETE');
    expect(configuration(world)?.keyConfigurationType).toBe('Native');
  }),
);

test.each([
  ['Native', 'Native'],
  ['RestorePrevious', 'Native'],
])('a configuration is given up (%s) with a ledger from before the last update', (OnDelete, left) =>
  withWorld(async (world) => {
    await world.cloudFormation.createStack('stack', key({ OnDelete }));
    await world.cloudFormation.idle();
    const backup = world.aws.backUp(LEDGER);
    await world.cloudFormation.updateStack('stack', key({ OnDelete, KeyAliasArn: OTHER_KEY_ALIAS }));
    await world.cloudFormation.idle();
    world.aws.restore(LEDGER, backup);
    world.clock.advance(60_000);
    await world.cloudFormation.deleteStack('stack');
    expect(configuration(world)?.keyConfigurationType).toBe(left);
  }),
);

test('a Delete that died between configuration and recording key is finished by the next one', () =>
  withWorld(async (world) => {
    await world.cloudFormation.createStack('stack', key({ OnDelete: 'Native' }));
    refuseOnce(world, 'POST', '/api/v2/recording/recordingkeys');
    expect(stackOf(await world.cloudFormation.deleteStack('stack'))).toBe('DELETE_FAILED');
    expect(configuration(world)?.keyConfigurationType).toBe('Native');
    expect(newestKey(world)).toBe('KmsSymmetric');
    expect(stackOf(await world.cloudFormation.deleteStack('stack'))).toBe('DELETE_COMPLETE');
    expect(newestKey(world)).toBe('Native');
  }));

test('a local key manager set by hand survives a refused update and its rollback', () =>
  withWorld(async (world) => {
    await world.cloudFormation.createStack('stack', key());
    await byHand(world, {
      url: 'https://keys.example.com',
      apiId: 'id',
      apiKey: 'key',
      keyConfigurationType: 'LocalKeyManager',
    });
    const updated = await world.cloudFormation.updateStack(
      'stack',
      key({ KeyAliasArn: OTHER_KEY_ALIAS, Takeover: true }),
    );
    expect(updated.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(reasons(updated)).toContain('local key manager');
    expect(configuration(world)?.keyConfigurationType).toBe('LocalKeyManager');
  }));

test('another Nonce does not overwrite a customer key that was set by hand', () =>
  withWorld(async (world) => {
    await world.cloudFormation.createStack('stack', key({ Nonce: '1' }));
    await byHand(world, { url: OTHER_KEY_ALIAS, keyConfigurationType: 'KmsSymmetric' });
    const updated = await world.cloudFormation.updateStack('stack', key({ Nonce: '2' }));
    expect(updated.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(configuration(world)?.url).toBe(OTHER_KEY_ALIAS);
  }));

test('an update to another alias that failed after saving is put back by a Delete all the same', () =>
  withWorld(async (world) => {
    await world.cloudFormation.createStack('stack', key({ OnDelete: 'Native' }));
    world.genesys.faults({
      match: { method: 'POST', path: '/api/v2/recording/recordingkeys', count: 'every' },
      action: { status: 403, body: { status: 403, code: 'missing.any.permissions' } },
    });
    await world.cloudFormation.updateStack(
      'stack',
      key({ KeyAliasArn: OTHER_KEY_ALIAS, OnDelete: 'Native' }),
    );
    world.genesys.clearFaults();
    await world.cloudFormation.deleteStack('stack');
    expect(configuration(world)?.keyConfigurationType).toBe('Native');
    expect(newestKey(world)).toBe('Native');
  }));

test('a rotation period goes back to what it was when the property goes', () =>
  withWorld(async (world) => {
    const before = organization(world).rotationPeriod;
    await world.cloudFormation.createStack('stack', key());
    await world.cloudFormation.updateStack('stack', key({ RotationPeriod: 'DAILY' }));
    expect(organization(world).rotationPeriod).toBe('DAILY');
    await world.cloudFormation.updateStack('stack', key());
    expect(organization(world).rotationPeriod).toBe(before);
  }));

test.each([
  ['a customer key', 'KmsSymmetric', '504 after'],
  ['Native', 'Native', '504 after'],
  ['Native', 'Native', '403'],
] as const)(
  '%s is put back after a Create whose write was done, and answered as if not (%s, %s)',
  (_, type, last) =>
    withWorld(async (world) => {
      const [id = ''] = world.genesys.seed({
        keyConfigurations: [{ url: OTHER_KEY_ALIAS, keyConfigurationType: type }],
      }).keyConfigurations;
      let sent = 0;
      world.containers.faultFor = ({ operation }, event) => {
        if (event?.RequestType !== 'Create' || operation !== 'PUT /api/v2/recording/keyconfigurations/{id}')
          return undefined;
        sent += 1;
        return sent > 8 ? last : '504 after';
      };
      const created = await world.cloudFormation.createStack('stack', key({ Takeover: true }));
      expect(created.status).toBe('ROLLBACK_COMPLETE');
      expect(world.remote(id)).toMatchObject({ url: OTHER_KEY_ALIAS, keyConfigurationType: type });
    }),
);

test.each([408, 500, 504])(
  'a write that was done and answered %s is repeated, and the Create succeeds',
  (status) =>
    withWorld(async (world) => {
      world.genesys.seed({ keyConfigurations: [{ url: OTHER_KEY_ALIAS, keyConfigurationType: 'Native' }] });
      world.genesys.faults({
        match: { method: 'PUT', path: '/api/v2/recording/keyconfigurations/{id}' },
        action: { status, body: { status, code: 'gateway' }, after: true },
      });
      expect(stackOf(await world.cloudFormation.createStack('stack', key()))).toBe('CREATE_COMPLETE');
    }),
);

/** The organization has another customer key. This stack takes it over. */
const otherKey = (world: World) =>
  world.genesys.seed({
    keyConfigurations: [{ url: OTHER_KEY_ALIAS, keyConfigurationType: 'KmsSymmetric' }],
  });

test.each(['429', '500', 'reset before', 'hang before'] as const)(
  'a rollback asks CloudFormation again after %s, and puts the key back',
  (fault) =>
    withWorld(async (world) => {
      otherKey(world);
      let count = 0;
      world.containers.faultFor = ({ service }) => {
        if (service !== 'stacks') return undefined;
        count += 1;
        return count <= 2 ? fault : undefined;
      };
      const { Resources } = key({ Takeover: true });
      const created = await world.cloudFormation.createStack('stack', { Resources: { ...Resources, Bad } });
      expect(created.status).toBe('ROLLBACK_COMPLETE');
      expect(configuration(world)?.url).toBe(OTHER_KEY_ALIAS);
    }),
);

test('where CloudFormation gives no answer at all, a Delete fails and says so: a key is not left behind by a guess', () =>
  withWorld(async (world) => {
    otherKey(world);
    world.containers.faultFor = ({ service }) => (service === 'stacks' ? '429' : undefined);
    const { Resources } = key({ Takeover: true });
    const created = await world.cloudFormation.createStack('stack', { Resources: { ...Resources, Bad } });
    expect(created.status).toBe('ROLLBACK_FAILED');
    expect(reasons(created)).toContain('CloudFormation does not say how');
  }));

test('where CloudFormation may not be asked, OnDelete decides', () =>
  withWorld(async (world) => {
    otherKey(world);
    world.aws.unreachable.add('cloudformation');
    const { Resources } = key({ Takeover: true, OnDelete: 'RestorePrevious' });
    const created = await world.cloudFormation.createStack('stack', { Resources: { ...Resources, Bad } });
    expect(created.status).toBe('ROLLBACK_COMPLETE');
    expect(configuration(world)?.url).toBe(OTHER_KEY_ALIAS);
  }));

const PARENT = 'arn:aws:cloudformation:us-east-1:123456789012:stack/parent/1';
const ROOT = 'arn:aws:cloudformation:us-east-1:123456789012:stack/root/1';

test.each([
  ['rolls back', 'ROLLBACK_IN_PROGRESS', 'ROLLBACK_IN_PROGRESS', OTHER_KEY_ALIAS],
  [
    'is deleted by the rollback of its own',
    'DELETE_IN_PROGRESS',
    'UPDATE_ROLLBACK_IN_PROGRESS',
    OTHER_KEY_ALIAS,
  ],
  ['is deleted', 'DELETE_IN_PROGRESS', 'DELETE_IN_PROGRESS', KEY_ALIAS],
  ['is updated without it', 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', 'UPDATE_IN_PROGRESS', KEY_ALIAS],
])('a nested stack is deleted while its parent %s', (_, parent, root, expected) =>
  withWorld(async (world) => {
    otherKey(world);
    await world.cloudFormation.createStack('nested', key({ Takeover: true }));
    world.stacks.parents.set('nested', { id: PARENT, status: parent, parentId: ROOT });
    world.stacks.parents.set('parent', { id: ROOT, status: root });
    await world.cloudFormation.deleteStack('nested');
    expect(configuration(world)?.url).toBe(expected);
  }),
);

test.each(['newest first', 'oldest first'] as const)(
  'of more than a hundred recording keys, listed %s, the newest counts',
  (recordingKeyOrder) =>
    withWorld(async (world) => {
      world.genesys.settings({ behaviour: { recordingKeyOrder } });
      world.genesys.seed({
        recordingKeys: Array.from({ length: 101 }, () => ({ keyConfigurationType: 'Native' })),
      });
      world.clock.advance(1_000);
      await world.cloudFormation.createStack('stack', key({ OnDelete: 'Native' }));
      world.clock.advance(1_000);
      await world.cloudFormation.deleteStack('stack');
      expect(newestKey(world)).toBe('Native');
    }),
);
