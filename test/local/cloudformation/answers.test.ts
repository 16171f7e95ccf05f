import { interpret, type Upload, violations } from '../../../local/cloudformation/answers.ts';
import type { CustomResourceEvent } from '../../../local/cloudformation/events.ts';

const ServiceToken = 'arn:aws:lambda:us-east-1:123456789012:function:provider';
const create: CustomResourceEvent = {
  RequestType: 'Create',
  ServiceToken,
  ResponseURL: 'https://bucket/answer',
  StackId: 'arn:aws:cloudformation:us-east-1:123456789012:stack/s/1',
  RequestId: 'request-1',
  LogicalResourceId: 'Thing',
  ResourceType: 'Custom::Thing',
  ResourceProperties: { ServiceToken },
};
const remove: CustomResourceEvent = { ...create, RequestType: 'Delete', PhysicalResourceId: 'old' };
const correct = {
  Status: 'SUCCESS',
  PhysicalResourceId: 'old',
  StackId: create.StackId,
  RequestId: create.RequestId,
  LogicalResourceId: create.LogicalResourceId,
};

function upload(
  answer: unknown,
  spoiled: { method?: string; headers?: Record<string, string[]> } = {},
): Upload {
  const text = typeof answer === 'string' ? answer : JSON.stringify(answer);
  const body = Buffer.isBuffer(answer) ? answer : Buffer.from(text);
  const headers = { 'content-type': [''], 'content-length': [String(body.length)], ...spoiled.headers };
  const present = Object.entries(headers).filter(([, values]) => values.length > 0);
  return { method: spoiled.method ?? 'PUT', headers: new Map(present), body };
}

/** An answer of so many bytes, the rest of it correct. */
function sized(bytes: number): string {
  const reason = (n: number) => JSON.stringify({ ...correct, Status: 'FAILED', Reason: 'é'.repeat(n) });
  const text = reason(Math.floor((bytes - Buffer.byteLength(reason(0))) / 2));
  return text + ' '.repeat(bytes - Buffer.byteLength(text));
}

describe('an answer without fault', () => {
  test.each([
    ['SUCCESS', correct],
    ['FAILED with a Reason', { ...correct, Status: 'FAILED', Reason: 'because' }],
    ['with attributes', { ...correct, Data: { Name: 'text', 'Outer.Inner': '' }, NoEcho: true }],
    ['of 4,096 bytes', sized(4096)],
    ['with an id of 1,024 bytes', { ...correct, PhysicalResourceId: 'x'.repeat(1024) }],
    ['to an Update with a new id', { ...correct, PhysicalResourceId: 'new' }],
  ])('%s breaks no rule', (_, answer) => {
    expect(
      violations(upload(answer), { ...create, RequestType: 'Update', PhysicalResourceId: 'old' }),
    ).toEqual([]);
  });
});

describe('an answer is refused when', () => {
  const without = (name: string) =>
    Object.fromEntries(Object.entries(correct).filter(([key]) => key !== name));

  test.each<[string, RegExp, Upload]>([
    ['it comes by POST', /method is POST/, upload(correct, { method: 'POST' })],
    [
      'its content-type is JSON',
      /content-type is 'application\/json'/,
      upload(correct, { headers: { 'content-type': ['application/json'] } }),
    ],
    [
      'it has no content-type',
      /content-type is absent/,
      upload(correct, { headers: { 'content-type': [] } }),
    ],
    [
      'it has no content-length',
      /content-length is absent/,
      upload(correct, { headers: { 'content-length': [] } }),
    ],
    [
      'content-length counts characters',
      /content-length is \d+, \d+ bytes arrived/,
      upload(
        { ...correct, Data: { Name: '電話' } },
        {
          headers: {
            'content-length': [String(JSON.stringify({ ...correct, Data: { Name: '電話' } }).length)],
          },
        },
      ),
    ],
    ['it has 4,097 bytes', /4097 bytes/, upload(sized(4097))],
    ['it is no JSON', /no JSON object/, upload(JSON.stringify(correct).slice(0, -1))],
    ['it is no object', /no JSON object/, upload([correct])],
    ['it is not UTF-8', /no JSON object/, upload(Buffer.from('{"Reason":"\xe9"}', 'latin1'))],
    ['it has a field of its own', /Message is no field/, upload({ ...correct, Message: '' })],
    ['StackId is another', /StackId is not/, upload({ ...correct, StackId: 'other' })],
    ['RequestId is another', /RequestId is not/, upload({ ...correct, RequestId: 'other' })],
    ['LogicalResourceId is missing', /LogicalResourceId is not/, upload(without('LogicalResourceId'))],
    ['Status is another word', /Status is neither/, upload({ ...correct, Status: 'OK' })],
    ['it failed without a Reason', /Reason is required/, upload({ ...correct, Status: 'FAILED' })],
    [
      'it failed with an empty Reason',
      /Reason is required/,
      upload({ ...correct, Status: 'FAILED', Reason: '' }),
    ],
    ['Reason is an object', /Reason is no string/, upload({ ...correct, Status: 'FAILED', Reason: {} })],
    ['NoEcho is a string', /NoEcho is no boolean/, upload({ ...correct, NoEcho: 'true' })],
    ['it has no PhysicalResourceId', /missing or empty/, upload(without('PhysicalResourceId'))],
    ['PhysicalResourceId is empty', /missing or empty/, upload({ ...correct, PhysicalResourceId: '' })],
    [
      'PhysicalResourceId has more than 1 KB',
      /1026 bytes/,
      upload({ ...correct, PhysicalResourceId: 'é'.repeat(513) }),
    ],
    ['Data is a list', /Data is no object/, upload({ ...correct, Data: ['x'] })],
    ['an attribute is a number', /Data.Count is no string/, upload({ ...correct, Data: { Count: 1 } })],
    ['an attribute is an object', /Data.Nested is no string/, upload({ ...correct, Data: { Nested: {} } })],
    ['an attribute is null', /Data.Empty is no string/, upload({ ...correct, Data: { Empty: null } })],
  ])('%s', (_, expected, spoiled) => {
    const found = violations(spoiled, create);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(expected);
  });

  test('it gives a deleted resource a new id', () => {
    expect(violations(upload({ ...correct, PhysicalResourceId: 'new' }), remove)).toEqual([
      'a Delete was answered with another PhysicalResourceId',
    ]);
    expect(violations(upload(correct), remove)).toEqual([]);
  });
});

describe('CloudFormation takes', () => {
  const taken = (answer: unknown) => interpret(upload(answer).body, create);

  test('a SUCCESS with its id and its scalar attributes', () => {
    const Data = { Text: 'x', Count: 1, Yes: true, Nested: {} };
    expect(taken({ ...correct, Data })).toEqual({
      status: 'SUCCESS',
      physicalResourceId: 'old',
      data: { Text: 'x', Count: '1', Yes: 'true' },
    });
  });

  test('the id and the Reason of a FAILED', () => {
    expect(taken({ ...correct, Status: 'FAILED', Reason: 'because' })).toEqual({
      status: 'FAILED',
      physicalResourceId: 'old',
      reason:
        'Received response status [FAILED] from custom resource. Message returned: because (RequestId: request-1)',
    });
  });

  test.each<[string, unknown, RegExp]>([
    ['a SUCCESS without an id', { ...correct, PhysicalResourceId: undefined }, /Invalid PhysicalResourceId/],
    [
      'an id of more than 1 KB',
      { ...correct, PhysicalResourceId: 'x'.repeat(1025) },
      /Invalid PhysicalResourceId/,
    ],
    ['4,097 bytes', sized(4097), /too long/],
    ['half an answer', JSON.stringify(correct).slice(0, -5), /not a JSON object/],
    ['an answer to another request', { ...correct, RequestId: 'other' }, /RequestId does not match/],
    ['an unknown Status', { ...correct, Status: 'OK' }, /Status/],
  ])('%s as a failure without an id', (_, answer, reason) => {
    expect(taken(answer)).toEqual({ status: 'FAILED', reason: expect.stringMatching(reason) });
  });
});
