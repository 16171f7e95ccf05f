/** States that a failed request, an adoption or another account leaves: each is said, and no more than it. */
import { run } from '../../../cli/main.ts';
import { firstInputs } from '../../../local/provider/inputs.ts';
import { ACTION, action, INTEGRATION, idOf, KEY, webServices } from '../../../local/provider/stacks.ts';
import { inWorld, KEY_ALIAS, LEDGER, only, type World } from '../../../local/provider/world.ts';
import { actionByHand, callByHand } from '../../protocol/by-hand.ts';
import {
  places,
  READER_ROLE,
  SHARED_LEDGER,
  type WorldOptions,
  withProviders,
} from '../../protocol/several-providers.ts';
import { drift, driftAs, type Ended, findings, personOf } from './running.ts';

const ACTIONS = '/api/v2/integrations/actions';
const refused = { status: 403, body: { status: 403, code: 'missing.any.permissions' } };

const withWorld = (run: (world: World) => Promise<void>) => inWorld({}, run);

interface Listed {
  id: string;
}

/** The same action with another input contract, which is a replacement. */
const replaced = (world: World) => {
  const { Contract } = action(world) as { Contract: { Input: { properties: object } } };
  const properties = { ...Contract.Input.properties, another: { type: 'string' } };
  return action(world, { Contract: { ...Contract, Input: { ...Contract.Input, properties } } });
};

test('an integration in ERROR is named with the reason that Genesys Cloud gives', () =>
  withWorld(async (world) => {
    const id = idOf(await world.cloudFormation.createStack('stack', webServices()));
    const path = '/api/v2/integrations';
    const url = `${path}?expand=config.current`;
    const list = (await (await callByHand(world.genesys, 'GET', url)).json()) as { entities: Listed[] };
    const detail = { message: 'The role cannot be assumed' };
    const entities = list.entities.map((one) => ({ ...one, reportedState: { code: 'ERROR', detail } }));
    world.genesys.faults({
      match: { method: 'GET', path },
      action: { status: 200, body: { ...list, entities } },
    });
    const found = await findings(world);
    expect(found).toContainEqual(expect.objectContaining({ cause: 'error-state', id, type: INTEGRATION }));
    expect(found.find(({ cause }) => cause === 'error-state')?.detail).toMatch(
      /ERROR.*role cannot be assumed/,
    );
  }));

test('a recording key that Genesys Cloud could not use is named with its last error', () =>
  withWorld(async (world) => {
    const id = idOf(await world.cloudFormation.createStack('stack', only(KEY, { KeyAliasArn: KEY_ALIAS })));
    const path = '/api/v2/recording/keyconfigurations';
    const list = (await (await callByHand(world.genesys, 'GET', path)).json()) as { entities: object[] };
    const lastError = { message: 'KMS denied the use of the key', code: 'invalid.key.configuration' };
    const entities = list.entities.map((one) => ({ ...one, lastError }));
    world.genesys.faults({
      match: { method: 'GET', path },
      action: { status: 200, body: { ...list, entities } },
    });
    expect(await findings(world)).toMatchObject([
      { cause: 'last-error', id, detail: expect.stringContaining('KMS denied the use of the key') },
    ]);
  }));

test('a replaced action that the clean-up could not delete is left over, and the new one is as deployed', () =>
  withWorld(async (world) => {
    const old = idOf(await world.cloudFormation.createStack('stack', only(ACTION, action(world))));
    world.genesys.faults({ match: { method: 'DELETE', path: `${ACTIONS}/{actionId}` }, action: refused });
    await world.cloudFormation.updateStack('stack', only(ACTION, replaced(world)));
    await world.cloudFormation.idle();
    world.genesys.clearFaults();
    expect(await findings(world)).toMatchObject([{ cause: 'left-over', id: old, logicalId: 'Thing' }]);
    const { out } = await drift(world);
    expect(out).toMatch(/^2 objects .*: 1 differs$/m);
  }));

test('a replaced action that its policy retains is told, and counts as no difference', () =>
  withWorld(async (world) => {
    const retained = (properties: Record<string, unknown>) => {
      const template = only(ACTION, properties);
      Object.assign(template.Resources['Thing'] ?? {}, { UpdateReplacePolicy: 'Retain' });
      return template;
    };
    const old = idOf(await world.cloudFormation.createStack('stack', retained(action(world))));
    await world.cloudFormation.updateStack('stack', retained(replaced(world)));
    await world.cloudFormation.idle();
    const { code, out } = await drift(world);
    expect(code).toBe(0);
    expect(out).toMatch(new RegExp(`${old}: not compared: It was replaced by .*UpdateReplacePolicy`));
  }));

test('an update that failed, and its rollback too, is unfinished', () =>
  withWorld(async (world) => {
    const id = idOf(await world.cloudFormation.createStack('stack', only(ACTION, action(world))));
    world.genesys.faults({
      match: { method: 'PATCH', path: `${ACTIONS}/{actionId}`, count: 1_000 },
      action: { status: 500 },
    });
    await world.cloudFormation.updateStack('stack', only(ACTION, action(world, { TimeoutSeconds: 9 })));
    await world.cloudFormation.idle();
    world.genesys.clearFaults();
    const found = await findings(world);
    expect(new Set(found.map(({ id: of }) => of))).toEqual(new Set([id]));
    expect(found.map(({ cause }) => cause)).toContain('unfinished');
  }));

test('an adopted action is compared with what its stack made of it, and not looked at once it is given back', () =>
  withWorld(async (world) => {
    const id = actionByHand(world);
    const adopting = only(ACTION, action(world, { Name: 'Adopted', ExistingId: id }));
    const stack = await world.cloudFormation.createStack('stack', adopting);
    expect(idOf(stack)).toBe(id);
    expect(await findings(world, '--stack', 'stack')).toEqual([]);
    await callByHand(world.genesys, 'PATCH', `${ACTIONS}/${id}`, { version: 2, name: 'by hand' });
    expect(await findings(world, '--stack', 'stack')).toMatchObject([
      { cause: 'changed', id, fields: [{ path: 'Name', applied: 'Adopted', now: 'by hand' }] },
    ]);
    await world.cloudFormation.deleteStack('stack');
    expect(await findings(world)).toEqual([]);
  }));

describe('a provider whose ledger is in another account and Region', () => {
  const { account, region } = places.second;
  const properties = (integrationId: string) => ({
    ...firstInputs(ACTION).create.properties,
    IntegrationId: integrationId,
  });

  /** A person in the second provider's account, after the first provider made an action. */
  const look = (
    { sealsAlone = false, ...options }: WorldOptions & { sealsAlone?: boolean },
    by: (looked: Ended) => void,
  ) =>
    withProviders(async (world) => {
      const { integrationId, first } = world;
      const stack = await first.cloudFormation.createStack('stack', only(ACTION, properties(integrationId)));
      expect(stack.status).toBe('CREATE_COMPLETE');
      for (const [arn, secret] of world.aws.secrets)
        if (sealsAlone && arn.includes('/sealing/') && arn.includes(places.first.account))
          world.aws.secrets.set(arn, { ...secret, refusal: 'AccessDeniedException' });
      const person = { ...personOf(world), AWS_ACCESS_KEY_ID: account, AWS_REGION: region };
      by(await driftAs(person, '--format', 'json'));
    }, options);

  test('the objects of all its providers are looked at by a role that the table admits', () =>
    look({ readers: READER_ROLE }, ({ out, problems }) => {
      expect(problems).toBe('');
      expect(JSON.parse(out)).toMatchObject({ ledger: SHARED_LEDGER, objects: 1, findings: [] });
    }));

  test('an object whose form another provider has sealed is told, and the look goes on', () =>
    look({ readers: READER_ROLE, sealsAlone: true }, ({ code, out }) => {
      expect(code).toBe(0);
      const { notCompared } = JSON.parse(out) as { notCompared: { detail: string }[] };
      expect(notCompared.map(({ detail }) => detail)).toEqual([
        expect.stringMatching(/cannot be opened here: .*AccessDeniedException/),
      ]);
    }));

  test('another role is refused in one line that names the table', () =>
    look({}, ({ code, out, problems }) => {
      expect({ code, out }).toEqual({ code: 2, out: '' });
      expect(problems).toMatch(/^genesys-cloud-cfn: .*genesys-cloud-shared-ledger.*\n$/);
    }));
});

test('an object that a deployment changes meanwhile counts as no difference', () =>
  withWorld(async (world) => {
    const id = idOf(await world.cloudFormation.createStack('stack', only(ACTION, action(world))));
    await callByHand(world.genesys, 'PATCH', `${ACTIONS}/${id}`, { version: 2, name: 'by hand' });
    Object.assign(process.env, personOf(world));
    let out = '';
    const problems = {
      isTTY: true,
      write(text: string) {
        if (!text.includes(`0 of 1 ${ACTION}`)) return;
        const [[key, record] = ['', {}]] = world.ledger('OBJECT#');
        world.aws.putItem(LEDGER, key, { ...record, dirty: true });
      },
    };
    const code = await run(['drift'], { out: { write: (text: string) => (out += text) }, problems });
    expect(code).toBe(0);
    expect(out).toContain(`${id}: not compared: A deployment changes it now.`);
  }));

test('a stack that the ledger does not know is an error that names the nearest', () =>
  withWorld(async (world) => {
    await world.cloudFormation.createStack('orders', only(ACTION, action(world)));
    const { code, problems } = await drift(world, '--stack', 'order');
    expect(code).toBe(2);
    expect(problems).toContain('The ledger has nothing of a stack order. Did you mean orders?');
    const [{ id = '' } = {}] = world.cloudFormation.living();
    expect(await findings(world, '--stack', id)).toEqual([]);
  }));
