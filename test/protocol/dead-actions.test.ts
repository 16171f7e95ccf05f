/** An action of which no call can succeed is refused before anything is written. */
import { writes } from '../../local/faults/spells.ts';
import { compare } from '../../local/faults/verdicts.ts';
import { ACTION, action, INTEGRATION, idOf, withFailure, withWorld } from '../../local/provider/stacks.ts';
import { only, reasons, type World } from '../../local/provider/world.ts';

const ARN = 'arn:aws:lambda:us-east-1:123456789012:function:orders';
const ROLE = 'arn:aws:iam::123456789012:role/r';

/** A function's integration with a data action. */
const ofOwnIntegration = (world: World, Request: object, changes = {}) => ({
  Resources: {
    Integration: { Type: INTEGRATION, Properties: { Name: 'Functions', RoleArn: ROLE } },
    Action: {
      Type: ACTION,
      Properties: action(world, { IntegrationId: { Ref: 'Integration' }, Request, ...changes }),
    },
  },
});
const actionsOf = (world: World) => [...world.made().keys()].filter((key) => key.startsWith('actions'));

test.each<[string, object, string]>([
  ['the name of a function', { UrlTemplate: 'orders' }, 'orders looks like its name: write !GetAtt'],
  ['an address', { UrlTemplate: 'https://example.com' }, 'must be the ARN of a Lambda function'],
  ['GET for a function', { UrlTemplate: ARN, Type: 'GET' }, 'Request.Type must be POST'],
  ['half a template', { UrlTemplate: ARN, Template: '{"a": "${input.a}"' }, '} is missing at the end'],
  ['a placeholder for a path', { UrlTemplate: ARN }, 'TranslationMap.status is no JSONPath'],
])('%s is refused in a new action and in an update, without a write', (what, Request, said) =>
  withWorld(async (world) => {
    const { cloudFormation } = world;
    const Response = what.includes('path') ? { TranslationMap: { status: '${status}' } } : {};
    const dead = ofOwnIntegration(world, Request, { Response });
    const refused = await cloudFormation.createStack('stack', dead);
    expect(reasons(refused)).toContain(said);
    expect(refused.status).toBe('ROLLBACK_COMPLETE');
    await cloudFormation.deleteStack('stack');

    const good = await cloudFormation.createStack('stack', ofOwnIntegration(world, { UrlTemplate: ARN }));
    expect(good.status).toBe('CREATE_COMPLETE');
    world.genesys.resetCalls();
    const updated = await cloudFormation.updateStack('stack', dead);
    expect(reasons(updated)).toContain(said);
    expect(updated.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(writes(world)).toEqual([]);
    expect(actionsOf(world)).toHaveLength(1);
    expect(compare(world)).toEqual([]);
  }),
);

test.each([`${ARN}:live`, `${ARN}:\${input.version}`, '${input.functionArn}'])(
  '%s is taken under an integration that calls functions',
  (UrlTemplate) =>
    withWorld(async (world) => {
      const template = ofOwnIntegration(world, { UrlTemplate });
      expect((await world.cloudFormation.createStack('stack', template)).status).toBe('CREATE_COMPLETE');
    }),
);

test('the type of an integration that the ledger does not know is not asked for, so an address is taken', () =>
  withWorld(async (world) => {
    const address = { IntegrationId: world.integrationId, Request: { UrlTemplate: 'https://example.com' } };
    const stack = await world.cloudFormation.createStack('stack', only(ACTION, action(world, address)));
    expect(stack.status).toBe('CREATE_COMPLETE');
    expect(world.genesys.calls().map(({ template }) => template)).not.toContain(
      '/api/v2/integrations/{integrationId}',
    );
  }));

test('a rollback goes back to an action that would be refused as a new one', () =>
  withWorld(async (world) => {
    const { cloudFormation } = world;
    const of = (UrlTemplate: string) =>
      only(ACTION, action(world, { IntegrationId: world.integrationId, Request: { UrlTemplate } }));
    const dead = of('https://example.com');
    const id = idOf(await cloudFormation.createStack('stack', dead));
    // From now on the ledger says that the integration calls functions.
    const owner = {
      ExistingId: world.integrationId,
      Name: 'Functions',
      RoleArn: ROLE,
      SharedWith: ['stack'],
    };
    expect((await cloudFormation.createStack('owner', only(INTEGRATION, owner))).status).toBe(
      'CREATE_COMPLETE',
    );
    const refused = await cloudFormation.updateStack('stack', of('https://example.org'));
    expect(reasons(refused)).toContain('must be the ARN of a Lambda function');
    world.clock.advance(60_000);
    const back = await cloudFormation.updateStack('stack', withFailure(of(ARN)));
    expect(back.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(JSON.stringify(world.remote(id))).toContain('"requestUrlTemplate":"https://example.com"');
  }));
