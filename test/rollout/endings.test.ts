/** A roll-out command that fails ends with one line that says what to do, and with 2 for a caller's fault. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type MiniStack, startMiniStack } from '../../local/aws/ministack.ts';
import { endingOf } from '../../scripts/rollout/endings.ts';

const root = resolve(import.meta.dirname, '../..');
let ministack: MiniStack;
let folder: string;

beforeAll(async () => {
  ministack = await startMiniStack();
  folder = await mkdtemp(join(tmpdir(), 'endings-'));
  await writeFile(join(folder, 'misspelt.yaml'), 'stackNames: a\n');
  await writeFile(join(folder, 'no.yaml'), 'stackName: [\n');
});
afterAll(async () => {
  await ministack.stop();
  await rm(folder, { recursive: true });
});

const LOCAL = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' };

/** Runs a command against the local AWS; `{folder}` in an argument is the folder of plans. */
const run = (script: string, args: string[], environment: Record<string, string> = LOCAL) =>
  new Promise<{ code: unknown; text: string }>((done) => {
    const own = { PATH: process.env['PATH'], HOME: folder, AWS_EC2_METADATA_DISABLED: 'true' };
    execFile(
      process.execPath,
      [`scripts/${script}.ts`, ...args.map((argument) => argument.replace('{folder}', folder))],
      { cwd: root, env: { ...own, AWS_ENDPOINT_URL: ministack.url, ...environment } },
      (error, _stdout, stderr) => done({ code: error?.code ?? 0, text: stderr }),
    );
  });

const acme = ['--bucket-prefix', 'acme', '--regions', 'eu-west-1'];
const CASES: [
  what: string,
  script: string,
  args: string[],
  says: RegExp,
  ...environment: Record<string, string>[],
][] = [
  ['an unknown option', 'deploy', ['--bucketprefix', 'a'], /^Unknown option '--bucketprefix'.*--help lists/],
  [
    'a word that is no option',
    'publish',
    ['BUCKET=a'],
    /^Unexpected argument 'BUCKET='|^Unexpected argument/,
  ],
  ['a misspelt Region', 'remove', ['--regions', 'eu-west'], /^Not an AWS Region: eu-west\.$/],
  [
    'an account that is none',
    'deploy',
    [...acme, '--accounts', '12', '--role-name', 'r'],
    /^Not an AWS account/,
  ],
  [
    'a plan that is not there',
    'deploy',
    [...acme, '--plan', '{folder}/x.yaml'],
    /x\.yaml cannot be read.*ENOENT/,
  ],
  ['a misspelt field of a plan', 'deploy', [...acme, '--plan', '{folder}/misspelt.yaml'], /stackNames/],
  [
    'a plan that is no YAML',
    'deploy-stackset',
    [...acme, '--plan', '{folder}/no.yaml'],
    /^The plan|YAML|flow/i,
  ],
  ['no credentials', 'deploy', acme, /^The AWS SDK finds no credentials\. Set AWS_PROFILE/, {}],
  [
    'an AWS that is not there',
    'remove',
    ['--regions', 'eu-west-1'],
    /^AWS cannot be reached \(ECONNREFUSED\)/,
    {
      ...LOCAL,
      AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
      AWS_MAX_ATTEMPTS: '1',
    },
  ],
];

test.each(CASES)('%s: %s ends with one line', async (_what, script, args, says, ...environment) => {
  const { code, text } = await run(script, args, ...environment);
  expect(text.trim()).toMatch(says);
  expect(text.trim().split('\n')).toHaveLength(1);
  expect(code).toBe(/cannot be reached/.test(text) ? 1 : 2);
});

test('a fault of the command itself keeps its stack, and is 1', () => {
  const { line, code } = endingOf(new TypeError('x is undefined'));
  expect({ line, code }).toMatchObject({ line: expect.stringContaining('endings.test.ts'), code: 1 });
});
