/**
 * Commands that the documentation prints are commands that there are. Every block of shell is read by a shell
 * in which each command is written down instead of being run; each command is then judged by the AWS CLI, by
 * make, by the API of Genesys Cloud, or by the local AWS. Blocks that only an account can run say so in the
 * page's source: `<!-- not run: reason -->`. `node test/docs/list-commands.ts` prints the list.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { type MiniStack, startMiniStack } from '../../local/aws/ministack.ts';
import { allBlocks, allCommands, type Block, type Command, filled, nameOf, run, said } from './blocks.ts';
import { isOperation, methodAndPath, operationsOfTheApi } from './genesys-calls.ts';
import { pages, prose, readPage, root } from './markdown.ts';
import { dryRunOf, isGenesysCall, RUN_BY_A_TEST, waysOf } from './ways.ts';

/** Dry runs of some fifty deployments, on a machine that may be busy. */
jest.setTimeout(240_000);

/** Blocks that only an account, a VPC or a release can run. A new one has to be counted here. */
const MARKED_AS_NOT_RUN = 8;

let folder: string;
let blocks: Block[];
let commands: Command[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'commands-'));
  blocks = await allBlocks();
  commands = await allCommands(blocks, folder);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const of = (name: string) => commands.filter(({ words }) => words[0] === name);

test('every block is one that a shell understands', async () => {
  expect(blocks.length).toBeGreaterThan(180);
  const refused: string[] = [];
  for (const block of blocks) {
    const { code, stderr } = await run('/bin/bash', ['--norc', '-n', '-c', filled(block)]);
    if (code !== 0) refused.push(`${nameOf(block)}: ${stderr}`);
  }
  expect(refused).toEqual([]);
});

describe('every block has a way in which it is run', () => {
  test('or says in the source of its page why not', async () => {
    const ways = await waysOf(blocks, commands);
    const lacking = ways.filter(({ block, without }) => without.length > 0 && block.notRun === undefined);
    expect(lacking.flatMap(({ without }) => without.map(said))).toEqual([]);
    const marked = ways.filter(({ block }) => block.notRun !== undefined);
    expect(marked).toHaveLength(MARKED_AS_NOT_RUN);
    expect(marked.filter(({ without }) => without.length === 0).map(({ block }) => nameOf(block))).toEqual(
      [],
    );
    expect(marked.filter(({ block: { notRun = '' } }) => notRun.split(' ').length < 4)).toEqual([]);
  });

  test('a block with a program that no test knows would be seen', async () => {
    const strange: Block = { page: 'docs/glossary.md', line: 1, text: 'kubectl get pods | grep a\n' };
    const read = await allCommands([strange], folder);
    const [way] = await waysOf([strange], read);
    expect(way?.without.map(({ words }) => words[0])).toEqual(['kubectl']);
  });

  test('no mark stands away from a block', async () => {
    for (const page of await pages()) {
      const marks = prose(await readPage(page)).match(/<!-- not run/g)?.length ?? 0;
      expect([page, marks]).toEqual([
        page,
        blocks.filter((block) => block.page === page && block.notRun !== undefined).length,
      ]);
    }
  });

  test('the tests that run whole blocks read them from the page', async () => {
    for (const { page, test: file } of RUN_BY_A_TEST) {
      expect(await readFile(join(root, file), 'utf8')).toContain(`'${page}'`);
    }
  });
});

interface CliOptions {
  /** Arguments of parse_aws.py. */
  args?: string[];
  env?: NodeJS.ProcessEnv;
  cwd?: string;
}

/** The objections of the AWS CLI to commands; none where it would send them. */
async function againstAws(all: readonly Command[], { args = [], env, cwd = folder }: CliOptions = {}) {
  const { stdout, stderr, code } = await run(
    join(root, '.tools/bin/python'),
    ['-B', join(import.meta.dirname, 'parse_aws.py'), ...args],
    {
      cwd,
      input: JSON.stringify(all.map(({ words }) => words.slice(1))),
      env: {
        LANG: 'C.UTF-8',
        AWS_CONFIG_FILE: '/dev/null',
        AWS_DEFAULT_REGION: 'eu-west-1',
        AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
        ...env,
      },
    },
  );
  if (code !== 0) throw new Error(stderr);
  const answers: (string | null)[] = JSON.parse(stdout);
  return answers.flatMap((answer, at) => {
    const command = all[at];
    return answer === null || command === undefined ? [] : [`${said(command)}\n${answer}`];
  });
}

const command = (line: string): Command => ({
  block: { page: 'here', line: 1, text: '' },
  words: line.split(' '),
});

/**
 * The parsers at hand. AWS CLI 2 is on no registry of packages, so it is read by only where AWS_CLI_2 has the
 * path of its source and packages for Python.
 */
const parsers: [string, NodeJS.ProcessEnv][] = [
  ['AWS CLI 1', {}],
  ...(process.env['AWS_CLI_2'] === undefined
    ? []
    : [['AWS CLI 2', { PYTHONPATH: process.env['AWS_CLI_2'] }] as [string, NodeJS.ProcessEnv]]),
];

describe.each(parsers)('%s', (_name, env) => {
  test('takes every command that the pages print', async () => {
    expect(of('aws').length).toBeGreaterThan(150);
    expect(await againstAws(of('aws'), { env })).toEqual([]);
  });

  test('would refuse commands with a fault', async () => {
    const wrong = [
      ['aws kms describe-keys --key-id a', 'describe-keys'],
      ['aws kms describe-key --key-id a --region-name b', 'nknown options: --region-name'],
      ['aws kms describe-key', 'required: --key-id'],
      ['aws kms describe-key --key-id a --query a[b', 'Bad value for --query'],
      ['aws cloudformation deploy --stack-name a', 'required: --template-file'],
      ['aws sqs receive-message --queue-url a --max-number-of-messages x', "'x'"],
      ['aws ssm get-parameter --name', 'expected one argument'],
      ['aws sqs send-message --queue-url a --message-body file://none.json', 'none.json'],
      // AWS CLI 1 takes this payload as it is, and AWS CLI 2 as base64.
      ['aws lambda invoke --function-name a --payload {"a":1} out', 'base64'],
    ] as const;
    const answers = await againstAws(
      wrong.map(([line]) => command(line)),
      { env },
    );
    expect(answers).toEqual(wrong.map(([, reason]) => expect.stringMatching(new RegExp(reason, 'i'))));
  });
});

const operations = operationsOfTheApi();
const isKnown = (call: string) => operations.some((operation) => isOperation(call, operation));

test('every call of Genesys Cloud is one that the API has', () => {
  const calls = commands.filter(isGenesysCall).map((call) => ({ call, made: methodAndPath(call.words) }));
  expect(calls.length).toBeGreaterThan(45);
  expect(
    calls.filter(({ made }) => !isKnown(made)).map(({ call, made }) => `${said(call)}\n${made}`),
  ).toEqual([]);
});

test.each([
  [
    'another method',
    'call -X PUT $API/api/v2/integrations/actions/ACTION_ID',
    'PUT /api/v2/integrations/actions/{}',
  ],
  ['another path', 'call $API/api/v2/integration/actions', 'GET /api/v2/integration/actions'],
])('a call with %s would be seen', (_what, line, made) => {
  expect(methodAndPath(line.split(' '))).toBe(made);
  expect(isKnown(made)).toBe(false);
});

test('every make is one that make takes', async () => {
  const refused: string[] = [];
  const lines = new Map(of('make').map((one) => [one.words.join(' '), one]));
  expect(lines.size).toBeGreaterThan(8);
  for (const line of lines.values()) {
    const { code, stderr } = await run('make', ['-n', ...line.words.slice(1)]);
    if (code !== 0) refused.push(`${said(line)}\n${stderr}`);
  }
  expect(refused).toEqual([]);
});

test('every run of Jest lists tests', async () => {
  const runs = of('node').filter(({ words }) => words.some((word) => word.endsWith('/jest.js')));
  expect(runs).not.toEqual([]);
  for (const line of runs) {
    const [, ...args] = line.words;
    const { code, stdout } = await run(process.execPath, [...args, '--listTests'], {
      env: { ...process.env, NODE_OPTIONS: '--experimental-vm-modules' },
    });
    expect([code, stdout]).toEqual([0, expect.stringContaining('.test.ts')]);
  }
});

test('every script, template and other file of the repository that a command names is there', async () => {
  const { scripts, bin } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const missing = commands.filter(({ words: [name = '', ...args] }) => {
    if (name === 'npx' && !Object.keys(bin).includes(args[0] ?? '')) return true;
    if (name === 'npm' && args[0] === 'run' && !Object.keys(scripts).includes(args[1] ?? '')) return true;
    // Their arguments are paths in S3 and in Genesys Cloud, too.
    if (!['node', 'npx', 'npm', 'aws'].includes(name)) return false;
    return args.some(
      (path) => /^(?:templates|scripts|test|docs)\//.test(path) && !existsSync(join(root, path)),
    );
  });
  expect(missing.map(said)).toEqual([]);
});

describe('a dry run in the local AWS', () => {
  let world: MiniStack;
  beforeAll(async () => {
    world = await startMiniStack({ region: 'eu-west-1' });
    // The provider that the examples find by its parameter.
    const token = `arn:aws:lambda:eu-west-1:000000000000:function:genesys-cloud-provider`;
    const name = '/genesys-cloud/provider/service-token';
    await send([command(`aws ssm put-parameter --type String --name ${name} --value ${token}`)]);
  });
  afterAll(() => world.stop());

  const send = (all: readonly Command[]) => againstAws(all, { args: ['--send'], env: world.env, cwd: root });

  /** Change sets are made, so template and parameters are judged, and nothing is deployed. */
  const dryRun = (deployments: readonly Command[]) =>
    send(
      deployments.map(({ block, words }, at) => ({
        block,
        // The CLI names a change set by the second, so each deployment has a stack of its own.
        words: [
          ...words.map((word, place) => (words[place - 1] === '--stack-name' ? `${word}-${at}` : word)),
          '--no-execute-changeset',
        ],
      })),
    );

  test('takes every deployment that the pages print, but for those that need an account', async () => {
    const deployments = commands.filter((one) => dryRunOf(one) !== undefined);
    expect(deployments.length).toBeGreaterThan(30);
    expect(await dryRun(deployments)).toEqual([]);
  });

  const role =
    'aws cloudformation deploy --stack-name role --template-file templates/iam/data-action-role.yaml';
  const organization = '--parameter-overrides GenesysOrganizationId=0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d';
  test.each([
    ['a parameter that has to be there', `${role} --capabilities CAPABILITY_IAM`, 'GenesysOrganizationId'],
    ['the capability', `${role} ${organization}`, 'CAPABILITY_IAM'],
  ])('would refuse a deployment without %s', async (_what, line, reason) => {
    expect(await dryRun([command(line)])).toEqual([expect.stringContaining(reason)]);
  });
});
