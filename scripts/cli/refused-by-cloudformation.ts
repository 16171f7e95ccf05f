import { SECURE_REFERENCE } from '../../provider/properties/index.ts';
import type { Context, Resource } from './context.ts';
import type { Value } from './template.ts';

/**
 * Values that every JSON document may hold, and that CloudFormation does not take or does not understand in a
 * custom resource: a null, and a reference to a secret.
 */
export function checkForCloudFormation({ logicalId, properties }: Resource, { report }: Context): void {
  for (const { value, path } of scalarsIn(properties, [logicalId])) {
    const at = path.join('.');
    if (value.value === null) {
      report(
        'null',
        value.at,
        at,
        'is null, and CloudFormation refuses a template with a null',
        'Leave it out, or write the whole schema, definition or object as JSON text.',
      );
    } else if (typeof value.value === 'string' && SECURE_REFERENCE.test(value.value)) {
      report(
        'secret-reference',
        value.at,
        at,
        'holds a reference to a secret, which CloudFormation does not resolve in a custom resource',
        "Name the secret in the integration's CredentialsSecretArn, and write ${credentials.<field>} here.",
      );
    }
  }
}

type Scalar = Extract<Value, { kind: 'scalar' }>;

function scalarsIn(value: Value, path: readonly string[]): { value: Scalar; path: readonly string[] }[] {
  switch (value.kind) {
    case 'scalar':
      return [{ value, path }];
    case 'list':
      return value.items.flatMap((item, index) => scalarsIn(item, [...path, String(index)]));
    case 'map':
      return [...value.entries].flatMap(([name, entry]) => scalarsIn(entry.value, [...path, name]));
    case 'call':
      return scalarsIn(value.argument, path);
  }
}
