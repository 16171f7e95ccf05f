/**
 * Definitions from S3 and Secrets Manager (the local AWS), applied to the local Genesys Cloud by the packaged
 * provider under CloudFormation's protocol. The package holds only the part of the S3 client that this one
 * call needs.
 */
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateTableCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import {
  CreateBucketCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import {
  CreateSecretCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { type MiniStack, startMiniStack } from '../../local/aws/ministack.ts';
import { InProcessInvoker } from '../../local/cloudformation/in-process-invoker.ts';
import { ResponseServer } from '../../local/cloudformation/response-server.ts';
import { CloudFormation, type StackView } from '../../local/cloudformation/stack.ts';
import { type GenesysCloudServer, startGenesysCloud } from '../../local/genesys-cloud/index.ts';
import { installed, registrationOf } from '../../local/provider/installed-provider.ts';
import type * as Provider from '../../provider/index.ts';
import { bundle } from '../../scripts/build/package.ts';

const exported = JSON.parse(await readFile(join(import.meta.dirname, 'exported-action.json'), 'utf8'));
const bucket = 'definitions-of-data-actions';

let folder: string;
let ministack: MiniStack;
let genesys: GenesysCloudServer;
let responses: ResponseServer;
let cloudFormation: CloudFormation;
let integrationId: string;
let s3: S3Client;
let secrets: SecretsManagerClient;
let environmentBefore: NodeJS.ProcessEnv;
const log: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'provider-'));
  await bundle({ name: 'provider', entries: { index: 'provider/index.ts' } }, folder);
  const { createHandler }: typeof Provider = await import(join(folder, 'index.mjs'));
  [ministack, genesys, responses] = await Promise.all([
    startMiniStack(),
    startGenesysCloud(),
    ResponseServer.start(),
  ]);
  environmentBefore = { ...process.env };
  Object.assign(process.env, ministack.env);
  s3 = new S3Client({});
  secrets = new SecretsManagerClient({});
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  await s3.send(
    new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: { Status: 'Enabled' } }),
  );
  await new DynamoDBClient({}).send(
    new CreateTableCommand({
      TableName: 'ledger',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    }),
  );
  const [pk, registration] = registrationOf();
  await new DynamoDBClient({}).send(
    new PutItemCommand({
      TableName: 'ledger',
      Item: { pk: { S: pk }, body: { S: JSON.stringify(registration) }, revision: { N: '1' } },
    }),
  );
  const { ARN = '' } = await secrets.send(
    new CreateSecretCommand({
      Name: '/genesys/oauth/credentials',
      SecretString: JSON.stringify({ client_id: genesys.clientId, client_secret: genesys.clientSecret }),
    }),
  );
  const say = (...words: unknown[]) => void log.push(JSON.stringify(words));
  integrationId = genesys.seed({ integrations: [{ name: 'Lambda', typeId: 'aws-lambda-data-actions' }] })
    .integrations[0] as string;
  const handler = createHandler({
    environment: {
      GENESYS_ENVIRONMENT: 'us-east-1',
      GENESYS_OAUTH_SECRET_ARN: ARN,
      GENESYS_API_BASE_URL: genesys.url,
      GENESYS_LOGIN_BASE_URL: genesys.url,
      LEDGER_TABLE_NAME: 'ledger',
      ...installed(),
      SHARED_INTEGRATION_IDS: integrationId,
      DEFINITION_OBJECT_ARNS: `arn:aws:s3:::${bucket}/*`,
      ALLOW_LOOPBACK_RESPONSE_URL: 'true',
    },
    log: { debug: say, info: say, warn: say, error: say },
  });
  cloudFormation = new CloudFormation({
    invoker: new InProcessInvoker(handler as never),
    responses,
    retryDelaysMs: [0, 0],
  });
});

afterAll(async () => {
  process.env = environmentBefore;
  await cloudFormation.stop();
  await Promise.all([genesys.close(), responses.stop(), ministack.stop()]);
  await rm(folder, { recursive: true });
});

let stackNumber = 0;
let stackName: string;
beforeEach(() => {
  stackNumber += 1;
  stackName = `stack-${stackNumber}`;
});

const template = (Definition: unknown, more: Record<string, unknown> = {}) => ({
  Resources: {
    Action: {
      Type: 'Custom::GenesysDataAction',
      Properties: { IntegrationId: integrationId, Name: stackName, Definition, ...more },
    },
  },
});
const create = (Definition: unknown, more?: Record<string, unknown>) =>
  cloudFormation.createStack(stackName, template(Definition, more));
const update = (Definition: unknown, more?: Record<string, unknown>) =>
  cloudFormation.updateStack(stackName, template(Definition, more));

const idOf = (stack: StackView) => stack.resources['Action']?.physicalId;
const actions = () => genesys.state().organizations[0]?.actions ?? [];
const actionOf = (stack: StackView) => actions().find(({ id }) => id === idOf(stack))?.published;
const reasons = (stack: StackView) =>
  stack.events.flatMap(({ ResourceStatusReason }) => ResourceStatusReason ?? []).join('\n');
const fileWith = (template: string) => {
  const file = structuredClone(exported);
  file.config.request.requestTemplate = template;
  return file;
};
const sha256 = (body: string | Uint8Array) => createHash('sha256').update(body).digest('hex');

/** Puts an object for this test; answers its place. */
async function put(body: string | Uint8Array, name = 'action.json') {
  const Key = `${stackName}/${name}`;
  const { VersionId = '' } = await s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body: body }));
  return { Bucket: bucket, Key, VersionId };
}

test('a definition from S3 by version becomes the action', async () => {
  const stack = await create({ S3: await put(JSON.stringify(exported)) });
  expect(reasons(stack)).not.toMatch(/Invalid/);
  expect(stack.status).toBe('CREATE_COMPLETE');
  expect(actionOf(stack)).toMatchObject({
    name: stackName,
    category: 'Customers',
    contract: {
      input: { inputSchema: exported.contract.input.inputSchema },
      output: { successSchema: exported.contract.output.successSchema },
    },
    config: {
      timeoutSeconds: 5,
      request: { requestTemplate: exported.config.request.requestTemplate },
    },
  });
});

test('a definition from S3 by checksum becomes the action', async () => {
  const body = JSON.stringify(exported, null, 2);
  const { VersionId: _, ...place } = await put(body);
  const stack = await create({ S3: { ...place, Sha256: sha256(body).toUpperCase() } });
  expect(stack.status).toBe('CREATE_COMPLETE');
});

test('a definition from a version of a secret becomes the action, and another version updates it', async () => {
  const { ARN: SecretArn, VersionId } = await secrets.send(
    new CreateSecretCommand({
      Name: `/genesys/definitions/${stackName}`,
      SecretString: JSON.stringify(fileWith('first')),
      Tags: [{ Key: 'genesys-cloud-cfn:stacks', Value: stackName }],
    }),
  );
  const later = await secrets.send(
    new PutSecretValueCommand({ SecretId: SecretArn, SecretString: JSON.stringify(fileWith('second')) }),
  );
  const created = await create({ SecretArn, VersionId });
  expect(created.status).toBe('CREATE_COMPLETE');
  expect(actionOf(created)?.config?.request?.requestTemplate).toBe('first');
  const updated = await update({ SecretArn, VersionId: later.VersionId });
  expect(updated.status).toBe('UPDATE_COMPLETE');
  expect(idOf(updated)).toBe(idOf(created));
  expect(actionOf(updated)?.config?.request?.requestTemplate).toBe('second');
});

test('a definition from a secret without the tag is refused, and nothing of it is shown', async () => {
  const { ARN: SecretArn, VersionId } = await secrets.send(
    new CreateSecretCommand({
      Name: `/genesys/definitions/${stackName}`,
      SecretString: JSON.stringify(fileWith('canary')),
    }),
  );
  const stack = await create({ SecretArn, VersionId });
  expect(stack.status).toBe('ROLLBACK_COMPLETE');
  expect(reasons(stack)).toContain(`This stack may not use the secret ${SecretArn}`);
  expect(reasons(stack)).not.toContain('canary');
});

test('a changed file under a new version updates the action in place', async () => {
  const created = await create({ S3: await put(JSON.stringify(fileWith('first'))) });
  const updated = await update({ S3: await put(JSON.stringify(fileWith('second'))) });
  expect(updated.status).toBe('UPDATE_COMPLETE');
  expect(idOf(updated)).toBe(idOf(created));
  expect(actionOf(updated)?.config?.request?.requestTemplate).toBe('second');
});

test('a changed contract in the file replaces the action', async () => {
  const file = structuredClone(exported);
  const created = await create({ S3: await put(JSON.stringify(file)) });
  file.contract.output.successSchema.properties.tier = { type: 'string' };
  const updated = await update({ S3: await put(JSON.stringify(file)) });
  expect(updated.status).toBe('UPDATE_COMPLETE');
  expect(idOf(updated)).not.toBe(idOf(created));
  expect(actions().filter(({ published }) => published?.name === stackName)).toHaveLength(1);
});

test('the same contract from another source replaces nothing', async () => {
  const created = await create({ S3: await put(JSON.stringify(exported)) });
  const updated = await update(exported, {
    Contract: { Input: JSON.stringify(exported.contract.input.inputSchema) },
  });
  expect(updated.status).toBe('UPDATE_COMPLETE');
  expect(idOf(updated)).toBe(idOf(created));
});

test('a file that is refused rolls the update back to the file of before', async () => {
  const first = { S3: await put(JSON.stringify(fileWith('first'))) };
  const created = await create(first);
  const updated = await update({ S3: await put('{') });
  expect(updated.status).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect(idOf(updated)).toBe(idOf(created));
  expect(actionOf(updated)?.config?.request?.requestTemplate).toBe('first');
});

describe('refused by bucket and key, before any write:', () => {
  const place = (key = 'action.json') => `s3://${bucket}/${stackName}/${key}`;
  const cases: [string, () => Promise<unknown>, () => string][] = [
    [
      'an object outside what was granted',
      async () => ({ S3: { Bucket: 'another-bucket', Key: 'a.json', VersionId: '1' } }),
      () => 'This provider may not read s3://another-bucket/a.json',
    ],
    [
      'a file that is too large',
      async () => ({ S3: await put(`"${'x'.repeat(256 * 1024)}"`) }),
      () => ') has 262146 bytes, more than the 262144 that are read.',
    ],
    [
      'a file that is no JSON',
      async () => ({ S3: await put('canary: 1') }),
      () => `Invalid definition in ${place()}: it is no JSON`,
    ],
    [
      'a file that is no text',
      async () => ({ S3: await put(new Uint8Array([0x7b, 0xff, 0x7d])) }),
      () => 'is no text in UTF-8.',
    ],
    [
      'a wrong checksum',
      async () => ({ S3: { ...(await put('{}')), VersionId: undefined, Sha256: 'a'.repeat(64) } }),
      () =>
        `Invalid properties: Definition.S3.Sha256 is ${'a'.repeat(64)}, but ${place()} has ${sha256('{}')}`,
    ],
    [
      'a missing object',
      async () => ({ S3: { Bucket: bucket, Key: `${stackName}/none.json`, Sha256: 'a'.repeat(64) } }),
      () => `${place('none.json')} cannot be read: NoSuchKey: `,
    ],
    [
      'a missing version',
      async () => ({ S3: { ...(await put('{}')), VersionId: 'nothing-like-it' } }),
      () => `${place()} (version nothing-like-it) cannot be read: `,
    ],
    [
      'a file that lacks what an action needs',
      async () => ({ S3: await put('{"name": "a", "category": "b"}') }),
      () =>
        `Invalid properties, even with what ${place()} holds: Contract.Input is required; Contract.Output is required; Request.UrlTemplate is required.`,
    ],
    [
      'a missing secret',
      async () => ({
        SecretArn: 'arn:aws:secretsmanager:us-east-1:000000000000:secret:/genesys/definitions/none-123456',
        VersionId: 'one',
      }),
      () =>
        'The tags of the secret arn:aws:secretsmanager:us-east-1:000000000000:secret:/genesys/definitions/none-123456 cannot be read: ResourceNotFoundException: ',
    ],
  ];
  test.each(cases)('%s', async (_what, definition, message) => {
    genesys.resetCalls();
    const stack = await create(JSON.parse(JSON.stringify(await definition())));
    expect(stack.status).toBe('ROLLBACK_COMPLETE');
    expect(reasons(stack)).toContain(message());
    expect(reasons(stack)).not.toContain('canary');
    expect(genesys.calls().filter(({ method, path }) => method !== 'GET' && !/oauth/.test(path))).toEqual([]);
  });
});

test('nothing of the content of a definition is logged', () => {
  expect(log.length).toBeGreaterThan(0);
  expect(log.join('\n')).not.toMatch(/canary|input\.customerId/);
});
