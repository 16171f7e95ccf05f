/** Runs `plan` against a local world, then the deployment, and sets what both say side by side. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../../cli/main.ts';
import type { Plan, PlannedResource } from '../../../cli/plan/planned.ts';
import type { StackView } from '../../../local/cloudformation/stack.ts';
import type { Template } from '../../../local/cloudformation/template.ts';
import { installed } from '../../../local/provider/installed-provider.ts';
import { remoteObjects } from '../../../local/provider/remote.ts';
import type { World } from '../../../local/provider/world.ts';
import type { Owner } from '../../../provider/ledger/index.ts';
import { type Ended, personOf } from '../drift/running.ts';

const { PROVIDER_ARN } = installed();

/** The template with the token of this provider in each of its resources. */
export const served = <T extends Template>({ Resources, ...rest }: T): T =>
  ({
    ...rest,
    Resources: Object.fromEntries(
      Object.entries(Resources).map(([logicalId, { Properties = {}, ...resource }]) => [
        logicalId,
        { ...resource, Properties: { ServiceToken: PROVIDER_ARN, ...Properties } },
      ]),
    ),
  }) as unknown as T;

/** Runs the command with a person's environment. */
export async function plan(world: Pick<World, 'aws'>, ...args: string[]): Promise<Ended> {
  Object.assign(process.env, personOf(world));
  const texts = { out: '', problems: '' };
  const into = (name: keyof typeof texts) => ({
    write: (text: string) => {
      texts[name] += text;
    },
  });
  const code = await run(['plan', ...args], { out: into('out'), problems: into('problems') });
  return { code, ...texts };
}

/** Runs with a file of this content. */
export async function withFile<T>(content: unknown, use: (path: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'plan-'));
  const path = join(folder, 'template.json');
  try {
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
    return await use(path);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The plan of a template in the format that is asked for. */
export const planOf = (world: World, template: unknown, ...args: string[]): Promise<Ended> =>
  withFile(template, (path) => plan(world, path, '--stack', 'stack', ...args));

/** The plan as JSON has it, and the exit code. */
export async function plannedFor(
  world: World,
  template: unknown,
  ...args: string[]
): Promise<Plan & { code: number; of: (logicalId: string) => PlannedResource }> {
  const { code, out, problems } = await planOf(world, template, '--format', 'json', ...args);
  if (problems !== '') throw new Error(problems);
  const read = JSON.parse(out) as Plan;
  const of = (logicalId: string) => {
    const found = read.resources.find((one) => one.logicalId === logicalId);
    if (found === undefined) throw new Error(`${logicalId} is not planned`);
    return found;
  };
  return { code, ...read, of };
}

/** The action of each resource that a plan names. */
export const actionsOf = ({ resources }: Pick<Plan, 'resources'>): Record<string, string> =>
  Object.fromEntries(resources.map(({ logicalId, action }) => [logicalId, action]));

/** The content of the world before a deployment. */
export interface Before {
  stack: StackView | undefined;
  remote: ReadonlySet<string>;
  requests: number;
  calls: number;
}

export const nowIn = (world: World, name = 'stack'): Before => ({
  stack: world.cloudFormation.living().find((stack) => stack.name === name),
  remote: new Set(idsIn(world)),
  requests: world.cloudFormation.requests.length,
  calls: world.genesys.calls().length,
});

const idsIn = (world: World) =>
  [...remoteObjects(world.genesys).keys()].map((key) => key.split(' ')[1] ?? '');

/** The actions of the deployment since then, by logical id, in the words of a plan. */
export function done(world: World, before: Before, after: StackView): Record<string, string> {
  const requests = world.cloudFormation.requests.slice(before.requests);
  const writes = world.genesys
    .calls()
    .slice(before.calls)
    .filter(({ method }) => method !== 'GET');
  const isWritten = (id: string) => writes.some(({ path }) => path.includes(id));
  const remote = new Set(idsIn(world));
  const names = new Set([...Object.keys(after.resources), ...Object.keys(before.stack?.resources ?? {})]);
  const actionOf = (logicalId: string): string => {
    const was = before.stack?.resources[logicalId]?.physicalId;
    const is = after.resources[logicalId]?.physicalId;
    const sent = requests.filter(({ event }) => event.LogicalResourceId === logicalId);
    if (was === undefined) return before.remote.has(is ?? '') ? 'adopt' : 'create';
    if (is === undefined) return endOf(logicalId, was, sent.length > 0);
    if (was !== is) return 'replace';
    return sent.length > 0 && isWritten(is) ? 'change' : 'nothing';
  };
  const endOf = (logicalId: string, id: string, isSent: boolean): string => {
    if (!remote.has(id)) return 'delete';
    // CloudFormation has kept it, and another resource may have taken it over.
    if (!isSent) return 'leave';
    const records = [...world.ledger('OBJECT#').values()];
    const owner = records.find((record) => record['id'] === id)?.['owner'] as Owner | undefined;
    // Where it is still its own, a guard has refused the deletion.
    if (owner !== undefined) return owner.logicalId === logicalId ? 'leave' : 'nothing';
    return isWritten(id) ? 'put back' : 'leave';
  };
  return Object.fromEntries([...names].map((logicalId) => [logicalId, actionOf(logicalId)]));
}

/** Deploys the template and answers what that did. */
export async function deploy(world: World, template: Template, name = 'stack') {
  const before = nowIn(world, name);
  // Genesys Cloud's lists may lag behind, and people plan later than that.
  const { cloudFormation } = world;
  const after =
    before.stack === undefined
      ? await cloudFormation.createStack(name, template)
      : await cloudFormation.updateStack(name, template);
  await cloudFormation.idle();
  return { status: after.status, done: done(world, before, after), stack: after };
}
