/**
 * The provider's surroundings in the bench: the local Genesys Cloud, DynamoDB and Secrets Manager, each
 * behind a recording proxy, and the response bucket.
 * All of them run on this machine without latency of their own.
 */
import { LocalAws } from '../../local/aws/in-process.ts';
import { ResponseServer } from '../../local/cloudformation/response-server.ts';
import {
  type GenesysCloudOptions,
  type GenesysCloudServer,
  startGenesysCloud,
} from '../../local/genesys-cloud/index.ts';
import { installed, registrationOf } from '../../local/provider/installed-provider.ts';
import { resourceTypes } from '../../provider/resources/index.ts';
import { type RecordingProxy, startRecordingProxy } from './recording-proxy.ts';

const region = 'us-east-1';
const secretArn = `arn:aws:secretsmanager:${region}:000000000000:secret:/genesys/oauth/credentials-AbCdEf`;

export interface World {
  /** In front of DynamoDB and Secrets Manager. */
  aws: RecordingProxy;
  /** In front of the local Genesys Cloud. */
  api: RecordingProxy;
  responses: ResponseServer;
  genesys: GenesysCloudServer;
  /** Id of an integration for data actions. */
  integrationId: string;
  /** Environment of the provider's function. */
  environment: Record<string, string>;
  stop(): Promise<void>;
}

export async function startWorld(options: GenesysCloudOptions = {}): Promise<World> {
  const localAws = await LocalAws.start();
  const aws = await startRecordingProxy(localAws.url);
  const genesys = await startGenesysCloud(options);
  const api = await startRecordingProxy(genesys.url);
  const responses = await ResponseServer.start();
  localAws.putItem('ledger', ...registrationOf());
  const { clientId, clientSecret } = genesys;
  localAws.secrets.set(secretArn, {
    text: JSON.stringify({ client_id: clientId, client_secret: clientSecret }),
  });
  const seeded = genesys.seed({
    integrations: [{ name: 'Orders', typeId: 'aws-lambda-data-actions', enabled: true }],
  });
  const integrationId = seeded.integrations[0] ?? '';
  return {
    aws,
    api,
    responses,
    genesys,
    integrationId,
    environment: {
      AWS_ENDPOINT_URL: aws.url,
      LEDGER_TABLE_NAME: 'ledger',
      ...installed(),
      GENESYS_ENVIRONMENT: region,
      GENESYS_OAUTH_SECRET_ARN: secretArn,
      GENESYS_API_BASE_URL: api.url,
      GENESYS_LOGIN_BASE_URL: api.url,
      RESOURCE_TYPES: resourceTypes.map(({ typeName }) => typeName).join(','),
      SHARED_INTEGRATION_IDS: integrationId,
      ALLOW_LOOPBACK_RESPONSE_URL: 'true',
    },
    stop: async () => {
      await api.close();
      await genesys.close();
      await aws.close();
      await localAws.stop();
      await responses.stop();
    },
  };
}
