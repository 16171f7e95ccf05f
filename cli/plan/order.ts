/** The order in which CloudFormation works on the resources of a template. */
import { member, referencesOf, textOf, type Value } from '../templates/template.ts';

/** The logical ids, each behind those that it refers to or depends on. */
export function inOrder(resources: ReadonlyMap<string, Value>): string[] {
  const done = new Set<string>();
  const visit = (logicalId: string, way: readonly string[]) => {
    const value = resources.get(logicalId);
    // CloudFormation refuses a circle.
    if (value === undefined || done.has(logicalId) || way.includes(logicalId)) return;
    for (const needed of needsOf(value)) visit(needed, [...way, logicalId]);
    done.add(logicalId);
  };
  for (const logicalId of resources.keys()) visit(logicalId, []);
  return [...done];
}

function needsOf(resource: Value): string[] {
  const dependsOn = member(resource, 'DependsOn');
  const named = dependsOn?.kind === 'list' ? dependsOn.items.map(textOf) : [textOf(dependsOn)];
  const referred = [...referencesOf(resource)].map(({ name }) => name);
  return [...named.filter((name) => name !== undefined), ...referred];
}
