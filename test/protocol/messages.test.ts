/** A reason in a stack's events says what is wrong, and what to do. */
import {
  ACTION,
  action,
  INTEGRATION,
  idOf,
  KEY,
  webServices,
  withWorld,
} from '../../local/provider/stacks.ts';
import {
  CREDENTIALS_SECRET,
  KEY_ALIAS,
  OAUTH_SECRET,
  only,
  reasons,
  type World,
} from '../../local/provider/world.ts';
import { byHand } from './by-hand.ts';

const lambda = (more = {}) =>
  only(INTEGRATION, { Name: 'Orders', RoleArn: 'arn:aws:iam::123456789012:role/r', ...more });
const create = async (world: World, template: ReturnType<typeof only>) =>
  reasons(await world.cloudFormation.createStack('stack', template));

describe('time', () => {
  test('a ServiceTimeout that ends the wait for an integration is named, with a good value', () =>
    withWorld(async (world) => {
      world.genesys.settings({ delays: { activationMs: 40_000 } });
      const said = await create(world, lambda({ ServiceTimeout: 3 }));
      expect(said).toMatch(
        /still reports ACTIVATING for it\. It may take 90 seconds, and 2 were left \(ServiceTimeout: 3\)\. Set ServiceTimeout: 1200, and deploy again\./,
      );
      expect(said).not.toContain('Check that the role');
    }));

  test('an API that is too slow for the ServiceTimeout: create and delete name it, and what to do', () =>
    withWorld(async (world) => {
      world.genesys.faults({ match: { count: 'every' }, action: { delayMs: 3_000 } });
      const said = await create(world, lambda({ ServiceTimeout: 20 }));
      expect(said).toContain('The ServiceTimeout of 20 seconds is too short');
      expect(said).toContain('Set ServiceTimeout: 1200, and deploy again.');
      expect(said).toContain('Delete the stack again when Genesys Cloud answers faster.');
      expect(said).not.toContain('No time is left');
      world.genesys.clearFaults();
      const gone = await world.cloudFormation.deleteStack('stack');
      expect(gone.status).toBe('DELETE_COMPLETE');
      expect([...world.made().keys()]).toEqual([]);
    }));
});

describe('an object that was deleted by hand', () => {
  /** A function's integration with a data action. */
  const both = (world: World, { Nonce = '1', Category = 'Orders' } = {}) => ({
    Resources: {
      Integration: {
        Type: INTEGRATION,
        Properties: { Name: 'Orders', RoleArn: 'arn:aws:iam::123456789012:role/r', Nonce },
      },
      Action: {
        Type: ACTION,
        Properties: action(world, {
          IntegrationId: { Ref: 'Integration' },
          Category,
          Request: { UrlTemplate: 'arn:aws:lambda:us-east-1:123456789012:function:orders' },
        }),
      },
    },
  });

  test('an integration: its data action says how to make it anew, and that way works', () =>
    withWorld(async (world) => {
      const { cloudFormation } = world;
      const stack = await cloudFormation.createStack('stack', both(world));
      expect(reasons(stack)).not.toContain('FAILED');
      const former = idOf(stack, 'Integration');
      world.clock.advance(3600_000);
      await byHand(world, 'DELETE', `/api/v2/integrations/${former}`);
      const failed = await cloudFormation.updateStack('stack', both(world, { Category: 'New' }));
      expect(reasons(failed)).toContain(
        `The integration ${former} is not in Genesys Cloud any more: it was deleted by another hand, and its data actions with it. Change the Nonce of its resource and deploy`,
      );
      expect(failed.status).toBe('UPDATE_ROLLBACK_COMPLETE');
      world.clock.advance(3600_000);
      const mended = await cloudFormation.updateStack('stack', both(world, { Nonce: '2', Category: 'New' }));
      expect(mended.status).toBe('UPDATE_COMPLETE');
      expect(idOf(mended, 'Integration')).not.toBe(former);
      expect(world.remote(idOf(mended, 'Action'))).toMatchObject({
        integrationId: idOf(mended, 'Integration'),
      });
    }));

  test('a data action: the answer says that the id is new, and that flows have to follow', () =>
    withWorld(async (world) => {
      const { cloudFormation } = world;
      const former = idOf(await cloudFormation.createStack('stack', only(ACTION, action(world))));
      world.clock.advance(3600_000);
      await byHand(world, 'DELETE', `/api/v2/integrations/actions/${former}`);
      const template = only(ACTION, action(world, { Category: 'New' }));
      const id = idOf(await cloudFormation.updateStack('stack', template));
      expect(id).not.toBe(former);
      const answers = world.requests('Thing').flatMap(({ uploads }) => uploads.map(({ body }) => `${body}`));
      expect(answers.join()).toContain(
        `${former} is gone, and ${id} was made in its place: the id is new. Point to it whatever names the former one by its id, such as flows.`,
      );
    }));
});

describe('Genesys Cloud that does not work', () => {
  test('503 for a creation: the message says when to deploy again, and what happens to leftovers', () =>
    withWorld(async (world) => {
      world.genesys.faults({
        match: { path: '/api/v2/integrations/actions', method: 'POST', count: 'every' },
        action: { status: 503 },
      });
      const said = await create(world, only(ACTION, action(world)));
      expect(said).toContain('Deploy again when Genesys Cloud works (status.mypurecloud.com)');
      expect(said).toContain('the rollback removes what a call may have made');
    }));

  test('a connection that breaks: the message says what finds the part of the way that fails', () =>
    withWorld(async (world) => {
      world.genesys.faults({ match: { method: 'GET', count: 'every' }, action: { reset: 'before' } });
      const said = await create(world, only(ACTION, action(world)));
      expect(said).toContain('deploy templates/network/connectivity-check.yaml');
    }));
});

test('the name of a role instead of its ARN is shown, with the way to write it', () =>
  withWorld(async (world) => {
    const said = await create(world, lambda({ RoleArn: 'stack-OrdersRole-1ABC' }));
    expect(said).toContain('and stack-OrdersRole-1ABC looks like its name: write !GetAtt');
  }));

test.each([
  ['username', { username: 'CANARY', password: 'CANARY' }, '"username" has to be called "userName"'],
  [
    'user_name and Password',
    { user_name: 'CANARY', Password: 'CANARY' },
    '"user_name" has to be called "userName", and "Password" has to be called "password"',
  ],
  ['apiKey', { apiKey: 'CANARY' }, 'it has none of them; write them there'],
])('a secret of basicAuth with %s: the fields of the type are named, and no value', (_what, fields, fault) =>
  withWorld(async (world) => {
    const { tags } = world.aws.secrets.get(CREDENTIALS_SECRET) ?? {};
    world.aws.secrets.set(CREDENTIALS_SECRET, { text: JSON.stringify(fields), ...(tags && { tags }) });
    const said = await create(world, webServices());
    expect(said).toContain(
      `does not fit the credential type basicAuth, whose fields are userName and password: ${fault}.`,
    );
    expect(world.output()).not.toContain('CANARY');
  }),
);

test('basicAuth without a password is accepted, since Genesys Cloud takes it as optional', () =>
  withWorld(async (world) => {
    const { tags } = world.aws.secrets.get(CREDENTIALS_SECRET) ?? {};
    world.aws.secrets.set(CREDENTIALS_SECRET, { text: '{"userName": "x"}', ...(tags && { tags }) });
    expect((await world.cloudFormation.createStack('stack', webServices())).status).toBe('CREATE_COMPLETE');
  }));

test('an OAuth secret with clientId: the field is named, and no value', () =>
  withWorld(async (world) => {
    const text = JSON.stringify({ clientId: 'CANARY-id', client_secret: 'CANARY-secret' });
    world.aws.secrets.set(OAUTH_SECRET, { text });
    const said = await create(world, only(ACTION, action(world)));
    expect(said).toContain('has no field "client_id": "clientId" has to be called so.');
    expect(world.output()).not.toContain('CANARY');
  }));

test('a second configuration of the recording key says both ways out', () =>
  withWorld(async (world) => {
    await world.cloudFormation.createStack('first', only(KEY, { KeyAliasArn: KEY_ALIAS }));
    const said = await create(world, only(KEY, { KeyAliasArn: KEY_ALIAS }));
    expect(said).toContain('Change KeyAliasArn there, and leave this resource out');
    expect(said).toContain('set OnDelete: Retain there, deploy, remove it there, then deploy this one.');
  }));

test('a custom auth action says what can be configured of it, and where', () =>
  withWorld(async (world) => {
    const { cloudFormation } = world;
    const stack = await cloudFormation.createStack(
      'stack-of-the-login',
      only(INTEGRATION, {
        Name: 'Login',
        IntegrationType: 'custom-rest-actions',
        CredentialType: 'userDefinedOAuth',
        CredentialsSecretArn: CREDENTIALS_SECRET,
        SharedWith: ['stack'],
      }),
    );
    const ExistingId = `customAuth_-_${idOf(stack)}`;
    const Request = { UrlTemplate: 'https://example.com' };
    const properties = { ExistingId, IntegrationId: idOf(stack), Request };
    const said = await create(world, only(ACTION, action(world, properties)));
    expect(said).toContain('is the custom auth action of an integration');
    expect(said).toContain('in Genesys Cloud (Admin > Integrations > Actions) or by CX as Code');
  }));
