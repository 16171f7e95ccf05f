import { encodeAnswer, MAX_ANSWER_BYTES } from '../../../provider/protocol/answer.ts';

const address = {
  stackId: 'arn:aws:cloudformation:eu-west-1:123456789012:stack/orders/1a2b3c4d',
  requestId: '0b8c5a54-7a2e-4b62-9f0c-5a3d3b1f2c11',
  logicalId: 'Action',
  responseUrl: new URL('https://example.invalid/'),
};
const failed = (reason: string, ids?: string) =>
  encodeAnswer(address, { status: 'FAILED', physicalId: 'id', reason }, ids);

describe('an answer', () => {
  test('echoes who asked, and carries the attributes as they are', () => {
    const body = encodeAnswer(address, {
      status: 'SUCCESS',
      physicalId: 'custom_-_1',
      data: { Name: 'Größe' },
    });
    expect(JSON.parse(body.toString('utf8'))).toEqual({
      Status: 'SUCCESS',
      PhysicalResourceId: 'custom_-_1',
      StackId: address.stackId,
      RequestId: address.requestId,
      LogicalResourceId: 'Action',
      Data: { Name: 'Größe' },
    });
  });

  test.each([
    ['ASCII', 'a'],
    ['two bytes a character', 'é'],
    ['three bytes a character', '漢'],
    ['surrogate pairs', '😀'],
    ['quotes, which JSON escapes', '"'],
    ['backslashes, which JSON escapes', '\\'],
  ])('never exceeds 4,096 bytes and stays valid JSON: %s', (_what, character) => {
    const body = failed(character.repeat(10_000), 'Lambda request 1');
    expect(body.length).toBeLessThanOrEqual(MAX_ANSWER_BYTES);
    const { Reason } = JSON.parse(body.toString('utf8'));
    expect(Reason).not.toContain('\ufffd');
    expect(Reason).toMatch(/… \(Lambda request 1\)$/);
  });

  test('a long physical id leaves the reason what room there is', () => {
    const physicalId = '漢'.repeat(340);
    const body = encodeAnswer(
      address,
      { status: 'FAILED', physicalId, reason: 'x'.repeat(5000) },
      'Lambda request 1',
    );
    expect(body.length).toBeLessThanOrEqual(MAX_ANSWER_BYTES);
    expect(JSON.parse(body.toString('utf8')).PhysicalResourceId).toBe(physicalId);
  });

  test('a reason is one line without control characters', () => {
    expect(JSON.parse(failed('first\n\tsecond\u0000third').toString()).Reason).toBe('first second third');
  });

  test('a failure without a message still has a reason', () => {
    expect(JSON.parse(failed('').toString()).Reason).toBe('The request failed without a message.');
  });
});
