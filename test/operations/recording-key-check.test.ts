import { type GenesysCloudServer, startGenesysCloud } from '../../local/genesys-cloud/index.ts';
import { createRecordingKeyCheck } from '../../operations/recording-key-check.ts';

let genesys: GenesysCloudServer;
beforeEach(async () => {
  genesys = await startGenesysCloud();
});
afterEach(() => genesys.close());

const secretArn = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:/genesys/oauth/credentials-AbCdEf';
const url = 'arn:aws:kms:us-east-1:123456789012:alias/recordings';
const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const refuse = async () => {
  throw new Error('not asked for');
};

const check = () =>
  createRecordingKeyCheck({
    environment: {
      GENESYS_ENVIRONMENT: 'us-east-1',
      GENESYS_OAUTH_SECRET_ARN: secretArn,
      GENESYS_API_BASE_URL: genesys.url,
      GENESYS_LOGIN_BASE_URL: genesys.url,
    },
    log: quiet,
    aws: {
      secretText: async () =>
        JSON.stringify({ client_id: genesys.clientId, client_secret: genesys.clientSecret }),
      secretTags: refuse,
      describeKey: refuse,
      stackStatus: refuse,
      isRollingBack: refuse,
      wasCompleteAfter: refuse,
      hasMoved: refuse,
      rootStack: refuse,
      stackHolds: refuse,
      objectText: refuse,
    },
  })({}, { getRemainingTimeInMillis: () => 30_000 });

const useKey = () => genesys.seed({ keyConfigurations: [{ url, keyConfigurationType: 'KmsSymmetric' }] });

test('an organization without a key of its own has nothing to check', async () => {
  await expect(check()).resolves.toEqual({ checked: 0 });
});

test('a key that Genesys Cloud can use passes the check', async () => {
  useKey();
  await expect(check()).resolves.toEqual({ checked: 1 });
});

test('a key that Genesys Cloud cannot use any more fails the invocation, and with it the alarm', async () => {
  useKey();
  genesys.faults({
    match: { method: 'POST', path: '/api/v2/recording/keyconfigurations/validate' },
    action: {
      status: 400,
      body: { status: 400, code: 'invalid.key', message: 'AccessDeniedException from KMS' },
    },
  });
  await expect(check()).rejects.toThrow(/alias\/recordings.*AccessDeniedException/s);
});

test('an outage of Genesys Cloud is no verdict on the key', async () => {
  useKey();
  genesys.faults({
    match: { method: 'GET', path: '/api/v2/recording/keyconfigurations' },
    action: { status: 403, body: {} },
  });
  await expect(check()).rejects.toMatchObject({ name: 'MissingPermissionError' });
});
