/** Reads a role of IAM with everything that its policies say. */
import { type Aws, elements, nameOf } from './aws.ts';
import { NotLookedAtError } from './outcome.ts';
import { type Statement, statementsOf } from './policies.ts';

export interface Role {
  name: string;
  /** The trust policy, as JSON. */
  trust: string;
  /** Of inline and attached policies. */
  statements: Statement[];
  /** Of the permissions boundary; undefined where it has none. */
  boundary: Statement[] | undefined;
}

/**
 * Undefined where there is no such role.
 * @throws NotLookedAtError where the caller may not look, or is of another account
 */
export async function readRole(aws: Aws, arn: string, ownAccount: string): Promise<Role | undefined> {
  const account = arn.split(':')[4];
  if (account !== ownAccount)
    throw new NotLookedAtError('permission', `needs credentials of the account ${account}`);
  const RoleName = arn.split('/').at(-1) ?? '';
  let answer: string;
  try {
    answer = await aws.iam('GetRole', { RoleName });
  } catch (error) {
    if (nameOf(error) === 'NoSuchEntity') return undefined;
    throw error;
  }
  const [trust = '{}'] = elements(answer, 'AssumeRolePolicyDocument');
  const [boundary] = elements(answer, 'PermissionsBoundaryArn');
  const statements: Statement[] = [];
  for (const PolicyName of elements(await aws.iam('ListRolePolicies', { RoleName }), 'member')) {
    const policy = await aws.iam('GetRolePolicy', { RoleName, PolicyName });
    statements.push(...statementsOf(elements(policy, 'PolicyDocument')[0] ?? '{}'));
  }
  const attached = await aws.iam('ListAttachedRolePolicies', { RoleName });
  for (const PolicyArn of elements(attached, 'PolicyArn'))
    statements.push(...(await statementsOfPolicy(aws, PolicyArn)));
  return {
    name: RoleName,
    trust,
    statements,
    boundary: boundary === undefined ? undefined : await statementsOfPolicy(aws, boundary),
  };
}

async function statementsOfPolicy(aws: Aws, PolicyArn: string): Promise<Statement[]> {
  const [VersionId = 'v1'] = elements(await aws.iam('GetPolicy', { PolicyArn }), 'DefaultVersionId');
  const version = await aws.iam('GetPolicyVersion', { PolicyArn, VersionId });
  return statementsOf(elements(version, 'Document')[0] ?? '{}');
}
