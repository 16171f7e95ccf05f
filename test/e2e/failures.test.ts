/** The reasons that a person reads in the stack's events when a deployment fails. No secret is among them. */
import { jest } from '@jest/globals';
import { aws, deleteStack } from '../../local/aws/cli.ts';
import { oauthSecret } from '../../local/world.ts';
import { dataAction, integration, type Resource } from '../support/templates.ts';
import { expectNoSecrets, ProviderWorld } from './provider-world.ts';

jest.setTimeout(120_000);

let world: ProviderWorld;
beforeAll(async () => {
  world = await ProviderWorld.start();
});
afterAll(() => world?.stop());

describe('failure reasons in the stack events', () => {
  const reason = (resources: Record<string, Resource>) =>
    world.reasonsOf(`reason-${Math.random().toString(36).slice(2)}`, resources);

  test('an unknown property names the nearest one', async () => {
    expect(await reason({ Integration: integration({ RollArn: 'x' }) })).toContain(
      'RollArn is unknown: did you mean RoleArn?',
    );
  });

  test('an unknown resource type names the nearest one', async () => {
    expect(await reason({ Wrong: { ...integration(), Type: 'Custom::GenesysAwsIntegrations' } })).toContain(
      'did you mean Custom::GenesysAwsIntegration?',
    );
  });

  test('a missing permission is named', async () => {
    world.genesys.faults({
      match: { method: 'POST', path: '/api/v2/integrations' },
      action: {
        status: 403,
        body: {
          message:
            'Unable to perform the requested action. You are missing the following permission(s): integrations:integration:add',
          code: 'missing.any.permissions',
          status: 403,
        },
      },
    });
    try {
      expect(await reason({ Integration: integration() })).toContain('integrations:integration:add');
    } finally {
      world.genesys.clearFaults();
    }
  });

  test('a version conflict that does not end is named', async () => {
    world.genesys.faults({
      match: { method: 'PUT', path: '/api/v2/integrations/{integrationId}/config/current', count: 'every' },
      action: {
        status: 409,
        body: {
          message: 'The version does not match the current version',
          code: 'version.mismatch',
          status: 409,
        },
      },
    });
    try {
      expect(await reason({ Integration: integration() })).toMatch(/version/i);
    } finally {
      world.genesys.clearFaults();
    }
  });

  test.each([
    ['an unknown domain', { GENESYS_ENVIRONMENT: 'mypurecloud.example' }, /mypurecloud\.example/],
    [
      'an unreachable host',
      { GENESYS_LOGIN_BASE_URL: 'http://127.0.0.1:47', GENESYS_API_BASE_URL: 'http://127.0.0.1:47' },
      /127\.0\.0\.1/,
    ],
    ['a missing setting', { LEDGER_TABLE_NAME: '' }, /LEDGER_TABLE_NAME/],
  ])('%s is said', async (_what, environment, expected) => {
    const {
      LEDGER_TABLE_NAME = '',
      GENESYS_LOGIN_BASE_URL = '',
      GENESYS_API_BASE_URL = '',
      GENESYS_ENVIRONMENT = '',
    } = await world.environment();
    await world.restartProvider(environment);
    try {
      const said = await reason({ Integration: integration() });
      expect(said).toMatch(expected);
      expect(said).not.toMatch(/\n\s+at |see the log/i);
    } finally {
      await world.restartProvider({
        LEDGER_TABLE_NAME,
        GENESYS_LOGIN_BASE_URL,
        GENESYS_API_BASE_URL,
        GENESYS_ENVIRONMENT,
      });
    }
  });
});

describe('the OAuth client', () => {
  const putSecret = (text: string) =>
    aws(world.ministack, [
      'secretsmanager',
      'put-secret-value',
      '--secret-id',
      '/genesys/oauth/credentials',
      '--secret-string',
      text,
    ]);

  test.each([
    [
      'a wrong secret',
      () => JSON.stringify({ client_id: world.genesys.clientId, client_secret: 'wrong-secret' }),
      /secret.*region|region.*secret/is,
    ],
    ['a secret that is no JSON', () => 'not json', /JSON/],
    ['a secret that lacks a field', () => JSON.stringify({ client_id: 'x' }), /client_secret/],
  ])(
    '%s is said, and a right one is picked up without deploying the provider again',
    async (_what, secret, expected) => {
      await putSecret(secret());
      await world.restartProvider();
      try {
        expect(
          await world.reasonsOf(`secret-${Math.random().toString(36).slice(2)}`, {
            Integration: integration(),
          }),
        ).toMatch(expected);
      } finally {
        await putSecret(oauthSecret(world.genesys));
      }
      await world.deployResources('right-again', { Integration: integration() });
      await deleteStack(world.ministack, 'right-again');
    },
  );

  test('logs in once a container, and a 401 in the middle of a stack is invisible', async () => {
    await world.restartProvider();
    world.genesys.resetCalls();
    world.genesys.faults({
      match: { method: 'POST', path: '/api/v2/integrations/actions' },
      action: { status: 401, body: {} },
    });
    await world.deployResources('token', { Integration: integration(), Action: dataAction() });
    world.genesys.clearFaults();
    const calls = world.genesys.calls();
    const count = (path: string) => calls.filter((call) => call.path === path).length;
    // Each container looks the organization up once. The 401 costs one more login.
    expect(count('/oauth/token')).toBe(count('/api/v2/organizations/me') + 1);
    expect(calls.filter(({ status }) => status === 401)).toHaveLength(1);
    await deleteStack(world.ministack, 'token');
  });
});

test('no secret stands in anything that the function wrote, nor in any stack event', () =>
  expectNoSecrets(world));
