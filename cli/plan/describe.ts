/** Says what was foreseen of a resource in the words of a plan, and how certain it is. */
import { AwsError, messageOf } from '../../common/errors.ts';
import type { Foreseen } from '../../provider/lifecycle/preview.ts';
import type { AnyResourceType } from '../../provider/lifecycle/resource-type.ts';
import { PropertyError } from '../../provider/properties/index.ts';
import type { Action, PlannedResource } from './planned.ts';
import type { Filled } from './stand-ins.ts';
import type { Unknown } from './values.ts';

export const newPlanned = (logicalId: string, type: string): PlannedResource => ({
  logicalId,
  type,
  action: 'nothing',
  isCertain: true,
  changes: [],
  because: [],
  users: [],
  open: [],
  failures: [],
  notes: [],
});

/** @param certain paths of the properties that change for certain */
export function describeUpdate(
  planned: PlannedResource,
  type: AnyResourceType,
  foreseen: Foreseen,
  values: Filled,
  certain: readonly string[],
): void {
  planned.action = foreseen.does as Action;
  planned.open.push(...values.open);
  // CloudFormation sends the request all the same, and the provider writes nothing.
  if (foreseen.does === 'nothing') return;
  const paths = foreseen.differences?.map(({ path }) => path) ?? [];
  planned.changes = paths.length > 0 ? paths : [...certain, ...values.open.map(({ path }) => path)];
  const sources: readonly string[] = type.resolvedFrom ?? [];
  const isKnown = (path: string) =>
    certain.some((one) => isRelated(one, path) || sources.includes(topOf(one)));
  if (foreseen.does !== 'replace') {
    planned.isCertain &&= certain.length > 0;
    return;
  }
  if (foreseen.cause === 'gone') planned.because = ['it was deleted by another hand'];
  else if (foreseen.cause === 'another object') planned.because = ['the properties name another object'];
  else {
    planned.because = foreseen.forcing.map(({ path }) => path);
    planned.isCertain &&= planned.because.length === 0 ? certain.length > 0 : planned.because.some(isKnown);
  }
}

/** Notes the object that is taken over. */
export function noteAdoption(planned: PlannedResource, { id, isWritten }: Foreseen): void {
  if (id === undefined) return;
  planned.adopts = id;
  if (isWritten !== undefined) planned.overwrites = isWritten;
}

/** Takes a refusal up: as a failure, or as open where a value that is not known may be its reason. */
export function judge(planned: PlannedResource, foreseen: Foreseen, { open, standIns }: Filled): void {
  const { refusal, isUndecided } = foreseen;
  if (refusal === undefined) return;
  const notJudged = (why: string) => {
    planned.isCertain = false;
    if (isUndecided) planned.action = 'replace';
    planned.notes.push(`Not judged any further: ${why}`);
  };
  const paths = open.map(({ path }) => path).join(', ');
  if (refusal instanceof PropertyError) {
    const certain = refusal.problems.filter(({ path }) => !isAmong(path, open));
    if (certain.length > 0) planned.failures.push(new PropertyError(certain).message);
    else notJudged(`${paths} is known at the deployment only.`);
    return;
  }
  // A refusal that names a stand-in says nothing about the value that will be there.
  const said = messageOf(refusal);
  const masked = standIns.reduce((text, standIn) => text.replaceAll(standIn, ''), said);
  if (masked !== said)
    notJudged(paths === '' ? 'a value is not known.' : `${paths} is known at the deployment only.`);
  else if (isDenied(refusal)) notJudged(`with your credentials, ${said}`);
  else if (refusal instanceof AwsError) notJudged(said);
  else planned.failures.push(said);
}

/** Whether AWS denied the call. S3 has names of its own for it. */
function isDenied(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return /^(AccessDenied(Exception)?|Forbidden|403)$/.test(error.name) || isDenied(error.cause);
}

export const whyOf = (value: Unknown) => value.sources.map(({ why }) => why).join(', ');
const topOf = (path: string) => path.split('.')[0] ?? path;
const isWithin = (path: string, above: string) => path === above || path.startsWith(`${above}.`);
export const isRelated = (one: string, other: string) => isWithin(one, other) || isWithin(other, one);
export const isAmong = (path: string, open: readonly { path: string }[]) =>
  open.some((one) => isRelated(path, one.path));
