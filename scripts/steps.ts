/** Output of the demo: numbered steps with their time, command lines and stack events. */
import { styleText } from 'node:util';
import { type Deployment, deleteStack, deploy, deployArguments, type World } from '../local/aws/cli.ts';
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

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

const printEvent = (line: string) => note(line);

/** Runs `aws cloudformation deploy` and shows the command and the stack's events. */
export async function deployShown(world: World, deployment: Deployment): Promise<void> {
  const { region, stackName } = deployment;
  command('aws', ...deployArguments(deployment), ...(region === undefined ? [] : ['--region', region]));
  await tailEvents(world, stackName, () => deploy(world, deployment), { region, print: printEvent });
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
  await tailEvents(world, stackName, () => deleteStack(world, stackName, { region }), {
    region,
    print: printEvent,
  });
}
