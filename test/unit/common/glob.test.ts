import fc from 'fast-check';
import { matchesGlob } from '../../../common/glob.ts';

test.each([
  ['team-*', 'team-orders', true],
  ['team-*', 'team', false],
  ['order?', 'orders', true],
  ['order?', 'order', false],
  ['*', '', true],
  ['', '', true],
  ['', 'a', false],
  ['a.c', 'abc', false],
  ['(a+)+$', '(a+)+$', true],
  ['a*b', 'a\nb', true],
  ['*a*b', 'xaxb', true],
  ['*ab', 'aab', true],
  ['**', 'x', true],
  ['*', '*?', true],
])('%j matches %j: %s', (glob, value, expected) => {
  expect(matchesGlob(glob, value)).toBe(expected);
});

/** The definition itself, too slow for long texts. */
function matches(glob: string, value: string): boolean {
  if (glob === '') return value === '';
  const [first, rest] = [glob[0], glob.slice(1)];
  if (first === '*') return matches(rest, value) || (value !== '' && matches(glob, value.slice(1)));
  return value !== '' && (first === '?' || first === value[0]) && matches(rest, value.slice(1));
}

test('a match is what the definition of a glob says', () => {
  const glob = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?', '.', '('), maxLength: 8 });
  const value = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?', '.', '('), maxLength: 8 });
  fc.assert(
    fc.property(glob, value, (pattern, text) => {
      expect(matchesGlob(pattern, text)).toBe(matches(pattern, text));
    }),
    { numRuns: 2_000 },
  );
});

/** A text that counts how often one of its characters is read. */
function counted(text: string): { text: ArrayLike<string>; reads: () => number } {
  let reads = 0;
  const proxy = new Proxy([...text], {
    get(target, name) {
      if (name !== 'length') reads += 1;
      return Reflect.get(target, name);
    },
  });
  return { text: proxy, reads: () => reads };
}

const LENGTH = 600;
test.each([
  ['a dozen stars', '*a'.repeat(12), 'a'.repeat(LENGTH)],
  ['a dozen stars and no end', `${'*a'.repeat(12)}b`, 'a'.repeat(LENGTH)],
  ['stars only', '*'.repeat(LENGTH), 'a'.repeat(LENGTH)],
  ['a long text after each star', `${`*${'a'.repeat(40)}`.repeat(12)}b`, 'a'.repeat(LENGTH)],
  ['a long text after one star', `*${'a'.repeat(LENGTH / 2)}b`, 'a'.repeat(LENGTH)],
  ['question marks', `${'*?'.repeat(100)}b`, 'a'.repeat(LENGTH)],
])('a hostile glob of %s costs no more steps than both lengths multiplied', (_what, pattern, text) => {
  const glob = counted(pattern);
  const value = counted(text);
  matchesGlob(glob.text, value.text);
  expect(value.reads()).toBeLessThanOrEqual((pattern.length + 1) * (text.length + 1));
  expect(glob.reads()).toBeLessThanOrEqual((pattern.length + 1) * (text.length + 2));
});

test('any glob costs no more steps than both lengths multiplied', () => {
  const unit = fc.constantFrom('a', 'b', '*', '?');
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 60 }), fc.string({ unit, maxLength: 60 }), (pattern, text) => {
      const value = counted(text);
      matchesGlob(pattern, value.text);
      expect(value.reads()).toBeLessThanOrEqual((pattern.length + 1) * (text.length + 1));
    }),
  );
});
