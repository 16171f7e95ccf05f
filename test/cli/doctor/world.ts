/**
 * The world of `doctor`: the provider, a recording key, the quickstart and an endpoint, deployed into the
 * local AWS from the shipped packages, and the person who looks at them.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStacksCommand,
  type Stack,
} from '@aws-sdk/client-cloudformation';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { run } from '../../../cli/main.ts';
import type { MiniStack, MiniStackOptions } from '../../../local/aws/ministack.ts';
import { cloudFormation } from '../../../local/aws/stacks.ts';
import type { GenesysCloudOptions, GenesysCloudServer } from '../../../local/genesys-cloud/index.ts';
import {
  type LocalWorld,
  type Prepared,
  providerParameters,
  root,
  startLocalWorld,
} from '../../../local/world.ts';
import { type Recorder, record } from './recorder.ts';

export const PROVIDER = 'genesys-cloud-provider';
export const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };

export interface Ended {
  code: number;
  out: string;
  problems: string;
}

export interface ShownFinding {
  id: string;
  title: string;
  state: string;
  detail?: string;
  fix?: string;
  because?: string;
}

export class DoctorWorld {
  readonly local: LocalWorld;
  readonly prepared: Prepared;
  /** In front of the local AWS: the person's calls. */
  readonly recorder: Recorder;
  /** Keys of the person; the root of the account by default. */
  person = credentials;
  /** Outputs of stacks by name. */
  readonly outputs: Record<string, Record<string, string>> = {};

  static async start(
    options: { ministack?: MiniStackOptions; genesys?: GenesysCloudOptions } = {},
  ): Promise<DoctorWorld> {
    const local = await startLocalWorld(options);
    const prepared = await local.prepare();
    return new DoctorWorld(local, prepared, await record(local.ministack.url));
  }

  private constructor(local: LocalWorld, prepared: Prepared, recorder: Recorder) {
    this.local = local;
    this.prepared = prepared;
    this.recorder = recorder;
  }

  get ministack(): MiniStack {
    return this.local.ministack;
  }

  get genesys(): GenesysCloudServer {
    return this.local.genesys;
  }

  /** Options of an SDK client of the administrator, who breaks and mends. */
  get administrator() {
    return { endpoint: this.ministack.url, region: this.ministack.region, credentials };
  }

  /** @param change changes the text of the template */
  async deployProvider(
    parameters: Record<string, string> = {},
    stackName = PROVIDER,
    change = (template: string) => template,
  ): Promise<Stack> {
    const all = { ...providerParameters(this.genesys, this.prepared), ...parameters };
    return this.deploy(stackName, 'provider', all, change);
  }

  async upload(name: string): Promise<void> {
    await new S3Client({ ...this.administrator, forcePathStyle: true }).send(
      new PutObjectCommand({
        Bucket: this.prepared.bucket,
        Key: name,
        Body: await readFile(join(root, 'dist', name)),
      }),
    );
  }

  /** Deploys a template of the package, or another one; resolves when the stack has settled. */
  async deploy(
    stackName: string,
    template: string | object,
    parameters: Record<string, string> = {},
    change = (text: string) => text,
  ): Promise<Stack> {
    const client = cloudFormation(this.ministack);
    const TemplateBody =
      typeof template === 'string'
        ? change(await readFile(join(root, 'templates', `${template}.yaml`), 'utf8'))
        : JSON.stringify(template);
    await client.send(
      new CreateStackCommand({
        StackName: stackName,
        TemplateBody,
        Parameters: Object.entries(parameters).map(([ParameterKey, ParameterValue]) => ({
          ParameterKey,
          ParameterValue,
        })),
        Capabilities: ['CAPABILITY_NAMED_IAM'],
      }),
    );
    return this.settled(stackName);
  }

  async remove(stackName: string): Promise<void> {
    await cloudFormation(this.ministack).send(new DeleteStackCommand({ StackName: stackName }));
    await this.settled(stackName).catch(() => undefined);
  }

  async settled(stackName: string): Promise<Stack> {
    for (;;) {
      const { Stacks } = await cloudFormation(this.ministack).send(
        new DescribeStacksCommand({ StackName: stackName }),
      );
      const [stack] = Stacks ?? [];
      if (stack === undefined) throw new Error(`no stack ${stackName}`);
      if (!stack.StackStatus?.endsWith('_IN_PROGRESS')) {
        this.outputs[stackName] = Object.fromEntries(
          (stack.Outputs ?? []).map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]),
        );
        return stack;
      }
      await new Promise((done) => setTimeout(done, 50));
    }
  }

  /** Runs the command as the person would. */
  async doctor(...args: string[]): Promise<Ended> {
    Object.assign(process.env, {
      AWS_ENDPOINT_URL: this.recorder.url,
      AWS_REGION: this.ministack.region,
      AWS_ACCESS_KEY_ID: this.person.accessKeyId,
      AWS_SECRET_ACCESS_KEY: this.person.secretAccessKey,
    });
    const texts = { out: '', problems: '' };
    const into = (name: keyof typeof texts) => ({
      write: (text: string) => {
        texts[name] += text;
      },
    });
    const code = await run(['doctor', ...args], { out: into('out'), problems: into('problems') });
    return { code, ...texts };
  }

  /** The findings as JSON has them, with the exit code. */
  async findings(...args: string[]): Promise<{ code: number; findings: ShownFinding[] }> {
    const { code, out, problems } = await this.doctor('--format', 'json', ...args);
    if (problems !== '') throw new Error(problems);
    return { code, ...(JSON.parse(out) as { findings: ShownFinding[] }) };
  }

  async stop(): Promise<void> {
    await this.recorder.stop();
    await this.local.stop();
  }
}

/** Deploys everything that the checks look at. */
export async function healthyWorld(): Promise<DoctorWorld> {
  const world = await DoctorWorld.start();
  try {
    await world.upload('endpoint.zip');
    await world.deployProvider();
    await world.deploy('recording-key', 'kms/recording-key', {
      GenesysOrganizationIds: world.genesys.organizationId,
      KeyAdministratorArns: 'arn:aws:iam::000000000000:role/KeyAdministrators',
    });
    await world.deploy('quickstart', 'examples/quickstart', {
      GenesysOrganizationId: world.genesys.organizationId,
      RecordingKeyAliasArn: world.outputs['recording-key']?.['KeyAliasArn'] ?? '',
    });
    await world.deploy('endpoint', 'endpoint', {
      CodeS3Bucket: world.prepared.bucket,
      CodeS3Key: 'endpoint.zip',
      FunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:orders',
    });
    return world;
  } catch (error) {
    await world.stop();
    throw error;
  }
}
