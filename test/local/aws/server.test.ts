import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { aws } from '../../../local/aws/cli.ts';
import { type MiniStack, startMiniStack } from '../../../local/aws/ministack.ts';
import { cloudFormation, create } from '../../../local/aws/stacks.ts';
import { probeTemplate } from './probe.ts';
import { folder, server, startWorld, stopWorld } from './world.ts';

beforeAll(startWorld);
afterAll(stopWorld);

const readText = (file: string) => readFile(file, 'utf8');

function groupExists(pid: number): boolean {
  try {
    return process.kill(-pid, 0);
  } catch {
    return false;
  }
}

/** A function that answers its environment; its name is the output `Name`. */
const environmentTemplate = {
  Resources: {
    Role: probeTemplate.Resources.Role,
    Function: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        Runtime: 'nodejs24.x',
        Handler: 'index.handler',
        Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
        Code: { ZipFile: 'exports.handler = async () => process.env;' },
      },
    },
  },
  Outputs: { Name: { Value: { Ref: 'Function' } } },
};

describe('with enforceIam', () => {
  let own: MiniStack;
  beforeAll(async () => {
    own = await startMiniStack({ enforceIam: true });
  });
  afterAll(() => own?.stop());

  test("a function has its role's permissions and no others", async () => {
    const { outputs: token } = await create(cloudFormation(own), 'env', environmentTemplate);
    const out = join(folder, 'credentials.json');
    await aws(own, ['lambda', 'invoke', '--function-name', token['Name'] ?? '', out]);
    const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = JSON.parse(await readText(out));
    const functionWorld = {
      env: { ...own.env, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN },
    };
    const { Arn } = await aws<{ Arn: string }>(functionWorld, ['sts', 'get-caller-identity']);
    expect(Arn).toMatch(/:assumed-role\/env-Role-/);
    await expect(aws(functionWorld, ['dynamodb', 'list-tables'])).rejects.toThrow(
      'is not authorized to perform: dynamodb:ListTables',
    );
  });

  test('a role is assumed by the account and ExternalId it trusts, and invokes the function it may', async () => {
    const AssumeRolePolicyDocument = {
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { AWS: 'arn:aws:iam::765628985471:root' },
          Action: 'sts:AssumeRole',
          Condition: { StringEquals: { 'sts:ExternalId': 'the-organization' } },
        },
      ],
    };
    const invoke = {
      PolicyName: 'invoke',
      PolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Action: 'lambda:InvokeFunction',
            Resource: { 'Fn::GetAtt': ['Allowed', 'Arn'] },
          },
        ],
      },
    };
    const { Role: Execution, Function: Allowed } = environmentTemplate.Resources;
    const code = {
      ...Allowed,
      Properties: { ...Allowed.Properties, Role: { 'Fn::GetAtt': ['Execution', 'Arn'] } },
    };
    const { outputs: made } = await create(cloudFormation(own), 'trust', {
      Resources: {
        Execution,
        Allowed: code,
        Other: code,
        Role: { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument, Policies: [invoke] } },
      },
      Outputs: {
        Arn: { Value: { 'Fn::GetAtt': ['Role', 'Arn'] } },
        Allowed: { Value: { Ref: 'Allowed' } },
        Other: { Value: { Ref: 'Other' } },
      },
    });
    // An access key of twelve digits is that account's root.
    const assume = (account: string, ...externalId: string[]) =>
      aws<{ Credentials: Record<'AccessKeyId' | 'SecretAccessKey' | 'SessionToken', string> }>(
        { env: { ...own.env, AWS_ACCESS_KEY_ID: account } },
        ['sts', 'assume-role', '--role-arn', made['Arn'] ?? '', '--role-session-name', 'test', ...externalId],
      );
    const right = ['--external-id', 'the-organization'];
    await expect(assume('765628985471')).rejects.toThrow('AccessDenied');
    await expect(assume('765628985471', '--external-id', 'another')).rejects.toThrow('AccessDenied');
    await expect(assume('111122223333', ...right)).rejects.toThrow('AccessDenied');
    const { Credentials } = await assume('765628985471', ...right);
    const genesys = {
      env: {
        ...own.env,
        AWS_ACCESS_KEY_ID: Credentials.AccessKeyId,
        AWS_SECRET_ACCESS_KEY: Credentials.SecretAccessKey,
        AWS_SESSION_TOKEN: Credentials.SessionToken,
      },
    };
    const call = (name: string | undefined) =>
      aws(genesys, ['lambda', 'invoke', '--function-name', name ?? '', join(folder, 'invoked.json')]);
    await expect(call(made['Allowed'])).resolves.toHaveProperty('StatusCode', 200);
    await expect(call(made['Other'])).rejects.toThrow('not authorized to perform: lambda:InvokeFunction');
  });
});

describe('the server', () => {
  test('keeps the environment of the process that started it from Lambda functions and the CLI, and ends with its workers', async () => {
    process.env['CANARY_OF_THE_PARENT'] = 'canary';
    const own = await startMiniStack({ region: 'eu-central-1' });
    try {
      expect(own.env).not.toHaveProperty('CANARY_OF_THE_PARENT');
      const { outputs: token } = await create(cloudFormation(own), 'env', environmentTemplate);
      const out = join(folder, 'environment.json');
      await aws(own, ['lambda', 'invoke', '--function-name', token['Name'] ?? '', out]);
      const environment = JSON.parse(await readText(out));
      expect(environment).not.toHaveProperty('CANARY_OF_THE_PARENT');
      expect(environment).toMatchObject({
        AWS_REGION: 'eu-central-1',
        AWS_ENDPOINT_URL: own.url,
        ALLOW_LOOPBACK_RESPONSE_URL: 'true',
      });
    } finally {
      delete process.env['CANARY_OF_THE_PARENT'];
      await own.stop();
    }
    await expect(fetch(own.url)).rejects.toThrow();
    // The dead stay in the process table until init has taken note of them.
    const giveUpAt = Date.now() + 20_000;
    while (groupExists(own.pid) && Date.now() < giveUpAt) await new Promise((done) => setTimeout(done, 20));
    expect(groupExists(own.pid)).toBe(false);
  });

  test('a server that cannot start says why', async () => {
    await expect(startMiniStack({ port: server.port })).rejects.toThrow('already in use');
    await expect(startMiniStack({ withoutPatches: ['no_such_patch'] })).rejects.toThrow('no such patch');
  });
});
