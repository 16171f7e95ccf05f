/** What is there already is taken over, left behind, and put back: nothing that somebody else made is ever lost. */
import type { CloudFormationOptions, StackView } from '../../local/cloudformation/stack.ts';
import type { Template } from '../../local/cloudformation/template.ts';
import type { Action, Integration } from '../../local/genesys-cloud/store.ts';
import { actionByHand, SECRETS } from './by-hand.ts';
import type { Call, CallFault } from './containers.ts';
import { firstInputs, inWorldOf } from './inputs.ts';
import { SEQUELS, type Sequel } from './matrix.ts';
import { sample } from './sample.ts';
import { send } from './send.ts';
import { CREDENTIALS_SECRET, inWorld, LEDGER, OAUTH_SECRET, only, reasons, type World } from './world.ts';

const ACTION = 'Custom::GenesysDataAction';
const INTEGRATION = 'Custom::GenesysAwsIntegration';
const ROLE = 'arn:aws:iam::123456789012:role/genesys';
const OLD_ROLE = 'arn:aws:iam::123456789012:role/by-hand';

const action = (world: World, extra = {}) => ({
  ...inWorldOf(firstInputs(ACTION).create.properties, world),
  ...extra,
});
const integration = (extra = {}) => ({ Name: 'Orders', RoleArn: ROLE, Notes: 'by a stack', ...extra });
const actionStack = (world: World, extra = {}, logicalId?: string) =>
  only(ACTION, action(world, extra), logicalId);
const integrationStack = (extra = {}, logicalId?: string) => only(INTEGRATION, integration(extra), logicalId);

/** A resource that fails once the others are made. */
const withFailure = ({ Resources }: Template): Template => ({
  Resources: {
    ...Resources,
    Bad: { Type: 'Custom::GenesysNothing', DependsOn: Object.keys(Resources), Properties: {} },
  },
});

const idOf = (stack: StackView, logicalId = 'Thing') => stack.resources[logicalId]?.physicalId ?? '';

const withWorld = (
  run: (world: World) => Promise<void>,
  cloudFormation: Partial<CloudFormationOptions> = {},
) =>
  inWorld({ cloudFormation }, async (world) => {
    await run(world);
    await world.cloudFormation.idle();
    expect(world.cloudFormation.violations()).toEqual([]);
    expect(world.leaks()).toEqual([]);
  });

// ---- what others have made

function integrationByHand(world: World, extra = {}): { id: string; credentialId: string } {
  const { credentials } = world.genesys.seed({
    credentials: [{ typeName: 'amazonWebServicesARN', fields: { ARN: OLD_ROLE } }],
  });
  const credentialId = credentials[0] ?? '';
  const { integrations } = world.genesys.seed({
    integrations: [
      {
        name: 'Orders',
        typeId: 'aws-lambda-data-actions',
        enabled: true,
        notes: 'by hand: CANARY-notes',
        credentials: { AmazonWebServicesARN: credentialId },
        ...extra,
      },
    ],
  });
  return { id: integrations[0] ?? '', credentialId };
}

/** Everything of an action or integration that a person set: no versions and times. */
function formOf(world: World, id: string) {
  const { published, config, intendedState } = (world.remote(id) ?? {}) as Partial<Action & Integration>;
  const { version: _, ...rest } = published ?? config ?? ({ version: 0 } as { version: number });
  return structuredClone({ ...rest, intendedState });
}

const credentials = (world: World) =>
  [...world.made().keys()].filter((key) => key.startsWith('credentials')).map((key) => key.split(' ')[1]);
const count = (world: World, kind: string) =>
  [...world.made().keys()].filter((key) => key.startsWith(kind)).length;
const records = (world: World) =>
  [...world.ledger('OBJECT#').values()].map(
    ({ id, owner, origin }) => [id, (owner as { logicalId: string }).logicalId, origin] as const,
  );
const writes = (world: World) =>
  world.genesys.calls().filter(({ method, template }) => method !== 'GET' && template !== '/oauth/token');

/** Nothing of the configuration of before is in what left the provider, nor readable in the ledger. */
function expectNoSecrets(world: World): void {
  const kept = JSON.stringify([...(world.aws.tables.get(LEDGER)?.values() ?? [])]);
  for (const secret of [...SECRETS, 'CANARY-notes']) {
    expect(world.output()).not.toContain(secret);
    expect(kept).not.toContain(secret);
  }
}

describe.each([
  ['AdoptExisting', () => ({ AdoptExisting: true })],
  ['ExistingId', (id: string) => ({ ExistingId: id })],
])('%s', (_name, how) => {
  test('takes a data action over: the same id, as the properties say, and no second one', () =>
    withWorld(async (world) => {
      const id = actionByHand(world);
      const stack = await world.cloudFormation.createStack('stack', actionStack(world, how(id)));
      expect(reasons(stack)).not.toMatch(/FAILED/);
      expect(stack.status).toBe('CREATE_COMPLETE');
      expect(idOf(stack)).toBe(id);
      expect(world.remote(id)).toMatchObject(inWorldOf(firstInputs(ACTION).create.remote ?? {}, world));
      expect(stack.resources['Thing']?.attributes).toMatchObject({ DataActionId: id, Version: '2' });
      expect(count(world, 'actions')).toBe(1);
      expect(records(world)).toEqual([[id, 'Thing', 'adopted']]);
      expectNoSecrets(world);
    }));

  test('takes an integration over, gives it a credential of its own, and leaves the old one alone', () =>
    withWorld(async (world) => {
      const { id, credentialId } = integrationByHand(world);
      const old = world.remote(credentialId);
      const stack = await world.cloudFormation.createStack('stack', integrationStack(how(id)));
      expect(reasons(stack)).not.toMatch(/FAILED/);
      expect(idOf(stack)).toBe(id);
      expect(count(world, 'integrations')).toBe(1);
      const own = stack.resources['Thing']?.attributes['CredentialId'];
      expect(world.remote(id)).toMatchObject({
        config: { notes: 'by a stack', credentials: { AmazonWebServicesARN: own } },
      });
      expect(credentials(world)).toEqual([credentialId, own]);
      expect(world.remote(credentialId)).toEqual(old);
      expectNoSecrets(world);
    }));

  test('a stack whose creation fails afterwards puts a data action back, and owns it no more', () =>
    withWorld(async (world) => {
      const id = actionByHand(world);
      const before = formOf(world, id);
      const stack = await world.cloudFormation.createStack(
        'stack',
        withFailure(actionStack(world, { ...how(id), OnDelete: 'Delete' })),
      );
      expect(stack.status).toBe('ROLLBACK_COMPLETE');
      expect(formOf(world, id)).toEqual(before);
      expect(records(world)).toEqual([]);
      expectNoSecrets(world);
    }));

  test('a stack whose creation fails afterwards puts an integration back, its credential and state too', () =>
    withWorld(async (world) => {
      const { id, credentialId } = integrationByHand(world);
      const before = formOf(world, id);
      const stack = await world.cloudFormation.createStack(
        'stack',
        withFailure(integrationStack({ ...how(id), Enabled: false })),
      );
      expect(stack.status).toBe('ROLLBACK_COMPLETE');
      expect(formOf(world, id)).toEqual(before);
      expect(before).toMatchObject({ intendedState: 'ENABLED' });
      expect(credentials(world)).toEqual([credentialId]);
      expect(records(world)).toEqual([]);
      expectNoSecrets(world);
    }));
});

// ---- which one

test('where nothing has the name, one is made, and deleted with its stack', () =>
  withWorld(async (world) => {
    const template = {
      Resources: {
        ...integrationStack({ AdoptExisting: true }, 'Integration').Resources,
        ...actionStack(world, { AdoptExisting: true }).Resources,
      },
    };
    const stack = await world.cloudFormation.createStack('stack', template);
    expect(stack.status).toBe('CREATE_COMPLETE');
    expect(records(world).map(([, , origin]) => origin)).toEqual(['created', 'created']);
    await world.cloudFormation.deleteStack('stack');
    expect([...world.made().keys()]).toEqual([]);
  }));

test('two stacks that take over by name at once make one integration between them', () =>
  withWorld(async (world) => {
    const both = await Promise.all(
      ['stack', 'stack-2'].map((name) =>
        world.cloudFormation.createStack(name, integrationStack({ AdoptExisting: true })),
      ),
    );
    expect(both.map(({ status }) => status).sort()).toEqual(['CREATE_COMPLETE', 'ROLLBACK_COMPLETE']);
    expect(count(world, 'integrations')).toBe(1);
  }));

test.each([
  [
    'data action',
    (world: World, extra: object) => actionStack(world, extra),
    (world: World) => actionByHand(world),
  ],
  [
    'integration',
    (_: World, extra: object) => integrationStack(extra),
    (world: World) => integrationByHand(world).id,
  ],
])(
  'several of the name are refused with their ids, and ExistingId says which: %s',
  (_what, template, byHand) =>
    withWorld(async (world) => {
      const ids = [byHand(world), byHand(world)];
      const forms = ids.map((id) => formOf(world, id));
      const refused = await world.cloudFormation.createStack(
        'stack',
        template(world, { AdoptExisting: true }),
      );
      expect(refused.status).toBe('ROLLBACK_COMPLETE');
      expect(idOf(refused)).toMatch(/^nothing-created\//);
      expect(reasons(refused)).toContain(ids.join(', '));
      expect(reasons(refused)).toContain('ExistingId');
      expect(ids.map((id) => formOf(world, id))).toEqual(forms);
      const taken = await world.cloudFormation.createStack(
        'stack-2',
        template(world, { ExistingId: ids[1] }),
      );
      expect(idOf(taken)).toBe(ids[1]);
      expect(formOf(world, ids[0] ?? '')).toEqual(forms[0]);
    }),
);

test.each([
  ['data action', (world: World) => actionStack(world, { ExistingId: 'custom_-_nowhere' })],
  ['integration', () => integrationStack({ ExistingId: 'nowhere' })],
])('what is not there is refused, and the organization named where it was looked for: %s', (what, template) =>
  withWorld(async (world) => {
    const stack = await world.cloudFormation.createStack('stack', template(world));
    expect(stack.status).toBe('ROLLBACK_COMPLETE');
    expect(reasons(stack)).toMatch(new RegExp(`There is no ${what} \\S*nowhere in the .* organization \\S+`));
    expect([...world.made().keys()]).toEqual([]);
  }),
);

test.each([
  ['another integration', { integrationId: 'another' }, /IntegrationId \(there it is another\)/],
  ['another security', { secure: true }, /Secure \(there it is true\)/],
  [
    'another contract',
    {
      contract: { input: { inputSchema: { type: 'object' } }, output: { successSchema: { type: 'object' } } },
    },
    /Contract\.Input\.properties, Contract\.Input\.required/,
  ],
])('a data action of %s is not taken over, and the reason says what differs', (_what, seed, reason) =>
  withWorld(async (world) => {
    const id = actionByHand(world, seed);
    const before = formOf(world, id);
    const stack = await world.cloudFormation.createStack('stack', actionStack(world, { ExistingId: id }));
    expect(stack.status).toBe('ROLLBACK_COMPLETE');
    expect(reasons(stack)).toMatch(reason);
    expect(formOf(world, id)).toEqual(before);
    expect(records(world)).toEqual([]);
  }),
);

test('an integration of another type is not taken over, and no credential is made for it', () =>
  withWorld(async (world) => {
    const { id, credentialId } = integrationByHand(world, { typeId: 'custom-rest-actions', credentials: {} });
    const stack = await world.cloudFormation.createStack('stack', integrationStack({ ExistingId: id }));
    expect(reasons(stack)).toContain('its type is custom-rest-actions, not aws-lambda-data-actions');
    expect(credentials(world)).toEqual([credentialId]);
    const byName = await world.cloudFormation.createStack(
      'stack-2',
      integrationStack({ AdoptExisting: true }),
    );
    expect(idOf(byName)).not.toBe(id);
  }));

test("Genesys Cloud's own data actions are nobody's to take", () =>
  withWorld(async (world) => {
    const id = actionByHand(world, { id: 'static_1' });
    const stack = await world.cloudFormation.createStack('stack', actionStack(world, { ExistingId: id }));
    expect(reasons(stack)).toContain("The data action static_1 is Genesys Cloud's own");
  }));

test('a taken over action is not renamed to the name of another', () =>
  withWorld(async (world) => {
    const id = actionByHand(world, { name: 'Old name' });
    const before = formOf(world, id);
    actionByHand(world);
    const stack = await world.cloudFormation.createStack('stack', actionStack(world, { ExistingId: id }));
    expect(reasons(stack)).toContain('already has a data action named "Order status"');
    expect(formOf(world, id)).toEqual(before);
  }));

// ---- whose it is

test('what another living stack owns is not taken over, and the reason names the owner and the way', () =>
  withWorld(async (world) => {
    const theirs = await world.cloudFormation.createStack('theirs', actionStack(world));
    const mine = await world.cloudFormation.createStack('mine', actionStack(world, { AdoptExisting: true }));
    expect(mine.status).toBe('ROLLBACK_COMPLETE');
    expect(reasons(mine)).toContain('belongs to Thing of stack theirs');
    expect(reasons(mine)).toContain('OnDelete: Retain');
    expect(records(world)).toEqual([[idOf(theirs), 'Thing', 'created']]);
    const updated = await world.cloudFormation.updateStack('theirs', actionStack(world, { Category: 'New' }));
    expect(updated.status).toBe('UPDATE_COMPLETE');
  }));

test('what a stack has just made is its own, though CloudFormation does not list its id yet', () =>
  withWorld(async (world) => {
    const slow = withFailure(actionStack(world));
    const creating = world.cloudFormation.createStack('theirs', slow);
    const mine = await world.cloudFormation.createStack('mine', actionStack(world, { AdoptExisting: true }));
    await creating;
    // Which one was first is open; both having the same never happens.
    expect(world.made().size).toBe(mine.status === 'CREATE_COMPLETE' ? 1 : 0);
  }));

test.each([
  ['is deleted, and retained its resource by DeletionPolicy', true],
  ['lives, and has forgotten its resource by DeletionPolicy', false],
])('what a stack that %s has left in the ledger is taken over by another', (_what, isDeleted) =>
  withWorld(async (world) => {
    const { Resources } = actionStack(world);
    const Thing = { ...Resources['Thing'], Type: ACTION, DeletionPolicy: 'Retain' as const };
    const Rest = { Type: INTEGRATION, Properties: integration() };
    const theirs = await world.cloudFormation.createStack('theirs', { Resources: { Thing, Rest } });
    if (isDeleted) await world.cloudFormation.deleteStack('theirs');
    else await world.cloudFormation.updateStack('theirs', { Resources: { Rest } });
    expect(records(world)).toContainEqual([idOf(theirs), 'Thing', 'created']);
    const mine = await world.cloudFormation.createStack('mine', actionStack(world, { AdoptExisting: true }));
    expect(reasons(mine)).not.toMatch(/FAILED/);
    expect(idOf(mine)).toBe(idOf(theirs));
    expect(records(world)).toContainEqual([idOf(theirs), 'Thing', 'adopted']);
  }),
);

test.each(['AccessDenied', 'another account'])('an owner that cannot be asked (%s) counts as living', (why) =>
  withWorld(async (world) => {
    if (why === 'AccessDenied') {
      await world.cloudFormation.createStack('theirs', actionStack(world));
      world.aws.unreachable.add('cloudformation');
    } else {
      const stackId = 'arn:aws:cloudformation:us-east-1:999999999999:stack/theirs/11111111-2222';
      const answer = await send(world, { RequestType: 'Create', stackId }, ACTION, action(world));
      expect(answer.status).toBe('SUCCESS');
    }
    const mine = await world.cloudFormation.createStack('mine', actionStack(world, { AdoptExisting: true }));
    expect(mine.status).toBe('ROLLBACK_COMPLETE');
    expect(reasons(mine)).toMatch(/belongs to \w+ of stack theirs .*cannot be asked/);
  }),
);

test.each([
  ['by hand', true],
  ['by the first of them', false],
])('two resources of a new stack cannot have the same object, made %s', (_by, byHand) =>
  withWorld(async (world) => {
    const id = byHand ? actionByHand(world) : undefined;
    const before = id && formOf(world, id);
    const { Thing } = actionStack(world, { AdoptExisting: true }).Resources;
    const Second = { ...Thing, Type: ACTION, DependsOn: 'Thing' };
    const template = { Resources: { Thing: { ...Thing, Type: ACTION }, Second } };
    const stack = await world.cloudFormation.createStack('stack', template);
    expect(stack.status).toBe('ROLLBACK_COMPLETE');
    expect(reasons(stack)).toContain('belongs to Thing of this stack');
    if (id) expect(formOf(world, id)).toEqual(before);
    expect(count(world, 'actions')).toBe(byHand ? 1 : 0);
    expect(records(world)).toEqual([]);
  }),
);

test('a logical id that comes back takes up what its DeletionPolicy had left behind, and gives it back in a rollback', () =>
  withWorld(async (world) => {
    const { Resources } = actionStack(world, { AdoptExisting: true });
    const Thing = { ...Resources['Thing'], Type: ACTION, DeletionPolicy: 'Retain' as const };
    const Rest = { Type: INTEGRATION, Properties: integration() };
    const stack = await world.cloudFormation.createStack('stack', { Resources: { Thing, Rest } });
    const form = formOf(world, idOf(stack));
    const owned = records(world);
    await world.cloudFormation.updateStack('stack', { Resources: { Rest } });
    expect(records(world)).toEqual(owned);
    const { Thing: Back } = actionStack(world, { AdoptExisting: true, Category: 'Back' }).Resources;
    const template = { Resources: { Rest, Thing: { ...Back, Type: ACTION } } };
    const failed = await world.cloudFormation.updateStack('stack', withFailure(template));
    expect(failed.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(formOf(world, idOf(stack))).toEqual(form);
    expect(records(world)).toEqual(owned);
    const back = await world.cloudFormation.updateStack('stack', template);
    expect(idOf(back)).toBe(idOf(stack));
    await world.cloudFormation.deleteStack('stack');
    expect([...world.made().keys()]).toEqual([]);
  }));

// ---- a renamed logical id

test('a renamed logical id takes the object along: same id, nothing deleted, and it goes with its stack', () =>
  withWorld(async (world) => {
    const before = await world.cloudFormation.createStack('stack', actionStack(world, {}, 'Before'));
    const renamed = await world.cloudFormation.updateStack(
      'stack',
      actionStack(world, { AdoptExisting: true }, 'After'),
    );
    expect(renamed.status).toBe('UPDATE_COMPLETE');
    expect(idOf(renamed, 'After')).toBe(idOf(before, 'Before'));
    expect(world.remote(idOf(renamed, 'After'))).toBeDefined();
    // It is as much the stack's as before.
    expect(records(world)).toEqual([[idOf(renamed, 'After'), 'After', 'created']]);
    const again = await world.cloudFormation.updateStack(
      'stack',
      actionStack(world, { AdoptExisting: true, Category: 'New' }, 'After'),
    );
    expect(again.status).toBe('UPDATE_COMPLETE');
    await world.cloudFormation.deleteStack('stack');
    expect([...world.made().keys()]).toEqual([]);
    expect(records(world)).toEqual([]);
  }));

test('a renamed integration gets a credential of its own; the one of before goes with it', () =>
  withWorld(async (world) => {
    const before = await world.cloudFormation.createStack('stack', integrationStack({}, 'Before'));
    const renamed = await world.cloudFormation.updateStack(
      'stack',
      integrationStack({ AdoptExisting: true, Notes: 'renamed' }, 'After'),
    );
    expect(idOf(renamed, 'After')).toBe(idOf(before, 'Before'));
    expect(world.remote(idOf(renamed, 'After'))).toMatchObject({ config: { notes: 'renamed' } });
    await world.cloudFormation.deleteStack('stack');
    expect([...world.made().keys()]).toEqual([]);
  }));

test.each([
  ['data action', (world: World, extra: object, id: string) => actionStack(world, extra, id)],
  ['integration', (_: World, extra: object, id: string) => integrationStack(extra, id)],
])('a rename that is rolled back gives the object back to the old logical id: %s', (_what, template) =>
  withWorld(async (world) => {
    const before = await world.cloudFormation.createStack('stack', template(world, {}, 'Before'));
    const id = idOf(before, 'Before');
    const form = formOf(world, id);
    const renamed = await world.cloudFormation.updateStack(
      'stack',
      withFailure(
        template(world, { AdoptExisting: true, Name: 'Order status', Enabled: undefined }, 'After'),
      ),
    );
    expect(renamed.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(formOf(world, id)).toEqual(form);
    expect(records(world)).toEqual([[id, 'Before', 'created']]);
    const updated = await world.cloudFormation.updateStack(
      'stack',
      template(world, { Nonce: '2' }, 'Before'),
    );
    expect(updated.status).toBe('UPDATE_COMPLETE');
    await world.cloudFormation.deleteStack('stack');
    expect([...world.made().keys()]).toEqual([]);
  }),
);

// ---- afterwards

test('an Update after the adoption is in place; one that fails elsewhere is rolled back to the last form', () =>
  withWorld(async (world) => {
    const id = actionByHand(world);
    await world.cloudFormation.createStack('stack', actionStack(world, { AdoptExisting: true }));
    const form = formOf(world, id);
    const failed = await world.cloudFormation.updateStack(
      'stack',
      withFailure(actionStack(world, { AdoptExisting: true, Category: 'New' })),
    );
    expect(failed.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(formOf(world, id)).toEqual(form);
    const updated = await world.cloudFormation.updateStack('stack', actionStack(world, { Category: 'New' }));
    expect(updated.status).toBe('UPDATE_COMPLETE');
    expect(idOf(updated)).toBe(id);
    expect(formOf(world, id)).toMatchObject({ category: 'New' });
  }));

test('how an object came and how it goes is no part of its form: changing that makes no call', () =>
  withWorld(async (world) => {
    actionByHand(world);
    await world.cloudFormation.createStack('stack', actionStack(world, { AdoptExisting: true }));
    world.genesys.resetCalls();
    for (const extra of [{ OnDelete: 'Delete' }, {}, { AdoptExisting: false, OnDelete: 'Retain' }]) {
      const updated = await world.cloudFormation.updateStack('stack', actionStack(world, extra));
      expect(updated.status).toBe('UPDATE_COMPLETE');
    }
    expect(world.genesys.calls()).toEqual([]);
  }));

test('ExistingId with the id that the resource has changes nothing; without it, too', () =>
  withWorld(async (world) => {
    const stack = await world.cloudFormation.createStack('stack', actionStack(world));
    for (const extra of [{ ExistingId: idOf(stack) }, {}]) {
      const updated = await world.cloudFormation.updateStack('stack', actionStack(world, extra));
      expect(updated.status).toBe('UPDATE_COMPLETE');
      expect(idOf(updated)).toBe(idOf(stack));
    }
    expect(count(world, 'actions')).toBe(1);
  }));

test('ExistingId with another id replaces the object by that one', () =>
  withWorld(async (world) => {
    const first = actionByHand(world, { name: 'First' });
    const second = actionByHand(world, { name: 'Second' });
    const template = (id: string, Name: string) => actionStack(world, { ExistingId: id, Name });
    await world.cloudFormation.createStack('stack', template(first, 'First'));
    const replaced = await world.cloudFormation.updateStack('stack', template(second, 'Second'));
    expect(replaced.status).toBe('UPDATE_COMPLETE');
    expect(idOf(replaced)).toBe(second);
    // What was adopted is retained.
    expect(world.remote(first)).toBeDefined();
    expect(records(world)).toEqual([[second, 'Thing', 'adopted']]);
  }));

test.each([
  'update-back-then-delete-new',
  'update-old-then-delete-new',
  'delete-new-only',
  'update-back',
] as const)(
  'a replacement by adoption that is rolled back (%s) puts the other one back',
  (replacementRollback) =>
    withWorld(
      async (world) => {
        const other = actionByHand(world, { name: 'Second' });
        const form = formOf(world, other);
        const stack = await world.cloudFormation.createStack('stack', actionStack(world));
        const own = formOf(world, idOf(stack));
        world.clock.advance(5_000);
        const failed = await world.cloudFormation.updateStack(
          'stack',
          withFailure(actionStack(world, { ExistingId: other, Name: 'Second' })),
        );
        expect(failed.status).toBe('UPDATE_ROLLBACK_COMPLETE');
        expect(idOf(failed)).toBe(idOf(stack));
        expect(formOf(world, idOf(stack))).toEqual(own);
        // Where no Delete of the other one comes, it goes back with the next request.
        if (replacementRollback === 'update-back') await world.cloudFormation.deleteStack('stack');
        expect(formOf(world, other)).toEqual(form);
        expect(records(world).map(([id]) => id)).not.toContain(other);
      },
      { replacementRollback },
    ),
);

test('a replacement by adoption that fails by itself is undone, and the old one stays', () =>
  withWorld(async (world) => {
    const other = actionByHand(world, { name: 'Second' });
    const form = formOf(world, other);
    const stack = await world.cloudFormation.createStack('stack', actionStack(world));
    world.genesys.faults({
      match: { method: 'PATCH', path: '/api/v2/integrations/actions/{actionId}' },
      action: { status: 403, body: { status: 403, code: 'missing.any.permissions' } },
    });
    const failed = await world.cloudFormation.updateStack(
      'stack',
      actionStack(world, { ExistingId: other, Name: 'Second' }),
    );
    expect(failed.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(idOf(failed)).toBe(idOf(stack));
    expect(formOf(world, other)).toEqual(form);
    expect(records(world).map(([id]) => id)).toEqual([idOf(stack)]);
  }));

test('an adopted action that somebody deleted is made anew by its next change, ExistingId or not', () =>
  withWorld(async (world) => {
    const id = actionByHand(world);
    await world.cloudFormation.createStack('stack', actionStack(world, { ExistingId: id }));
    await deleteByHand(world, id);
    const template = actionStack(world, { ExistingId: id, Category: 'New' });
    const updated = await world.cloudFormation.updateStack('stack', template);
    expect(updated.status).toBe('UPDATE_COMPLETE');
    expect(idOf(updated)).not.toBe(id);
    const again = await world.cloudFormation.updateStack(
      'stack',
      actionStack(world, { ExistingId: id, Category: 'Newer' }),
    );
    expect(idOf(again)).toBe(idOf(updated));
  }));

// ---- the end

describe.each([
  [
    'data action',
    (world: World, extra: object) => actionStack(world, extra),
    (world: World) => actionByHand(world),
  ],
  [
    'integration',
    (_: World, extra: object) => integrationStack(extra),
    (world: World) => integrationByHand(world).id,
  ],
])('the Delete of a %s', (_what, template, byHand) => {
  test('leaves by default an adopted one as it is, without a write, and owned by nobody', () =>
    withWorld(async (world) => {
      const id = byHand(world);
      await world.cloudFormation.createStack('stack', template(world, { AdoptExisting: true }));
      const form = formOf(world, id);
      const there = [...world.made().keys()];
      world.genesys.resetCalls();
      const deleted = await world.cloudFormation.deleteStack('stack');
      expect(deleted.status).toBe('DELETE_COMPLETE');
      expect(writes(world)).toEqual([]);
      expect(formOf(world, id)).toEqual(form);
      expect([...world.made().keys()]).toEqual(there);
      expect(records(world)).toEqual([]);
    }));

  test('with OnDelete: Delete deletes an adopted one, and nothing that others made', () =>
    withWorld(async (world) => {
      const id = byHand(world);
      const others = [...world.made().keys()].filter((key) => !key.endsWith(id));
      await world.cloudFormation.createStack(
        'stack',
        template(world, { AdoptExisting: true, OnDelete: 'Delete' }),
      );
      await world.cloudFormation.deleteStack('stack');
      expect([...world.made().keys()]).toEqual(others);
    }));

  test('with OnDelete: Retain leaves a created one, credential included, for another stack to take up', () =>
    withWorld(async (world) => {
      const stack = await world.cloudFormation.createStack('stack', template(world, {}));
      await world.cloudFormation.updateStack('stack', template(world, { OnDelete: 'Retain' }));
      const there = [...world.made().keys()];
      await world.cloudFormation.deleteStack('stack');
      expect([...world.made().keys()]).toEqual(there);
      expect(records(world)).toEqual([]);
      const other = await world.cloudFormation.createStack(
        'other',
        template(world, { ExistingId: idOf(stack) }),
      );
      expect(other.status).toBe('CREATE_COMPLETE');
      expect(idOf(other)).toBe(idOf(stack));
    }));

  test('in the rollback of its own creation deletes a created one, whatever OnDelete says', () =>
    withWorld(async (world) => {
      const stack = await world.cloudFormation.createStack(
        'stack',
        withFailure(template(world, { OnDelete: 'Retain' })),
      );
      expect(stack.status).toBe('ROLLBACK_COMPLETE');
      expect([...world.made().keys()]).toEqual([]);
    }));

  test.each(['', ', after an update too'])(
    'with a lost ledger leaves what the template says was adopted%s',
    (updated) =>
      withWorld(async (world) => {
        const id = byHand(world);
        await world.cloudFormation.createStack('stack', template(world, { AdoptExisting: true }));
        world.aws.tables.get(LEDGER)?.clear();
        if (updated)
          await world.cloudFormation.updateStack(
            'stack',
            template(world, { AdoptExisting: true, Nonce: '2' }),
          );
        await world.cloudFormation.deleteStack('stack');
        expect(world.remote(id)).toBeDefined();
      }),
  );
});

test('an object moves to another provider, with another ledger, under the same id', () =>
  withWorld(async (world) => {
    const stack = await world.cloudFormation.createStack('old', actionStack(world));
    await world.cloudFormation.updateStack('old', actionStack(world, { OnDelete: 'Retain' }));
    await world.cloudFormation.deleteStack('old');
    world.aws.tables.set(LEDGER, new Map());
    world.containers.coolDown();
    const moved = await world.cloudFormation.createStack('new', actionStack(world, { AdoptExisting: true }));
    expect(moved.status).toBe('CREATE_COMPLETE');
    expect(idOf(moved)).toBe(idOf(stack));
  }));

test('where the stack cannot be asked, a rollback leaves an adopted object as OnDelete says', () =>
  withWorld(async (world) => {
    const id = actionByHand(world);
    world.aws.unreachable.add('cloudformation');
    const stack = await world.cloudFormation.createStack(
      'stack',
      withFailure(actionStack(world, { AdoptExisting: true })),
    );
    expect(stack.status).toBe('ROLLBACK_COMPLETE');
    expect(formOf(world, id)).toMatchObject({ category: 'Orders' });
    expect(records(world)).toEqual([]);
  }));

// ---- what goes wrong on the way

test.each([
  [
    'data action',
    (world: World) => actionStack(world, { AdoptExisting: true }),
    (world: World) => actionByHand(world),
  ],
  [
    'integration',
    () => integrationStack({ AdoptExisting: true }),
    (world: World) => integrationByHand(world).id,
  ],
])(
  'what fails half-way while it is adopted is put back, though its stack cannot be asked: %s',
  (_what, template, byHand) =>
    withWorld(async (world) => {
      const id = byHand(world);
      const before = formOf(world, id);
      const there = [...world.made().keys()];
      world.aws.unreachable.add('cloudformation');
      world.genesys.faults({
        match: { method: 'PATCH', path: '/api/v2/integrations/{integrationId}' },
        action: { status: 403, body: { status: 403, code: 'missing.any.permissions' } },
      });
      world.genesys.faults({
        match: { method: 'PATCH', path: '/api/v2/integrations/actions/{actionId}' },
        action: { status: 403, body: { status: 403, code: 'missing.any.permissions' } },
      });
      const stack = await world.cloudFormation.createStack('stack', template(world));
      expect(stack.status).toBe('ROLLBACK_COMPLETE');
      expect(world.requests().at(-1)?.event.PhysicalResourceId).toBe(id);
      expect(formOf(world, id)).toEqual(before);
      expect([...world.made().keys()]).toEqual(there);
      expect(records(world)).toEqual([]);
    }),
);

test.each(['an id that CloudFormation invents', 'failed-create'])(
  'the Delete with %s puts back what the Create took over',
  (marker) =>
    withWorld(
      async (world) => {
        const id = actionByHand(world);
        const before = formOf(world, id);
        if (marker === 'failed-create') {
          const fields = {
            stackId: 'arn:aws:cloudformation:us-east-1:123456789012:stack/other/1111',
            logicalId: 'Other',
          };
          const requestId = crypto.randomUUID();
          await send(
            world,
            { ...fields, RequestType: 'Create', requestId },
            ACTION,
            action(world, { ExistingId: id }),
          );
          expect(formOf(world, id)).not.toEqual(before);
          await send(
            world,
            { ...fields, RequestType: 'Delete', id: `failed-create/${requestId}` },
            ACTION,
            {},
          );
        } else {
          const isCreate = ({ RequestType }: { RequestType: string }) => RequestType === 'Create';
          world.responses.fault({ kind: 'status', status: 503 }, 1_000, isCreate);
          const stack = await world.cloudFormation.createStack(
            'stack',
            actionStack(world, { ExistingId: id, ServiceTimeout: 400 }),
          );
          expect(stack.status).toBe('ROLLBACK_COMPLETE');
          await world.cloudFormation.idle();
        }
        expect(formOf(world, id)).toEqual(before);
        expect(records(world)).toEqual([]);
      },
      { retryDelaysMs: [] },
    ),
);

test('what was kept under an earlier client secret fails the rollback with the way out, and is not lost', () =>
  withWorld(async (world) => {
    const id = actionByHand(world);
    const before = formOf(world, id);
    const { clientId, clientSecret } = world.genesys;
    const put = (secret: string) => {
      world.genesys.seed({ clients: [{ id: clientId, secret }] });
      world.aws.secrets.set(OAUTH_SECRET, {
        text: JSON.stringify({ client_id: clientId, client_secret: secret }),
      });
    };
    const stack = await world.cloudFormation.createStack(
      'stack',
      actionStack(world, { AdoptExisting: true }),
    );
    // As the rollback of another resource's failure would ask, a moment after the rotation.
    put('another-client-secret');
    world.containers.coolDown();
    const status = world.cloudFormation.describe.bind(world.cloudFormation);
    world.cloudFormation.describe = (name) => ({ ...status(name), status: 'ROLLBACK_IN_PROGRESS' });
    const request = { RequestType: 'Delete' as const, stackId: stack.id, logicalId: 'Thing', id };
    const failed = await send(world, request, ACTION, action(world));
    expect(failed).toMatchObject({ status: 'FAILED', reason: expect.stringContaining('earlier secret') });
    put(clientSecret);
    world.containers.coolDown();
    expect(await send(world, request, ACTION, action(world))).toMatchObject({ status: 'SUCCESS' });
    expect(formOf(world, id)).toEqual(before);
    world.cloudFormation.describe = status;
  }));

describe.each([
  [
    'data action',
    (world: World) => actionStack(world, { AdoptExisting: true }),
    (world: World) => actionByHand(world),
  ],
  [
    'integration',
    () => integrationStack({ AdoptExisting: true }),
    (world: World) => integrationByHand(world).id,
  ],
  [
    'web services',
    () =>
      only(INTEGRATION, {
        Name: 'Orders',
        AdoptExisting: true,
        IntegrationType: 'custom-rest-actions',
        CredentialType: 'basicAuth',
        CredentialsSecretArn: CREDENTIALS_SECRET,
      }),
    (world: World) => integrationByHand(world, { typeId: 'custom-rest-actions', credentials: {} }).id,
  ],
])('a process that dies at any call while it adopts: %s', (_what, template, byHand) => {
  /** The calls of the Create, or of the Delete that undoes it, and a fault at one of them. */
  async function run(
    place: number | undefined,
    fault: CallFault,
    options: { fails: boolean; twice?: boolean; sequel?: Sequel; verb?: 'Create' | 'Delete' },
  ): Promise<Call[]> {
    const calls: Call[] = [];
    const { serviceTimeout, retryDelaysMs } = SEQUELS[options.sequel ?? 'delivered again'];
    const cloudFormation: Partial<CloudFormationOptions> = {
      retryDelaysMs,
      ...(options.twice ? { redelivery: () => 'at once' } : {}),
    };
    await withWorld(async (world) => {
      const id = byHand(world);
      const before = formOf(world, id);
      const there = [...world.made().keys()];
      let first: string | undefined;
      world.containers.faultFor = (call, event) => {
        const { verb = 'Create' } = options;
        if (event?.LogicalResourceId === 'Thing' && event.RequestType === verb) first ??= event.RequestId;
        if (first === undefined || event?.RequestId !== first) return undefined;
        calls.push(call);
        return calls.length === place ? fault : undefined;
      };
      const { Thing = { Type: '' } } = template(world).Resources;
      if (serviceTimeout) Thing.Properties = { ...Thing.Properties, ServiceTimeout: serviceTimeout };
      const wanted = options.fails ? withFailure({ Resources: { Thing } }) : { Resources: { Thing } };
      const stack = await world.cloudFormation.createStack('stack', wanted);
      await world.cloudFormation.idle();
      if (!options.fails) {
        expect({ place, fault, status: stack.status, reason: reasons(stack) }).toMatchObject({
          status: 'CREATE_COMPLETE',
        });
        expect(idOf(stack)).toBe(id);
        expect(records(world)).toEqual([[id, 'Thing', 'adopted']]);
        expect(formOf(world, id)).not.toEqual(before);
        return;
      }
      expect(stack.status).toBe('ROLLBACK_COMPLETE');
      expect({ place, fault, form: formOf(world, id) }).toEqual({ place, fault, form: before });
      expect([...world.made().keys()]).toEqual(there);
      expect(records(world)).toEqual([]);
      expectNoSecrets(world);
    }, cloudFormation);
    return calls;
  }

  test.each([
    ['ends adopted once', false],
    ['is put back by the rollback', true],
  ])('%s', async (_end, fails) => {
    const calls = await run(undefined, 'kill after', { fails });
    const places = calls.map((_, index) => index + 1);
    for (const place of sample(places, 8))
      for (const fault of ['kill before', 'kill after'] as const) await run(place, fault, { fails });
  });

  test.each(['given up before', 'given up meanwhile'] as const)(
    'is put back where CloudFormation has given up (%s)',
    async (sequel) => {
      const calls = await run(undefined, 'kill after', { fails: true });
      const places = calls.map((_, index) => index + 1);
      for (const place of sample(places, 6)) await run(place, 'kill after', { fails: true, sequel });
    },
  );

  test('is put back in the end where the Delete dies, too', async () => {
    const calls = await run(undefined, 'kill after', { fails: true, verb: 'Delete' });
    const places = calls.map((_, index) => index + 1);
    expect(places.length).toBeGreaterThan(5);
    for (const place of sample(places, 8))
      for (const fault of ['kill before', 'kill after'] as const)
        await run(place, fault, { fails: true, verb: 'Delete' });
  });

  test('its twin, delivered at once, adopts nothing twice', async () => {
    await run(undefined, 'kill after', { fails: false, twice: true });
    await run(undefined, 'kill after', { fails: true, twice: true });
  });

  test.each(['hang after', 'reset after', 'truncated', '503'] as CallFault[])(
    'a call of unknown outcome: %s',
    async (fault) => {
      const calls = await run(undefined, 'kill after', { fails: false });
      const places = calls.flatMap(({ service }, index) => (service === 'genesys' ? [index + 1] : []));
      for (const place of places) await run(place, fault, { fails: true });
    },
  );
});

/** As a person would do it in Genesys Cloud. */
async function deleteByHand(world: World, id: string): Promise<void> {
  const { url, clientId, clientSecret } = world.genesys;
  const login = await fetch(`${url}/oauth/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  });
  const { access_token: token } = (await login.json()) as { access_token: string };
  const deleted = await fetch(`${url}/api/v2/integrations/actions/${id}`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${token}` },
  });
  expect(deleted.ok).toBe(true);
}
