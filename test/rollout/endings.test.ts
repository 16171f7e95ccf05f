/** A roll-out command that fails ends with one line that says what to do, and with 2 for a caller's fault. */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { jest } from '@jest/globals';
import { endingOf } from '../../cli/connection/endings.ts';
import { aws } from '../../local/aws/cli.ts';
import { type MiniStack, startMiniStack } from '../../local/aws/ministack.ts';

/** Each start of a command takes a second of processor time, on a machine that may be busy. */
jest.setTimeout(60_000);

const root = resolve(import.meta.dirname, '../..');
const REGION = 'eu-west-1';
const TABLE = `arn:aws:dynamodb:${REGION}:000000000000:table/shared`;
let ministack: MiniStack;
let folder: string;
/** Answers every request of STS with an error of this code. */
let refusing: Server;

beforeAll(async () => {
  ministack = await startMiniStack({ region: REGION });
  folder = await mkdtemp(join(tmpdir(), 'endings-'));
  const plans = {
    misspelt: 'stackNames: a',
    no: 'stackName: [',
    parameter: 'parameters: { OAuthSecretArns: a }',
    shared: `ledger: { tableArn: '${TABLE}' }`,
    number: 'overrides: [{ accounts: [111122223333] }]',
    units: 'stackSet: { permissionModel: SERVICE_MANAGED }',
  };
  for (const [name, text] of Object.entries(plans))
    await writeFile(join(folder, `${name}.yaml`), `${text}\n`);
  await writeFile(join(folder, 'action.json'), '{"version": 1}');
  await mkdir(join(folder, 'empty'));
  await mkdir(join(folder, 'undone'));
  await writeFile(join(folder, 'undone/package.json'), '{"version": "0.0.1"}');
  // A release whose template of the buckets is longer than CloudFormation takes.
  for (const name of ['package.json', 'templates', 'dist/provider.zip', 'dist/endpoint.zip'])
    await cp(join(root, name), join(folder, 'long', name), { recursive: true });
  const long = join(folder, 'long/templates/stacksets/artifact-bucket.yaml');
  await writeFile(long, `${await readFile(long, 'utf8')}${'# long\n'.repeat(8_000)}`);

  const s3 = (...args: string[]) => aws(ministack, ['s3api', ...args], { region: REGION });
  const inEurope = ['--create-bucket-configuration', `LocationConstraint=${REGION}`];
  await s3('create-bucket', '--bucket', `acme-${REGION}`, ...inEurope);
  await s3('create-bucket', '--bucket', 'elsewhere-us-east-1', ...inEurope);
  await run('publish', ['--bucket-prefix', 'acme', '--regions', REGION]);

  refusing = createServer(({ url = '' }, response) => {
    const error = `<Error><Type>Sender</Type><Code>${url.slice(1).split('/')[0]}</Code><Message>no</Message></Error>`;
    response.writeHead(403, { 'content-type': 'text/xml' });
    response.end(`<ErrorResponse>${error}<RequestId>1</RequestId></ErrorResponse>`);
  });
  await new Promise<void>((done) => {
    refusing.listen(0, '127.0.0.1', done);
  });
}, 120_000);
afterAll(async () => {
  refusing.close();
  await ministack.stop();
  await rm(folder, { recursive: true });
});

const LOCAL = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' };

interface Ended {
  code: unknown;
  errors: string;
  output: string;
}

/** Runs a command against the local AWS; `{folder}` in an argument is the folder of plans. */
const run = (script: string, args: string[], environment: Record<string, string> = LOCAL) =>
  new Promise<Ended>((done) => {
    const own = { PATH: process.env['PATH'], HOME: folder, AWS_EC2_METADATA_DISABLED: 'true' };
    execFile(
      process.execPath,
      [
        `scripts/rollout/commands/${script}.ts`,
        ...args.map((argument) => argument.replace('{folder}', folder)),
      ],
      { cwd: root, env: { ...own, AWS_ENDPOINT_URL: ministack.url, ...environment } },
      (error, output, errors) => done({ code: error?.code ?? 0, errors, output }),
    );
  });

const at = (prefix: string, region = REGION) => ['--bucket-prefix', prefix, '--regions', region];
const acme = at('acme');
const move = ['--region', REGION, '--ledger', TABLE];

type Case = [what: string, script: string, args: string[], says: RegExp];

const ARGUMENTS: Case[] = [
  ['an unknown option', 'deploy', ['--bucketprefix', 'a'], /^Unknown option '--bucketprefix'.*--help lists/],
  ['a word that is no option', 'publish', ['BUCKET=a'], /^Unexpected argument 'BUCKET=a'.*--help lists/],
  ['an option without its value', 'remove', ['--regions'], /^Option '--regions <value>'.*--help lists/],
  ...['publish', 'deploy', 'deploy-stackset'].map(
    (script): Case => [
      'no bucket',
      script,
      ['--regions', REGION],
      /^BUCKET_PREFIX \(--bucket-prefix\) is missing\. --help lists/,
    ],
  ),
  ['no Region', 'remove', [], /^REGIONS \(--regions\) is missing\. --help/],
  ['no Region', 'move-ledger', [], /^REGION \(--region\) is missing\. --help/],
  ['a list without a Region', 'remove', ['--regions', ','], /^No Region is named\.$/],
  ['a misspelt Region', 'remove', ['--regions', 'eu-west'], /^Not an AWS Region: eu-west\.$/],
  ['several Regions', 'move-ledger', ['--region', 'eu-west-1,eu-west-2'], /name one Region/],
  [
    'an account that is none',
    'deploy',
    [...acme, '--accounts', '12', '--role-name', 'r'],
    /^Not an AWS account id \(12 digits\): 12\.$/,
  ],
  ['a list without an account', 'deploy', [...acme, '--accounts', ',', '--role-name', 'r'], /^No account/],
  [
    'accounts without a role',
    'deploy',
    [...acme, '--accounts', '111122223333'],
    /^--accounts needs --role-name/,
  ],
  [
    'a number that is none',
    'publish',
    [...acme, '--parallel', 'many'],
    /^--parallel is a whole number from 1/,
  ],
  ['a parameter that is none', 'deploy', [...acme, '--parameter', 'a'], /^Not Name=value/],
  [
    'a ledger that is none',
    'move-ledger',
    ['--region', REGION, '--ledger', 'a'],
    /^a is not the ARN of a Dyn/,
  ],
  [
    'readers of no new bucket',
    'publish',
    [...acme, '--reader-accounts', '111122223333'],
    /needs --create-buckets/,
  ],
  ['a move and its opposite', 'move-ledger', [...move, '--go', '--undo'], /^Either --go or --undo\./],
  [
    'two names of a provider',
    'remove',
    ['--regions', REGION, '--stack-name', 'a', '--export-prefix', 'b'],
    /^Either --stack-name or --export-prefix/,
  ],
  [
    'one ledger and several',
    'deploy',
    [...acme, '--own-ledgers', '--plan', '{folder}/shared.yaml'],
    /^The plan has a ledger.*leave out --own-ledgers/,
  ],
];

const FILES: Case[] = [
  ['no plan', 'deploy', [...acme, '--plan', '{folder}/x.yaml'], /x\.yaml cannot be read.*ENOENT/],
  [
    'a folder for a plan',
    'deploy',
    [...acme, '--plan', '{folder}'],
    /is a folder: name the file of the plan/,
  ],
  [
    'a misspelt field',
    'deploy',
    [...acme, '--plan', '{folder}/misspelt.yaml'],
    /no field stackNames; there is s/,
  ],
  [
    'a plan that is no YAML',
    'deploy-stackset',
    [...acme, '--plan', '{folder}/no.yaml'],
    /^The plan is no YAML/,
  ],
  [
    'an account as a number',
    'deploy',
    [...acme, '--plan', '{folder}/number.yaml'],
    /a number; put it into quotes/,
  ],
  [
    'units that lack',
    'deploy-stackset',
    [...acme, '--plan', '{folder}/units.yaml'],
    /organizationalUnits is needed/,
  ],
  [
    'no packages',
    'publish',
    [...acme, '--from', '{folder}/undone'],
    /provider\.zip is missing; run `make package`/,
  ],
  ['no definitions', 'publish', [...acme, '--definitions', '{folder}/empty'], /^There is no \*\.json in /],
  [
    'a wrong definition',
    'publish',
    [...acme, '--definitions', '{folder}'],
    /action\.json is no exported data/,
  ],
  // A file stands where the folder would be, which stops the administrator of the machine, too.
  [
    'a folder that cannot be written',
    'publish',
    [...acme, '--manifest', '{folder}/no.yaml/a'],
    /cannot be read or w/,
  ],
  [
    'a template that is too large',
    'publish',
    [...at('fresh'), '--create-buckets', '--from', '{folder}/long'],
    /eu-west-1: The template of fresh-artifacts has \d+ bytes, and CloudFormation takes 51200/,
  ],
];

const BUCKETS: Case[] = [
  ['a missing bucket', 'publish', at('nowhere'), /There is no bucket nowhere-eu-west-1\. Make it from/],
  ['a missing bucket', 'deploy', at('nowhere'), /s3:\/\/nowhere-eu-west-1.*NoSuchBucket.*publish version/],
  [
    'a missing bucket',
    'deploy-stackset',
    at('nowhere'),
    /s3:\/\/nowhere-eu-west-1.*NoSuchBucket.*publish version/,
  ],
  [
    'a bucket of another Region',
    'publish',
    at('elsewhere', 'us-east-1'),
    /is in another Region; Lambda takes code only/,
  ],
  [
    'an unpublished version',
    'deploy',
    [...acme, '--version', '0.0.9'],
    /publish version 0\.0\.9 there first/,
  ],
  [
    'a misspelt parameter',
    'deploy',
    [...acme, '--plan', '{folder}/parameter.yaml'],
    /The template has no parameter OAuthSecretArns\./,
  ],
  ['missing parameters', 'deploy-stackset', [...acme, '--accounts', '111122223333'], /^No .*OAuthSecretArn/],
  ['no accounts', 'deploy-stackset', acme, /^A self-managed stack set needs ACCOUNTS \(--accounts\)\.$/],
  ['several ledgers', 'deploy', at('acme', 'eu-west-1,us-east-1'), /several ledgers.*ownLedgers: true/],
  [
    'no provider',
    'move-ledger',
    move,
    /^There is no provider in 000000000000 eu-west-1\. Name it by EXPORT_PREFIX/,
  ],
];

describe.each([
  ['an argument', ARGUMENTS],
  ['a file', FILES],
  ['a bucket or a plan', BUCKETS],
])('a fault in %s', (_where, cases) => {
  test.each(cases)('%s: %s ends with the reason, and with 2', async (_what, script, args, says) => {
    const { code, errors } = await run(script, args);
    const [line = '', ...others] = errors.trim().split('\n');
    // A command for several targets adds how many of them failed.
    expect([line, others]).toEqual([
      expect.stringMatching(says),
      others.length === 0 ? [] : [expect.stringMatching(/^1 of 1 .*run the same command again\.$/)],
    ]);
    expect(code).toBe(2);
  });
});

describe('credentials', () => {
  const answers = (code: string) => ({
    ...LOCAL,
    AWS_ENDPOINT_URL: `http://127.0.0.1:${(refusing.address() as AddressInfo).port}/${code}`,
  });

  test.each([
    ['none', () => ({}), /^The AWS SDK finds no credentials\. Set AWS_PROFILE/],
    ['expired ones', () => answers('ExpiredToken'), /^These credentials have expired.*Sign in again\.$/],
    ['wrong ones', () => answers('SignatureDoesNotMatch'), /^AWS does not accept these credentials/],
    [
      'a Region that is not enabled',
      () => answers('InvalidClientTokenId'),
      /or enable the Region in this account/,
    ],
  ])('%s end a command with one line, and with 2', async (_what, environment, says) => {
    const { code, errors } = await run('deploy', acme, environment());
    expect(errors.trim().split('\n')).toEqual([expect.stringMatching(says)]);
    expect(code).toBe(2);
  });

  test('of another account than the bucket’s end a command with the reason, and with 2', async () => {
    const { code, errors } = await run(
      'publish',
      [...acme, '--bucket-account', '999988887777'],
      answers('no'),
    );
    expect(errors).toMatch(
      /^eu-west-1: The bucket acme-eu-west-1 is not account 999988887777's.*--bucket-account/,
    );
    expect(code).toBe(2);
  });

  test('an AWS that is not there ends a command with one line, and with 1', async () => {
    const environment = { ...LOCAL, AWS_ENDPOINT_URL: 'http://127.0.0.1:9', AWS_MAX_ATTEMPTS: '1' };
    const { code, errors } = await run('remove', ['--regions', REGION], environment);
    expect(errors.trim().split('\n')).toEqual([
      expect.stringMatching(/^AWS cannot be reached \(ECONNREFUSED\)/),
    ]);
    expect(code).toBe(1);
  });
});

test('a fault of the command itself keeps its stack, and is 1', () => {
  const { line, code } = endingOf(new TypeError('x is undefined'));
  expect({ line, code }).toMatchObject({ line: expect.stringContaining('endings.test.ts'), code: 1 });
});

describe('progress', () => {
  const args = ['scripts/rollout/commands/publish.ts', ...acme];
  const inPty = 'import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))';
  const inTerminal = () =>
    new Promise<{ code: unknown; text: string }>((done) => {
      const env = { ...LOCAL, PATH: process.env['PATH'], HOME: folder, AWS_ENDPOINT_URL: ministack.url };
      execFile(
        join(root, '.tools/bin/python'),
        ['-c', inPty, process.execPath, ...args],
        { cwd: root, env },
        (error, text) => done({ code: error?.code ?? 0, text }),
      );
    });

  test('a terminal shows how many Regions are done, in a line that the next one replaces', async () => {
    const { code, text } = await inTerminal();
    expect(code).toBe(0);
    expect(text).toMatch(/00:00 {2}0 of 1 Regions\r\x1b\[K/);
    expect(text).toMatch(/1 of 1 Regions\r\x1b\[K/);
  });

  test('a pipe gets plain lines, each with its time, and the table', async () => {
    const { code, output } = await run('publish', acme);
    expect(code).toBe(0);
    expect(output).not.toMatch(/[\r\x1b]/);
    const [lines = ''] = output.split('\n\n');
    expect(lines.split('\n').filter((line) => !/^\d\d:\d\d:\d\d /.test(line))).toEqual([]);
  });
});
