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
    const { Reason } = JSON.parse(failed('\nfirst\n\tsecond\u0000third ').toString());
    expect(Reason).toBe('first second third');
  });

  test.each([
    ['with the ids of the request', 'Lambda request 1'],
    ['alone', undefined],
  ])('a reason takes 1,500 bytes at most, %s', (_what, ids) => {
    const { Reason } = JSON.parse(failed('x'.repeat(5000), ids).toString());
    expect(Buffer.byteLength(Reason)).toBe(1500);
    const fits = 'x'.repeat(1500 - (ids === undefined ? 0 : ` (${ids})`.length));
    expect(JSON.parse(failed(fits, ids).toString()).Reason).toBe(
      ids === undefined ? fits : `${fits} (${ids})`,
    );
  });

  test('a reason that fits stands alone where nobody names ids', () => {
    expect(JSON.parse(failed('It is wrong.').toString())).toEqual({
      Status: 'FAILED',
      PhysicalResourceId: 'id',
      StackId: address.stackId,
      RequestId: address.requestId,
      LogicalResourceId: 'Action',
      Reason: 'It is wrong.',
    });
  });

  test('a success may tell news, with its attributes', () => {
    const outcome = {
      status: 'SUCCESS',
      physicalId: 'id',
      data: { Version: '2' },
      remark: 'It was\nthere.',
    } as const;
    expect(JSON.parse(encodeAnswer(address, outcome, 'Lambda request 1').toString())).toMatchObject({
      Status: 'SUCCESS',
      Data: { Version: '2' },
      Reason: 'It was there. (Lambda request 1)',
    });
  });

  test('a success without attributes has none', () => {
    const answered = JSON.parse(encodeAnswer(address, { status: 'SUCCESS', physicalId: 'id' }).toString());
    expect(Object.keys(answered)).toEqual([
      'Status',
      'PhysicalResourceId',
      'StackId',
      'RequestId',
      'LogicalResourceId',
    ]);
  });

  test('a failure without a message still has a reason', () => {
    expect(JSON.parse(failed('').toString()).Reason).toBe('The request failed without a message.');
  });
});
