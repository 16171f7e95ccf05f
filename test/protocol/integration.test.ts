/** Rules of integrations, beside those that hold for every type. */
import type { StackView } from '../../local/cloudformation/stack.ts';
import { inWorld, only, reasons, type World } from '../../local/provider/world.ts';
import { byHand, callByHand } from './by-hand.ts';

const INTEGRATION = 'Custom::GenesysAwsIntegration';
const integration = (properties: Record<string, unknown> = {}) =>
  only(INTEGRATION, {
    Name: 'Orders',
    RoleArn: 'arn:aws:iam::123456789012:role/genesys',
    ...properties,
  });
const idOf = (stack: StackView) => stack.resources['Thing']?.physicalId ?? '';

const withWorld = (run: (world: World) => Promise<void>) =>
  inWorld({}, async (world) => {
    await run(world);
    await world.cloudFormation.idle();
    expect(world.cloudFormation.violations()).toEqual([]);
  });

/** Genesys Cloud cannot assume the role any more. */
const fallIntoError = (world: World, count: number | 'every' = 'every') =>
  world.genesys.faults(
    ['GET', 'PATCH'].map((method) => ({
      match: { method, path: '/api/v2/integrations/{integrationId}', count },
      action: {
        status: 200,
        body: {
          name: 'Orders',
          intendedState: 'ENABLED',
          reportedState: { code: 'ERROR', detail: { message: 'cannot assume role' } },
        },
      },
    })),
  );

test('an integration that has fallen into ERROR is rolled back all the same, and says so', () =>
  withWorld(async (world) => {
    await world.cloudFormation.createStack('stack', integration());
    fallIntoError(world);
    const updated = await world.cloudFormation.updateStack('stack', integration({ Notes: 'new' }));
    expect(reasons(updated)).toContain('cannot assume role');
    expect(updated.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(updated.resources['Thing']?.attributes['ReportedState']).toBe('ERROR');
    expect(world.output()).toContain('as it was before, and not active');
  }));

test('a rollback waits a moment for a role that was rolled back just before', () =>
  withWorld(async (world) => {
    await world.cloudFormation.createStack('stack', integration());
    world.genesys.faults({
      match: { method: 'PATCH', path: '/api/v2/integrations/{integrationId}' },
      action: { status: 403, body: { status: 403, code: 'missing.any.permissions' } },
    });
    world.containers.onEnd = ({ RequestType }) => {
      if (RequestType === 'Update') fallIntoError(world, 3);
    };
    const updated = await world.cloudFormation.updateStack('stack', integration({ Notes: 'new' }));
    expect(updated.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(updated.resources['Thing']?.attributes['ReportedState']).toBe('ACTIVE');
  }));

test.each(['DISABLED', 'ENABLED'] as const)(
  'Enabled: false is written, whatever the state of a new integration (%s)',
  (newIntegrationState) =>
    withWorld(async (world) => {
      world.genesys.settings({ behaviour: { newIntegrationState } });
      const created = await world.cloudFormation.createStack('stack', integration({ Enabled: false }));
      expect(created.resources['Thing']?.attributes['ReportedState']).toBe('INACTIVE');
      expect(world.remote(idOf(created))).toMatchObject({ intendedState: 'DISABLED' });
      world.genesys.resetCalls();
      await world.cloudFormation.updateStack('stack', integration({ Enabled: false, Notes: 'new' }));
      expect(world.genesys.calls().map(({ method }) => method)).not.toContain('PATCH');
    }),
);

test.each([400, 409])(
  'a credential that is in use for a moment (%s) is deleted with its integration',
  (status) =>
    withWorld(async (world) => {
      await world.cloudFormation.createStack('stack', integration());
      world.genesys.faults({
        match: { method: 'DELETE', path: '/api/v2/integrations/credentials/{id}', count: 3 },
        action: { status, body: { status, code: 'credential.in.use', message: 'The credential is in use' } },
      });
      const deleted = await world.cloudFormation.deleteStack('stack');
      expect(deleted.status).toBe('DELETE_COMPLETE');
      expect([...world.made().keys()]).toEqual([]);
    }),
);

test.each(['refuse', 'allow'] as const)(
  'a credential that another integration uses is not deleted, and the reason names that one (Genesys Cloud would %s it)',
  (deleteCredentialInUse) =>
    withWorld(async (world) => {
      world.genesys.settings({ behaviour: { deleteCredentialInUse } });
      const created = await world.cloudFormation.createStack('stack', integration());
      const id = created.resources['Thing']?.attributes['CredentialId'] ?? '';
      const other = `/api/v2/integrations/${world.integrationId}/config/current`;
      const give = async (credentials: object) => {
        const read = await callByHand(world.genesys, 'GET', other);
        const { version, name } = (await read.json()) as { version: number; name: string };
        const body = { version, name, notes: '', properties: {}, advanced: {}, credentials };
        expect((await callByHand(world.genesys, 'PUT', other, body)).status).toBe(200);
      };
      await give({ AmazonWebServicesARN: { id } });
      const deleted = await world.cloudFormation.deleteStack('stack');
      expect(deleted.status).toBe('DELETE_FAILED');
      expect(reasons(deleted)).toContain(
        `Credential ${id} is not deleted, because these integrations use it`,
      );
      expect(reasons(deleted)).toContain(`(${world.integrationId})`);
      await byHand(world, 'GET', `/api/v2/integrations/credentials/${id}`);
      await give({});
      expect((await world.cloudFormation.deleteStack('stack')).status).toBe('DELETE_COMPLETE');
      expect([...world.made().keys()]).toEqual([]);
    }),
);

test('an integration with very many actions of others: its Delete is refused after six of them', () =>
  withWorld(async (world) => {
    const created = await world.cloudFormation.createStack('stack', integration());
    const integrationId = idOf(created);
    world.genesys.seed({
      actions: Array.from({ length: 400 }, (_, index) => ({ name: `Order ${index}`, integrationId })),
    });
    world.genesys.resetCalls();
    const deleted = await world.cloudFormation.deleteStack('stack');
    expect(deleted.status).toBe('DELETE_FAILED');
    expect(reasons(deleted)).toMatch(/not this stack's: "Order \d+" .*, and more\. Remove them first/);
    expect(world.genesys.calls().length).toBeLessThanOrEqual(10);
  }));
