/**
 * Authors write tokens into headers of data actions, and Genesys Cloud quotes what it refuses: no answer, log
 * or ledger shows a header's value. Nor does a value garble the reasons of other requests.
 */
import { firstInputs } from '../../local/provider/inputs.ts';
import { ACTION, action, INTEGRATION, withFailure, withWorld } from '../../local/provider/stacks.ts';
import { CREDENTIALS_SECRET, inWorld, only, reasons, type World } from '../../local/provider/world.ts';
import { actionByHand } from './by-hand.ts';

const TOKEN = 'pat-CANARY-0000';
const headers = { Authorization: `Bearer ${TOKEN}`, 'x-api-key': 'CANARY-key' };
const file = {
  name: 'Get order',
  category: 'Orders',
  contract: { input: { inputSchema: { type: 'object' } }, output: { successSchema: { type: 'object' } } },
  config: { request: { requestUrlTemplate: 'https://example.com/', requestType: 'POST', headers } },
};

/** Genesys Cloud refuses the next write of an action, and quotes its headers. */
function quoteHeaders(world: World, method: string, before = ''): void {
  world.genesys.faults({
    match: {
      method,
      path: method === 'POST' ? '/api/v2/integrations/actions' : '/api/v2/integrations/actions/{actionId}',
    },
    action: {
      status: 400,
      body: {
        status: 400,
        code: 'bad.request',
        message: `${before}Header Authorization has a bad value: Bearer ${TOKEN}, x-api-key CANARY-key`,
        errors: [{ message: `Not ${TOKEN}`, code: 'bad', status: 400 }],
      },
    },
  });
}

function expectNoValue(world: World): void {
  expect(world.output()).not.toContain('CANARY');
  expect(JSON.stringify([...world.ledger('').values()])).not.toContain('CANARY');
}

const sources: [string, (world: World) => Record<string, unknown>][] = [
  [
    'properties',
    (world) => action(world, { Request: { UrlTemplate: 'https://example.com', Headers: headers } }),
  ],
  [
    'a definition in the template',
    ({ integrationId }) => ({ IntegrationId: integrationId, Definition: file }),
  ],
  [
    'a definition as JSON text',
    ({ integrationId }) => ({ IntegrationId: integrationId, Definition: JSON.stringify(file) }),
  ],
  [
    'a definition in S3',
    ({ aws, integrationId }) => ({
      IntegrationId: integrationId,
      Definition: {
        S3: {
          Bucket: 'definitions',
          Key: 'order.json',
          VersionId: aws.putObject('definitions/order.json', JSON.stringify(file)),
        },
      },
    }),
  ],
];

const environment = { DEFINITION_OBJECT_ARNS: 'arn:aws:s3:::definitions/*' };

describe.each(sources)('a header from %s', (_what, propertiesOf) => {
  test.each(['POST', 'PATCH'])('that a refused %s quotes is masked', (method) =>
    inWorld({ environment }, async (world) => {
      quoteHeaders(world, method);
      const stack = await world.cloudFormation.createStack('stack', only(ACTION, propertiesOf(world)));
      expect(stack.status).toBe('ROLLBACK_COMPLETE');
      expect(reasons(stack)).toContain('Header Authorization has a bad value');
      expectNoValue(world);
    }),
  );

  test('is masked where the quote is cut in its middle', () =>
    inWorld({ environment }, async (world) => {
      for (const length of [340, 345, 350, 355, 360, 365, 370]) {
        quoteHeaders(world, 'POST', 'x'.repeat(length));
        const stack = await world.cloudFormation.createStack(
          `stack-${length}`,
          only(ACTION, propertiesOf(world)),
        );
        expect(stack.status).toBe('ROLLBACK_COMPLETE');
        expect(reasons(stack)).not.toMatch(/pat-C|Bearer p/);
        expectNoValue(world);
      }
    }));
});

test('a header of an adopted action is masked when its rollback is refused', () =>
  withWorld(async (world) => {
    const ExistingId = actionByHand(world);
    world.genesys.faults({
      match: { method: 'PATCH', path: '/api/v2/integrations/actions/{actionId}', nth: 2 },
      action: {
        status: 400,
        body: { status: 400, code: 'bad.request', message: 'Not CANARY-header in x-api-key' },
      },
    });
    const stack = await world.cloudFormation.createStack(
      'stack',
      withFailure(only(ACTION, action(world, { ExistingId }))),
    );
    expect(reasons(stack)).toContain('in x-api-key');
    expectNoValue(world);
  }));

test('a header and a credential of one stack do not garble the reasons of another, in the same container', () =>
  inWorld({ cloudFormation: { concurrency: 1 } }, async (world) => {
    const theirs = await world.cloudFormation.createStack('stack-theirs', {
      Resources: {
        Action: {
          Type: ACTION,
          Properties: action(world, {
            Request: { UrlTemplate: 'https://example.com', Headers: { 'x-team': 'bad value for' } },
          }),
        },
        Integration: {
          Type: INTEGRATION,
          Properties: {
            Name: 'Web',
            IntegrationType: 'custom-rest-actions',
            CredentialType: 'basicAuth',
            CredentialsSecretArn: CREDENTIALS_SECRET,
          },
        },
        Adopted: {
          Type: ACTION,
          Properties: {
            ...action(world, { Name: 'By hand' }),
            ExistingId: actionByHand(world, {
              name: 'By hand',
              config: {
                timeoutSeconds: 7,
                request: {
                  requestUrlTemplate: 'https://example.com',
                  requestType: 'POST',
                  requestTemplate: '',
                  headers: { 'x-team': 'Genesys' },
                },
                response: { translationMap: {}, translationMapDefaults: {}, successTemplate: '' },
              },
            }),
          },
        },
      },
    });
    expect(theirs.status).toBe('CREATE_COMPLETE');
    world.genesys.faults({
      match: { method: 'POST', path: '/api/v2/integrations/actions' },
      action: {
        status: 400,
        body: { status: 400, code: 'bad.request', message: 'bad value for orders in Genesys' },
      },
    });
    const mine = await world.cloudFormation.createStack(
      'mine',
      only(ACTION, { ...firstInputs(ACTION).create.properties, ...action(world, { Name: 'Mine' }) }),
    );
    expect(mine.status).toBe('ROLLBACK_COMPLETE');
    expect(reasons(mine)).toContain('bad value for orders in Genesys');
    expect(reasons(mine)).not.toContain('[redacted]');
  }));
