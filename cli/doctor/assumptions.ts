/** The entries of docs/assumptions.md that an account and an organization show to a reader. */
import { DescribeStackEventsCommand } from '@aws-sdk/client-cloudformation';
import { isPlainObject } from '../../common/objects.ts';
import { GenesysError } from '../../provider/genesys/index.ts';
import type { Check } from './check.ts';
import type { Facts } from './facts.ts';
import { managed, propertiesOf } from './managed.ts';
import { asAssumed, NotLookedAtError, nothing, type Outcome, otherwise } from './outcome.ts';

/** A check of an assumption, with the heading of its entry. */
export interface AssumptionCheck extends Check {
  entry: string;
}

const named = (entry: string, check: Omit<Check, 'title'>): AssumptionCheck => ({
  ...check,
  entry,
  title: `Assumed: ${entry}`,
});

export const assumptionChecks: AssumptionCheck[] = [
  named('The permissions of an OAuth client', {
    id: 'assumed-own-permissions',
    reads: ['GET /api/v2/authorization/subjects/me'],
    async look(facts) {
      const answer = await get(facts, '/api/v2/authorization/subjects/me');
      const policies = listOf(objectOf(answer)['grants'])
        .flatMap((grant) => listOf(objectOf(objectOf(grant)['role'])['policies']))
        .map(objectOf);
      if (policies.some(({ domain, actions }) => domain !== undefined && actions !== undefined))
        return asAssumed('the answer has the policies of the roles of the client');
      return otherwise('the answer has no policies, so permissions are not looked at');
    },
  }),
  named('Types of credentials and their places', {
    id: 'assumed-credential-types',
    reads: ['GET /api/v2/integrations/types/{typeId}'],
    async look(facts) {
      const type = objectOf(await get(facts, '/api/v2/integrations/types/aws-lambda-data-actions'));
      const places = objectOf(type['credentials']);
      const types = listOf(objectOf(places['AmazonWebServicesARN'])['credentialTypes']);
      if (types.includes('amazonWebServicesARN'))
        return asAssumed('AmazonWebServicesARN takes amazonWebServicesARN');
      return otherwise(`a Lambda integration takes ${JSON.stringify(places).slice(0, 200)}`);
    },
  }),
  named('Names of integrations and credentials', {
    id: 'assumed-integration-names',
    reads: ['GET /api/v2/integrations'],
    async look(facts) {
      const names = (await entities(facts, '/api/v2/integrations?pageSize=100')).map(({ name }) =>
        String(name),
      );
      const twice = names.find((name, at) => names.indexOf(name) < at);
      if (twice === undefined) return nothing('no two integrations have one name');
      return asAssumed(`two integrations are called ${twice}`);
    },
  }),
  named('The templates of an action', {
    id: 'assumed-action-templates',
    reads: ['GET /api/v2/integrations/actions/{actionId}'],
    async look(facts) {
      const [first] = (await managed(facts, 'action')).filter(({ listed }) => listed !== undefined);
      if (first === undefined) return nothing('no data action is managed');
      const action = objectOf(
        await get(facts, `/api/v2/integrations/actions/${first.record.id}?includeConfig=true`),
      );
      const config = objectOf(action['config']);
      const uris = [
        objectOf(config['request'])['requestTemplateUri'],
        objectOf(config['response'])['successTemplateUri'],
      ];
      if (uris.every((uri) => typeof uri === 'string' && uri !== ''))
        return asAssumed('an action answers the places of its templates');
      return otherwise('an action does not answer the places of both of its templates');
    },
  }),
  named('How the contract of an action reads back', {
    id: 'assumed-action-contract',
    reads: ['secretsmanager:GetSecretValue', 'GET /api/v2/integrations/actions/{actionId}'],
    look: lookAtContract,
  }),
  named('The method of a Lambda action', {
    id: 'assumed-lambda-method',
    reads: ['GET /api/v2/integrations/actions'],
    async look(facts) {
      const requests = (await actions(facts)).map(({ config }) => objectOf(objectOf(config)['request']));
      const ofLambda = requests.filter(({ requestUrlTemplate }) =>
        /^arn:[a-z-]+:lambda:/.test(String(requestUrlTemplate)),
      );
      const others = ofLambda.filter(({ requestType }) => requestType !== 'POST');
      if (ofLambda.length === 0) return nothing('no data action invokes a function');
      if (others.length === 0) return asAssumed(`all ${ofLambda.length} actions of functions have POST`);
      return otherwise(`${others.length} actions of functions have another method`);
    },
  }),
  named('The kind of an action', {
    id: 'assumed-action-kind',
    reads: ['GET /api/v2/integrations', 'GET /api/v2/integrations/actions'],
    look: lookAtKinds,
  }),
  named('How dependency tracking knows an action', {
    id: 'assumed-tracked-type',
    reads: ['GET /api/v2/architect/dependencytracking/consumingresources'],
    async look(facts) {
      const actionsHere = (await managed(facts, 'action')).filter(({ listed }) => listed !== undefined);
      for (const { record, listed } of actionsHere.slice(0, MOST_ACTIONS)) {
        const objectType = listed?.['secure'] === true ? 'SECUREACTION' : 'DATAACTION';
        const path = `/api/v2/architect/dependencytracking/consumingresources?id=${record.id}&objectType=${objectType}`;
        const users = await entities(facts, path).catch((error: unknown) => {
          if (error instanceof GenesysError && error.status === 404) return [];
          throw error;
        });
        if (users.length > 0) return asAssumed(`${users.length} objects use ${record.id} as ${objectType}`);
      }
      return nothing('no flow uses one of the first managed data actions');
    },
  }),
  named('When dependency tracking can be believed', {
    id: 'assumed-tracking-state',
    reads: ['GET /api/v2/architect/dependencytracking/build'],
    async look(facts) {
      const status = String(
        objectOf(await get(facts, '/api/v2/architect/dependencytracking/build'))['status'],
      );
      if (status === 'OPERATIONAL') return asAssumed('dependency tracking is OPERATIONAL');
      return otherwise(
        `dependency tracking is ${status}, so DeletionGuard refuses replacements until it is rebuilt (POST of the same path)`,
      );
    },
  }),
  named('A second key configuration', {
    id: 'assumed-key-configurations',
    reads: ['GET /api/v2/recording/keyconfigurations'],
    async look(facts) {
      const count = (await entities(facts, '/api/v2/recording/keyconfigurations')).length;
      if (count === 0) return nothing('the organization has no key configuration');
      return asAssumed(`the organization has ${count}${count > 1 ? ', so a POST adds one' : ''}`);
    },
  }),
  named('The key in `kmsKeyArn` of a recording key', {
    id: 'assumed-internal-key',
    reads: ['GET /api/v2/recording/recordingkeys', 'sts:GetCallerIdentity'],
    async look(facts) {
      const { account } = await facts.identity();
      const [newest] = await entities(facts, '/api/v2/recording/recordingkeys?pageSize=1');
      const arn = newest?.['kmsKeyArn'];
      if (typeof arn !== 'string') return nothing('no recording key names one');
      if (arn.includes(`:${account}:`)) return otherwise(`it names ${arn}, a key of this account`);
      return asAssumed('it names a key of another account');
    },
  }),
  named('The account that assumes roles and uses keys', {
    id: 'assumed-genesys-account',
    reads: ['cloudtrail:LookupEvents'],
    look: lookAtAssumptions,
  }),
  named('Calls to a table of another account', {
    id: 'assumed-foreign-table',
    reads: ['dynamodb:GetItem'],
    async look(facts) {
      const { ledger } = await facts.settings();
      const [, , , , account] = ledger.table.split(':');
      if (account === undefined || account === ledger.providerArn.split(':')[4])
        return nothing('the ledger is in the account of the provider');
      await facts.table();
      return asAssumed('the ledger of another account answers');
    },
  }),
  named('Events of a stack', {
    id: 'assumed-event-order',
    reads: ['cloudformation:DescribeStackEvents'],
    async look(facts) {
      const { StackId } = await facts.stack();
      const { StackEvents = [] } = await facts.aws.ask('cloudformation:DescribeStackEvents', () =>
        facts.aws.cloudFormation.send(new DescribeStackEventsCommand({ StackName: StackId })),
      );
      const times = StackEvents.map(({ Timestamp }) => Timestamp?.getTime() ?? 0);
      if (times.length < 2) return nothing('the stack has no two events any more');
      const isNewestFirst = times.every((time, at) => at === 0 || time <= (times[at - 1] ?? time));
      return isNewestFirst
        ? asAssumed("the stack's events come newest first")
        : otherwise("the stack's events do not come newest first");
    },
  }),
  named("The name of the provider's role", {
    id: 'assumed-role-name',
    reads: ['lambda:GetFunctionConfiguration'],
    async look(facts) {
      const { Role = '' } = await facts.providerFunction();
      const name = Role.split('/').at(-1) ?? '';
      return /-ProviderRole-\w+$/.test(name) ? asAssumed(name) : otherwise(`the role is called ${name}`);
    },
  }),
];

/** Flows of so many actions are asked for. The first one that a flow uses answers the question. */
const MOST_ACTIONS = 20;

// ---- the API

/** @throws NotLookedAtError where the client may not */
async function get(facts: Facts, path: string): Promise<unknown> {
  await facts.organization();
  try {
    return await (await facts.session()).call('GET', path, {});
  } catch (error) {
    if (error instanceof GenesysError && error.status === 403)
      throw new NotLookedAtError('other-fault', 'see permissions');
    throw error;
  }
}

const objectOf = (value: unknown): Record<string, unknown> => (isPlainObject(value) ? value : {});
const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

const entities = async (facts: Facts, path: string) =>
  listOf(objectOf(await get(facts, path))['entities']).map(objectOf);

const actions = (facts: Facts) =>
  entities(facts, '/api/v2/integrations/actions?includeConfig=true&pageSize=100');

// ---- single entries

async function lookAtContract(facts: Facts): Promise<Outcome> {
  for (const action of await managed(facts, 'action')) {
    const { record, listed } = action;
    if (listed === undefined || String(listed['version']) !== record.attributes['Version']) continue;
    const applied = objectOf((await propertiesOf(action, facts))?.['Contract']);
    if (applied['Input'] === undefined) continue;
    const there = objectOf(
      objectOf(await get(facts, `/api/v2/integrations/actions/${record.id}?expand=contract`))['contract'],
    );
    const input = objectOf(there['input'])['inputSchema'];
    return keysOf(applied['Input']) === keysOf(input)
      ? asAssumed(`the input of ${record.id} has the members that were sent`)
      : otherwise(
          `the input of ${record.id} has the members ${keysOf(input)}, and ${keysOf(applied['Input'])} were sent`,
        );
  }
  return nothing('no managed data action has a contract that is as it was sent');
}

const keysOf = (schema: unknown) => Object.keys(objectOf(schema)).sort().join(', ');

/** Words in the category, by which Genesys' Terraform provider sorts function actions. */
const FUNCTION_WORDS = /function data action/i;

async function lookAtKinds(facts: Facts): Promise<Outcome> {
  const integrations = await entities(facts, '/api/v2/integrations?pageSize=100');
  const ofFunctions = integrations
    .filter(({ integrationType }) => objectOf(integrationType)['id'] === 'function-data-actions')
    .map(({ id }) => id);
  const functionActions = (await actions(facts)).filter(({ integrationId }) =>
    ofFunctions.includes(integrationId),
  );
  if (functionActions.length === 0) return nothing('the organization has no function action');
  const without = functionActions.filter(({ category }) => !FUNCTION_WORDS.test(String(category)));
  return without.length > 0
    ? asAssumed(`${without.length} function actions have a category without the words`)
    : nothing('every function action has the words in its category');
}

/** CloudTrail has the role's name and the account of the caller of every AssumeRole. */
async function lookAtAssumptions(facts: Facts): Promise<Outcome> {
  const names: string[] = [];
  for (const integration of await managed(facts, 'integration')) {
    const arn = (await propertiesOf(integration, facts))?.['RoleArn'];
    if (typeof arn === 'string') names.push(arn);
  }
  if (names.length === 0) return nothing('no managed integration has a role');
  const { Events = [] } = await facts.aws.json<{ Events?: { CloudTrailEvent?: string }[] }>(
    'cloudtrail',
    'LookupEvents',
    { LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue: 'AssumeRole' }], MaxResults: 50 },
  );
  const accounts = new Set(
    Events.map(({ CloudTrailEvent = '{}' }) => objectOf(JSON.parse(CloudTrailEvent)))
      .filter((event) => names.includes(String(objectOf(event['requestParameters'])['roleArn'])))
      .map((event) => String(objectOf(event['userIdentity'])['accountId'] ?? '')),
  );
  accounts.delete('');
  if (accounts.size === 0) return nothing('CloudTrail has no recent AssumeRole of a managed role');
  const known = ['765628985471', '325654371633'];
  const others = [...accounts].filter((account) => !known.includes(account));
  return others.length === 0
    ? asAssumed([...accounts].join(', '))
    : otherwise(`the account ${others.join(', ')} assumes a managed role`);
}

/** Entries that no reader can look up, and why. */
export const notLookedUp: Readonly<Record<string, string>> = {
  'The status of a wrong client or secret': 'takes a login with a wrong secret',
  'The old secret after a reset': 'takes a reset of the secret',
  'The right to reset the secret of an OAuth client': 'takes a reset of the secret',
  'How soon a new secret is known': 'takes a reset of the secret',
  'Throttling of the login': 'takes hundreds of logins',
  'The order in which integration and credential can be deleted': 'takes a deletion',
  'A configuration as it was': 'takes a write',
  'The state of a new integration': 'takes a new integration',
  'A new role': 'takes a new role',
  'Deletion takes the data actions along': 'takes a deletion',
  'A version conflict': 'takes a write',
  'Whether a PATCH merges or replaces the configuration': 'takes a write',
  'Which contracts are taken': 'takes a new action',
  'An action under an integration that was just made': 'takes a new integration',
  'How long a name stays unknown to the search': 'takes a new name',
  'Function ARNs with a version or an alias': 'takes a run of the action',
  'An action that a flow uses': 'takes a deletion',
  'Objects beside published flows': 'takes a script of a test organization',
  'How a run is refused whose role is young': 'takes a run of the action',
  'Credentials in the answer of a test run': 'takes a run of the action',
  'The answers after a deletion': 'takes a deletion',
  'How long an object that exists may answer 404': 'takes an hour',
  'A write that is refused': 'takes a write',
  'The lists after a deletion': 'takes a deletion',
  'The `url` of a Native configuration': 'takes a write',
  'Whether saving makes a recording key': 'takes a write',
  'How a refused key is told': 'takes a call that makes Genesys Cloud use a key',
  'Requests a minute': 'takes hundreds of calls',
  'Keys of a table': "takes CloudTrail's events of the key's account",
  'Events of a function that stands still': 'takes a function that stands still',
  'The moment at which a function stands still': 'takes a function that stands still',
  'Rules that ask for the Region': 'takes a deployment',
  "CloudFormation's response buckets in other partitions": 'takes a function that logs its events',
  'A deployment that is tried again': 'takes a deployment',
  "Clocks of Lambda's machines": 'takes a search of the log',
  'Clocks of those who sign ResponseURLs': 'takes a search of the log',
  'A resource that moves to another stack': 'takes a stack refactoring',
  'A stack that is deleted after a failed replacement': 'takes a deletion',
  'The old properties of a rollback': 'takes a function that logs its events',
  'Names of deleted resources': 'takes a deletion',
  "The trust of the hook's role": 'takes a hook that has been asked',
  'The operations that the hook is asked about': 'takes a hook that has been asked',
  'The resources of a change set': 'takes a hook that has been asked',
  'The payload of a hook': 'takes a hook that has been asked',
  'The length of a refusal': 'takes a hook that has refused',
  'A stack that the hook has stopped': 'takes a hook that has refused',
  'The price of the hook': 'takes the price list of AWS',
};
