/**
 * An integration's credential: it is made before the integration and removed after it. A credential from a
 * secret is never overwritten: another secret, or another version, makes another credential. The former one
 * stays until the integration's next request, so a rollback needs no secret.
 */
import type { Models } from 'purecloud-platform-client-v2';
import { fingerprint } from '../../../common/canonical-json.ts';
import { AwsError, RefusedError } from '../../../common/errors.ts';
import { BadRequestError, ConflictError, collect } from '../../genesys/index.ts';
import type { Parts } from '../../lifecycle/collection.ts';
import { isUniqueName, makeOnce, uniqueName } from '../../lifecycle/making.ts';
import type { Operation } from '../../lifecycle/operation.ts';
import { NotSeenError, type RemoteObject } from '../../lifecycle/resource-type.ts';
import {
  deleteAndWait,
  GONE_AFTER_MILLISECONDS,
  isGone,
  listed,
  NO_OBJECT_AFTER_MILLISECONDS,
  ofList,
  patiently,
  readObject,
  until,
  untilIndexed,
} from '../../lifecycle/waiting.ts';
import { readCredentialFields } from './credential-fields.ts';
import {
  CREDENTIAL_PLACE,
  type CredentialDetails,
  type KeptCredential,
  LAMBDA_CREDENTIAL,
  type NewCredential,
  type Prepared,
  roleCredential,
  type WantedCredential,
} from './mapping.ts';
import {
  type IntegrationProperties,
  keepsCredential,
  LAMBDA_TYPE,
  typeOf,
  WEB_SERVICES_TYPE,
} from './schema.ts';

/**
 * The wanted credential. A secret is read only where Genesys Cloud does not have its content already.
 * @throws RefusedError, SettingsError, AwsError
 */
export async function wantedCredential(
  properties: IntegrationProperties,
  operation: Operation,
  object?: RemoteObject,
): Promise<WantedCredential> {
  if (typeOf(properties) === LAMBDA_TYPE && properties.RoleArn !== undefined)
    return { do: 'write', credential: roleCredential(properties.RoleArn) };
  if (keepsCredential(properties)) {
    const { keptCredential } = await import('./kept-credential.ts');
    return keptCredential(properties, operation, object, () => isKnownToRollBack(operation));
  }
  const { CredentialType: type, CredentialsSecretArn, CredentialsSecretVersion, Nonce } = properties;
  if (type === undefined || CredentialsSecretArn === undefined) return { do: 'without' };
  const source = fingerprint([type, CredentialsSecretArn, CredentialsSecretVersion ?? null, Nonce ?? null]);
  const { current, previous } = credentialsIn(object);
  const name = (id: string): WantedCredential => ({ do: 'name', id, type, source });
  if (await isUsable(current, source, operation)) return name(current.id);
  const isPreviousUsable = operation.appliedBefore && (await isUsable(previous, source, operation));
  if (isPreviousUsable && (await isKnownToRollBack(operation))) return name(previous.id);
  try {
    const from = { secretArn: CredentialsSecretArn, type };
    const credentialFields = await readCredentialFields(from, operation);
    return { do: 'write', credential: { type: { name: type }, credentialFields }, source };
  } catch (error) {
    // CloudFormation could not be asked whether this is a rollback.
    if (!isPreviousUsable || !(error instanceof AwsError || error instanceof RefusedError)) throw error;
    return name(previous.id);
  }
}

/** A credential in Genesys Cloud; the id is '' where there is none. */
interface Known {
  id: string;
  source: string;
}

function credentialsIn(object: RemoteObject | undefined): { current: Known; previous: Known } {
  const details = object?.record?.details ?? {};
  return {
    current: { id: details['credentialId'] ?? '', source: details['credentialSource'] ?? '' },
    previous: {
      id: details['previousCredentialId'] ?? '',
      source: details['previousCredentialSource'] ?? '',
    },
  };
}

/** Whether a credential was read from this source, and is still there. */
async function isUsable({ id, source }: Known, wanted: string, operation: Operation): Promise<boolean> {
  if (id === '' || source !== wanted) return false;
  const read = () => operation.session.integrations.getIntegrationsCredential(id, {});
  const isThere = async () => ((await isGone(read)) ? undefined : true);
  return (await until(isThere, NO_OBJECT_AFTER_MILLISECONDS, operation)) ?? false;
}

async function isKnownToRollBack(operation: Operation): Promise<boolean> {
  try {
    return (await operation.isRollingBack()) === true;
  } catch (error) {
    if (!(error instanceof AwsError) || operation.deadline.signal.aborted) throw error;
    return false;
  }
}

export const credentialParts: Parts<IntegrationProperties, Prepared> = {
  expected: (properties) => {
    const type = typeOf(properties) === LAMBDA_TYPE ? LAMBDA_CREDENTIAL : properties.CredentialType;
    return type === undefined ? {} : { credentialType: type };
  },

  async make({ credential: wanted }, { Name }, operation) {
    if (wanted.do === 'keep') return wanted.details;
    if (wanted.do !== 'write') return detailsOf(wanted);
    return detailsOf(wanted, await makeCredential(wanted.credential, Name, operation));
  },

  async converge(object, { credential: wanted }, properties, operation) {
    if (wanted.do === 'keep') return wanted;
    const { current, previous } = credentialsIn(object);
    if (object.record?.details['credentialId'] === undefined)
      current.id = (await ownCredentialOf(object.id, typeOf(properties), operation)) ?? '';
    const written = await writtenCredential(wanted, object, current, properties, operation);
    const details = detailsOf(wanted, written);
    // A rollback names the previous credential again, and the credential of the update is obsolete.
    const isRollback = details.credentialId === previous.id && previous.id !== '';
    const isChanged = details.credentialId !== current.id;
    const isKept = isChanged && !isRollback && current.source !== '';
    return {
      details: {
        ...details,
        ...(isKept && { previousCredentialId: current.id, previousCredentialSource: current.source }),
      },
      obsolete: [isChanged && !isKept ? current.id : '', previous.id].filter(
        (id) => id !== '' && id !== details.credentialId,
      ),
    };
  },

  async goingWith(object, { IntegrationType }, operation) {
    const type = IntegrationType === WEB_SERVICES_TYPE ? WEB_SERVICES_TYPE : LAMBDA_TYPE;
    const current = object.record ? '' : await ownCredentialOf(object.id, type, operation);
    return [current ?? '', ...madeFor(object), ...formerCredentialsOf(object.record)].filter(
      (id) => id !== '',
    );
  },

  madeFor,

  inherited: (record) => ({
    formerCredentials: [
      ...formerCredentialsOf(record),
      ...(record === undefined ? [] : madeFor({ id: record.id, record })),
    ].join(' '),
  }),

  remove: deleteCredential,

  async undo({ id, marker }, operation) {
    const find = () => findCredential(({ name }) => name === marker['name'], operation);
    const made = id ?? (await untilIndexed(find, operation))?.id;
    if (made !== undefined) await deleteCredential(made, operation);
  },
};

/** Facts about the wanted credential alone. @param written the id of one that was written */
function detailsOf(
  wanted: Exclude<WantedCredential, KeptCredential>,
  written = '',
): CredentialDetails & Record<string, string> {
  const none = { previousCredentialId: '', previousCredentialSource: '' };
  switch (wanted.do) {
    case 'without':
      return { credentialId: '', credentialType: '', credentialSource: '', ...none };
    case 'name': {
      const { id, type, source } = wanted;
      return { credentialId: id, credentialType: type, credentialSource: source, ...none };
    }
    case 'write': {
      const { credential, source = '' } = wanted;
      return {
        credentialId: written,
        credentialType: credential.type.name,
        credentialSource: source,
        ...none,
      };
    }
  }
}

/** Ids of the credentials that were made for the present owner. */
function madeFor(object: RemoteObject): string[] {
  const { current, previous } = credentialsIn(object);
  return [current.id, previous.id].filter((id) => id !== '');
}

const formerCredentialsOf = (record: RemoteObject['record']) =>
  (record?.details['formerCredentials'] ?? '').split(' ').filter((id) => id !== '');

/** The id of the credential that was written; '' where none had to be. A role is changed in place. */
async function writtenCredential(
  wanted: WantedCredential,
  { record }: RemoteObject,
  current: Known,
  { Name }: IntegrationProperties,
  operation: Operation,
): Promise<string> {
  if (wanted.do !== 'write') return '';
  const { credential, source } = wanted;
  const typeBefore = record?.details['credentialType'] ?? credential.type.name;
  // A credential cannot change its type.
  const isChangedInPlace = source === undefined && typeBefore === credential.type.name;
  return isChangedInPlace
    ? writeCredential(credential, current.id, Name, operation)
    : makeCredential(credential, Name, operation);
}

async function makeCredential(
  credential: NewCredential,
  name: string,
  operation: Operation,
): Promise<string> {
  const unique = uniqueName(name, operation);
  const { id } = await makeOnce(
    {
      kind: 'credential',
      marker: { name: unique },
      send: () =>
        operation.session.integrations.postIntegrationsCredentials({ body: { name: unique, ...credential } }),
      find: () => findCredential(({ name }) => name === unique, operation),
    },
    operation,
  );
  return id;
}

/**
 * Fields cannot be read back, so an existing credential is always written. One that is 404 for a while is
 * gone and made anew.
 */
async function writeCredential(
  credential: NewCredential,
  id: string,
  name: string,
  operation: Operation,
): Promise<string> {
  if (id === '') return makeCredential(credential, name, operation);
  const body = { id, name: uniqueName(name, operation), ...credential };
  const put = () => operation.session.integrations.putIntegrationsCredential(id, { body });
  const write = async () => ((await isGone(put)) ? undefined : id);
  const written = await until(write, NO_OBJECT_AFTER_MILLISECONDS, operation);
  return written ?? makeCredential(credential, name, operation);
}

/** Other integrations use a credential, so its end would end their calls as well. */
class CredentialInUseError extends RefusedError {}

const MOST_USERS = 5;

/**
 * Whether Genesys Cloud itself refuses to delete a credential that is in use is not documented, so the
 * integrations are asked.
 * @throws CredentialInUseError that names them
 */
async function refuseWhileUsed(id: string, operation: Operation): Promise<void> {
  const { integrations } = operation.session;
  const all = await collect(
    listed(
      (page) => integrations.getIntegrations({ credentialId: id, expand: ['config.current'], ...page }),
      operation,
    ),
  );
  // A server that does not know the filter lists all integrations.
  const users = all.filter(({ config }) =>
    Object.values(config?.current?.credentials ?? {}).some((credential) => credential.id === id),
  );
  if (users.length === 0) return;
  const named = users.slice(0, MOST_USERS).map(({ name, id: user }) => `"${name}" (${user})`);
  const more = users.length > MOST_USERS ? ` and ${users.length - MOST_USERS} more` : '';
  throw new CredentialInUseError(
    `Credential ${id} is not deleted, because these integrations use it: ${named.join(', ')}${more}. Give them another credential, and try again.`,
  );
}

/**
 * Right after its integration a credential may still count as in use.
 * @throws CredentialInUseError; NotSeenError where it is answered 404 for a minute, though the list shows it
 */
async function deleteCredential(id: string, operation: Operation): Promise<void> {
  const { integrations } = operation.session;
  const remove = () => integrations.deleteIntegrationsCredential(id);
  const read = () => integrations.getIntegrationsCredential(id, {});
  const isDeleted = async () => {
    if (!(await isGone(remove))) return true;
    // A 404 alone is not believed.
    const deletion = await deleteAndWait(remove, read, `credential ${id}`, operation);
    const isListed = async () => (await findCredential((one) => one.id === id, operation)) !== undefined;
    return deletion === 'deleted' || !(await isListed()) ? true : undefined;
  };
  const wasDeleted = await patiently(
    async () => {
      await refuseWhileUsed(id, operation);
      return until(isDeleted, GONE_AFTER_MILLISECONDS, operation);
    },
    (error) =>
      error instanceof BadRequestError ||
      error instanceof ConflictError ||
      error instanceof CredentialInUseError,
    operation,
    30_000,
  );
  if (!wasDeleted) throw new NotSeenError(id, { isListed: true });
}

/**
 * The credential that an integration names, where the ledger does not know the integration. Only one that a
 * request of this provider has named is ours to delete.
 */
async function ownCredentialOf(
  id: string,
  type: keyof typeof CREDENTIAL_PLACE,
  { session }: Operation,
): Promise<string | undefined> {
  const [config] = (await readObject(() => session.integrations.getIntegrationConfigCurrent(id))) ?? [];
  const credential = config?.credentials?.[CREDENTIAL_PLACE[type]];
  return isUniqueName(credential?.name) ? credential?.id : undefined;
}

async function findCredential(
  isWanted: (credential: Models.CredentialInfo) => boolean,
  operation: Operation,
): Promise<Models.CredentialInfo | undefined> {
  const { integrations } = operation.session;
  let after: string | undefined;
  do {
    const from = { pageSize: '200', ...(after === undefined ? {} : { after }) };
    const page: Models.CredentialInfoCursorListing = await ofList(
      () => integrations.getIntegrationsCredentialsListing(from),
      operation,
    );
    const found = page.entities?.find(isWanted);
    if (found) return found;
    after = page.nextUri
      ? (new URL(page.nextUri, 'https://api.invalid').searchParams.get('after') ?? undefined)
      : undefined;
  } while (after !== undefined);
  return undefined;
}
