/** A stack adopts an object that somebody made: which one, what becomes of it, and what is refused. */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { firstInputs, inWorldOf } from '../../../local/provider/inputs.ts';
import { ACTION, idOf, withFailure, withWorld } from '../../../local/provider/stacks.ts';
import { reasons, type World } from '../../../local/provider/world.ts';
import { resourceTypes } from '../../../provider/resources/index.ts';
import { actionByHand } from '../by-hand.ts';
import {
  actionStack,
  adoptables,
  count,
  credentials,
  expectNoSecrets,
  formOf,
  integrationByHand,
  integrationStack,
  records,
} from './adoptable.ts';

test('every type that can take over is tried here', async () => {
  const folder = join(import.meta.dirname, '../../../schemas');
  const schemas = await Promise.all(
    resourceTypes.map(async ({ typeName }) => {
      const text = await readFile(join(folder, `${typeName.replace('Custom::', '')}.json`), 'utf8');
      return text.includes('"AdoptExisting"') ? [typeName] : [];
    }),
  );
  expect(adoptables.map(({ type }) => type).sort()).toEqual(schemas.flat().sort());
});

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

test.each(adoptables)(
  'several of the name are refused with their ids, and ExistingId says which: $what',
  ({ template, byHand }) =>
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
    expect(reasons(stack)).toContain('The data action static_1 is built into Genesys Cloud');
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

describe('an action whose state of before', () => {
  const withTemplateOf = (bytes: number, run: (world: World, id: string) => Promise<void>) =>
    withWorld(async (world) => {
      // Random text, which cannot be compressed.
      const requestTemplate = randomBytes(bytes).toString('base64');
      const request = { requestUrlTemplate: 'https://example.com/', requestType: 'POST', requestTemplate };
      const response = { translationMap: {}, translationMapDefaults: {}, successTemplate: '{}' };
      await run(
        world,
        actionByHand(world, {
          config: { timeoutSeconds: 7, request: { ...request, headers: {} }, response },
        }),
      );
    });

  test('is too large for the ledger is refused before any write, with the way out', () =>
    withTemplateOf(40_000, async (world, id) => {
      const before = formOf(world, id);
      world.genesys.resetCalls();
      const stack = await world.cloudFormation.createStack('stack', actionStack(world, { ExistingId: id }));
      expect(stack.status).toBe('ROLLBACK_COMPLETE');
      expect(reasons(stack)).toMatch(
        /state of \S+ is too large to take it over: .* at most 49152 .* Leave AdoptExisting and ExistingId out/,
      );
      expect(
        world.genesys.calls().filter(({ method, path }) => method !== 'GET' && path !== '/oauth/token'),
      ).toEqual([]);
      expect(formOf(world, id)).toEqual(before);
      expect(records(world)).toEqual([]);
    }));

  test('is nearly as large as that is put back by a rollback', () =>
    withTemplateOf(34_000, async (world, id) => {
      const before = formOf(world, id);
      const stack = await world.cloudFormation.createStack(
        'stack',
        withFailure(actionStack(world, { ExistingId: id })),
      );
      expect(stack.status).toBe('ROLLBACK_COMPLETE');
      expect(formOf(world, id)).toEqual(before);
    }));
});
