/**
 * A creation may fail at any of its resources, and CloudFormation then takes back what stands by then. This
 * computes, from dependencies, deletion policies and protections, what a rollback cannot delete and what
 * stays in the way of the next attempt.
 */
import { resolve } from './resolve.ts';
import { scenarios } from './scenarios.ts';
import { type Json, type JsonObject, type Resource, readTemplate, templateFiles } from './template.ts';

type Resources = Record<string, Resource>;

/**
 * The resources that a failed creation may leave, because a rollback could not delete it: keys, which only
 * administrators may end, and tables that are protected. The next attempt makes another one, except of a
 * replica and of a ledger. These are made last but for one; the page of the template says how to take them
 * up.
 */
const meantToStay = new Map<string, 'after any failure' | readonly string[]>([
  ['kms/recording-key.yaml RecordingKey', 'after any failure'],
  ['kms/recording-key-replica.yaml RecordingKey', ['RecordingKeyAlias']],
  ['endpoint.yaml Table', 'after any failure'],
  ['provider.yaml Ledger', ['Registration']],
]);

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
function ancestors(resources: Resources, id: string, seen = new Set<string>()): Set<string> {
  const { Properties, Metadata, DependsOn = [] } = resources[id] ?? { Type: '' };
  const direct = [...[DependsOn].flat(), ...references([Properties ?? {}, Metadata ?? {}] as Json)];
  for (const other of direct) {
    if (!(other in resources) || seen.has(other)) continue;
    seen.add(other);
    ancestors(resources, other, seen);
  }
  return seen;
}

/** Whether AWS refuses to delete the resource until its protection is taken away. */
function isProtected({ Type, Properties = {} }: Resource): boolean {
  if (Type === 'AWS::DynamoDB::Table') return Properties['DeletionProtectionEnabled'] === true;
  if (Type === 'AWS::ElasticLoadBalancingV2::LoadBalancer') {
    const attributes = (Properties['LoadBalancerAttributes'] ?? []) as JsonObject[];
    return attributes.some(
      ({ Key, Value }) => Key === 'deletion_protection.enabled' && String(Value) === 'true',
    );
  }
  return false;
}

const names = ['TableName', 'AliasName', 'LogGroupName', 'BucketName', 'QueueName', 'FunctionName', 'Name'];
const hasFixedName = ({ Properties = {} }: Resource) => names.some((name) => Properties[name] !== undefined);

/** The faults after a creation that fails at `failing`. */
function problems(file: string, resources: Resources, failing: string): string[] {
  const standing = Object.keys(resources).filter(
    (id) => id !== failing && !ancestors(resources, id).has(failing),
  );
  return standing.flatMap((id) => {
    const resource = resources[id] as Resource;
    if (resource.DeletionPolicy !== 'Retain') {
      return isProtected(resource) ? [`${id} is protected, so the rollback from ${failing} fails`] : [];
    }
    const allowed = meantToStay.get(`${file} ${id}`) ?? [];
    if (allowed === 'after any failure' ? !hasFixedName(resource) : allowed.includes(failing)) return [];
    return [`${id} stays after ${failing} failed`];
  });
}

const cases = templateFiles().flatMap((file) => {
  const { base = {}, variations = {} } = scenarios[file] ?? {};
  return [['least', {}] as const, ...Object.entries(variations)].map(
    ([name, change]) => [file, name, { ...base, ...change }] as const,
  );
});

test.each(cases)(
  '%s (%s): a creation that fails anywhere goes back by itself, and the next one works',
  (file, _name, parameters) => {
    const { Resources } = resolve(readTemplate(file), parameters);
    expect(Object.keys(Resources).flatMap((id) => problems(file, Resources, id))).toEqual([]);
  },
);

test('what is meant to stay is there, and is retained', () => {
  const stays = [...meantToStay.keys()].map((one) => {
    const [file = '', id = ''] = one.split(' ');
    return readTemplate(file).Resources[id]?.DeletionPolicy;
  });
  expect(stays).toEqual([...meantToStay].map(() => 'Retain'));
});
