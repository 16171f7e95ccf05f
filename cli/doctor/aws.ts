/** The calls of `doctor` to AWS. Each one reads, and names the permission that it needs. */
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { STSClient } from '@aws-sdk/client-sts';
import { messageOf } from '../../common/errors.ts';
import { needs } from './outcome.ts';
import { signedCall } from './signed-call.ts';

/** Services that are asked by a signed call: the prefix of `X-Amz-Target`, and the version of JSON. */
const JSON_SERVICES = {
  sqs: { target: 'AmazonSQS', version: '1.0' },
  logs: { target: 'Logs_20140328', version: '1.1' },
  ssm: { target: 'AmazonSSM', version: '1.1' },
  cloudtrail: { target: 'com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101', version: '1.1' },
} as const;

type JsonService = keyof typeof JSON_SERVICES;

/** IAM has one address in a partition (AWS General Reference, "IAM endpoints and quotas"). */
const IAM = [
  { regions: /^cn-/, host: 'iam.cn-north-1.amazonaws.com.cn', region: 'cn-north-1' },
  { regions: /^us-gov-/, host: 'iam.us-gov.amazonaws.com', region: 'us-gov-west-1' },
  { regions: /^eusc-/, host: 'iam.eusc-de-east-1.amazonaws.eu', region: 'eusc-de-east-1' },
  { regions: /^[a-z]{2}-[a-z]+-\d/, host: 'iam.amazonaws.com', region: 'us-east-1' },
] as const;

/** A person waits, so a throttled call is tried for longer than in the function. */
const patient = { maxAttempts: 6, retryMode: 'adaptive' } as const;

export class Aws {
  readonly #region: string | undefined;
  readonly sts: STSClient;
  readonly cloudFormation: CloudFormationClient;

  /** @param region that of the SDK's chain where it is missing */
  constructor(region: string | undefined) {
    this.#region = region;
    this.sts = new STSClient(this.#at());
    this.cloudFormation = new CloudFormationClient(this.#at());
  }

  /** @throws Error where neither an option nor the SDK's chain names one */
  region(): Promise<string> {
    return this.sts.config.region();
  }

  lambda = (arn?: string) => new LambdaClient(this.#at(arn));
  dynamo = (arn?: string) => new DynamoDBClient(this.#at(arn));
  kms = (arn?: string) => new KMSClient(this.#at(arn));
  secrets = (arn?: string) => new SecretsManagerClient(this.#at(arn));
  s3 = () => new S3Client({ ...this.#at(), followRegionRedirects: true });

  /** The Region of an ARN, or the one of this run. */
  #at(arn?: string) {
    const region = arn?.split(':')[3] || this.#region;
    return { ...patient, ...(region === undefined ? {} : { region }) };
  }

  /** Makes a call. @throws NotLookedAtError where the caller may not */
  async ask<T>(permission: string, call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      if (isDenied(error)) throw needs(deniedIn(error) ?? permission);
      throw error;
    }
  }

  /** A call of a JSON service; the permission has its name. @throws NotLookedAtError, AwsCallError */
  async json<T>(service: JsonService, operation: string, input: object, region?: string): Promise<T> {
    const here = region ?? (await this.region());
    const { target, version } = JSON_SERVICES[service];
    const text = await this.ask(`${service}:${operation}`, async () =>
      signedCall({
        service,
        region: here,
        url: endpointOf(service) ?? addressOf(service, here),
        headers: {
          'content-type': `application/x-amz-json-${version}`,
          'x-amz-target': `${target}.${operation}`,
        },
        body: JSON.stringify(input),
        credentials: this.sts.config.credentials,
      }),
    );
    return JSON.parse(text) as T;
  }

  /** A call of IAM: the XML of its answer. @throws NotLookedAtError, AwsCallError */
  async iam(action: string, parameters: Record<string, string>): Promise<string> {
    const here = await this.region();
    const place = placeOfIam(here);
    return this.ask(`iam:${action}`, async () =>
      signedCall({
        service: 'iam',
        region: place.region,
        url: endpointOf('iam') ?? place.address,
        headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
        body: String(new URLSearchParams({ Action: action, Version: '2010-05-08', ...parameters })),
        credentials: this.sts.config.credentials,
      }),
    );
  }
}

/** The address of a service in a Region. The SDK knows the end of the host names of its partition. */
export function addressOf(service: string, region: string): string {
  const { url } = new LambdaClient({ region }).config.endpointProvider({ Region: region });
  return `https://${url.hostname.replace(/^lambda\./, `${service}.`)}/`;
}

/** The address of IAM in the partition of a Region, and the Region that its calls are signed for. */
export function placeOfIam(region: string): { address: string; region: string } {
  const place = IAM.find(({ regions }) => regions.test(region));
  if (place === undefined) throw new Error(`The address of IAM in the partition of ${region} is not known.`);
  return { address: `https://${place.host}/`, region: place.region };
}

const endpointOf = (service: string): string | undefined =>
  process.env[`AWS_ENDPOINT_URL_${service.toUpperCase()}`] ?? process.env['AWS_ENDPOINT_URL'];

/** Whether AWS denied a call, in the error itself or in its cause. A HEAD has no code, but its status. */
export function isDenied(error: unknown): boolean {
  const { name, cause, $metadata } = (error ?? {}) as {
    name?: unknown;
    cause?: unknown;
    $metadata?: { httpStatusCode?: number };
  };
  if (/AccessDenied|NotAuthorized|UnauthorizedOperation|^Forbidden$/.test(String(name))) return true;
  if ($metadata?.httpStatusCode === 403 && /^(403|Unknown(Error)?|Status403)$/.test(String(name)))
    return true;
  return cause !== undefined && cause !== error && isDenied(cause);
}

/** The permission that the words of a denial name: a call may need several. */
function deniedIn(error: unknown): string | undefined {
  // Secrets Manager says so of a key that the caller may not use.
  if (/^Access to KMS is not allowed/.test(messageOf(error))) return 'kms:Decrypt';
  return /not authorized to perform: ([a-z0-9-]+:\w+)/.exec(messageOf(error))?.[1];
}

export const nameOf = (error: unknown): string => String((error as { name?: unknown })?.name ?? '');

/** The texts of all elements of a name. The elements that are read here have no attributes. */
export function elements(xml: string, name: string): string[] {
  return [...xml.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g'))].map(([, text = '']) =>
    text
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&quot;', '"')
      .replaceAll('&#34;', '"')
      .replaceAll('&apos;', "'")
      .replaceAll('&amp;', '&'),
  );
}
