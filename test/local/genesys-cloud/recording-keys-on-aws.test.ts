import {
  CreateAliasCommand,
  CreateKeyCommand,
  DisableKeyCommand,
  KMSClient,
  PutKeyPolicyCommand,
} from '@aws-sdk/client-kms';
import { type GenesysCloudServer, startGenesysCloud } from '../../../local/genesys-cloud/index.ts';
import { manualClock } from '../../support/manual-clock.ts';
import {
  account,
  client,
  endpoint,
  genesys,
  policy,
  region,
  startEmulator,
  stopEmulator,
} from './emulator.ts';
import { type Caller, callerOf } from './support.ts';

beforeAll(startEmulator);
afterAll(stopEmulator);

let names = 0;
let server: GenesysCloudServer;
let call: Caller;
const clock = manualClock();
beforeEach(async () => {
  server = await startGenesysCloud({ awsEndpointUrl: endpoint, awsRegion: region });
  call = await callerOf(server);
});
afterEach(() => server?.close());

describe('a recording key', () => {
  const kms = () => new KMSClient(client());
  const owner = {
    Sid: 'Owner',
    Effect: 'Allow',
    Principal: { AWS: `arn:aws:iam::${account}:root` },
    Action: 'kms:*',
    Resource: '*',
  };
  // The statement of help.mypurecloud.com ?p=269685.
  const statement = (organizationId: string, over: object = {}) => ({
    Sid: 'Allow use of the key',
    Effect: 'Allow',
    Principal: { AWS: [genesys] },
    Action: ['kms:Encrypt', 'kms:Decrypt', 'kms:GenerateDataKey*', 'kms:DescribeKey'],
    Resource: '*',
    Condition: {
      StringEquals: { 'kms:EncryptionContext:genesys-cloud-organization-id': ['another', organizationId] },
    },
    ...over,
  });

  async function key(statements: object[], over: object = {}): Promise<{ keyArn: string; alias: string }> {
    names += 1;
    const { KeyMetadata } = await kms().send(
      new CreateKeyCommand({ Policy: policy(owner, ...statements), ...over }),
    );
    const AliasName = `alias/recordings-${names}`;
    await kms().send(new CreateAliasCommand({ AliasName, TargetKeyId: KeyMetadata?.KeyId ?? '' }));
    return { keyArn: KeyMetadata?.Arn ?? '', alias: `arn:aws:kms:${region}:${account}:${AliasName}` };
  }
  const validate = (url: string) =>
    call('POST', '/recording/keyconfigurations/validate', { url, keyConfigurationType: 'KmsSymmetric' });
  const save = (url: string) =>
    call('POST', '/recording/keyconfigurations', { url, keyConfigurationType: 'KmsSymmetric' });

  test('is validated, saved and used by its alias', async () => {
    const { alias } = await key([statement(server.organizationId)]);
    expect((await validate(alias)).status).toBe(200);
    expect((await save(alias)).body.lastError).toBeUndefined();
    const made = await call('POST', '/recording/recordingkeys');
    expect(made.body).toMatchObject({ keyConfigurationType: 'KmsSymmetric' });
  });

  test('is tried in the same way for conversations', async () => {
    const trial = async (url: string) =>
      (
        await call('POST', '/conversations/keyconfigurations/validate', {
          url,
          keyConfigurationType: 'KmsSymmetric',
        })
      ).status;
    const { alias } = await key([statement(server.organizationId)]);
    expect(await trial(alias)).toBe(200);
    const { alias: denied } = await key([]);
    expect(await trial(denied)).toBe(400);
  });

  test('is an internal key, or named after the customer’s, as configured', async () => {
    const { keyArn, alias } = await key([statement(server.organizationId)]);
    await save(alias);
    const named = async (recordingKeyArn: 'internal' | 'key' | 'alias') => {
      server.settings({ behaviour: { recordingKeyArn } });
      return (await call('POST', '/recording/recordingkeys')).body.kmsKeyArn;
    };
    expect(await named('internal')).toMatch(/^arn:aws:kms:eu-west-1:765628985471:key\//);
    expect(await named('key')).toBe(keyArn);
    expect(await named('alias')).toBe(alias);
  });

  test.each([
    ['without Genesys Cloud’s statement', () => [], /not authorized to perform kms:Encrypt/],
    [
      'for another organization',
      () => [statement('another')],
      /kms:EncryptionContext:genesys-cloud-organization-id/,
    ],
    [
      'for another account',
      () => [statement(server.organizationId, { Principal: { AWS: 'arn:aws:iam::111111111111:root' } })],
      /the principal/,
    ],
    [
      'without Decrypt',
      () => [statement(server.organizationId, { Action: ['kms:Encrypt', 'kms:GenerateDataKey*'] })],
      /not authorized to perform kms:Decrypt/,
    ],
    [
      'with a condition on another context',
      () => [
        statement(server.organizationId, {
          Condition: { StringEquals: { 'kms:EncryptionContext:organization': server.organizationId } },
        }),
      ],
      /kms:EncryptionContext:organization/,
    ],
    [
      'with a Deny',
      () => [
        statement(server.organizationId),
        { Sid: 'Stop', Effect: 'Deny', Principal: '*', Action: 'kms:Encrypt', Resource: '*' },
      ],
      /statement Stop denies it/,
    ],
  ])(
    'with a key policy %s is refused by validate and saved with lastError',
    async (_, statements, reason) => {
      const { alias } = await key(statements());
      const refused = await validate(alias);
      expect(refused.status).toBe(400);
      expect(refused.body.message).toMatch(reason);
      const saved = await save(alias);
      expect(saved.status).toBe(200);
      expect(saved.body.lastError.message).toMatch(reason);
      expect((await call('POST', '/recording/recordingkeys')).status).toBe(400);
    },
  );

  test('that was mended loses lastError with the next recording key', async () => {
    const { keyArn, alias } = await key([]);
    const { body } = await save(alias);
    await kms().send(
      new PutKeyPolicyCommand({ KeyId: keyArn, Policy: policy(owner, statement(server.organizationId)) }),
    );
    expect((await call('POST', '/recording/recordingkeys')).status).toBe(200);
    expect((await call('GET', `/recording/keyconfigurations/${body.id}`)).body.lastError).toBeUndefined();
  });

  test('that is disabled is refused', async () => {
    const { keyArn, alias } = await key([statement(server.organizationId)]);
    await kms().send(new DisableKeyCommand({ KeyId: keyArn }));
    expect((await validate(alias)).body.message).toMatch(/not enabled but Disabled/);
  });

  test('that is no symmetric encryption key is refused', async () => {
    const { alias } = await key([statement(server.organizationId)], {
      KeySpec: 'HMAC_256',
      KeyUsage: 'GENERATE_VERIFY_MAC',
    });
    expect((await validate(alias)).body.message).toMatch(/not a symmetric encryption key/);
  });

  test('whose alias is not there is refused', async () => {
    const alias = `arn:aws:kms:${region}:${account}:alias/none`;
    expect((await validate(alias)).body.message).toMatch(/NotFound/);
  });

  test('whose policy is new is refused at first', async () => {
    await server.close();
    server = await startGenesysCloud({
      awsEndpointUrl: endpoint,
      awsRegion: region,
      clock,
      delays: { keyPolicyVisibleMs: 5_000 },
    });
    call = await callerOf(server);
    const { alias } = await key([statement(server.organizationId)]);
    expect((await validate(alias)).body.message).toMatch(/AccessDenied/);
    clock.advance(5_000);
    expect((await validate(alias)).status).toBe(200);
  });
});
