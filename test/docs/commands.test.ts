/**
 * Commands that the documentation prints are commands that there are. Every block of shell is read by a shell
 * in which each command is written down instead of being run; those of the AWS CLI are then judged by the AWS
 * CLI itself, those of this repository by make and by the files. The way through README.md is really gone, in
 * the local world.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { startMiniStack } from '../../local/aws/ministack.ts';
import { startGenesysCloud } from '../../local/genesys-cloud/index.ts';
import { oauthSecret } from '../../local/world.ts';
import { packageAll } from '../../scripts/build/package.ts';
import { pages, readPage, root } from './markdown.ts';

/** The way through README.md makes some thirty calls of the AWS CLI, on a machine that may be busy. */
jest.setTimeout(240_000);

/** Commands that only the shell reads, and why. */
const ELSEWHERE: Record<string, string> = {
  call: 'curl with a token of Genesys Cloud, a function that docs/assumptions.md defines',
  curl: 'asks Genesys Cloud, or an endpoint in an account',
  cut: 'takes a column of what openssl said',
  date: 'says the time',
  diff: 'compares two answers of AWS',
  dig: 'asks the name servers of a network in an account',
  gh: 'asks GitHub about a release',
  grep: 'picks from what Terraform answered',
  jq: 'picks from what Genesys Cloud answered',
  openssl: 'asks a server in an account, or computes what test/endpoint shows',
  python3: 'picks from what AWS answered',
  sha256sum: 'reads files of a release, or of the reader',
  terraform: 'has a state of the reader’s',
};

/** Pages whose blocks loop until Genesys Cloud answers: their syntax is checked. */
const ANSWERED_BY_GENESYS_CLOUD = ['docs/assumptions.md'];

interface Block {
  page: string;
  /** Line of its first command. */
  line: number;
  text: string;
}

/** Blocks of shell, with a word of no meaning for each `<placeholder>`. */
async function blocksOf(page: string): Promise<Block[]> {
  const text = await readPage(page);
  return [...text.matchAll(/^( *)```(?:sh|bash|console)\n(.*?)^ *```$/gms)].map((match) => ({
    page,
    line: text.slice(0, match.index).split('\n').length + 1,
    text: (match[2] ?? '').replaceAll(new RegExp(`^${match[1]}`, 'gm'), ''),
  }));
}

const printed = (await pages()).filter(
  (page) => !page.startsWith('.') && page !== 'local/genesys-cloud/README.md',
);
const blocks = (await Promise.all(printed.map(blocksOf))).flat();
const filled = ({ text }: Block) => text.replaceAll(/<[A-Za-z][^<>\n]*>/g, 'placeholder');
const nameOf = ({ page, line }: Block) => `${page}:${line}`;

interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

/** A program, run to its end. */
function run(
  command: string,
  args: readonly string[],
  { input = '', ...options }: { cwd?: string; env?: NodeJS.ProcessEnv; input?: string } = {},
): Promise<Ended> {
  return new Promise((done) => {
    const child = execFile(
      command,
      args,
      { cwd: root, timeout: 55_000, maxBuffer: 16 * 1024 * 1024, ...options },
      (error, stdout, stderr) => done({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr }),
    );
    // A program may end without having read it.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
  });
}

/** A command as the shell hands it on, after quotes and variables. */
interface Command {
  block: string;
  words: string[];
}

/**
 * Every command of a page's blocks, which share their variables as in one session. Nothing is run but what
 * bash does itself: no command is on the PATH, and for what is not found bash asks us. Those of AWS answer
 * with an ARN. A loop over what `find` finds goes round once. The ends of a pipeline write at the same time,
 * and bash writes line by line: each process has a file of its own.
 */
async function commandsOf(page: string, folder: string): Promise<Command[]> {
  const records = await mkdtemp(join(folder, 'commands-'));
  const script = [
    `command_not_found_handle() { printf '%s\\0' "$block" "$@" $'\\n' >> '${records}'/$BASHPID; case "$1" in aws) echo arn:aws:iam::111122223333:role/value;; find) echo templates/provider.yaml;; esac; }`,
    'PATH=/nowhere',
    ...blocks
      .filter((block) => block.page === page)
      .map((block) => `block='${nameOf(block)}'\n${filled(block)}`),
  ].join('\n');
  const { stderr } = await run('/bin/bash', ['--norc', '-c', script], {
    cwd: folder,
    env: { LANG: 'C.UTF-8' },
  });
  if (/syntax error|unexpected/.test(stderr)) throw new Error(`${page}: ${stderr}`);
  const written = await Promise.all(
    (await readdir(records)).map((process) => readFile(join(records, process), 'utf8')),
  );
  return written
    .flatMap((text) => text.split('\n\0').slice(0, -1))
    .map((line) => line.split('\0').slice(0, -1))
    .map(([block = '', ...words]) => ({ block, words }));
}

let folder: string;
let commands: Command[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'commands-'));
  // The things that a reader has beside the checkout.
  for (const name of ['credentials', 'credential', 'client', 'fields', 'action'])
    await writeFile(join(folder, `${name}.json`), '{}');
  commands = [];
  for (const page of new Set(blocks.map(({ page }) => page))) {
    if (!ANSWERED_BY_GENESYS_CLOUD.includes(page)) commands.push(...(await commandsOf(page, folder)));
  }
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const of = (name: string) => commands.filter(({ words }) => words[0] === name);
const said = ({ block, words }: Command) => `${block}: ${words.join(' ')}`;

test('every block is one that a shell understands', async () => {
  expect(blocks.length).toBeGreaterThan(80);
  const refused: string[] = [];
  for (const block of blocks) {
    const { code, stderr } = await run('/bin/bash', ['--norc', '-n', '-c', filled(block)]);
    if (code !== 0) refused.push(`${nameOf(block)}: ${stderr}`);
  }
  expect(refused).toEqual([]);
});

test('every command is judged, or its name is among those that say why not', () => {
  const judged = ['aws', 'make', 'node', 'npm', 'npx'];
  const names = new Set(commands.map(({ words: [name = ''] }) => name));
  expect([...names].filter((name) => !judged.includes(name) && !(name in ELSEWHERE))).toEqual([]);
  const used = commands.map(({ words }) => words.join(' '));
  const unused = Object.keys(ELSEWHERE).filter(
    (name) => !used.some((line) => `${line} `.startsWith(`${name} `)),
  );
  expect(unused).toEqual([]);
});

/** The objections of the AWS CLI to commands; none where it would send them. */
async function againstAws(all: readonly Command[]): Promise<string[]> {
  const input = JSON.stringify(all.map(({ words }) => forCli1(words.slice(1))));
  const { stdout, stderr, code } = await run(
    join(root, '.tools/bin/python'),
    ['-B', join(import.meta.dirname, 'parse_aws.py')],
    {
      cwd: folder,
      input,
      env: { LANG: 'C.UTF-8', AWS_CONFIG_FILE: '/dev/null', AWS_DEFAULT_REGION: 'eu-west-1' },
    },
  );
  if (code !== 0) throw new Error(stderr);
  const answers: (string | null)[] = JSON.parse(stdout);
  return answers.flatMap((answer, at) => {
    const command = all[at];
    return answer === null || command === undefined ? [] : [`${said(command)}\n${answer}`];
  });
}

/** AWS CLI 1 takes payloads as they are, and does not know the option that makes CLI 2 do so. */
const forCli1 = (words: readonly string[]) => {
  const at = words.indexOf('--cli-binary-format');
  return at < 0 ? words : words.toSpliced(at, 2);
};

test('every command of the AWS CLI is one that the AWS CLI takes', async () => {
  const judged = of('aws').filter(({ words }) => !(words.slice(0, 3).join(' ') in ELSEWHERE));
  expect(judged.length).toBeGreaterThan(60);
  expect(await againstAws(judged)).toEqual([]);
});

test('a command that the AWS CLI does not take would be seen', async () => {
  const wrong = [
    ['aws kms describe-keys --key-id a', "'describe-keys'"],
    ['aws kms describe-key --key-id a --region-name b', 'Unknown options: --region-name'],
    ['aws kms describe-key', 'required: --key-id'],
    ['aws kms describe-key --key-id a --query a[b', 'Bad value for --query'],
    ['aws cloudformation deploy --stack-name a', 'required: --template-file'],
    ['aws sqs receive-message --queue-url a --max-number-of-messages x', "'x'"],
    ['aws ssm get-parameter --name', 'expected one argument'],
    ['aws sqs send-message --queue-url a --message-body file://none.json', 'none.json'],
  ] as const;
  const answers = await againstAws(wrong.map(([line]) => ({ block: 'here', words: line.split(' ') })));
  expect(answers).toEqual(wrong.map(([, reason]) => expect.stringContaining(reason)));
});

test('every make is one that make takes', async () => {
  const refused: string[] = [];
  const lines = new Map(of('make').map((command) => [command.words.join(' '), command]));
  expect(lines.size).toBeGreaterThan(8);
  for (const command of lines.values()) {
    const { code, stderr } = await run('make', ['-n', ...command.words.slice(1)]);
    if (code !== 0) refused.push(`${said(command)}\n${stderr}`);
  }
  expect(refused).toEqual([]);
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

describe('the way through README.md', () => {
  test('leads from an empty account to a first stack and back, command by command', async () => {
    const account = join(folder, 'account');
    await mkdir(account);
    if (!existsSync(join(root, 'dist/provider.zip'))) await packageAll();
    // npx finds the command of a checkout by its package.json.
    for (const name of ['templates', 'dist', 'package.json'])
      await symlink(join(root, name), join(account, name));
    const world = await startMiniStack({ region: 'eu-west-1' });
    const genesys = await startGenesysCloud({ awsEndpointUrl: world.url, awsRegion: 'eu-west-1' });
    try {
      await writeFile(join(account, 'credentials.json'), oauthSecret(genesys));
      const output = (stack: string, key: string) =>
        `$(aws cloudformation describe-stacks --stack-name ${stack} --output text --query "Stacks[0].Outputs[?OutputKey=='${key}'].OutputValue")`;
      const answers: Record<string, string> = {
        // The local Genesys Cloud is not where the region says.
        '<the ARN of step 2>': `$(cat arn) GenesysApiBaseUrl=${genesys.url} GenesysLoginBaseUrl=${genesys.url}`,
        '<organization id>': genesys.organizationId,
        '<LogGroupName>': output('genesys-cloud-provider', 'LogGroupName'),
        '<correlation id>': 'abc',
      };
      const steps = (await blocksOf('README.md')).filter(({ text }) => !text.startsWith('make demo'));
      const [remove, forget] = steps.splice(-2);
      const fill = (text: string) => text.replaceAll(/<[A-Za-z][^<>\n]*>/g, (what) => answers[what] ?? what);
      const session = (all: readonly string[]) =>
        run(
          '/bin/bash',
          ['--norc', '-e', '-o', 'pipefail', '-c', ['make() { test "$*" = package; }', ...all].join('\n')],
          {
            cwd: account,
            env: world.env,
          },
        );
      // The fourth step needs the output of the second.
      const up = await session(
        steps.map(({ text }) => (text.includes('create-secret') ? `{ ${fill(text)} } > arn` : fill(text))),
      );
      expect(up).toMatchObject({ code: 0 });
      expect(up.stdout).toContain('"OutputKey": "DataActionId"');
      const names = () =>
        genesys
          .state()
          .organizations.flatMap(({ integrations }) => integrations.map(({ config }) => config.name));
      expect(names()).toHaveLength(1);
      const down = await session([remove?.text ?? '']);
      expect(down).toMatchObject({ code: 0 });
      expect(names()).toEqual([]);
      const ledger = 'aws dynamodb describe-table --table-name genesys-cloud-ledger';
      expect(await session([ledger])).toMatchObject({ code: 0 });
      expect(await session([forget?.text ?? ''])).toMatchObject({ code: 0 });
      expect((await session([ledger])).stderr).toContain('ResourceNotFoundException');
    } finally {
      await genesys.close();
      await world.stop();
    }
  });
});
