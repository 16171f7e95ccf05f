/**
 * From a profile, a role or a Region to everything that a provider knows: its settings, its ledger, a
 * session of Genesys Cloud, and its sealed texts. Nothing here writes.
 */
import { CloudFormationClient, type Stack } from '@aws-sdk/client-cloudformation';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { systemClock } from '../../common/clock.ts';
import type { GenesysSession, Organization } from '../../provider/genesys/index.ts';
import {
  CopiedStore,
  Ledger,
  type LedgerContents,
  Registration,
  readLedger,
  Store,
} from '../../provider/ledger/index.ts';
import type { Looking } from '../../provider/lifecycle/resource-type.ts';
import { regionOfArn } from '../../provider/runtime/aws.ts';
import type { Log } from '../../provider/runtime/logger.ts';
import type { Sealing } from '../../provider/runtime/sealing.ts';
import { readLedgerSettings } from '../../provider/runtime/settings.ts';
import { type Wiring, wire } from '../../provider/wiring.ts';
import { CallerError } from './endings.ts';
import { exportsOf, findProvider, outputsOf, type Search } from './provider-stack.ts';

/** A provider, as a command reads it. */
export interface Connection extends Looking {
  session: GenesysSession;
  organization: Organization;
  sealing: Sealing;
  /** ARN or name of the ledger's table. */
  table: string;
  /** The parts of the provider, as its function has them. */
  wiring: Wiring;
  /** ARN of the provider's function. */
  providerArn: string;
  /** Client of the caller's own account and Region. */
  cloudFormation: CloudFormationClient;
  /** Single items of the ledger, as they are now. */
  ledger: Pick<Ledger, 'object' | 'owner'>;
  /** A copy of the ledger, whose writes stay in memory. */
  copyLedger(): Promise<CopiedStore>;
  /** The beginning of the names that the provider's stack exports; undefined where it exports none. */
  exportPrefix?: string | undefined;
  /** @param onPage gets the number of items so far */
  readLedger(onPage?: (items: number) => void): Promise<LedgerContents>;
}

export interface ConnectionOptions {
  /** The ARN of the provider's function, where it is known, or how to find its stack. */
  search: Search | { functionArn: string };
  /** Of the provider. By default the one of the AWS SDK's chain. */
  region?: string;
  /** Time for all calls; an hour by default. */
  milliseconds?: number;
}

/** A command on ten thousand objects takes minutes, and Genesys Cloud's rate limit may stretch them. */
const MOST_MILLISECONDS = 60 * 60_000;

/** A person waits, so a throttled call is tried for longer than in the function. */
const aws = (place: { region?: string }) => ({ ...place, maxAttempts: 6, retryMode: 'adaptive' });

/**
 * Five calls to AWS: the stack, the function's environment, the registration, the two secrets; four where the
 * function is known.
 * @throws CallerError where there is no provider, and the errors of AWS and Genesys Cloud
 */
export async function connect({
  search,
  region,
  milliseconds = MOST_MILLISECONDS,
}: ConnectionOptions): Promise<Connection> {
  const found: { functionArn: string; stack?: Stack } =
    'functionArn' in search ? search : await providerStackOf(search, region);
  const environment = await environmentOf(found.functionArn);
  const wiring = wire({ environment, log: silent });
  const { settings, aws: services, sealing, genesysCloud } = wiring;
  const { table, providerArn } = readLedgerSettings(environment);
  const place = table.startsWith('arn:') ? table : providerArn;
  const dynamo = new DynamoDBClient(aws(regionOfArn(place)));
  const deadline = {
    signal: AbortSignal.timeout(milliseconds),
    at: systemClock.now() + milliseconds,
  };
  const session = genesysCloud(settings.oauthSecretArn).session(deadline);
  const organization = await session.organization();
  const checkRegistration = () =>
    new Registration(new Store(dynamo, table, systemClock), table, providerArn, systemClock).check();
  return {
    session,
    organization,
    sealing,
    table,
    ...(found.stack && { exportPrefix: prefixOf(found.stack) }),
    aws: services,
    deadline,
    wiring,
    providerArn,
    cloudFormation: new CloudFormationClient(aws(region ? { region } : {})),
    ledger: new Ledger(new Store(dynamo, table, systemClock), systemClock),
    async copyLedger() {
      await checkRegistration();
      return new CopiedStore(dynamo, table, systemClock);
    },
    async readLedger(onPage) {
      await checkRegistration();
      return readLedger(dynamo, table, systemClock.now(), onPage);
    },
  };
}

export interface ProviderStack {
  stack: Stack;
  /** ARN of the provider's function. */
  functionArn: string;
}

/** The stack of a provider. @throws CallerError where there is none, or it has no function */
export async function providerStackOf(search: Search, region: string | undefined): Promise<ProviderStack> {
  const client = new CloudFormationClient(aws(region ? { region } : {}));
  const stack: Stack | undefined = await findProvider(client, search);
  if (stack === undefined) {
    const [what, instead] =
      'stackName' in search
        ? [`no stack ${search.stackName}`, '--stack-name']
        : [`no export ${search.exportPrefix}-ServiceToken`, '--export-prefix or --stack-name'];
    throw new CallerError(
      `There is ${what} in this account and Region, so no provider was found. Check the profile and --region, or name the provider by ${instead}.`,
    );
  }
  const arn = outputsOf(stack)['ServiceToken'];
  if (arn === undefined) {
    throw new CallerError(
      `The stack ${stack.StackName} (${stack.StackStatus}) has no output ServiceToken: it is no provider, or its deployment has failed.`,
    );
  }
  return { stack, functionArn: arn };
}

/** The variables of a provider's function. @throws CallerError where they cannot be read */
export async function environmentOf(arn: string): Promise<Record<string, string>> {
  const lambda = new LambdaClient(aws(regionOfArn(arn)));
  const { Environment } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: arn }));
  if (Environment?.Variables === undefined) {
    throw new CallerError(
      `The environment of the function ${arn} cannot be read${Environment?.Error?.Message ? `: ${Environment.Error.Message}` : ''}. Let your role use the key of the function's environment (kms:Decrypt).`,
    );
  }
  return Environment.Variables;
}

const prefixOf = (stack: Stack): string | undefined =>
  exportsOf(stack).flatMap((name) => /^(.+)-ServiceToken$/.exec(name)?.[1] ?? [])[0];

const nothing = () => {};
/** The command speaks by its report alone. */
const silent: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing };
