/** A rotation by the deployed template: Secrets Manager invokes the function of operations.zip, under IAM. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import { aws, deploy, outputs } from '../../../local/aws/cli.ts';
import { type LocalWorld, oauthSecret, type Prepared, root, startLocalWorld } from '../../../local/world.ts';

const own = { id: 'f0f0f0f0-0000-4000-8000-00000000beef', secret: 'CANARY-own-client' };
let world: LocalWorld;
let prepared: Prepared;
let ownArn: string;

beforeAll(async () => {
  world = await startLocalWorld({
    ministack: { enforceIam: true },
    genesys: { clients: [{ id: 'f0f0f0f0-0000-4000-8000-00000000cafe', secret: 'CANARY-first' }, own] },
  });
  prepared = await world.prepare();
  const zip = join(root, 'dist/operations.zip');
  await aws(world.ministack, [
    's3',
    'cp',
    '--only-show-errors',
    zip,
    `s3://${prepared.bucket}/operations.zip`,
  ]);
  const created = await aws<{ ARN: string }>(world.ministack, [
    ...['secretsmanager', 'create-secret', '--name', '/genesys/oauth/rotation', '--secret-string'],
    oauthSecret({ clientId: own.id, clientSecret: own.secret }),
  ]);
  ownArn = created.ARN;
  await deployRotation();
}, 120_000);
afterAll(() => world?.stop());

/** Deploys the template without the resource whose type MiniStack does not know. */
async function deployRotation(): Promise<void> {
  const document = parseDocument(await readFile(join(root, 'templates/oauth-rotation.yaml'), 'utf8'));
  document.deleteIn(['Resources', 'OwnSecretPolicy']);
  const templateFile = join(world.ministack.env['HOME'] ?? '', 'oauth-rotation.yaml');
  await writeFile(templateFile, document.toString());
  await deploy(world.ministack, {
    stackName: 'oauth-rotation',
    templateFile,
    s3Bucket: prepared.bucket,
    parameters: {
      CodeS3Bucket: prepared.bucket,
      CodeS3Key: 'operations.zip',
      GenesysEnvironment: 'us-east-1',
      OAuthSecretArn: prepared.secretArn,
      RotationClientSecretArn: ownArn,
      RotationDays: '30',
      GenesysApiBaseUrl: world.genesys.url,
      GenesysLoginBaseUrl: world.genesys.url,
    },
  });
}

const secrets = <T>(...args: string[]) =>
  aws<T>(world.ministack, ['secretsmanager', ...args, '--secret-id', prepared.secretArn]);
const labels = async () =>
  (await secrets<{ VersionIdsToStages: Record<string, string[]> }>('describe-secret')).VersionIdsToStages;
const current = async () =>
  JSON.parse((await secrets<{ SecretString: string }>('get-secret-value')).SecretString);

async function logsIn({ client_id, client_secret }: Record<string, string>): Promise<boolean> {
  const response = await fetch(`${world.genesys.url}/oauth/token`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`${client_id}:${client_secret}`).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: 'grant_type=client_credentials',
  });
  return response.ok;
}

/** Rotates, and waits until the new version is current and none is pending. */
async function rotate(): Promise<void> {
  const { VersionId } = await secrets<{ VersionId: string }>('rotate-secret');
  let isOver = false;
  while (!isOver) isOver = (await labels())[VersionId]?.join() === 'AWSCURRENT';
}

test('the deployment itself rotates nothing', async () => {
  expect(await current()).toMatchObject({ client_secret: 'CANARY-first' });
  expect(await secrets('describe-secret')).toMatchObject({
    RotationEnabled: true,
    RotationRules: { AutomaticallyAfterDays: expect.anything() },
  });
});

test('a rotation by Secrets Manager ends with a new secret that works, twice', async () => {
  const seen = new Set<string>(['CANARY-first']);
  for (let time = 0; time < 2; time += 1) {
    await rotate();
    const secret = await current();
    expect(seen.has(secret.client_secret)).toBe(false);
    seen.add(secret.client_secret);
    expect(await logsIn(secret)).toBe(true);
  }
  const log = world.ministack.log();
  expect(log).toContain('Genesys Cloud call');
  for (const secret of [...seen, own.secret]) expect(log).not.toContain(secret);
}, 120_000);

test('a function that Secrets Manager does not invoke is refused', async () => {
  const { RotationFunctionArn = '' } = await outputs(world.ministack, 'oauth-rotation');
  const file = join(world.ministack.env['HOME'] ?? '', 'answer.json');
  const before = await current();
  await aws(world.ministack, ['lambda', 'invoke', '--function-name', RotationFunctionArn, file]);
  expect(await readFile(file, 'utf8')).toMatch(/no step of a rotation/);
  expect(await current()).toEqual(before);
});
