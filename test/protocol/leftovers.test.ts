/** What an unfinished request left behind is known to the next one, and never holds a rollback up. */
import { CREDENTIALS_SECRET, inWorld, only, reasons, type World } from './world.ts';

const INTEGRATION = 'Custom::GenesysAwsIntegration';
const web = (properties: Record<string, unknown> = {}) =>
  only(INTEGRATION, { Name: 'Orders', IntegrationType: 'custom-rest-actions', ...properties });
const withCredential = { CredentialType: 'userDefined', CredentialsSecretArn: CREDENTIALS_SECRET };

const withWorld = (run: (world: World) => Promise<void>) =>
  inWorld({}, async (world) => {
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
    expect(credentials(world)).toHaveLength(1);
  }));

test('an update that was refused before it wrote anything rolls back without a call', () =>
  withWorld(async (world) => {
    await world.cloudFormation.createStack('stack', web(withCredential));
    world.aws.secrets.set(CREDENTIALS_SECRET, {
      text: 'no JSON',
      tags: { 'genesys-cloud-cfn:stacks': 'stack*' },
    });
    const updated = await world.cloudFormation.updateStack('stack', web({ ...withCredential, Notes: 'new' }));
    expect(reasons(updated)).toContain('no JSON');
    expect(updated.status).toBe('UPDATE_ROLLBACK_COMPLETE');
  }));

test('what a request made in one organization is not taken for deleted in another', () =>
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
    // The Create waits for longer than CloudFormation does.
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
