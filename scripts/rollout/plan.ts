/**
 * A plan: a YAML (or JSON) file with the parameters of each instance, which is an account and a Region.
 *
 * ```yaml
 * stackName: genesys-cloud-provider
 * parameters:                       # every instance
 *   OAuthSecretArn: arn:aws:secretsmanager:{region}:111122223333:secret:/genesys/oauth/credentials-AbCdEf
 * overrides:                        # instances in these accounts and Regions; a later one wins
 *   - regions: [eu-west-1, eu-west-2]
 *     parameters: { GenesysEnvironment: mypurecloud.ie }
 * ledger:                           # one for every instance; see LedgerPlan
 *   region: eu-west-1
 * stackSet:                         # only for stack sets; see StackSetOptions
 *   permissionModel: SERVICE_MANAGED
 *   organizationalUnits: [ou-ab12-cdefgh34]
 * ```
 * `{region}` and `{account}` in a value are the instance's own.
 */
import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { CallerError } from '../../cli/connection/endings.ts';
import { isPlainObject } from '../../common/objects.ts';
import { refuse } from './arguments.ts';

export interface Instance {
  account: string;
  region: string;
}

export interface Override {
  accounts?: string[];
  regions?: string[];
  parameters: Record<string, string>;
}

/** How a stack set is rolled out; names and meanings are those of the StackSets API. */
export interface StackSetOptions {
  /** SELF_MANAGED takes accounts, SERVICE_MANAGED organizational units. Default SELF_MANAGED. */
  permissionModel: 'SELF_MANAGED' | 'SERVICE_MANAGED';
  /** With SERVICE_MANAGED. */
  organizationalUnits: string[];
  /**
   * New accounts of the organizational units get the provider automatically. With SERVICE_MANAGED; default
   * false.
   */
  autoDeployment: boolean;
  /** The caller is a delegated administrator of the organization. Default SELF. */
  callAs: 'SELF' | 'DELEGATED_ADMIN';
  /** With SELF_MANAGED; defaults are CloudFormation's. */
  administrationRoleArn?: string;
  executionRoleName?: string;
  /** Number of failed accounts of a Region with which the operation goes on. Default 0. */
  failureToleranceCount: number;
  /**
   * Accounts at once in a Region. Default: failureToleranceCount + 1, the most that strict tolerance allows.
   */
  maxConcurrentCount?: number;
  /** STRICT: at most failureToleranceCount + 1 accounts at once. SOFT: as many as asked for. */
  concurrencyMode: 'STRICT_FAILURE_TOLERANCE' | 'SOFT_FAILURE_TOLERANCE';
  /** One Region after the other, or all at once. Default SEQUENTIAL. */
  regionConcurrency: 'SEQUENTIAL' | 'PARALLEL';
}

/** The ledger that all instances share (templates/ledger.yaml). */
export interface LedgerPlan {
  /** A ledger that is there: the command deploys none. */
  tableArn?: string;
  /** The Region of the ledger's stack. Default: the first one of the roll-out. */
  region?: string;
  /** The account of the ledger's stack. Default: the caller's. */
  account?: string;
  /** The role to assume in that account, where it is not the caller's. */
  roleName?: string;
  stackName: string;
  /** Accounts to admit beside those of the roll-out, such as the accounts of an organizational unit. */
  members: string[];
  /** Further parameters of the template. */
  parameters: Record<string, string>;
}

export interface Plan {
  stackName: string;
  parameters: Record<string, string>;
  overrides: Override[];
  /** Missing where no ledger is shared. */
  ledger?: LedgerPlan;
  /** Whether providers of one organization may have ledgers of their own. Default false. */
  ownLedgers: boolean;
  stackSet: StackSetOptions;
}

type Fields = Record<string, unknown>;

/**
 * The plan in a file; without a file, the plan of a provider with its defaults.
 * @throws CallerError for a folder or for a plan that cannot be meant so
 */
async function readPlan(file: string | undefined): Promise<Plan> {
  if (!file) return parsePlan('');
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EISDIR') throw error;
    throw new CallerError(`${file} is a folder: name the file of the plan.`, { cause: error });
  }
  return parsePlan(text);
}

/**
 * The plan of a command: its file, and the options that change it.
 * @throws CallerError as `readPlan` and `withParameter` do, and for `--own-ledgers` beside a shared ledger
 */
export async function planOf(options: {
  plan?: string;
  parameter: readonly string[];
  'own-ledgers': boolean;
}): Promise<Plan> {
  const plan = options.parameter.reduce(withParameter, await readPlan(options.plan));
  if (!options['own-ledgers']) return plan;
  if (plan.ledger) refuse('The plan has a ledger, which all instances share: leave out --own-ledgers.');
  return { ...plan, ownLedgers: true };
}

/** @throws CallerError that names the wrong field */
export function parsePlan(text: string): Plan {
  const file = fields(parse(text) ?? {}, 'the plan');
  known(file, ['stackName', 'parameters', 'overrides', 'ledger', 'ownLedgers', 'stackSet'], 'the plan');
  const overrides = file['overrides'] ?? [];
  if (!Array.isArray(overrides)) throw new CallerError('overrides is a list.');
  const plan: Plan = {
    stackName:
      file['stackName'] === undefined ? 'genesys-cloud-provider' : textOf(file['stackName'], 'stackName'),
    parameters: parameters(file['parameters'], 'parameters'),
    overrides: overrides.map((one: unknown, index) => {
      const path = `overrides[${index}]`;
      const override = fields(one, path);
      known(override, ['accounts', 'regions', 'parameters'], path);
      return {
        ...(override['accounts'] === undefined
          ? {}
          : { accounts: texts(override['accounts'], `${path}.accounts`) }),
        ...(override['regions'] === undefined
          ? {}
          : { regions: texts(override['regions'], `${path}.regions`) }),
        parameters: parameters(override['parameters'], `${path}.parameters`),
      };
    }),
    ...(file['ledger'] === undefined ? {} : { ledger: ledger(file['ledger']) }),
    ownLedgers: file['ownLedgers'] === true,
    stackSet: stackSet(file['stackSet']),
  };
  if (plan.ledger !== undefined && plan.ownLedgers) {
    throw new CallerError('A plan has either a ledger, which all instances share, or ownLedgers.');
  }
  return plan;
}

function ledger(value: unknown): LedgerPlan {
  const given = fields(value, 'ledger');
  known(given, ['tableArn', 'region', 'account', 'roleName', 'stackName', 'members', 'parameters'], 'ledger');
  const plan: LedgerPlan = {
    stackName:
      given['stackName'] === undefined
        ? 'genesys-cloud-ledger'
        : textOf(given['stackName'], 'ledger.stackName'),
    members: texts(given['members'] ?? [], 'ledger.members'),
    parameters: parameters(given['parameters'], 'ledger.parameters'),
  };
  for (const name of ['tableArn', 'region', 'account', 'roleName'] as const) {
    const [text] = given[name] === undefined ? [] : texts([given[name]], `ledger.${name}`);
    if (text !== undefined) plan[name] = text;
  }
  const ofStack = ['region', 'account', 'stackName', 'members', 'parameters'].filter((name) => name in given);
  if (plan.tableArn !== undefined && ofStack.length > 0) {
    throw new CallerError(`ledger.tableArn names a ledger that is there: leave out ${ofStack.join(', ')}.`);
  }
  return plan;
}

function stackSet(value: unknown): StackSetOptions {
  const given = fields(value ?? {}, 'stackSet');
  known(
    given,
    [
      'permissionModel',
      'organizationalUnits',
      'autoDeployment',
      'callAs',
      'administrationRoleArn',
      'executionRoleName',
      'failureToleranceCount',
      'maxConcurrentCount',
      'concurrencyMode',
      'regionConcurrency',
    ],
    'stackSet',
  );
  const choice = <T extends string>(name: string, values: readonly [T, ...T[]]): T => {
    const chosen = given[name] ?? values[0];
    if (!values.includes(chosen as T))
      throw new CallerError(`stackSet.${name} is one of ${values.join(', ')}.`);
    return chosen as T;
  };
  const count = (name: string, least: number) => {
    const number = given[name];
    if (number !== undefined && !(Number.isInteger(number) && Number(number) >= least)) {
      throw new CallerError(`stackSet.${name} is a whole number from ${least}.`);
    }
    return number as number | undefined;
  };
  const options: StackSetOptions = {
    permissionModel: choice('permissionModel', ['SELF_MANAGED', 'SERVICE_MANAGED']),
    organizationalUnits: texts(given['organizationalUnits'] ?? [], 'stackSet.organizationalUnits'),
    autoDeployment: given['autoDeployment'] === true,
    callAs: choice('callAs', ['SELF', 'DELEGATED_ADMIN']),
    failureToleranceCount: count('failureToleranceCount', 0) ?? 0,
    concurrencyMode: choice('concurrencyMode', ['STRICT_FAILURE_TOLERANCE', 'SOFT_FAILURE_TOLERANCE']),
    regionConcurrency: choice('regionConcurrency', ['SEQUENTIAL', 'PARALLEL']),
  };
  for (const name of ['administrationRoleArn', 'executionRoleName'] as const) {
    if (given[name] !== undefined) options[name] = textOf(given[name], `stackSet.${name}`);
  }
  const most = count('maxConcurrentCount', 1);
  if (most !== undefined) options.maxConcurrentCount = most;
  const units = options.organizationalUnits.length > 0;
  if (options.permissionModel === 'SERVICE_MANAGED' && !units) {
    throw new CallerError('stackSet.organizationalUnits is needed with SERVICE_MANAGED.');
  }
  if (options.permissionModel === 'SELF_MANAGED' && (units || options.autoDeployment)) {
    throw new CallerError('stackSet.organizationalUnits and autoDeployment need SERVICE_MANAGED.');
  }
  return options;
}

/** The parameters of one instance, with its account and Region filled in. */
export function parametersOf(plan: Pick<Plan, 'parameters' | 'overrides'>, instance: Instance) {
  const chosen = plan.overrides.filter(
    ({ accounts, regions }) =>
      (accounts === undefined || accounts.includes(instance.account)) &&
      (regions === undefined || regions.includes(instance.region)),
  );
  return filled(Object.assign({}, plan.parameters, ...chosen.map((one) => one.parameters)), instance);
}

function filled(values: Record<string, string>, { account, region }: Instance): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      value.replaceAll('{region}', region).replaceAll('{account}', account),
    ]),
  );
}

/**
 * Adds `Name=value`, or `eu-west-1:Name=value` for one Region, as given on the command line.
 * @throws CallerError for any other text
 */
export function withParameter(plan: Plan, text: string): Plan {
  const match = /^(?:([a-z]{2,4}(?:-[a-z]+)+-\d):)?([A-Za-z0-9]+)=(.*)$/s.exec(text);
  if (match === null) throw new CallerError(`Not Name=value or region:Name=value: ${text}`);
  const [, region, name = '', value = ''] = match;
  return {
    ...plan,
    overrides: [
      ...plan.overrides,
      { ...(region === undefined ? {} : { regions: [region] }), parameters: { [name]: value } },
    ],
  };
}

function fields(value: unknown, path: string): Fields {
  if (!isPlainObject(value)) throw new CallerError(`${path} is a map of names to values.`);
  return value;
}

function known(value: Fields, names: readonly string[], path: string): void {
  const unknown = Object.keys(value).filter((name) => !names.includes(name));
  if (unknown.length > 0)
    throw new CallerError(`${path} has no field ${unknown.join(', ')}; there is ${names.join(', ')}.`);
}

function textOf(value: unknown, path: string): string {
  if (typeof value !== 'string' || value === '') throw new CallerError(`${path} is a text.`);
  return value;
}

/**
 * A list of texts. YAML reads an unquoted account id as a number and drops leading zeros, so numbers are
 * refused.
 */
function texts(value: unknown, path: string): string[] {
  if (!Array.isArray(value)) throw new CallerError(`${path} is a list.`);
  return value.map((one, index) => {
    if (typeof one === 'number') throw new CallerError(`${path}[${index}] is a number; put it into quotes.`);
    return textOf(one, `${path}[${index}]`);
  });
}

/** Parameter values as text; lists are joined by commas, as CloudFormation expects them. */
function parameters(value: unknown, path: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields(value ?? {}, path)).map(([name, one]) => {
      if (Array.isArray(one)) return [name, one.map(String).join(',')];
      if (typeof one === 'object' && one !== null)
        throw new CallerError(`${path}.${name} is a text or a list.`);
      return [name, String(one ?? '')];
    }),
  );
}
