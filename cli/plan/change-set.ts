/** The part of a change set that says which properties of a resource may change. */
import type { ResourceChange } from '@aws-sdk/client-cloudformation';

export type SetChange = ResourceChange;

/**
 * Paths of the properties that the change set names. CloudFormation names a property, and in newer change sets
 * its whole path (`/Properties/Request/Headers`).
 */
export const propertiesOf = ({ Details = [] }: SetChange): string[] =>
  Details.flatMap(({ Target }) => {
    if (Target?.Attribute !== 'Properties') return [];
    const path = /^\/Properties\/(.+)$/.exec(Target.Path ?? '')?.[1]?.replaceAll('/', '.');
    return path ?? Target.Name ?? [];
  });
