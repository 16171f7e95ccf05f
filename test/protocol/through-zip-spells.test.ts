/**
 * Spells in real time, through the zip. The packaged provider outlasts them as it does in the tests in
 * virtual time.
 */
import { join } from 'node:path';
import type { StackView } from '../../local/cloudformation/stack.ts';
import type { Template } from '../../local/cloudformation/template.ts';
import { callsOn, spell, writes } from '../../local/faults/spells.ts';
import { firstInputs } from '../../local/provider/inputs.ts';
import { webServices, withFailure } from '../../local/provider/stacks.ts';
import { CREDENTIALS_SECRET, only, reasons } from '../../local/provider/world.ts';
import { ZipWorld } from '../../local/provider/zip-world.ts';

const code = join(import.meta.dirname, '../../dist/provider.zip');
const ACTION = 'Custom::GenesysDataAction';

/** Runs beside a stack with one data action. In the end every answer was right, and no secret got out. */
async function withAction(
  run: (world: ZipWorld, id: string, template: (more?: object) => Template) => Promise<void>,
): Promise<void> {
  const world = await ZipWorld.start(code, {
    timeoutMs: 120_000,
    cloudFormation: { retryDelaysMs: [1_000, 1_000] },
  });
  try {
    const { integrationId } = world;
    const { properties } = firstInputs(ACTION).create;
    const template = (more: object = {}) =>
      only(ACTION, { ...properties, IntegrationId: integrationId, ...more });
    const id = idOf(await world.cloudFormation.createStack('stack', template()));
    world.genesys.resetCalls();
    await run(world, id, template);
    await world.cloudFormation.idle();
    expect(world.cloudFormation.violations()).toEqual([]);
    const output = world.invoker.logs();
    expect(world.secrets().filter((secret) => output.includes(secret))).toEqual([]);
  } finally {
    await world.stop();
  }
}

const idOf = ({ resources }: StackView) => resources['Thing']?.physicalId ?? '';
const actionsIn = ({ genesys }: ZipWorld) => genesys.state().organizations[0]?.actions ?? [];

test(
  'an update outlasts 15 s of 404 of its action, and keeps it',
  () =>
    withAction(async (world, id, template) => {
      spell(world, 15, callsOn(id));
      const stack = await world.cloudFormation.updateStack('stack', template({ TimeoutSeconds: 9 }));
      expect(stack.status).toBe('UPDATE_COMPLETE');
      expect(idOf(stack)).toBe(id);
      expect(actionsIn(world)).toMatchObject([{ id, published: { config: { timeoutSeconds: 9 } } }]);
    }),
  90_000,
);

test(
  'a rollback outlasts 40 s of 503',
  () =>
    withAction(async (world, id, template) => {
      const change = withFailure(template({ Category: 'New' }));
      world.onEvent = ({ RequestType }) => {
        const { status } = world.cloudFormation.describe('stack');
        if (RequestType === 'Update' && status === 'UPDATE_ROLLBACK_IN_PROGRESS')
          spell(world, 40, {}, { status: 503 });
      };
      const stack = await world.cloudFormation.updateStack('stack', change);
      expect(stack.status).toBe('UPDATE_ROLLBACK_COMPLETE');
      expect(actionsIn(world)).toMatchObject([{ id, published: { category: 'Orders' } }]);
      expect(world.genesys.faults()[0]?.hits).toBeGreaterThan(3);
    }),
  120_000,
);

test(
  'a PATCH that is refused with 403 is not sent again by the rollback',
  () =>
    withAction(async (world, id, template) => {
      world.genesys.faults({ match: { method: 'PATCH', count: 'every' }, action: { status: 403 } });
      const stack = await world.cloudFormation.updateStack('stack', template({ Category: 'New' }));
      expect(reasons(stack)).toContain('permission');
      expect(stack.status).toBe('UPDATE_ROLLBACK_COMPLETE');
      expect(writes(world)).toEqual([`PATCH /api/v2/integrations/actions/${id}`]);
    }),
  90_000,
);

test(
  "a secret's tag with 14 wildcards that do not fit the stack is refused like any other, and blocks nothing",
  () =>
    withAction(async (world) => {
      const tag = `${'@'.repeat(14)}!`;
      const { text = '' } = world.aws.secrets.get(CREDENTIALS_SECRET) ?? {};
      world.aws.secrets.set(CREDENTIALS_SECRET, { text, tags: { 'genesys-cloud-cfn:stacks': tag } });
      const name = `orders-${'a'.repeat(40)}`;
      const refused = await world.cloudFormation.createStack(name, webServices({}));
      expect(refused.status).toBe('ROLLBACK_COMPLETE');
      expect(reasons(refused)).toContain('This stack may not use the secret');
      world.aws.secrets.set(CREDENTIALS_SECRET, {
        text,
        tags: { 'genesys-cloud-cfn:stacks': `${'@'.repeat(14)}a` },
      });
      const admitted = await world.cloudFormation.createStack(`${name}-a`, webServices({}));
      expect(admitted.status).toBe('CREATE_COMPLETE');
    }),
  90_000,
);
