/** Before the first deployment: the account, the secret, the region, the login and the permissions. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { bundleCli, bundleRemote } from '../../../scripts/build/package.ts';
import { readPage } from '../../docs/markdown.ts';
import { iam, withSecret } from './by-hand.ts';
import { writes } from './recorder.ts';
import { credentials, DoctorWorld, type Ended } from './world.ts';

let world: DoctorWorld;

beforeAll(async () => {
  world = await DoctorWorld.start();
}, 120_000);
afterAll(() => world?.stop());

/** The options of a person who has made the secret and the bucket. */
const planned = (...more: string[]) => [
  ...['--secret', world.prepared.secretArn, '--genesys-region', 'us-east-1'],
  ...['--api-base-url', world.genesys.url, '--login-base-url', world.genesys.url],
  ...['--bucket', world.prepared.bucket],
  ...more,
];

test('a prepared account has no fault, and nothing of a provider is asked for', async () => {
  const { code, findings } = await world.findings(...planned());
  expect(findings.filter(({ state }) => ['fault', 'not-looked-at', 'otherwise'].includes(state))).toEqual([]);
  expect(findings.map(({ id }) => id)).toContain('permissions');
  expect(findings.map(({ id }) => id)).not.toContain('provider-stack');
  expect(code).toBe(0);
});

test.each(['docs/doctor.md', 'docs/getting-started.md'])('%s: the command that it prints', async (page) => {
  const [, line = ''] =
    /```sh\nnpx genesys-cloud-cfn doctor (--secret .+)\n```/.exec(await readPage(page)) ?? [];
  const values: Record<string, string> = {
    SECRET_ARN: world.prepared.secretArn,
    GENESYS_REGION: 'us-east-1',
    BUCKET: world.prepared.bucket,
  };
  const args = line
    .split(' ')
    .map((word) => word.replace(/^"\$(\w+)"$/, (_, name: string) => values[name] ?? ''));
  const gateway = ['--api-base-url', world.genesys.url, '--login-base-url', world.genesys.url];
  expect(await world.doctor(...args, ...gateway)).toMatchObject({ code: 0, problems: '' });
});

test('the report for a person: a line for each check, and the sum', async () => {
  const { code, out, problems } = await world.doctor(...planned());
  expect({ code, problems }).toEqual({ code: 0, problems: '' });
  expect(out).toMatch(/^AWS account: 000000000000$/m);
  expect(out).toMatch(/^ok {2,}login {2,}Genesys Cloud accepts the OAuth client in this region: Local \(/m);
  expect(out).toMatch(/^\d+ checks: no fault$/m);
  for (const secret of [world.genesys.clientSecret, ...world.genesys.tokens()])
    expect(out).not.toContain(secret);
});

test('a fault has its fix in the line below', async () => {
  const mend = await withSecret(world, ({ client_id, client_secret }) => ({
    client_id,
    secret: client_secret,
  }));
  const { code, out } = await world.doctor(...planned());
  await mend();
  expect(code).toBe(1);
  expect(out).toMatch(
    /^FAULT {2,}oauth-secret-form .*\n {2,}The secret .* has no field "client_secret".*\n {2,}Fix: Put /m,
  );
  expect(out).toMatch(/^not looked at {2,}login .*: see oauth-secret-form$/m);
  expect(out).toMatch(/: 1 fault, \d+ not looked at$/m);
  expect(out).not.toContain(world.genesys.clientSecret);
});

test('permissions that Genesys Cloud does not show are not looked at', async () => {
  const { genesys } = world;
  const client = { id: genesys.clientId, secret: genesys.clientSecret };
  genesys.seed({ clients: [{ ...client, permissions: [] }] });
  const { code, findings } = await world.findings(...planned());
  genesys.seed({ clients: [{ ...client, permissions: ['*'] }] });
  expect(findings.filter(({ id }) => id === 'permissions')).toEqual([
    expect.objectContaining({
      state: 'not-looked-at',
      because: 'failed',
      detail: 'Genesys Cloud does not say which permissions the client has',
    }),
  ]);
  expect(code).toBe(2);
});

test('a bucket of another Region', async () => {
  await new S3Client({ ...world.administrator, region: 'eu-west-1', forcePathStyle: true }).send(
    new CreateBucketCommand({
      Bucket: 'packages-elsewhere',
      CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' },
    }),
  );
  const { findings } = await world.findings(...planned('--bucket', 'packages-elsewhere'));
  expect(findings.filter(({ state }) => state === 'fault')).toEqual([
    expect.objectContaining({
      id: 'artifacts-bucket',
      detail: expect.stringContaining('is in eu-west-1'),
      fix: expect.stringContaining('us-east-1'),
    }),
  ]);
});

test('a secret that is not there', async () => {
  const { code, findings } = await world.findings(
    '--secret',
    'arn:aws:secretsmanager:us-east-1:000000000000:secret:/genesys/oauth/none-AbCdEf',
  );
  expect(findings.filter(({ state }) => state === 'fault')).toEqual([
    expect.objectContaining({ id: 'oauth-secret', fix: expect.stringContaining('docs/getting-started.md') }),
  ]);
  expect(code).toBe(1);
});

test('a login that nobody answers', async () => {
  const { findings } = await world.findings(
    ...planned('--api-base-url', 'http://127.0.0.1:9', '--login-base-url', 'http://127.0.0.1:9'),
  );
  expect(findings.filter(({ state }) => state === 'fault')).toEqual([
    expect.objectContaining({ id: 'login', fix: expect.stringContaining('Open the way to 127.0.0.1') }),
  ]);
}, 60_000);

test('no call writes, neither to AWS nor to Genesys Cloud', async () => {
  world.recorder.calls.length = 0;
  world.genesys.resetCalls();
  await world.doctor(...planned());
  expect(writes(world.recorder.calls)).toEqual([]);
  const methods = new Set(
    world.genesys.calls().map(({ method, path }) => (path === '/oauth/token' ? '' : method)),
  );
  expect([...methods].filter((method) => method !== '')).toEqual(['GET']);
});

test('a write would be seen', async () => {
  const { recorder, ministack } = world;
  recorder.calls.length = 0;
  const through = { ministack: { ...ministack, url: recorder.url } } as DoctorWorld;
  await iam(through, 'CreateUser', { UserName: 'somebody' });
  expect(writes(recorder.calls)).toEqual(['iam:CreateUser']);
});

describe('the built command, outside of the checkout', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'doctor-'));
    await Promise.all([bundleCli(join(folder, 'cli.mjs')), bundleRemote(join(folder, 'remote.mjs'))]);
  }, 60_000);
  afterAll(() => rm(folder, { recursive: true }));

  const command = (endpoint: string, region = world.ministack.region) =>
    new Promise<Ended>((done) => {
      const env = {
        PATH: process.env['PATH'],
        AWS_ENDPOINT_URL: endpoint,
        AWS_REGION: region,
        AWS_CONFIG_FILE: '/dev/null',
        AWS_ACCESS_KEY_ID: credentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      };
      const args = [join(folder, 'cli.mjs'), 'doctor', ...planned()];
      execFile(process.execPath, args, { env }, (error, out, problems) =>
        done({ code: error === null ? 0 : Number(error.code), out, problems }),
      );
    });

  test('looks at the same, and prints nothing secret and no progress into a pipe', async () => {
    const { code, out, problems } = await command(world.ministack.url);
    expect({ code, problems }).toEqual({ code: 0, problems: '' });
    expect(out).toMatch(/^\d+ checks: no fault$/m);
    for (const secret of [world.genesys.clientSecret, ...world.genesys.tokens()])
      expect(out).not.toContain(secret);
  });

  test('says in one fault that no Region is chosen', async () => {
    const { code, out } = await command(world.ministack.url, '');
    expect(code).toBe(1);
    expect(out).toMatch(
      /^FAULT {2,}aws-region .*\n {2,}Neither --region nor the AWS profile names a Region/m,
    );
    expect(out).toMatch(/: 1 fault, \d+ not looked at$/m);
  });

  test('says in one fault that AWS is not there', async () => {
    const { code, out } = await command('http://127.0.0.1:9');
    expect(code).toBe(1);
    expect(out).toMatch(/^FAULT {2,}aws-credentials .*\n {2,}AWS cannot be reached \(ECONNREFUSED\)/m);
    expect(out).toMatch(/: 1 fault, \d+ not looked at$/m);
  }, 60_000);
});

test.each([
  [['--format', 'xml'], 'no format xml'],
  [['stack'], 'doctor takes options only, and not stack'],
  [['--stack-name', 'a', '--export-prefix', 'b'], '--stack-name and --export-prefix'],
  [['--genesys-region', 'mypurecloud.ie'], '--genesys-region belongs to --secret'],
  [['--secret', 'credentials'], '--secret must be the ARN of a secret'],
  [
    ['--secret', 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:a-AbCdEf', '--stack-name', 'a'],
    '--secret is for an account without a provider',
  ],
])('wrong arguments %j end with the usage', async (args, says) => {
  const { code, problems } = await world.doctor(...args);
  expect(code).toBe(2);
  expect(problems).toContain(says);
  expect(problems).toContain('Usage: genesys-cloud-cfn doctor');
});
