/**
 * StackSets as a roll-out sees them, because MiniStack has none: sets, instances, and operations that go
 * through Regions and accounts by their preferences. AWS's service model judges requests and answers. Rules
 * from the AWS CloudFormation User Guide ("StackSets concepts", "Stack set operation options"): under strict
 * tolerance at most FailureToleranceCount + 1 accounts at once; an operation stops in a Region, and in all
 * later ones, when more accounts have failed there than are tolerated.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { InvalidRequest, readInput, type Structure, writeError, writeOutput } from './service-model.ts';

interface Parameter extends Structure {
  ParameterKey: string;
  ParameterValue: string;
}

interface Preferences {
  RegionConcurrencyType?: string;
  RegionOrder?: string[];
  FailureToleranceCount?: number;
  MaxConcurrentCount?: number;
  ConcurrencyMode?: string;
}

interface Instance {
  account: string;
  region: string;
  /** The organizational unit or account that the request named. */
  unit?: string;
  status: 'CURRENT' | 'OUTDATED';
  detailedStatus: string;
  reason?: string;
  overrides: Parameter[];
  /** Template text and effective parameters of the last operation that succeeded. */
  applied?: { template: string; parameters: Record<string, string> };
}

interface Operation {
  id: string;
  action: 'CREATE' | 'UPDATE';
  status: 'RUNNING' | 'SUCCEEDED' | 'FAILED';
  results: { account: string; region: string; status: string; reason?: string }[];
  preferences: Preferences;
}

interface StackSet {
  name: string;
  template: string;
  description: string;
  parameters: Parameter[];
  tags: Structure[];
  permissionModel: string;
  managedExecution: boolean;
  input: Structure;
  instances: Instance[];
  operations: Operation[];
}

export interface StackSetsServer {
  url: string;
  /** Calls that change something, in order: operation and input. */
  calls: { operation: string; input: Structure }[];
  set(name: string): StackSet | undefined;
  /** Instances that fail, by `<account> <region>`, until a test removes them. */
  failing: Map<string, string>;
  /** Accounts of each organizational unit. */
  units: Map<string, string[]>;
  /** The most accounts that an operation changed at once in a Region. */
  mostAtOnce(): number;
  close(): Promise<void>;
}

export async function startStackSets(): Promise<StackSetsServer> {
  const sets = new Map<string, StackSet>();
  const calls: StackSetsServer['calls'] = [];
  const failing = new Map<string, string>();
  const units = new Map<string, string[]>();
  let most = 0;

  class ServiceError extends Error {
    readonly exception: string;
    constructor(exception: string, message: string) {
      super(message);
      this.exception = exception;
    }
  }

  const find = (input: Structure) => {
    const set = sets.get(String(input['StackSetName']));
    if (set === undefined) throw new ServiceError('StackSetNotFoundException', 'StackSet not found');
    return set;
  };

  function checked(preferences: Preferences): Preferences {
    const { FailureToleranceCount = 0, MaxConcurrentCount = 1, ConcurrencyMode } = preferences;
    if (ConcurrencyMode !== 'SOFT_FAILURE_TOLERANCE' && MaxConcurrentCount > FailureToleranceCount + 1) {
      throw new ServiceError('ValidationError', 'MaxConcurrentCount is above FailureToleranceCount + 1');
    }
    return preferences;
  }

  function targets(
    set: StackSet,
    input: Structure,
  ): { account: string; region: string; unit?: string | undefined }[] {
    const regions = (input['Regions'] ?? []) as string[];
    const chosen = input['DeploymentTargets'] as Structure | undefined;
    let accounts = (input['Accounts'] ?? []) as string[];
    let unitOf = (_account: string): string | undefined => undefined;
    if (set.permissionModel === 'SERVICE_MANAGED') {
      if (chosen === undefined) throw new ServiceError('ValidationError', 'DeploymentTargets are required');
      const asked = (chosen['OrganizationalUnitIds'] ?? []) as string[];
      const all = asked.flatMap((unit) => units.get(unit) ?? []);
      unitOf = (account) => asked.find((unit) => units.get(unit)?.includes(account));
      const named = (chosen['Accounts'] ?? []) as string[];
      const filter = chosen['AccountFilterType'] ?? 'NONE';
      accounts = all.filter(
        (account) => filter === 'NONE' || (filter === 'INTERSECTION') === named.includes(account),
      );
    } else if (chosen !== undefined) {
      throw new ServiceError('ValidationError', 'DeploymentTargets need SERVICE_MANAGED');
    }
    return regions.flatMap((region) =>
      accounts.map((account) => ({ account, region, unit: unitOf(account) })),
    );
  }

  /** Carries an operation out. It shows as RUNNING until the first look at it. */
  function run(
    set: StackSet,
    action: Operation['action'],
    where: { account: string; region: string }[],
    input: Structure,
  ): Operation {
    const preferences = checked((input['OperationPreferences'] ?? {}) as Preferences);
    const tolerated = preferences.FailureToleranceCount ?? 0;
    const atOnce = preferences.MaxConcurrentCount ?? 1;
    const order = preferences.RegionOrder ?? [];
    const present = [...new Set(where.map(({ region }) => region))];
    const strangers = order.filter((region) => !present.includes(region));
    if (strangers.length > 0) throw new ServiceError('ValidationError', `RegionOrder names ${strangers}`);
    const operation: Operation = {
      id: String(input['OperationId']),
      action,
      status: 'RUNNING',
      results: [],
      preferences,
    };
    set.operations.push(operation);
    let stopped = false;
    for (const region of [...new Set([...order, ...present])]) {
      const here = where.filter((one) => one.region === region);
      let failures = 0;
      for (let start = 0; start < here.length; start += atOnce) {
        const batch = here.slice(start, start + atOnce);
        if (!stopped) most = Math.max(most, batch.length);
        for (const { account } of batch) {
          const instance = set.instances.find((one) => one.account === account && one.region === region);
          if (instance === undefined)
            throw new Error('unreachable: instances are made before they are changed');
          const reason = failing.get(`${account} ${region}`);
          const status = stopped ? 'CANCELLED' : reason === undefined ? 'SUCCEEDED' : 'FAILED';
          operation.results.push({
            account,
            region,
            status,
            ...(status === 'FAILED' && reason ? { reason } : {}),
          });
          instance.detailedStatus = status;
          instance.status = status === 'SUCCEEDED' ? 'CURRENT' : 'OUTDATED';
          delete instance.reason;
          if (status === 'FAILED' && reason !== undefined) instance.reason = reason;
          if (status === 'FAILED') failures += 1;
          if (status === 'SUCCEEDED') {
            const effective = [...set.parameters, ...instance.overrides];
            instance.applied = {
              template: set.template,
              parameters: Object.fromEntries(effective.map((one) => [one.ParameterKey, one.ParameterValue])),
            };
          }
        }
        if (failures > tolerated) stopped = true;
      }
    }
    return operation;
  }

  const handlers: Record<string, (input: Structure) => Structure> = {
    DescribeStackSet(input) {
      const set = find(input);
      return {
        StackSet: {
          StackSetName: set.name,
          StackSetId: `${set.name}:1`,
          Status: 'ACTIVE',
          Description: set.description,
          TemplateBody: set.template,
          Parameters: set.parameters,
          Tags: set.tags,
          PermissionModel: set.permissionModel,
          ...(set.permissionModel === 'SERVICE_MANAGED'
            ? { AutoDeployment: set.input['AutoDeployment'] ?? { Enabled: false } }
            : {
                AdministrationRoleARN:
                  set.input['AdministrationRoleARN'] ??
                  'arn:aws:iam::111122223333:role/AWSCloudFormationStackSetAdministrationRole',
                ExecutionRoleName: set.input['ExecutionRoleName'] ?? 'AWSCloudFormationStackSetExecutionRole',
              }),
        },
      };
    },
    CreateStackSet(input) {
      const name = String(input['StackSetName']);
      if (sets.has(name)) throw new ServiceError('NameAlreadyExistsException', 'it exists');
      sets.set(name, {
        name,
        template: String(input['TemplateBody']),
        description: String(input['Description'] ?? ''),
        parameters: (input['Parameters'] ?? []) as Parameter[],
        tags: (input['Tags'] ?? []) as Structure[],
        permissionModel: String(input['PermissionModel'] ?? 'SELF_MANAGED'),
        managedExecution: (input['ManagedExecution'] as Structure | undefined)?.['Active'] === true,
        input,
        instances: [],
        operations: [],
      });
      return { StackSetId: `${name}:1` };
    },
    UpdateStackSet(input) {
      const set = find(input);
      set.template = String(input['TemplateBody']);
      set.description = String(input['Description'] ?? '');
      set.parameters = (input['Parameters'] ?? []) as Parameter[];
      set.tags = (input['Tags'] ?? []) as Structure[];
      set.input = input;
      const where = set.instances.map(({ account, region }) => ({ account, region }));
      return { OperationId: run(set, 'UPDATE', where, input).id };
    },
    CreateStackInstances(input) {
      const set = find(input);
      const where = targets(set, input);
      for (const { account, region, unit } of where) {
        // Existing instances stay as they are (github.com/getmoto/moto, issue 10171, compares with AWS).
        if (set.instances.some((one) => one.account === account && one.region === region)) continue;
        set.instances.push({
          account,
          region,
          ...(unit === undefined ? {} : { unit }),
          status: 'OUTDATED',
          detailedStatus: 'PENDING',
          overrides: (input['ParameterOverrides'] ?? []) as Parameter[],
        });
      }
      return { OperationId: run(set, 'CREATE', where, input).id };
    },
    UpdateStackInstances(input) {
      const set = find(input);
      const where = targets(set, input);
      for (const { account, region } of where) {
        const instance = set.instances.find((one) => one.account === account && one.region === region);
        if (instance === undefined) {
          throw new ServiceError('StackInstanceNotFoundException', `${account} ${region} is missing`);
        }
        const overrides = (input['ParameterOverrides'] ?? []) as Parameter[];
        if (overrides.length > 0) instance.overrides = overrides;
      }
      return { OperationId: run(set, 'UPDATE', where, input).id };
    },
    DescribeStackSetOperation(input) {
      const set = find(input);
      const operation = set.operations.find(({ id }) => id === input['OperationId']);
      if (operation === undefined) throw new ServiceError('OperationNotFoundException', 'no such operation');
      const seen = operation.status;
      if (seen === 'RUNNING') {
        const bad = operation.results.some(({ status }) => status === 'CANCELLED');
        const failures = operation.results.filter(({ status }) => status === 'FAILED').length;
        const tolerated = operation.preferences.FailureToleranceCount ?? 0;
        operation.status = bad || failures > tolerated ? 'FAILED' : 'SUCCEEDED';
      }
      return { StackSetOperation: { OperationId: operation.id, Action: operation.action, Status: seen } };
    },
    ListStackSetOperationResults(input) {
      const operation = find(input).operations.find(({ id }) => id === input['OperationId']);
      const { page, next } = paged(operation?.results ?? [], input);
      return {
        Summaries: page.map(({ account, region, status, reason }) => ({
          Account: account,
          Region: region,
          Status: operation?.status === 'RUNNING' ? 'RUNNING' : status,
          ...(reason === undefined ? {} : { StatusReason: reason }),
        })),
        ...next,
      };
    },
    ListStackInstances(input) {
      const { page, next } = paged(find(input).instances, input);
      return {
        Summaries: page.map((one) => ({
          Account: one.account,
          Region: one.region,
          Status: one.status,
          StackId: `arn:aws:cloudformation:${one.region}:${one.account}:stack/StackSet-provider/1`,
          StackInstanceStatus: { DetailedStatus: one.detailedStatus },
          ...(one.unit === undefined ? {} : { OrganizationalUnitId: one.unit }),
          ...(one.reason === undefined ? {} : { StatusReason: one.reason }),
        })),
        ...next,
      };
    },
    DescribeStackInstance(input) {
      const instance = find(input).instances.find(
        (one) => one.account === input['StackInstanceAccount'] && one.region === input['StackInstanceRegion'],
      );
      if (instance === undefined)
        throw new ServiceError('StackInstanceNotFoundException', 'no such instance');
      return {
        StackInstance: {
          Account: instance.account,
          Region: instance.region,
          Status: instance.status,
          ParameterOverrides: instance.overrides,
        },
      };
    },
  };

  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    let operation = new URLSearchParams(text).get('Action') ?? '';
    try {
      const asked = readInput(new URLSearchParams(text));
      operation = asked.operation;
      const handler = handlers[operation];
      if (handler === undefined) throw new InvalidRequest(`${operation} is not served here`);
      const output = handler(asked.input);
      if (/^(Create|Update)/.test(operation)) calls.push(asked);
      response.setHeader('content-type', 'text/xml').end(writeOutput(operation, output));
    } catch (error) {
      const exception = error instanceof ServiceError ? error.exception : 'ValidationError';
      const { status, body } = writeError(operation, exception, (error as Error).message);
      response.writeHead(status, { 'content-type': 'text/xml' }).end(body);
    }
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    set: (name) => sets.get(name),
    failing,
    units,
    mostAtOnce: () => most,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

/** Two at a time, so that every list has pages. */
function paged<T>(
  all: readonly T[],
  { NextToken = '0' }: Structure,
): { page: T[]; next: { NextToken?: string } } {
  const start = Number(NextToken);
  const end = start + 2;
  return { page: all.slice(start, end), next: end < all.length ? { NextToken: String(end) } : {} };
}
