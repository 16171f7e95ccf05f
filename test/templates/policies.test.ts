/**
 * Every policy of every template, judged by an implementation of IAM's evaluation. Each statement is tested
 * with requests that it grants or denies, and with requests just beside those. Without the statement an
 * answer changes.
 */
import { account, scenarios } from '../../scripts/build/templates/scenarios.ts';
import {
  type Json,
  type JsonObject,
  templateFiles,
  templateText,
} from '../../scripts/build/templates/template.ts';
import { allows, type Policies } from './judge.ts';
import { type Row, sidsOf, statementsOf } from './policies/court.ts';
import { dataActionCourts } from './policies/data-actions.ts';
import { apiPolicy, endpointCourts } from './policies/endpoint.ts';
import { ledgerCourts } from './policies/ledger.ts';
import { networkCourts } from './policies/network.ts';
import { rotationCourts } from './policies/oauth-rotation.ts';
import { providerCourts } from './policies/provider.ts';
import { recordingKeyCourts, recordingKeys, twoOrganizations } from './policies/recording-keys.ts';
import { rolloutCourts } from './policies/rollout.ts';
import { validateHookCourts } from './policies/validate-hook.ts';

const courts = [
  ...providerCourts,
  ...dataActionCourts,
  ...recordingKeyCourts,
  ...networkCourts,
  ...rolloutCourts,
  ...rotationCourts,
  ...endpointCourts,
  ...ledgerCourts,
  ...validateHookCourts,
];

/**
 * The policy without one of its statements. Where none is left, it has one that matches no request of the
 * tables.
 */
function without(policy: JsonObject, sid: string, kind: keyof Policies): JsonObject {
  const rest = statementsOf(policy).filter((_, i) => sidsOf(policy)[i] !== sid);
  const idle = {
    identity: { Effect: 'Allow', Action: 'sts:GetCallerIdentity', Resource: '*' },
    endpoint: { Effect: 'Allow', Principal: '*', Action: 'sts:GetCallerIdentity', Resource: '*' },
    resource: {
      Effect: 'Deny',
      Principal: { AWS: 'arn:aws:iam::000000000000:root' },
      Action: 'sts:AssumeRole',
    },
  };
  return { ...policy, Statement: rest.length === 0 ? [idle[kind]] : rest };
}

function policiesWithout(policies: Policies, judged: JsonObject, sid: string): Policies {
  const cut = (policy: Json, kind: keyof Policies) =>
    policy === judged ? without(judged, sid, kind) : policy;
  const { identity, resource, endpoint } = policies;
  return {
    ...(identity === undefined ? {} : { identity: identity.map((policy) => cut(policy, 'identity')) }),
    ...(resource === undefined ? {} : { resource: cut(resource, 'resource') }),
    ...(endpoint === undefined ? {} : { endpoint: cut(endpoint, 'endpoint') }),
  };
}

const answer = ({ resourcePolicy, ...request }: Row, policies: Policies, owner: string) =>
  allows(request, resourcePolicy === undefined ? policies : { ...policies, resource: resourcePolicy }, owner);

describe.each(courts)('$name', ({ policies, judged, owner = account, rows }) => {
  const statements = judged.flatMap(({ policy, sids = sidsOf(policy) }) =>
    sids.map((sid) => [sid, policy] as const),
  );

  test.each(
    rows.map(
      (row) => [row.statement, row.allowed ? 'allowed' : 'refused', row.action, row.resource, row] as const,
    ),
  )('%s: %s %s on %s', async (_statement, _allowed, _action, _resource, row) => {
    expect(await answer(row, policies, owner)).toBe(row.allowed);
  });

  test.each(statements)('%s is asked for what it decides and for what lies beside it', (sid) => {
    const answers = rows.filter(({ statement }) => statement === sid).map(({ allowed }) => allowed);
    expect(new Set(answers)).toEqual(new Set([true, false]));
  });

  test.each(statements)('an answer changes without %s', async (sid, policy) => {
    const changed = policiesWithout(policies, policy, sid);
    const about = rows.filter(({ statement }) => statement === sid);
    const answers = await Promise.all(about.map((row) => answer(row, changed, owner)));
    expect(answers).not.toEqual(about.map(({ allowed }) => allowed));
  });
});

test('no statement of any template goes unjudged', () => {
  const judged = new Set(
    courts.flatMap(({ judged: some }) => some.flatMap(({ policy, sids = sidsOf(policy) }) => sids)),
  );
  const named = templateFiles().flatMap((file) =>
    [...templateText(file).matchAll(/Sid: (\w+)/g)].map(([, sid]) => sid),
  );
  expect(named.length).toBeGreaterThan(40);
  expect(named.filter((sid) => !judged.has(sid ?? ''))).toEqual([]);
});

test('a replica has the policy of its primary key, since KMS keeps no two policies in step', () => {
  for (const variation of [{}, twoOrganizations, { GenesysCloudAccess: 'Denied' }]) {
    expect(recordingKeys('kms/recording-key-replica.yaml', variation)).toEqual(
      recordingKeys('kms/recording-key.yaml', variation),
    );
  }
});

test('the kill switch adds one statement and changes nothing else', () => {
  const before = statementsOf(recordingKeys('kms/recording-key.yaml', {}));
  const after = statementsOf(recordingKeys('kms/recording-key.yaml', { GenesysCloudAccess: 'Denied' }));
  expect(after.slice(0, -1)).toEqual(before);
  expect(after.at(-1)?.['Sid']).toBe('KillSwitch');
});

test('an API with IAM admits nobody of another account, since nothing in its policy allows', () => {
  const policy = apiPolicy(scenarios['endpoint-api.yaml']?.variations['IAM, private'] ?? {});
  expect(statementsOf(policy).map(({ Effect }) => Effect)).toEqual(['Deny']);
});
