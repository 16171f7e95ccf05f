/**
 * cfn-response-promise as the reference of the wire format: for a plain answer ours is the same request; and each of
 * its defects as a test that ours passes (docs/decisions, "The responder").
 */
import { createRequire } from 'node:module';
import { inspect } from 'node:util';
import { jest } from '@jest/globals';
import nock from 'nock';
import { encodeAnswer } from '../../provider/protocol/answer.ts';
import { DeliveryError, deliver } from '../../provider/protocol/deliver.ts';
import { readAddress } from '../../provider/protocol/event.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { loopbackServer } from '../support/loopback-server.ts';

const reference = createRequire(import.meta.url)('cfn-response-promise') as {
  send(
    event: object,
    context: object,
    status: string,
    data: object | undefined,
    physicalId: string | undefined,
  ): Promise<unknown>;
};

const HOST = 'https://cloudformation-custom-resource-response-useast1.s3.us-east-1.amazonaws.com';
const PATH = '/arn%3Aaws%3Acloudformation%7CThing%7C1?X-Amz-Date=20261120T080000Z&X-Amz-Signature=abc';
const event = {
  RequestType: 'Create',
  ResponseURL: HOST + PATH,
  StackId: 'arn:aws:cloudformation:us-east-1:123456789012:stack/stack/11111111-2222-3333-4444-555555555555',
  RequestId: '1',
  LogicalResourceId: 'Thing',
  ResourceType: 'Custom::GenesysDataAction',
  ResourceProperties: {},
};
const context = () => ({ logStreamName: 'the-log-stream', done: jest.fn() });

interface Wire {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string;
}

/** What was sent to the bucket, and how the sender ended. */
async function captured(
  send: () => Promise<unknown>,
  status = 200,
): Promise<{ wire: Wire; result: unknown }> {
  let wire: Wire | undefined;
  nock(HOST)
    .put(/.*/)
    .query(true)
    .reply(async (request: Request) => {
      const { pathname, search } = new URL(request.url);
      wire = {
        method: request.method,
        path: pathname + search,
        headers: Object.fromEntries(request.headers),
        body: await request.text(),
      };
      return [status, ''];
    });
  const result = await send().catch((error: unknown) => error);
  if (wire === undefined) throw new Error(`nothing was sent: ${inspect(result)}`);
  return { wire, result };
}

const theirs = (data: object | undefined, id: string | undefined, status = 'SUCCESS', of = context()) =>
  reference.send(event, of, status, data, id);

const options = () => ({ clock: new FakeClock(), until: new FakeClock().now() + 60_000, random: () => 0.5 });
const ours = (data: Record<string, string>, physicalId: string) =>
  deliver(
    new URL(event.ResponseURL),
    encodeAnswer(readAddress(event), { status: 'SUCCESS', physicalId, data }),
    options(),
  );

let logged: unknown[][];
beforeEach(() => {
  logged = [];
  jest.spyOn(console, 'log').mockImplementation((...line: unknown[]) => {
    logged.push(line);
  });
  nock.disableNetConnect();
  nock.enableNetConnect('127.0.0.1');
});
afterEach(() => {
  jest.restoreAllMocks();
  nock.cleanAll();
  nock.restore();
  nock.activate();
});

test('a plain answer is the same request: method, path and signature, content-type, content-length, fields', async () => {
  const data = { DataActionId: 'custom_-_1', Name: 'Order status' };
  const reference = (await captured(() => theirs(data, 'custom_-_1'))).wire;
  const own = (await captured(() => ours(data, 'custom_-_1'))).wire;
  expect({ method: own.method, path: own.path }).toEqual({ method: reference.method, path: reference.path });
  expect(own.headers['content-type']).toBe(reference.headers['content-type']);
  for (const { headers, body } of [own, reference])
    expect(headers['content-length']).toBe(String(Buffer.byteLength(body)));
  // Theirs says NoEcho: false, the default, and a Reason that SUCCESS does not need.
  const { NoEcho, Reason, ...fields } = JSON.parse(reference.body) as Record<string, unknown>;
  expect([NoEcho, Reason]).toEqual([false, expect.stringContaining('CloudWatch')]);
  expect(JSON.parse(own.body)).toEqual(fields);
});

test('its content-length counts characters, and cuts what is longer in UTF-8; ours counts bytes', async () => {
  const data = { Name: '見積 🎧' };
  const reference = (await captured(() => theirs(data, 'größe'))).wire;
  expect(() => JSON.parse(reference.body)).toThrow(SyntaxError);
  const own = (await captured(() => ours(data, 'größe'))).wire;
  expect(own.headers['content-length']).toBe(String(Buffer.byteLength(own.body)));
});

test('it hides the reason; ours says it, with the ids that support asks for', async () => {
  const reference = (await captured(() => theirs({ message: 'no' }, 'id', 'FAILED'))).wire;
  expect(JSON.parse(reference.body).Reason).toBe('See the details in CloudWatch Log Stream: the-log-stream');
  const own = encodeAnswer(
    readAddress(event),
    { status: 'FAILED', physicalId: 'id', reason: 'Name is required.' },
    'Lambda request 1',
  );
  expect(JSON.parse(own.toString()).Reason).toBe('Name is required. (Lambda request 1)');
});

test.each([403, 500])('it takes a %s for success; ours does not', async (status) => {
  expect((await captured(() => theirs({}, 'id'), status)).result).not.toBeInstanceOf(Error);
  nock(HOST).put(/.*/).query(true).times(100).reply(status, '');
  await expect(ours({}, 'id')).rejects.toBeInstanceOf(DeliveryError);
});

test('it answers with the log stream as id where none is given: the next update replaces a live object', async () => {
  expect(JSON.parse((await captured(() => theirs({}, undefined))).wire.body).PhysicalResourceId).toBe(
    'the-log-stream',
  );
});

test('it calls context.done, which Node 24 on Lambda lacks, after the answer was sent', async () => {
  const done = context();
  await captured(() => theirs({}, 'id', 'SUCCESS', done));
  expect(done.done).toHaveBeenCalled();
});

test('it logs the whole answer; ours logs no Data', async () => {
  await captured(() => theirs({ Password: 'CANARY' }, 'id'));
  expect(JSON.stringify(logged)).toContain('CANARY');
  logged = [];
  await captured(() => ours({ Password: 'CANARY' }, 'id'));
  expect(JSON.stringify(logged)).not.toContain('CANARY');
});

test('it sends more than 4,096 bytes; ours keeps to them', async () => {
  const reference = (await captured(() => theirs({ long: 'x'.repeat(5_000) }, 'id'))).wire;
  expect(reference.body.length).toBeGreaterThan(4_096);
  const reason = '漢'.repeat(5_000);
  const own = encodeAnswer(readAddress(event), { status: 'FAILED', physicalId: 'id', reason });
  expect(own.length).toBeLessThanOrEqual(4_096);
});

describe('over a real socket, where theirs knows only port 443', () => {
  const body = encodeAnswer(readAddress(event), { status: 'SUCCESS', physicalId: 'id' });

  test('ours honours the port, and repeats 5xx until it is taken', async () => {
    const server = await loopbackServer((_, response) => {
      response.writeHead(server.received.length < 3 ? 503 : 200).end();
    });
    await deliver(new URL(`${server.url}/x?y`), body, options());
    expect(server.received.map(({ method, url, body: sent }) => [method, url, sent])).toEqual(
      Array.from({ length: 3 }, () => ['PUT', '/x?y', body.toString()]),
    );
    await server.close();
  });

  test('ours never repeats a 403: a URL that is refused stays refused', async () => {
    const server = await loopbackServer((_, response) => response.writeHead(403).end());
    await expect(deliver(new URL(server.url), body, options())).rejects.toThrow('status 403');
    expect(server.received).toHaveLength(1);
    await server.close();
  });

  test('ours ends an attempt that hangs, and tries again', async () => {
    const clock = new FakeClock();
    const server = await loopbackServer((_, response) => {
      if (server.received.length > 1) response.writeHead(200).end();
      else clock.advance(6_000);
    });
    await deliver(new URL(server.url), body, { clock, until: clock.now() + 60_000 });
    expect(server.received).toHaveLength(2);
    await server.close();
  });

  test('ours says what was wrong when the connection is refused until the time is over', async () => {
    const server = await loopbackServer(() => {});
    await server.close();
    await expect(deliver(new URL(server.url), body, options())).rejects.toThrow('ECONNREFUSED');
  });
});
