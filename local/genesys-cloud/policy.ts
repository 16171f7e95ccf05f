import { runSimulation } from '@cloud-copilot/iam-simulate';
import { isObject, type JsonObject } from './json.ts';

/** A policy document as IAM stores it. */
export type PolicyDocument = JsonObject;

/** The result of an evaluation. `reason` names the statements and their conditions that did not match. */
export type Judgement = { allowed: true } | { allowed: false; reason: string };

export interface Question {
  principal: string;
  action: string;
  resource: string;
  /** The account that owns the resource. */
  account: string;
  context?: Record<string, string>;
  /** Policies of the principal. Undefined if its account allows everything, like Genesys Cloud's own. */
  identityPolicies?: { name: string; policy: PolicyDocument }[];
  /** Trust policy, key policy or function policy. */
  resourcePolicy?: PolicyDocument | undefined;
}

const everything: PolicyDocument = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
};

/** Evaluates policies as IAM does. @cloud-copilot/iam-simulate makes the decision. */
export async function judge(question: Question): Promise<Judgement> {
  const { principal, action, resource, account } = question;
  const context = Object.entries(question.context ?? {}).map(([key, value]) => [known(key), value] as const);
  const response = await runSimulation(
    {
      request: {
        principal,
        action,
        resource: { resource, accountId: account },
        contextVariables: Object.fromEntries(context),
      },
      identityPolicies: (question.identityPolicies ?? [{ name: 'all', policy: everything }]).map((entry) => ({
        name: entry.name,
        policy: withKnownKeys(entry.policy),
      })),
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      ...(question.resourcePolicy === undefined
        ? {}
        : { resourcePolicy: withKnownKeys(question.resourcePolicy) }),
    },
    {},
  );
  const subject = `${principal} is not authorized to perform ${action} on ${resource}`;
  if (response.resultType === 'error')
    return {
      allowed: false,
      reason: `${subject}: the policy cannot be evaluated: ${response.errors.message}`,
    };
  if (response.overallResult === 'Allowed') return { allowed: true };
  const results = response.resultType === 'single' ? [response.result] : response.results;
  const explanation = results.flatMap(({ analysis }) => [
    ...explain('identity policy', analysis?.identityAnalysis),
    ...explain('resource policy', analysis?.resourceAnalysis),
  ]);
  return { allowed: false, reason: [subject, ...new Set(explanation)].join('; ') };
}

interface Part {
  identifier: string;
  actionMatch: boolean;
  resourceMatch: boolean;
  principalMatch: string;
  conditionMatch: boolean;
  conditions?: { operator: string; conditionKeyValue: string; matches: boolean }[];
}

interface Analysis {
  result: string;
  denyStatements: { explain: unknown }[];
  unmatchedStatements: { explain: unknown }[];
}

function explain(kind: string, analysis: Analysis | undefined): string[] {
  if (analysis === undefined || analysis.result === 'Allowed' || analysis.result === 'NotApplicable')
    return [];
  const parts = (statements: { explain: unknown }[]) => statements.map(({ explain: part }) => part as Part);
  const denied = parts(analysis.denyStatements).map(
    (part) => `${kind}: statement ${part.identifier} denies it`,
  );
  const unmatched = parts(analysis.unmatchedStatements).map((part) => {
    const mismatches = [
      ...(part.actionMatch ? [] : ['the action']),
      ...(part.resourceMatch ? [] : ['the resource']),
      ...(part.principalMatch === 'NoMatch' ? ['the principal'] : []),
      ...(part.conditions ?? [])
        .filter((condition) => !condition.matches)
        .map((condition) => `the condition ${condition.operator} ${original(condition.conditionKeyValue)}`),
    ];
    return `${kind}: statement ${part.identifier} does not match ${mismatches.join(', ') || 'the request'}`;
  });
  if (denied.length + unmatched.length === 0) return [`${kind}: no statement allows it`];
  return [...denied, ...unmatched];
}

// iam-simulate ignores condition keys with a variable part after a colon. A principal tag is also a string
// with a free name, so it stands for `kms:EncryptionContext:<name>` in both policy and request.
const encryptionContext = /^kms:EncryptionContext:(.+)$/i;
const standIn = 'aws:PrincipalTag/kms-encryption-context-';

const known = (key: string): string => key.replace(encryptionContext, `${standIn}$1`);
const original = (key: string): string => key.replace(standIn, 'kms:EncryptionContext:');

function withKnownKeys(policy: PolicyDocument): PolicyDocument {
  const statements = [policy['Statement']].flat().map((statement) => {
    if (!isObject(statement) || !isObject(statement['Condition'])) return statement;
    const condition = Object.entries(statement['Condition']).map(([operator, keys]) => [
      operator,
      isObject(keys)
        ? Object.fromEntries(Object.entries(keys).map(([key, value]) => [known(key), value]))
        : keys,
    ]);
    return { ...statement, Condition: Object.fromEntries(condition) };
  });
  return { ...policy, Statement: statements };
}
