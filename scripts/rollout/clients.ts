/** AWS clients for an account and a Region. */
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';

export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

const settings = (region: string, credentials?: Credentials) => ({
  region,
  maxAttempts: 6,
  retryMode: 'adaptive',
  ...(credentials === undefined ? {} : { credentials }),
});

// An emulator has one address, so it takes the bucket's name in the path.
const pathStyle = () =>
  process.env['AWS_ENDPOINT_URL'] !== undefined || process.env['AWS_ENDPOINT_URL_S3'] !== undefined;

export const s3Client = (region: string, credentials?: Credentials) =>
  new S3Client({ ...settings(region, credentials), forcePathStyle: pathStyle() });

export const cloudFormationClient = (region: string, credentials?: Credentials) =>
  new CloudFormationClient(settings(region, credentials));

export const dynamoDBClient = (region: string, credentials?: Credentials) =>
  new DynamoDBClient(settings(region, credentials));

export const lambdaClient = (region: string, credentials?: Credentials) =>
  new LambdaClient(settings(region, credentials));

/** The account of the caller's own credentials. */
export async function callerAccount(region: string): Promise<string> {
  const { Account } = await new STSClient(settings(region)).send(new GetCallerIdentityCommand({}));
  if (Account === undefined) throw new Error('AWS did not say whose credentials these are.');
  return Account;
}

/** Credentials of a role in another account, for an hour. */
export async function roleCredentials(
  region: string,
  { account, roleName, partition }: { account: string; roleName: string; partition: string },
): Promise<Credentials> {
  const { Credentials: given } = await new STSClient(settings(region)).send(
    new AssumeRoleCommand({
      RoleArn: `arn:${partition}:iam::${account}:role/${roleName}`,
      RoleSessionName: 'genesys-cloud-cfn',
    }),
  );
  if (given?.AccessKeyId === undefined || given.SecretAccessKey === undefined) {
    throw new Error(`AWS gave no credentials for ${roleName} in ${account}.`);
  }
  return {
    accessKeyId: given.AccessKeyId,
    secretAccessKey: given.SecretAccessKey,
    ...(given.SessionToken === undefined ? {} : { sessionToken: given.SessionToken }),
  };
}

/** The partition of a Region. */
export function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  if (region.startsWith('us-gov-')) return 'aws-us-gov';
  if (region.startsWith('eusc-')) return 'aws-eusc';
  return 'aws';
}

/** The end of AWS host names in a Region. */
export function urlSuffixOf(region: string): string {
  const partition = partitionOf(region);
  if (partition === 'aws-cn') return 'amazonaws.com.cn';
  return partition === 'aws-eusc' ? 'amazonaws.eu' : 'amazonaws.com';
}
