/**
 * Between the properties of the resource and Genesys Cloud's models of an integration. Nothing here makes a
 * call.
 */
import type { Models } from 'purecloud-platform-client-v2';
import { LAMBDA_TYPE, WEB_SERVICES_TYPE } from './schema.ts';

/**
 * Where an integration type keeps its credential. Web services have one place for every kind of credential
 * (Genesys Cloud blueprints; Genesys' Terraform provider, guide to custom_auth_action).
 */
export const CREDENTIAL_PLACE = {
  [LAMBDA_TYPE]: 'AmazonWebServicesARN',
  [WEB_SERVICES_TYPE]: 'basicAuth',
} as const;

/** A credential as the API takes it; its fields are secret and go nowhere else. */
export interface NewCredential {
  type: { name: string };
  credentialFields: Record<string, string>;
}

/** The type of the credential of a Lambda integration, and of no other. */
export const LAMBDA_CREDENTIAL = 'amazonWebServicesARN';

/**
 * The credential of a Lambda integration: the one type and field that Genesys Cloud's blueprints use. The
 * external id is the organization's id by itself.
 */
export const roleCredential = (roleArn: string): NewCredential => ({
  type: { name: LAMBDA_CREDENTIAL },
  credentialFields: { ARN: roleArn },
});

/** The free forms, with their types. */
export interface Config {
  properties: Record<string, unknown>;
  advanced: Record<string, unknown>;
}

/** The way in which an integration gets its credential. */
export type WantedCredential =
  /** Web services without one. */
  | { do: 'without' }
  | KeptCredential
  /** It is there already, with the right content. */
  | { do: 'name'; id: string; type: string; source: string }
  /** `source` is missing for a role, whose credential is changed in place. */
  | { do: 'write'; credential: NewCredential; source?: string };

/** The integration has its own, or gets it back in a rollback. */
export interface KeptCredential {
  do: 'keep';
  credentials: Credentials;
  /** Of the record. */
  details: Record<string, string>;
  /** Ids of credentials that the configuration no longer names. */
  obsolete: string[];
}

/** Ids of credentials by their place in the configuration. */
export type Credentials = Record<string, { id: string }>;

/** The input of the writes of an integration, beside its properties. */
export interface Prepared {
  credential: WantedCredential;
  config: Config;
}

/** Facts about credentials that the ledger keeps; '' stands for none. */
export interface CredentialDetails {
  credentialId: string;
  credentialType: string;
  /** Fingerprint of the properties that say what the credential was read from; '' for a role. */
  credentialSource: string;
  /** The credential of the form of before, which a rollback names again. */
  previousCredentialId: string;
  previousCredentialSource: string;
  /** Ids, by space: credentials that were made for the integration's owners of before. They go with it. */
  formerCredentials?: string;
  /** The credential that the integration had when it kept its own. It is not ours, and is never deleted. */
  keptCredentialId?: string;
}

/** The whole configuration, without the version: a PUT replaces all of it. */
export const configurationOf = (
  { Name, Notes }: { Name: string; Notes?: string | undefined },
  type: keyof typeof CREDENTIAL_PLACE,
  { credential, config: { properties, advanced } }: Prepared,
  credentialId: string,
): Omit<Models.IntegrationConfiguration, 'version' | 'id' | 'selfUri'> => ({
  name: Name,
  properties,
  advanced,
  notes: Notes ?? '',
  credentials:
    credential.do === 'keep'
      ? credential.credentials
      : credentialId === ''
        ? {}
        : { [CREDENTIAL_PLACE[type]]: { id: credentialId } },
});

/**
 * The part that putting back restores: everything but the version, and the state. Its credential is not ours,
 * and stays.
 */
export type IntegrationState = Omit<
  Models.IntegrationConfiguration,
  'version' | 'id' | 'selfUri' | 'credentials'
> & { credentials: Credentials } & Pick<Models.Integration, 'intendedState'>;

export const stateOf = (
  { intendedState }: Models.Integration,
  { name, notes, properties, advanced, credentials }: Models.IntegrationConfiguration,
): IntegrationState => ({
  intendedState,
  name,
  // The API's answer for empty notes at times (Genesys' Terraform provider, flattenIntegrationConfig).
  notes: notes === 'node_dynamodb_empty_string' ? '' : notes,
  properties,
  advanced,
  credentials: credentialsOf({ credentials }),
});

export const credentialsOf = ({
  credentials,
}: Partial<Pick<Models.IntegrationConfiguration, 'credentials'>>): Credentials =>
  Object.fromEntries(
    Object.entries(credentials ?? {}).map(([place, credential]) => [place, { id: credential.id ?? '' }]),
  );

/** Why Genesys Cloud reports a state, as it says it; '' where it says nothing. */
export function stateDetail(integration: Models.Integration | undefined): string {
  const { effective, detail } = integration?.reportedState ?? {};
  const text = [effective, detail?.localizableMessageCode, detail?.message, detail?.messageWithParams]
    .filter((part) => typeof part === 'string' && part !== '')
    .join(', ');
  return text === '' ? '' : `${text.slice(0, 400)}.`;
}
