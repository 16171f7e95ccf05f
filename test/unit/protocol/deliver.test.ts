/** How often, for how long and after which failures an answer is sent again. */
import { DeliveryError, deliver } from '../../../provider/protocol/deliver.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { type Answering, type LoopbackServer, loopbackServer } from '../../support/loopback-server.ts';

let server: LoopbackServer;
let clock: FakeClock;
beforeEach(() => {
  clock = new FakeClock();
});
afterEach(() => server.close());

/** Answers with one status after the other; the last one goes on. */
const statuses =
  (...codes: number[]): Answering =>
  (_received, response) => {
    response.statusCode = (codes.length > 1 ? codes.shift() : codes[0]) ?? 200;
    response.end();
  };
const bucket = async (answering: Answering) => {
  server = await loopbackServer(answering);
};
const send = (milliseconds: number, random = () => 1) =>
  deliver(new URL('/answer?signature=secret', server.url), Buffer.from('{"Größe":1}'), {
    clock,
    until: clock.now() + milliseconds,
    random,
  });

test.each([200, 204, 299])('a bucket that says %s has the answer', async (status) => {
  await bucket(statuses(status));
  await send(60_000);
  expect(
    server.received.map(({ method, headers }) => [
      method,
      headers['content-type'],
      headers['content-length'],
    ]),
  ).toEqual([['PUT', '', '13']]);
  expect(server.received[0]?.body).toBe('{"Größe":1}');
  expect(clock.sleeps).toEqual([]);
});

test.each([300, 302, 400, 403, 404, 409, 428, 430, 499])(
  'a bucket that says %s is asked once',
  async (status) => {
    await bucket(statuses(status));
    await expect(send(60_000)).rejects.toThrow(
      new DeliveryError(`CloudFormation's response bucket refused the answer: status ${status}.`),
    );
    expect(server.received).toHaveLength(1);
  },
);

test.each([408, 429, 500, 503, 599])('a bucket that says %s is asked again', async (status) => {
  await bucket(statuses(status, 200));
  await send(60_000);
  expect(server.received).toHaveLength(2);
});

test('a redirect is not followed: the answer holds ids', async () => {
  await bucket((_received, response) => response.writeHead(307, { location: '/elsewhere' }).end());
  await expect(send(60_000)).rejects.toThrow('refused the answer: status 307');
  expect(server.received).toHaveLength(1);
});

test('waits double from 250 ms to 8 s, until no time is left', async () => {
  await bucket(statuses(503));
  await expect(send(30_000)).rejects.toThrow(
    new DeliveryError("CloudFormation's response bucket took no answer in 8 attempts: status 503."),
  );
  expect(clock.sleeps).toEqual([250, 500, 1000, 2000, 4000, 8000, 8000]);
});

test('a wait is a random part of the longest', async () => {
  await bucket(statuses(503, 503, 200));
  await send(60_000, () => 0.5);
  expect(clock.sleeps).toEqual([125, 250]);
});

test('a wait that would end at the last moment is not begun', async () => {
  await bucket(statuses(503));
  await expect(send(250)).rejects.toThrow('in 1 attempts: status 503');
  expect(clock.sleeps).toEqual([]);
});

test.each([
  ['five seconds', 60_000, 5_000, 4_999],
  ['the time that is left', 2_000, 2_000, 1_999],
])(
  'a silent bucket is given up after %s, and asked again while there is time',
  async (_what, until, limit, before) => {
    await bucket(() => undefined);
    let ended = false;
    const sent = send(until, () => 0).finally(() => {
      ended = true;
    });
    const refused = expect(sent).rejects.toThrow(
      /took no answer in \d+ attempts: no answer within the time limit/,
    );
    for (let attempt = 1; !ended && attempt < 20; attempt += 1) {
      await Promise.race([server.arrived(attempt), sent.catch(() => undefined)]);
      if (ended) break;
      clock.advance(before);
      await new Promise((resolve) => setImmediate(resolve));
      expect(server.received).toHaveLength(attempt);
      clock.advance(limit - before);
      await Promise.race([server.arrived(attempt + 1), sent.catch(() => undefined)]);
    }
    await refused;
    expect(server.received).toHaveLength(Math.ceil(until / limit));
  },
);

test('a connection that breaks is named by its code, and the URL with its signature is not shown', async () => {
  await bucket((_received, _response, request) => request.socket.destroy());
  const error = await send(100).catch((thrown: Error) => thrown);
  expect(error).toBeInstanceOf(DeliveryError);
  expect((error as Error).message).toBe(
    "CloudFormation's response bucket took no answer in 1 attempts: UND_ERR_SOCKET.",
  );
});

test('no timer is left behind', async () => {
  await bucket(statuses(503, 200));
  await send(60_000);
  expect(clock.pending).toBe(0);
});
