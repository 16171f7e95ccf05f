/** docs/plan.md shows what the command prints. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Template } from '../../../local/cloudformation/template.ts';
import { ACTION, action, INTEGRATION } from '../../../local/provider/stacks.ts';
import { inWorld, only, type World } from '../../../local/provider/world.ts';
import { deploy, plan, served } from './running.ts';

const page = await readFile(join(resolve(import.meta.dirname, '../../..'), 'docs/plan.md'), 'utf8');
const commands = [...page.matchAll(/```sh\nnpx genesys-cloud-cfn plan (.+?)(?: > \S+)?\n```/g)].map(
  ([, args = '']) => args.split(' '),
);
const [example = ''] = page.match(/(?<=```text\n)[\s\S]+?(?=\n```)/) ?? [];

/** The stack of the example. */
function orders(world: World, changes: { input?: string; seconds?: number } = {}): Template {
  const { Contract, ...rest } = action(world, { IntegrationId: { Ref: 'Integration' } }) as {
    Contract: { Input: { properties: object } };
  };
  const { Input, ...contract } = Contract;
  const added = changes.input === undefined ? {} : { [changes.input]: { type: 'string' } };
  const properties = { ...Input.properties, ...added };
  const resource = (type: string, of: object) => only(type, of as never).Resources['Thing'] as never;
  return served({
    Resources: {
      Integration: resource(INTEGRATION, {
        Name: 'Orders',
        RoleArn: 'arn:aws:iam::123456789012:role/genesys',
      }),
      GetOrder: resource(ACTION, {
        ...rest,
        Name: 'Get order',
        Contract: { ...contract, Input: { ...Input, properties } },
      }),
      Cancel: resource(ACTION, { ...rest, Name: 'Cancel', Contract, TimeoutSeconds: changes.seconds ?? 60 }),
    },
  });
}

/** The example of the page as a pattern: `…` stands for the rest of an id or a line. */
const patternOf = (text: string) =>
  new RegExp(`^${text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/(?:[\w-]*)…/g, '.+?')}\n$`);

test('the example of the page is what the command prints for such a stack, and 1', () =>
  inWorld({}, async (world) => {
    const { stack } = await deploy(world, orders(world), 'orders');
    const actionId = stack.resources['GetOrder']?.physicalId ?? '';
    world.genesys.seed({ flows: [{ name: 'Main menu', actionId, version: '7' }] });
    const folder = mkdtempSync(join(tmpdir(), 'plan-'));
    const before = process.cwd();
    const template = {
      Parameters: { Stage: { Type: 'String' } },
      ...orders(world, { input: 'customerId', seconds: 9 }),
    };
    writeFileSync(join(folder, 'orders.yaml'), JSON.stringify(template));
    process.chdir(folder);
    try {
      const [first = [], second = []] = commands;
      const { code, out } = await plan(world, ...first);
      const name = world.genesys.state().organizations[0]?.name ?? '';
      expect(out.replace(`organization ${name} (`, 'organization Acme (')).toMatch(patternOf(example));
      expect(code).toBe(1);
      const comment = await plan(world, ...second, '--parameters', 'Stage=live');
      expect(comment.out).toContain('| `GetOrder` | `Custom::GenesysDataAction` |');
    } finally {
      process.chdir(before);
      rmSync(folder, { recursive: true });
    }
  }));

test('the page has every option and every exit code of the help', async () => {
  const { out } = await plan({ aws: { url: 'http://127.0.0.1:9' } as World['aws'] }, '--help');
  const options = [...out.matchAll(/^ {2}(--[\w-]+) </gm)].map(([, option = '']) => option);
  expect(options.length).toBeGreaterThan(5);
  for (const option of options) expect(page).toContain(`| \`${option} <`);
  for (const code of [0, 1, 2, 3]) expect(page).toMatch(new RegExp(`^\\| ${code} \\|`, 'm'));
});
