/** The order in which CloudFormation makes the resources of a template. */
import { type Json, type Resource, references } from '../../scripts/build/templates/template.ts';

export type Resources = Record<string, Resource>;

/** The resources that have to stand before a resource is begun, directly and indirectly. */
export function ancestors(resources: Resources, id: string, seen = new Set<string>()): Set<string> {
  const { Properties, Metadata, DependsOn = [] } = resources[id] ?? { Type: '' };
  const direct = [...[DependsOn].flat(), ...references([Properties ?? {}, Metadata ?? {}] as Json)];
  for (const other of direct) {
    if (!(other in resources) || seen.has(other)) continue;
    seen.add(other);
    ancestors(resources, other, seen);
  }
  return seen;
}
