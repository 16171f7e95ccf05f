import { Buffer } from 'node:buffer';
import {
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  GetKeyPolicyCommand,
  KMSClient,
} from '@aws-sdk/client-kms';
import { GetPolicyCommand, InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { readRole } from './iam.ts';
import type { Fixed, Settings } from './options.ts';
import { judge, type PolicyDocument } from './policy.ts';
import { metSince, type Organization } from './store.ts';

/** AWS refused Genesys Cloud, or a role, function or key is missing. The message says why. */
export class AwsRefusal extends Error {}

/** The work of Genesys Cloud in the AWS accounts of the customer. */
export interface Aws {
  /** False without an endpoint. Then nothing in AWS is checked. */
  readonly present: boolean;
  /**
   * Assumes the role with the id of the organization as ExternalId.
   * @throws AwsRefusal when the trust policy does not allow it
   */
  assumeRole(organization: Organization, roleArn: string, signal: AbortSignal): Promise<Session>;
  /**
   * Invokes the function with the permissions of the session. Answers the payload and Lambda's FunctionError.
   * @throws AwsRefusal when a policy does not allow it
   */
  invoke(
    organization: Organization,
    session: Session,
    functionArn: string,
    payload: string,
    signal: AbortSignal,
  ): Promise<{ payload: string; functionError: string | undefined }>;
  /**
   * Encrypts and decrypts by the alias, with the encryption context of the organization. Answers the ARN of
   * the key. Without an endpoint it checks only the alias ARN, and answers that.
   * @throws AwsRefusal when the key or its policy does not allow it
   */
  tryKey(organization: Organization, aliasArn: string, signal: AbortSignal): Promise<string>;
}

export interface Session {
  roleArn: string;
  /** `arn:aws:sts::<account>:assumed-role/<role>/<session>`. */
  arn: string;
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
}

export interface Arn {
  partition: string;
  service: string;
  region: string;
  account: string;
  resource: string;
}

export function parseArn(text: string): Arn | undefined {
  const [arn, partition, service, region, account, ...resource] = text.split(':');
  if (arn !== 'arn' || !partition || !service || region === undefined || !account || resource.length === 0)
    return undefined;
  return { partition, service, region, account, resource: resource.join(':') };
}

const sessionName = 'genesys-cloud-data-actions';
const encryptionContextKey = 'genesys-cloud-organization-id';

export function awsOf(fixed: Fixed, settings: Settings): Aws {
  const endpoint = fixed.awsEndpointUrl;
  const genesysRoot = (partition: string) => `arn:${partition}:iam::${fixed.genesysAccountId}:root`;
  // An emulator takes an access key id of twelve digits for the account. So Genesys Cloud acts from its own
  // account, and reads policies as the owner of the role, key or function, who alone may read them.
  const client = (region: string, account: string) => ({
    ...(endpoint === undefined ? {} : { endpoint }),
    region,
    credentials: { accessKeyId: account, secretAccessKey: 'local' },
    maxAttempts: 1,
  });

  return {
    present: endpoint !== undefined,

    async assumeRole(organization, roleArn, signal) {
      const arn = parseArn(roleArn);
      if (arn?.service !== 'iam' || !arn.resource.startsWith('role/'))
        throw new AwsRefusal(`${roleArn} is not the ARN of an IAM role`);
      const denied = `User: ${genesysRoot(arn.partition)} is not authorized to perform: sts:AssumeRole on resource: ${roleArn}`;
      if (metSince(organization, roleArn, fixed.clock.now()) < settings.delays.roleVisibleMs)
        throw new AwsRefusal(`AccessDenied: ${denied}`);
      const role = await readRole(required(endpoint), roleArn, signal).catch((error: Error) => {
        // STS answers the same for a missing role and for a role that trusts somebody else.
        throw new AwsRefusal(`AccessDenied: ${denied} (${error.message})`);
      });
      // The name matches, but the path does not.
      if (role.arn !== roleArn) throw new AwsRefusal(`AccessDenied: ${denied}`);
      const judgement = await judge({
        principal: genesysRoot(arn.partition),
        action: 'sts:AssumeRole',
        resource: roleArn,
        account: arn.account,
        context: { 'sts:ExternalId': organization.id, 'sts:RoleSessionName': sessionName },
        resourcePolicy: role.trustPolicy,
      });
      if (!judgement.allowed) throw new AwsRefusal(`AccessDenied: ${judgement.reason}`);
      const sts = new STSClient(client(organization.region, fixed.genesysAccountId));
      const { Credentials, AssumedRoleUser } = await send(
        sts.send(
          new AssumeRoleCommand({
            RoleArn: roleArn,
            RoleSessionName: sessionName,
            ExternalId: organization.id,
          }),
          { abortSignal: signal },
        ),
      );
      return {
        roleArn,
        arn: AssumedRoleUser?.Arn ?? '',
        accessKeyId: Credentials?.AccessKeyId ?? '',
        secretAccessKey: Credentials?.SecretAccessKey ?? '',
        sessionToken: Credentials?.SessionToken ?? '',
      };
    },

    async invoke(organization, session, functionArn, payload, signal) {
      const arn = parseArn(functionArn);
      if (arn?.service !== 'lambda' || !arn.resource.startsWith('function:'))
        throw new AwsRefusal(`${functionArn} is not the ARN of a Lambda function`);
      // "must exist in the same AWS region as your Genesys Cloud organization" (help.mypurecloud.com,
      // create-iam-resources-to-invoke-an-aws-lambda-function)
      if (arn.region !== organization.region)
        throw new AwsRefusal(
          `The function ${functionArn} is not in ${organization.region}, the region of the organization`,
        );
      const role = await readRole(required(endpoint), session.roleArn, signal).catch((error: Error) => {
        throw new AwsRefusal(error.message);
      });
      const crossAccount = parseArn(session.roleArn)?.account !== arn.account;
      const judgement = await judge({
        principal: session.arn,
        action: 'lambda:InvokeFunction',
        resource: functionArn,
        account: arn.account,
        identityPolicies: role.policies,
        resourcePolicy: crossAccount ? await functionPolicy(functionArn, arn, signal) : undefined,
      });
      if (!judgement.allowed) throw new AwsRefusal(`AccessDeniedException: ${judgement.reason}`);
      const asOwner = client(arn.region, arn.account);
      // As the owner, because an emulator finds no function of another account. Both policies allowed it
      // above.
      const lambda = new LambdaClient(crossAccount ? asOwner : { ...asOwner, credentials: session });
      const response = await send(
        lambda.send(
          new InvokeCommand({
            FunctionName: functionArn,
            InvocationType: 'RequestResponse',
            Payload: Buffer.from(payload),
          }),
          { abortSignal: signal },
        ),
      );
      return {
        payload: Buffer.from(response.Payload ?? []).toString('utf8'),
        functionError: response.FunctionError,
      };
    },

    async tryKey(organization, aliasArn, signal) {
      const arn = parseArn(aliasArn);
      if (arn?.service !== 'kms' || !arn.resource.startsWith('alias/'))
        throw new AwsRefusal(
          `${aliasArn} is not the ARN of a KMS alias (arn:aws:kms:<region>:<account>:alias/<name>)`,
        );
      if (arn.region !== organization.region)
        throw new AwsRefusal(
          `The key is in ${arn.region}; it must be in ${organization.region}, the region of the organization`,
        );
      if (endpoint === undefined) return aliasArn;
      const kms = new KMSClient(client(arn.region, arn.account));
      const options = { abortSignal: signal };
      const { KeyMetadata } = await send(kms.send(new DescribeKeyCommand({ KeyId: aliasArn }), options));
      const keyArn = KeyMetadata?.Arn ?? '';
      if (KeyMetadata?.KeyUsage !== 'ENCRYPT_DECRYPT' || KeyMetadata.KeySpec !== 'SYMMETRIC_DEFAULT')
        throw new AwsRefusal(`${keyArn} is not a symmetric encryption key`);
      if (KeyMetadata.KeyState !== 'Enabled')
        throw new AwsRefusal(`${keyArn} is not enabled but ${KeyMetadata.KeyState}`);

      const { Policy = '{}' } = await send(
        kms.send(new GetKeyPolicyCommand({ KeyId: keyArn, PolicyName: 'default' }), options),
      );
      const fresh = metSince(organization, aliasArn, fixed.clock.now()) < settings.delays.keyPolicyVisibleMs;
      for (const action of ['kms:Encrypt', 'kms:Decrypt', 'kms:GenerateDataKey']) {
        const judgement = fresh
          ? {
              allowed: false as const,
              reason: `${genesysRoot(arn.partition)} is not authorized to perform ${action} on ${keyArn}`,
            }
          : await judge({
              principal: genesysRoot(arn.partition),
              action,
              resource: keyArn,
              account: arn.account,
              context: { [`kms:EncryptionContext:${encryptionContextKey}`]: organization.id },
              resourcePolicy: JSON.parse(Policy),
            });
        if (!judgement.allowed) throw new AwsRefusal(`AccessDeniedException: ${judgement.reason}`);
      }

      const EncryptionContext = { [encryptionContextKey]: organization.id };
      const secret = Buffer.from('the private half of a recording key');
      const { CiphertextBlob } = await send(
        kms.send(new EncryptCommand({ KeyId: aliasArn, Plaintext: secret, EncryptionContext }), options),
      );
      const { Plaintext } = await send(
        kms.send(new DecryptCommand({ KeyId: aliasArn, CiphertextBlob, EncryptionContext }), options),
      );
      if (!secret.equals(Buffer.from(Plaintext ?? [])))
        throw new AwsRefusal(`${keyArn} does not decrypt what it encrypted`);
      return keyArn;
    },
  };

  async function functionPolicy(
    functionArn: string,
    arn: Arn,
    signal: AbortSignal,
  ): Promise<PolicyDocument | undefined> {
    const lambda = new LambdaClient(client(arn.region, arn.account));
    try {
      const answer = await lambda.send(new GetPolicyCommand({ FunctionName: functionArn }), {
        abortSignal: signal,
      });
      return answer.Policy === undefined ? undefined : JSON.parse(answer.Policy);
    } catch {
      return undefined;
    }
  }
}

/** Turns an error of the SDK into a refusal, but not an abort. */
async function send<T>(promise: Promise<T>): Promise<T> {
  try {
    return await promise;
  } catch (error) {
    if (!(error instanceof Error) || error.name === 'AbortError') throw error;
    throw new AwsRefusal(`${error.name}: ${error.message}`);
  }
}

function required(endpoint: string | undefined): string {
  if (endpoint === undefined) throw new AwsRefusal('This Genesys Cloud was started without an AWS endpoint');
  return endpoint;
}
