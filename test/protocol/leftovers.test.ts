/**
 * The next request knows the objects that an unfinished one left behind, and removes them without failing a
 * rollback.
 */
import type { CloudFormationOptions, ReplacementRollback } from '../../local/cloudformation/stack.ts';
import { firstInputs, inWorldOf } from '../../local/provider/inputs.ts';
import { CREDENTIALS_SECRET, inWorld, only, reasons, type World } from '../../local/provider/world.ts';
import { byHand } from './by-hand.ts';

const ACTION = 'Custom::GenesysDataAction';
const INTEGRATION = 'Custom::GenesysAwsIntegration';
const web = (properties: Record<string, unknown> = {}) =>
  only(INTEGRATION, { Name: 'Orders', IntegrationType: 'custom-rest-actions', ...properties });
const withCredential = { CredentialType: 'userDefined', CredentialsSecretArn: CREDENTIALS_SECRET };

const withWorld = (
  run: (world: World) => Promise<void>,
  cloudFormation: Partial<CloudFormationOptions> = {},
) =>
  inWorld({ cloudFormation }, async (world) => {
    await run(world);
    expect(world.cloudFormation.violations()).toEqual([]);
    expect(world.leaks()).toEqual([]);
  });

const credentials = (world: World) =>
  [...world.made().keys()].filter((name) => name.startsWith('credentials'));

test('a credential that a failed update put to use goes once the rollback has put the configuration back', () =>
  withWorld(async (world) => {
    await world.cloudFormation.createStack('stack', web());
    world.genesys.faults({
      match: { method: 'PATCH', path: '/api/v2/integrations/{integrationId}' },
      action: { status: 403, body: { status: 403, code: 'missing.any.permissions' } },
    });
    const updated = await world.cloudFormation.updateStack('stack', web(withCredential));
    expect(updated.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(credentials(world)).toEqual([]);
    await world.cloudFormation.deleteStack('stack');
    expect([...world.made().keys()]).toEqual([]);
  }));

test('another type of credential is another credential, in place', () =>
  withWorld(async (world) => {
    const created = await world.cloudFormation.createStack('stack', web(withCredential));
    const updated = await world.cloudFormation.updateStack(
      'stack',
      web({ ...withCredential, CredentialType: 'basicAuth' }),
    );
    expect(updated.status).toBe('UPDATE_COMPLETE');
    expect(updated.resources['Thing']?.physicalId).toBe(created.resources['Thing']?.physicalId);
    // A rollback could still need the one of before. The next request removes it.
    expect(credentials(world)).toHaveLength(2);
    await world.cloudFormation.updateStack(
      'stack',
      web({ ...withCredential, CredentialType: 'basicAuth', Notes: 'new' }),
    );
    expect(credentials(world)).toHaveLength(1);
  }));

test('an update that was refused before it wrote anything rolls back without a call', () =>
  withWorld(async (world) => {
    await world.cloudFormation.createStack('stack', web(withCredential));
    world.aws.secrets.set(CREDENTIALS_SECRET, {
      text: 'no JSON',
      tags: { 'genesys-cloud-cfn:stacks': 'stack*' },
    });
    const updated = await world.cloudFormation.updateStack(
      'stack',
      web({ ...withCredential, CredentialsSecretVersion: '2' }),
    );
    expect(reasons(updated)).toContain('no JSON');
    expect(updated.status).toBe('UPDATE_ROLLBACK_COMPLETE');
  }));

test('an object of one organization is not taken for deleted because another organization does not have it', () =>
  withWorld(async (world) => {
    world.genesys.faults({
      match: { method: 'POST', path: '/api/v2/integrations' },
      action: { status: 403, body: { status: 403, code: 'missing.any.permissions' } },
    });
    const created = await world.cloudFormation.createStack('stack', web(withCredential), {
      disableRollback: true,
    });
    expect(created.status).toBe('CREATE_FAILED');
    expect(credentials(world)).toHaveLength(1);
    const { organizations, clients } = world.genesys.seed({ organizations: [{ name: 'Another' }] });
    expect(clients).toEqual([]);
    const { clients: others } = world.genesys.seed({
      clients: [
        { id: 'other-client', secret: 'other-client-secret', organizationId: organizations[0] ?? '' },
      ],
    });
    expect(others).toHaveLength(1);
    const oauth = [...world.aws.secrets].find(([name]) => name.includes('/genesys/oauth/'));
    world.aws.secrets.set(oauth?.[0] ?? '', {
      text: JSON.stringify({ client_id: 'other-client', client_secret: 'other-client-secret' }),
    });
    world.genesys.seed({ revokeTokens: [world.genesys.clientId] });
    const deleted = await world.cloudFormation.deleteStack('stack');
    expect(deleted.status).toBe('DELETE_FAILED');
    expect(reasons(deleted)).toMatch(/organization/);
    expect(credentials(world)).toHaveLength(1);
  }));

test('a repeat that finds no ledger does not hide what the first delivery made from the rollback', () =>
  withWorld(async (world) => {
    let ledgerIsThere = true;
    world.containers.faultFor = ({ service, operation }, event) => {
      if (event?.RequestType !== 'Create') return undefined;
      if (operation === 'POST /api/v2/integrations' && ledgerIsThere) {
        ledgerIsThere = false;
        return 'kill after';
      }
      return service === 'ledger' && !ledgerIsThere ? 'dns' : undefined;
    };
    const created = await world.cloudFormation.createStack('stack', web(withCredential));
    expect(reasons(created)).toContain("The provider's ledger");
    expect(created.status).toBe('ROLLBACK_COMPLETE');
    expect(world.requests().map(({ event }) => event.PhysicalResourceId)).toContainEqual(
      expect.stringMatching(/^nothing-created\//),
    );
    expect([...world.made().keys()]).toEqual([]);
  }));

test('the rollback of a Create that never reached the ledger needs no ledger', () =>
  withWorld(async (world) => {
    world.containers.faultFor = ({ service }) => (service === 'ledger' ? 'hang before' : undefined);
    const ended: string[] = [];
    world.containers.onEnd = ({ RequestType }) => ended.push(RequestType);
    const created = await world.cloudFormation.createStack('stack', web(withCredential));
    expect(created.status).toBe('ROLLBACK_COMPLETE');
    await world.cloudFormation.idle();
    expect(world.containers.durations[ended.indexOf('Delete')]).toBeLessThan(6_000);
  }));

test('a Delete that stops a running Create, and meets a transaction of it, undoes it', () =>
  withWorld(async (world) => {
    // The Create takes longer than CloudFormation waits for it.
    world.genesys.faults({
      match: { method: 'PUT', path: '/api/v2/integrations/{id}/config/current' },
      action: { status: 429, body: { status: 429 }, headers: { 'retry-after': '130' } },
    });
    let conflicts = 0;
    world.containers.faultFor = ({ operation }, event) => {
      if (operation !== 'PutItem' || event?.RequestType !== 'Delete' || conflicts > 0) return undefined;
      conflicts += 1;
      return '409';
    };
    const created = await world.cloudFormation.createStack('stack', web({ ServiceTimeout: 100 }));
    await world.cloudFormation.idle();
    expect(conflicts).toBe(1);
    expect(created.status).toBe('ROLLBACK_COMPLETE');
    expect([...world.made().keys()]).toEqual([]);
  }));

const action = (world: World, more = {}) => ({
  ...inWorldOf(firstInputs(ACTION).create.properties, world),
  ...more,
});
const lambda = (more = {}) => ({ Name: 'Orders', RoleArn: 'arn:aws:iam::123456789012:role/r', ...more });
const Bad = { Type: 'Custom::GenesysNothing', DependsOn: 'Thing', Properties: {} };
const orders: ReplacementRollback[] = [
  'update-back-then-delete-new',
  'update-old-then-delete-new',
  'delete-new-only',
  'update-back',
];

test.each(orders)(
  'deleted by hand, made anew, and rolled back (%s): no third one is made, and nothing stays behind',
  (order) =>
    withWorld(
      async (world) => {
        for (const [type, path, before, after] of [
          [ACTION, '/api/v2/integrations/actions', action(world), action(world, { Category: 'New' })],
          [INTEGRATION, '/api/v2/integrations', lambda(), lambda({ Notes: 'New' })],
        ] as const) {
          const created = await world.cloudFormation.createStack('stack', only(type, before));
          await byHand(world, 'DELETE', `${path}/${created.resources['Thing']?.physicalId}`);
          world.clock.advance(5_000);
          const { Resources } = only(type, after);
          const updated = await world.cloudFormation.updateStack('stack', {
            Resources: { ...Resources, Bad },
          });
          expect(reasons(updated)).toContain('Custom::GenesysNothing is no resource type');
          expect(updated.status).toBe('UPDATE_ROLLBACK_COMPLETE');
          const [kind, ledgerKind] =
            type === ACTION ? (['actions', 'action'] as const) : (['integrations', 'integration'] as const);
          const made = [...world.made().keys()].filter((name) => name.startsWith(kind));
          expect(made.length).toBeLessThanOrEqual(1);
          world.clock.advance(5_000);
          await world.cloudFormation.deleteStack('stack');
          expect([...world.made().keys()]).toEqual([]);
          // The ledger remembers an object that was deleted by hand, should it be seen again.
          const left = [...world.ledger('OBJECT#').values()].filter(({ kind }) => kind === ledgerKind);
          expect(left).toEqual([
            expect.objectContaining({
              id: created.resources['Thing']?.physicalId,
              believedGoneAt: expect.any(Number),
            }),
          ]);
        }
      },
      { replacementRollback: order },
    ),
);

const refuseDeletion = (world: World) =>
  world.genesys.faults({
    match: { method: 'DELETE', path: '/api/v2/integrations/actions/{id}', count: 'every' },
    action: { status: 403, body: { status: 403, code: 'missing.any.permissions' } },
  });

/** A replacement whose clean-up fails. Deletions work again afterwards. */
async function replacedWithoutCleanUp(world: World): Promise<string> {
  const created = await world.cloudFormation.createStack('stack', only(ACTION, action(world)));
  refuseDeletion(world);
  const replaced = await world.cloudFormation.updateStack(
    'stack',
    only(ACTION, action(world, { Secure: true })),
  );
  expect(replaced.status).toBe('UPDATE_COMPLETE');
  world.genesys.clearFaults();
  world.clock.advance(60_000);
  return created.resources['Thing']?.physicalId ?? '';
}

test('an object that the clean-up of a replacement could not delete goes with the next update', () =>
  withWorld(async (world) => {
    const old = await replacedWithoutCleanUp(world);
    expect(world.remote(old)).toBeDefined();
    const template = only(ACTION, action(world, { Secure: true, Category: 'New' }));
    expect((await world.cloudFormation.updateStack('stack', template)).status).toBe('UPDATE_COMPLETE');
    expect(world.remote(old)).toBeUndefined();
    expect(world.made().size).toBe(1);
  }));

test("an object that the clean-up of a replacement could not delete goes with the stack's Delete", () =>
  withWorld(async (world) => {
    await replacedWithoutCleanUp(world);
    await world.cloudFormation.deleteStack('stack');
    expect(world.made().size).toBe(0);
  }));

test('an object that the clean-up of a replacement could not delete is in use again when an update goes back to it', () =>
  withWorld(async (world) => {
    const old = await replacedWithoutCleanUp(world);
    const back = await world.cloudFormation.updateStack('stack', only(ACTION, action(world)));
    expect(back.resources['Thing']?.physicalId).toBe(old);
    await world.cloudFormation.updateStack('stack', only(ACTION, action(world, { Category: 'New' })));
    expect(world.remote(old)).toBeDefined();
    expect(world.made().size).toBe(1);
  }));

test("an object that a rollback could not delete goes with the stack's Delete", () =>
  withWorld(
    async (world) => {
      await world.cloudFormation.createStack('stack', only(ACTION, action(world)));
      refuseDeletion(world);
      const { Resources } = only(ACTION, action(world, { Secure: true }));
      await world.cloudFormation.updateStack('stack', { Resources: { ...Resources, Bad } });
      expect(world.made().size).toBe(2);
      world.genesys.clearFaults();
      world.clock.advance(60_000);
      await world.cloudFormation.deleteStack('stack');
      expect(world.made().size).toBe(0);
    },
    { replacementRollback: 'delete-new-only' },
  ));

test('an object that OnDelete retains is not left over when its Delete fails', () =>
  withWorld(async (world) => {
    const template = (more = {}) => only(ACTION, action(world, { OnDelete: 'Retain', ...more }));
    const created = await world.cloudFormation.createStack('stack', template());
    world.containers.faultFor = ({ service }, event) =>
      event?.RequestType === 'Delete' && service === 'login' ? '500' : undefined;
    world.containers.coolDown();
    world.containers.onEnd = () => world.containers.coolDown();
    await world.cloudFormation.updateStack('stack', template({ Secure: true }));
    world.containers.faultFor = () => undefined;
    world.clock.advance(60_000);
    await world.cloudFormation.updateStack('stack', template({ Secure: true, Category: 'New' }));
    expect(world.remote(created.resources['Thing']?.physicalId ?? '')).toBeDefined();
  }));
