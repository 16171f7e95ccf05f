import { readAnswerAddress, readRequest, signingDate } from '../../../provider/protocol/event.ts';

const event = {
  RequestType: 'Create',
  ResponseURL:
    'https://cloudformation-custom-resource-response-euwest1.s3-eu-west-1.amazonaws.com/x?X-Amz-Date=20261120T120000Z',
  StackId: 'arn:aws:cloudformation:eu-west-1:123456789012:stack/orders/1a2b3c4d',
  RequestId: '0b8c5a54',
  LogicalResourceId: 'Action',
  ResourceType: 'Custom::GenesysDataAction',
  ResourceProperties: { ServiceToken: 'arn' },
};

describe('an address to answer to', () => {
  test.each([
    ['no object', 7],
    ['null', null],
    ['a list', []],
    ['no ResponseURL', { ...event, ResponseURL: undefined }],
    ['a ResponseURL that is no URL', { ...event, ResponseURL: 'x' }],
    ['no StackId', { ...event, StackId: undefined }],
    ['a StackId that would fill the answer', { ...event, StackId: `${event.StackId}${'x'.repeat(5000)}` }],
    ['a RequestId with control characters', { ...event, RequestId: 'a\nb' }],
    ['no LogicalResourceId', { ...event, LogicalResourceId: '' }],
    ['a PhysicalResourceId of 2 KB', { ...event, PhysicalResourceId: 'x'.repeat(2048) }],
    ['a PhysicalResourceId that is an object', { ...event, PhysicalResourceId: {} }],
    ['a PhysicalResourceId of 1,025 bytes', { ...event, PhysicalResourceId: `${'é'.repeat(512)}x` }],
    ['a ResponseURL that is a number', { ...event, ResponseURL: 7 }],
    ['a StackId that is a list', { ...event, StackId: [event.StackId] }],
    ['a RequestId of 129 characters', { ...event, RequestId: 'x'.repeat(129) }],
    ['a LogicalResourceId of 256 characters', { ...event, LogicalResourceId: 'x'.repeat(256) }],
    ['a LogicalResourceId that begins with a dash', { ...event, LogicalResourceId: '-x' }],
    ['a LogicalResourceId that ends with a dash', { ...event, LogicalResourceId: 'x-' }],
    ['a RequestId that ends with a blank', { ...event, RequestId: 'x ' }],
    ['a RequestId that begins with a blank', { ...event, RequestId: ' x' }],
  ])('is missing: %s', (_what, input) => {
    expect(() => readAnswerAddress(input)).toThrow(expect.objectContaining({ name: 'RequestError' }));
  });

  test.each([
    `x${event.StackId}`,
    `${event.StackId}/`,
    event.StackId.replace('aws', ''),
    event.StackId.replace('aws', 'AWS'),
    event.StackId.replace('eu-west-1', ''),
    event.StackId.replace('eu-west-1', 'EU'),
    event.StackId.replace('123456789012', '12345678901'),
    event.StackId.replace('123456789012', '1234567890123'),
    event.StackId.replace('123456789012', '12345678901x'),
    event.StackId.replace('orders', ''),
    event.StackId.replace('orders', 'or_ders'),
    event.StackId.replace('1a2b3c4d', ''),
    event.StackId.replace('1a2b3c4d', '1a2b_'),
    event.StackId.replace(':stack/', ':stackset/'),
  ])('is missing where the StackId is %s', (StackId) => {
    expect(() => readAnswerAddress({ ...event, StackId })).toThrow('no valid StackId');
  });

  test('is complete in a good event', () => {
    expect(readAnswerAddress({ ...event, PhysicalResourceId: 'id' })).toEqual({
      stackId: event.StackId,
      requestId: '0b8c5a54',
      attemptId: expect.stringMatching(/^0b8c5a54\/[0-9a-f]{16}$/),
      logicalId: 'Action',
      responseUrl: new URL(event.ResponseURL),
      physicalId: 'id',
    });
  });

  test.each([
    ['a PhysicalResourceId of 1,024 bytes', { PhysicalResourceId: 'é'.repeat(512) }],
    ['a RequestId of 128 characters', { RequestId: 'x'.repeat(128) }],
    ['a LogicalResourceId of 255 characters', { LogicalResourceId: 'x'.repeat(255) }],
    ['a stack of another partition', { StackId: event.StackId.replace('aws', 'aws-us-gov') }],
  ])('may have %s', (_what, change) => {
    expect(readAnswerAddress({ ...event, ...change })).toMatchObject({
      responseUrl: new URL(event.ResponseURL),
    });
  });

  test.each([undefined, null, ''])('has no physical id where the event has %o', (PhysicalResourceId) => {
    expect(readAnswerAddress({ ...event, PhysicalResourceId })).not.toHaveProperty('physicalId');
  });

  test.each([
    ['is no object', 7, 'The event is no custom-resource request: it is no object.'],
    [
      'has no ResponseURL',
      { ...event, ResponseURL: '' },
      'The event has no ResponseURL: there is nothing to answer.',
    ],
    [
      'names no stack',
      { ...event, StackId: '' },
      'The event has no valid StackId, RequestId and LogicalResourceId: it cannot be answered.',
    ],
    [
      'has a long physical id',
      { ...event, PhysicalResourceId: 'x'.repeat(2000) },
      'The event has a PhysicalResourceId that is no text of at most 1 KB: it cannot be answered.',
    ],
  ])('is refused with the cause where the event %s', (_what, input, message) => {
    expect(() => readAnswerAddress(input)).toThrow(message);
  });
});

describe('a request', () => {
  test.each([
    ['RequestType', { RequestType: undefined }],
    ['RequestType', { RequestType: 'Read' }],
    ['ResourceType', { ResourceType: 7 }],
    ['ResourceType', { ResourceType: '' }],
  ])('without a valid %s is refused, and can be answered', (name, change) => {
    const address = readAnswerAddress(event);
    expect(() => readRequest({ ...event, ...change }, address)).toThrow(name);
  });

  test('properties that are no object count as none', () => {
    expect(readRequest({ ...event, ResourceProperties: 'x' }, readAnswerAddress(event)).properties).toEqual(
      {},
    );
  });
});

describe('the fields of a request', () => {
  const requestOf = (change: object) => readRequest({ ...event, ...change }, readAnswerAddress(event));
  const common = {
    stackId: event.StackId,
    requestId: '0b8c5a54',
    attemptId: readAnswerAddress(event).attemptId,
    logicalId: 'Action',
    responseUrl: new URL(event.ResponseURL),
    resourceType: 'Custom::GenesysDataAction',
    signedAt: Date.UTC(2026, 10, 20, 12),
    properties: { ServiceToken: 'arn' },
    content: expect.any(String),
    wanted: expect.any(String),
  };

  test.each(['Create', 'Delete'])('a %s has the properties alone', (RequestType) => {
    expect(requestOf({ RequestType })).toEqual({ ...common, type: RequestType });
  });

  test('an Update has the old properties too', () => {
    const old = { ServiceToken: 'arn', Name: 'n' };
    const update = requestOf({ RequestType: 'Update', OldResourceProperties: old });
    expect(update).toEqual({
      ...common,
      type: 'Update',
      oldProperties: old,
      wantedBefore: requestOf({ ResourceProperties: old }).wanted,
    });
  });

  test('an event that is no object is no request', () => {
    expect(() => readRequest(undefined, readAnswerAddress(event))).toThrow(
      'The request has no RequestType of Create, Update or Delete.',
    );
  });

  test('a request whose ResponseURL has no date has none', () => {
    const undated = { ...event, ResponseURL: 'https://x.invalid/x' };
    expect(readRequest(undated, readAnswerAddress(undated))).not.toHaveProperty('signedAt');
  });
});

describe('a generation of a request', () => {
  const read = (change: object = {}) => {
    const changed = { ...event, ...change };
    return readRequest(changed, readAnswerAddress(changed));
  };

  test('is told by the whole ResponseURL, which its id does not show', () => {
    const { attemptId } = read();
    expect(attemptId).toMatch(/^0b8c5a54\/[0-9a-f]{16}$/);
    expect(read().attemptId).toBe(attemptId);
    for (const ResponseURL of [`${event.ResponseURL}0`, event.ResponseURL.replace('/x?', '/y?')])
      expect(read({ ResponseURL }).attemptId).not.toBe(attemptId);
  });

  test.each([
    { RequestType: 'Delete' },
    { ResourceType: 'Custom::Other' },
    { PhysicalResourceId: 'id' },
    { ResourceProperties: { ServiceToken: 'other' } },
    { OldResourceProperties: {} },
  ])('asks for something else where %o differs', (change) => {
    expect(read(change).content).not.toBe(read().content);
  });

  test('asks for the same where only the ResponseURL or the order of fields differs', () => {
    const two = { ResourceProperties: { ServiceToken: 'arn', Name: 'n' } };
    const turned = { ResourceProperties: { Name: 'n', ServiceToken: 'arn' } };
    expect(read({ ...turned, ResponseURL: `${event.ResponseURL}0` }).content).toBe(read(two).content);
  });
});

describe('the signing date', () => {
  test.each([
    ['X-Amz-Date', 'X-Amz-Date=20261120T131415Z', Date.UTC(2026, 10, 20, 13, 14, 15)],
    ['Expires less two hours', 'AWSAccessKeyId=x&Expires=1795190000&Signature=y', (1795190000 - 7200) * 1000],
    ['nothing', 'a=b', undefined],
    ['an X-Amz-Date that is none', 'X-Amz-Date=yesterday', undefined],
    ['an X-Amz-Date with more in front', 'X-Amz-Date=120261120T131415Z', undefined],
    ['an X-Amz-Date with more behind', 'X-Amz-Date=20261120T131415Z1', undefined],
    ['an Expires of nine digits', 'Expires=999999999', (999999999 - 7200) * 1000],
    ['an Expires of eleven digits', 'Expires=10000000000', (10000000000 - 7200) * 1000],
    ['an Expires of eight digits', 'Expires=99999999', undefined],
    ['an Expires of twelve digits', 'Expires=100000000000', undefined],
    ['an Expires that is no number', 'Expires=179519000x', undefined],
    ['an Expires with a sign', 'Expires=-1795190000', undefined],
  ])('comes from %s', (_what, query, expected) => {
    expect(signingDate(new URL(`https://x.invalid/?${query}`))).toBe(expected);
  });
});
