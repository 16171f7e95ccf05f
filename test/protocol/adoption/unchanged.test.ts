/** An object that is taken over as it is, is not written, and an integration keeps its own credential. */
import type { Action } from '../../../local/genesys-cloud/store.ts';
import { ACTION, INTEGRATION, idOf, withFailure, withWorld } from '../../../local/provider/stacks.ts';
import { only, reasons, type World } from '../../../local/provider/world.ts';
import { actionByHand, byHand } from '../by-hand.ts';
import { credentials, integrationByHand, writes } from './adoptable.ts';

const ROLE = 'arn:aws:iam::123456789012:role/genesys';
const OTHER_ROLE = 'arn:aws:iam::123456789012:role/other';

/** Properties of an action as it is there, without what no property speaks of. */
function asItIs(world: World, id: string): Record<string, unknown> {
  const { integrationId, published } = world.remote(id) as unknown as Action;
  const { name, category, secure, contract, config } = published ?? ({} as never);
  return {
    ExistingId: id,
    IntegrationId: integrationId,
    Definition: JSON.stringify({ name, category, secure, contract, config }),
  };
}

/** The integration that was made by hand, as it is there. */
const sameIntegration = (id: string, changes: object = {}) =>
  only(INTEGRATION, { ExistingId: id, Name: 'Orders', Notes: 'by hand: CANARY-notes', ...changes });

const credentialOf = (world: World, id: string) =>
  (world.remote(id) as { config: { credentials: Record<string, { id: string } | string> } }).config
    .credentials;

describe('a data action', () => {
  test('that is as it is wanted is taken over without a write, and keeps what no property speaks of', () =>
    withWorld(async (world) => {
      const id = actionByHand(world);
      const { published } = world.remote(id) as unknown as Action;
      Object.assign(published?.config ?? {}, { compressResponse: true });
      Object.assign(published?.config.request ?? {}, { retries: 3 });
      const before = structuredClone(world.remote(id));
      const stack = await world.cloudFormation.createStack('stack', only(ACTION, asItIs(world, id)));
      expect(reasons(stack)).not.toMatch(/FAILED/);
      expect(stack.resources['Thing']).toMatchObject({ physicalId: id, attributes: { Version: '1' } });
      expect(writes(world)).toEqual([]);
      expect(world.remote(id)).toEqual(before);
    }));

  test('that differs in one field is written', () =>
    withWorld(async (world) => {
      const id = actionByHand(world);
      const properties = { ...asItIs(world, id), TimeoutSeconds: 8 };
      const stack = await world.cloudFormation.createStack('stack', only(ACTION, properties));
      expect(stack.status).toBe('CREATE_COMPLETE');
      expect(writes(world).map(({ method }) => method)).toEqual(['PATCH']);
      expect(world.remote(id)).toMatchObject({ published: { config: { timeoutSeconds: 8 } } });
    }));
});

describe('an integration', () => {
  test('that is as it is wanted is taken over without a write, with its credential', () =>
    withWorld(async (world) => {
      const { id } = integrationByHand(world);
      const before = structuredClone(world.remote(id));
      const stack = await world.cloudFormation.createStack('stack', sameIntegration(id));
      expect(reasons(stack)).not.toMatch(/FAILED/);
      expect(idOf(stack)).toBe(id);
      expect(stack.resources['Thing']?.attributes).toMatchObject({
        CredentialId: '',
        ReportedState: 'ACTIVE',
      });
      expect(writes(world)).toEqual([]);
      expect(world.remote(id)).toEqual(before);
    }));

  test('keeps its credential when the stack changes something else, and when it rolls back', () =>
    withWorld(async (world) => {
      const { id, credentialId } = integrationByHand(world);
      const { cloudFormation } = world;
      await cloudFormation.createStack('stack', sameIntegration(id));
      const changed = sameIntegration(id, { Notes: 'changed' });
      expect(await cloudFormation.updateStack('stack', changed)).toMatchObject({ status: 'UPDATE_COMPLETE' });
      expect(world.remote(id)).toMatchObject({ config: { notes: 'changed' } });
      const back = await cloudFormation.updateStack('stack', withFailure(sameIntegration(id)));
      expect(back.status).toBe('UPDATE_ROLLBACK_COMPLETE');
      expect(world.remote(id)).toMatchObject({ config: { notes: 'changed' } });
      expect(JSON.stringify(credentialOf(world, id))).toContain(credentialId);
      expect(credentials(world)).toEqual([credentialId]);
    }));

  test('gets the credential that an update adds, and keeps it when a later one leaves it out', () =>
    withWorld(async (world) => {
      const { id, credentialId } = integrationByHand(world);
      const { cloudFormation } = world;
      await cloudFormation.createStack('stack', sameIntegration(id));
      const added = await cloudFormation.updateStack('stack', sameIntegration(id, { RoleArn: ROLE }));
      const own = added.resources['Thing']?.attributes['CredentialId'] ?? '';
      expect(own).not.toBe('');
      expect(JSON.stringify(credentialOf(world, id))).toContain(own);
      await cloudFormation.updateStack('stack', sameIntegration(id, { Notes: 'without' }));
      expect(JSON.stringify(credentialOf(world, id))).toContain(own);
      await cloudFormation.updateStack('stack', sameIntegration(id, { RoleArn: OTHER_ROLE }));
      const path = `/api/v2/integrations/credentials/${own}`;
      expect(writes(world)).toContainEqual(expect.objectContaining({ method: 'PUT', path }));
      expect(world.remote(credentialId)).toBeDefined();
    }));

  test.each([
    ['fails itself', { RoleArn: ROLE, Enabled: true }, true],
    ['succeeds, and the stack fails later', { RoleArn: ROLE }, false],
  ])('has its own credential again when the update that added one %s', (_how, changes, failsItself) =>
    withWorld(async (world) => {
      const { id, credentialId } = integrationByHand(world);
      const { cloudFormation, genesys } = world;
      await cloudFormation.createStack('stack', sameIntegration(id));
      const wanted = sameIntegration(id, changes);
      const path = '/api/v2/integrations/{integrationId}';
      if (failsItself) genesys.faults({ match: { method: 'PATCH', path }, action: { status: 400 } });
      const back = await cloudFormation.updateStack('stack', failsItself ? wanted : withFailure(wanted));
      expect(back.status).toBe('UPDATE_ROLLBACK_COMPLETE');
      await cloudFormation.idle();
      expect(JSON.stringify(credentialOf(world, id))).toContain(credentialId);
      expect(credentials(world)).toEqual([credentialId]);
    }),
  );

  test('whose removal from the template is rolled back has the credential of the template again', () =>
    withWorld(async (world) => {
      const { id } = integrationByHand(world);
      const { cloudFormation } = world;
      const own = await cloudFormation.createStack('stack', sameIntegration(id, { RoleArn: ROLE }));
      const without = withFailure(sameIntegration(id, { Notes: 'without' }));
      expect(await cloudFormation.updateStack('stack', without)).toMatchObject({
        status: 'UPDATE_ROLLBACK_COMPLETE',
      });
      const ownId = own.resources['Thing']?.attributes['CredentialId'] ?? '';
      expect(JSON.stringify(credentialOf(world, id))).toContain(ownId);
      expect(credentials(world)).toContain(ownId);
    }));

  test('that is gone is not made anew without a credential, and says what to write', () =>
    withWorld(async (world) => {
      const { id } = integrationByHand(world);
      const { cloudFormation } = world;
      await cloudFormation.createStack('stack', sameIntegration(id));
      await byHand(world, 'DELETE', `/api/v2/integrations/${id}`);
      const stack = await cloudFormation.updateStack('stack', sameIntegration(id, { Notes: 'again' }));
      expect(reasons(stack)).toContain(`There is no integration ${id} whose credential could be kept.`);
      expect(stack.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    }));

  test('that is made needs a credential still, by the path of the property', () =>
    withWorld(async (world) => {
      const stack = await world.cloudFormation.createStack('stack', only(INTEGRATION, { Name: 'Orders' }));
      expect(reasons(stack)).toMatch(/RoleArn is required for aws-lambda-data-actions without ExistingId/);
    }));
});
