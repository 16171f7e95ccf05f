/** The values that several checks need. Each is read once, by the first check that asks for it. */
import {
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
  paginateListExports,
  type Stack,
  type StackResource,
} from '@aws-sdk/client-cloudformation';
import { DescribeTableCommand, type TableDescription } from '@aws-sdk/client-dynamodb';
import { type FunctionConfiguration, GetFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import {
  DescribeSecretCommand,
  type DescribeSecretResponse,
  GetSecretValueCommand,
} from '@aws-sdk/client-secrets-manager';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { systemClock } from '../../common/clock.ts';
import { registerSecret } from '../../common/redaction.ts';
import {
  GenesysCloud,
  type GenesysSession,
  type OAuthSecret,
  type Organization,
  parseOAuthSecret,
} from '../../provider/genesys/index.ts';
import { type LedgerContents, readLedger } from '../../provider/ledger/index.ts';
import type { AnyResourceType } from '../../provider/lifecycle/resource-type.ts';
import { resourceTypes } from '../../provider/resources/index.ts';
import { awsServices } from '../../provider/runtime/aws-services.ts';
import {
  type LedgerSettings,
  readLedgerSettings,
  readSettings,
  type Settings,
} from '../../provider/runtime/settings.ts';
import { findProvider, outputsOf } from '../connection/provider-stack.ts';
import type { Aws } from './aws.ts';
import type { DoctorOptions, Plan } from './options.ts';
import { type Fact, factOf, NotLookedAtError } from './outcome.ts';
import { type Role, readRole } from './role.ts';

/** The settings of a provider that its client of Genesys Cloud needs; from a plan, a function or a stack. */
export interface Target extends Plan {
  /** Types that it serves. */
  types: readonly AnyResourceType[];
}

export interface Identity {
  account: string;
  arn: string;
}

/** A look at thousands of objects may take minutes. */
const MOST_MILLISECONDS = 30 * 60_000;
/** A call that fails is repeated for half of it. */
const LOGIN_MILLISECONDS = 40_000;

export class Facts {
  readonly options: DoctorOptions;
  readonly aws: Aws;
  readonly deadline = {
    signal: AbortSignal.timeout(MOST_MILLISECONDS),
    at: systemClock.now() + MOST_MILLISECONDS,
  };

  constructor(options: DoctorOptions, aws: Aws) {
    this.options = options;
    this.aws = aws;
  }

  // ---- the account

  readonly region: Fact<string> = factOf('aws-region', () => this.aws.region());

  readonly identity: Fact<Identity> = factOf('aws-credentials', async () => {
    await this.region();
    const { Account = '', Arn = '' } = await this.aws.sts.send(new GetCallerIdentityCommand({}));
    return { account: Account, arn: Arn };
  });

  // ---- the provider

  /** Whether there is a provider to look at; false before the first deployment. */
  get hasProvider(): boolean {
    return this.options.search !== undefined;
  }

  readonly stack: Fact<Stack> = factOf('provider-stack', async () => {
    const { search } = this.options;
    if (search === undefined)
      throw new NotLookedAtError('other-fault', 'there is no provider before the first deployment');
    await this.identity();
    const permission = 'stackName' in search ? 'DescribeStacks' : 'ListExports';
    const found = await this.aws.ask(`cloudformation:${permission}`, () =>
      findProvider(this.aws.cloudFormation, search),
    );
    if (found !== undefined) return found;
    const what =
      'stackName' in search ? `stack ${search.stackName}` : `export ${search.exportPrefix}-ServiceToken`;
    throw new NoProviderError(`There is no ${what} in this account and Region.`);
  });

  readonly parameters: Fact<Record<string, string>> = factOf('provider-stack', async () => {
    const { Parameters = [] } = await this.stack();
    return Object.fromEntries(
      Parameters.map(({ ParameterKey = '', ParameterValue = '' }) => [ParameterKey, ParameterValue]),
    );
  });

  readonly serviceToken: Fact<string> = factOf('provider-stack', async () => {
    const token = outputsOf(await this.stack())['ServiceToken'];
    if (token === undefined) throw new NotLookedAtError('other-fault', 'see provider-stack');
    return token;
  });

  readonly resources: Fact<StackResource[]> = factOf('provider-stack', async () => {
    const { StackId } = await this.stack();
    const { StackResources = [] } = await this.aws.ask('cloudformation:DescribeStackResources', () =>
      this.aws.cloudFormation.send(new DescribeStackResourcesCommand({ StackName: StackId })),
    );
    return StackResources;
  });

  /** Every stack of the account and Region. */
  readonly stacks: Fact<Stack[]> = factOf('aws-credentials', async () => {
    await this.identity();
    const all: Stack[] = [];
    let token: string | undefined;
    do {
      const { Stacks = [], NextToken } = await this.aws.ask('cloudformation:DescribeStacks', () =>
        this.aws.cloudFormation.send(new DescribeStacksCommand(token ? { NextToken: token } : {})),
      );
      all.push(...Stacks);
      token = NextToken;
    } while (token !== undefined);
    return all;
  });

  /** Values of exports by their names. */
  readonly exports: Fact<Map<string, string>> = factOf('aws-credentials', async () => {
    await this.identity();
    return this.aws.ask('cloudformation:ListExports', async () => {
      const all = new Map<string, string>();
      for await (const { Exports = [] } of paginateListExports({ client: this.aws.cloudFormation }, {}))
        for (const { Name = '', Value = '' } of Exports) all.set(Name, Value);
      return all;
    });
  });

  readonly providerFunction: Fact<FunctionConfiguration> = factOf('function', async () => {
    const arn = await this.serviceToken();
    return this.aws.ask('lambda:GetFunctionConfiguration', () =>
      this.aws.lambda(arn).send(new GetFunctionConfigurationCommand({ FunctionName: arn })),
    );
  });

  readonly environment: Fact<Record<string, string>> = factOf('function-settings', async () => {
    const { Environment } = await this.providerFunction();
    // Without the right to use the environment's key, Lambda answers everything but the variables.
    if (Environment?.Variables === undefined)
      throw new NotLookedAtError('permission', "needs kms:Decrypt for the function's environment");
    return Environment.Variables;
  });

  readonly settings: Fact<{ settings: Settings; ledger: LedgerSettings }> = factOf(
    'function-settings',
    async () => {
      const environment = await this.environment();
      return { settings: readSettings(environment), ledger: readLedgerSettings(environment) };
    },
  );

  // ---- Genesys Cloud

  /** By the function's settings; after a failed deployment by the parameters of the stack. */
  readonly target: Fact<Target> = factOf('function-settings', async () => {
    const { plan } = this.options;
    if (plan !== undefined) return { ...plan, types: resourceTypes };
    const settings = await this.settings().catch((error: unknown) => {
      if (error instanceof NotLookedAtError) return undefined;
      throw error;
    });
    return settings === undefined ? this.#targetOfStack() : targetOf(settings.settings);
  });

  async #targetOfStack(): Promise<Target> {
    const parameters = await this.parameters();
    const { OAuthSecretArn, GenesysEnvironment, GenesysApiBaseUrl, GenesysLoginBaseUrl } = parameters;
    if (!OAuthSecretArn) throw new NotLookedAtError('other-fault', 'see provider-stack');
    return {
      oauthSecretArn: OAuthSecretArn,
      ...(GenesysEnvironment ? { genesysRegion: GenesysEnvironment } : {}),
      ...(GenesysApiBaseUrl ? { apiBaseUrl: GenesysApiBaseUrl } : {}),
      ...(GenesysLoginBaseUrl ? { loginBaseUrl: GenesysLoginBaseUrl } : {}),
      types: servedBy(parameters['ResourceTypes']?.split(',')),
    };
  }

  readonly secret: Fact<DescribeSecretResponse> = factOf('oauth-secret', async () => {
    const { oauthSecretArn } = await this.target();
    await this.identity();
    return this.aws.ask('secretsmanager:DescribeSecret', () =>
      this.aws.secrets(oauthSecretArn).send(new DescribeSecretCommand({ SecretId: oauthSecretArn })),
    );
  });

  readonly secretText: Fact<string | undefined> = factOf('oauth-secret', async () => {
    const { oauthSecretArn } = await this.target();
    await this.identity();
    const { SecretString } = await this.aws.ask('secretsmanager:GetSecretValue', () =>
      this.aws.secrets(oauthSecretArn).send(new GetSecretValueCommand({ SecretId: oauthSecretArn })),
    );
    return SecretString;
  });

  readonly oauthSecret: Fact<OAuthSecret> = factOf('oauth-secret-form', async () => {
    const { oauthSecretArn } = await this.target();
    const secret = parseOAuthSecret((await this.secretText()) ?? '', oauthSecretArn);
    registerSecret(secret.clientSecret);
    return secret;
  });

  readonly #cloud: Fact<GenesysCloud> = factOf('genesys-region', async () => {
    const secret = await this.oauthSecret();
    const { genesysRegion, apiBaseUrl, loginBaseUrl } = await this.target();
    return new GenesysCloud({
      clock: systemClock,
      readSecret: async () => secret,
      environment: genesysRegion,
      apiBaseUrl,
      loginBaseUrl,
    });
  });

  /** It does not log in before its first call. */
  readonly session: Fact<GenesysSession> = factOf('genesys-region', async () => {
    const session = (await this.#cloud()).session(this.deadline);
    await session.domain();
    return session;
  });

  /** The first call. A person does not wait half an hour for a host that does not answer. */
  readonly organization: Fact<Organization> = factOf('login', async () => {
    await this.session();
    const at = systemClock.now() + LOGIN_MILLISECONDS;
    const deadline = { signal: AbortSignal.timeout(LOGIN_MILLISECONDS), at };
    return (await this.#cloud()).session(deadline).organization();
  });

  // ---- the ledger

  /** The table's name or ARN, and the client of its Region. */
  readonly ledgerPlace = async () => {
    const { ledger } = await this.settings();
    const { table, providerArn } = ledger;
    return { ...ledger, client: this.aws.dynamo(table.startsWith('arn:') ? table : providerArn) };
  };

  readonly table: Fact<TableDescription> = factOf('ledger-table', async () => {
    const { table, client } = await this.ledgerPlace();
    const { Table } = await this.aws.ask('dynamodb:DescribeTable', () =>
      client.send(new DescribeTableCommand({ TableName: table })),
    );
    return Table ?? {};
  });

  readonly ledger: Fact<LedgerContents> = factOf('ledger-table', async () => {
    const { table, client } = await this.ledgerPlace();
    return this.aws.ask('dynamodb:Scan', () => readLedger(client, table, systemClock.now()));
  });

  /** The provider's own services, by the rights of the caller. */
  readonly services = awsServices();

  readonly #roles = new Map<string, Promise<Role | undefined>>();

  /** A role by its ARN; undefined where there is none. @throws NotLookedAtError */
  role(arn: string): Promise<Role | undefined> {
    const known =
      this.#roles.get(arn) ?? this.identity().then(({ account }) => readRole(this.aws, arn, account));
    this.#roles.set(arn, known);
    return known;
  }
}

/** No stack was found by the name or the export that was given. */
export class NoProviderError extends Error {}

const servedBy = (names: readonly string[] | undefined) =>
  resourceTypes.filter(({ typeName, servedByDefault }) => names?.includes(typeName) ?? servedByDefault);

const targetOf = (settings: Settings): Target => ({
  oauthSecretArn: settings.oauthSecretArn,
  ...(settings.genesysEnvironment ? { genesysRegion: settings.genesysEnvironment } : {}),
  ...(settings.apiBaseUrl ? { apiBaseUrl: settings.apiBaseUrl } : {}),
  ...(settings.loginBaseUrl ? { loginBaseUrl: settings.loginBaseUrl } : {}),
  types: servedBy(settings.resourceTypes),
});
