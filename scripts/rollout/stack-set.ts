/** Brings a stack set into the state of a plan, operation by operation, and lists its instances. */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type AutoDeployment,
  type CloudFormationClient,
  CreateStackInstancesCommand,
  CreateStackSetCommand,
  DescribeStackInstanceCommand,
  DescribeStackSetCommand,
  DescribeStackSetOperationCommand,
  ListStackInstancesCommand,
  ListStackSetOperationResultsCommand,
  type Parameter,
  type StackInstanceSummary,
  type StackSet,
  type StackSetOperationResultSummary,
  UpdateStackInstancesCommand,
  UpdateStackSetCommand,
} from '@aws-sdk/client-cloudformation';
import { CallerError } from '../../cli/connection/endings.ts';
import type { StackSetOptions } from './plan.ts';
import { parameterDefaults, templateBodyLimit } from './stack.ts';
import { type Group, operationPreferences, parameterList, type StackSetPlan } from './stack-set-plan.ts';
import { inParallel } from './waves.ts';

export interface StackSetChange {
  stackSetName: string;
  description: string;
  template: string;
  /** Regions in the order of the change. */
  regions: readonly string[];
  plan: StackSetPlan;
  options: StackSetOptions;
  tags?: Record<string, string>;
  /** Gets a line for each step of an operation and for each instance that changes its state. */
  onEvent?: (line: string) => void;
  /** Milliseconds between two looks; default 5000. */
  pollMs?: number;
}

export interface StackSetResult {
  /** All instances as CloudFormation lists them, with those outside the plan. */
  instances: StackInstanceSummary[];
  /** The operation that did not succeed, with the reason. Later operations were not begun. */
  failure?: string;
}

/**
 * Creates or updates the set, then its instances: missing ones, ones with other overrides, and ones that an
 * earlier operation left behind.
 * After a failure, run it again to continue. Instances that the plan does not name stay.
 */
export async function deployStackSet(
  client: CloudFormationClient,
  change: StackSetChange,
): Promise<StackSetResult> {
  const rollout = new StackSetRollout(client, change);
  try {
    await rollout.run();
    return { instances: await rollout.instances() };
  } catch (error) {
    if (!(error instanceof OperationFailed)) throw error;
    return { instances: await rollout.instances(), failure: error.message };
  }
}

/** An operation ended with another status than SUCCEEDED. */
class OperationFailed extends Error {}

class StackSetRollout {
  readonly #client: CloudFormationClient;
  readonly #change: StackSetChange;
  /** Whether accounts that joined a unit before this run got their instances automatically. */
  #followedUnits = false;

  constructor(client: CloudFormationClient, change: StackSetChange) {
    this.#client = client;
    this.#change = change;
  }

  async run(): Promise<void> {
    await this.#bringSet();
    for (const group of this.#change.plan.groups) await this.#bringGroup(group);
  }

  get #name() {
    return { StackSetName: this.#change.stackSetName, CallAs: this.#change.options.callAs };
  }

  #tell(line: string): void {
    this.#change.onEvent?.(line);
  }

  /** Creates or updates the set itself. An update reaches every existing instance. */
  async #bringSet(): Promise<void> {
    const { description, template, options, plan, tags = {} } = this.#change;
    if (Buffer.byteLength(template) > templateBodyLimit) {
      throw new CallerError(
        `The template has ${Buffer.byteLength(template)} bytes, and a stack set takes ${templateBodyLimit}. Publish a shorter one.`,
      );
    }
    const body = {
      ...this.#name,
      Description: description,
      TemplateBody: template,
      Parameters: parameterList(plan.parameters),
      Capabilities: ['CAPABILITY_IAM' as const],
      Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
      PermissionModel: options.permissionModel,
      // Operations of other Regions and accounts queue up instead of being refused.
      ManagedExecution: { Active: true },
      ...(options.permissionModel === 'SERVICE_MANAGED'
        ? { AutoDeployment: { Enabled: options.autoDeployment, ...retainOnRemoval(options) } }
        : {}),
      ...(options.administrationRoleArn === undefined
        ? {}
        : { AdministrationRoleARN: options.administrationRoleArn }),
      ...(options.executionRoleName === undefined ? {} : { ExecutionRoleName: options.executionRoleName }),
    };
    const existing = await this.#describeSet();
    this.#followedUnits = existing?.AutoDeployment?.Enabled === true;
    if (existing === undefined) {
      await this.#client.send(new CreateStackSetCommand({ ...body, ClientRequestToken: randomUUID() }));
      this.#tell(`stack set ${this.#change.stackSetName} created`);
    } else if (differs(existing, body)) {
      const { OperationId } = await this.#client.send(
        new UpdateStackSetCommand({
          ...body,
          OperationId: randomUUID(),
          OperationPreferences: await this.#preferences(),
        }),
      );
      await this.#finish(OperationId ?? '', `update of stack set ${this.#change.stackSetName}`);
    } else this.#tell(`stack set ${this.#change.stackSetName} unchanged`);
  }

  async #describeSet(): Promise<StackSet | undefined> {
    try {
      return (await this.#client.send(new DescribeStackSetCommand(this.#name))).StackSet;
    } catch (error) {
      if (error instanceof Error && error.name === 'StackSetNotFoundException') return undefined;
      throw error;
    }
  }

  async #bringGroup(group: Group): Promise<void> {
    const there = await this.instances();
    const missing: Group = { ...group, regions: [] };
    const stale: Group = { ...group, regions: [] };
    for (const region of group.regions) {
      const accounts = group.accounts ?? [];
      const here = there.filter(
        (one) =>
          one.Region === region &&
          (group.accounts === undefined ? belongs(one, group) : accounts.includes(one.Account ?? '')),
      );
      const without = accounts.filter((account) => !here.some((one) => one.Account === account));
      const units = this.#unitsToFill(group, here);
      // A Region in which only some accounts or units are missing gets an operation of its own.
      if (without.length > 0 && without.length < accounts.length) {
        await this.#operate('create', { ...group, regions: [region], accounts: without });
      } else if (here.length === 0 || units.length === unitsOf(group).length) {
        if (here.length === 0 || units.length > 0) missing.regions.push(region);
      } else if (units.length > 0) {
        const deploymentTargets = { ...group.deploymentTargets, OrganizationalUnitIds: units };
        await this.#operate('create', { ...group, regions: [region], deploymentTargets });
      }
      if (here.length > 0 && (await this.#differ(here, group))) stale.regions.push(region);
    }
    if (missing.regions.length > 0) await this.#operate('create', missing);
    if (stale.regions.length > 0) await this.#operate('update', stale);
  }

  /**
   * Units in which an account may lack an instance. CloudFormation does not list the accounts of a unit.
   * Creating instances of a whole unit leaves existing ones alone.
   * So a unit without instances is filled, and every unit whose new accounts do not get the provider
   * automatically.
   */
  #unitsToFill(group: Group, here: readonly StackInstanceSummary[]): string[] {
    // The group names the account, so its instance exists or not; there is no unit to fill.
    if (group.deploymentTargets?.AccountFilterType === 'INTERSECTION') return [];
    const followed = this.#followedUnits && this.#change.options.autoDeployment;
    return unitsOf(group).filter(
      (unit) => !followed || !here.some(({ OrganizationalUnitId }) => OrganizationalUnitId === unit),
    );
  }

  /** Whether any of these instances is outdated, or has other overrides than the group. */
  async #differ(instances: readonly StackInstanceSummary[], group: Group): Promise<boolean> {
    if (instances.some(({ Status }) => Status !== 'CURRENT')) return true;
    const looks = await inParallel(instances, 4, async ({ Account, Region }) => {
      const { StackInstance } = await this.#client.send(
        new DescribeStackInstanceCommand({
          ...this.#name,
          StackInstanceAccount: Account,
          StackInstanceRegion: Region,
        }),
      );
      const { parameters } = this.#change.plan;
      const overrides = Object.entries(overridesOf(StackInstance?.ParameterOverrides));
      return Object.fromEntries(overrides.filter(([name, value]) => parameters[name] !== value));
    });
    return looks.some((look) => {
      if (look.status === 'failed') throw look.error;
      return look.status === 'done' && !same(look.result, group.overrides);
    });
  }

  async #operate(kind: 'create' | 'update', group: Group): Promise<void> {
    const input = {
      ...this.#name,
      OperationId: randomUUID(),
      Regions: group.regions,
      ...(group.accounts === undefined
        ? { DeploymentTargets: group.deploymentTargets }
        : { Accounts: group.accounts }),
      // The list is complete: a parameter without an override falls back to the stack set's own value.
      ParameterOverrides: parameterList(
        kind === 'create' ? group.overrides : this.#nonEmpty(group.overrides),
      ),
      OperationPreferences: operationPreferences(this.#change.options, group.regions),
    };
    const { OperationId } = await this.#client.send(
      kind === 'create' ? new CreateStackInstancesCommand(input) : new UpdateStackInstancesCommand(input),
    );
    const accounts = group.accounts?.length ?? 'all';
    await this.#finish(
      OperationId ?? '',
      `${kind} of ${accounts} accounts × ${group.regions.length} Regions`,
    );
  }

  /**
   * StackSets takes an empty list for "as before". A single override with the set's own value removes the
   * others.
   */
  #nonEmpty(overrides: Record<string, string>): Record<string, string> {
    if (Object.keys(overrides).length > 0) return overrides;
    return Object.fromEntries(Object.entries(this.#change.plan.parameters).slice(0, 1));
  }

  /** Waits for the end of an operation and tells the state of each instance. @throws OperationFailed */
  async #finish(operationId: string, what: string): Promise<void> {
    this.#tell(`${what} begins (operation ${operationId})`);
    const told = new Map<string, string>();
    for (;;) {
      const { StackSetOperation: operation } = await this.#client.send(
        new DescribeStackSetOperationCommand({ ...this.#name, OperationId: operationId }),
      );
      const results = await this.#results(operationId);
      for (const { Account, Region, Status, StatusReason } of results) {
        const key = `${Account} ${Region}`;
        if (told.get(key) === Status) continue;
        told.set(key, Status ?? '');
        this.#tell(`${key}  ${Status}${Status === 'FAILED' ? `: ${StatusReason ?? ''}` : ''}`);
      }
      const status = operation?.Status;
      if (status === 'SUCCEEDED') {
        // Failures within the tolerance do not fail the operation; the list of instances shows them.
        this.#tell(`${what} ${status}`);
        return;
      }
      if (status === 'FAILED' || status === 'STOPPED') {
        throw new OperationFailed(`${what} ${status}${reasonOf(operation?.StatusReason, results)}`);
      }
      await delay(this.#change.pollMs ?? 5000);
    }
  }

  async #results(OperationId: string): Promise<StackSetOperationResultSummary[]> {
    const all: StackSetOperationResultSummary[] = [];
    let NextToken: string | undefined;
    do {
      const page = await this.#client.send(
        new ListStackSetOperationResultsCommand({ ...this.#name, OperationId, MaxResults: 100, NextToken }),
      );
      all.push(...(page.Summaries ?? []));
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    return all;
  }

  instances(): Promise<StackInstanceSummary[]> {
    return listInstances(this.#client, this.#change.stackSetName, this.#change.options);
  }

  /** RegionOrder may name only Regions in which the set has instances. */
  async #preferences() {
    const there = new Set((await this.instances()).map(({ Region }) => Region));
    const regions = this.#change.regions.filter((region) => there.has(region));
    const others = [...there].filter((region) => region !== undefined && !regions.includes(region));
    return operationPreferences(this.#change.options, [...regions, ...(others as string[])]);
  }
}

/** The instances of a stack set; none where there is no such set. */
export async function listInstances(
  client: CloudFormationClient,
  stackSetName: string,
  { callAs }: Pick<StackSetOptions, 'callAs'>,
): Promise<StackInstanceSummary[]> {
  const all: StackInstanceSummary[] = [];
  const name = { StackSetName: stackSetName, CallAs: callAs };
  let NextToken: string | undefined;
  try {
    do {
      const page = await client.send(new ListStackInstancesCommand({ ...name, MaxResults: 100, NextToken }));
      all.push(...(page.Summaries ?? []));
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
  } catch (error) {
    if (!(error instanceof Error && error.name === 'StackSetNotFoundException')) throw error;
  }
  return all;
}

/** Stacks of an account that leaves a unit stay, because they have a ledger. */
const retainOnRemoval = (options: StackSetOptions) =>
  options.autoDeployment ? { RetainStacksOnAccountRemoval: true } : {};

const unitsOf = ({ deploymentTargets }: Group): string[] => deploymentTargets?.OrganizationalUnitIds ?? [];

/** Whether an instance of a service-managed set is one of the group's. */
function belongs(instance: StackInstanceSummary, { deploymentTargets = {} }: Group): boolean {
  const { Accounts = [], AccountFilterType } = deploymentTargets;
  const named = Accounts.includes(instance.Account ?? '');
  if (AccountFilterType === 'INTERSECTION') return named;
  return !named;
}

const overridesOf = (list: Parameter[] = []) =>
  Object.fromEntries(list.map((one) => [one.ParameterKey ?? '', one.ParameterValue ?? '']));

function same(a: Record<string, string>, b: Record<string, string>): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}

/** The roles that CloudFormation uses where none is named. */
const defaultRoles = {
  administration: 'AWSCloudFormationStackSetAdministrationRole',
  execution: 'AWSCloudFormationStackSetExecutionRole',
};

/** Whether the set differs from `body` and needs an update. */
function differs(
  existing: StackSet,
  body: {
    Description: string;
    TemplateBody: string;
    Parameters: Parameter[];
    Tags: { Key: string; Value: string }[];
    PermissionModel: string;
    AutoDeployment?: AutoDeployment;
    AdministrationRoleARN?: string;
    ExecutionRoleName?: string;
  },
): boolean {
  const tags = (list: { Key?: string | undefined; Value?: string | undefined }[] = []) =>
    Object.fromEntries(list.map(({ Key = '', Value = '' }) => [Key, Value]));
  // CloudFormation lists defaults of the template too. A parameter that the plan no longer names falls back
  // to its default.
  const wanted = { ...parameterDefaults(body.TemplateBody), ...overridesOf(body.Parameters) };
  return (
    existing.TemplateBody !== body.TemplateBody ||
    existing.Description !== body.Description ||
    Object.entries(overridesOf(existing.Parameters)).some(([name, value]) => wanted[name] !== value) ||
    body.Parameters.some((one) => overridesOf(existing.Parameters)[one.ParameterKey ?? ''] === undefined) ||
    !same(tags(existing.Tags), tags(body.Tags)) ||
    deploymentOf(existing.AutoDeployment) !== deploymentOf(body.AutoDeployment) ||
    (body.PermissionModel === 'SELF_MANAGED' && rolesOf(existing) !== rolesOf(body))
  );
}

const deploymentOf = ({ Enabled, RetainStacksOnAccountRemoval }: AutoDeployment = {}) =>
  Enabled === true ? `retain ${RetainStacksOnAccountRemoval === true}` : 'off';

/**
 * The roles as one text. The ARN of the default administration role holds account and partition, so only its
 * name is compared.
 */
function rolesOf({
  AdministrationRoleARN = '',
  ExecutionRoleName = '',
}: {
  AdministrationRoleARN?: string | undefined;
  ExecutionRoleName?: string | undefined;
}): string {
  const isDefault = AdministrationRoleARN.endsWith(`:role/${defaultRoles.administration}`);
  return `${isDefault ? '' : AdministrationRoleARN} ${ExecutionRoleName || defaultRoles.execution}`;
}

function reasonOf(reason: string | undefined, results: readonly StackSetOperationResultSummary[]): string {
  const failed = results
    .filter(({ Status }) => Status === 'FAILED')
    .map(({ Account, Region, StatusReason }) => `${Account} ${Region}: ${StatusReason ?? 'no reason given'}`);
  const parts = [...(reason === undefined ? [] : [reason]), ...failed];
  return parts.length === 0 ? '' : `: ${parts.join('; ')}`;
}
