import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DeadlineError } from '../../../common/errors.ts';
import { type Application, serve } from '../../../provider/protocol/index.ts';
import type { Log } from '../../../provider/runtime/logger.ts';

const nothing = () => {};
const log: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing };

/** A clock whose timers never fire: work sees the time that is over before the deadline does. */
function lateClock() {
  let now = Date.UTC(2026, 10, 20, 12);
  return {
    now: () => now,
    schedule: () => () => {},
    sleep: async () => {},
    pass: (milliseconds: number) => {
      now += milliseconds;
    },
  };
}

/** A response bucket that keeps one answer. */
async function bucket() {
  let keep = (_answer: { Reason: string }) => {};
  const answered = new Promise<{ Reason: string }>((resolve) => {
    keep = resolve;
  });
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    response.end();
    keep(JSON.parse(Buffer.concat(parts).toString()) as { Reason: string });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { answered, url: `http://127.0.0.1:${port}/answer`, server };
}

// 15 of the 300 seconds are kept for the answer.
test.each([
  ['after its time', 290_000],
  ['a moment before its time, by a timer that leaves fractions out', 284_999],
])('work that ends %s is answered with the cause', async (_when, passed) => {
  const clock = lateClock();
  const { answered, url, server } = await bucket();
  const application = {
    handle: async () => {
      clock.pass(passed);
      throw new DeadlineError('No time is left for GET /api/v2/integrations.');
    },
    answered: async () => {},
  } as unknown as Application;
  const handler = serve({
    application: () => application,
    clock,
    log,
    allowLoopbackResponseUrl: true,
  });
  const event = {
    RequestType: 'Create',
    ResourceType: 'Custom::GenesysDataAction',
    StackId: 'arn:aws:cloudformation:eu-west-1:123456789012:stack/orders/1a2b3c4d',
    RequestId: '0b8c5a54',
    LogicalResourceId: 'Action',
    ResponseURL: url,
    ServiceToken: 'arn:aws:lambda:eu-west-1:123456789012:function:provider',
    ResourceProperties: {},
  };
  try {
    await handler(event, { awsRequestId: 'x', getRemainingTimeInMillis: () => 300_000 });
    const { Reason } = await answered;
    expect(Reason).toContain('The time for this request is over before Genesys Cloud had done it all.');
    expect(Reason).not.toContain('No time is left');
  } finally {
    server.close();
  }
});
