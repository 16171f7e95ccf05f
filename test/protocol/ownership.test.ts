/**
 * Ownership: a stack may change and delete its own objects only, even where stacks know nothing of each
 * other.
 */
import type { CloudFormationOptions, StackView } from '../../local/cloudformation/stack.ts';
import type { Template } from '../../local/cloudformation/template.ts';
import { compare, objects } from '../../local/faults/verdicts.ts';
import { firstInputs, inWorldOf } from '../../local/provider/inputs.ts';
import {
  inWorld,
  KEY_ALIAS,
  OAUTH_SECRET,
  OTHER_KEY_ALIAS,
  only,
  reasons,
  type World,
} from '../../local/provider/world.ts';
import { send } from './send.ts';

const ACTION = 'Custom::GenesysDataAction';
const INTEGRATION = 'Custom::GenesysAwsIntegration';
const KEY = 'Custom::GenesysRecordingKey';

const action = (world: World, extra = {}) => ({
  ...inWorldOf(firstInputs(ACTION).create.properties, world),
  ...extra,
});
const idOf = (stack: StackView, logicalId = 'Thing') => stack.resources[logicalId]?.physicalId ?? '';
const withWorld = (
  run: (world: World) => Promise<void>,
  cloudFormation: Partial<CloudFormationOptions> = {},
) =>
  inWorld({ cloudFormation }, async (world) => {
    await run(world);
    expect(world.cloudFormation.violations()).toEqual([]);
    expect(world.leaks()).toEqual([]);
  });

describe.each([
  { who: 'another stack', sameStack: false },
  { who: 'another logical resource of the same stack', sameStack: true },
])('a request of $who', ({ sameStack }) => {
  test('to delete an object succeeds, makes no call and takes nothing away', () =>
    withWorld(async (world) => {
      const stack = await world.cloudFormation.createStack('stack', only(ACTION, action(world)));
      world.genesys.resetCalls();
      const other = { id: idOf(stack), ...(sameStack ? { stackId: stack.id } : {}) };
      const answer = await send(world, { RequestType: 'Delete', ...other }, ACTION, action(world));
      expect(answer.status).toBe('SUCCESS');
      expect(world.genesys.calls()).toEqual([]);
      expect(compare(world)).toEqual([]);
    }));

  test('to update an object fails, names the owner and changes nothing', () =>
    withWorld(async (world) => {
      const stack = await world.cloudFormation.createStack('stack', only(ACTION, action(world)));
      const other = { id: idOf(stack), ...(sameStack ? { stackId: stack.id } : {}) };
      const answer = await send(
        world,
        { RequestType: 'Update', ...other, old: action(world) },
        ACTION,
        action(world, { Category: 'Mine' }),
      );
      expect(answer).toMatchObject({
        status: 'FAILED',
        reason: expect.stringContaining('Thing of stack stack'),
      });
      expect(world.remote(idOf(stack))).toMatchObject({ published: { category: 'Orders' } });
      expect(compare(world)).toEqual([]);
    }));
});

test('a renamed logical id: a second one of the same name is refused, and the first stays', () =>
  withWorld(async (world) => {
    await world.cloudFormation.createStack('stack', only(ACTION, action(world), 'Before'));
    const renamed = await world.cloudFormation.updateStack('stack', only(ACTION, action(world), 'After'));
    expect(renamed.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(reasons(renamed)).toContain('already has a data action named "Order status"');
    expect(compare(world)).toEqual([]);
    expect(objects(world)).toHaveLength(1);
  }));

test('a recording key has one owner, for the same alias too; its stack keeps it when the other one fails', () =>
  withWorld(async (world) => {
    await world.cloudFormation.createStack(
      'stack',
      only(KEY, { KeyAliasArn: KEY_ALIAS, OnDelete: 'Native' }),
    );
    const second = await world.cloudFormation.createStack('stack-2', only(KEY, { KeyAliasArn: KEY_ALIAS }));
    expect(second.status).toBe('ROLLBACK_COMPLETE');
    expect(reasons(second)).toContain('belongs to Thing of stack stack');
    await world.cloudFormation.deleteStack('stack-2');
    expect(objects(world)).toHaveLength(1);
  }));

test("another customer's key is overwritten only with Takeover, and put back when the stack's creation fails", () =>
  withWorld(async (world) => {
    const [id = ''] = world.genesys.seed({
      keyConfigurations: [{ url: OTHER_KEY_ALIAS, keyConfigurationType: 'KmsSymmetric' }],
    }).keyConfigurations;
    const refused = await world.cloudFormation.createStack('stack', only(KEY, { KeyAliasArn: KEY_ALIAS }));
    expect(reasons(refused)).toContain('Set Takeover: true');
    expect(world.remote(id)).toMatchObject({ url: OTHER_KEY_ALIAS });
    const Thing = { Type: KEY, Properties: { KeyAliasArn: KEY_ALIAS, Takeover: true } };
    const Bad = { Type: 'Custom::GenesysNothing', DependsOn: 'Thing', Properties: {} };
    const rolledBack = await world.cloudFormation.createStack('stack-2', { Resources: { Thing, Bad } });
    expect(rolledBack.status).toBe('ROLLBACK_COMPLETE');
    expect(world.remote(id)).toMatchObject({ url: OTHER_KEY_ALIAS, keyConfigurationType: 'KmsSymmetric' });
  }));

test('a retained key is taken up again by a stack that is made anew', () =>
  withWorld(async (world) => {
    const template = only(KEY, { KeyAliasArn: KEY_ALIAS, OnDelete: 'Retain' });
    const first = await world.cloudFormation.createStack('stack', template);
    await world.cloudFormation.deleteStack('stack');
    expect(world.remote(idOf(first))).toMatchObject({ url: KEY_ALIAS, keyConfigurationType: 'KmsSymmetric' });
    const second = await world.cloudFormation.createStack('stack', template);
    expect(second.status).toBe('CREATE_COMPLETE');
    expect(idOf(second)).toBe(idOf(first));
  }));

/** A template whose resource CloudFormation retains: no Delete is sent for it. */
function retaining(type: string, properties: Record<string, unknown>, logicalId = 'Thing'): Template {
  const Thing = { Type: type, Properties: properties, DeletionPolicy: 'Retain' as const };
  return { Resources: { [logicalId]: Thing } };
}
const Other = {
  Type: INTEGRATION,
  Properties: { Name: 'Other', RoleArn: 'arn:aws:iam::123456789012:role/r' },
};

test.each([
  ['with its stack', async (world: World) => world.cloudFormation.deleteStack('stack')],
  [
    'out of its stack',
    async (world: World) => world.cloudFormation.updateStack('stack', { Resources: { Other } }),
  ],
])('a key that CloudFormation retained %s is taken up by another, and kept from a third', (_, leave) =>
  withWorld(async (world) => {
    const { Resources } = retaining(KEY, { KeyAliasArn: KEY_ALIAS });
    await world.cloudFormation.createStack('stack', { Resources: { ...Resources, Other } });
    await leave(world);
    const second = await world.cloudFormation.createStack('second', only(KEY, { KeyAliasArn: KEY_ALIAS }));
    expect(second.status).toBe('CREATE_COMPLETE');
    const third = await world.cloudFormation.createStack('third', only(KEY, { KeyAliasArn: KEY_ALIAS }));
    expect(reasons(third)).toContain('belongs to Thing of stack second');
  }),
);

test('a key whose owner cannot be asked stays its own', () =>
  withWorld(async (world) => {
    await world.cloudFormation.createStack('stack', retaining(KEY, { KeyAliasArn: KEY_ALIAS }));
    await world.cloudFormation.deleteStack('stack');
    world.aws.unreachable.add('cloudformation');
    const second = await world.cloudFormation.createStack('second', only(KEY, { KeyAliasArn: KEY_ALIAS }));
    expect(reasons(second)).toMatch(
      /belongs to Thing of stack stack .*whether that stack still has it cannot be asked/,
    );
  }));

test('an empty ledger means owned by nobody: the stack goes on with its objects, and deletes them', () =>
  withWorld(async (world) => {
    const template = (extra = {}) => only(ACTION, action(world, extra));
    const stack = await world.cloudFormation.createStack('stack', template());
    world.loseLedger();
    const updated = await world.cloudFormation.updateStack('stack', template({ Category: 'New' }));
    expect(updated.status).toBe('UPDATE_COMPLETE');
    expect(idOf(updated)).toBe(idOf(stack));
    world.loseLedger();
    await world.cloudFormation.deleteStack('stack');
    expect(objects(world)).toEqual([]);
  }));

test('an unreachable ledger fails the request before any write, and says so', () =>
  withWorld(async (world) => {
    world.aws.unreachable.add('DynamoDB');
    const stack = await world.cloudFormation.createStack('stack', only(ACTION, action(world)));
    expect(stack.status).toBe('ROLLBACK_COMPLETE');
    expect(reasons(stack)).toMatch(
      /ledger, DynamoDB table genesys-cloud-ledger, cannot be used: AccessDenied/,
    );
    expect(world.genesys.calls().filter(({ method }) => method !== 'GET')).toEqual([]);
  }));

/** Makes another organization, and changes the OAuth secret to a client of that one. */
function repoint(world: World): void {
  const [organizationId = ''] = world.genesys.seed({ organizations: [{ name: 'Another' }] }).organizations;
  const secret = 'another-organizations-secret';
  const [clientId] = world.genesys.seed({ clients: [{ secret, organizationId }] }).clients;
  world.aws.secrets.set(OAUTH_SECRET, {
    text: JSON.stringify({ client_id: clientId, client_secret: secret }),
  });
  world.containers.coolDown();
}

test.each(['update', 'delete'] as const)(
  'a secret that leads to another organization fails an %s before any call there: 404 would mean nothing',
  (verb) =>
    withWorld(async (world) => {
      const stack = await world.cloudFormation.createStack('stack', only(ACTION, action(world)));
      const secret = world.aws.secrets.get(OAUTH_SECRET);
      repoint(world);
      world.genesys.resetCalls();
      const failed =
        verb === 'update'
          ? await world.cloudFormation.updateStack('stack', only(ACTION, action(world, { Category: 'New' })))
          : await world.cloudFormation.deleteStack('stack');
      expect(failed.status).toMatch(verb === 'update' ? /ROLLBACK/ : /DELETE_FAILED/);
      expect(reasons(failed)).toMatch(/is in the Genesys Cloud organization .* nothing was done/);
      expect(world.genesys.calls().filter(({ template }) => /integrations/.test(template))).toEqual([]);
      expect(world.remote(idOf(stack))).toBeDefined();
      if (secret) world.aws.secrets.set(OAUTH_SECRET, secret);
      world.containers.coolDown();
      await world.cloudFormation.deleteStack('stack');
      expect(objects(world)).toEqual([]);
    }),
);

test('an integration is not deleted, and not replaced, while data actions of another stack hang on it', () =>
  withWorld(async (world) => {
    const integration = {
      ...inWorldOf(firstInputs(INTEGRATION).create.properties, world),
      ServiceToken: 'arn:aws:lambda:us-east-1:123456789012:function:provider',
      SharedWith: ['stack-2'],
    };
    const stack = await world.cloudFormation.createStack('stack', only(INTEGRATION, integration));
    const other = await world.cloudFormation.createStack(
      'stack-2',
      only(ACTION, action(world, { ServiceToken: integration.ServiceToken, IntegrationId: idOf(stack) })),
    );
    const refused = await world.cloudFormation.deleteStack('stack');
    expect(refused.status).toBe('DELETE_FAILED');
    expect(reasons(refused)).toContain('"Order status"');
    expect(world.remote(idOf(other))).toBeDefined();
    await world.cloudFormation.deleteStack('stack-2');
    await world.cloudFormation.deleteStack('stack');
    expect(objects(world)).toEqual([]);
  }));

test('a replacement may bear the name of its predecessor, and of nobody else', () =>
  withWorld(async (world) => {
    const template = (extra = {}) => only(ACTION, action(world, extra));
    const before = await world.cloudFormation.createStack('stack', template());
    const replaced = await world.cloudFormation.updateStack('stack', template({ Secure: true }));
    expect(replaced.status).toBe('UPDATE_COMPLETE');
    expect(idOf(replaced)).not.toBe(idOf(before));
    world.genesys.seed({ actions: [{ name: 'Taken', integrationId: world.integrationId }] });
    const refused = await world.cloudFormation.updateStack(
      'stack',
      template({ Secure: false, Name: 'Taken' }),
    );
    expect(refused.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(reasons(refused)).toContain('already has a data action named "Taken"');
    expect(compare(world).filter(({ kind }) => kind === 'wrongIds')).toEqual([]);
  }));

test.each([
  ['name', { Name: 'Renamed' }],
  ['contract', { Contract: { Input: { type: 'object' }, Output: { type: 'object' } } }],
])('an update of the %s that fails elsewhere is rolled back', (_, change) =>
  withWorld(async (world) => {
    const before = await world.cloudFormation.createStack('stack', only(ACTION, action(world)));
    const { Resources } = only(ACTION, action(world, change));
    const Bad = { Type: 'Custom::GenesysNothing', DependsOn: 'Thing', Properties: {} };
    const stack = await world.cloudFormation.updateStack('stack', { Resources: { ...Resources, Bad } });
    expect(stack.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(idOf(stack)).toBe(idOf(before));
    expect(world.remote(idOf(stack))).toMatchObject({ published: { name: 'Order status' } });
    expect(compare(world)).toEqual([]);
  }),
);

test('a Create whose answer CloudFormation never had is undone by the Delete with the id that it invents', () =>
  withWorld(
    async (world) => {
      world.responses.fault(
        { kind: 'status', status: 503 },
        1_000,
        ({ RequestType }) => RequestType === 'Create',
      );
      const properties = action(world, { ServiceTimeout: 400 });
      const stack = await world.cloudFormation.createStack('stack', only(ACTION, properties));
      expect(stack.status).toBe('ROLLBACK_COMPLETE');
      expect(idOf(stack)).toMatch(/^stack-Thing-\w{12}$/);
      await world.cloudFormation.idle();
      expect(objects(world)).toEqual([]);
    },
    { retryDelaysMs: [] },
  ));

test('a second action of a name is refused while Genesys Cloud does not show the first one by its name', () =>
  withWorld(async (world) => {
    world.genesys.settings({ delays: { nameIndexMs: 15_000 } });
    const first = await world.cloudFormation.createStack('first', only(ACTION, action(world)));
    const second = await world.cloudFormation.createStack('second', only(ACTION, action(world)));
    expect(reasons(second)).toContain(`already has a data action named`);
    expect(reasons(second)).toContain(idOf(first));
    expect(objects(world)).toHaveLength(1);
  }));

test('two creators of a name at once make one action', () =>
  withWorld(async (world) => {
    world.genesys.settings({ delays: { nameIndexMs: 15_000 } });
    const stacks = await Promise.all(
      ['first', 'second', 'third'].map((name) =>
        world.cloudFormation.createStack(name, only(ACTION, action(world))),
      ),
    );
    expect(stacks.map(({ status }) => status).sort()).toEqual([
      'CREATE_COMPLETE',
      'ROLLBACK_COMPLETE',
      'ROLLBACK_COMPLETE',
    ]);
    expect(objects(world)).toHaveLength(1);
  }));

test('a name is free again at once when its action was deleted', () =>
  withWorld(async (world) => {
    world.genesys.settings({ delays: { nameIndexMs: 15_000 } });
    await world.cloudFormation.createStack('first', only(ACTION, action(world)));
    await world.cloudFormation.deleteStack('first');
    const second = await world.cloudFormation.createStack('second', only(ACTION, action(world)));
    expect(second.status).toBe('CREATE_COMPLETE');
  }));

const CONTRACT = firstInputs(ACTION).create.properties['Contract'] as Record<'Input' | 'Output', object>;

test.each<[string, string, Record<string, unknown>, Record<string, unknown>]>([
  [
    'the default IntegrationType',
    INTEGRATION,
    { Name: 'Orders', RoleArn: 'arn:aws:iam::123456789012:role/genesys' },
    { IntegrationType: 'aws-lambda-data-actions' },
  ],
  ['the default Secure', ACTION, {}, { Secure: false }],
  [
    'a contract as JSON text',
    ACTION,
    {},
    { Contract: { Input: JSON.stringify(CONTRACT.Input), Output: JSON.stringify(CONTRACT.Output) } },
  ],
])('%s, written out or left out again, replaces nothing', (_, type, properties, extra) =>
  withWorld(async (world) => {
    const before = type === ACTION ? action(world) : properties;
    const created = await world.cloudFormation.createStack('stack', only(type, before));
    for (const wanted of [{ ...before, ...extra }, before]) {
      const updated = await world.cloudFormation.updateStack('stack', only(type, wanted));
      expect(updated.status).toBe('UPDATE_COMPLETE');
      expect(idOf(updated)).toBe(idOf(created));
    }
    // The same holds after the ledger was lost, when only CloudFormation knows the earlier properties.
    world.loseLedger();
    const updated = await world.cloudFormation.updateStack('stack', only(type, { ...before, ...extra }));
    expect(idOf(updated)).toBe(idOf(created));
  }),
);

test('a replacement of unknown outcome does not take its predecessor for the new one, though nobody owns it', () =>
  withWorld(async (world) => {
    const created = await world.cloudFormation.createStack('stack', only(ACTION, action(world)));
    world.loseLedger();
    world.genesys.faults({
      match: { method: 'POST', path: '/api/v2/integrations/actions' },
      action: { status: 500, body: { status: 500 } },
    });
    const replaced = await world.cloudFormation.updateStack(
      'stack',
      only(ACTION, action(world, { Secure: true })),
    );
    expect(replaced.status).toBe('UPDATE_COMPLETE');
    expect(idOf(replaced)).not.toBe(idOf(created));
    expect(world.remote(idOf(replaced))).toMatchObject({ published: { secure: true } });
  }));

test('a repeat of a replacement that died does not take its predecessor for the new one, and does not delete it', () =>
  withWorld(
    async (world) => {
      await world.cloudFormation.createStack('stack', only(ACTION, action(world)));
      await world.cloudFormation.idle();
      world.loseLedger();
      let isDead = false;
      const deletedBy: string[] = [];
      world.containers.faultFor = ({ operation }, event) => {
        if (operation.startsWith('DELETE ')) deletedBy.push(event?.RequestType ?? '');
        if (isDead || event?.RequestType !== 'Update' || operation !== 'POST /api/v2/integrations/actions')
          return undefined;
        isDead = true;
        return 'kill before';
      };
      await world.cloudFormation.updateStack(
        'stack',
        only(ACTION, action(world, { Secure: true, ServiceTimeout: 320 })),
      );
      await world.cloudFormation.idle();
      expect(isDead).toBe(true);
      expect(deletedBy).not.toContain('Update');
      expect(compare(world)).toEqual([]);
    },
    { retryDelaysMs: [400_000] },
  ));
