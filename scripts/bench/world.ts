/**
 * What the provider meets in the bench: the local Genesys Cloud, MiniStack for DynamoDB and Secrets Manager behind
 * a proxy that writes down each call, the response bucket, and the packaged zip in processes of its own.
 */
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { type MiniStack, startMiniStack } from '../../test/aws/ministack.ts';
import { ResponseServer } from '../../test/cloudformation/response-server.ts';
import {
  type GenesysCloudOptions,
  type GenesysCloudServer,
  startGenesysCloud,
} from '../../test/genesys-cloud/index.ts';
import { type RecordingProxy, startRecordingProxy } from './recording-proxy.ts';

const region = 'us-east-1';

export interface World {
  ministack: MiniStack;
  /** In front of MiniStack. */
  aws: RecordingProxy;
  /** In front of the local Genesys Cloud. */
  api: RecordingProxy;
  responses: ResponseServer;
  genesys: GenesysCloudServer;
  /** An integration for data actions. */
  integrationId: string;
  /** Environment of the provider's function. */
  environment: Record<string, string>;
  stop(): Promise<void>;
}

export async function startWorld(options: GenesysCloudOptions = {}): Promise<World> {
  const ministack = await startMiniStack();
  const aws = await startRecordingProxy(ministack.url);
  const genesys = await startGenesysCloud(options);
  const api = await startRecordingProxy(genesys.url);
  const responses = await ResponseServer.start();
  const client = {
    endpoint: ministack.url,
    region,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  };
  const dynamo = new DynamoDBClient(client);
  const secrets = new SecretsManagerClient(client);
  await dynamo.send(
    new CreateTableCommand({
      TableName: 'ledger',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    }),
  );
  const { ARN = '' } = await secrets.send(
    new CreateSecretCommand({
      Name: '/genesys/oauth/credentials',
      SecretString: JSON.stringify({ client_id: genesys.clientId, client_secret: genesys.clientSecret }),
    }),
  );
  dynamo.destroy();
  secrets.destroy();
  const seeded = genesys.seed({
    integrations: [{ name: 'Orders', typeId: 'aws-lambda-data-actions', enabled: true }],
  });
  return {
    ministack,
    aws,
    api,
    responses,
    genesys,
    integrationId: seeded.integrations[0] ?? '',
    environment: {
      AWS_ENDPOINT_URL: aws.url,
      LEDGER_TABLE_NAME: 'ledger',
      GENESYS_ENVIRONMENT: region,
      GENESYS_OAUTH_SECRET_ARN: ARN,
      GENESYS_API_BASE_URL: api.url,
      GENESYS_LOGIN_BASE_URL: api.url,
      RESOURCE_TYPES: 'Custom::GenesysAwsIntegration,Custom::GenesysDataAction,Custom::GenesysRecordingKey',
      ALLOW_LOOPBACK_RESPONSE_URL: 'true',
    },
    stop: async () => {
      await api.close();
      await genesys.close();
      await aws.close();
      await responses.stop();
      await ministack.stop();
    },
  };
}
