/**
 * An administrator who withdraws a permission blocks new work only. Existing objects can still be rolled back
 * and deleted.
 */
import { firstInputs, inWorldOf } from '../../local/provider/inputs.ts';
import { inWorld, OAUTH_SECRET, only, reasons, type World } from '../../local/provider/world.ts';

const ACTION = 'Custom::GenesysDataAction';
const SECOND_SECRET = OAUTH_SECRET.replace('credentials-AbCdEf', 'second-AbCdEf');
const action = (world: World, more = {}) => ({
  ...inWorldOf(firstInputs(ACTION).create.properties, world),
  ...more,
});

test.each([
  ['a type that is served no more', { RESOURCE_TYPES: 'Custom::GenesysAwsIntegration' }, 'does not serve'],
  ['a stack that is admitted no more', { ALLOWED_STACKS: 'nobody' }, 'This stack may not use'],
])('%s: a change is refused, its rollback and the Delete are not', (_, environment, reason) =>
  inWorld({}, async (world) => {
    await world.cloudFormation.createStack('stack', only(ACTION, action(world)));
    world.containers.redeploy(environment);
    const updated = await world.cloudFormation.updateStack(
      'stack',
      only(ACTION, action(world, { Name: 'New' })),
    );
    expect(reasons(updated)).toContain(reason);
    expect(updated.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    const replaced = await world.cloudFormation.updateStack(
      'stack',
      only(ACTION, action(world, { Secure: true })),
    );
    expect(replaced.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    await world.cloudFormation.deleteStack('stack');
    expect(world.made().size).toBe(0);
  }),
);

test('a stack that loses its admission in the middle of an update is rolled back', () =>
  inWorld({}, async (world) => {
    await world.cloudFormation.createStack('stack', only(ACTION, action(world)));
    world.containers.onEnd = ({ RequestType }) => {
      if (RequestType === 'Update') world.containers.redeploy({ ALLOWED_STACKS: 'nobody' });
    };
    const { Resources } = only(ACTION, action(world, { Category: 'New' }));
    const Bad = { Type: ACTION, DependsOn: 'Thing', Properties: {} };
    const updated = await world.cloudFormation.updateStack('stack', { Resources: { ...Resources, Bad } });
    expect(updated.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    const id = updated.resources['Thing']?.physicalId ?? '';
    expect(world.remote(id)).toMatchObject({ published: { category: 'Orders' } });
  }));

test("an OAuth secret that is listed no more: the provider's own client of the organization deletes, and changes nothing", () =>
  inWorld({ environment: { ADDITIONAL_OAUTH_SECRET_ARNS: SECOND_SECRET } }, async (world) => {
    world.aws.secrets.set(SECOND_SECRET, world.aws.secrets.get(OAUTH_SECRET) ?? { text: '' });
    const properties = action(world, { OAuthSecretArn: SECOND_SECRET });
    await world.cloudFormation.createStack('stack', only(ACTION, properties));
    world.containers.redeploy({ ADDITIONAL_OAUTH_SECRET_ARNS: '' });
    const read = world.aws.secretsRead.filter((arn) => arn === SECOND_SECRET).length;
    const updated = await world.cloudFormation.updateStack(
      'stack',
      only(ACTION, { ...properties, Name: 'New' }),
    );
    expect(reasons(updated)).toContain('OAuthSecretArn is none of the secrets');
    expect(updated.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    const deleted = await world.cloudFormation.deleteStack('stack');
    expect(deleted.status).toBe('DELETE_COMPLETE');
    expect(world.made().size).toBe(0);
    expect(world.aws.secretsRead.filter((arn) => arn === SECOND_SECRET)).toHaveLength(read);
  }));

test('an OAuth secret that is listed no more, of another organization: the Delete fails before any call there', () =>
  inWorld({ environment: { ADDITIONAL_OAUTH_SECRET_ARNS: SECOND_SECRET } }, async (world) => {
    const [organizationId = ''] = world.genesys.seed({ organizations: [{ name: 'Another' }] }).organizations;
    const secret = 'another-organizations-secret';
    const [clientId] = world.genesys.seed({ clients: [{ secret, organizationId }] }).clients;
    world.aws.secrets.set(SECOND_SECRET, {
      text: JSON.stringify({ client_id: clientId, client_secret: secret }),
    });
    const [IntegrationId = ''] = world.genesys.seed({
      integrations: [{ name: 'theirs', typeId: 'aws-lambda-data-actions', organizationId }],
    }).integrations;
    world.containers.redeploy({ SHARED_INTEGRATION_IDS: IntegrationId });
    const properties = action(world, { OAuthSecretArn: SECOND_SECRET, IntegrationId });
    const created = await world.cloudFormation.createStack('stack', only(ACTION, properties));
    expect(created.status).toBe('CREATE_COMPLETE');
    world.containers.redeploy({ ADDITIONAL_OAUTH_SECRET_ARNS: '' });
    world.genesys.resetCalls();
    const failed = await world.cloudFormation.deleteStack('stack');
    expect(failed.status).toBe('DELETE_FAILED');
    expect(reasons(failed)).toContain(organizationId);
    expect(world.genesys.calls().filter(({ template }) => /actions/.test(template))).toEqual([]);
    world.containers.redeploy({ ADDITIONAL_OAUTH_SECRET_ARNS: SECOND_SECRET });
    expect((await world.cloudFormation.deleteStack('stack')).status).toBe('DELETE_COMPLETE');
  }));

test('a misspelt type whose Create was never answered is deleted', () =>
  inWorld({ cloudFormation: { retryDelaysMs: [] } }, async (world) => {
    world.responses.fault(
      { kind: 'status', status: 503 },
      1_000,
      ({ RequestType }) => RequestType === 'Create',
    );
    const properties = action(world, { ServiceTimeout: 400 });
    const stack = await world.cloudFormation.createStack(
      'stack',
      only('Custom::GenesysDataActions', properties),
    );
    expect(stack.status).toBe('ROLLBACK_COMPLETE');
    expect(world.cloudFormation.violations()).toEqual([]);
  }));
