/** An integration's credential: made before it under a unique name, written with it, and removed after it. */
import type { Models } from 'purecloud-platform-client-v2';
import { BadRequestError, ConflictError } from '../../genesys/index.ts';
import type { Parts } from '../../lifecycle/collection.ts';
import { isUniqueName, makeOnce, uniqueName } from '../../lifecycle/making.ts';
import type { Operation } from '../../lifecycle/operation.ts';
import { NotSeenError, type RemoteObject } from '../../lifecycle/resource-type.ts';
import {
  deleteAndWait,
  GONE_AFTER_MILLISECONDS,
  isGone,
  NO_OBJECT_AFTER_MILLISECONDS,
  patiently,
  readObject,
  until,
  untilIndexed,
} from '../../lifecycle/waiting.ts';
import { readCredentialFields } from './credential-fields.ts';
import { CREDENTIAL_PLACE, type NewCredential, type Prepared, roleCredential } from './mapping.ts';
import { type IntegrationProperties, LAMBDA_TYPE, typeOf, WEB_SERVICES_TYPE } from './schema.ts';

const detailsOf = (credentialId: string, credential: NewCredential | undefined): Record<string, string> => ({
  credentialId,
  ...(credential === undefined ? {} : { credentialType: credential.type.name }),
});

/** The wanted credential; undefined where the properties name none. */
export async function wantedCredential(
  properties: IntegrationProperties,
  operation: Operation,
): Promise<NewCredential | undefined> {
  if (typeOf(properties) === LAMBDA_TYPE) return roleCredential(properties.RoleArn ?? '');
  const { CredentialType, CredentialsSecretArn } = properties;
  if (CredentialType === undefined || CredentialsSecretArn === undefined) return undefined;
  const credentialFields = await readCredentialFields(CredentialsSecretArn, operation);
  return { type: { name: CredentialType }, credentialFields };
}

export const credentialParts: Parts<IntegrationProperties, Prepared> = {
  async make({ credential }, { Name }, operation) {
    return detailsOf(credential ? await makeCredential(credential, Name, operation) : '', credential);
  },

  async converge({ id, record }, { credential }, properties, operation) {
    const known =
      record?.details['credentialId'] ?? (await ownCredentialOf(id, typeOf(properties), operation));
    // A credential cannot change its type: another one takes its place.
    const typeBefore = record?.details['credentialType'] ?? credential?.type.name;
    const reusable = typeBefore === credential?.type.name ? known : undefined;
    const credentialId = credential
      ? await writeCredential(credential, reusable, properties.Name, operation)
      : '';
    const obsolete = known !== undefined && known !== '' && known !== credentialId ? [known] : [];
    return { details: detailsOf(credentialId, credential), obsolete };
  },

  async goingWith(object, { IntegrationType }, operation) {
    const type = IntegrationType === WEB_SERVICES_TYPE ? WEB_SERVICES_TYPE : LAMBDA_TYPE;
    const current = object.record
      ? object.record.details['credentialId']
      : await ownCredentialOf(object.id, type, operation);
    return [current ?? '', ...formerCredentialsOf(object.record)].filter((id) => id !== '');
  },

  madeFor: ({ record }) => [record?.details['credentialId'] ?? ''].filter((id) => id !== ''),

  inherited: (record) => ({
    formerCredentials: [...formerCredentialsOf(record), record?.details['credentialId'] ?? '']
      .filter((id) => id !== '')
      .join(' '),
  }),

  remove: deleteCredential,

  async undo({ id, marker }, operation) {
    const find = () => findCredential(({ name }) => name === marker['name'], operation);
    const made = id ?? (await untilIndexed(find, operation))?.id;
    if (made !== undefined) await deleteCredential(made, operation);
  },
};

const formerCredentialsOf = (record: RemoteObject['record']) =>
  (record?.details['formerCredentials'] ?? '').split(' ').filter((id) => id !== '');

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
  id: string | undefined,
  name: string,
  operation: Operation,
): Promise<string> {
  if (id === undefined || id === '') return makeCredential(credential, name, operation);
  const body = { id, name: uniqueName(name, operation), ...credential };
  const put = () => operation.session.integrations.putIntegrationsCredential(id, { body });
  const write = async () => ((await isGone(put)) ? undefined : id);
  const written = await until(write, NO_OBJECT_AFTER_MILLISECONDS, operation);
  return written ?? makeCredential(credential, name, operation);
}

/**
 * Right after its integration a credential may still count as in use.
 * @throws NotSeenError where it is answered 404 for a minute, though the list shows it
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
    () => until(isDeleted, GONE_AFTER_MILLISECONDS, operation),
    (error) => error instanceof BadRequestError || error instanceof ConflictError,
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
  { session }: Operation,
): Promise<Models.CredentialInfo | undefined> {
  let after: string | undefined;
  do {
    const page: Models.CredentialInfoCursorListing =
      await session.integrations.getIntegrationsCredentialsListing({
        pageSize: '200',
        ...(after === undefined ? {} : { after }),
      });
    const found = page.entities?.find(isWanted);
    if (found) return found;
    after = page.nextUri
      ? (new URL(page.nextUri, 'https://api.invalid').searchParams.get('after') ?? undefined)
      : undefined;
  } while (after !== undefined);
  return undefined;
}
