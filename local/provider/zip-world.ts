/**
 * A world in real time: the packaged provider in processes of its own, and the local servers around it. It
 * collects what is wrong at the end of each operation of a stack.
 */
import { randomUUID } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { resourceTypes } from '../../provider/resources/index.ts';
import { awsErrorBody, LocalAws } from '../aws/in-process.ts';
import type { CustomResourceEvent } from '../cloudformation/events.ts';
import { LambdaInvoker } from '../cloudformation/lambda-invoker.ts';
import type { CloudFormationOptions } from '../cloudformation/options.ts';
import { QueryApi } from '../cloudformation/query-api.ts';
import { ResponseServer } from '../cloudformation/response-server.ts';
import { CloudFormation, type StackView } from '../cloudformation/stack.ts';
import type { Template } from '../cloudformation/template.ts';
import type { Finding } from '../faults/verdicts.ts';
import { type GenesysCloudServer, startGenesysCloud } from '../genesys-cloud/index.ts';
import type { ErrorBody } from '../server-faults.ts';
import { type Input, inWorldOf } from './inputs.ts';
import { installed, registrationOf } from './installed-provider.ts';
import { isThere, remoteObjects } from './remote.ts';
import { WebService } from './web-service.ts';
import {
  CREDENTIALS_SECRET,
  genesysErrorBody,
  KEY_ALIAS,
  LEDGER,
  OAUTH_SECRET,
  OTHER_KEY_ALIAS,
  only,
  responseErrorBody,
  SEALING_SECRET,
} from './world.ts';

export interface ZipWorldOptions {
  timeoutMs: number;
  /** Stands before each server's own listener. */
  around?: (errorBody: ErrorBody) => (listener: RequestListener) => RequestListener;
  cloudFormation?: Partial<CloudFormationOptions>;
  /** Variables of the function, beside or instead of the ordinary ones. */
  environment?: Record<string, string>;
}

type Servers = Pick<ZipWorld, 'genesys' | 'aws' | 'responses' | 'invoker' | 'cloudFormation' | 'service'> & {
  stacks: QueryApi;
};

export class ZipWorld {
  readonly genesys: GenesysCloudServer;
  readonly aws: LocalAws;
  readonly responses: ResponseServer;
  readonly invoker: LambdaInvoker;
  readonly cloudFormation: CloudFormation;
  /** The customer's web service, which data actions may call. */
  readonly service: WebService;
  readonly findings: Finding[] = [];
  /** Integrations that others made: for functions, and for web services. */
  readonly integrationId: string;
  readonly webServicesId: string;
  /** Called for every event before it is delivered. */
  onEvent: (event: CustomResourceEvent) => void = () => {};
  readonly #stacks: QueryApi;
  readonly #secrets: readonly string[];
  /** Keys of the objects that no stack has made. */
  readonly #before: ReadonlySet<string>;

  static async start(
    code: string,
    {
      timeoutMs,
      around = () => (listener) => listener,
      cloudFormation = {},
      environment = {},
    }: ZipWorldOptions,
  ): Promise<ZipWorld> {
    const clientSecret = `CANARY-${randomUUID()}`;
    const fieldValue = `CANARY-${randomUUID()}`;
    const sealing = `CANARY-${randomUUID()}`;
    const genesys = await startGenesysCloud({
      around: around(genesysErrorBody),
      clients: [{ id: randomUUID(), secret: clientSecret }],
    });
    const aws = await LocalAws.start(around(awsErrorBody));
    const responses = await ResponseServer.start({ around: around(responseErrorBody) });
    aws.putItem(LEDGER, ...registrationOf());
    aws.secrets.set(OAUTH_SECRET, {
      text: JSON.stringify({ client_id: genesys.clientId, client_secret: clientSecret }),
    });
    aws.secrets.set(CREDENTIALS_SECRET, {
      text: JSON.stringify({ userName: 'orders', password: fieldValue }),
      tags: { 'genesys-cloud-cfn:stacks': 'stack*' },
    });
    aws.secrets.set(SEALING_SECRET, { text: sealing });
    for (const alias of [KEY_ALIAS, OTHER_KEY_ALIAS])
      aws.keys.set(alias, { arn: alias.replace(/alias\/.*/, `key/0000-${alias.length}`) });
    const [integrationId = '', webServicesId = ''] = genesys.seed({
      integrations: [
        { name: 'shared', typeId: 'aws-lambda-data-actions', enabled: true },
        { name: 'shared too', typeId: 'custom-rest-actions', enabled: true },
      ],
    }).integrations;
    const invoker = await LambdaInvoker.start({
      code,
      timeoutMs,
      environment: {
        AWS_ENDPOINT_URL: aws.url,
        GENESYS_ENVIRONMENT: 'mypurecloud.com',
        GENESYS_API_BASE_URL: genesys.url,
        GENESYS_LOGIN_BASE_URL: genesys.url,
        GENESYS_OAUTH_SECRET_ARN: OAUTH_SECRET,
        LEDGER_TABLE_NAME: LEDGER,
        RESOURCE_TYPES: resourceTypes.map(({ typeName }) => typeName).join(','),
        ...installed(),
        SEALING_SECRET_ARN: SEALING_SECRET,
        SHARED_INTEGRATION_IDS: `${integrationId},${webServicesId}`,
        DEFINITION_OBJECT_ARNS: 'arn:aws:s3:::definitions/*',
        ALLOW_LOOPBACK_RESPONSE_URL: 'true',
        ...environment,
      },
    });
    const driver = new CloudFormation({
      invoker,
      responses,
      redelivery: (event) => {
        world.onEvent(event);
        return 'once';
      },
      ...cloudFormation,
    });
    const stacks = await QueryApi.start(driver);
    aws.stacksUrl = stacks.url;
    const service = await WebService.start();
    const servers = { genesys, aws, responses, invoker, cloudFormation: driver, stacks, service };
    const world = new ZipWorld(servers, { integrationId, webServicesId }, [
      clientSecret,
      fieldValue,
      sealing,
    ]);
    return world;
  }

  private constructor(
    servers: Servers,
    { integrationId, webServicesId }: Pick<ZipWorld, 'integrationId' | 'webServicesId'>,
    secrets: readonly string[],
  ) {
    this.genesys = servers.genesys;
    this.aws = servers.aws;
    this.responses = servers.responses;
    this.invoker = servers.invoker;
    this.cloudFormation = servers.cloudFormation;
    this.#secrets = secrets;
    this.service = servers.service;
    this.#stacks = servers.stacks;
    this.integrationId = integrationId;
    this.webServicesId = webServicesId;
    this.#before = new Set(remoteObjects(this.genesys).keys());
  }

  /** A template of one resource, with the ids and ARNs of this world filled in. */
  template(type: string, { properties }: Input, more: Record<string, unknown> = {}): Template {
    return only(type, { ...inWorldOf(properties, this), ...more });
  }

  /** Ids of the objects that stacks have made. */
  made(): string[] {
    return [...remoteObjects(this.genesys)]
      .filter(([key, object]) => !this.#before.has(key) && isThere([key, object]))
      .map(([, { id }]) => String(id));
  }

  /** Waits until nothing runs. Genesys Cloud has to hold exactly the objects of the stack. */
  async settle(stackOperation: Promise<StackView>): Promise<StackView> {
    const stack = await stackOperation;
    await this.cloudFormation.idle();
    const { physicalId = '', status = '', attributes = {} } = stack.resources['Thing'] ?? {};
    const gone = /DELETE_COMPLETE/.test(status) || !/COMPLETE/.test(stack.status);
    if (/FAILED/.test(stack.status)) return stack;
    const believed = gone ? [] : [physicalId, attributes['CredentialId'] ?? ''].filter((id) => id !== '');
    const now = this.made();
    for (const id of now) {
      if (!believed.includes(id))
        this.findings.push({ kind: now.length > believed.length + 1 ? 'duplicates' : 'orphans', what: id });
    }
    for (const id of believed) {
      if (!now.includes(id)) this.findings.push({ kind: 'wrongIds', what: id });
    }
    return stack;
  }

  expectStatus(stack: StackView, status: string): void {
    if (stack.status === status) return;
    const why = stack.events.map(({ ResourceStatusReason = '' }) => ResourceStatusReason).join(' ');
    this.findings.push({ kind: 'untrue', what: `${stack.status} instead of ${status}: ${why}` });
  }

  /** Values that must not leave the provider in any form. */
  secrets(): string[] {
    return [...this.#secrets, ...this.responses.secrets()];
  }

  /** Judges the end: nothing is left, every request was answered once, and no secret stands in the log. */
  judge(): void {
    for (const left of this.made()) this.findings.push({ kind: 'orphans', what: left });
    for (const { event, uploads } of this.cloudFormation.requests) {
      if (!uploads.some(({ kept }) => kept))
        this.findings.push({ kind: 'unanswered', what: event.RequestType });
    }
    for (const violation of this.cloudFormation.violations()) {
      // The process died after its answer was taken. The second delivery does not know that, and answers the
      // same again.
      if (!/answered \d+ times/.test(violation)) this.findings.push({ kind: 'violations', what: violation });
    }
    const output = this.invoker.logs();
    for (const secret of this.secrets()) {
      if (output.includes(secret)) this.findings.push({ kind: 'leaks', what: 'a secret in the log' });
    }
  }

  async stop(): Promise<void> {
    await this.cloudFormation.stop();
    await this.invoker.stop();
    const servers = [this.aws, this.responses, this.#stacks, this.service];
    await Promise.all([this.genesys.close(), ...servers.map((server) => server.stop())]);
  }
}
