import { dataOf, member, textOf } from '../templates/template.ts';
import type { Context } from './context.ts';

/** An object that a template takes over: one way of naming it, and by one resource. */
export function checkAdoption({ resources, report }: Context): void {
  const seen = new Map<string, string>();
  for (const { logicalId, typeName, properties, declaration } of resources) {
    const existing = member(properties, 'ExistingId');
    if (existing === undefined) continue;
    const path = `${logicalId}.ExistingId`;
    const byName = member(properties, 'AdoptExisting');
    if (byName !== undefined && String(dataOf(byName)) === 'true') {
      report(
        'combination',
        existing.at,
        path,
        'AdoptExisting asks for whichever has the name, ExistingId for one',
        'Keep one of them.',
      );
    }
    const id = textOf(existing);
    if (id === undefined || member(declaration, 'Condition') !== undefined) continue;
    const key = JSON.stringify([typeName, id]);
    const first = seen.get(key);
    if (first === undefined) seen.set(key, logicalId);
    else {
      report(
        'duplicate',
        existing.at,
        path,
        `${first} takes the same object over, and it has one owner`,
        'Name another one.',
      );
    }
  }
}
