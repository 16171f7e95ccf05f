/** Answers of S3 that MiniStack does not give: other owners, other Regions, no checksums, a second writer. */
import { createHash } from 'node:crypto';
import { S3Client } from '@aws-sdk/client-s3';
import { artifact, manifestOf, templateVersion } from '../../../scripts/rollout/artifacts.ts';
import { publishRegion } from '../../../scripts/rollout/publish.ts';
import { type LoopbackServer, loopbackServer } from '../../support/loopback-server.ts';

const account = '111122223333';
const target = { region: 'eu-west-1', bucket: 'acme-eu-west-1', account };
const zip = artifact('provider.zip', Buffer.from('the package'));
const manifest = manifestOf('1.2.3', [zip]);

interface Bucket {
  owner: string;
  region: string;
  checksums: boolean;
  /** Somebody else puts this under the package's key just before the upload. */
  race?: string;
  objects: Map<string, string>;
}

let server: LoopbackServer;
let bucket: Bucket;
let s3: S3Client;

beforeEach(async () => {
  bucket = { owner: account, region: 'eu-west-1', checksums: true, objects: new Map() };
  server = await loopbackServer(({ method, url, headers, body }, response) => {
    const key = decodeURIComponent(url.split('?')[0]?.split('/').slice(2).join('/') ?? '');
    response.setHeader('x-amz-bucket-region', bucket.region);
    const answer = (status: number, text = '') =>
      response.writeHead(status).end(method === 'HEAD' ? '' : text);
    if (headers['x-amz-expected-bucket-owner'] !== bucket.owner) return answer(403);
    if (key === '') return answer(200);
    if (method === 'PUT') {
      if (bucket.race !== undefined) bucket.objects.set(key, bucket.race);
      if (headers['if-none-match'] === '*' && bucket.objects.has(key)) return answer(412);
      if (headers['x-amz-checksum-sha256'] !== digest(body)) return answer(400);
      bucket.objects.set(key, body);
      return answer(200);
    }
    const text = bucket.objects.get(key);
    if (text === undefined) return answer(404);
    if (bucket.checksums) response.setHeader('x-amz-checksum-sha256', digest(text));
    return answer(200, text);
  });
  s3 = new S3Client({
    endpoint: server.url,
    region: 'eu-west-1',
    forcePathStyle: true,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });
});

afterEach(() => server.close());

const digest = (text: string) => createHash('sha256').update(text).digest('base64');
const publish = (dryRun = false) => publishRegion(s3, target, [zip], manifest, { dryRun });
const puts = () => server.received.filter(({ method }) => method === 'PUT').length;

describe('publishing to a Region', () => {
  test('uploads what is missing with its checksum, the manifest last', async () => {
    const { outcomes } = await publish();
    expect(outcomes).toEqual({ 'provider.zip': 'uploaded', 'manifest.json': 'uploaded' });
    expect([...bucket.objects.keys()]).toEqual([zip.key, 'genesys-cloud-cfn/manifests/1.2.3.json']);
    expect(server.received.at(-1)).toMatchObject({ method: 'PUT' });
  });

  test('writes nothing to a bucket of another account', async () => {
    bucket.owner = '999999999999';
    await expect(publish()).rejects.toThrow("acme-eu-west-1 is not account 111122223333's");
    expect(puts()).toBe(0);
  });

  test('writes nothing to a bucket in another Region', async () => {
    bucket.region = 'us-east-1';
    await expect(publish()).rejects.toThrow(
      'is in us-east-1; Lambda takes code only from a bucket in its own',
    );
    expect(puts()).toBe(0);
  });

  test('reads the bytes themselves where S3 knows no checksum', async () => {
    bucket.checksums = false;
    await publish();
    bucket.objects.set(zip.key, 'exchanged');
    await expect(publish()).rejects.toThrow('holds other bytes');
  });

  test('takes the same bytes of a second writer, and refuses others', async () => {
    bucket.race = 'the package';
    expect((await publish()).outcomes['provider.zip']).toBe('uploaded');
    bucket.objects.clear();
    bucket.race = 'something else';
    await expect(publish()).rejects.toThrow('holds other bytes');
  });

  test('replaces the manifest of a version that was built anew, and says so', async () => {
    await publish();
    const other = artifact('provider.zip', Buffer.from('another package'));
    const { outcomes } = await publishRegion(s3, target, [other], manifestOf('1.2.3', [other]));
    expect(outcomes).toEqual({ 'provider.zip': 'uploaded', 'manifest.json': 'replaced' });
    expect(bucket.objects.has(zip.key)).toBe(true);
  });

  test('only looks in a dry run', async () => {
    expect((await publish(true)).outcomes).toEqual({
      'provider.zip': 'would upload',
      'manifest.json': 'would upload',
    });
    expect(puts()).toBe(0);
  });
});

test('the version of a template is read from its output', () => {
  const text =
    'Outputs:\n  Other:\n    Value: 1\n  TemplateVersion:\n    Description: D.\n    Value: 1.2.3\n';
  expect(templateVersion(text)).toBe('1.2.3');
  expect(
    templateVersion('Outputs:\n  TemplateVersion:\n    Description: D.\n  Other:\n    Value: 1\n'),
  ).toBeUndefined();
});
