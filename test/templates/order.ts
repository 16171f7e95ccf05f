/** The order in which CloudFormation makes the resources of a template. */
import type { Json, Resource } from './template.ts';

export type Resources = Record<string, Resource>;

/** Logical ids that a resource refers to or waits for. */
function* references(json: Json | undefined): Generator<string> {
  if (typeof json !== 'object' || json === null) return;
  if (!Array.isArray(json)) {
    if (typeof json['Ref'] === 'string') yield json['Ref'];
    const attribute = json['Fn::GetAtt'];
    if (Array.isArray(attribute)) yield String(attribute[0]);
    const [pattern] = [json['Fn::Sub']].flat();
    if (typeof pattern === 'string')
      for (const [, id = ''] of pattern.matchAll(/\$\{([A-Za-z0-9]+)/g)) yield id;
  }
  for (const child of Object.values(json)) yield* references(child);
}

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
