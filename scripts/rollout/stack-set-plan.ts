/** Turns a plan into a stack set's own parameters, its overrides, and the operations that apply them. */
import type {
  DeploymentTargets,
  Parameter,
  StackSetOperationPreferences,
} from '@aws-sdk/client-cloudformation';
import { CallerError } from '../../cli/connection/endings.ts';
import { type Instance, type Plan, parametersOf, type StackSetOptions } from './plan.ts';

/** Accounts × Regions that get the same overrides by one operation. */
export interface Group {
  regions: string[];
  /** With SELF_MANAGED. */
  accounts?: string[];
  /** With SERVICE_MANAGED. */
  deploymentTargets?: DeploymentTargets;
  overrides: Record<string, string>;
}

export interface StackSetPlan {
  /**
   * The stack set's own parameters: values that most instances share, and a value for each parameter without
   * a default.
   */
  parameters: Record<string, string>;
  groups: Group[];
}

/** The parameters of a template. */
export interface TemplateParameters {
  /** Names of all parameters. */
  names: readonly string[];
  /** Names of those without a default. */
  required: readonly string[];
}

/**
 * Splits the plan into the stack set's parameters and the fewest groups with equal overrides.
 * @throws CallerError when an instance lacks a parameter, or the template has none of that name
 */
export function planStackSet(
  plan: Plan,
  { names, required }: TemplateParameters,
  regions: readonly string[],
  accounts: readonly string[],
): StackSetPlan {
  const { permissionModel } = plan.stackSet;
  if (permissionModel === 'SELF_MANAGED' && accounts.length === 0) {
    throw new CallerError('A self-managed stack set needs ACCOUNTS (--accounts).');
  }
  if (permissionModel === 'SERVICE_MANAGED' && accounts.length > 0) {
    throw new CallerError(
      'A service-managed stack set takes organizational units from the plan, not accounts.',
    );
  }
  const targets =
    permissionModel === 'SELF_MANAGED' ? selfManaged(regions, accounts) : serviceManaged(plan, regions);
  const wanted = targets.map((target) => ({ ...target, values: parametersOf(plan, target.instance) }));
  for (const { instance, values } of wanted) {
    const where = `${instance.account || 'the organizational units'} in ${instance.region}`;
    const missing = required.filter((name) => values[name] === undefined);
    if (missing.length > 0) throw new CallerError(`No ${missing.join(', ')} for ${where}.`);
    const unknown = Object.keys(values).filter((name) => !names.includes(name));
    if (unknown.length > 0) throw new CallerError(`The template has no parameter ${unknown.join(', ')}.`);
  }
  const first = wanted[0]?.values ?? {};
  const shared = Object.entries(plan.parameters).filter(([, value]) => !/\{(region|account)\}/.test(value));
  const needed = required.map((name): [string, string] => [name, first[name] ?? '']);
  const parameters = Object.fromEntries([...needed, ...shared]);
  const overridden = wanted.map(({ values, ...target }) => ({
    ...target,
    overrides: Object.fromEntries(
      Object.entries(values)
        .filter(([name, value]) => parameters[name] !== value)
        .sort(([a], [b]) => a.localeCompare(b)),
    ),
  }));
  return { parameters, groups: grouped(overridden) };
}

interface Target {
  /** The account is empty where an organizational unit stands for its accounts. */
  instance: Instance;
  deploymentTargets?: DeploymentTargets;
}

function selfManaged(regions: readonly string[], accounts: readonly string[]): Target[] {
  return regions.flatMap((region) => accounts.map((account) => ({ instance: { account, region } })));
}

/** One target for each account that an override names, one for the rest of the organizational units. */
function serviceManaged(plan: Plan, regions: readonly string[]): Target[] {
  const OrganizationalUnitIds = plan.stackSet.organizationalUnits;
  return regions.flatMap((region) => {
    const named = [
      ...new Set(
        plan.overrides
          .filter((one) => one.regions === undefined || one.regions.includes(region))
          .flatMap((one) => one.accounts ?? []),
      ),
    ];
    if (Object.values(plan.parameters).some((value) => value.includes('{account}'))) {
      throw new CallerError(
        '{account} needs a self-managed stack set: the accounts of a unit are not known here.',
      );
    }
    const rest: DeploymentTargets =
      named.length === 0
        ? { OrganizationalUnitIds }
        : { OrganizationalUnitIds, Accounts: named, AccountFilterType: 'DIFFERENCE' };
    return [
      { instance: { account: '', region }, deploymentTargets: rest },
      ...named.map((account) => ({
        instance: { account, region },
        deploymentTargets: {
          OrganizationalUnitIds,
          Accounts: [account],
          AccountFilterType: 'INTERSECTION' as const,
        },
      })),
    ];
  });
}

/** Joins Regions that have the same accounts with the same overrides. */
function grouped(targets: (Target & { overrides: Record<string, string> })[]): Group[] {
  const byRegion = new Map<string, Group>();
  for (const { instance, deploymentTargets, overrides } of targets) {
    const key = JSON.stringify([instance.region, overrides, deploymentTargets ?? '']);
    const group = byRegion.get(key) ?? {
      regions: [instance.region],
      overrides,
      ...(deploymentTargets === undefined ? { accounts: [] } : { deploymentTargets }),
    };
    if (deploymentTargets === undefined) group.accounts?.push(instance.account);
    byRegion.set(key, group);
  }
  const groups = new Map<string, Group>();
  for (const group of byRegion.values()) {
    const key = JSON.stringify([group.accounts, group.deploymentTargets, group.overrides]);
    const same = groups.get(key);
    if (same === undefined) groups.set(key, group);
    else same.regions.push(...group.regions);
  }
  return [...groups.values()];
}

/**
 * How an operation goes through accounts and Regions. Under strict tolerance CloudFormation runs at most
 * failureToleranceCount + 1 accounts at once. A higher number is refused here with an explanation.
 */
export function operationPreferences(
  options: StackSetOptions,
  regions: readonly string[],
): StackSetOperationPreferences {
  const strict = options.concurrencyMode === 'STRICT_FAILURE_TOLERANCE';
  const most = options.failureToleranceCount + 1;
  const MaxConcurrentCount = options.maxConcurrentCount ?? most;
  if (strict && MaxConcurrentCount > most) {
    throw new CallerError(
      `stackSet.maxConcurrentCount ${MaxConcurrentCount} is over failureToleranceCount + 1 = ${most}; raise the tolerance, or set concurrencyMode: SOFT_FAILURE_TOLERANCE.`,
    );
  }
  return {
    RegionConcurrencyType: options.regionConcurrency,
    ...(options.regionConcurrency === 'SEQUENTIAL' ? { RegionOrder: [...regions] } : {}),
    FailureToleranceCount: options.failureToleranceCount,
    MaxConcurrentCount,
    ConcurrencyMode: options.concurrencyMode,
  };
}

export const parameterList = (values: Record<string, string>): Parameter[] =>
  Object.entries(values).map(([ParameterKey, ParameterValue]) => ({ ParameterKey, ParameterValue }));
