/** The roles that Genesys Cloud assumes for the managed objects, and the functions that it invokes. */
import { GetFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { isPlainObject } from '../../common/objects.ts';
import { FUNCTION_ARN } from '../../provider/resources/data-action/lambda-target.ts';
import { resourceTypes } from '../../provider/resources/index.ts';
import { nameOf } from './aws.ts';
import type { Check } from './check.ts';
import type { Facts } from './facts.ts';
import { type Managed, managed, propertiesOf } from './managed.ts';
import { fault, faultsOr, NotLookedAtError, nothing, type Outcome } from './outcome.ts';
import { mayDo, trustOf } from './policies.ts';
import type { Role } from './role.ts';

const DRIFT = 'npx genesys-cloud-cfn drift shows every object with its remedy.';
const INVOKE = 'lambda:InvokeFunction';

/** The permissions by which a role is read. */
const ROLE = [
  'iam:GetRole',
  'iam:ListRolePolicies',
  'iam:GetRolePolicy',
  'iam:ListAttachedRolePolicies',
  'iam:GetPolicy',
  'iam:GetPolicyVersion',
];

export const objectChecks: Check[] = [
  {
    id: 'managed-objects',
    title: 'Genesys Cloud has every object of the ledger',
    reads: ['dynamodb:Scan', 'GET /api/v2/integrations', 'GET /api/v2/integrations/actions'],
    look: lookAtObjects,
  },
  {
    id: 'integration-state',
    title: 'No managed integration is in ERROR',
    reads: ['GET /api/v2/integrations'],
    look: lookAtStates,
  },
  {
    id: 'integration-role',
    title: 'The role of every managed integration exists',
    reads: ['secretsmanager:GetSecretValue', ...ROLE],
    look: (facts) =>
      ofRoles(facts, async ({ arn, names, role }) =>
        role === undefined
          ? fault(
              `There is no role ${arn}, which ${names.join(', ')} has.`,
              'Make the role again under its name, or give the integration another RoleArn.',
            )
          : undefined,
      ),
  },
  {
    id: 'role-trust',
    title: 'Genesys Cloud may assume the role, by the id of this organization alone',
    reads: ['secretsmanager:GetSecretValue', ...ROLE],
    look: lookAtTrust,
  },
  {
    id: 'action-function',
    title: 'The function of every managed data action exists, in the Region of the organization',
    reads: ['lambda:GetFunctionConfiguration', 'GET /api/v2/integrations/actions'],
    look: lookAtFunctions,
  },
  {
    id: 'role-invoke',
    title: 'The role may invoke the function of every managed data action',
    reads: ['secretsmanager:GetSecretValue', ...ROLE],
    look: lookAtInvoke,
  },
  {
    id: 'endpoint-alias',
    title: 'Genesys Cloud reaches an endpoint of this package by its alias live alone',
    reads: ['cloudformation:DescribeStacks', 'lambda:GetFunctionConfiguration', ...ROLE],
    look: lookAtEndpoints,
  },
];

// ---- in Genesys Cloud

async function lookAtObjects(facts: Facts) {
  const all = (await Promise.all(resourceTypes.map(({ kind }) => managed(facts, kind)))).flat();
  if (all.length === 0) return nothing('no stack has made anything yet');
  return faultsOr(
    all
      .filter(({ listed }) => listed === undefined)
      .map(({ name, record }) =>
        fault(`${name}: Genesys Cloud does not list the ${record.kind} ${record.id}.`, DRIFT),
      ),
    `${all.length} objects`,
  );
}

async function lookAtStates(facts: Facts) {
  const integrations = await managed(facts, 'integration');
  if (integrations.length === 0) return nothing('no integration is managed');
  return faultsOr(
    integrations
      .filter(({ listed }) => text(listed, 'reportedState', 'code') === 'ERROR')
      .map(({ name, listed }) =>
        fault(
          `${name}: Genesys Cloud reports ERROR. ${text(listed, 'reportedState', 'detail', 'message')}`.trim(),
          'Mend what role-trust and integration-role name. If they are fine, change Nonce of the resource and deploy. npx genesys-cloud-cfn drift shows the integration.',
        ),
      ),
  );
}

/** A text deep in an object; '' where it is none. */
function text(value: unknown, ...path: string[]): string {
  const found = path.reduce<unknown>((at, name) => (isPlainObject(at) ? at[name] : undefined), value);
  return typeof found === 'string' ? found : '';
}

// ---- roles

interface Assumed {
  arn: string;
  role: Role | undefined;
  /** The integrations that have it. */
  names: string[];
}

/** The roles of the managed integrations: ARN by integration. */
async function roleArns(facts: Facts): Promise<Map<string, { arn: string; name: string }>> {
  const found = new Map<string, { arn: string; name: string }>();
  for (const integration of await managed(facts, 'integration')) {
    const arn = (await propertiesOf(integration, facts))?.['RoleArn'];
    if (typeof arn === 'string') found.set(integration.record.id, { arn, name: integration.name });
  }
  return found;
}

async function ofRoles(facts: Facts, judge: (assumed: Assumed) => Promise<Outcome | undefined>) {
  const arns = [...(await roleArns(facts)).values()];
  if (arns.length === 0) return nothing('no managed integration has a role');
  const outcomes: Outcome[] = [];
  for (const [arn, having] of Map.groupBy(arns, ({ arn }) => arn)) {
    const role = await facts.role(arn);
    const outcome = await judge({ arn, role, names: having.map(({ name }) => name) });
    if (outcome !== undefined) outcomes.push(outcome);
  }
  return faultsOr(outcomes);
}

/**
 * Genesys Cloud's account in the commercial regions and in FedRAMP; of EU Sovereign none is published
 * (docs/assumptions.md, "The account that assumes roles and uses keys").
 */
const accountOf = (region: string | undefined): string | undefined =>
  region === 'us-east-2' ? '325654371633' : region === 'eusc-de-east-1' ? undefined : '765628985471';

async function lookAtTrust(facts: Facts) {
  const { id } = await facts.organization();
  const genesys = accountOf(await (await facts.session()).region());
  return ofRoles(facts, async ({ arn, role }) => {
    if (role === undefined) throw new NotLookedAtError('other-fault', 'see integration-role');
    const own = arn.split(':')[4];
    const trusted = trustOf(role.trust, id);
    const isGenesys = (account: string) =>
      account === '*' || (genesys === undefined ? account !== own : account === genesys);
    if (trusted.withoutId.some(isGenesys)) {
      return fault(
        `The role ${role.name} asks for no ExternalId, so other customers of Genesys Cloud could use it as well.`,
        `Add Condition: { StringEquals: { sts:ExternalId: ${id} } } to its trust policy.`,
      );
    }
    if (trusted.withOthers.some(isGenesys)) {
      return fault(
        `The role ${role.name} admits other ExternalIds than ${id}, too: ${trusted.ids.filter((one) => one !== id).join(', ')}. Other customers of Genesys Cloud could use it as well.`,
        `Let its trust policy have the one Condition: { StringEquals: { sts:ExternalId: ${id} } }.`,
      );
    }
    if (trusted.withId.some(isGenesys)) return undefined;
    if (trusted.withId.length + trusted.withOthers.length === 0 && trusted.ids.length > 0) {
      return fault(
        `The role ${role.name} asks for the ExternalId ${trusted.ids.join(', ')}, and the id of the organization is ${id}.`,
        `Set sts:ExternalId in its trust policy to ${id}.`,
      );
    }
    const accounts = [...new Set([...trusted.withId, ...trusted.withOthers, ...trusted.withoutId])];
    return fault(
      `The role ${role.name} trusts ${accounts.join(', ') || 'no account'}, and Genesys Cloud assumes it from ${genesys ?? 'an account of its own'}.`,
      `Name arn:aws:iam::${genesys ?? '<account of Genesys Cloud>'}:root as the principal of its trust policy (GenesysAccountId of templates/iam/data-action-role.yaml).`,
    );
  });
}

// ---- functions

interface Targeting {
  action: Managed;
  arn: string;
}

/** The managed actions that name a function. A placeholder of Velocity may stand for a part of it. */
async function targets(facts: Facts): Promise<Targeting[]> {
  return (await managed(facts, 'action')).flatMap((action) => {
    const arn = text(action.listed, 'config', 'request', 'requestUrlTemplate');
    return FUNCTION_ARN.test(arn) ? [{ action, arn }] : [];
  });
}

async function functionExists(facts: Facts, arn: string): Promise<boolean> {
  try {
    await facts.aws.ask(`lambda:GetFunctionConfiguration on ${arn}`, () =>
      facts.aws.lambda(arn).send(new GetFunctionConfigurationCommand({ FunctionName: arn })),
    );
    return true;
  } catch (error) {
    if (nameOf(error) === 'ResourceNotFoundException') return false;
    throw error;
  }
}

async function lookAtFunctions(facts: Facts) {
  const all = await targets(facts);
  if (all.length === 0) return nothing('no managed data action invokes a function');
  const region = await (await facts.session()).region();
  const faults: Outcome[] = [];
  for (const { action, arn } of all) {
    const there = arn.split(':')[3];
    if (region !== undefined && there !== region) {
      faults.push(
        fault(
          `${action.name}: the function ${arn} is in ${there}, and the organization in ${region}. Genesys Cloud invokes functions of its own Region alone.`,
          `Deploy the function in ${region}, and name it as Request.UrlTemplate.`,
        ),
      );
    } else if (!(await functionExists(facts, arn))) {
      faults.push(
        fault(
          `${action.name}: there is no function ${arn}${arn.split(':').length > 7 ? ', or it has no such version or alias' : ''}.`,
          'Deploy the function again under its name, or name another one as Request.UrlTemplate.',
        ),
      );
    }
  }
  return faultsOr(faults, `${all.length} ${all.length === 1 ? 'action' : 'actions'}`);
}

async function lookAtInvoke(facts: Facts) {
  const arns = await roleArns(facts);
  const all = (await targets(facts)).flatMap(({ action, arn }) => {
    const role = arns.get(text(action.listed, 'integrationId'));
    return role === undefined ? [] : [{ action, arn, roleArn: role.arn }];
  });
  if (all.length === 0) return nothing('no managed data action invokes a function by a managed role');
  const faults: Outcome[] = [];
  for (const { action, arn, roleArn } of all) {
    const role = await facts.role(roleArn);
    if (role === undefined) throw new NotLookedAtError('other-fault', 'see integration-role');
    const { name, statements, boundary } = role;
    const isBounded = boundary !== undefined && mayDo(boundary, INVOKE, arn) === 'no';
    if (!isBounded && mayDo(statements, INVOKE, arn) !== 'no') continue;
    faults.push(
      fault(
        `${action.name}: ${isBounded ? 'the permissions boundary of' : 'no policy of'} the role ${name} ${isBounded ? 'does not let' : 'lets'} it invoke ${arn}.`,
        `Allow ${INVOKE} on ${arn} in a policy of the role${isBounded ? ' and in its boundary' : ''}.`,
      ),
    );
  }
  return faultsOr(faults);
}

// ---- endpoints

/** The aliases of an endpoint by the outputs of its stack (templates/endpoint.yaml). */
const ALIASES = { FunctionArn: 'live', ApiFunctionArn: 'api', AlbFunctionArn: 'alb' } as const;

async function lookAtEndpoints(facts: Facts) {
  const endpoints = (await facts.stacks()).flatMap(({ StackName = '', Outputs = [] }) => {
    const outputs = new Map(Outputs.map(({ OutputKey, OutputValue = '' }) => [OutputKey, OutputValue]));
    const arns = Object.entries(ALIASES).map(([name, alias]) => ({ alias, arn: outputs.get(name) ?? '' }));
    return arns.every(({ alias, arn }) => arn.endsWith(`:${alias}`)) ? [{ StackName, arns }] : [];
  });
  if (endpoints.length === 0) return nothing('there is no stack of templates/endpoint.yaml here');
  const others = endpoints.flatMap(({ arns }) => arns.filter(({ alias }) => alias !== 'live'));
  const faults: Outcome[] = [];
  for (const { StackName, arns } of endpoints)
    for (const { alias, arn } of arns) {
      if (await functionExists(facts, arn)) continue;
      faults.push(
        fault(
          `The alias ${alias} of the endpoint ${StackName} is gone (${arn}).`,
          `Make the alias again by the stack ${StackName}: deploy templates/endpoint.yaml.`,
        ),
      );
    }
  for (const { action, arn } of await targets(facts)) {
    const other = others.find((one) => one.arn === arn);
    if (other === undefined) continue;
    faults.push(
      fault(
        `${action.name} invokes the alias ${other.alias} of an endpoint, which takes what it gets for an HTTP request.`,
        `Name the alias live as Request.UrlTemplate: the output FunctionArn of the endpoint's stack.`,
      ),
    );
  }
  return faultsOr([...faults, ...(await rolesBeyondLive(facts, others))]);
}

async function rolesBeyondLive(facts: Facts, others: { alias: string; arn: string }[]) {
  const faults: Outcome[] = [];
  for (const arn of new Set([...(await roleArns(facts)).values()].map((one) => one.arn))) {
    const role = await facts.role(arn);
    if (role === undefined) continue;
    const open = others.filter((one) => mayDo(role.statements, INVOKE, one.arn) === 'yes');
    if (open.length === 0) continue;
    faults.push(
      fault(
        `The role ${role.name} may invoke the alias ${open.map(({ alias }) => alias).join(' and ')} of an endpoint, so an author of data actions could pass for any caller of it.`,
        'Let the role invoke the alias live alone (FunctionArns of templates/iam/data-action-role.yaml).',
      ),
    );
  }
  return faults;
}
