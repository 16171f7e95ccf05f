/** The FAILED answer: which id it carries, so that CloudFormation's next request means the right object. */
import { RequestError } from '../../../common/errors.ts';
import { failedOutcome } from '../../../provider/protocol/failure.ts';
import { Progress } from '../../../provider/protocol/progress.ts';

const address = {
  stackId: 'arn:aws:cloudformation:eu-west-1:123456789012:stack/orders/1a2b3c4d',
  requestId: 'r1',
  attemptId: 'r1/1',
  logicalId: 'Action',
  responseUrl: new URL('https://x.invalid/'),
};
const INVENTED = 'orders-Action-1M4K6ZP0QX2AB';

const made = (progress: Progress) => {
  progress.mayHaveWritten();
  progress.hasObject('new');
};
const removedAgain = (progress: Progress) => {
  made(progress);
  progress.hasNoObject();
};
const wrote = (progress: Progress) => progress.mayHaveWritten();
const nothing = () => {};

test.each([
  ['a Create that made an object names the object', 'Create', undefined, made, 'new'],
  ['a Create that may have written names itself', 'Create', undefined, wrote, 'failed-create/r1/1'],
  ['a Create whose object was removed names itself', 'Create', undefined, removedAgain, 'failed-create/r1/1'],
  ['a Create that wrote nothing says so', 'Create', undefined, nothing, 'nothing-created/r1/1'],
  ['an Update of an object keeps its id', 'Update', 'old', made, 'old'],
  ['an Update of an object that wrote nothing keeps its id', 'Update', 'old', nothing, 'old'],
  ['an Update of an invented id names the object that it made', 'Update', INVENTED, made, 'new'],
  [
    'an Update of an invented id that may have written names itself',
    'Update',
    INVENTED,
    wrote,
    'failed-create/r1/1',
  ],
  ['an Update of an invented id that wrote nothing keeps it', 'Update', INVENTED, nothing, INVENTED],
  ['an Update of nothing names the object that it made', 'Update', 'nothing-created/r0/1', made, 'new'],
  ['a Delete keeps the id of its object', 'Delete', 'old', wrote, 'old'],
  ['a Delete keeps an invented id', 'Delete', INVENTED, wrote, INVENTED],
  ['a Delete without an id names nothing', 'Delete', undefined, nothing, 'nothing-created/r1/1'],
] as const)('%s', (_rule, RequestType, physicalId, did, expected) => {
  const progress = new Progress();
  did(progress);
  const of = physicalId === undefined ? address : { ...address, physicalId };
  expect(failedOutcome(new Error('x'), { RequestType }, of, progress).physicalId).toBe(expected);
});

test('an event that is nothing at all has a failure too', () => {
  const { physicalId } = failedOutcome(new Error('x'), null, address, new Progress());
  expect(physicalId).toBe('nothing-created/r1/1');
});

test.each([
  ['an error of the provider says its message alone', new RequestError('It is wrong.'), 'It is wrong.'],
  [
    'another error is said to be unexpected',
    new Error('x is null'),
    'The provider failed unexpectedly: x is null.',
  ],
  ['a thrown text is said to be unexpected', 'boom', 'The provider failed unexpectedly: boom.'],
])('%s', (_rule, error, expected) => {
  expect(failedOutcome(error, {}, address, new Progress())).toMatchObject({
    status: 'FAILED',
    reason: expected,
  });
});
