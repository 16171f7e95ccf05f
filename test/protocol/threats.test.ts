/**
 * Attacks through a shared ServiceToken, by another team's template or by a forged event (docs/security.md).
 */
import { firstInputs, inWorldOf } from '../../local/provider/inputs.ts';
import {
  CREDENTIALS_SECRET,
  inWorld,
  KEY_ALIAS,
  OAUTH_SECRET,
  only,
  reasons,
  type World,
} from '../../local/provider/world.ts';
import { send } from './send.ts';

const ACTION = 'Custom::GenesysDataAction';
const INTEGRATION = 'Custom::GenesysAwsIntegration';
const KEY = 'Custom::GenesysRecordingKey';
const OTHER_SECRET = OAUTH_SECRET.replace('credentials-AbCdEf', 'another-team-AbCdEf');

const action = (world: World, more = {}) => ({
  ...inWorldOf(firstInputs(ACTION).create.properties, world),
  ...more,
});

/** Expects that a Create is refused for this reason, before a secret is read or a call is made. */
async function refused(
  world: World,
  type: string,
  properties: Record<string, unknown>,
  reason: RegExp,
  name = 'stack',
) {
  const stack = await world.cloudFormation.createStack(name, only(type, properties));
  expect(stack.status).toBe('ROLLBACK_COMPLETE');
  expect(reasons(stack)).toMatch(reason);
  expect(world.genesys.calls().filter(({ method }) => method !== 'GET')).toEqual(
    world.genesys.calls().filter(({ template }) => template === '/oauth/token'),
  );
  expect(world.made().size).toBe(0);
}

test('a recording key is switched only by a provider whose administrator has chosen to serve it', () =>
  inWorld({ environment: { RESOURCE_TYPES: '' } }, async (world) => {
    await refused(world, KEY, { KeyAliasArn: KEY_ALIAS }, /does not serve Custom::GenesysRecordingKey/);
  }));

test('a stack that the administrator did not admit cannot use the provider', () =>
  inWorld({ environment: { ALLOWED_STACKS: 'orders-*,sales' } }, async (world) => {
    await refused(world, ACTION, action(world), /This stack may not use this provider/);
    const admitted = await world.cloudFormation.createStack('orders-eu', only(ACTION, action(world)));
    expect(admitted.status).toBe('CREATE_COMPLETE');
  }));

test('a template logs in with none but the listed OAuth secrets: the other is not even read', () =>
  inWorld({}, async (world) => {
    world.aws.secrets.set(OTHER_SECRET, { text: JSON.stringify({ client_id: 'a', client_secret: 'b' }) });
    await refused(
      world,
      ACTION,
      action(world, { OAuthSecretArn: OTHER_SECRET }),
      /OAuthSecretArn is none of the/,
    );
    expect(world.aws.secretsRead).not.toContain(OTHER_SECRET);
  }));

test('the OAuth secret does not become a web-services credential: no host of a stranger ever sees it', () =>
  inWorld({}, async (world) => {
    const properties = {
      Name: 'Mine',
      IntegrationType: 'custom-rest-actions',
      CredentialType: 'userDefined',
      CredentialsSecretArn: OAUTH_SECRET,
    };
    await refused(world, INTEGRATION, properties, /whose name begins with \/genesys\/credentials\//);
    expect(world.genesys.calls().filter(({ template }) => /credentials/.test(template))).toEqual([]);
  }));

test("another team's secret is not read unless its tag names the stack", () =>
  inWorld({}, async (world) => {
    const theirs = OAUTH_SECRET.replace('/oauth/credentials', '/credentials/theirs');
    world.aws.secrets.set(theirs, {
      text: '{"password":"CANARY-theirs"}',
      tags: { 'genesys-cloud-cfn:stacks': 'theirs-@' },
    });
    const properties = {
      Name: 'Mine',
      IntegrationType: 'custom-rest-actions',
      CredentialType: 'userDefined',
      CredentialsSecretArn: theirs,
    };
    await refused(world, INTEGRATION, properties, /This stack may not use the secret/);
    expect(world.aws.secretsRead).not.toContain(theirs);
    expect(world.output()).not.toContain('CANARY');
  }));

const PROVIDER = 'arn:aws:lambda:us-east-1:123456789012:function:provider';
const stackOf = (account: string, name: string) =>
  `arn:aws:cloudformation:us-east-1:${account}:stack/${name}/11111111-2222-3333-4444-555555555555`;

test.each([
  ['theirs-@', false],
  ['@', false],
  ['arn:aws:cloudformation:@:@:stack/theirs-@', false],
  ['444455556666/theirs-@', true],
  ['arn:aws:cloudformation:@:444455556666:stack/theirs-@', true],
])(
  'a secret that is tagged %s may be used by a stack of another account that calls itself theirs-evil: %s',
  (tag, expected) =>
    inWorld({}, async (world) => {
      world.aws.secrets.set(CREDENTIALS_SECRET, {
        text: '{"password":"CANARY-theirs"}',
        tags: { 'genesys-cloud-cfn:stacks': tag },
      });
      const properties = {
        ServiceToken: PROVIDER,
        Name: 'Mine',
        IntegrationType: 'custom-rest-actions',
        CredentialType: 'userDefined',
        CredentialsSecretArn: CREDENTIALS_SECRET,
      };
      const request = { RequestType: 'Create' as const, stackId: stackOf('444455556666', 'theirs-evil') };
      const answer = await send(world, request, INTEGRATION, properties);
      expect(answer.status).toBe(expected ? 'SUCCESS' : 'FAILED');
      expect(world.aws.secretsRead.includes(CREDENTIALS_SECRET)).toBe(expected);
    }),
);

test('a stack of another account is not admitted by a name that the administrator lists', () =>
  inWorld({ environment: { ALLOWED_STACKS: 'orders-*' } }, async (world) => {
    const create = (stackId: string) =>
      send(world, { RequestType: 'Create', stackId }, ACTION, action(world, { ServiceToken: PROVIDER }));
    expect((await create(stackOf('444455556666', 'orders-evil'))).status).toBe('FAILED');
    expect((await create(stackOf('123456789012', 'orders-eu'))).status).toBe('SUCCESS');
  }));

test("a template can not take another team's data action by its name, nor its integration away", () =>
  inWorld({}, async (world) => {
    const theirs = await world.cloudFormation.createStack('theirs', only(ACTION, action(world)));
    const mine = await world.cloudFormation.createStack('mine', only(ACTION, action(world)));
    expect(mine.status).toBe('ROLLBACK_COMPLETE');
    expect(world.remote(theirs.resources['Thing']?.physicalId ?? '')).toBeDefined();
    expect(world.made().size).toBe(1);
  }));

const THEIR_DEFINITION = OAUTH_SECRET.replace('/oauth/credentials', '/definitions/theirs');
const definitionWith = (headers: Record<string, string>) =>
  JSON.stringify({
    name: 'Theirs',
    category: 'Theirs',
    contract: { input: { inputSchema: { type: 'object' } }, output: { successSchema: { type: 'object' } } },
    config: { request: { requestUrlTemplate: 'https://theirs.example.com', requestType: 'GET', headers } },
  });
const fromTheirDefinition = (world: World) => ({
  IntegrationId: world.integrationId,
  Name: 'Mine',
  Definition: { SecretArn: THEIR_DEFINITION, VersionId: 'a1b2c3d4-5678-90ab-cdef-EXAMPLE11111' },
});

test("another team's definition is not read unless its secret's tag names the stack: no host of one's own gets its headers", () =>
  inWorld({}, async (world) => {
    world.aws.secrets.set(THEIR_DEFINITION, {
      text: definitionWith({ 'x-api-key': 'CANARY-theirs' }),
      tags: { 'genesys-cloud-cfn:stacks': 'theirs-@' },
    });
    const properties = {
      ...fromTheirDefinition(world),
      Request: { UrlTemplate: 'https://mine.example.com' },
    };
    await refused(world, ACTION, properties, /This stack may not use the secret/);
    expect(world.aws.secretsRead).not.toContain(THEIR_DEFINITION);
    expect(world.output()).not.toContain('CANARY');
    const theirs = await world.cloudFormation.createStack('theirs-1', only(ACTION, properties));
    expect(theirs.status).toBe('CREATE_COMPLETE');
  }));

test('a definition that was applied once goes back and is deleted when its tag names the stack no more', () =>
  inWorld({}, async (world) => {
    const secret = { text: definitionWith({}), tags: { 'genesys-cloud-cfn:stacks': 'stack' } };
    world.aws.secrets.set(THEIR_DEFINITION, secret);
    await world.cloudFormation.createStack('stack', only(ACTION, fromTheirDefinition(world)));
    world.aws.secrets.set(THEIR_DEFINITION, { ...secret, tags: {} });
    const { Resources } = only(ACTION, action(world));
    const Bad = { Type: 'Custom::GenesysNothing', DependsOn: 'Thing', Properties: {} };
    const updated = await world.cloudFormation.updateStack('stack', { Resources: { ...Resources, Bad } });
    expect(updated.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    await world.cloudFormation.deleteStack('stack');
    expect(world.made().size).toBe(0);
  }));

test('a value of a secret definition that Genesys Cloud quotes gets into no answer, log or ledger', () =>
  inWorld({}, async (world) => {
    world.aws.secrets.set(THEIR_DEFINITION, {
      text: definitionWith({ 'x-api-key': 'CANARY-key', authorization: 'Bearer CANARY-token' }),
      tags: { 'genesys-cloud-cfn:stacks': 'stack' },
    });
    const message = 'Invalid values: CANARY-key for header x-api-key, CANARY-token for authorization';
    world.genesys.faults({
      match: { method: 'POST', path: '/api/v2/integrations/actions' },
      action: { status: 400, body: { status: 400, code: 'bad.request', message } },
    });
    const stack = await world.cloudFormation.createStack('stack', only(ACTION, fromTheirDefinition(world)));
    expect(reasons(stack)).toContain('for header x-api-key');
    expect(world.output()).not.toContain('CANARY');
    expect(JSON.stringify([...world.ledger('ATTEMPT#').values()])).not.toContain('CANARY');
  }));
