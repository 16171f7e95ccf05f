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
  ])('is missing: %s', (_what, input) => {
    expect(() => readAnswerAddress(input)).toThrow(expect.objectContaining({ name: 'RequestError' }));
  });

  test('is complete in a good event', () => {
    expect(readAnswerAddress({ ...event, PhysicalResourceId: 'id' })).toMatchObject({
      logicalId: 'Action',
      physicalId: 'id',
    });
  });
});

describe('a request', () => {
  test.each([
    ['RequestType', { RequestType: undefined }],
    ['RequestType', { RequestType: 'Read' }],
    ['ResourceType', { ResourceType: 7 }],
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
  ])('comes from %s', (_what, query, expected) => {
    expect(signingDate(new URL(`https://x.invalid/?${query}`))).toBe(expected);
  });
});
