import type { CustomResourceRequest } from '../../../provider/protocol/event.ts';
import { deadlineOf, isStale, timeIsOver } from '../../../provider/protocol/time.ts';

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
