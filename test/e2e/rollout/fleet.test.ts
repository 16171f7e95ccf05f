/** A fleet of providers is deployed, used by stacks of other teams, upgraded beneath them and removed. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { aws, deleteStack, deploy, describeStack, outputs, stackEvents } from '../../../local/aws/cli.ts';
import {
  account,
  type Ended,
  home,
  newVersion,
  oldVersion,
  RolloutWorld,
  regions,
  roleArn,
  rows,
} from './world.ts';

let world: RolloutWorld;
beforeAll(async () => {
  world = await RolloutWorld.start();
  await world.publishNextRelease();
}, 120_000);
afterAll(() => world?.stop());

describe('a fleet of providers with consumers', () => {
  const prefix = 'fleet';
  const stacks = regions.map((region) => ({ region, stackName: 'orders' }));
  let deployed: Ended;

  beforeAll(async () => {
    deployed = await world.deployProviders(prefix, regions);
    for (const { region, stackName } of stacks) await world.consumer(prefix, region, stackName, 'export');
    await world.consumer(prefix, 'eu-west-1', 'billing', 'ssm');
  }, 120_000);

  test('stands in three Regions, and the table says where each ServiceToken is', async () => {
    expect(deployed).toMatchObject({ code: 0 });
    for (const region of regions) {
      const token = `arn:aws:lambda:${region}:${account}:function:fleet-provider`;
      expect(rows(deployed, account, region, 'created', oldVersion, token)).toHaveLength(1);
      expect(await outputs(world.aws, 'orders', { region })).toMatchObject({
        IntegrationId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        LookUpOrderId: expect.stringMatching(/^custom_-_/),
      });
    }
    const names = world.integrationNames();
    for (const region of regions) expect(names).toContain(`orders ${region}`);
  });

  test('is upgraded and downgraded beneath its consumers: other code, the same ARN, no event to any custom resource', async () => {
    const look = async () =>
      Promise.all(
        stacks.map(async ({ region, stackName }) => {
          const [stack, events, fn] = await Promise.all([
            outputs(world.aws, stackName, { region }),
            stackEvents(world.aws, stackName, { region }),
            aws<{ Configuration: { FunctionArn: string; CodeSha256: string } }>(
              world.aws,
              ['lambda', 'get-function', '--function-name', 'fleet-provider'],
              { region },
            ),
          ]);
          const { FunctionArn, CodeSha256 } = fn.Configuration;
          return { stack, events: events.length, FunctionArn, CodeSha256 };
        }),
      );
    const before = await look();
    world.genesys.resetCalls();
    const upgraded = await world.deployProviders(prefix, regions, '--version', newVersion);
    expect(upgraded).toMatchObject({ code: 0 });
    for (const region of regions) {
      expect(rows(upgraded, account, region, 'updated', newVersion)).toHaveLength(1);
      expect(await outputs(world.aws, prefix, { region })).toMatchObject({ TemplateVersion: newVersion });
    }
    const after = await look();
    for (const [index, was] of before.entries()) {
      const { CodeSha256, ...is } = after[index] ?? { CodeSha256: '' };
      expect({ ...is, CodeSha256: was.CodeSha256 }).toEqual(was);
      expect(CodeSha256).not.toBe(was.CodeSha256);
    }
    expect(world.genesys.calls().filter(({ path }) => path.startsWith('/api/'))).toEqual([]);

    // The new code serves the old stack.
    await world.consumer(prefix, 'eu-west-1', 'billing', 'ssm', { IntegrationName: 'billing renamed' });
    expect(world.integrationNames()).toContain('billing renamed');

    expect(await world.deployProviders(prefix, regions)).toMatchObject({ code: 0 });
    expect((await look()).map(({ CodeSha256 }) => CodeSha256)).toEqual(
      before.map(({ CodeSha256 }) => CodeSha256),
    );
  }, 120_000);

  test('is not removed while it is used: importing stacks and the ledger’s owners are named', async () => {
    const refused = await world.script('remove', '--regions', regions.join(','), '--stack-name', prefix);
    expect(refused.code).toBe(1);
    expect(refused.text).toMatch(
      /eu-west-1 {2}orders imports the ServiceToken; owns Integration \([0-9a-f-]{36}\)/,
    );
    expect(refused.text).toMatch(
      /eu-west-1 {2}billing of account 000000000000 names the ServiceToken by SSM parameter or ARN; owns .*LookUpOrder \(custom_-_/,
    );
    expect(refused.text).toMatch(/us-east-1 +REFUSED: still used by orders;/);
    expect(refused.text).toMatch(/eu-west-1 +REFUSED: still used by orders, billing;/);
    for (const region of regions) {
      expect(await describeStack(world.aws, prefix, { region })).toMatchObject({
        StackStatus: expect.stringMatching(/^(CREATE|UPDATE)_COMPLETE$/),
      });
    }
    // CloudFormation itself refuses as well, but it knows only of imports.
    await expect(deleteStack(world.aws, prefix, { region: home })).rejects.toThrow(
      'Export fleet-ServiceToken is imported by stack orders',
    );
  });

  test('lists who uses it without removing anything', async () => {
    const listed = await world.script('remove', '--list', '--regions', 'eu-west-1', '--stack-name', prefix);
    expect(listed.code).toBe(0);
    expect(rows(listed, account, 'eu-west-1', 'used by 2')).toHaveLength(1);
  });
});

test('a stack moves to another token by copies under other logical ids, and then the old provider can go', async () => {
  await Promise.all(['old-home', 'new-home'].map((prefix) => world.deployProviders(prefix, [home])));
  const integration = (prefix: string) => ({
    Type: 'Custom::GenesysAwsIntegration',
    Properties: {
      ServiceToken: { 'Fn::ImportValue': `${prefix}-ServiceToken` },
      ServiceTimeout: 60,
      Name: `moving by ${prefix}`,
      RoleArn: roleArn,
      Enabled: false,
    },
  });
  const bring = async (Resources: object) => {
    const templateFile = join(world.folder, 'moving.json');
    await writeFile(templateFile, JSON.stringify({ Resources }));
    await deploy(world.aws, { stackName: 'moving', templateFile });
    return world.integrationNames().filter((name) => name.startsWith('moving'));
  };
  const [before, after] = [integration('old-home'), integration('new-home')];
  expect(await bring({ Integration: before })).toEqual(['moving by old-home']);
  expect(await bring({ Integration: before, MovedIntegration: after })).toHaveLength(2);
  expect(await world.script('remove', '--regions', home, '--stack-name', 'old-home')).toMatchObject({
    code: 1,
  });
  expect(await bring({ MovedIntegration: after })).toEqual(['moving by new-home']);
  expect(await world.script('remove', '--regions', home, '--stack-name', 'old-home')).toMatchObject({
    code: 0,
  });
});

describe('removal', () => {
  test('finds the provider by its export, whatever its stack is called, and finds nothing only where nothing is', async () => {
    const prefix = 'renamed';
    const name = 'StackSet-fleet-0f3c9a52-7a3e-4c1b-9d26-1b2a5c8e4f70';
    expect(await world.deployProviders(prefix, [home], '--stack-name', name)).toMatchObject({ code: 0 });
    const look = (...more: string[]) =>
      world.script('remove', '--regions', home, '--export-prefix', prefix, ...more);
    expect(rows(await look('--list'), account, home, 'nobody uses it')).toHaveLength(1);
    // A stack set would deploy the stack again, or keep an instance without a stack.
    const refused = await look();
    expect(refused.code).toBe(1);
    expect(refused.text).toContain('is an instance of the stack set fleet: remove it there');
    await deleteStack(world.aws, name);
    expect(rows(await look(), account, home, 'not there')).toHaveLength(1);
    const listed = await look('--list');
    expect(listed.code).toBe(1);
    expect(listed.text).toMatch(/us-east-1 +REFUSED: not there/);
  });

  test('deletes a stack whose first deployment failed, and no stack that is no provider', async () => {
    const [failed, other] = ['never-was', 'no-provider'];
    const files = [
      [
        failed,
        {
          Function: {
            Type: 'AWS::Lambda::Function',
            Properties: {
              Handler: 'index.handler',
              Runtime: 'nodejs22.x',
              Role: roleArn,
              Code: { S3Bucket: 'no-such-bucket', S3Key: 'none.zip' },
            },
          },
        },
      ],
      [other, { Topic: { Type: 'AWS::SNS::Topic' } }],
    ] as const;
    for (const [stackName, Resources] of files) {
      const templateFile = join(world.folder, `${stackName}.json`);
      await writeFile(templateFile, JSON.stringify({ Resources }));
      await deploy(world.aws, { stackName, templateFile }).catch(() => undefined);
    }
    expect(await describeStack(world.aws, failed)).toMatchObject({ StackStatus: 'ROLLBACK_COMPLETE' });
    const removed = await world.script('remove', '--regions', home, '--stack-name', failed);
    expect(rows(removed, account, home, 'deleted')).toHaveLength(1);
    await expect(describeStack(world.aws, failed)).rejects.toThrow('does not exist');
    const refused = await world.script('remove', '--regions', home, '--stack-name', other);
    expect(refused.code).toBe(1);
    expect(refused.text).toContain('exports no ServiceToken: no provider');
  });

  test('goes consumers first; a stack that names the token by SSM parameter keeps the provider as an importing one does', async () => {
    const prefix = 'leaving';
    const remove = () => world.script('remove', '--regions', home, '--stack-name', prefix);
    await world.deployProviders(prefix, [home]);
    await world.consumer(prefix, home, 'leaving-ssm', 'ssm');
    const refused = await remove();
    expect(refused.code).toBe(1);
    expect(refused.text).toContain('still used by leaving-ssm; remove or move them first');

    await deleteStack(world.aws, 'leaving-ssm');
    const removed = await remove();
    expect(removed.code).toBe(0);
    expect(removed.text).toMatch(/us-east-1 +deleted; the ledger leaving-ledger is retained/);
    await aws(world.aws, ['dynamodb', 'describe-table', '--table-name', 'leaving-ledger']);
    await expect(describeStack(world.aws, prefix)).rejects.toThrow('does not exist');
    expect(await remove()).toMatchObject({ code: 0, text: expect.stringMatching(/us-east-1 +not there/) });
  });
});
