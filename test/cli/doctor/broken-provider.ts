/** Worlds in which the provider's stack or its function has a fault. */
import {
  CreateFunctionCommand,
  DeleteFunctionCommand,
  DeleteFunctionConcurrencyCommand,
  DeleteFunctionEventInvokeConfigCommand,
  GetFunctionConfigurationCommand,
  GetFunctionEventInvokeConfigCommand,
  LambdaClient,
  PutFunctionConcurrencyCommand,
  PutFunctionEventInvokeConfigCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import {
  DeleteSecretCommand,
  RestoreSecretCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import type { Broken } from './broken.ts';
import { FUNCTION, iam, inGenesys, json, physicalId, withVariables } from './by-hand.ts';
import { type DoctorWorld, PROVIDER } from './world.ts';

const FunctionName = FUNCTION;
const lambdaOf = (world: DoctorWorld) => new LambdaClient(world.administrator);
const TOKEN = '/genesys-cloud/provider/service-token';

const reconfigured =
  (change: object, back: object): Broken['break'] =>
  async (world) => {
    const set = (values: object) =>
      lambdaOf(world).send(new UpdateFunctionConfigurationCommand({ FunctionName, ...values }));
    await set(change);
    return () => set(back);
  };

/** A stack that imports the token. */
const consumer = {
  Resources: {
    Integration: {
      Type: 'Custom::GenesysAwsIntegration',
      Properties: {
        ServiceToken: { 'Fn::ImportValue': 'genesys-cloud-ServiceToken' },
        ServiceTimeout: 300,
        Name: 'Half-way',
        IntegrationType: 'custom-rest-actions',
      },
    },
  },
};

export const brokenProvider: Broken[] = [
  {
    name: 'a first deployment that failed',
    id: 'provider-stack',
    args: ['--stack-name', 'broken'],
    says: /creation of the stack broken has failed/,
    fix: /delete-stack --stack-name broken/,
    async break(world) {
      await world.deployProvider({ ExportPrefix: 'broken', CodeS3Key: 'no-such-package.zip' }, 'broken');
      return () => world.remove('broken');
    },
  },
  {
    name: 'an export that nobody has',
    id: 'provider-stack',
    args: ['--export-prefix', 'nobody'],
    says: /no export nobody-ServiceToken/,
    fix: /--region, --export-prefix or --stack-name/,
    break: async () => async () => {},
  },
  {
    name: 'a token that somebody has written by hand',
    id: 'export',
    says: /SSM parameter .* holds arn:aws:lambda:us-east-1:000000000000:function:other/,
    fix: /put-parameter --overwrite .*function:genesys-cloud-provider/,
    async break(world) {
      const put = (name: string) =>
        json(world, 'ssm', 'AmazonSSM.PutParameter', {
          Name: TOKEN,
          Type: 'String',
          Overwrite: true,
          Value: `arn:aws:lambda:us-east-1:000000000000:function:${name}`,
        });
      await put('other');
      return () => put(FUNCTION);
    },
  },
  {
    name: 'a consumer that failed half-way',
    id: 'consumers',
    says: /The stack half-way is DELETE_FAILED/,
    fix: /then aws cloudformation delete-stack --stack-name half-way/,
    async break(world) {
      await world.deploy('half-way', consumer);
      const integrationId = await physicalId(world, 'half-way', 'Integration');
      // The guard of the integration refuses its deletion.
      const { actions } = world.genesys.seed({ actions: [{ name: 'By hand', integrationId }] });
      await world.remove('half-way');
      return async () => {
        await inGenesys(world, 'DELETE', `/api/v2/integrations/actions/${actions[0]}`);
        await world.remove('half-way');
      };
    },
  },
  {
    name: 'a function that is gone',
    id: 'function',
    says: /no function arn:.*genesys-cloud-provider/,
    fix: /Make a function of the name genesys-cloud-provider by hand first/,
    async break(world) {
      const lambda = lambdaOf(world);
      const there = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
      const events = await lambda.send(
        new GetFunctionEventInvokeConfigCommand({ FunctionName, Qualifier: '$LATEST' }),
      );
      await lambda.send(new DeleteFunctionCommand({ FunctionName }));
      return async () => {
        const { Runtime, Handler, Role, Timeout, MemorySize, Environment, LoggingConfig } = there;
        const { bucket: S3Bucket, key: S3Key } = world.prepared;
        await lambda.send(
          new CreateFunctionCommand({
            FunctionName,
            Code: { S3Bucket, S3Key },
            Runtime,
            Handler,
            Role,
            Timeout,
            MemorySize,
            LoggingConfig,
            Environment: { Variables: Environment?.Variables ?? {} },
          }),
        );
        const { DestinationConfig, MaximumRetryAttempts } = events;
        await lambda.send(
          new PutFunctionEventInvokeConfigCommand({
            FunctionName,
            Qualifier: '$LATEST',
            DestinationConfig,
            MaximumRetryAttempts,
          }),
        );
      };
    },
  },
  {
    name: 'a variable that is missing',
    id: 'function-settings',
    says: /LEDGER_TABLE_NAME is not set/,
    fix: /Deploy templates\/provider\.yaml again/,
    break: (world) => withVariables(world, { LEDGER_TABLE_NAME: '' }),
  },
  {
    name: 'a variable of another provider',
    id: 'function-settings',
    says: /PROVIDER_STACK_ID is arn:aws:cloudformation:us-east-1:000000000000:stack\/other/,
    fix: /Deploy templates\/provider\.yaml again/,
    break: (world) =>
      withVariables(world, {
        PROVIDER_STACK_ID: 'arn:aws:cloudformation:us-east-1:000000000000:stack/other/1',
      }),
  },
  {
    name: 'a time limit that somebody has lowered',
    id: 'function-limits',
    says: /Timeout is 3 instead of 300/,
    fix: /Deploy templates\/provider\.yaml again/,
    break: reconfigured({ Timeout: 3 }, { Timeout: 300 }),
  },
  {
    name: 'a function that stands still',
    id: 'function-concurrency',
    says: /reserved concurrency is 0/,
    fix: /put-function-concurrency .* --reserved-concurrent-executions 10 --region us-east-1/,
    async break(world) {
      await lambdaOf(world).send(
        new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: 0 }),
      );
      return () => lambdaOf(world).send(new DeleteFunctionConcurrencyCommand({ FunctionName }));
    },
  },
  {
    name: 'a policy that was detached',
    id: 'function-role',
    says: /The policy CorePolicy is not attached/,
    fix: /attach-role-policy --role-name genesys-cloud-provider-ProviderRole/,
    async break(world) {
      const RoleName = await physicalId(world, PROVIDER, 'ProviderRole');
      const PolicyArn = await physicalId(world, PROVIDER, 'CorePolicy');
      await iam(world, 'DetachRolePolicy', { RoleName, PolicyArn });
      return () => iam(world, 'AttachRolePolicy', { RoleName, PolicyArn });
    },
  },
  {
    name: 'a sealing secret that is deleted',
    id: 'sealing-secret',
    says: /cannot be opened without it/,
    fix: /restore-secret --secret-id arn:.* --region us-east-1$/,
    async break(world) {
      const { Environment } = await lambdaOf(world).send(
        new GetFunctionConfigurationCommand({ FunctionName }),
      );
      const SecretId = Environment?.Variables?.['SEALING_SECRET_ARN'];
      const secrets = new SecretsManagerClient(world.administrator);
      await secrets.send(new DeleteSecretCommand({ SecretId, RecoveryWindowInDays: 7 }));
      return () => secrets.send(new RestoreSecretCommand({ SecretId }));
    },
  },
  {
    name: 'a log group that is gone',
    id: 'log-group',
    says: /no log group \/aws\/cloudformation/,
    fix: /create-log-group --log-group-name/,
    async break(world) {
      const logGroupName = world.outputs[PROVIDER]?.['LogGroupName'] ?? '';
      await json(world, 'logs', 'Logs_20140328.DeleteLogGroup', { logGroupName });
      return () => json(world, 'logs', 'Logs_20140328.CreateLogGroup', { logGroupName });
    },
  },
  {
    name: 'events without a destination',
    id: 'failed-events',
    says: /goes nowhere instead of the queue genesys-cloud-provider-failures/,
    fix: /Deploy templates\/provider\.yaml again/,
    async break(world) {
      const lambda = lambdaOf(world);
      const of = { FunctionName, Qualifier: '$LATEST' };
      const { DestinationConfig, MaximumRetryAttempts } = await lambda.send(
        new GetFunctionEventInvokeConfigCommand(of),
      );
      await lambda.send(new DeleteFunctionEventInvokeConfigCommand(of));
      return () =>
        lambda.send(
          new PutFunctionEventInvokeConfigCommand({ ...of, DestinationConfig, MaximumRetryAttempts }),
        );
    },
  },
  {
    name: 'an event in the failure queue',
    id: 'failure-queue',
    says: /1 event lies in the failure queue/,
    fix: /genesys-cloud-cfn unstick/,
    async break(world) {
      const QueueUrl = world.outputs[PROVIDER]?.['FailureQueueUrl'] ?? '';
      await json(world, 'sqs', 'AmazonSQS.SendMessage', { QueueUrl, MessageBody: '{"requestPayload": {}}' });
      return () => json(world, 'sqs', 'AmazonSQS.PurgeQueue', { QueueUrl });
    },
  },
];
