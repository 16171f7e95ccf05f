/**
 * The world of a protocol test, in this process and in virtual time: CloudFormation, containers with handlers
 * of the provider's own factory, the AWS services that the provider calls, and Genesys Cloud. Sockets, SDK
 * clients and wire protocols are real.
 */
import { randomUUID } from 'node:crypto';
import { resourceTypes } from '../../provider/resources/index.ts';
import { awsErrorBody, LocalAws } from '../aws/in-process.ts';
import { QueryApi } from '../cloudformation/query-api.ts';
import { ResponseServer } from '../cloudformation/response-server.ts';
import {
  CloudFormation,
  type CloudFormationOptions,
  type SentRequest,
  type StackView,
} from '../cloudformation/stack.ts';
import type { Template } from '../cloudformation/template.ts';
import {
  type GenesysCloudOptions,
  type GenesysCloudServer,
  startGenesysCloud,
} from '../genesys-cloud/index.ts';
import { withFaults } from '../server-faults.ts';
import { VirtualClock } from '../virtual-clock.ts';
import { Containers } from './containers.ts';
import { installed, registrationOf } from './installed-provider.ts';
import { type Remote, remoteObjects } from './remote.ts';
import { WebService } from './web-service.ts';

const ACCOUNT = '123456789012';
export const PROVIDER_STACK = 'genesys-cloud-provider';
export const LEDGER = 'genesys-cloud-ledger';
export const OAUTH_SECRET = `arn:aws:secretsmanager:us-east-1:${ACCOUNT}:secret:/genesys/oauth/credentials-AbCdEf`;
export const SEALING_SECRET = `arn:aws:secretsmanager:us-east-1:${ACCOUNT}:secret:/genesys/sealing/genesys-cloud/0a1b2c3d-JkLmNo`;
export const CREDENTIALS_SECRET = `arn:aws:secretsmanager:us-east-1:${ACCOUNT}:secret:/genesys/credentials/orders-GhIjKl`;
export const KEY_ALIAS = `arn:aws:kms:us-east-1:${ACCOUNT}:alias/genesys-recordings`;
export const OTHER_KEY_ALIAS = `arn:aws:kms:us-east-1:${ACCOUNT}:alias/genesys-recordings-2`;

/** Secrets that must not leave the provider, beside tokens and signatures. */
export interface Canaries {
  clientSecret: string;
  credentialField: string;
  sealing: string;
}

export interface WorldOptions {
  genesys?: GenesysCloudOptions;
  cloudFormation?: Partial<CloudFormationOptions>;
  environment?: Record<string, string>;
  timeoutMs?: number;
  /** Containers at a time. Further requests wait. Default: no limit. */
  containers?: number;
}

/** The settings of every provider of a protocol test. */
export const providerEnvironment = (genesysUrl: string): Record<string, string> => ({
  GENESYS_ENVIRONMENT: 'mypurecloud.com',
  GENESYS_API_BASE_URL: genesysUrl,
  GENESYS_LOGIN_BASE_URL: genesysUrl,
  GENESYS_OAUTH_SECRET_ARN: OAUTH_SECRET,
  LEDGER_TABLE_NAME: LEDGER,
  SEALING_SECRET_ARN: SEALING_SECRET,
  RESOURCE_TYPES: resourceTypes.map(({ typeName }) => typeName).join(','),
  ALLOW_LOOPBACK_RESPONSE_URL: 'true',
});

export class World {
  readonly clock: VirtualClock;
  readonly genesys: GenesysCloudServer;
  readonly aws: LocalAws;
  readonly responses: ResponseServer;
  readonly containers: Containers;
  readonly cloudFormation: CloudFormation;
  readonly canaries: Canaries;
  /** Integrations that somebody else made: for functions, and for web services. */
  readonly integrationId: string;
  readonly webServicesId: string;
  /** The customer's web service, which data actions may call. */
  readonly service: WebService;
  readonly stacks: QueryApi;
  readonly #before: Set<string>;

  static async start(options: WorldOptions = {}): Promise<World> {
    const clock = new VirtualClock();
    const canaries = {
      clientSecret: canary('client-secret'),
      credentialField: canary('credential-field'),
      sealing: canary('sealing'),
    };
    const genesys = await startGenesysCloud({
      clock: clock.forServers,
      clients: [{ id: randomUUID(), secret: canaries.clientSecret }],
      rateLimitPerMinute: 1_000_000,
      around: (listener) => withFaults(listener, clock, genesysErrorBody),
      ...options.genesys,
    });
    const aws = await LocalAws.start((listener) => withFaults(listener, clock, awsErrorBody), clock);
    const responses = await ResponseServer.start({
      clock: clock.forServers,
      around: (listener) => withFaults(listener, clock, responseErrorBody),
    });
    aws.putItem(LEDGER, ...registrationOf());
    aws.secrets.set(OAUTH_SECRET, {
      text: JSON.stringify({ client_id: genesys.clientId, client_secret: genesys.clientSecret }),
    });
    aws.secrets.set(SEALING_SECRET, { text: canaries.sealing });
    aws.secrets.set(CREDENTIALS_SECRET, {
      text: JSON.stringify({ userName: 'orders', password: canaries.credentialField }),
      tags: { 'genesys-cloud-cfn:stacks': 'stack*' },
    });
    for (const [alias, id] of [
      [KEY_ALIAS, '1'],
      [OTHER_KEY_ALIAS, '2'],
    ]) {
      aws.keys.set(alias ?? '', { arn: `arn:aws:kms:us-east-1:${ACCOUNT}:key/0000-${id}` });
    }
    const [integrationId = '', webServicesId = ''] = genesys.seed({
      integrations: [
        { name: 'shared', typeId: 'aws-lambda-data-actions', enabled: true },
        { name: 'shared too', typeId: 'custom-rest-actions', enabled: true },
      ],
    }).integrations;
    const environment = {
      ...providerEnvironment(genesys.url),
      ...installed(),
      SHARED_INTEGRATION_IDS: `${integrationId},${webServicesId}`,
      ...options.environment,
    };
    const containers = new Containers({
      clock,
      awsUrl: aws.url,
      ...(options.containers === undefined ? {} : { concurrency: options.containers }),
      ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
      environment,
    });
    const cloudFormation = new CloudFormation({
      invoker: containers,
      responses,
      clock,
      accountId: ACCOUNT,
      ...options.cloudFormation,
    });
    const stacks = await QueryApi.start(cloudFormation);
    aws.stacksUrl = stacks.url;
    aws.functions.set(environment.PROVIDER_ARN, environment);
    stacks.standing.set(PROVIDER_STACK, {
      id: environment.PROVIDER_STACK_ID,
      outputs: { ServiceToken: environment.PROVIDER_ARN },
      exports: { ServiceToken: 'genesys-cloud-ServiceToken' },
    });
    const service = await WebService.start();
    return new World({
      clock,
      genesys,
      aws,
      responses,
      containers,
      cloudFormation,
      canaries,
      stacks,
      service,
      integrationId,
      webServicesId,
    });
  }

  private constructor(
    parts: Pick<
      World,
      | 'clock'
      | 'genesys'
      | 'aws'
      | 'responses'
      | 'containers'
      | 'cloudFormation'
      | 'canaries'
      | 'service'
      | 'stacks'
      | 'integrationId'
      | 'webServicesId'
    >,
  ) {
    this.clock = parts.clock;
    this.genesys = parts.genesys;
    this.aws = parts.aws;
    this.responses = parts.responses;
    this.containers = parts.containers;
    this.cloudFormation = parts.cloudFormation;
    this.canaries = parts.canaries;
    this.service = parts.service;
    this.stacks = parts.stacks;
    this.integrationId = parts.integrationId;
    this.webServicesId = parts.webServicesId;
    this.#before = new Set(remoteObjects(this.genesys).keys());
  }

  /** Objects that were made since the world began. */
  made(): Remote {
    return new Map([...remoteObjects(this.genesys)].filter(([key]) => !this.#before.has(key)));
  }

  /** An object of Genesys Cloud by its id, whatever its kind. */
  remote(id: string): Record<string, unknown> | undefined {
    return [...remoteObjects(this.genesys)].find(([key]) => key.endsWith(` ${id}`))?.[1];
  }

  /** The requests sent for a logical resource, in order. */
  requests(logicalId?: string): SentRequest[] {
    return this.cloudFormation.requests.filter(
      ({ event }) => logicalId === undefined || event.LogicalResourceId === logicalId,
    );
  }

  /** Items of the ledger whose keys begin with the prefix. */
  ledger(prefix: string): Map<string, Record<string, unknown>> {
    return new Map([...this.aws.items(LEDGER)].filter(([key]) => key.startsWith(prefix)));
  }

  /** The ledger's items are lost, except the note that this provider is installed with it. */
  loseLedger(): void {
    this.aws.tables.get(LEDGER)?.clear();
    this.aws.putItem(LEDGER, ...registrationOf());
  }

  /** Everything that left the provider: logs, errors and answers. */
  output(): string {
    const bodies = this.cloudFormation.requests.flatMap(({ uploads }) =>
      uploads.map(({ body }) => body.toString()),
    );
    return [this.containers.logs(), ...bodies].join('\n');
  }

  /** Names of secrets, tokens and signatures that were found in any output. */
  leaks(): string[] {
    const output = this.output();
    const { clientSecret, credentialField, sealing } = this.canaries;
    const basic = Buffer.from(`${this.genesys.clientId}:${clientSecret}`).toString('base64');
    const secrets = { clientSecret, credentialField, sealing, basic };
    const found = Object.entries(secrets).filter(([, value]) => output.includes(value));
    const signatures = this.responses.secrets().filter((signature) => output.includes(signature));
    const tokens = this.genesys.tokens().filter((token) => output.includes(token));
    const bearer = /[Bb]earer [A-Za-z0-9_-]{8,}/.test(output) ? ['bearer token'] : [];
    return [
      ...found.map(([name]) => name),
      ...signatures.map(() => 'signature'),
      ...tokens.map(() => 'token'),
      ...bearer,
    ];
  }

  async stop(): Promise<void> {
    await this.cloudFormation.stop();
    this.clock.stop();
    const servers = [this.stacks, this.aws, this.responses, this.service];
    await Promise.all([this.genesys.close(), ...servers.map((server) => server.stop())]);
  }
}

/** Runs with a world of its own, and stops it in any case. */
export async function inWorld<T>(options: WorldOptions, run: (world: World) => Promise<T>): Promise<T> {
  const world = await World.start(options);
  try {
    return await run(world);
  } finally {
    await world.stop();
  }
}

const canary = (name: string) => `CANARY-${name}-${randomUUID()}`;

export const responseErrorBody = () => '<Error><Code>Injected</Code></Error>';

export function genesysErrorBody(status: number): string {
  const code = status === 409 ? 'version.conflict' : `injected.${status}`;
  return JSON.stringify({ status, code, message: `Injected fault: ${status}`, contextId: randomUUID() });
}

/** DynamoDB drops what has expired; days late at times, so both must be the same. */
export function dropExpired({ aws, clock }: World): void {
  const items = aws.tables.get(LEDGER);
  for (const [key, item] of items ?? []) {
    const at = item['expiresAt'];
    if (at !== undefined && 'N' in at && Number(at.N) * 1000 <= clock.now()) items?.delete(key);
  }
}

/** A template of one resource. */
export function only(type: string, properties: Record<string, unknown>, logicalId = 'Thing'): Template {
  return { Resources: { [logicalId]: { Type: type, Properties: properties } } };
}

/** Why a stack failed: the reasons in its events. */
export const reasons = (stack: StackView): string =>
  stack.events.map(({ ResourceStatusReason }) => ResourceStatusReason ?? '').join('\n');
