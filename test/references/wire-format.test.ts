/**
 * cfn-response-promise is the reference for the wire format: for a plain request both send the same. Each of
 * its defects is a test that ours passes (docs/decisions/0001-own-responder.md).
 */
import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { systemClock } from '../../common/clock.ts';
import { encodeAnswer, type Outcome } from '../../provider/protocol/answer.ts';
import { DeliveryError, deliver } from '../../provider/protocol/deliver.ts';
import { type Answering, type LoopbackServer, loopbackServer } from '../support/loopback-server.ts';

const address = {
  stackId: 'arn:aws:cloudformation:eu-west-1:111122223333:stack/demo/1d2c3b4a-0000-1111-2222-333344445555',
  requestId: '5636c451-a54b-4cbb-900c-4537a2a6f43c',
  logicalId: 'Action',
};
const physicalId = 'custom_-_9e3f8d8c-71d4-4f74-bd9c-729ac6796c9e';
const PATH = '/bucket/arn%3Aaws%3Acloudformation?X-Amz-Date=20261120T120000Z&X-Amz-Signature=abc%2Bdef';

/**
 * Sends one answer with the reference, in a process of its own because it may crash. It speaks TLS to port
 * 443 only, so its request is redirected to the server of the test. The script prints the port that it asked
 * for.
 */
const REFERENCE = `
  const http = require('node:http'), https = require('node:https');
  const { file, port, event, context, answer } = JSON.parse(process.argv[1]);
  console.log = () => {};
  https.request = (options, callback) => {
    process.stdout.write(JSON.stringify({ port: options.port, limited: 'timeout' in options || 'signal' in options }) + '\\n');
    return http.request({ ...options, hostname: '127.0.0.1', port }, callback);
  };
  if (context.withDone) context.done = () => undefined;
  require(file).send(event, context, answer.status, answer.data, answer.physicalId).then(
    () => process.stdout.write('resolved', () => process.exit(0)),
    () => process.stdout.write('rejected', () => process.exit(0)),
  );`;

interface Referred {
  asked: { port: number; limited: boolean };
  ended: string;
  problem: string;
}

async function byReference(server: LoopbackServer, outcome: Outcome, withDone = true): Promise<Referred> {
  const { stackId: StackId, requestId: RequestId, logicalId: LogicalResourceId } = address;
  const input = JSON.stringify({
    file: createRequire(import.meta.url).resolve('cfn-response-promise'),
    port: server.port,
    event: { StackId, RequestId, LogicalResourceId, ResponseURL: `https://127.0.0.1:${server.port}${PATH}` },
    context: { logStreamName: '2026/11/20/[$LATEST]abc', withDone },
    answer: outcome,
  });
  return new Promise((done) => {
    execFile(process.execPath, ['--no-warnings', '--eval', REFERENCE, input], (error, stdout, stderr) => {
      const [asked = '{}', ended = ''] = stdout.split('\n');
      done({ asked: JSON.parse(asked), ended: ended === '' && error ? 'crashed' : ended, problem: stderr });
    });
  });
}

function byOurs(server: LoopbackServer, outcome: Outcome, forMilliseconds = 10_000): Promise<void> {
  const responseUrl = new URL(`${server.url}${PATH}`);
  return deliver(responseUrl, encodeAnswer(address, outcome), {
    clock: systemClock,
    until: systemClock.now() + forMilliseconds,
    random: () => 0,
  });
}

let server: LoopbackServer;
const serve = async (answering: Answering) => {
  server = await loopbackServer(answering);
};
const status =
  (...codes: number[]): Answering =>
  (_received, response) => {
    response.statusCode = codes.length > 1 ? (codes.shift() ?? 200) : (codes[0] ?? 200);
    response.end();
  };
const received = () =>
  server.received.map(({ method, url, headers, body }) => ({
    method,
    url,
    type: headers['content-type'],
    length: headers['content-length'],
    bytes: Buffer.byteLength(body),
    body,
  }));

afterEach(() => server.close());

const plain: Outcome = { status: 'SUCCESS', physicalId, data: { DataActionId: physicalId, Version: '1' } };

test('a plain answer is the one that the reference sends: method, path, headers and values', async () => {
  await serve(status(200));
  await byReference(server, plain);
  await byOurs(server, plain);
  const [theirs, ours] = received();
  const { Reason, NoEcho, ...values } = JSON.parse(theirs?.body ?? '');
  expect([Reason, NoEcho]).toEqual([expect.stringContaining('CloudWatch'), false]);
  expect(JSON.parse(ours?.body ?? '')).toEqual(values);
  for (const sent of [theirs, ours])
    expect(sent).toMatchObject({ method: 'PUT', url: PATH, type: '', length: String(sent?.bytes) });
});

test('an answer beyond ASCII arrives whole; the reference counts characters', async () => {
  await serve(status(200));
  const outcome: Outcome = { ...plain, data: { Name: 'Kundin 顧客 😀 für Müller' } };
  await byReference(server, outcome);
  await byOurs(server, outcome);
  const [theirs, ours] = received();
  expect(() => JSON.parse(theirs?.body ?? '')).toThrow();
  expect(JSON.parse(ours?.body ?? '').Data).toEqual(outcome.data);
  expect(ours?.length).toBe(String(ours?.bytes));
});

test('a failure says its reason; the reference points to a log', async () => {
  await serve(status(200));
  const outcome: Outcome = { status: 'FAILED', physicalId, reason: 'The OAuth client lacks a permission.' };
  await byReference(server, outcome);
  await byOurs(server, outcome);
  const [theirs, ours] = received().map(({ body }) => JSON.parse(body).Reason);
  expect(theirs).toMatch(/^See the details in CloudWatch Log Stream/);
  expect(ours).toBe('The OAuth client lacks a permission.');
});

test('a refusal is an error, and is not repeated; the reference takes it for success', async () => {
  await serve(status(403));
  expect(await byReference(server, plain)).toMatchObject({ ended: 'resolved' });
  await expect(byOurs(server, plain)).rejects.toThrow(DeliveryError);
  expect(server.received).toHaveLength(2);
});

test('a failure of the bucket is repeated until it takes the answer; the reference takes it for success', async () => {
  await serve(status(500, 503, 429, 200));
  expect(await byReference(server, plain)).toMatchObject({ ended: 'resolved' });
  expect(server.received).toHaveLength(1);
  await byOurs(server, plain);
  expect(server.received).toHaveLength(4);
});

test("nothing of Lambda's context is needed; the reference crashes on Node 24 after its answer arrived", async () => {
  await serve(status(200));
  const crashed = await byReference(server, plain, false);
  expect(crashed).toMatchObject({ ended: 'crashed', problem: expect.stringContaining('context.done') });
  expect(server.received).toHaveLength(1);
  await byOurs(server, plain);
  expect(server.received).toHaveLength(2);
});

test("the URL's port is honoured; the reference knows 443 only", async () => {
  await serve(status(200));
  const { asked } = await byReference(server, plain);
  expect(asked.port).toBe(443);
  expect(server.port).not.toBe(443);
  await byOurs(server, plain);
  expect(server.received).toHaveLength(2);
});

test('a silent bucket is given up in time; the reference has no limit', async () => {
  await serve(status(200));
  expect((await byReference(server, plain)).asked.limited).toBe(false);
  await server.close();
  await serve(() => undefined);
  await expect(byOurs(server, plain, 200)).rejects.toThrow(/took no answer/);
  expect(server.received).toHaveLength(1);
});
