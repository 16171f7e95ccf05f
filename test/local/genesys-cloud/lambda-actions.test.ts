import {
  AddPermissionCommand,
  CreateAliasCommand as CreateFunctionAliasCommand,
  CreateFunctionCommand,
  LambdaClient,
} from '@aws-sdk/client-lambda';
import yazl from 'yazl';
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
import { actionBody, type Caller, callerOf, integrationBy, reasonOf } from './support.ts';

beforeAll(async () => {
  await startEmulator();
  await createFunctions();
});
afterAll(stopEmulator);

const functionArn = (name: string) => `arn:aws:lambda:${region}:${account}:function:${name}`;

async function createFunctions(owner = account): Promise<void> {
  const lambda = new LambdaClient(client(owner));
  const code = `exports.handler = async (event) => {
    if (event.number === 'fail') throw new Error('no such customer');
    if (event.number === 'hang') await new Promise((done) => setTimeout(done, 3000));
    return { name: 'Customer ' + event.number };
  };`;
  const zip = new yazl.ZipFile();
  zip.addBuffer(Buffer.from(code), 'index.js');
  zip.end();
  const chunks: Buffer[] = [];
  for await (const chunk of zip.outputStream) chunks.push(chunk as Buffer);
  for (const FunctionName of ['lookup', 'other'])
    await lambda.send(
      new CreateFunctionCommand({
        FunctionName,
        Runtime: 'nodejs24.x',
        Handler: 'index.handler',
        Role: `arn:aws:iam::${account}:role/function`,
        Timeout: 30,
        Code: { ZipFile: Buffer.concat(chunks) },
      }),
    );
}

/** One call of IAM's Query protocol. */
async function iam(Action: string, parameters: Record<string, string>): Promise<string> {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: {
      authorization: `AWS4-HMAC-SHA256 Credential=${account}/20260101/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=none`,
    },
    body: new URLSearchParams({ Action, Version: '2010-05-08', ...parameters }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return text;
}

const trust = (externalId: string, principal = genesys) =>
  policy({
    Sid: 'GenesysCloud',
    Effect: 'Allow',
    Principal: { AWS: principal },
    Action: 'sts:AssumeRole',
    Condition: { StringEquals: { 'sts:ExternalId': externalId } },
  });
const mayInvoke = (resource: string) => ({
  Effect: 'Allow',
  Action: 'lambda:InvokeFunction',
  Resource: resource,
});

let names = 0;
/** A role with an inline policy; answers its ARN. */
async function role(
  trustPolicy: string,
  permissions = policy(mayInvoke(functionArn('lookup'))),
): Promise<string> {
  names += 1;
  const RoleName = `genesys-${names}`;
  await iam('CreateRole', { RoleName, Path: '/contact-centre/', AssumeRolePolicyDocument: trustPolicy });
  await iam('PutRolePolicy', { RoleName, PolicyName: 'invoke', PolicyDocument: permissions });
  return `arn:aws:iam::${account}:role/contact-centre/${RoleName}`;
}

let server: GenesysCloudServer;
let call: Caller;
const clock = manualClock();
beforeEach(async () => {
  server = await startGenesysCloud({ awsEndpointUrl: endpoint, awsRegion: region });
  call = await callerOf(server);
});
afterEach(() => server?.close());

/** An enabled Lambda integration with the role. */
async function integration(roleArn: string): Promise<string> {
  const id = await integrationBy(call);
  const { body: credential } = await call('POST', '/integrations/credentials', {
    type: { name: 'amazonWebServicesARN' },
    credentialFields: { ARN: roleArn },
  });
  await call('PUT', `/integrations/${id}/config/current`, {
    name: 'Lambda',
    version: 1,
    notes: '',
    properties: {},
    advanced: {},
    credentials: { AmazonWebServicesARN: { id: credential.id } },
  });
  await call('PATCH', `/integrations/${id}`, { intendedState: 'ENABLED' });
  return id;
}

async function action(
  integrationId: string,
  arn = functionArn('lookup'),
  timeoutSeconds = 10,
): Promise<string> {
  const { body } = await call(
    'POST',
    '/integrations/actions',
    actionBody(integrationId, {
      config: {
        timeoutSeconds,
        request: {
          requestUrlTemplate: arn,
          requestType: 'POST',
          requestTemplate: '${input.rawRequest}',
          headers: {},
        },
        response: { translationMap: {}, translationMapDefaults: {}, successTemplate: '${rawResult}' },
      },
    }),
  );
  return body.id;
}
const stateOf = async (id: string) => (await call('GET', `/integrations/${id}`)).body.reportedState;
const run = async (id: string, input: object) =>
  (await call('POST', `/integrations/actions/${id}/test`, input)).body;

describe('a Lambda data action', () => {
  test('runs the function by the role', async () => {
    const id = await integration(await role(trust(server.organizationId)));
    expect((await stateOf(id)).code).toBe('ACTIVE');
    const actionId = await action(id);
    expect(await run(actionId, { number: '7' })).toMatchObject({
      success: true,
      finalResult: { name: 'Customer 7' },
    });
    const executed = await call('POST', `/integrations/actions/${actionId}/execute`, { number: '8' });
    expect(executed).toMatchObject({ status: 200, body: { name: 'Customer 8' } });
  });

  test('carries the function’s error', async () => {
    const id = await action(await integration(await role(trust(server.organizationId))));
    const { success, error } = await run(id, { number: 'fail' });
    expect(success).toBe(false);
    expect(reasonOf(error)).toMatch(/no such customer/);
  });

  test('ends after its timeout', async () => {
    const id = await action(
      await integration(await role(trust(server.organizationId))),
      functionArn('lookup'),
      1,
    );
    expect((await run(id, { number: 'hang' })).error.status).toBe(504);
  });

  test.each([
    ['of another organization’s ExternalId', () => trust('another'), /condition StringEquals sts:ExternalId/],
    [
      'that trusts another account',
      () => trust(server.organizationId, 'arn:aws:iam::765628981432:root'),
      /the principal/,
    ],
    [
      'that denies it',
      () =>
        policy(JSON.parse(trust(server.organizationId)).Statement[0], {
          Sid: 'No',
          Effect: 'Deny',
          Principal: '*',
          Action: 'sts:AssumeRole',
        }),
      /statement No denies it/,
    ],
  ])('with a role %s fails, and its integration is in ERROR', async (_, trustPolicy, reason) => {
    const id = await integration(await role(trustPolicy()));
    const state = await stateOf(id);
    expect(state.code).toBe('ERROR');
    expect(state.detail.message).toMatch(reason);
    const { success, error, operations } = await run(await action(id), { number: '7' });
    expect(success).toBe(false);
    expect(operations.at(-1)).toMatchObject({ name: 'Execute', success: false });
    expect(reasonOf(error)).toMatch(reason);
  });

  test('with a role that is not there is refused without saying so first', async () => {
    const id = await integration(`arn:aws:iam::${account}:role/none`);
    expect((await stateOf(id)).detail.message).toMatch(
      /^AccessDenied: User: .* is not authorized to perform: sts:AssumeRole/,
    );
  });

  test.each([
    ['names another function', policy(mayInvoke(functionArn('other'))), /does not match the resource/],
    [
      'allows something else',
      policy({ ...mayInvoke('*'), Action: 'lambda:GetFunction' }),
      /does not match the action/,
    ],
    [
      'denies it',
      policy(mayInvoke('*'), { ...mayInvoke('*'), Effect: 'Deny', Sid: 'Never' }),
      /Never denies it/,
    ],
  ])('is refused when the role’s policy %s', async (_, permissions, reason) => {
    const id = await integration(await role(trust(server.organizationId), permissions));
    expect((await stateOf(id)).code).toBe('ACTIVE');
    const { success, error } = await run(await action(id), { number: '7' });
    expect(success).toBe(false);
    expect(reasonOf(error)).toMatch(reason);
  });

  test('is allowed by an attached policy too', async () => {
    const roleArn = await role(trust(server.organizationId), policy(mayInvoke(functionArn('other'))));
    const id = await action(await integration(roleArn));
    expect((await run(id, { number: '7' })).success).toBe(false);
    const created = await iam('CreatePolicy', {
      PolicyName: `attached-${names}`,
      PolicyDocument: policy(mayInvoke(functionArn('lookup'))),
    });
    const PolicyArn = created.match(/<Arn>([^<]*)/)?.[1] ?? '';
    await iam('AttachRolePolicy', { RoleName: `genesys-${names}`, PolicyArn });
    expect((await run(id, { number: '7' })).finalResult).toEqual({ name: 'Customer 7' });
  });

  test('of a function in another region is refused', async () => {
    const id = await integration(await role(trust(server.organizationId), policy(mayInvoke('*'))));
    const elsewhere = functionArn('lookup').replace(region, 'us-east-1');
    expect(reasonOf((await run(await action(id, elsewhere), {})).error)).toMatch(/not in eu-west-1/);
  });

  test('of an alias needs a policy that names the alias', async () => {
    await new LambdaClient(client()).send(
      new CreateFunctionAliasCommand({ FunctionName: 'lookup', Name: 'live', FunctionVersion: '$LATEST' }),
    );
    const alias = `${functionArn('lookup')}:live`;
    const unqualified = await integration(await role(trust(server.organizationId)));
    const refused = await run(await action(unqualified, alias), { number: '7' });
    expect(reasonOf(refused.error)).toMatch(/does not match the resource/);
    const qualified = await integration(await role(trust(server.organizationId), policy(mayInvoke(alias))));
    const allowed = await run(await action(qualified, alias), { number: '7' });
    expect(allowed.finalResult).toEqual({ name: 'Customer 7' });
  });

  test('of a function in another account needs the function’s own policy too', async () => {
    const other = '111122223333';
    await createFunctions(other);
    const arn = functionArn('lookup').replace(account, other);
    const roleArn = await role(trust(server.organizationId), policy(mayInvoke(arn)));
    const id = await action(await integration(roleArn), arn);
    expect(reasonOf((await run(id, { number: '7' })).error)).toMatch(/resource policy/);
    await new LambdaClient(client(other)).send(
      new AddPermissionCommand({
        FunctionName: 'lookup',
        StatementId: 'contact-centre',
        Action: 'lambda:InvokeFunction',
        Principal: roleArn,
      }),
    );
    expect(await run(id, { number: '7' })).toMatchObject({ finalResult: { name: 'Customer 7' } });
  });

  test('judged at execution only: the integration is ACTIVE, and the action ends with a 403', async () => {
    server.settings({ behaviour: { roleCheckedAt: 'execution' } });
    const id = await integration(await role(trust('another')));
    expect((await stateOf(id)).code).toBe('ACTIVE');
    const actionId = await action(id);
    expect((await run(actionId, { number: '7' })).error).toMatchObject({
      status: 403,
      details: [{ errorCode: 'ACTION.AUTHENTICATION' }],
    });
    expect((await call('POST', `/integrations/actions/${actionId}/execute`, { number: '7' })).status).toBe(
      403,
    );
  });

  test('with the ARN of a role under another path is refused', async () => {
    const roleArn = await role(trust(server.organizationId));
    const id = await integration(roleArn.replace('contact-centre/', ''));
    expect((await stateOf(id)).code).toBe('ERROR');
  });

  test('cannot assume a new role at first; its integration heals by itself', async () => {
    await server.close();
    server = await startGenesysCloud({
      awsEndpointUrl: endpoint,
      awsRegion: region,
      clock,
      delays: { roleVisibleMs: 10_000, roleRecheckMs: 2_000 },
    });
    call = await callerOf(server);
    const id = await integration(await role(trust(server.organizationId)));
    expect((await stateOf(id)).code).toBe('ERROR');
    clock.advance(9_999);
    expect((await stateOf(id)).code).toBe('ERROR');
    clock.advance(2_000);
    expect((await stateOf(id)).code).toBe('ACTIVE');
  });
});
