/** Every kind of change: the plan says it, and the deployment then does just that. */
import type { Template } from '../../../local/cloudformation/template.ts';
import { ACTION, action, INTEGRATION, idOf, KEY, webServices } from '../../../local/provider/stacks.ts';
import { inWorld, KEY_ALIAS, OTHER_KEY_ALIAS, only, type World } from '../../../local/provider/world.ts';
import { byHand } from '../../protocol/by-hand.ts';
import { actionsOf, deploy, plannedFor, planOf, served } from './running.ts';

const ACTIONS = '/api/v2/integrations/actions';

const withWorld = (run: (world: World) => Promise<void>) => inWorld({}, run);

const oneAction = (world: World, changes = {}, more = {}): Template => {
  const template = served(only(ACTION, action(world, changes)));
  return { Resources: { Thing: { ...template.Resources['Thing'], ...more } as never } };
};

const contractOf = (world: World) =>
  (action(world) as { Contract: { Input: { properties: object } } }).Contract;

const withInput = (world: World, name: string) => {
  const { Input, ...rest } = contractOf(world);
  return {
    Contract: {
      ...rest,
      Input: { ...Input, properties: { ...Input.properties, [name]: { type: 'string' } } },
    },
  };
};

/** The plan and the deployment name the same actions. */
async function bothSay(world: World, template: Template, actions: Record<string, string>) {
  const planned = await plannedFor(world, template);
  expect(actionsOf(planned)).toEqual(actions);
  const deployed = await deploy(world, template);
  expect(deployed.done).toEqual(actions);
  return { planned, deployed };
}

const ROLE = 'arn:aws:iam::123456789012:role/genesys';

/** An integration, and an action that refers to it. */
const pair = (world: World, changes = {}): Template =>
  served({
    Resources: {
      Lambda: only(INTEGRATION, { Name: 'Orders', RoleArn: ROLE, ...changes }).Resources['Thing'] as never,
      Action: only(ACTION, action(world, { IntegrationId: { Ref: 'Lambda' } })).Resources['Thing'] as never,
    },
  });

test('a stack that does not exist yet: everything is created, and 0', () =>
  withWorld(async (world) => {
    const { planned, deployed } = await bothSay(world, pair(world), { Lambda: 'create', Action: 'create' });
    expect(planned).toMatchObject({ code: 0, isUpdate: false, failures: [] });
    expect(deployed.status).toBe('CREATE_COMPLETE');
  }));

test('an action that its new integration cannot serve fails', () =>
  withWorld(async (world) => {
    const { Resources } = pair(world);
    const template = served({
      Resources: { ...Resources, Lambda: webServices().Resources['Thing'] as never },
    });
    const { code, of } = await plannedFor(world, template);
    expect(code).toBe(1);
    expect(of('Action').failures).toEqual([
      expect.stringContaining('Request.UrlTemplate must be an address'),
    ]);
    expect((await deploy(world, template)).status).toBe('ROLLBACK_COMPLETE');
  }));

test('the same template again: nothing', () =>
  withWorld(async (world) => {
    await deploy(world, oneAction(world));
    const { code, of } = await plannedFor(world, oneAction(world));
    expect(of('Thing')).toMatchObject({ action: 'nothing', isCertain: true, changes: [] });
    expect(code).toBe(0);
  }));

test('a change in place names its fields by path, and 0', () =>
  withWorld(async (world) => {
    await deploy(world, oneAction(world));
    const template = oneAction(world, { TimeoutSeconds: 9, Category: 'Other' });
    const { planned } = await bothSay(world, template, { Thing: 'change' });
    expect(planned.of('Thing').changes.sort()).toEqual(['Category', 'TimeoutSeconds']);
    expect(planned.code).toBe(0);
  }));

test('a value in another spelling writes nothing', () =>
  withWorld(async (world) => {
    await deploy(world, oneAction(world, { TimeoutSeconds: 60 }));
    await bothSay(world, oneAction(world), { Thing: 'nothing' });
  }));

test('a replacement names the property by path and the flow with its published version, and 3', () =>
  withWorld(async (world) => {
    const { stack } = await deploy(world, oneAction(world, { DeletionGuard: 'None' }));
    const flow = { name: 'Y', actionId: idOf(stack), version: '7' };
    world.genesys.seed({ flows: [flow] });
    const template = oneAction(world, { ...withInput(world, 'x'), DeletionGuard: 'None' });
    const text = await planOf(world, template);
    expect(text.code).toBe(3);
    expect(text.out).toMatch(
      /^Thing: Custom::GenesysDataAction \S+: replace, because Contract\.Input\.properties\.x; used by INBOUNDCALLFLOW "Y" published 7 \(.+\); the former object is deleted$/m,
    );
    const { planned } = await bothSay(world, template, { Thing: 'replace' });
    expect(planned.of('Thing').because).toEqual(['Contract.Input.properties.x']);
    expect(world.remote(idOf(stack))).toBeUndefined();
  }));

test('a replacement that the guard refuses is a failure, and 1', () =>
  withWorld(async (world) => {
    const { stack } = await deploy(world, oneAction(world));
    world.genesys.seed({ flows: [{ name: 'Y', actionId: idOf(stack), version: '7' }] });
    const template = oneAction(world, withInput(world, 'x'));
    const { code, of } = await plannedFor(world, template);
    expect(code).toBe(1);
    expect(of('Thing').failures).toEqual([expect.stringMatching(/is not replaced: .*"Y" published 7/)]);
    expect((await deploy(world, template)).status).toBe('UPDATE_ROLLBACK_COMPLETE');
  }));

test('UpdateReplacePolicy: Retain keeps the former object', () =>
  withWorld(async (world) => {
    const { stack } = await deploy(world, oneAction(world));
    const template = oneAction(
      world,
      { ...withInput(world, 'x'), Name: 'Next' },
      { UpdateReplacePolicy: 'Retain' },
    );
    const { planned } = await bothSay(world, template, { Thing: 'replace' });
    expect(planned.of('Thing').formerObject).toBe('stays');
    expect(world.remote(idOf(stack))).toBeDefined();
  }));

test('an object that was there before is adopted', () =>
  withWorld(async (world) => {
    const first = await deploy(world, oneAction(world, { OnDelete: 'Retain' }));
    await world.cloudFormation.deleteStack('stack');
    const template = oneAction(world, { AdoptExisting: true });
    const { planned } = await bothSay(world, template, { Thing: 'adopt' });
    expect(planned.of('Thing').adopts).toBe(idOf(first.stack));
  }));

test('an id that is not there fails, and 1', () =>
  withWorld(async (world) => {
    const template = oneAction(world, { ExistingId: 'custom_-_nobody' });
    const { code, of } = await plannedFor(world, template);
    expect({ code, failures: of('Thing').failures }).toEqual({
      code: 1,
      failures: [expect.stringContaining('There is no data action custom_-_nobody')],
    });
    expect((await deploy(world, template)).status).toBe('ROLLBACK_COMPLETE');
  }));

test('a resource that leaves the template: deleted, or left behind by OnDelete or DeletionPolicy', () =>
  withWorld(async (world) => {
    const of = (Name: string, changes = {}, more = {}) =>
      oneAction(world, { Name, ...changes }, more).Resources['Thing'] as never;
    const Resources = {
      Stays: of('Stays'),
      Goes: of('Goes'),
      Left: of('Left', { OnDelete: 'Retain' }),
      Kept: of('Kept', {}, { DeletionPolicy: 'Retain' }),
    };
    await deploy(world, { Resources });
    const { planned } = await bothSay(
      world,
      { Resources: { Stays: Resources.Stays } },
      { Stays: 'nothing', Goes: 'delete', Left: 'leave', Kept: 'leave' },
    );
    expect(planned.of('Kept').notes).toEqual(['DeletionPolicy: Retain sends no request.']);
  }));

test('a deletion that the guard refuses: the object stays, and the deployment goes on', () =>
  withWorld(async (world) => {
    const stays = oneAction(world, { Name: 'Stays' }).Resources['Thing'] as never;
    const goes = oneAction(world, { Name: 'Goes', DeletionGuard: 'All' }).Resources['Thing'] as never;
    const { stack } = await deploy(world, { Resources: { Stays: stays, Goes: goes } });
    world.genesys.seed({ flows: [{ name: 'Y', actionId: idOf(stack, 'Goes'), version: '7' }] });
    const template = { Resources: { Stays: stays } };
    const { code, of } = await plannedFor(world, template);
    expect(code).toBe(0);
    expect(of('Goes')).toMatchObject({
      action: 'leave',
      notes: [expect.stringContaining('"Y" published 7')],
    });
    expect((await deploy(world, template)).status).toBe('UPDATE_COMPLETE');
    expect(world.remote(idOf(stack, 'Goes'))).toBeDefined();
  }));

test('a logical id that is renamed with AdoptExisting keeps its object', () =>
  withWorld(async (world) => {
    const { stack } = await deploy(world, oneAction(world));
    const template = {
      Resources: { Renamed: oneAction(world, { AdoptExisting: true }).Resources['Thing'] as never },
    };
    const { planned } = await bothSay(world, template, { Renamed: 'adopt', Thing: 'nothing' });
    expect(planned.of('Renamed').adopts).toBe(idOf(stack));
    expect(planned.of('Thing').notes).toEqual(['Its object belongs to Renamed from then on.']);
  }));

test('a logical id that is renamed without it fails by the name', () =>
  withWorld(async (world) => {
    await deploy(world, oneAction(world));
    const template = { Resources: { Renamed: oneAction(world).Resources['Thing'] as never } };
    const { code, of } = await plannedFor(world, template);
    expect(code).toBe(1);
    expect(of('Renamed').failures).toEqual([expect.stringContaining('already has a data action named')]);
    expect((await deploy(world, template)).status).toBe('UPDATE_ROLLBACK_COMPLETE');
  }));

test('an integration that is made anew replaces the actions that refer to it', () =>
  withWorld(async (world) => {
    const { stack } = await deploy(world, pair(world));
    await byHand(world, 'DELETE', `/api/v2/integrations/${idOf(stack, 'Lambda')}`);
    const actions = { Lambda: 'replace', Action: 'replace' };
    const { planned } = await bothSay(world, pair(world, { Notes: 'again' }), actions);
    expect(planned.of('Lambda').because).toEqual(['it was deleted by another hand']);
    expect(planned.of('Action')).toMatchObject({ because: ['IntegrationId'], isCertain: true });
  }));

test('an object that was deleted by hand is made anew', () =>
  withWorld(async (world) => {
    const { stack } = await deploy(world, oneAction(world));
    await byHand(world, 'DELETE', `${ACTIONS}/${idOf(stack)}`);
    const template = oneAction(world, { TimeoutSeconds: 9 });
    const { planned } = await bothSay(world, template, { Thing: 'replace' });
    expect(planned.of('Thing').because).toEqual(['it was deleted by another hand']);
  }));

test('a recording key: taken over, changed in place, left behind', () =>
  withWorld(async (world) => {
    const key = (KeyAliasArn: string) => served(only(KEY, { KeyAliasArn }));
    const { planned } = await bothSay(world, key(KEY_ALIAS), { Thing: 'create' });
    expect(planned.code).toBe(0);
    await bothSay(world, key(OTHER_KEY_ALIAS), { Thing: 'change' });
  }));

test('plan writes nothing: neither to Genesys Cloud nor to the ledger', () =>
  withWorld(async (world) => {
    const { stack } = await deploy(world, oneAction(world));
    world.genesys.seed({ flows: [{ name: 'Y', actionId: idOf(stack) }] });
    world.genesys.resetCalls();
    const before = world.aws.calls.length;
    await plannedFor(world, {
      Resources: {
        ...oneAction(world, withInput(world, 'x')).Resources,
        New: oneAction(world, { Name: 'New' }).Resources['Thing'],
      },
    });
    const methods = world.genesys.calls().filter(({ template }) => template !== '/oauth/token');
    expect(new Set(methods.map(({ method }) => method))).toEqual(new Set(['GET']));
    expect(world.aws.calls.slice(before).filter((call) => /Put|Delete|Write/.test(call))).toEqual([]);
  }));
