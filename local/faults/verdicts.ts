/**
 * Findings about a world after a matrix, a property or a crash. Each finding is a broken promise of the
 * provider.
 */
import { partialDeepStrictEqual } from 'node:assert';
import type { StackView } from '../cloudformation/stack.ts';
import { type Input, inWorldOf } from '../provider/inputs.ts';
import { isThere } from '../provider/remote.ts';
import type { World } from '../provider/world.ts';

export const findingKinds = [
  'unanswered',
  'late',
  'duplicates',
  'orphans',
  'leaks',
  'wrongIds',
  'untrue',
  'violations',
] as const;
export type FindingKind = (typeof findingKinds)[number];

export interface Finding {
  kind: FindingKind;
  what: string;
}

export const say = (findings: Finding[]) => findings.map(({ kind, what }) => `${kind}: ${what}`).join('; ');

/**
 * Objects of Genesys Cloud that were made since the world began. A key configuration under no key of ours
 * counts as gone.
 */
export function objects(world: World): [string, Record<string, unknown>][] {
  return [...world.made()].filter(isThere);
}

/** Compares Genesys Cloud and the ledger with the stacks. */
export function compare(world: World, stacks: StackView[] = world.cloudFormation.living()): Finding[] {
  const findings: Finding[] = [];
  const ids = new Map<string, string>();
  for (const { name, resources } of stacks) {
    for (const [logicalId, resource] of Object.entries(resources)) {
      // A rolled-back stack still lists its deleted resources.
      if (resource.status === 'DELETE_COMPLETE') continue;
      for (const id of [resource.physicalId, resource.attributes['CredentialId']]) {
        if (id === undefined || id === '' || id.includes('/') || id.startsWith(`${name}-`)) continue;
        ids.set(id, `${name}.${logicalId}`);
      }
    }
  }
  // The credential of before stays until the integration's next request.
  for (const [key, { details }] of world.ledger('OBJECT#')) {
    const owner = ids.get(key.split('#').slice(2).join('#'));
    const previous = (details as Record<string, string> | undefined)?.['previousCredentialId'] ?? '';
    if (owner !== undefined && previous !== '') ids.set(previous, owner);
  }
  const there = objects(world).map(([key]) => key.split(' ') as [string, string]);
  for (const [kind, id] of there) {
    if (!ids.has(id)) {
      const more = there.filter(([other]) => other === kind).length > ids.size ? 'duplicates' : 'orphans';
      findings.push({ kind: more, what: `${kind} ${id} is nobody's` });
    }
  }
  for (const [id, owner] of ids) {
    if (!there.some(([, other]) => other === id))
      findings.push({ kind: 'wrongIds', what: `${owner} believes in ${id}, which is not there` });
  }
  const configurations = [...world.made().keys()].filter((key) => key.startsWith('keyConfigurations'));
  if (configurations.length > 1)
    findings.push({ kind: 'duplicates', what: `${configurations.length} key configurations` });
  for (const [key, record] of world.ledger('OBJECT#')) {
    // The record of what nobody saw being deleted stays.
    if (record['believedGoneAt'] !== undefined) continue;
    if (!ids.has(key.split('#').slice(2).join('#')))
      findings.push({ kind: 'orphans', what: `the ledger keeps ${key}` });
  }
  return findings;
}

/** Compares an object with the fields that an input expects. */
export function compareRemote(world: World, id: string, { remote = {} }: Input): Finding[] {
  const there = world.remote(id);
  if (there === undefined) return [{ kind: 'wrongIds', what: `${id} is not there` }];
  try {
    partialDeepStrictEqual(there, inWorldOf(remote, world));
    return [];
  } catch (error) {
    return [{ kind: 'untrue', what: `${id} is not as asked for: ${(error as Error).message.slice(0, 600)}` }];
  }
}

export interface Expectations {
  /** Violations that the faults of this world cause by themselves. */
  tolerated?: RegExp;
  /** The function's timeout. Default: 300,000. */
  timeoutMs?: number;
  /** The ResponseURL of an event that was lost on purpose: nobody could answer it. */
  lost?: string | undefined;
}

/** Expectations that hold at the end of every world. */
export function judge(world: World, { tolerated, timeoutMs = 300_000, lost }: Expectations = {}): Finding[] {
  const findings: Finding[] = [];
  for (const { event, uploads, deliveries } of world.cloudFormation.requests) {
    const what = `${event.RequestType} ${event.LogicalResourceId}`;
    if (!uploads.some(({ kept }) => kept) && event.ResponseURL !== lost)
      findings.push({ kind: 'unanswered', what });
    if (deliveries.some(({ ends }) => ends.includes('timed out'))) findings.push({ kind: 'late', what });
  }
  for (const milliseconds of world.containers.durations) {
    if (milliseconds > timeoutMs) findings.push({ kind: 'late', what: `${milliseconds} ms` });
  }
  for (const violation of world.cloudFormation.violations()) {
    if (tolerated?.test(violation)) continue;
    const kind = /contradicts|another PhysicalResourceId/.test(violation) ? 'wrongIds' : 'violations';
    findings.push({ kind, what: violation });
  }
  for (const leak of world.leaks()) findings.push({ kind: 'leaks', what: leak });
  return findings;
}
