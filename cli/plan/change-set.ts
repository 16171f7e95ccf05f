/** The part of a change set that says which properties of a resource may change. */
import type { ResourceChange } from '@aws-sdk/client-cloudformation';
import { type Evaluated, isMap, Unknown } from './values.ts';

export type SetChange = ResourceChange;

/**
 * Paths of the properties that the change set names. CloudFormation names a property, and in newer change
 * sets its whole path (`/Properties/Request/Headers`).
 */
export const propertiesOf = ({ Details = [] }: SetChange): string[] =>
  Details.flatMap(({ Target }) => {
    if (Target?.Attribute !== 'Properties') return [];
    const path = /^\/Properties\/(.+)$/.exec(Target.Path ?? '')?.[1]?.replaceAll('/', '.');
    return path ?? Target.Name ?? [];
  });

/** CloudFormation's words for a value that it does not know yet, and for one of NoEcho. */
const NOT_KNOWN = /KNOWN_AFTER_APPLY|^\*+$/;

/** The properties with the values that CloudFormation has resolved for the change set. */
export function withAfterContext(
  properties: { [name: string]: Evaluated },
  { AfterContext }: SetChange,
): { [name: string]: Evaluated } {
  const context = AfterContext === undefined ? {} : (JSON.parse(AfterContext) as { Properties?: unknown });
  return resolvedBy(properties, context.Properties) as { [name: string]: Evaluated };
}

function resolvedBy(value: Evaluated, known: unknown): Evaluated {
  if (value instanceof Unknown) {
    const isShown = !value.sources.some(({ isSecret }) => isSecret);
    const isText = ['string', 'number', 'boolean'].includes(typeof known);
    return isShown && isText && !NOT_KNOWN.test(String(known)) ? String(known) : value;
  }
  if (typeof value === 'string' || typeof known !== 'object' || known === null) return value;
  if (Array.isArray(value)) return value.map((item, index) => resolvedBy(item, (known as unknown[])[index]));
  if (!isMap(value)) return value;
  const members = known as Record<string, unknown>;
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [
      name,
      resolvedBy(part, Object.hasOwn(members, name) ? members[name] : undefined),
    ]),
  );
}
