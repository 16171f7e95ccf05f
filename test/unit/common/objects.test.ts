import { isPlainObject, ownMember } from '../../../common/objects.ts';

test.each<[string, unknown, boolean]>([
  ['an object', { a: 1 }, true],
  ['an object without a prototype', Object.create(null), true],
  ['a list', [], false],
  ['null', null, false],
  ['text', 'a', false],
  ['nothing', undefined, false],
])('%s: is it what JSON calls an object?', (_what, value, expected) => {
  expect(isPlainObject(value)).toBe(expected);
});

test.each(['constructor', 'toString', 'hasOwnProperty', '__proto__'])(
  'an inherited %s is no member, an own one is',
  (name) => {
    expect(ownMember({}, name)).toBeUndefined();
    expect(ownMember(JSON.parse(`{"${name}": 1}`), name)).toBe(1);
  },
);
