import type { Context } from 'aws-lambda';
import { type Clock, systemClock } from '../../../common/clock.ts';
import type { CustomResourceEvent } from '../../../local/cloudformation/events.ts';
import { InProcessInvoker } from '../../../local/cloudformation/in-process-invoker.ts';

const ServiceToken = 'arn:aws:lambda:us-east-1:123456789012:function:things';
const event: CustomResourceEvent = {
  RequestType: 'Create',
  ServiceToken,
  ResponseURL: 'http://127.0.0.1:1/',
  StackId: 'stack',
  RequestId: 'request',
  LogicalResourceId: 'Thing',
  ResourceType: 'Custom::Thing',
  ResourceProperties: { ServiceToken },
};

/** A clock that stands still until a test moves it. */
function manualClock(): Clock & { advance(ms: number): void } {
  let now = 1_800_000_000_000;
  const due = new Map<() => void, number>();
  return {
    ...systemClock,
    now: () => now,
    schedule(ms, action) {
      due.set(action, now + ms);
      return () => due.delete(action);
    },
    advance(ms) {
      now += ms;
      for (const [action, at] of due) if (at <= now) action();
    },
  };
}

test('the context has the time left by the given clock, and no callbacks of old', async () => {
  const clock = manualClock();
  const left: number[] = [];
  let seen: Context | undefined;
  const invoker = new InProcessInvoker(
    async (_, context) => {
      seen = context;
      left.push(context.getRemainingTimeInMillis());
      clock.advance(400);
      left.push(context.getRemainingTimeInMillis());
    },
    { timeoutMs: 1000, clock },
  );
  expect(await invoker.invoke(event)).toBe('returned');
  expect(left).toEqual([1000, 600]);
  expect(seen).toMatchObject({ functionName: 'things', invokedFunctionArn: ServiceToken });
  expect(seen).not.toHaveProperty('done');
});

test('a handler that is past its deadline is no longer waited for', async () => {
  const clock = manualClock();
  const invoker = new InProcessInvoker(() => new Promise(() => {}), { timeoutMs: 1000, clock });
  const end = invoker.invoke(event);
  clock.advance(1000);
  expect(await end).toBe('timed out');
});

test('a handler that throws counts as crashed, and what it threw is logged', async () => {
  const invoker = new InProcessInvoker(async () => {
    throw new Error('on purpose');
  });
  expect(await invoker.invoke(event)).toBe('crashed');
  expect(invoker.logs()).toContain('on purpose');
});

test('a handler cannot change the event for the next delivery', async () => {
  const invoker = new InProcessInvoker(async (copy) => {
    copy.ResourceProperties['Added'] = 'x';
  });
  await invoker.invoke(event);
  expect(event.ResourceProperties).toEqual({ ServiceToken });
});
