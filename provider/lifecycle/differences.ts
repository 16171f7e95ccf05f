/** The fields in which two JSON values differ. */
import { fingerprint } from '../../common/canonical-json.ts';
import { isPlainObject, ownMember } from '../../common/objects.ts';
import { untyped } from '../properties/index.ts';
import type { Difference } from './resource-type.ts';

/** The types of scalars do not count, because CloudFormation has lost them. */
export function differencesBetween(applied: unknown, now: unknown, path: string): Difference[] {
  if (!isPlainObject(applied) || !isPlainObject(now))
    return fingerprint(untyped(applied)) === fingerprint(untyped(now)) ? [] : [{ path, applied, now }];
  const names = [...new Set([...Object.keys(now), ...Object.keys(applied)])];
  return names.flatMap((name) =>
    differencesBetween(
      ownMember(applied, name),
      ownMember(now, name),
      path === '' ? name : `${path}.${name}`,
    ),
  );
}
