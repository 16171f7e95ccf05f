import type { CustomResourceRequest } from '../../../provider/protocol/event.ts';
import {
  deadlineOf,
  isStale,
  lastWordTime,
  serviceTimeoutOf,
  timeIsOver,
} from '../../../provider/protocol/time.ts';

const signedAt = Date.UTC(2026, 10, 20, 12);
const undated: CustomResourceRequest = {
  type: 'Create',
  resourceType: 'Custom::GenesysDataAction',
  stackId: 'arn:aws:cloudformation:eu-west-1:123456789012:stack/orders/1a2b3c4d',
  requestId: '0b8c5a54',
  attemptId: '0b8c5a54/1',
  content: '',
  wanted: '',
  logicalId: 'Action',
  properties: {},
  responseUrl: new URL('https://x.invalid/'),
};
const request = (properties: Record<string, unknown> = {}) => ({ ...undated, properties, signedAt });
const after = (seconds: number) => signedAt + seconds * 1000;

test.each([
  ['an hour by default', {}, 3_600_001, true],
  ['an hour by default', {}, 3_599_000, false],
  ['its ServiceTimeout', { ServiceTimeout: '60' }, 60_001, true],
  ['its ServiceTimeout', { ServiceTimeout: '60' }, 59_000, false],
  ['an hour where ServiceTimeout is no number', { ServiceTimeout: 'x' }, 61_000, false],
  ['an hour where ServiceTimeout is longer', { ServiceTimeout: '7200' }, 3_600_001, true],
])('a request is stale after %s', (_what, properties, age, expected) => {
  expect(isStale(request(properties), signedAt + age)).toBe(expected);
});

test('a request without a date is never stale', () => {
  expect(isStale(undated, Number.MAX_SAFE_INTEGER)).toBe(false);
});

test.each([
  ['Lambda ends first: 15 s before that', {}, 0, 300, 285],
  ['CloudFormation ends first: 15 s before that', { ServiceTimeout: 100 }, 10, 300, 85],
  ['little time is left: a fifth of it is kept', { ServiceTimeout: 60 }, 10, 300, 50],
  ['CloudFormation waits no longer: the time left to Lambda counts', { ServiceTimeout: 60 }, 61, 161, 146],
])('work has to end where %s', (_what, properties, begun, killed, expected) => {
  expect(deadlineOf(request(properties), after(begun), after(killed))).toBe(after(expected));
});

test('without a date the time left to Lambda counts', () => {
  expect(deadlineOf(undated, after(0), after(300))).toBe(after(285));
});

test.each([
  ['the ServiceTimeout', { ServiceTimeout: 60 }, 0, 300, /^The ServiceTimeout of 60 seconds is too short/],
  ["Lambda's time", {}, 0, 300, /^The time for this request is over/],
  ["a late request's time", { ServiceTimeout: 60 }, 61, 300, /^The time for this request is over/],
])('a request that is not done says that %s ended it', (_what, properties, begun, killed, expected) => {
  expect(timeIsOver(request(properties), after(begun), after(killed)).message).toMatch(expected);
});

const over = (type: CustomResourceRequest['type'], ServiceTimeout?: number) =>
  timeIsOver({ ...request({ ServiceTimeout }), type }, after(0), after(300)).message;

test.each([
  ['Create', 20, 'Set ServiceTimeout: 1200, and deploy again.'],
  ['Update', 299, 'Set ServiceTimeout: 1200, and deploy again.'],
  ['Create', 1200, 'Deploy again.'],
  ['Update', undefined, 'Deploy again.'],
  ['Delete', 20, 'leave the object by delete-stack with --retain-resources, and remove it in Genesys Cloud.'],
  ['Delete', 1200, 'Delete the stack again.'],
] as const)('a %s with a ServiceTimeout of %s that is not done says what to do', (type, seconds, remedy) => {
  expect(over(type, seconds)).toContain(remedy);
});

test.each([
  ['1', 1],
  [3600, 3600],
  [3601, 3600],
  [0, 3600],
  [-5, 3600],
  ['1.5', 3600],
  [undefined, 3600],
])('a ServiceTimeout of %s means %s seconds', (ServiceTimeout, expected) => {
  expect(serviceTimeoutOf(request({ ServiceTimeout }))).toBe(expected);
});

test('a request is not stale in the moment in which CloudFormation stops waiting', () => {
  expect(isStale(request({ ServiceTimeout: 60 }), after(60))).toBe(false);
});

test('a sixth of the time for the answer is left to the last word', () => {
  expect(lastWordTime(request(), after(0), after(300))).toBe(2500);
  expect(lastWordTime(request({ ServiceTimeout: 60 }), after(30), after(330))).toBeCloseTo(1000);
});

test.each([
  [329, 'The ServiceTimeout of 329 seconds is too short'],
  [330, 'The time for this request'],
])(
  'a ServiceTimeout of %s seconds is judged by whether the function has all of its time',
  (seconds, expected) => {
    for (const type of ['Create', 'Delete'] as const) {
      const { message } = timeIsOver(
        { ...request({ ServiceTimeout: seconds }), type },
        after(100),
        after(400),
      );
      expect(message.startsWith(expected)).toBe(true);
    }
  },
);

test("a Delete whose time was Lambda's says so", () => {
  const remove = { ...request({ ServiceTimeout: 60 }), type: 'Delete' } as const;
  expect(timeIsOver(remove, after(0), after(60)).message).toMatch(/^The time for this request was over/);
});
