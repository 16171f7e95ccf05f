/**
 * The world of a test through the packaged provider: the provider runs in real processes and real time, the
 * rest of the world in this process.
 */
import { randomUUID } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { awsErrorBody, LocalAws } from '../../local/aws/in-process.ts';
import type { CustomResourceEvent } from '../../local/cloudformation/events.ts';
import { LambdaInvoker } from '../../local/cloudformation/lambda-invoker.ts';
import { QueryApi } from '../../local/cloudformation/query-api.ts';
import { ResponseServer } from '../../local/cloudformation/response-server.ts';
import { CloudFormation } from '../../local/cloudformation/stack.ts';
import { type GenesysCloudServer, startGenesysCloud } from '../../local/genesys-cloud/index.ts';
import type { ErrorBody } from '../../local/server-faults.ts';
import { resourceTypes } from '../../provider/resources/index.ts';
import { installed, registrationOf } from '../support/installed-provider.ts';
import { CREDENTIALS_SECRET, genesysErrorBody, LEDGER, OAUTH_SECRET, responseErrorBody } from './world.ts';

export interface ZipWorldOptions {
  /** The packaged provider. */
  code: string;
  /** The function's timeout. */
  timeoutMs: number;
  retryDelaysMs?: readonly number[];
  /** As of the local CloudFormation. */
  givesUpAfterCrashMs?: () => number | undefined;
  /** Wraps the servers that the provider calls. */
  around?: (errorBody: ErrorBody) => (listener: RequestListener) => RequestListener;
}

export interface ZipWorld {
  genesys: GenesysCloudServer;
  aws: LocalAws;
  responses: ResponseServer;
  invoker: LambdaInvoker;
  cloudFormation: CloudFormation;
  /** Called for every event before it is delivered. */
  onEvent: (event: CustomResourceEvent) => void;
  /** An integration that others made. */
  integrationId: string;
  /** Values that must not leave the provider in any form. */
  secrets(): string[];
  stop(): Promise<void>;
}

export async function startZipWorld({
  code,
  timeoutMs,
  retryDelaysMs = [1_000, 1_000],
  givesUpAfterCrashMs = () => undefined,
  around = () => (listener) => listener,
}: ZipWorldOptions): Promise<ZipWorld> {
  const clientSecret = `CANARY-${randomUUID()}`;
  const fieldValue = `CANARY-${randomUUID()}`;
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
    tags: { 'genesys-cloud-cfn:stacks': 'stack' },
  });
  const [integrationId = ''] = genesys.seed({
    integrations: [{ name: 'shared', typeId: 'aws-lambda-data-actions', enabled: true }],
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
      SHARED_INTEGRATION_IDS: integrationId,
      ALLOW_LOOPBACK_RESPONSE_URL: 'true',
    },
  });
  const cloudFormation = new CloudFormation({
    invoker,
    responses,
    retryDelaysMs,
    givesUpAfterCrashMs,
    redelivery: (event) => {
      world.onEvent(event);
      return 'once';
    },
  });
  const stacks = await QueryApi.start(cloudFormation);
  aws.stacksUrl = stacks.url;
  const world: ZipWorld = {
    genesys,
    aws,
    responses,
    invoker,
    cloudFormation,
    onEvent: () => {},
    integrationId,
    secrets: () => [clientSecret, fieldValue, ...responses.secrets()],
    async stop() {
      await cloudFormation.stop();
      await invoker.stop();
      await Promise.all([genesys.close(), aws.stop(), responses.stop(), stacks.stop()]);
    },
  };
  return world;
}
