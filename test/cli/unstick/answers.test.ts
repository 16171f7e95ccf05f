/** An answer by hand is given only where it is true. */
import { failureByHand, type LedgerView, successByHand } from '../../../cli/unstick/answers.ts';
import { type FailedRequest, isForeign, readMessage } from '../../../cli/unstick/event.ts';
import { kindOf } from '../../../cli/unstick/stuck.ts';

const stackId = 'arn:aws:cloudformation:us-east-1:123456789012:stack/orders/0a1b';
const functionArn = 'arn:aws:lambda:us-east-1:123456789012:function:genesys-cloud-provider';
const now = Date.UTC(2026, 10, 20, 8);
const owner = { stackId, logicalId: 'Action' };

function failed(event: object): FailedRequest {
  const body = JSON.stringify({
    requestPayload: {
      RequestType: 'Create',
      ResourceType: 'Custom::GenesysDataAction',
      StackId: stackId,
      RequestId: 'request-1',
      LogicalResourceId: 'Action',
      ResponseURL:
        'https://cloudformation-custom-resource-response-useast1.s3.amazonaws.com/x?X-Amz-Date=20261120T075900Z',
      ResourceProperties: {},
      ...event,
    },
  });
  const read = readMessage({ messageId: 'm', receipt: 'r', body }, functionArn, false);
  if (isForeign(read)) throw new Error(read.problem);
  return read;
}

const attempt = (changes: object) =>
  ({ ...owner, steps: [], state: 'failed', lease: { holder: '', until: 0 }, ...changes }) as never;
const object = (changes = {}) => ({ kind: 'action', id: 'a-1', owner, dirty: false, ...changes }) as never;
const view = (changes: Partial<LedgerView>): LedgerView => ({
  attempt: undefined,
  owner: undefined,
  objects: [],
  ...changes,
});
const succeeded = attempt({ state: 'succeeded', answer: { physicalId: 'a-1', data: { Version: '1' } } });
const atWork = attempt({ state: 'running', lease: { holder: 'x', until: now + 10_000 } });
const update = { RequestType: 'Update', PhysicalResourceId: 'a-0' };
const deletion = { RequestType: 'Delete', PhysicalResourceId: 'a-1' };

test.each<[string, object, LedgerView | undefined, object | RegExp]>([
  ['a ledger that cannot be read', {}, undefined, /cannot be read/],
  ['a request that the ledger does not know', {}, view({}), /does not show that this request succeeded/],
  ['an attempt that failed', {}, view({ attempt: attempt({}) }), /does not show/],
  ['an attempt that is at work', {}, view({ attempt: atWork }), /works on this request at this moment/],
  ['an answer without its object', {}, view({ attempt: succeeded }), /does not show that this resource has/],
  [
    'an object of another resource',
    {},
    view({ attempt: succeeded, objects: [object({ owner: { stackId, logicalId: 'Other' } })] }),
    /does not show that this resource has/,
  ],
  [
    'an object that is believed gone',
    {},
    view({ attempt: succeeded, objects: [object({ believedGoneAt: 1 })] }),
    /does not show that this resource has/,
  ],
  [
    'a later write that was not finished',
    {},
    view({ attempt: succeeded, objects: [object({ dirty: true })] }),
    /begun and not finished/,
  ],
  [
    'a Create that succeeded',
    {},
    view({ attempt: succeeded, objects: [object()] }),
    { status: 'SUCCESS', physicalId: 'a-1', data: { Version: '1' } },
  ],
  [
    'an Update whose answer names another object, as the ledger has it',
    update,
    view({ attempt: succeeded, objects: [object()] }),
    { status: 'SUCCESS', physicalId: 'a-1', data: { Version: '1' } },
  ],
  [
    'a Delete of an object that is there',
    deletion,
    view({ objects: [object()] }),
    /is gone or was left behind/,
  ],
  ['a Delete that the ledger knows nothing of', deletion, view({}), /--retain-resources Action/],
  [
    'a Delete of an object that was let go',
    deletion,
    view({ owner: { ...owner, objects: [], unfinished: [], letGo: [{ kind: 'action', id: 'a-1' }] } }),
    { status: 'SUCCESS', physicalId: 'a-1' },
  ],
  [
    'a Delete of an object that was let go and has come back',
    deletion,
    view({
      owner: { ...owner, objects: [], unfinished: [], letGo: [{ kind: 'action', id: 'a-1' }] },
      objects: [object()],
    }),
    /is gone or was left behind/,
  ],
  [
    'a Delete of an object that is believed gone',
    deletion,
    view({ objects: [object({ believedGoneAt: 1 })] }),
    { status: 'SUCCESS', physicalId: 'a-1' },
  ],
  [
    'a Delete of nothing',
    { RequestType: 'Delete', PhysicalResourceId: 'nothing-created/request-0' },
    view({}),
    { status: 'SUCCESS', physicalId: 'nothing-created/request-0' },
  ],
])('success by hand: %s', (_, event, ledger, expected) => {
  const judged = successByHand(failed(event), ledger, now);
  if (expected instanceof RegExp) expect(judged).toEqual({ refusal: expect.stringMatching(expected) });
  else expect(judged).toEqual({ outcome: expected });
});

const made = (kind: string) => [{ kind, state: 'made', marker: {}, id: 'a-1' }];
test.each<[string, object, LedgerView | undefined, RegExp]>([
  ['a Create that the ledger does not know made nothing', {}, view({}), /^nothing-created\/request-1/],
  ['a Create without a readable ledger may have made something', {}, undefined, /^failed-create\/request-1/],
  [
    'a Create that has made the object names it, so that the rollback deletes it',
    {},
    view({ attempt: attempt({ steps: made('action') }) }),
    /^a-1$/,
  ],
  [
    'a Create that has made a part names the request',
    {},
    view({ attempt: attempt({ steps: made('credential') }) }),
    /^failed-create\/request-1/,
  ],
  [
    'a Create that succeeded names its object',
    {},
    view({ attempt: succeeded, objects: [object()] }),
    /^a-1$/,
  ],
  ['an Update keeps the id', update, view({ attempt: attempt({ steps: made('action') }) }), /^a-0$/],
  ['a Delete keeps the id', deletion, view({}), /^a-1$/],
])('failure by hand: %s', (_, event, ledger, id) => {
  expect(failureByHand(failed(event), ledger, { reason: 'down', now, kindOf })).toEqual({
    outcome: { status: 'FAILED', physicalId: expect.stringMatching(id), reason: 'down' },
  });
});

test('failure by hand is refused while the provider works on the request', () => {
  const judged = failureByHand(failed({}), view({ attempt: atWork }), { reason: 'down', now, kindOf });
  expect(judged).toEqual({ refusal: expect.stringMatching(/works on this request/) });
});
