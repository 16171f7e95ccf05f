/**
 * The deployed endpoint: the shipped zip and the shipped templates on MiniStack. The function behind it
 * reports every run to this process, which decides its answer.
 */
import { execFile } from 'node:child_process';
import { createHmac, createSign, generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readdir, readFile, readlink, rm } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  CreateSecretCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import type { Answer } from '../../endpoint/answer.ts';
import type { BusinessRequest } from '../../endpoint/business.ts';
import { type MiniStack, startMiniStack } from '../../local/aws/ministack.ts';
import { cloudFormation, create, type Settled } from '../../local/aws/stacks.ts';
import { readTemplate } from '../../scripts/build/templates/template.ts';

const root = resolve(import.meta.dirname, '../..');
export const bucket = 'packages';
export const packageKey = 'endpoint.zip';

/** One run of the customer's function, which waits for `answer` or `fail`. */
export interface Run extends BusinessRequest {
  /** Makes the function return a value. */
  answer(value: unknown): void;
  /** Makes the function throw. */
  fail(): void;
}

export interface Reply {
  status: number;
  headers: Headers;
  text: string;
  answer: Answer;
}

export interface EndpointWorld {
  aws: MiniStack;
  clients: { lambda: LambdaClient; dynamo: DynamoDBClient; secrets: SecretsManagerClient; s3: S3Client };
  functionArn: string;
  /** Every run so far. */
  runs: Run[];
  runsOf(requestId: string): Run[];
  /**
   * Sets the behaviour of the function. By default it answers `{data: {run: <number of this run>}}` at once.
   */
  behave(how: (run: Run) => void): void;
  endpoint(name: string, parameters?: Record<string, string>): Promise<Settled>;
  api(
    name: string,
    handlerArn: string,
    parameters: Record<string, string>,
  ): Promise<{ call: Caller; authorizer: string }>;
  /** Invokes a function directly, as Genesys Cloud does. */
  invoke(arn: string, payload: unknown): Promise<{ error: boolean; payload: unknown }>;
  secret(name: string, value: string): Promise<string>;
  rotate(arn: string, value: string): Promise<void>;
  /** Kills the processes of a function, as if its containers died. Returns their number. */
  kill(functionName: string): Promise<number>;
  stop(): Promise<void>;
}

export type Caller = (
  payload: unknown,
  headers?: Record<string, string>,
  more?: { action?: string; body?: string },
) => Promise<Reply>;

export async function startEndpointWorld(): Promise<EndpointWorld> {
  const runs: Run[] = [];
  const byDefault = (run: Run) => run.answer({ data: { run: runs.indexOf(run) + 1 } });
  let behaviour = byDefault;
  const effects = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    request.on('end', () => {
      const run: Run = { ...(JSON.parse(text) as BusinessRequest), ...answering(response) };
      runs.push(run);
      behaviour(run);
    });
  });
  await new Promise<void>((done) => effects.listen(0, '127.0.0.1', done));
  const effectsUrl = `http://127.0.0.1:${(effects.address() as AddressInfo).port}`;

  const [aws, zipped] = await Promise.all([startMiniStack(), zippedEndpoint()]);
  const config = {
    endpoint: aws.url,
    region: aws.region,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  };
  const clients = {
    lambda: new LambdaClient({ ...config, maxAttempts: 1 }),
    dynamo: new DynamoDBClient(config),
    secrets: new SecretsManagerClient(config),
    s3: new S3Client({ ...config, forcePathStyle: true }),
  };
  await clients.s3.send(new CreateBucketCommand({ Bucket: bucket }));
  await clients.s3.send(new PutObjectCommand({ Bucket: bucket, Key: packageKey, Body: zipped }));
  const formation = cloudFormation(aws);
  const business = await create(formation, 'business', businessTemplate(effectsUrl));
  const functionArn = business.outputs['Arn'] ?? '';
  const code = { CodeS3Bucket: bucket, CodeS3Key: packageKey };

  async function stack(name: string, file: string, parameters: Record<string, string>) {
    const settled = await create(formation, name, readTemplate(file), { parameters });
    if (settled.status !== 'CREATE_COMPLETE') {
      throw new Error(
        `${file}: ${settled.status} ${settled.statusReason}\n${JSON.stringify(settled.reasons, null, 1)}`,
      );
    }
    return settled;
  }

  return {
    aws,
    clients,
    functionArn,
    runs,
    runsOf: (requestId) => runs.filter((run) => run.requestId === requestId),
    behave(how) {
      behaviour = how;
    },
    endpoint: (name, parameters = {}) =>
      stack(name, 'endpoint.yaml', {
        ...code,
        FunctionArn: functionArn,
        FunctionTimeoutSeconds: '1',
        ...parameters,
      }),
    async api(name, handlerArn, parameters) {
      const { outputs, resources } = await stack(name, 'endpoint-api.yaml', {
        ...code,
        HandlerArn: handlerArn,
        ...parameters,
      });
      const base = `${aws.url}/_aws/execute-api/${outputs['ApiId']}/live/actions`;
      const call: Caller = async (payload, headers = {}, more = {}) => {
        const response = await fetch(`${base}/${more.action ?? 'refund'}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...headers },
          body: more.body ?? JSON.stringify(payload),
        });
        const text = await response.text();
        return { status: response.status, headers: response.headers, text, answer: parsed(text) as Answer };
      };
      return { call, authorizer: resources['Authorizer'] ?? '' };
    },
    async invoke(arn, payload) {
      const result = await clients.lambda.send(
        new InvokeCommand({ FunctionName: arn, Payload: Buffer.from(JSON.stringify(payload)) }),
      );
      const text = Buffer.from(result.Payload ?? []).toString();
      return { error: result.FunctionError !== undefined, payload: parsed(text) };
    },
    async secret(name, value) {
      const SecretString = JSON.stringify({ secret: value });
      const { ARN = '' } = await clients.secrets.send(new CreateSecretCommand({ Name: name, SecretString }));
      return ARN;
    },
    async rotate(arn, value) {
      const SecretString = JSON.stringify({ secret: value });
      await clients.secrets.send(new PutSecretValueCommand({ SecretId: arn, SecretString }));
    },
    kill,
    async stop() {
      behaviour = byDefault;
      for (const client of Object.values(clients)) client.destroy();
      formation.destroy();
      await aws.stop();
      effects.closeAllConnections();
      await new Promise((done) => effects.close(done));
    },
  };
}

/**
 * The functions of a run. The business function returns the body of a 200 and throws for any other status.
 */
function answering(response: ServerResponse) {
  return {
    answer(value: unknown) {
      response.writeHead(200).end(value === undefined ? 'null' : JSON.stringify(value));
    },
    fail() {
      response.writeHead(500).end();
    },
  };
}

function businessTemplate(effectsUrl: string): object {
  return {
    Resources: {
      Role: {
        Type: 'AWS::IAM::Role',
        Properties: { AssumeRolePolicyDocument: { Version: '2012-10-17', Statement: [] } },
      },
      Business: {
        Type: 'AWS::Lambda::Function',
        Properties: {
          Runtime: 'nodejs24.x',
          Handler: 'index.handler',
          Timeout: 60,
          Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
          Environment: { Variables: { EFFECTS_URL: effectsUrl } },
          Code: {
            ZipFile: `exports.handler = async (event) => {
  const response = await fetch(process.env.EFFECTS_URL, { method: 'POST', body: JSON.stringify(event) });
  if (!response.ok) throw new Error('the business failed, card 4111111111111111');
  return JSON.parse(await response.text());
};`,
          },
        },
      },
    },
    Outputs: { Arn: { Value: { 'Fn::GetAtt': ['Business', 'Arn'] } } },
  };
}

/** The package, built apart from dist/ because another test may build there at the same time. */
async function zippedEndpoint(): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'endpoint-zip-'));
  try {
    const script = `
      import { bundle, packages, zip } from './scripts/build/package.ts';
      const pack = packages.find(({ name }) => name === 'endpoint');
      await bundle(pack, process.argv[1] + '/code');
      await zip(process.argv[1] + '/code', process.argv[1] + '/endpoint.zip');`;
    await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script, folder], {
      cwd: root,
      env: { PATH: process.env['PATH'] },
    });
    return await readFile(join(folder, 'endpoint.zip'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** MiniStack runs each execution environment as a process with the function's name in its environment. */
async function kill(functionName: string): Promise<number> {
  let killed = 0;
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    try {
      const environment = await readFile(`/proc/${pid}/environ`, 'utf8');
      if (!environment.split('\0').includes(`AWS_LAMBDA_FUNCTION_NAME=${functionName}`)) continue;
      if (!/node/.test(await readlink(`/proc/${pid}/exe`))) continue;
      process.kill(Number(pid), 'SIGKILL');
      killed += 1;
    } catch {
      // The process has ended meanwhile, or it belongs to another user.
    }
  }
  return killed;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** An issuer of tokens with a key of its own. */
export function issuer(url: string, keyId = 'key-1') {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return {
    url,
    privateKey,
    jwks: JSON.stringify({
      keys: [{ ...publicKey.export({ format: 'jwk' }), kid: keyId, use: 'sig', alg: 'RS256' }],
    }),
    token(claims: Record<string, unknown>): string {
      const now = Math.floor(Date.now() / 1000);
      const payload = { iss: url, sub: 'genesys', aud: 'data-actions', iat: now, exp: now + 300, ...claims };
      const signed = `${base64({ alg: 'RS256', typ: 'JWT', kid: keyId })}.${base64(payload)}`;
      return `${signed}.${createSign('RSA-SHA256').update(signed).sign(privateKey, 'base64url')}`;
    },
  };
}

export function hmacHex(key: string, text: string): string {
  return createHmac('sha256', key).update(text).digest('hex');
}
