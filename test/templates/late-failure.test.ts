/**
 * A creation may fail at any of its resources, and CloudFormation then takes back what stands by then. This
 * computes, from dependencies, deletion policies and protections, what a rollback cannot delete and what
 * stays in the way of the next attempt.
 */
import { ancestors, type Resources } from './order.ts';
import { resolve } from './resolve.ts';
import { scenarios } from './scenarios.ts';
import { type JsonObject, type Resource, readTemplate, templateFiles } from './template.ts';

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
