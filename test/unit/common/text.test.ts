import { byDistance, bytesInJson, cut, cutToBytes, nearest } from '../../../common/text.ts';

describe('a text that is too long', () => {
  test.each<[string, string, number, string]>([
    ['fits', 'abc', 3, 'abc'],
    ['ends in an ellipsis, which counts', 'abcd', 3, 'ab…'],
    ['is never cut within a character', 'a😀b', 3, 'a…'],
  ])('%s', (_what, text, length, expected) => {
    expect(cut(text, length)).toBe(expected);
    expect(cut(text, length).length).toBeLessThanOrEqual(length);
  });

  test.each<[string, string, number, string]>([
    ['fits', 'äb', 3, 'äb'],
    ['ends in an ellipsis, whose three bytes count', 'äbcd', 4, '…'],
    ['is measured with the escapes of JSON', '"""""', 8, '""…'],
    ['is never cut within a character', '😀😀😀', 8, '😀…'],
  ])('by bytes in JSON: %s', (_what, text, bytes, expected) => {
    expect(cutToBytes(text, bytes)).toBe(expected);
    expect(bytesInJson(cutToBytes(text, bytes))).toBeLessThanOrEqual(bytes);
  });
});

describe('the nearest name', () => {
  test.each<[string, string, readonly string[], string | undefined]>([
    ['differs in few letters', 'RollArn', ['RoleArn', 'Name'], 'RoleArn'],
    ['may differ in capitals', 'rolearn', ['RoleArn', 'Name'], 'RoleArn'],
    ['is none where too many letters differ', 'zzzzzzzz', ['RoleArn', 'Name'], undefined],
    ['is none of an endless text', 'x'.repeat(101), ['x'.repeat(101)], undefined],
    ['is none that has no letter of a short name', 'c', ['a'], undefined],
    ['may differ in one of two letters', 'ix', ['id'], 'id'],
    ['is none of an empty list', 'Name', [], undefined],
    ['is not one that every object inherits', 'toString', ['ServiceTimeout'], undefined],
  ])('%s', (_what, name, known, expected) => {
    expect(nearest(name, known)).toBe(expected);
  });

  test('differs in at most as many letters as the caller allows', () => {
    expect(nearest('HEAD', ['GET', 'POST'], 1)).toBeUndefined();
    expect(nearest('HEAD', ['GET', 'POST'], 3)).toBe('GET');
  });

  test('stands before those that are farther off', () => {
    expect(byDistance('eu-west-1', ['us-east-1', 'eu-west-2', 'eu-west-1']).map(({ name }) => name)).toEqual([
      'eu-west-1',
      'eu-west-2',
      'us-east-1',
    ]);
  });
});
