/**
 * The provider in the local world, deployed from the packaged zip by the real AWS CLI, with what a person
 * does there: deploys resources, reads why a deployment failed, looks into Genesys Cloud.
 */
import { aws, deploy, outputs, stackEvents } from '../../local/aws/cli.ts';
import { type LocalWorld, type Prepared, startLocalWorld } from '../../local/world.ts';
import { type Resource, template, templateFolder } from '../support/templates.ts';

const FUNCTION_NAME = 'genesys-cloud-provider';

export class ProviderWorld {
  readonly world: LocalWorld;
  readonly prepared: Prepared;
  readonly files: Awaited<ReturnType<typeof templateFolder>>;

  static async start(): Promise<ProviderWorld> {
    const world = await startLocalWorld();
    const files = await templateFolder();
    const prepared = await world.prepare();
    await world.deployProvider(prepared);
    return new ProviderWorld(world, prepared, files);
  }

  private constructor(world: LocalWorld, prepared: Prepared, files: ProviderWorld['files']) {
    this.world = world;
    this.prepared = prepared;
    this.files = files;
  }

  get ministack() {
    return this.world.ministack;
  }

  get genesys() {
    return this.world.genesys;
  }

  /** The one organization, with everything that it holds. */
  organization() {
    const [only] = this.genesys.state().organizations;
    if (only === undefined) throw new Error('no organization');
    return only;
  }

  /** Deploys a stack of these resources; answers its outputs, which are the ids of the resources. */
  async deployResources(
    stackName: string,
    resources: Record<string, Resource>,
    region?: string,
  ): Promise<Record<string, string>> {
    const templateFile = await this.files.file(template(resources));
    await deploy(this.ministack, { stackName, templateFile, region });
    return outputs(this.ministack, stackName, { region });
  }

  /** The reasons of a failed deployment, as a person reads them in the stack's events. */
  async reasonsOf(stackName: string, resources: Record<string, Resource>): Promise<string> {
    await expect(this.deployResources(stackName, resources)).rejects.toThrow();
    const events = await stackEvents(this.ministack, stackName);
    return events
      .filter(
        ({ ResourceType, ResourceStatus }) =>
          ResourceType.startsWith('Custom::') && ResourceStatus.endsWith('_FAILED'),
      )
      .map(({ ResourceStatusReason = '' }) => ResourceStatusReason)
      .join('\n');
  }

  /** Variables of the provider's function. */
  async environment(): Promise<Record<string, string>> {
    const { Environment } = await aws<{ Environment: { Variables: Record<string, string> } }>(
      this.ministack,
      ['lambda', 'get-function-configuration', '--function-name', FUNCTION_NAME],
    );
    return Environment.Variables;
  }

  /** Starts a new container. MiniStack does so when the function's environment changes. */
  async restartProvider(environment: Record<string, string> = {}): Promise<void> {
    const Variables = { ...(await this.environment()), ...environment };
    await aws(this.ministack, [
      ...['lambda', 'update-function-configuration', '--function-name', FUNCTION_NAME],
      ...['--environment', JSON.stringify({ Variables })],
    ]);
  }

  /** The events of every stack so far. */
  async events() {
    const { StackSummaries } = await aws<{ StackSummaries: { StackId: string }[] }>(this.ministack, [
      'cloudformation',
      'list-stacks',
    ]);
    const all = await Promise.all(StackSummaries.map(({ StackId }) => stackEvents(this.ministack, StackId)));
    return all.flat();
  }

  /** Everything that the function wrote, and every stack event. */
  async written(): Promise<string> {
    const { logGroups } = await aws<{ logGroups: { logGroupName: string }[] }>(this.ministack, [
      'logs',
      'describe-log-groups',
    ]);
    const logs = await Promise.all(
      logGroups.map(({ logGroupName }) =>
        aws(this.ministack, ['logs', 'filter-log-events', '--log-group-name', logGroupName]),
      ),
    );
    const events = await this.events();
    return [this.ministack.log(), JSON.stringify(logs), JSON.stringify(events)].join('\n');
  }

  async stop(): Promise<void> {
    await this.files.remove();
    await this.world.stop();
  }
}

/**
 * Expects that the function has written something, and that neither this nor a stack event holds a secret.
 */
export async function expectNoSecrets(world: ProviderWorld): Promise<void> {
  const written = await world.written();
  // The function's own lines are there, so the logs were really read.
  expect(written).toContain('Genesys Cloud call');
  expect(written).not.toContain(world.genesys.clientSecret);
  expect(written).not.toContain('Bearer ');
  expect(written).not.toMatch(/X-Amz-Signature=(?!\[redacted\])/);
}
