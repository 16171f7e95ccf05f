/**
 * The credential of an integration that was taken over without another one: it stays, and is not ours. No
 * other integration loads this file.
 */
import { isUniqueName } from '../../lifecycle/making.ts';
import type { Operation } from '../../lifecycle/operation.ts';
import { CannotMakeAnewError, type RemoteObject } from '../../lifecycle/resource-type.ts';
import { onExisting, readSoon } from '../../lifecycle/waiting.ts';
import {
  CREDENTIAL_PLACE,
  type Credentials,
  credentialsOf,
  type KeptCredential,
  LAMBDA_CREDENTIAL,
} from './mapping.ts';
import { type IntegrationProperties, LAMBDA_TYPE, typeOf } from './schema.ts';

/**
 * The credential that the integration has. An update that no longer names a credential leaves one of ours in
 * its place. A rollback goes back to the one that the integration had before it got one of ours, by this
 * request or by one that failed.
 * @param isRollback asked only where an answer is needed
 * @throws CannotMakeAnewError where there is no integration
 */
export async function keptCredential(
  properties: IntegrationProperties,
  operation: Operation,
  object: RemoteObject | undefined,
  isRollback: () => Promise<boolean>,
): Promise<KeptCredential> {
  const id = object?.id ?? properties.ExistingId ?? '';
  const read = () => operation.session.integrations.getIntegrationConfigCurrent(id);
  const [config] = object
    ? [await onExisting(id, read, operation)]
    : ((await readSoon(read, operation)) ?? []);
  if (config === undefined) throw noCredentialToKeep(id);
  const credentials = credentialsOf(config);
  const place = CREDENTIAL_PLACE[typeOf(properties)];
  const details = object?.record?.details ?? {};
  const { credentialId: own = '', previousCredentialId: previous = '', keptCredentialId: kept } = details;
  const isOfFailedRequest = own === '' && isUniqueName(config.credentials?.[place]?.name);
  const mayGoBack = kept !== undefined && operation.appliedBefore && credentials[place]?.id !== kept;
  const isBack = mayGoBack && (own === '' ? isOfFailedRequest : await isRollback());
  if (own !== '' && !isBack) return { do: 'keep', credentials, details, obsolete: [] };
  const named = isBack ? withCredential(credentials, place, kept) : credentials;
  return {
    do: 'keep',
    credentials: named,
    details: {
      credentialId: '',
      credentialSource: '',
      previousCredentialId: '',
      previousCredentialSource: '',
      // The type of the integration follows from it (data-action/dead-actions.ts).
      credentialType: typeOf(properties) === LAMBDA_TYPE ? LAMBDA_CREDENTIAL : '',
      keptCredentialId: named[place]?.id ?? '',
    },
    obsolete: [own, previous].filter((one) => one !== ''),
  };
}

/** @param id '' for none */
function withCredential(credentials: Credentials, place: string, id: string): Credentials {
  const { [place]: _, ...others } = credentials;
  return id === '' ? others : { ...others, [place]: { id } };
}

const noCredentialToKeep = (id: string) =>
  new CannotMakeAnewError(
    `There is no integration ${id} whose credential could be kept. Check ExistingId; to make a new integration, give it a credential: RoleArn, or CredentialType and CredentialsSecretArn.`,
  );
