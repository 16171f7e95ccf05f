import { type PropertyProblem, problemAt } from './property-error.ts';

/**
 * A dynamic reference to a secure value. CloudFormation hands it to a custom resource as it stands (AWS,
 * "Using dynamic references to specify template values").
 */
export const SECURE_REFERENCE = /\{\{resolve:(?:secretsmanager|ssm-secure):/;
/** Any dynamic reference: where one arrives, nobody has resolved it. */
const REFERENCE = /\{\{resolve:(?:secretsmanager|ssm-secure|ssm):/;

/** The schemas take fewer levels, and a walk needs stack for each. */
const DEEPEST = 60;

/** Every text and every name that still holds a dynamic reference, by its path. */
export function unresolvedReferences(value: unknown, path: readonly string[] = []): PropertyProblem[] {
  if (typeof value === 'string' && REFERENCE.test(value)) {
    return [
      problemAt(
        path.join('.'),
        "holds a {{resolve:…}} that CloudFormation does not resolve in a custom resource: name the secret in the integration's CredentialsSecretArn, and write ${credentials.<field>} here",
        { fault: 'value' },
      ),
    ];
  }
  if (value === null || typeof value !== 'object' || path.length > DEEPEST) return [];
  return Object.entries(value).flatMap(([name, part]) => [
    ...unresolvedReferences(name, [...path, 'a name']),
    ...unresolvedReferences(part, [...path, name]),
  ]);
}
