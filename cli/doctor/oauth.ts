/** The OAuth client: its secret in AWS, its login at Genesys Cloud, and its permissions there. */
import { DescribeKeyCommand } from '@aws-sdk/client-kms';
import { DescribeSecretCommand } from '@aws-sdk/client-secrets-manager';
import { SettingsError } from '../../common/errors.ts';
import { isPlainObject } from '../../common/objects.ts';
import { GenesysError, LoginError, UnreachableError } from '../../provider/genesys/index.ts';
import { nameOf } from './aws.ts';
import type { Check } from './check.ts';
import type { Facts } from './facts.ts';
import {
  fault,
  faultsOr,
  fine,
  inRegionOf,
  NotLookedAtError,
  needs,
  nothing,
  type Outcome,
} from './outcome.ts';

const CLIENTS = 'Admin > Integrations > OAuth';

export const oauthChecks: Check[] = [
  {
    id: 'oauth-secret',
    title: 'The secret with the OAuth client exists and can be read',
    reads: ['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue'],
    look: lookAtSecret,
  },
  {
    id: 'further-secrets',
    title: 'Every further OAuth secret of the provider exists',
    reads: ['secretsmanager:DescribeSecret'],
    look: lookAtFurtherSecrets,
  },
  {
    id: 'oauth-secret-key',
    title: 'The key of the OAuth secret is enabled, and the provider may use it',
    reads: ['secretsmanager:DescribeSecret', 'kms:DescribeKey', 'cloudformation:DescribeStacks'],
    look: lookAtKeyOfSecret,
  },
  {
    id: 'oauth-secret-form',
    title: 'The OAuth secret is JSON with client_id and client_secret',
    reads: ['secretsmanager:GetSecretValue'],
    async look(facts) {
      return settingsFault(
        facts.oauthSecret.orError,
        'Put {"client_id": "…", "client_secret": "…"} into the secret, as docs/getting-started.md shows it.',
      );
    },
  },
  {
    id: 'genesys-region',
    title: 'The Genesys Cloud region is known',
    reads: ['secretsmanager:GetSecretValue'],
    async look(facts) {
      return settingsFault(
        facts.session.orError,
        'Set GenesysEnvironment, or the field "environment" of the OAuth secret, to the domain of your organization.',
        async (session) => session.domain(),
      );
    },
  },
  {
    id: 'grant-type',
    title: 'The OAuth client has the grant type Client Credentials',
    reads: ['POST /oauth/token', 'GET /api/v2/tokens/me'],
    look: lookAtGrant,
  },
  {
    id: 'login',
    title: 'Genesys Cloud accepts the OAuth client in this region',
    reads: ['POST /oauth/token', 'GET /api/v2/organizations/me'],
    look: lookAtLogin,
  },
  {
    id: 'permissions',
    title: 'The OAuth client has every permission of the types that the provider serves',
    reads: ['GET /api/v2/authorization/subjects/me'],
    look: lookAtPermissions,
  },
];

async function lookAtSecret(facts: Facts) {
  const { oauthSecretArn: arn } = await facts.target();
  try {
    const { DeletedDate } = await facts.secret.orError();
    if (DeletedDate !== undefined) {
      return fault(
        `The secret ${arn} is scheduled for deletion.`,
        `aws secretsmanager restore-secret --secret-id ${arn} ${inRegionOf(arn)}`,
      );
    }
    const text = await readOrDenied(facts);
    if (text === undefined)
      return fault(
        `The secret ${arn} holds no text.`,
        'Put the OAuth client there as text (--secret-string).',
      );
    if (/:secret:\/genesys\/oauth\/.+/.test(arn)) return fine();
    return fault(
      `The name of the secret ${arn} does not begin with /genesys/oauth/, and the provider reads no other.`,
      'Make a secret of such a name and give its ARN as OAuthSecretArn.',
    );
  } catch (error) {
    if (nameOf(error) !== 'ResourceNotFoundException') throw error;
    return fault(
      `There is no secret ${arn}.`,
      'Make it as docs/getting-started.md shows, or give the complete ARN, with its six last characters and its Region.',
    );
  }
}

async function lookAtFurtherSecrets(facts: Facts) {
  if (!facts.hasProvider) return nothing('there is no provider yet');
  const arns = (await facts.settings()).settings.additionalOauthSecretArns;
  if (arns.length === 0) return nothing('the provider has one OAuth secret');
  const faults: Outcome[] = [];
  for (const arn of arns) {
    if (await isThere(arn, facts)) continue;
    faults.push(
      fault(
        `There is no secret ${arn}, or it is scheduled for deletion. Resources that name it fail.`,
        `aws secretsmanager restore-secret --secret-id ${arn} ${inRegionOf(arn)}, or take it out of AdditionalOAuthSecretArns.`,
      ),
    );
  }
  return faultsOr(faults);
}

async function isThere(arn: string, facts: Facts): Promise<boolean> {
  try {
    const { DeletedDate } = await facts.aws.ask('secretsmanager:DescribeSecret', () =>
      facts.aws.secrets(arn).send(new DescribeSecretCommand({ SecretId: arn })),
    );
    return DeletedDate === undefined;
  } catch (error) {
    if (nameOf(error) === 'ResourceNotFoundException') return false;
    throw error;
  }
}

/** A key that does not open the secret is the matter of `oauth-secret-key`. */
async function readOrDenied(facts: Facts): Promise<string | undefined> {
  try {
    return await facts.secretText.orError();
  } catch (error) {
    if (isKeyFault(error)) throw new NotLookedAtError('other-fault', 'see oauth-secret-key');
    throw error;
  }
}

/** The key is disabled, or is to be deleted, or is gone. */
const isKeyFault = (error: unknown) => /^DecryptionFailure|^KMS/.test(nameOf(error));

async function lookAtKeyOfSecret(facts: Facts) {
  const { KmsKeyId, ARN = '' } = await facts.secret();
  if (KmsKeyId === undefined || KmsKeyId.includes('alias/aws/')) return fine("AWS's own key");
  const client = facts.aws.kms(KmsKeyId.startsWith('arn:') ? KmsKeyId : ARN);
  const { KeyMetadata: key } = await facts.aws.ask('kms:DescribeKey', () =>
    client.send(new DescribeKeyCommand({ KeyId: KmsKeyId })),
  );
  const arn = key?.Arn ?? KmsKeyId;
  if (key?.Enabled !== true)
    return fault(`The key ${arn} of the secret is ${key?.KeyState}.`, 'Enable the key.');
  if (!facts.hasProvider) return fine(`deploy the provider with SecretsKmsKeyArns=${arn}`);
  const listed = ((await facts.parameters())['SecretsKmsKeyArns'] ?? '').split(',');
  if (listed.includes(arn)) return fine();
  return fault(
    `The key ${arn} encrypts the secret, and SecretsKmsKeyArns of the provider's stack does not list it. So the function cannot read the secret.`,
    `Deploy the provider with SecretsKmsKeyArns=${[...listed.filter((one) => one !== ''), arn].join(',')}.`,
  );
}

/** A setting that cannot be used is a fault. Its message names the field and shows no content. */
async function settingsFault<T>(
  read: () => Promise<T>,
  fix: string,
  detailOf: (value: T) => Promise<string | undefined> = async () => undefined,
) {
  try {
    return fine(await detailOf(await read()));
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return fault(error.message, fix);
  }
}

/** RFC 6749, section 5.2: the client may not use this grant. */
const isWrongGrant = (error: unknown) => error instanceof LoginError && error.code === 'unauthorized_client';

async function lookAtGrant(facts: Facts) {
  const fix = `Make a client with the grant type Client Credentials (${CLIENTS}), and put it into the secret.`;
  const session = await facts.session();
  try {
    await facts.organization.orError();
  } catch (error) {
    if (isWrongGrant(error)) return fault('The client is made for another grant type.', fix);
    throw new NotLookedAtError('other-fault', 'see login');
  }
  const token = await session.call('GET', '/api/v2/tokens/me', {});
  const client = isPlainObject(token) ? token['OAuthClient'] : undefined;
  const grant = isPlainObject(client) ? String(client['authorizedGrantType'] ?? '') : '';
  if (grant === '' || /^client[-_ ]credentials$/i.test(grant)) return fine();
  return fault(`The client is made for the grant type ${grant}.`, fix);
}

async function lookAtLogin(facts: Facts) {
  const session = await facts.session();
  try {
    const { id, name = '' } = await facts.organization.orError();
    return fine(`${name} (${id}) at ${await session.domain()}`);
  } catch (error) {
    if (isWrongGrant(error)) throw new NotLookedAtError('other-fault', 'see grant-type');
    if (!(error instanceof GenesysError)) throw error;
    const fix =
      error instanceof UnreachableError
        ? `Open the way to ${error.host}: the network, the proxy, or the addresses GenesysApiBaseUrl and GenesysLoginBaseUrl.`
        : `Look at client id, client secret and region: ${CLIENTS} shows the client. A client belongs to one region.`;
    return fault(error.message, fix);
  }
}

async function lookAtPermissions(facts: Facts) {
  const { types } = await facts.target();
  await facts.organization();
  const session = await facts.session();
  const answer = await session
    .call('GET', '/api/v2/authorization/subjects/me', {})
    .catch((error: unknown) => {
      if (error instanceof GenesysError && error.status !== undefined && error.status < 500)
        throw needs(
          "Genesys Cloud's word about the client's permissions (GET /api/v2/authorization/subjects/me)",
        );
      throw error;
    });
  const granted = permissionsOf(answer);
  if (granted === undefined)
    throw new NotLookedAtError('failed', 'Genesys Cloud does not say which permissions the client has');
  const faults = types.flatMap(({ typeName, about }) => {
    const further = Object.entries(about.furtherPermissions ?? {});
    return [
      ...about.permissions.map((permission) => ({ permission, purpose: typeName })),
      ...further.map(([purpose, permission]) => ({ permission, purpose: `${typeName}, ${purpose}` })),
    ].filter(({ permission }) => !granted.some((one) => includes(one, permission)));
  });
  const byPermission = Map.groupBy(faults, ({ permission }) => permission);
  return faultsOr(
    [...byPermission].map(([permission, wanted]) =>
      fault(
        `The OAuth client lacks ${permission}, for ${wanted.map(({ purpose }) => purpose).join('; ')}.`,
        `Add ${permission} to a role of the client (Admin > People & Permissions > Roles / Permissions).`,
      ),
    ),
  );
}

/** A permission as three parts; `*` stands for any. */
type Parts = readonly string[];

/** The grants of an AuthzSubject; undefined where none of them says its policies. */
function permissionsOf(answer: unknown): Parts[] | undefined {
  if (!isPlainObject(answer) || !Array.isArray(answer['grants'])) return undefined;
  const lists = (value: unknown) => (Array.isArray(value) ? value : []).filter(isPlainObject);
  const policies = lists(answer['grants']).flatMap(({ role }) =>
    lists(isPlainObject(role) ? role['policies'] : []),
  );
  if (policies.length === 0) return undefined;
  return policies.flatMap(({ domain, entityName, actions }) =>
    (Array.isArray(actions) && actions.length > 0 ? actions : ['*']).map((action) =>
      [domain, entityName, action].map((part) => String(part ?? '*')),
    ),
  );
}

const includes = (granted: Parts, wanted: string): boolean =>
  wanted.split(':').every((part, at) => granted[at] === '*' || granted[at] === part);
