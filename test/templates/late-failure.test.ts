/**
 * A creation may fail at any of its resources, and CloudFormation then takes back what stands by then. This
 * computes for every template and every resource in it, nested stacks included, from dependencies, deletion
 * policies, fixed names and protections: the resources that a rollback cannot delete, and those that stay in
 * the way of the next attempt.
 */
import { fixedName } from '../../scripts/build/templates/names.ts';
import { resolve } from '../../scripts/build/templates/resolve.ts';
import { scenarios } from '../../scripts/build/templates/scenarios.ts';
import {
  type JsonObject,
  type Resource,
  readTemplate,
  templateFiles,
} from '../../scripts/build/templates/template.ts';
import { ancestors, type Resources } from './order.ts';

/**
 * The resources that a failed creation may leave. The next creation finds a fixed name taken, so such a
 * resource may stay only after the failures in `afterOnly`. The page of the template says how to take it up.
 */
const meantToStay: Record<string, { because: string; afterOnly?: readonly string[] }> = {
  'kms/recording-key.yaml RecordingKey': {
    because: 'Only administrators may end a key. The next creation makes another one.',
  },
  'kms/recording-key-replica.yaml RecordingKey': {
    because: 'Only administrators may end a key. A Region has one replica of a key, so it is made last.',
    afterOnly: ['RecordingKeyAlias'],
  },
  'endpoint.yaml Table': {
    because: 'It is protected from deletion. The next creation makes another one.',
  },
  'ledger.yaml Ledger': {
    because: 'It is protected from deletion, and made last.',
    afterOnly: [],
  },
  'provider.yaml Ledger': {
    because: 'It is protected from deletion. LedgerTableArn takes it up.',
    afterOnly: ['Registration'],
  },
  'network/endpoint-service.yaml AccessLogBucket': {
    because:
      'A load balancer may have written into it, and CloudFormation deletes no bucket that holds objects.',
  },
};

/** The time until AWS gives the fixed name of a deleted resource out again (docs/assumptions.md). */
const nameIsFree: Record<string, string> = {
  'AWS::CloudFormation::StackSet': 'at once',
  'AWS::CloudWatch::Dashboard': 'at once',
  'AWS::DynamoDB::Table': 'at once: CloudFormation waits for the deletion',
  'AWS::ElasticLoadBalancingV2::TargetGroup': 'at once',
  'AWS::KMS::Alias': 'at once',
  'AWS::Lambda::Function': 'at once',
  'AWS::S3::Bucket': 'after hours, at most 72 (AWS knowledge center, s3-conflicting-conditional-operation)',
  'AWS::SQS::Queue': 'after 60 seconds (API reference, DeleteQueue)',
  'AWS::SSM::Parameter': 'after 30 seconds (API reference, DeleteParameter)',
  'AWS::SecretsManager::Secret': 'at once: CloudFormation deletes without a recovery window',
};
/** Whether it keeps a second one from being made: by its name, or as the one replica of a key in a Region. */
const collides = (resource: Resource) =>
  fixedName(resource) !== undefined || resource.Type === 'AWS::KMS::ReplicaKey';

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

/** Buckets that a resource writes into as soon as it stands. */
function writtenAtOnce({ Properties = {} }: Resource): string[] {
  const attributes = (Properties['LoadBalancerAttributes'] ?? []) as JsonObject[];
  return attributes
    .filter(({ Key }) => Key === 'access_logs.s3.bucket')
    .map(({ Value }) => (Value as { Ref?: string })?.Ref ?? '');
}

/** One creation: all resources that CloudFormation makes, those of nested stacks included. */
interface Creation {
  /** Path of logical ids, such as `Provider/Ledger`. */
  nodes: Map<string, { file: string; id: string; resource: Resource; siblings: Resources; stack: string }>;
  /** Paths that have to stand before, by path. */
  before: Map<string, Set<string>>;
}

const parametersOf = (file: string, change: Record<string, string>) => ({
  ...scenarios[file]?.base,
  ...change,
});

function creation(file: string, change: Record<string, string>): Creation {
  const nodes: Creation['nodes'] = new Map();
  const before: Creation['before'] = new Map();
  const add = (at: string, name: string, parameters: Record<string, string>, outside: Set<string>) => {
    const { Resources: resources } = resolve(readTemplate(name), parameters);
    const inside = new Map<string, string[]>();
    const childOf = (resource: Resource) => {
      const url = resource.Properties?.['TemplateURL'];
      return resource.Type === 'AWS::CloudFormation::Stack' && typeof url === 'string'
        ? templateFiles().find((one) => url.endsWith(`/${one}`))
        : undefined;
    };
    const order = Object.keys(resources).sort(
      (a, b) => ancestors(resources, a).size - ancestors(resources, b).size,
    );
    for (const id of order) {
      const resource = resources[id] as Resource;
      const earlier = new Set(outside);
      for (const other of ancestors(resources, id)) {
        earlier.add(at + other);
        for (const inner of inside.get(other) ?? []) earlier.add(inner);
      }
      const child = childOf(resource);
      if (child !== undefined) {
        const given = Object.entries((resource.Properties?.['Parameters'] ?? {}) as JsonObject).filter(
          (entry): entry is [string, string] => typeof entry[1] === 'string' && entry[1] !== '',
        );
        const size = nodes.size;
        add(`${at}${id}/`, child, parametersOf(child, Object.fromEntries(given)), earlier);
        inside.set(id, [...nodes.keys()].slice(size));
        for (const inner of inside.get(id) ?? []) earlier.add(inner);
      }
      nodes.set(at + id, { file: name, id, resource, siblings: resources, stack: at });
      before.set(at + id, earlier);
    }
  };
  add('', file, parametersOf(file, change), new Set());
  return { nodes, before };
}

/** The faults after a creation that fails at `failing`. */
function problems({ nodes, before }: Creation, failing: string): string[] {
  const standing = [...nodes].filter(
    ([path]) => path !== failing && !before.get(path)?.has(failing) && !failing.startsWith(`${path}/`),
  );
  const written = new Set(
    standing.flatMap(([, { resource, stack }]) => writtenAtOnce(resource).map((id) => stack + id)),
  );
  return standing.flatMap(([path, { file, id, resource, stack }]) => {
    // CloudFormation deletes a nested stack that is complete, and does not say whether this is "on create".
    const isOfCompleteChild = stack !== '' && !failing.startsWith(stack);
    const { DeletionPolicy = 'Delete' } = resource;
    const stays =
      DeletionPolicy === 'Retain' || (DeletionPolicy === 'RetainExceptOnCreate' && isOfCompleteChild);
    if (!stays) {
      if (isProtected(resource)) return [`${path} is protected, so the rollback from ${failing} fails`];
      if (written.has(path)) return [`${path} holds objects, so the rollback from ${failing} fails`];
      return [];
    }
    if (DeletionPolicy === 'RetainExceptOnCreate' && !collides(resource)) return [];
    const meant = meantToStay[`${file} ${id}`];
    if (meant === undefined) return [`${path} stays after ${failing} failed`];
    const failed = nodes.get(failing);
    const allowed =
      meant.afterOnly === undefined
        ? !collides(resource)
        : failed?.file === file && meant.afterOnly.includes(failed.id);
    return allowed ? [] : [`${path} stays after ${failing} failed, and blocks the next creation`];
  });
}

const cases = templateFiles().flatMap((file) =>
  [['least', {}] as const, ...Object.entries(scenarios[file]?.variations ?? {})].map(
    ([name, change]) => [file, name, change as Record<string, string>] as const,
  ),
);

test.each(cases)(
  '%s (%s): a creation that fails anywhere goes back by itself, and the next one works',
  (file, _name, change) => {
    const made = creation(file, change);
    // A nested stack fails by one of its resources.
    const failing = [...made.nodes.keys()].filter(
      (path) => ![...made.nodes.keys()].some((other) => other.startsWith(`${path}/`)),
    );
    expect(failing.flatMap((path) => problems(made, path))).toEqual([]);
  },
);

test('nested stacks are followed into their resources', () => {
  const { nodes, before } = creation('examples/private-network.yaml', {});
  expect(nodes.has('Provider/Ledger')).toBe(true);
  expect(before.get('Provider/Ledger')?.has('Network/Vpc')).toBe(true);
});

test('what is meant to stay is there, and is retained', () => {
  const stays = Object.keys(meantToStay).map((one) => {
    const [file = '', id = ''] = one.split(' ');
    return [one, readTemplate(file).Resources[id]?.DeletionPolicy];
  });
  expect(stays).toEqual(stays.map(([one]) => [one, 'Retain']));
});

test('of each fixed name it is known when it can be taken again', () => {
  const named = cases.flatMap(([file, , change]) =>
    [...creation(file, change).nodes.values()].filter(({ resource }) => fixedName(resource) !== undefined),
  );
  const types = new Set(named.map(({ resource }) => resource.Type));
  expect([...types].sort()).toEqual(Object.keys(nameIsFree).sort());
});
