/** The real `aws` CLI against the local AWS. */
import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import type { MiniStack } from './ministack.ts';

const awsCommand = join(resolve(import.meta.dirname, '../..'), '.tools/bin/aws');

/** The part of the local AWS that a command needs. */
export type World = Pick<MiniStack, 'env'>;

export interface RegionOption {
  /** Default: the world's region. */
  region?: string | undefined;
}

/** The CLI ended with another code than 0. */
export class AwsCliError extends Error {
  /** The error code of AWS, which the CLI prints in brackets. */
  readonly code: string | undefined;
  readonly exitCode: number | string | null;
  readonly stdout: string;
  readonly stderr: string;

  constructor(args: readonly string[], exitCode: number | string | null, stdout: string, stderr: string) {
    super(`aws ${args.join(' ')}: exit ${exitCode}\n${(stderr.trim() || stdout.trim()).slice(0, 4000)}`);
    this.name = 'AwsCliError';
    this.code = /An error occurred \(([^)]+)\)/.exec(stderr)?.[1];
    this.exitCode = exitCode;
    this.stdout = stdout;
    this.stderr = stderr;
  }
}

/**
 * Runs the CLI. Resolves to its output: parsed if it is JSON, else as text.
 * @throws AwsCliError
 */
export function aws<Output = unknown>(
  world: World,
  args: readonly string[],
  options: RegionOption & { timeoutMs?: number } = {},
): Promise<Output> {
  return new Promise((done, fail) => {
    execFile(
      awsCommand,
      args,
      {
        env: regional(world, options.region),
        maxBuffer: 64 * 1024 * 1024,
        timeout: options.timeoutMs ?? 120_000,
        killSignal: 'SIGKILL',
      },
      (error, stdout, stderr) => {
        if (error !== null) {
          const exit = error.killed === true ? 'time-out' : (error.code ?? null);
          fail(new AwsCliError(args, exit, stdout, stderr));
        } else done(parsed(stdout) as Output);
      },
    );
  });
}

function regional(world: World, region: string | undefined): Record<string, string> {
  return region === undefined ? world.env : { ...world.env, AWS_REGION: region, AWS_DEFAULT_REGION: region };
}

function parsed(stdout: string): unknown {
  const text = stdout.trim();
  if (!/^[[{"]/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

export interface Deployment extends RegionOption {
  stackName: string;
  /** Path of the template. */
  templateFile: string;
  parameters?: Record<string, string>;
  /** Default: CAPABILITY_NAMED_IAM, which every template that makes a role needs. */
  capabilities?: readonly string[];
  tags?: Record<string, string>;
  /** Leaves a failed stack as it is. */
  disableRollback?: boolean;
  /** Bucket for templates over 51,200 bytes. */
  s3Bucket?: string;
}

/** The arguments of `aws` for a deployment, as a person would type them. */
export function deployArguments(deployment: Deployment): string[] {
  const pairs = (map: Record<string, string>) => Object.entries(map).map(([key, value]) => `${key}=${value}`);
  const { parameters = {}, capabilities = ['CAPABILITY_NAMED_IAM'], tags = {} } = deployment;
  return [
    'cloudformation',
    'deploy',
    '--stack-name',
    deployment.stackName,
    '--template-file',
    deployment.templateFile,
    ...(deployment.s3Bucket === undefined ? [] : ['--s3-bucket', deployment.s3Bucket]),
    ...(capabilities.length > 0 ? ['--capabilities', ...capabilities] : []),
    ...(deployment.disableRollback === true ? ['--disable-rollback'] : []),
    '--no-fail-on-empty-changeset',
    ...(Object.keys(parameters).length > 0 ? ['--parameter-overrides', ...pairs(parameters)] : []),
    ...(Object.keys(tags).length > 0 ? ['--tags', ...pairs(tags)] : []),
  ];
}

/**
 * Runs `aws cloudformation deploy` until the stack has settled.
 * @throws AwsCliError when the stack did not reach CREATE_COMPLETE or UPDATE_COMPLETE
 */
export async function deploy(world: World, deployment: Deployment): Promise<string> {
  for (;;) {
    try {
      return String(await aws(world, deployArguments(deployment), { region: deployment.region }));
    } catch (error) {
      // The CLI puts the second of the day into the name of its change set, so two deployments in one second
      // clash.
      if (!(error instanceof AwsCliError && error.code === 'AlreadyExistsException')) throw error;
      await new Promise((resolve) => setTimeout(resolve, 1_000));
    }
  }
}

export interface StackEvent {
  EventId: string;
  StackId: string;
  StackName: string;
  LogicalResourceId: string;
  PhysicalResourceId?: string;
  ResourceType: string;
  ResourceStatus: string;
  ResourceStatusReason?: string;
  Timestamp: string;
}

/** The events of a stack, oldest first. A deleted stack is found by its id. */
export async function stackEvents(
  world: World,
  stackName: string,
  options: RegionOption = {},
): Promise<StackEvent[]> {
  const { StackEvents } = await aws<{ StackEvents: StackEvent[] }>(
    world,
    ['cloudformation', 'describe-stack-events', '--stack-name', stackName, '--output', 'json'],
    options,
  );
  return StackEvents.reverse();
}

export interface Stack {
  StackId: string;
  StackName: string;
  StackStatus: string;
  StackStatusReason?: string;
  Outputs?: { OutputKey: string; OutputValue: string; ExportName?: string }[];
  Parameters?: { ParameterKey: string; ParameterValue: string }[];
}

/** @throws AwsCliError when there is no such stack */
export async function describeStack(
  world: World,
  stackName: string,
  options: RegionOption = {},
): Promise<Stack> {
  const { Stacks } = await aws<{ Stacks: Stack[] }>(
    world,
    ['cloudformation', 'describe-stacks', '--stack-name', stackName, '--output', 'json'],
    options,
  );
  const [stack] = Stacks;
  if (stack === undefined) throw new Error(`No stack in the answer for ${stackName}`);
  return stack;
}

/** The outputs of a stack by key. */
export async function outputs(
  world: World,
  stackName: string,
  options: RegionOption = {},
): Promise<Record<string, string>> {
  const stack = await describeStack(world, stackName, options);
  return Object.fromEntries((stack.Outputs ?? []).map((output) => [output.OutputKey, output.OutputValue]));
}

/**
 * Deletes a stack and waits for the end.
 * @throws AwsCliError when it could not be deleted (DELETE_FAILED)
 */
export async function deleteStack(
  world: World,
  stackName: string,
  options: RegionOption = {},
): Promise<void> {
  // By the id: a waiter takes "does not exist" for a name as a deletion, even if the name was wrong.
  const { StackId } = await describeStack(world, stackName, options);
  await aws(world, ['cloudformation', 'delete-stack', '--stack-name', StackId], options);
  await aws(world, ['cloudformation', 'wait', 'stack-delete-complete', '--stack-name', StackId], options);
}
