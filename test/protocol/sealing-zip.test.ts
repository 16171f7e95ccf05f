/** The packaged provider puts an adopted object back although its OAuth secret was rotated in between. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { LocalAws } from '../../local/aws/in-process.ts';
import { LambdaInvoker } from '../../local/cloudformation/lambda-invoker.ts';
import { QueryApi } from '../../local/cloudformation/query-api.ts';
import { ResponseServer } from '../../local/cloudformation/response-server.ts';
import { CloudFormation } from '../../local/cloudformation/stack.ts';
import { startGenesysCloud } from '../../local/genesys-cloud/index.ts';
import { installed, registrationOf } from '../support/installed-provider.ts';
import { INTEGRATION, withFailure } from './stacks.ts';
import { LEDGER, OAUTH_SECRET, only, SEALING_SECRET } from './world.ts';

const code = join(import.meta.dirname, '../../dist/provider.zip');
const SEALING_KEY = 'arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555';

test.each([
  ['the secret of its stack', { SEALING_SECRET_ARN: SEALING_SECRET }],
  ["a customer's KMS key", { SEALING_KMS_KEY_ARN: SEALING_KEY }],
])(
  'the zip puts back after a rotation of the client secret what it sealed with %s',
  async (_key, sealing) => {
    const genesys = await startGenesysCloud({ clients: [{ id: randomUUID(), secret: 'CANARY-first' }] });
    const aws = await LocalAws.start();
    const responses = await ResponseServer.start();
    const setClientSecret = (secret: string) => {
      genesys.seed({ clients: [{ id: genesys.clientId, secret }] });
      const text = JSON.stringify({ client_id: genesys.clientId, client_secret: secret });
      aws.secrets.set(OAUTH_SECRET, { text });
    };
    setClientSecret('CANARY-first');
    aws.putItem(LEDGER, ...registrationOf());
    aws.secrets.set(SEALING_SECRET, { text: 'CANARY-sealing' });
    aws.keys.set('sealing', { arn: SEALING_KEY });
    const invoker = await LambdaInvoker.start({
      code,
      environment: {
        AWS_ENDPOINT_URL: aws.url,
        GENESYS_ENVIRONMENT: 'mypurecloud.com',
        GENESYS_API_BASE_URL: genesys.url,
        GENESYS_LOGIN_BASE_URL: genesys.url,
        GENESYS_OAUTH_SECRET_ARN: OAUTH_SECRET,
        LEDGER_TABLE_NAME: LEDGER,
        ...installed(),
        ALLOW_LOOPBACK_RESPONSE_URL: 'true',
        ...sealing,
      },
    });
    const cloudFormation = new CloudFormation({
      invoker,
      responses,
      redelivery: ({ LogicalResourceId, RequestType }) => {
        if (LogicalResourceId === 'Bad' && RequestType === 'Create') setClientSecret('CANARY-second');
        return 'once';
      },
    });
    const stacks = await QueryApi.start(cloudFormation);
    aws.stacksUrl = stacks.url;
    try {
      const [id = ''] = genesys.seed({
        integrations: [
          { name: 'Orders', typeId: 'aws-lambda-data-actions', enabled: true, notes: 'CANARY-by-hand' },
        ],
      }).integrations;
      const form = () => {
        const [organization] = genesys.state().organizations;
        const found = organization?.integrations.find((one) => one.id === id);
        const { version: _, ...config } = found?.config ?? { version: 0 };
        return config;
      };
      const before = form();
      const properties = { Name: 'Orders', RoleArn: 'arn:aws:iam::123456789012:role/genesys' };
      const stack = await cloudFormation.createStack(
        'stack',
        withFailure(only(INTEGRATION, { ...properties, Notes: 'by a stack', AdoptExisting: true })),
      );
      await cloudFormation.idle();
      expect(stack.status).toBe('ROLLBACK_COMPLETE');
      const adopted = stack.events.some(({ PhysicalResourceId }) => PhysicalResourceId === id);
      expect({ adopted, form: form() }).toEqual({ adopted: true, form: before });
      expect(invoker.logs()).not.toContain('CANARY');
    } finally {
      await cloudFormation.stop();
      await invoker.stop();
      await Promise.all([genesys.close(), stacks.stop(), aws.stop(), responses.stop()]);
    }
  },
  60_000,
);
