/**
 * Several providers on one Genesys Cloud organization, in virtual time: two in two accounts and Regions that
 * share a ledger in a third account, and one with a ledger of its own. The shared table admits them by the
 * policy of templates/ledger.yaml, judged by an implementation of IAM's evaluation.
 */
import { randomUUID } from 'node:crypto';
import { awsErrorBody, type Caller, LocalAws } from '../../local/aws/in-process.ts';
import { QueryApi } from '../../local/cloudformation/query-api.ts';
import { ResponseServer } from '../../local/cloudformation/response-server.ts';
import { CloudFormation, type StackView } from '../../local/cloudformation/stack.ts';
import { type GenesysCloudServer, startGenesysCloud } from '../../local/genesys-cloud/index.ts';
import { Containers } from '../../local/provider/containers.ts';
import { installed, registrationOf } from '../../local/provider/installed-provider.ts';
import {
  genesysErrorBody,
  KEY_ALIAS,
  OAUTH_SECRET,
  OTHER_KEY_ALIAS,
  PROVIDER_STACK,
  providerEnvironment,
  responseErrorBody,
} from '../../local/provider/world.ts';
import { withFaults } from '../../local/server-faults.ts';
import { VirtualClock } from '../../local/virtual-clock.ts';
import { resolve } from '../../scripts/build/templates/resolve.ts';
import { type JsonObject, readTemplate } from '../../scripts/build/templates/template.ts';
import { allows } from '../templates/judge.ts';

const HOME_ACCOUNT = '999900001111';
export const HOME_REGION = 'eu-central-1';
export const SHARED_LEDGER = `arn:aws:dynamodb:${HOME_REGION}:${HOME_ACCOUNT}:table/genesys-cloud-shared-ledger`;

/** The providers: `first` and `second` share the ledger, `third` has its own. */
export const places = {
  first: { account: '111122223333', region: 'us-east-1' },
  second: { account: '444455556666', region: 'eu-west-1' },
  third: { account: '777788889999', region: 'us-east-1' },
} as const;
export type Place = keyof typeof places;
export const OWN_LEDGER = `arn:aws:dynamodb:${places.third.region}:${places.third.account}:table/genesys-cloud-ledger`;

export interface WorldOptions {
  /** Providers whose accounts the shared ledger admits. Default: those that have it. */
  members?: Place[];
  /** Name of the roles in those accounts that may read the shared ledger. Default: none. */
  readers?: string;
}

export interface Provider {
  arn: string;
  containers: Containers;
  cloudFormation: CloudFormation;
}

export class SeveralProviders {
  readonly clock: VirtualClock;
  readonly genesys: GenesysCloudServer;
  readonly aws: LocalAws;
  readonly first: Provider;
  readonly second: Provider;
  readonly third: Provider;
  /** Integrations that somebody made by hand: for functions, and for web services. */
  readonly integrationId: string;
  readonly #servers: { stop(): Promise<void> }[];
  readonly #before: Set<string>;

  static async start({
    members = ['first', 'second'],
    readers = '',
  }: WorldOptions = {}): Promise<SeveralProviders> {
    const clock = new VirtualClock();
    const genesys = await startGenesysCloud({
      clock: clock.forServers,
      clients: [{ id: randomUUID(), secret: 'client-secret' }],
      rateLimitPerMinute: 1_000_000,
      around: (listener) => withFaults(listener, clock, genesysErrorBody),
    });
    const aws = await LocalAws.start((listener) => withFaults(listener, clock, awsErrorBody));
    const responses = await ResponseServer.start({
      clock: clock.forServers,
      around: (listener) => withFaults(listener, clock, responseErrorBody),
    });
    aws.secrets.set(OAUTH_SECRET, {
      text: JSON.stringify({ client_id: genesys.clientId, client_secret: genesys.clientSecret }),
    });
    for (const [index, alias] of [KEY_ALIAS, OTHER_KEY_ALIAS].entries())
      aws.keys.set(alias, { arn: `arn:aws:kms:us-east-1:123456789012:key/0000-${index}` });
    aws.admits = await admissions(
      members.map((place) => places[place].account),
      readers,
    );
    const [integrationId = ''] = genesys.seed({
      integrations: [{ name: 'shared', typeId: 'aws-lambda-data-actions', enabled: true }],
    }).integrations;
    const servers: { stop(): Promise<void> }[] = [aws, responses];
    const provider = async (place: Place): Promise<Provider> => {
      const { account, region } = places[place];
      const identity = installed(account, region);
      const ledger = place === 'third' ? OWN_LEDGER : SHARED_LEDGER;
      const sealing = `arn:aws:secretsmanager:${region}:${account}:secret:/genesys/sealing/genesys-cloud/0-AbCdEf`;
      aws.secrets.set(sealing, { text: `sealing of the ${place} provider` });
      aws.putItem(ledger, ...registrationOf(identity));
      const environment = {
        ...providerEnvironment(genesys.url),
        ...identity,
        LEDGER_TABLE_NAME: place === 'third' ? 'genesys-cloud-ledger' : ledger,
        SEALING_SECRET_ARN: sealing,
        SHARED_INTEGRATION_IDS: integrationId,
        OTHER_LEDGERS: place === 'third' ? 'true' : 'false',
        RECORDING_KEY_PROVIDER_ARN: installed(places.first.account, places.first.region).PROVIDER_ARN,
      };
      const containers = new Containers({ clock, awsUrl: aws.url, account, region, environment });
      const cloudFormation = new CloudFormation({
        invoker: containers,
        responses,
        clock,
        region,
        accountId: account,
        serviceToken: identity.PROVIDER_ARN,
      });
      const stacks = await QueryApi.start(cloudFormation);
      aws.stacksUrls.set(`${account} ${region}`, stacks.url);
      aws.functions.set(identity.PROVIDER_ARN, environment);
      stacks.standing.set(PROVIDER_STACK, {
        id: identity.PROVIDER_STACK_ID,
        outputs: { ServiceToken: identity.PROVIDER_ARN },
        exports: { ServiceToken: 'genesys-cloud-ServiceToken' },
      });
      servers.push(stacks);
      return { arn: identity.PROVIDER_ARN, containers, cloudFormation };
    };
    const providers = {
      first: await provider('first'),
      second: await provider('second'),
      third: await provider('third'),
    };
    return new SeveralProviders({ clock, genesys, aws, integrationId, ...providers }, servers);
  }

  private constructor(
    parts: Pick<SeveralProviders, 'clock' | 'genesys' | 'aws' | 'integrationId' | Place>,
    servers: { stop(): Promise<void> }[],
  ) {
    this.clock = parts.clock;
    this.genesys = parts.genesys;
    this.aws = parts.aws;
    this.first = parts.first;
    this.second = parts.second;
    this.third = parts.third;
    this.#servers = servers;
    this.integrationId = parts.integrationId;
    this.#before = new Set(this.#ids());
  }

  #ids(): string[] {
    const [organization] = this.genesys.state().organizations;
    return (['integrations', 'credentials', 'actions'] as const).flatMap((kind) =>
      (organization?.[kind] ?? []).map(({ id }) => id),
    );
  }

  /** Ids of integrations, credentials and actions that were made since the start. */
  made(): string[] {
    return this.#ids().filter((id) => !this.#before.has(id));
  }

  /** The organization's configuration of the recording key. */
  recordingKey() {
    return this.genesys.state().organizations[0]?.keyConfigurations[0];
  }

  /** Calls to Genesys Cloud that may change something. */
  writes() {
    return this.genesys.calls().filter(({ method, path }) => method !== 'GET' && path !== '/oauth/token');
  }

  async stop(): Promise<void> {
    for (const { cloudFormation } of [this.first, this.second, this.third]) await cloudFormation.stop();
    this.clock.stop();
    await Promise.all([this.genesys.close(), ...this.#servers.map((server) => server.stop())]);
  }
}

/**
 * The verdict of the shared table's policy on each account's provider, for the calls that a ledger needs, and
 * on a person who looks at it.
 */
async function admissions(members: string[], readers: string): Promise<LocalAws['admits']> {
  const { Resources } = resolve(
    readTemplate('ledger.yaml'),
    { MemberAccountIds: members.join(','), MemberReaderRoleName: readers },
    { region: HOME_REGION, accountId: HOME_ACCOUNT },
  );
  const { PolicyDocument = {} } = (Resources['Ledger']?.Properties?.['ResourcePolicy'] ?? {}) as JsonObject;
  const admitted = new Set<string>();
  for (const { account } of Object.values(places)) {
    for (const [action, role] of CALLS) {
      const allowed = await allows(
        {
          principal: `arn:aws:iam::${account}:role/${role}`,
          action: `dynamodb:${action}`,
          resource: SHARED_LEDGER,
          context: {},
        },
        {
          identity: [
            { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'dynamodb:*', Resource: '*' }] },
          ],
          resource: PolicyDocument,
        },
        HOME_ACCOUNT,
      );
      if (allowed) admitted.add(`${account} ${action}`);
    }
  }
  return ({ account }: Caller, operation, table) =>
    table === SHARED_LEDGER &&
    // A transaction is judged by its writes (developer guide, IAM with DynamoDB transactions).
    (operation === 'TransactWriteItems' ? ['PutItem', 'DeleteItem'] : [operation]).every((one) =>
      admitted.has(`${account} ${one}`),
    );
}

const PROVIDER_ROLE = 'genesys-cloud-provider-ProviderRole-1A2B3C';
/** The role of a person who runs a command. */
export const READER_ROLE = 'Operator';
const CALLS = [
  ['GetItem', PROVIDER_ROLE],
  ['PutItem', PROVIDER_ROLE],
  ['DeleteItem', PROVIDER_ROLE],
  ['Scan', READER_ROLE],
] as const;

/** Runs with three providers. In the end no answer may have broken the protocol. */
export async function withProviders(
  run: (world: SeveralProviders) => Promise<void>,
  options: WorldOptions = {},
): Promise<void> {
  const world = await SeveralProviders.start(options);
  try {
    await run(world);
    for (const { cloudFormation } of [world.first, world.second, world.third]) {
      await cloudFormation.idle();
      expect(cloudFormation.violations()).toEqual([]);
    }
  } finally {
    await world.stop();
  }
}

/** A stack's status and the reasons in its events. */
export const outcome = (stack: StackView) => ({
  status: stack.status,
  reason: stack.events.map(({ ResourceStatusReason = '' }) => ResourceStatusReason).join('\n'),
});
