/** Whose data actions may hang on an integration: SharedWith of its owner, and the administrator's list. */
import { firstInputs, inWorldOf } from '../../local/provider/inputs.ts';
import { ACTION, INTEGRATION, withFailure } from '../../local/provider/stacks.ts';
import { inWorld, only, reasons, type World } from '../../local/provider/world.ts';
import { actionByHand } from './by-hand.ts';
import { send } from './send.ts';

const PROVIDER = 'arn:aws:lambda:us-east-1:123456789012:function:provider';
const stackOf = (account: string, name: string) =>
  `arn:aws:cloudformation:us-east-1:${account}:stack/${name}/11111111-2222-3333-4444-555555555555`;

const integration = (more = {}) => ({
  ...firstInputs(INTEGRATION).create.properties,
  ServiceToken: PROVIDER,
  ...more,
});

const actionOn = (world: World, IntegrationId: unknown, more = {}): Record<string, unknown> => ({
  ...inWorldOf(firstInputs(ACTION).create.properties, world),
  ServiceToken: PROVIDER,
  IntegrationId,
  ...more,
});

/** The integration of the stack `theirs`. */
async function theirIntegration(world: World, more = {}): Promise<string> {
  const stack = await world.cloudFormation.createStack('theirs', only(INTEGRATION, integration(more)));
  expect(stack.status).toBe('CREATE_COMPLETE');
  return stack.resources['Thing']?.physicalId ?? '';
}

const share = async (world: World, sharing: { SharedWith?: string[]; DeletionGuard?: string }) =>
  (await world.cloudFormation.updateStack('theirs', only(INTEGRATION, integration(sharing)))).status;

const writes = (world: World) =>
  world.genesys.calls().filter(({ method, template }) => method !== 'GET' && template !== '/oauth/token');

test("an action on another stack's integration is refused before any write, and the reason tells nothing of its owner", () =>
  inWorld({}, async (world) => {
    const id = await theirIntegration(world, { SharedWith: ['their-friends'] });
    world.genesys.resetCalls();
    const mine = await world.cloudFormation.createStack('mine', only(ACTION, actionOn(world, id)));
    expect(mine.status).toBe('ROLLBACK_COMPLETE');
    expect(mine.resources['Thing']?.physicalId ?? 'nothing-created/').toMatch(/^nothing-created\//);
    expect(reasons(mine)).toContain('SharedWith');
    expect(reasons(mine)).not.toMatch(/theirs|their-friends/);
    expect(writes(world)).toEqual([]);
  }));

test('an action on an integration that another resource of its own stack makes is allowed', () =>
  inWorld({}, async (world) => {
    const stack = await world.cloudFormation.createStack('mine', {
      Resources: {
        Base: { Type: INTEGRATION, Properties: integration() },
        Thing: { Type: ACTION, Properties: actionOn(world, { Ref: 'Base' }) },
      },
    });
    expect(stack.status).toBe('CREATE_COMPLETE');
  }));

test.each([
  ['mine', true],
  ['mi*', true],
  ['min?', true],
  ['123456789012/mine', true],
  ['arn:aws:cloudformation:us-east-1:123456789012:stack/mine/*', true],
  ['other', false],
  ['mine-too', false],
  ['444455556666/mine', false],
  ['arn:aws:cloudformation:us-east-1:444455556666:stack/mine/*', false],
])('an integration that is shared with %s is open to the stack mine: %s', (entry, expected) =>
  inWorld({}, async (world) => {
    const id = await theirIntegration(world, { SharedWith: ['nobody', entry] });
    const mine = await world.cloudFormation.createStack('mine', only(ACTION, actionOn(world, id)));
    expect(mine.status).toBe(expected ? 'CREATE_COMPLETE' : 'ROLLBACK_COMPLETE');
  }),
);

test.each([
  ['mine', false],
  ['arn:aws:cloudformation:*:*:stack/mine*', false],
  ['444455556666/mine', true],
  ['444455556666/*', true],
  ['arn:aws:cloudformation:*:444455556666:stack/mine*', true],
])(
  'an integration that is shared with %s is open to a stack mine of another account: %s',
  (entry, expected) =>
    inWorld({}, async (world) => {
      const id = await theirIntegration(world, { SharedWith: [entry] });
      const request = { RequestType: 'Create' as const, stackId: stackOf('444455556666', 'mine') };
      const answer = await send(world, request, ACTION, actionOn(world, id));
      expect(answer.status).toBe(expected ? 'SUCCESS' : 'FAILED');
    }),
);

test('an integration that the ledger does not know is open only where the administrator lists its id', () =>
  inWorld({ environment: { SHARED_INTEGRATION_IDS: 'another-id' } }, async (world) => {
    const template = only(ACTION, actionOn(world, world.integrationId));
    const refused = await world.cloudFormation.createStack('mine', template);
    expect(refused.status).toBe('ROLLBACK_COMPLETE');
    expect(reasons(refused)).toContain('SharedIntegrationIds');
    expect(writes(world)).toEqual([]);
    world.containers.redeploy({ SHARED_INTEGRATION_IDS: `another-id, ${world.integrationId}` });
    const admitted = await world.cloudFormation.createStack('mine-2', template);
    expect(admitted.status).toBe('CREATE_COMPLETE');
  }));

test("the administrator's list does not open an integration that a stack owns", () =>
  inWorld({}, async (world) => {
    const id = await theirIntegration(world);
    world.containers.redeploy({ SHARED_INTEGRATION_IDS: id });
    const mine = await world.cloudFormation.createStack('mine', only(ACTION, actionOn(world, id)));
    expect(mine.status).toBe('ROLLBACK_COMPLETE');
  }));

test('an action is not taken over on an integration that its stack may not use', () =>
  inWorld({}, async (world) => {
    const id = await theirIntegration(world);
    const ExistingId = actionByHand(world, { integrationId: id });
    for (const [name, how] of [
      ['by-id', { ExistingId }],
      ['by-name', { AdoptExisting: 'true' }],
    ] as const) {
      const stack = await world.cloudFormation.createStack(name, only(ACTION, actionOn(world, id, how)));
      expect(stack.status).toBe('ROLLBACK_COMPLETE');
      expect(reasons(stack)).toContain('SharedWith');
    }
    expect(world.remote(ExistingId)).toMatchObject({ published: { category: 'By hand' } });
  }));

test('when sharing ends, an action goes on, is deleted, and is changed no more', () =>
  inWorld({}, async (world) => {
    const id = await theirIntegration(world, { SharedWith: ['mine'] });
    const change = (more = {}) => only(ACTION, actionOn(world, id, more));
    const made = await world.cloudFormation.createStack('mine', change());
    expect(made.status).toBe('CREATE_COMPLETE');
    const changed = await world.cloudFormation.updateStack('mine', change({ TimeoutSeconds: 9 }));
    expect(changed.status).toBe('UPDATE_COMPLETE');
    expect(await share(world, { SharedWith: ['mine-no-more'], DeletionGuard: 'None' })).toBe(
      'UPDATE_COMPLETE',
    );
    const refused = await world.cloudFormation.updateStack('mine', change({ TimeoutSeconds: 10 }));
    expect(refused.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(reasons(refused)).toContain('SharedWith');
    await world.cloudFormation.deleteStack('mine');
    expect(await share(world, {})).toBe('UPDATE_COMPLETE');
    const again = await world.cloudFormation.createStack('mine', change());
    expect(again.status).toBe('ROLLBACK_COMPLETE');
  }));

test('a rollback to what was applied is not asked', () =>
  inWorld({}, async (world) => {
    const before = only(ACTION, actionOn(world, world.integrationId));
    await world.cloudFormation.createStack('mine', before);
    const after = withFailure(only(ACTION, actionOn(world, world.integrationId, { TimeoutSeconds: 9 })));
    world.containers.onEnd = ({ RequestType, LogicalResourceId }) => {
      // The administrator takes the integration off the list while the update runs.
      if (RequestType === 'Update' && LogicalResourceId === 'Thing')
        world.containers.redeploy({ SHARED_INTEGRATION_IDS: '' });
    };
    const updated = await world.cloudFormation.updateStack('mine', after);
    expect(updated.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    const [request] = world.requests('Thing').filter(({ event }) => event.RequestType === 'Update');
    expect(JSON.stringify(request?.uploads.map(({ body }) => body.toString()))).toContain('SUCCESS');
    const id = updated.resources['Thing']?.physicalId ?? '';
    expect(world.remote(id)).toMatchObject({
      published: { config: { timeoutSeconds: Number(actionOn(world, '')['TimeoutSeconds'] ?? 60) } },
    });
  }));

test('a rollback opens no integration of another stack to a new action', () =>
  inWorld({}, async (world) => {
    const theirs = await theirIntegration(world);
    const applied = actionOn(world, world.integrationId);
    const mine = await world.cloudFormation.createStack('mine', only(ACTION, applied));
    const describe = world.cloudFormation.describe.bind(world.cloudFormation);
    world.cloudFormation.describe = (name) => ({ ...describe(name), status: 'UPDATE_ROLLBACK_IN_PROGRESS' });
    world.genesys.resetCalls();
    const id = mine.resources['Thing']?.physicalId ?? '';
    // The reference of a template can lead elsewhere in a rollback, because its resource is the author's own.
    const request = {
      RequestType: 'Update' as const,
      stackId: mine.id,
      logicalId: 'Thing',
      id,
      old: applied,
    };
    expect(await send(world, request, ACTION, actionOn(world, theirs))).toMatchObject({
      status: 'FAILED',
      reason: expect.stringContaining('SharedWith'),
    });
    expect(writes(world)).toEqual([]);
    world.cloudFormation.describe = describe;
  }));

test('an update that fails shares nothing', () =>
  inWorld({}, async (world) => {
    const id = await theirIntegration(world);
    world.genesys.faults({
      match: { method: 'PUT', path: '/api/v2/integrations/{integrationId}/config/current' },
      action: { status: 400, body: { status: 400, code: 'bad.request', message: 'no' } },
    });
    expect(await share(world, { SharedWith: ['mine'] })).toBe('UPDATE_ROLLBACK_COMPLETE');
    const mine = await world.cloudFormation.createStack('mine', only(ACTION, actionOn(world, id)));
    expect(mine.status).toBe('ROLLBACK_COMPLETE');
  }));

test('an integration that its stack gave up is open to nobody until the administrator lists it', () =>
  inWorld({}, async (world) => {
    const id = await theirIntegration(world, { SharedWith: ['mine'], OnDelete: 'Retain' });
    await world.cloudFormation.deleteStack('theirs');
    const mine = await world.cloudFormation.createStack('mine', only(ACTION, actionOn(world, id)));
    expect(mine.status).toBe('ROLLBACK_COMPLETE');
    expect(reasons(mine)).toContain('SharedIntegrationIds');
  }));

test('after the ledger was lost an integration that is written again belongs to its stack again', () =>
  inWorld({}, async (world) => {
    const template = (Nonce: string | undefined, TimeoutSeconds: number) => ({
      Resources: {
        Base: { Type: INTEGRATION, Properties: integration(Nonce === undefined ? {} : { Nonce }) },
        Thing: { Type: ACTION, Properties: actionOn(world, { Ref: 'Base' }, { TimeoutSeconds }) },
      },
    });
    await world.cloudFormation.createStack('mine', template(undefined, 7));
    world.loseLedger();
    const refused = await world.cloudFormation.updateStack('mine', template(undefined, 8));
    expect(refused.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(reasons(refused)).toContain('SharedIntegrationIds');
    const updated = await world.cloudFormation.updateStack('mine', template('again', 8));
    expect(updated.status).toBe('UPDATE_COMPLETE');
  }));

test.each([
  ['of one root', true, 'arn:aws:cloudformation:us-east-1:123456789012:stack/root/1'],
  ['of different roots', false, 'arn:aws:cloudformation:us-east-1:123456789012:stack/other/1'],
])("nested stacks %s use each other's integrations: %s", (_what, expected, root) =>
  inWorld({}, async (world) => {
    const id = await theirIntegration(world);
    const status = 'CREATE_IN_PROGRESS';
    world.stacks.parents.set('theirs', {
      id: 'arn:aws:cloudformation:us-east-1:123456789012:stack/root/1',
      status,
    });
    world.stacks.parents.set('mine', { id: root, status });
    const mine = await world.cloudFormation.createStack('mine', only(ACTION, actionOn(world, id)));
    expect(mine.status).toBe(expected ? 'CREATE_COMPLETE' : 'ROLLBACK_COMPLETE');
  }),
);

test('a stack counts as nested in none where CloudFormation may not be asked', () =>
  inWorld({}, async (world) => {
    const id = await theirIntegration(world);
    world.stacks.refusal = 'AccessDenied';
    const mine = await world.cloudFormation.createStack('mine', only(ACTION, actionOn(world, id)));
    expect(mine.status).toBe('ROLLBACK_COMPLETE');
    expect(reasons(mine)).toContain('SharedWith');
  }));

test.each<[string, unknown, RegExp]>([
  ['every name', ['*'], /entry 1, which must be the name of a stack/],
  ['every name in other words', ['**?*'], /entry 1/],
  ['every name with hyphens', ['*-*'], /entry 1/],
  ['every id', ['arn:aws:cloudformation:*:*:stack/*'], /entry 1/],
  ['any text', ['good', 'a stack'], /entry 2/],
  ['two in one', ['mine theirs'], /entry 1/],
  ['a marker', ['nothing-created/1'], /entry 1/],
  ['a name of objects', ['__proto__'], /entry 1/],
  ['an object', [{ Name: 'mine' }], /entry 1, which must be text/],
  ['a list in a list', [[['mine']]], /entry 1, which must be text/],
  ['no list', 'mine', /SharedWith must be a list of texts/],
  ['a very long name', ['x'.repeat(100_000)], /at most 300 characters/],
  ['10,000 stacks', Array.from({ length: 10_000 }, (_, at) => `s${at}`), /at most 50 entries, not 10000/],
])('SharedWith does not take %s', (_what, SharedWith, reason) =>
  inWorld({}, async (world) => {
    const stack = await world.cloudFormation.createStack(
      'theirs',
      only(INTEGRATION, integration({ SharedWith })),
    );
    expect(stack.status).toBe('ROLLBACK_COMPLETE');
    expect(reasons(stack)).toMatch(reason);
    expect(writes(world)).toEqual([]);
  }),
);

test('an empty entry, as an empty parameter makes it, shares with nobody', () =>
  inWorld({}, async (world) => {
    const id = await theirIntegration(world, { SharedWith: [''] });
    const mine = await world.cloudFormation.createStack('mine', only(ACTION, actionOn(world, id)));
    expect(mine.status).toBe('ROLLBACK_COMPLETE');
  }));

test('fifty stacks of the greatest length fit into the ledger and are all admitted', () =>
  inWorld({}, async (world) => {
    const long = Array.from({ length: 49 }, (_, at) => `${at}`.padStart(300, 'x'));
    const id = await theirIntegration(world, { SharedWith: [...long, 'mine'] });
    const mine = await world.cloudFormation.createStack('mine', only(ACTION, actionOn(world, id)));
    expect(mine.status).toBe('CREATE_COMPLETE');
  }));
