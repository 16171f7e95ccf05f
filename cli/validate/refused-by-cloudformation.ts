import { SECURE_REFERENCE } from '../../provider/properties/index.ts';
import {
  everyValue,
  member,
  type Place,
  referencesOf,
  type Scalar,
  substituted,
  textOf,
  type Value,
} from '../templates/template.ts';
import type { Context, Resource } from './context.ts';

/**
 * Values that every JSON document may hold, and that CloudFormation does not take or does not understand in a
 * custom resource: a null, and a reference to a secret.
 */
export function checkForCloudFormation({ logicalId, properties }: Resource, context: Context): void {
  const parts = [
    ...partsOf(properties, [logicalId]),
    ...sourcesOf(properties, context.template).flatMap(({ value, path }) => partsOf(value, path)),
  ];
  for (const { content, at, path } of parts) {
    if (content === null) {
      context.report(
        'null',
        at,
        path.join('.'),
        'is null, and CloudFormation refuses a template with a null',
        'Leave it out, or write the whole schema, definition or object as JSON text.',
      );
    } else if (isSecureReference(content)) {
      context.report(
        'secret-reference',
        at,
        path.join('.'),
        'holds a reference to a secret, which CloudFormation does not resolve in a custom resource',
        "Name the secret in the integration's CredentialsSecretArn, and write ${credentials.<field>} here.",
      );
    }
  }
}

const isSecureReference = (content: Scalar['value']) =>
  typeof content === 'string' && SECURE_REFERENCE.test(content);

/** A scalar, a name, or a text that `Fn::Join` makes. */
interface Part {
  content: Scalar['value'];
  at: Place;
  path: readonly string[];
}

function partsOf(value: Value, path: readonly string[]): Part[] {
  switch (value.kind) {
    case 'scalar':
      return [{ content: value.value, at: value.at, path }];
    case 'list':
      return value.items.flatMap((item, index) => partsOf(item, [...path, String(index)]));
    case 'map':
      return [...value.entries].flatMap(([name, entry]) => [
        { content: name, at: entry.key, path: [...path, name] },
        ...partsOf(entry.value, [...path, name]),
      ]);
    case 'call': {
      const parts = partsOf(value.argument, path);
      const text = joined(value);
      // A reference in one piece is that piece's own.
      if (text === undefined || parts.some(({ content }) => isSecureReference(content))) return parts;
      return [...parts, { content: text, at: value.at, path }];
    }
  }
}

/** The text of `Fn::Join`, with NUL in the place of what is known at deployment only. */
function joined(value: Value): string | undefined {
  if (value.kind !== 'call' || value.name !== 'Fn::Join' || value.argument.kind !== 'list') return undefined;
  const [delimiter, pieces] = value.argument.items;
  if (pieces?.kind !== 'list') return undefined;
  return pieces.items
    .map((piece) => (piece.kind === 'scalar' ? String(piece.value) : (substituted(piece)?.text ?? '\0')))
    .join(textOf(delimiter) ?? '\0');
}

/** Defaults of parameters, and mappings, that the properties take values from. */
function sourcesOf(properties: Value, template: Value): { value: Value; path: string[] }[] {
  const mappings = [...everyValue(properties)].flatMap((value) =>
    value.kind === 'call' && value.name === 'Fn::FindInMap' && value.argument.kind === 'list'
      ? (textOf(value.argument.items[0]) ?? [])
      : [],
  );
  const paths = [
    ...[...referencesOf(properties)].map(({ name }) => ['Parameters', name, 'Default']),
    ...mappings.map((name) => ['Mappings', name]),
  ];
  return paths.flatMap((path) => {
    const value = path.reduce<Value | undefined>(member, template);
    return value === undefined ? [] : [{ value, path }];
  });
}
