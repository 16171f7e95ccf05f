import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import type { CustomResourceEvent } from '../../../local/cloudformation/events.ts';
import {
  ResponseServer,
  type ResponseServerOptions,
  type Slot,
} from '../../../local/cloudformation/response-server.ts';
import { answerTo, upload } from './sample-provider.ts';

let server: ResponseServer;
afterEach(() => server.stop());

const ServiceToken = 'arn:aws:lambda:us-east-1:123456789012:function:provider';
const create: Omit<CustomResourceEvent, 'ResponseURL'> = {
  RequestType: 'Create',
  ServiceToken,
  StackId: 'arn:aws:cloudformation:us-east-1:123456789012:stack/s/1',
  RequestId: 'request-1',
  LogicalResourceId: 'Thing',
  ResourceType: 'Custom::Thing',
  ResourceProperties: { ServiceToken },
};

async function open(options: ResponseServerOptions = {}): Promise<Slot> {
  server = await ResponseServer.start(options);
  const slot = server.open(create);
  slot.countDelivery();
  return slot;
}
const answer = ({ event }: Slot, fields: Record<string, unknown> = {}) => answerTo(event as never, fields);

describe('a ResponseURL', () => {
  test('is presigned by signature version 4, dated, and takes one correct answer', async () => {
    const slot = await open();
    const url = new URL(slot.url);
    expect(url.pathname).toMatch(
      /^\/cloudformation-custom-resource-response-useast1\/arn%3Aaws%3A.*request-1$/,
    );
    expect(url.searchParams.get('X-Amz-Date')).toMatch(/^\d{8}T\d{6}Z$/);
    expect(url.searchParams.get('X-Amz-Expires')).toBe('7200');
    expect(server.secrets()).toEqual([url.searchParams.get('X-Amz-Signature')]);
    expect(slot.event.ResponseURL).toBe(slot.url);
    expect(await upload(slot.url, answer(slot))).toBe(200);
    expect(await slot.answered).toMatchObject({ status: 'SUCCESS', physicalResourceId: 'object-1' });
    expect(slot.uploads[0]).toMatchObject({ status: 200, kept: true, answer: { Status: 'SUCCESS' } });
    expect(server.violations()).toEqual([]);
  });

  test('has the older form on request', async () => {
    const slot = await open({ signature: 'v2', validSeconds: 600 });
    const { searchParams } = new URL(slot.url);
    expect(Number(searchParams.get('Expires'))).toBeCloseTo(Date.now() / 1000 + 600, -1);
    expect(server.secrets()).toEqual([searchParams.get('Signature')]);
    expect(await upload(slot.url, answer(slot))).toBe(200);
  });

  test('can be https with a certificate that only who was given it trusts', async () => {
    const slot = await open({ tls: true, region: 'eu-central-1' });
    expect(slot.url).toMatch(/^https:.*-response-eucentral1\//);
    await expect(upload(slot.url, answer(slot))).rejects.toThrow(/self-signed certificate/);
    const ca = readFileSync(server.caFile ?? '');
    const body = answer(slot);
    const headers = { 'content-type': '', 'content-length': Buffer.byteLength(body) };
    const status = await new Promise((resolve, reject) => {
      httpsRequest(slot.url, { method: 'PUT', ca, headers }, (response) =>
        resolve(response.resume().statusCode),
      )
        .on('error', reject)
        .end(body);
    });
    expect(status).toBe(200);
    expect(server.violations()).toEqual([]);
  });
});

describe('S3 refuses', () => {
  test.each<[string, number, (slot: Slot) => Promise<number>]>([
    ['another method', 403, (slot) => upload(slot.url, answer(slot), { method: 'POST' })],
    [
      'a content-type',
      403,
      (slot) => upload(slot.url, answer(slot), { headers: { 'content-type': 'application/json' } }),
    ],
    ['another signature', 403, (slot) => upload(slot.url.slice(0, -1), answer(slot))],
    ['an unknown object', 403, (slot) => upload(slot.url.replace('request-1', 'request-2'), answer(slot))],
    [
      'a chunked body',
      501,
      (slot) =>
        new Promise((resolve, reject) => {
          const headers = { 'content-type': '', 'transfer-encoding': 'chunked' };
          httpRequest(slot.url, { method: 'PUT', headers }, (response) =>
            resolve(response.resume().statusCode ?? 0),
          )
            .on('error', reject)
            .end(answer(slot));
        }),
    ],
  ])('%s', async (_, status, send) => {
    const slot = await open();
    expect(await send(slot)).toBe(status);
    expect(slot.uploads.some(({ kept }) => kept)).toBe(false);
    expect(await upload(slot.url, answer(slot))).toBe(200);
  });

  test('an expired URL', async () => {
    const clockAt = { ms: 1_800_000_000_000 };
    const { systemClock } = await import('../../../common/clock.ts');
    const slot = await open({ clock: { ...systemClock, now: () => clockAt.ms } });
    clockAt.ms += 7_200_001;
    expect(await upload(slot.url, answer(slot))).toBe(403);
    clockAt.ms -= 1;
    expect(await upload(slot.url, answer(slot))).toBe(200);
  });
});

describe('the server notes', () => {
  test('a content-type that was left to a default', async () => {
    const slot = await open();
    const body = answer(slot);
    await new Promise((resolve, reject) => {
      httpRequest(
        slot.url,
        { method: 'PUT', headers: { 'content-length': Buffer.byteLength(body) } },
        (response) => response.resume().on('end', resolve),
      )
        .on('error', reject)
        .end(body);
    });
    expect(server.violations()).toEqual(['Create Thing: content-type is absent, it has to be sent empty']);
  });

  test('a content-length in characters, where CloudFormation then reads half an answer', async () => {
    const slot = await open();
    const body = answer(slot, { Data: { Name: '電話番号' } });
    const { hostname, port, pathname, search } = new URL(slot.url);
    const socket = connect(Number(port), hostname);
    socket.write(`PUT ${pathname}${search} HTTP/1.1\r\nhost: ${hostname}\r\ncontent-type:\r\n`);
    socket.write(`content-length: ${body.length}\r\n\r\n${body}`);
    expect(await slot.answered).toMatchObject({
      status: 'FAILED',
      reason: expect.stringMatching(/not a JSON object/),
    });
    socket.destroy();
  });

  test('a second answer to one delivery', async () => {
    const slot = await open();
    await upload(slot.url, answer(slot));
    expect(await upload(slot.url, answer(slot))).toBe(200);
    expect(server.violations()).toEqual(['Create Thing: answered 2 times, delivered 1 times']);
  });

  test('no fault in the same answer to a second delivery, nor in a repeat after a lost acknowledgement', async () => {
    const slot = await open();
    server.fault({ kind: 'lost' });
    await expect(upload(slot.url, answer(slot))).rejects.toThrow();
    expect(await upload(slot.url, answer(slot))).toBe(200);
    slot.countDelivery();
    expect(await upload(slot.url, answer(slot))).toBe(200);
    expect(server.violations()).toEqual([]);
  });

  test('an answer that contradicts the first; the first one counts', async () => {
    const slot = await open();
    slot.countDelivery();
    await upload(slot.url, answer(slot, { Status: 'FAILED', Reason: 'because' }));
    await upload(slot.url, answer(slot));
    expect(await slot.answered).toMatchObject({ status: 'FAILED' });
    expect(server.violations()).toEqual(['Create Thing: SUCCESS contradicts the earlier answer, FAILED']);
  });
});

describe('an upload', () => {
  test('sees a status as often as asked for', async () => {
    const slot = await open();
    server.fault({ kind: 'status', status: 503 }, 2);
    server.fault({ kind: 'status', status: 400 });
    const statuses = [];
    for (let i = 0; i < 4; i += 1) statuses.push(await upload(slot.url, answer(slot)));
    expect(statuses).toEqual([503, 503, 400, 200]);
    expect(server.violations()).toEqual([]);
  });

  test('of another request is spared by a fault that matches one', async () => {
    const slot = await open();
    server.fault({ kind: 'status', status: 500 }, 1, ({ RequestType }) => RequestType === 'Delete');
    expect(await upload(slot.url, answer(slot))).toBe(200);
  });

  test('is reset', async () => {
    const slot = await open();
    server.fault({ kind: 'reset' });
    await expect(upload(slot.url, answer(slot))).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(slot.uploads).toEqual([]);
  });

  test('hangs until its sender gives up', async () => {
    const slot = await open();
    server.fault({ kind: 'hang' });
    const request = httpRequest(slot.url, {
      method: 'PUT',
      headers: { 'content-type': '', 'content-length': 2 },
    });
    const failed = new Promise((resolve) => request.on('error', resolve));
    request.end('{}');
    // Looked for between turns of the event loop: a loop of immediates can keep the connection from opening.
    while (slot.uploads.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    request.destroy(new Error('given up'));
    expect(await failed).toMatchObject({ message: 'given up' });
    expect(slot.uploads[0]).toMatchObject({ kept: false });
  });

  test('is slow', async () => {
    const slot = await open();
    server.fault({ kind: 'slow', ms: 60 });
    const before = Date.now();
    expect(await upload(slot.url, answer(slot))).toBe(200);
    expect(Date.now() - before).toBeGreaterThanOrEqual(59);
  });

  test('is refused a connection until the port opens again', async () => {
    const slot = await open();
    await server.refuseConnections();
    await expect(upload(slot.url, answer(slot))).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await server.acceptConnections();
    expect(await upload(slot.url, answer(slot))).toBe(200);
  });
});
