/**
 * Things that a resource refers to and CloudFormation does not keep: a definition in S3 or in a secret, a
 * credential's secret and its tag, the administrator's lists, the keys that encrypt them. Each may change
 * between an update and its rollback.
 */
import { createHash } from 'node:crypto';
import { ACTION, INTEGRATION } from '../provider/stacks.ts';
import { CREDENTIALS_SECRET, OAUTH_SECRET, type World } from '../provider/world.ts';

export const BUCKET = 'definitions';
const KEY = 'actions/order.json';
const DEFINITION_SECRET = OAUTH_SECRET.replace('/oauth/credentials', '/definitions/order');
const SECOND_SECRET = CREDENTIALS_SECRET.replace('orders', 'second');
const TAGS = { 'genesys-cloud-cfn:stacks': 'stack' };

/** The form that was applied before, and the form of the update. */
export type Form = 1 | 2;

/** Something outside, and the resource that refers to it. */
export interface Content {
  name: string;
  type: string;
  /** Makes it what a form refers to, and answers the properties that refer to it. */
  properties(world: World, form: Form): Record<string, unknown>;
  /** Things that may happen to all of it afterwards, by name. */
  misfortunes: Record<string, (world: World) => void>;
}

// ---- definitions

/** An exported file; another number is another file. */
export const fileOf = (number: number, contract: object = { type: 'object' }) =>
  JSON.stringify({
    name: 'Order status',
    category: `Category ${number}`,
    contract: { input: { inputSchema: contract }, output: { successSchema: { type: 'object' } } },
    config: {
      timeoutSeconds: 10 + number,
      request: {
        requestUrlTemplate: `https://example.com/${number}`,
        requestType: 'POST',
        requestTemplate: `{"number": ${number}}`,
        headers: { 'x-api-key': `CANARY-${number}` },
      },
    },
  });

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const place = `${BUCKET}/${KEY}`;
const refuseObject = (world: World, refusal: string) => {
  const object = world.aws.objects.get(place);
  if (object) object.refusal = refusal;
};

const inS3 = (reference: (versionId: string, text: string) => object): Omit<Content, 'name'> => ({
  type: ACTION,
  properties(world, form) {
    const text = fileOf(form);
    const versionId = world.aws.putObject(place, text);
    return {
      IntegrationId: world.integrationId,
      Definition: { S3: { Bucket: BUCKET, Key: KEY, ...reference(versionId, text) } },
    };
  },
  misfortunes: {
    'stays as it is': () => {},
    'is changed': (world) => void world.aws.putObject(place, fileOf(3)),
    'is deleted with all its versions': (world) => void world.aws.objects.delete(place),
    'is forbidden': (world) => refuseObject(world, 'AccessDenied'),
    'is encrypted by a key that is disabled': (world) => refuseObject(world, 'KMS.DisabledException'),
    // The role's policy is made from the same list.
    'is not listed by the administrator any more': (world) => {
      world.containers.redeploy({ DEFINITION_OBJECT_ARNS: '' });
      refuseObject(world, 'AccessDenied');
    },
  },
});

const definitionSecret: Content = {
  name: 'a definition in a secret',
  type: ACTION,
  properties(world, form) {
    const { versions = {} } = world.aws.secrets.get(DEFINITION_SECRET) ?? {};
    const text = fileOf(form);
    world.aws.secrets.set(DEFINITION_SECRET, {
      text,
      tags: TAGS,
      versions: { ...versions, [`version-${form}`]: text },
    });
    return {
      IntegrationId: world.integrationId,
      Definition: { SecretArn: DEFINITION_SECRET, VersionId: `version-${form}` },
    };
  },
  misfortunes: misfortunesOf(DEFINITION_SECRET, { text: fileOf(3), versions: { 'version-3': fileOf(3) } }),
};

// ---- credentials

/** The fields of a credential; another number is another password. */
const fieldsOf = (number: number) => JSON.stringify({ userName: 'orders', password: `CANARY-${number}` });

const credential = {
  Name: 'Orders',
  IntegrationType: 'custom-rest-actions',
  CredentialType: 'basicAuth',
};

const credentialsSecret: Content = {
  name: "a credential's secret, read again",
  type: INTEGRATION,
  properties(world, form) {
    world.aws.secrets.set(CREDENTIALS_SECRET, { text: fieldsOf(form), tags: TAGS });
    const version = { CredentialsSecretVersion: String(form) };
    return { ...credential, CredentialsSecretArn: CREDENTIALS_SECRET, ...version };
  },
  misfortunes: misfortunesOf(CREDENTIALS_SECRET, { text: fieldsOf(3) }),
};

const anotherSecret: Content = {
  name: "another credential's secret",
  type: INTEGRATION,
  properties(world, form) {
    const arn = form === 1 ? CREDENTIALS_SECRET : SECOND_SECRET;
    world.aws.secrets.set(arn, { text: fieldsOf(form), tags: TAGS });
    return { ...credential, CredentialsSecretArn: arn };
  },
  misfortunes: misfortunesOf(CREDENTIALS_SECRET, { text: fieldsOf(3) }),
};

const anotherKind: Content = {
  name: 'another kind of credential from the same secret',
  type: INTEGRATION,
  properties(world, form) {
    world.aws.secrets.set(CREDENTIALS_SECRET, { text: fieldsOf(form), tags: TAGS });
    const CredentialType = form === 1 ? 'basicAuth' : 'userDefined';
    return { ...credential, CredentialType, CredentialsSecretArn: CREDENTIALS_SECRET };
  },
  misfortunes: misfortunesOf(CREDENTIALS_SECRET, { text: fieldsOf(3) }),
};

const unchangedSecret: Content = {
  name: "a credential's secret, while only the notes change",
  type: INTEGRATION,
  properties(world, form) {
    if (form === 1) world.aws.secrets.set(CREDENTIALS_SECRET, { text: fieldsOf(1), tags: TAGS });
    return { ...credential, CredentialsSecretArn: CREDENTIALS_SECRET, Notes: `Notes ${form}` };
  },
  misfortunes: misfortunesOf(CREDENTIALS_SECRET, { text: fieldsOf(3) }),
};

function misfortunesOf(arn: string, changed: { text: string; versions?: Record<string, string> }) {
  const change = (world: World, changes: object) => {
    const secret = world.aws.secrets.get(arn);
    if (secret) world.aws.secrets.set(arn, { ...secret, ...changes });
  };
  return {
    'stays as it is': () => {},
    'is changed': (world: World) => change(world, changed),
    'is deleted': (world: World) => void world.aws.secrets.delete(arn),
    'is forbidden': (world: World) => change(world, { refusal: 'AccessDeniedException' }),
    'is encrypted by a key that is disabled': (world: World) =>
      change(world, { refusal: 'DecryptionFailure' }),
    'has lost its tag': (world: World) => change(world, { tags: {} }),
  };
}

export const contents: Content[] = [
  { name: 'a definition in S3 by checksum', ...inS3((_, text) => ({ Sha256: sha256(text) })) },
  { name: 'a definition in S3 by version', ...inS3((VersionId) => ({ VersionId })) },
  definitionSecret,
  credentialsSecret,
  anotherSecret,
  anotherKind,
  unchangedSecret,
];

/** Lets one misfortune happen to everything outside that a template may name. */
export function strike(world: World, misfortune: string): void {
  const { aws } = world;
  const isNamed = (arn: string) => /:secret:\/genesys\/(credentials|definitions)\//.test(arn);
  const refusals: Record<string, [secret: string, object: string]> = {
    'is forbidden': ['AccessDeniedException', 'AccessDenied'],
    'is encrypted by a key that is disabled': ['DecryptionFailure', 'KMS.DisabledException'],
  };
  for (const [arn, secret] of [...aws.secrets].filter(([name]) => isNamed(name))) {
    if (misfortune === 'is deleted') aws.secrets.delete(arn);
    else if (misfortune === 'is changed')
      aws.secrets.set(arn, { text: JSON.stringify({ userName: 'other', password: 'other' }), tags: {} });
    else aws.secrets.set(arn, { ...secret, refusal: refusals[misfortune]?.[0] ?? '' });
  }
  if (misfortune === 'is deleted') aws.objects.delete(place);
  else if (misfortune === 'is changed') void aws.putObject(place, fileOf(3));
  else refuseObject(world, refusals[misfortune]?.[1] ?? '');
  for (const [alias, key] of aws.keys) {
    if (misfortune === 'is deleted') aws.keys.delete(alias);
    else if (misfortune.endsWith('disabled')) aws.keys.set(alias, { ...key, state: 'Disabled' });
  }
}

// ---- the object in Genesys Cloud

/** The state of an object, without the parts that every write changes; a credential by its fields. */
export function stateOf(world: World, id: string): unknown {
  const remote = world.remote(id);
  if (remote === undefined) return undefined;
  const { published, config } = remote as { published?: Record<string, unknown>; config?: IntegrationConfig };
  if (published !== undefined) {
    const { version: _, ...state } = published;
    return state;
  }
  const { version: __, credentials = {}, ...state } = config ?? {};
  const known = world.genesys
    .state({ secrets: true })
    .organizations.flatMap((organization) => organization.credentials);
  const fields = Object.entries(credentials).map(([where, named]) => [
    where,
    known.find((one) => one.id === named)?.fields ?? 'gone',
  ]);
  return { ...state, intendedState: remote['intendedState'], credentials: Object.fromEntries(fields) };
}

interface IntegrationConfig {
  version?: number;
  credentials?: Record<string, string>;
}
