import { SettingsError } from '../../common/errors.ts';
import { matchesGlob } from '../../common/glob.ts';
import { type AskingStack, admitsStack } from './stack-names.ts';

/** The function's settings, read from its environment once per container. */
export interface Settings {
  /** Domain or AWS region name of the organization; a secret's own `environment` wins. */
  genesysEnvironment?: string;
  oauthSecretArn: string;
  /** Further secrets that a resource may name as its `OAuthSecretArn`. */
  additionalOauthSecretArns: string[];
  apiBaseUrl?: string;
  loginBaseUrl?: string;
  /**
   * Whether another provider of the organization has another ledger: this one does not know every owner then.
   */
  otherLedgers: boolean;
  /**
   * ARN of the other provider that alone sets the organization's recording key; undefined where this one may.
   */
  recordingKeyProviderArn?: string;
  /** The secret of the provider's stack that adopted objects' former states are sealed with, by its ARN. */
  sealingSecretArn?: string;
  /** Types that the provider serves; undefined: those that are served by default. */
  resourceTypes: string[] | undefined;
  /** Entries that admit stacks (stack-names.ts); an empty list allows any stack. */
  allowedStacks: string[];
  /**
   * Globs over ARNs of S3 objects that a data action may name as its `Definition`; an empty list allows none.
   */
  definitionObjectArns: string[];
  /** Ids of integrations without an owner in the ledger that the data actions of every stack may use. */
  sharedIntegrationIds: string[];
  allowLoopbackResponseUrl: boolean;
}

function list(value: string | undefined): string[] {
  return (value ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** The provider's ledger, and the provider as the ledger knows it. */
export interface LedgerSettings {
  /** Name of a table in the function's account and Region, or ARN of any table. */
  table: string;
  /** ARN of the provider's function. */
  providerArn: string;
  /** Id of the provider's stack. */
  stackId: string;
}

/** The values of an environment; blank ones count as unset. */
function variables(environment: NodeJS.ProcessEnv) {
  const optional = (name: string) => {
    const value = environment[name]?.trim();
    return value === undefined || value === '' ? undefined : value;
  };
  const required = (name: string) => {
    const value = optional(name);
    if (value === undefined) {
      throw new SettingsError(
        `The provider's environment variable ${name} is not set. Deploy templates/provider.yaml again, or set it on the function.`,
      );
    }
    return value;
  };
  return { optional, required };
}

const TABLE = /^(?:arn:([a-z-]+):dynamodb:[a-z0-9-]+:\d{12}:table\/)?[A-Za-z0-9_.-]{3,255}$/;

/** @throws SettingsError that names the variable. */
export function readLedgerSettings(environment: NodeJS.ProcessEnv): LedgerSettings {
  const { required } = variables(environment);
  const table = required('LEDGER_TABLE_NAME');
  const providerArn = required('PROVIDER_ARN');
  const stackId = required('PROVIDER_STACK_ID');
  const match = TABLE.exec(table);
  if (match === null) {
    throw new SettingsError(
      "The provider's environment variable LEDGER_TABLE_NAME must hold the name of a DynamoDB table, or its ARN.",
    );
  }
  const [, partition] = match;
  if (partition !== undefined && !providerArn.startsWith(`arn:${partition}:`)) {
    throw new SettingsError(
      `The provider's environment variable LEDGER_TABLE_NAME names a table of the partition ${partition}, in which this provider is not. Each partition of AWS has a ledger of its own.`,
    );
  }
  return { table, providerArn, stackId };
}

/** @throws SettingsError that names the variable. */
export function readSettings(environment: NodeJS.ProcessEnv): Settings {
  const { optional, required } = variables(environment);
  const url = (name: string) => {
    const value = optional(name);
    if (value === undefined) return undefined;
    if (!/^https?:$/.test(URL.parse(value)?.protocol ?? '')) {
      throw new SettingsError(`The provider's environment variable ${name} is no http(s) URL.`);
    }
    return value.replace(/\/+$/, '');
  };
  const secret = (name: string, value: string) => {
    if (!/^arn:[a-z-]+:secretsmanager:[a-z0-9-]+:\d{12}:secret:\/genesys\/oauth\/.+/.test(value)) {
      throw new SettingsError(
        `The provider's environment variable ${name} must hold the ARN of a secret whose name begins with /genesys/oauth/.`,
      );
    }
    return value;
  };
  const genesysEnvironment = optional('GENESYS_ENVIRONMENT');
  const apiBaseUrl = url('GENESYS_API_BASE_URL');
  const loginBaseUrl = url('GENESYS_LOGIN_BASE_URL');
  const designated = optional('RECORDING_KEY_PROVIDER_ARN');
  const recordingKeyProviderArn = designated === optional('PROVIDER_ARN') ? undefined : designated;
  const sealingSecretArn = optional('SEALING_SECRET_ARN');
  const types = list(environment['RESOURCE_TYPES']);
  return {
    ...(genesysEnvironment === undefined ? {} : { genesysEnvironment }),
    oauthSecretArn: secret('GENESYS_OAUTH_SECRET_ARN', required('GENESYS_OAUTH_SECRET_ARN')),
    additionalOauthSecretArns: list(environment['ADDITIONAL_OAUTH_SECRET_ARNS']).map((arn) =>
      secret('ADDITIONAL_OAUTH_SECRET_ARNS', arn),
    ),
    ...(apiBaseUrl === undefined ? {} : { apiBaseUrl }),
    ...(loginBaseUrl === undefined ? {} : { loginBaseUrl }),
    otherLedgers: optional('OTHER_LEDGERS') === 'true',
    ...(recordingKeyProviderArn === undefined ? {} : { recordingKeyProviderArn }),
    ...(sealingSecretArn === undefined ? {} : { sealingSecretArn }),
    resourceTypes: types.length === 0 ? undefined : types,
    allowedStacks: list(environment['ALLOWED_STACKS']),
    definitionObjectArns: list(environment['DEFINITION_OBJECT_ARNS']),
    sharedIntegrationIds: list(environment['SHARED_INTEGRATION_IDS']),
    allowLoopbackResponseUrl: environment['ALLOW_LOOPBACK_RESPONSE_URL'] === 'true',
  };
}

/** Whether a stack may use this provider. */
export function stackAllowed(
  { allowedStacks }: Pick<Settings, 'allowedStacks'>,
  stack: AskingStack,
): boolean {
  return allowedStacks.length === 0 || allowedStacks.some((entry) => admitsStack(entry, stack));
}

/** Whether a data action's `Definition` may come from an object of S3. */
export function definitionAllowed(
  settings: Pick<Settings, 'definitionObjectArns'>,
  bucket: string,
  key: string,
): boolean {
  return settings.definitionObjectArns.some((glob) =>
    // A bucket is in the provider's own partition, so the partition of the glob does not matter.
    matchesGlob(glob.replace(/^arn:[a-z-]+:s3:::/, ''), `${bucket}/${key}`),
  );
}
