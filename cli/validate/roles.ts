/** The role of an integration, where the same template makes it: who may assume it, and what it may do. */
import { matchesGlob } from '../../common/glob.ts';
import { isPlainObject } from '../../common/objects.ts';
import {
  dataOf,
  isKnown,
  type Members,
  member,
  referencesOf,
  UNKNOWN,
  type Value,
} from '../templates/template.ts';
import { type Context, type Resource, typeOf } from './context.ts';

const POLICY_TYPES = ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy', 'AWS::IAM::RolePolicy'];

/** The policies of a template that are attached to a role of it, with their logical ids. */
export function policiesOf(role: string, context: Context): [string, Value][] {
  return [...context.declarations].filter(([logicalId, declaration]) => {
    if (!POLICY_TYPES.includes(typeOf(logicalId, context) ?? '')) return false;
    const properties = member(declaration, 'Properties');
    const attached = [member(properties, 'Roles'), member(properties, 'RoleName')];
    return attached.some((to) => to && [...referencesOf(to)].some(({ name }) => name === role));
  });
}

/** The logical id of the role whose ARN an integration takes; undefined where the template makes none. */
export function roleOf({ properties }: Resource, { declarations }: Context): string | undefined {
  const roleArn = member(properties, 'RoleArn');
  const role = roleArn && [...referencesOf(roleArn)].find(({ attribute }) => attribute === 'Arn')?.name;
  return role !== undefined && declarations.has(role) ? role : undefined;
}

/** Warns about a role that other organizations could use, and about one that may invoke nothing. */
export function checkRole(resource: Resource, context: Context): void {
  const { logicalId } = resource;
  const role = roleOf(resource, context);
  if (role === undefined || typeOf(role, context) !== 'AWS::IAM::Role') return;
  const ofRole = member(context.declarations.get(role), 'Properties');
  if (ofRole?.kind !== 'map') return;
  const trust = member(ofRole, 'AssumeRolePolicyDocument');
  if (trust !== undefined && assumableByAnybody(dataOf(trust))) {
    context.report(
      'external-id',
      trust.at,
      `${role}.AssumeRolePolicyDocument`,
      `${logicalId} uses this role, and its trust asks for no ExternalId: other customers of Genesys Cloud could use it as well`,
      'Add Condition: { StringEquals: { sts:ExternalId: <id of your organization> } }.',
    );
  }
  if (mayInvokeNothing(role, ofRole, context)) {
    context.report(
      'invoke',
      ofRole.at,
      role,
      `${logicalId} uses this role, and no policy of the template lets it invoke a function`,
      'Allow lambda:InvokeFunction on the function in a policy of the role.',
    );
  }
}

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : [value]);

/** Whether a statement lets another AWS account assume the role without an ExternalId. */
function assumableByAnybody(document: unknown): boolean {
  if (!isPlainObject(document)) return false;
  return listOf(document['Statement']).some((statement) => {
    if (!isPlainObject(statement) || statement['Effect'] !== 'Allow') return false;
    const principal = statement['Principal'];
    const isOfAccounts = principal === '*' || (isPlainObject(principal) && 'AWS' in principal);
    if (!isOfAccounts || statement['Condition'] === UNKNOWN) return false;
    const condition = isPlainObject(statement['Condition']) ? Object.values(statement['Condition']) : [];
    const asks = condition.some(
      (keys) =>
        keys === UNKNOWN ||
        (isPlainObject(keys) && Object.keys(keys).some((key) => key.toLowerCase() === 'sts:externalid')),
    );
    return !asks;
  });
}

/** Whether everything that the role may do is known, and invoking a function is no part of it. */
function mayInvokeNothing(role: string, ofRole: Members, context: Context): boolean {
  if (member(ofRole, 'ManagedPolicyArns') !== undefined || ofRole.entries.has('Fn::Transform')) return false;
  const inline = member(ofRole, 'Policies');
  const documents: unknown[] = policiesOf(role, context).map(([, declaration]) => {
    const document = member(member(declaration, 'Properties'), 'PolicyDocument');
    return document === undefined ? UNKNOWN : dataOf(document);
  });
  if (inline !== undefined) {
    const policies = dataOf(inline);
    if (!Array.isArray(policies)) return false;
    for (const policy of policies) documents.push(isPlainObject(policy) ? policy['PolicyDocument'] : UNKNOWN);
  }
  const actions = documents.flatMap((document) =>
    isPlainObject(document)
      ? listOf(document['Statement']).flatMap((statement) =>
          isPlainObject(statement) && !('NotAction' in statement) ? allowedBy(statement) : [UNKNOWN],
        )
      : [UNKNOWN],
  );
  return actions.every(
    (action) => isKnown(action) && typeof action === 'string' && !fits(action, 'lambda:InvokeFunction'),
  );
}

const allowedBy = (statement: Record<string, unknown>): unknown[] =>
  statement['Effect'] === 'Deny' ? [] : listOf(statement['Action']);

/** Whether a pattern of IAM, in which capitals do not count, stands for an action. */
const fits = (pattern: string, action: string): boolean =>
  matchesGlob(pattern.toLowerCase(), action.toLowerCase());
