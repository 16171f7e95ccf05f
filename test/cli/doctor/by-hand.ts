/** Changes of an administrator in the local AWS and in Genesys Cloud, past every deployment. */
import { DeleteItemCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import {
  GetFunctionConfigurationCommand,
  LambdaClient,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import {
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { signedCall } from '../../../cli/doctor/signed-call.ts';
import { callByHand } from '../../protocol/by-hand.ts';
import { credentials, type DoctorWorld } from './world.ts';

export const FUNCTION = 'genesys-cloud-provider';
export const LEDGER = 'genesys-cloud-ledger';

/** A call of IAM. */
export const iam = (world: DoctorWorld, Action: string, parameters: Record<string, string>) =>
  signedCall({
    service: 'iam',
    region: 'us-east-1',
    url: world.ministack.url,
    headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
    body: String(new URLSearchParams({ Action, Version: '2010-05-08', ...parameters })),
    credentials,
  });

/** A call of a service with JSON, by the target of its operation. */
export const json = (world: DoctorWorld, service: string, target: string, input: object) =>
  signedCall({
    service,
    region: world.ministack.region,
    url: world.ministack.url,
    headers: {
      'content-type': `application/x-amz-json-${service === 'sqs' ? '1.0' : '1.1'}`,
      'x-amz-target': target,
    },
    body: JSON.stringify(input),
    credentials,
  });

/** An item of a ledger; answers the way back. */
export async function withItem(world: DoctorWorld, TableName: string, pk: string, body: object) {
  const dynamo = new DynamoDBClient(world.administrator);
  const Item = { pk: { S: pk }, body: { S: JSON.stringify(body) }, revision: { N: '1' } };
  await dynamo.send(new PutItemCommand({ TableName, Item }));
  return () => dynamo.send(new DeleteItemCommand({ TableName, Key: { pk: { S: pk } } }));
}

/** Changes variables of the provider's function; answers the way back. */
export async function withVariables(world: DoctorWorld, changes: Record<string, string>) {
  const lambda = new LambdaClient(world.administrator);
  const { Environment } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: FUNCTION }));
  const set = (Variables: Record<string, string>) =>
    lambda.send(
      new UpdateFunctionConfigurationCommand({ FunctionName: FUNCTION, Environment: { Variables } }),
    );
  const before = { ...Environment?.Variables };
  await set({ ...before, ...changes });
  return () => set(before);
}

/** Changes the text of the OAuth secret; answers the way back. */
export async function withSecret(world: DoctorWorld, change: (secret: Record<string, string>) => unknown) {
  const secrets = new SecretsManagerClient(world.administrator);
  const SecretId = world.prepared.secretArn;
  const { SecretString: before = '{}' } = await secrets.send(new GetSecretValueCommand({ SecretId }));
  const put = (SecretString: string) => secrets.send(new PutSecretValueCommand({ SecretId, SecretString }));
  const text = change(JSON.parse(before));
  await put(typeof text === 'string' ? text : JSON.stringify(text));
  return () => put(before);
}

/** A call of a person in Genesys Cloud. @throws Error when it is refused */
export async function inGenesys(world: DoctorWorld, method: string, path: string, body?: object) {
  const answer = await callByHand(world.genesys, method, path, body);
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return answer.status === 204 ? undefined : ((await answer.json()) as Record<string, unknown>);
}

/** The physical id of a resource of a stack. */
export async function physicalId(world: DoctorWorld, stack: string, logicalId: string): Promise<string> {
  const { CloudFormationClient, DescribeStackResourcesCommand } = await import(
    '@aws-sdk/client-cloudformation'
  );
  const { StackResources = [] } = await new CloudFormationClient(world.administrator).send(
    new DescribeStackResourcesCommand({ StackName: stack }),
  );
  const found = StackResources.find(({ LogicalResourceId }) => LogicalResourceId === logicalId);
  if (found?.PhysicalResourceId === undefined) throw new Error(`no ${logicalId} in ${stack}`);
  return found.PhysicalResourceId;
}
