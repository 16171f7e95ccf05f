/** How the tests run each block of commands that the pages print. */
import { needsAccount } from '../templates/not-emulated.ts';
import type { Block, Command } from './blocks.ts';
import { readPage, section } from './markdown.ts';

interface RunByATest {
  page: string;
  /** Without it, the blocks of one line that call the package's command. */
  heading?: string;
  test: string;
  how: string;
}

/** Blocks that a test runs as a reader does, and that test. */
export const RUN_BY_A_TEST: readonly RunByATest[] = [
  {
    page: 'README.md',
    heading: '## Deploy it',
    test: 'test/docs/way-through.test.ts',
    how: 'the local world',
  },
  {
    page: 'README.md',
    heading: '## Write a template, and check it',
    test: 'test/docs/way-through.test.ts',
    how: 'the local world',
  },
  {
    page: 'docs/operations.md',
    heading: '### One provider',
    test: 'test/docs/way-through.test.ts',
    how: 'the local world',
  },
  {
    page: 'docs/troubleshooting.md',
    heading: '## Where the messages are',
    test: 'test/docs/last-failures.test.ts',
    how: 'the local AWS',
  },
  { page: 'docs/doctor.md', test: 'test/cli/doctor/beforehand.test.ts', how: 'the local world' },
  { page: 'docs/getting-started.md', test: 'test/cli/doctor/beforehand.test.ts', how: 'the local world' },
  {
    page: 'docs/export.md',
    heading: '## A worked example',
    test: 'test/e2e/export.test.ts',
    how: 'the local world',
  },
  { page: 'docs/validate.md', test: 'test/cli/docs.test.ts', how: 'this checkout, with its output' },
  { page: 'docs/plan.md', test: 'test/cli/plan/docs.test.ts', how: 'the local world, with its output' },
];

/** Programs that the shell only reads: they pick from the output of other commands, or need nothing else. */
const LOCAL_PROGRAMS = [
  ...['awk', 'cut', 'date', 'diff', 'find', 'grep', 'head', 'jq', 'python3', 'sed', 'seq', 'sha256sum'],
  ...['sleep', 'sort', 'tail', 'uniq', 'xargs'],
];

/** Whether the command calls Genesys Cloud's API or login; docs/assumptions.md defines `call` as a curl. */
export const isGenesysCall = ({ words }: Command) =>
  ['call', 'curl'].includes(words[0] ?? '') && words.some((word) => /\/api\/v2\/|\/oauth\/token$/.test(word));

/** The template of a deployment that the local AWS can take in a dry run; undefined for any other command. */
export function dryRunOf({ block: { page }, words }: Command): string | undefined {
  // Their templates are made on the way.
  if (
    ['README.md', 'docs/export.md'].includes(page) ||
    words.slice(0, 3).join(' ') !== 'aws cloudformation deploy'
  )
    return undefined;
  const file = words[words.indexOf('--template-file') + 1]?.replace(/^templates\//, '');
  return file === undefined || needsAccount(file) ? undefined : file;
}

export const isLocalProgram = ({ words: [name = '', ...rest] }: Command) =>
  LOCAL_PROGRAMS.includes(name) || (name === 'openssl' && ['dgst', 'x509'].includes(rest[0] ?? ''));

/** The way of one command; undefined where there is none. */
export function wayOf(command: Command): string | undefined {
  const [name = ''] = command.words;
  if (dryRunOf(command) !== undefined)
    return 'dry run in the local AWS: the change set is created, not executed';
  if (name === 'aws') return 'read by the AWS CLI and its service models, up to the request';
  if (name === 'make') return '`make -n`; options of the roll-out by `--help`';
  if (name === 'node') return 'run with `--listTests`';
  if (isGenesysCall(command)) return 'method and path found in the API of Genesys Cloud';
  if (isLocalProgram(command)) return 'read by bash';
  return undefined;
}

export interface Way {
  block: Block;
  how: string[];
  /** Commands without a way. */
  without: Command[];
}

/** How every block is run. */
export async function waysOf(blocks: readonly Block[], commands: readonly Command[]): Promise<Way[]> {
  return Promise.all(
    blocks.map(async (block): Promise<Way> => {
      const [whole] = await runByATest(block);
      if (whole !== undefined) return { block, how: [`run in ${whole.how} (${whole.test})`], without: [] };
      const own = commands.filter((command) => command.block === block);
      const without = own.filter((command) => wayOf(command) === undefined);
      const ways = new Set(own.flatMap((command) => wayOf(command) ?? []));
      if (block.notRun !== undefined) ways.add(`not run: ${block.notRun}`);
      return { block, how: ways.size === 0 ? ['read by bash'] : [...ways], without };
    }),
  );
}

async function runByATest(block: Block) {
  const text = await readPage(block.page);
  return RUN_BY_A_TEST.filter(
    ({ page, heading }) =>
      page === block.page &&
      (heading === undefined
        ? /^npx genesys-cloud-cfn [^\n]*\n$/.test(block.text)
        : section(text, heading).includes(block.text)),
  );
}
