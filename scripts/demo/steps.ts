/** Output of the demo: numbered steps with their time, command lines and stack events. */
import { styleText } from 'node:util';
import type { StackEvent } from '@aws-sdk/client-cloudformation';
import { type Deployment, deleteStack, deploy, deployArguments, type World } from '../../local/aws/cli.ts';
import { tailEvents } from './events.ts';

const indent = '   ';
let count = 0;

/**
 * Prints `<number>  <title>`, runs the step, and prints how long it took.
 * @throws the error of `run`, after a line that says that the step failed
 */
export async function step<Result>(title: string, run: () => Promise<Result>): Promise<Result> {
  count += 1;
  console.log(`\n${styleText('bold', `${count}  ${title}`)}`);
  const started = performance.now();
  const seconds = () => `${((performance.now() - started) / 1000).toFixed(1)} s`;
  try {
    const result = await run();
    note(`(${seconds()})`);
    return result;
  } catch (error) {
    note(`failed after ${seconds()}`);
    throw error;
  }
}

/** Prints text under the step; any other value is printed as JSON. */
export function note(text: unknown): void {
  const lines = typeof text === 'string' ? text : JSON.stringify(text, undefined, 2);
  console.log(lines.replaceAll(/^/gm, indent));
}

/** Prints a command line as a person would type it. */
export function command(...words: readonly string[]): void {
  note(styleText('cyan', `$ ${words.map(quoted).join(' ')}`));
}

/** A word as a shell takes it. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/**
 * Shows the events of the stack itself and of custom resources, and everything that fails or is retained.
 * MiniStack also sends events for AWS's own resources that did not change, so these are only counted.
 */
export class EventFilter {
  readonly #counted = new Set<string>();

  /** Whether an event is shown. */
  readonly shows = ({ ResourceType = '', ResourceStatus, LogicalResourceId = '' }: StackEvent): boolean => {
    const isShown =
      ResourceType.startsWith('Custom::') ||
      ResourceType === 'AWS::CloudFormation::Stack' ||
      /FAILED|SKIPPED/.test(ResourceStatus ?? '');
    if (!isShown) this.#counted.add(LogicalResourceId);
    return isShown;
  };

  /** One line about the resources whose events were not shown; undefined when there were none. */
  get rest(): string | undefined {
    const { size } = this.#counted;
    return size === 0 ? undefined : `… and ${size} resource${size === 1 ? '' : 's'} of AWS`;
  }
}

/** Runs `during` and shows the events that the stack has meanwhile, also when it fails. */
async function withEvents(
  world: World,
  stackName: string,
  region: string | undefined,
  during: () => Promise<unknown>,
): Promise<void> {
  const filter = new EventFilter();
  try {
    await tailEvents(world, stackName, during, { region, print: note, shows: filter.shows });
  } finally {
    if (filter.rest !== undefined) note(filter.rest);
  }
}

/** Runs `aws cloudformation deploy` and shows the command and the stack's events. */
export async function deployShown(world: World, deployment: Deployment): Promise<void> {
  const { region, stackName } = deployment;
  command('aws', ...deployArguments(deployment), ...(region === undefined ? [] : ['--region', region]));
  await withEvents(world, stackName, region, () => deploy(world, deployment));
}

/**
 * Runs `aws cloudformation delete-stack`, waits for its end, and shows the command and the stack's events.
 */
export async function deleteShown(
  world: World,
  stackName: string,
  { region }: { region?: string } = {},
): Promise<void> {
  const where = region === undefined ? [] : ['--region', region];
  command('aws', 'cloudformation', 'delete-stack', '--stack-name', stackName, ...where);
  await withEvents(world, stackName, region, () => deleteStack(world, stackName, { region }));
}
