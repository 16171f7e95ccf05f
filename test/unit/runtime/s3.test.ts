/** Objects of S3 over real sockets, and S3's failures. */
import type { ServerResponse } from 'node:http';
import { objectText } from '../../../provider/runtime/s3.ts';
import { type Answering, type LoopbackServer, loopbackServer } from '../../support/loopback-server.ts';

let server: LoopbackServer;
let before: NodeJS.ProcessEnv;

async function s3(answering: Answering): Promise<void> {
  server = await loopbackServer(answering);
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: server.url,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'canary-secret-key',
    AWS_REGION: 'eu-west-1',
  });
}

beforeEach(() => {
  before = { ...process.env };
});
afterEach(async () => {
  process.env = before;
  await server.close();
});

const refusal = (response: ServerResponse, status: number, code: string) =>
  response
    .writeHead(status, { 'content-type': 'application/xml' })
    .end(`<Error><Code>${code}</Code><Message>said so</Message></Error>`);

const read = (signal = AbortSignal.timeout(20_000), maxBytes = 100) =>
  objectText('bucket', 'a/key.json', { versionId: 'v1', maxBytes }, { signal });

test('an object is read by its version, signed, with a byte order mark if it has one', async () => {
  await s3((_, response) => response.end('\uFEFF{"ä": 1}'));
  expect(await read()).toBe('\uFEFF{"ä": 1}');
  expect(server.received).toHaveLength(1);
  const [request] = server.received;
  expect(request?.method).toBe('GET');
  expect(new URL(request?.url ?? '', server.url).searchParams.get('versionId')).toBe('v1');
  expect(request?.url).toMatch(/^\/bucket\/a\/key\.json\?/);
  expect(request?.headers.authorization).toMatch(/^AWS4-HMAC-SHA256 Credential=test\/\d+\/eu-west-1\/s3\//);
});

test('a passing failure is tried again', async () => {
  let calls = 0;
  await s3((_, response) => {
    calls += 1;
    if (calls < 3) refusal(response, 503, 'SlowDown');
    else response.end('{}');
  });
  expect(await read()).toBe('{}');
});

test('a lasting failure names bucket, key and version, and is no end of tries', async () => {
  await s3((_, response) => refusal(response, 503, 'SlowDown'));
  await expect(read()).rejects.toThrow(
    's3://bucket/a/key.json (version v1) cannot be read: SlowDown: said so.',
  );
  expect(server.received).toHaveLength(3);
});

test('a refusal says what to look at, since S3 refuses what is missing too', async () => {
  await s3((_, response) => refusal(response, 403, 'AccessDenied'));
  await expect(read()).rejects.toThrow(/AccessDenied: said so\. Check that the object and version exist/);
  expect(server.received).toHaveLength(1);
});

test('too large a body is not waited for', async () => {
  await s3((_, response) => {
    response.writeHead(200, { 'content-length': '101' });
    response.write('x');
  });
  await expect(read()).rejects.toThrow('(version v1) has 101 bytes, more than the 100 that are read.');
});

test('too large a body whose length was not announced is refused as well', async () => {
  await s3((_, response) => {
    response.write('x'.repeat(60));
    response.end('x'.repeat(60));
  });
  await expect(read()).rejects.toThrow(/has \d{3} bytes, more than the 100 that are read\./);
});

test('a body that breaks off is no content', async () => {
  await s3((_, response) => {
    response.writeHead(200, { 'content-length': '50' });
    response.write('{"a": 1}', () => response.destroy());
  });
  await expect(read()).rejects.toThrow(/^s3:\/\/bucket\/a\/key\.json \(version v1\) cannot be read: /);
});

test('a body that falls silent is given up when the request’s time is over', async () => {
  await s3((_, response) => {
    response.writeHead(200, { 'content-length': '50' });
    response.write('{"a": 1}');
  });
  const controller = new AbortController();
  const reading = read(controller.signal);
  await server.arrived(1);
  controller.abort();
  await expect(reading).rejects.toThrow(/cannot be read: AbortError: /);
});

test('a silent S3 is given up when the request’s time is over', async () => {
  await s3(() => undefined);
  const controller = new AbortController();
  const reading = read(controller.signal);
  await server.arrived(1);
  controller.abort();
  await expect(reading).rejects.toThrow(/cannot be read: AbortError: /);
});
