import { jsonPath } from '../../../local/genesys-cloud/json-path.ts';

const people = [
  { purpose: 'customer', id: 1, age: 5, tags: ['a', 'b'] },
  { purpose: 'agent', id: 2, age: 7, "it's": { 'a.b': 3 } },
  { purpose: 'Customer', id: 3 },
];
const document = {
  people,
  store: { book: [{ title: 'A', price: 1 }, { title: 'B' }], 'odd name': { x: null }, 'odd-name': 4 },
  numbers: [1, 2, 3, 4],
  text: 'hello',
};

describe('a path that can have one value is that value, or nothing:', () => {
  test.each<[string, unknown]>([
    ['$', document],
    ['$.store.book[1].title', 'B'],
    ['$.store.book[-1].title', 'B'],
    ['$.store.book[9].title', undefined],
    ["$['store']['odd name'].x", null],
    ['$["store"]["odd name"].x', null],
    ['$.store.odd-name', 4],
    ['$.store.none', undefined],
    ['$.text.none', undefined],
    ['$.constructor', undefined],
    // Jayway puts `$.` before a path that has no `$`.
    ['store.book[0].title', 'A'],
    ["['store'].book[0].title", 'A'],
    ["$.['store'].book[0].title", 'A'],
    ['@.text', 'hello'],
    [' $.text ', 'hello'],
    ["$.people[1]['it\\'s']['a.b']", 3],
  ])('%s', (path, expected) => {
    expect(jsonPath(path, document)).toEqual(expected);
  });
});

describe('a path that may have several values is a list:', () => {
  test.each<[string, unknown[]]>([
    ['$.store.book[*].title', ['A', 'B']],
    ['$.store.book.*.title', ['A', 'B']],
    ['$..title', ['A', 'B']],
    ["$..['title']", ['A', 'B']],
    ['$.none[*].title', []],
    ['$.numbers[-2:]', [3, 4]],
    ['$.numbers[:2]', [1, 2]],
    ['$.numbers[1:3]', [2, 3]],
    ['$.numbers[0,2]', [1, 3]],
    ["$.store['odd-name','none']", [4]],
    ["$.people[?(@.purpose=='customer')].id", [1]],
    ['$.people[?(@.purpose == "agent" || @.id > 2)].id', [2, 3]],
    ["$.people[?(@.age >= 5 && @.purpose != 'agent')].id", [1]],
    ['$.people[?(@.age)].id', [1, 2]],
    ['$.people[?(!@.age)].id', [3]],
    ['$.people[?(@.tags.length() == 2)].id', [1]],
    ['$.people[?(@.tags.size() > 5)].id', []],
    ['$.people[?(@.purpose =~ /customer/i)].id', [1, 3]],
    ['$.people[?(@.purpose =~ /cust/)].id', []],
    ["$.people[?(@.purpose in ['agent', 'Customer'])].id", [2, 3]],
    ['$.people[?(@.id nin [1, 2])].id', [3]],
    ["$.people[?(@['it\\'s'])].id", [2]],
    ["$.people[?(@.purpose == ']')].id", []],
    ['$.people[?(@.id == $.numbers[1])].purpose', ['agent']],
    ["$..[?(@.title == 'B')].title", ['B']],
  ])('%s', (path, expected) => {
    expect(jsonPath(path, document)).toEqual(expected);
  });
});

describe('a function at the end of a path takes its value:', () => {
  test.each<[string, unknown]>([
    ['$.numbers.length()', 4],
    ['$.numbers.size()', 4],
    ['$.people[?(@.age)].length()', 2],
    ['$.store.length()', 3],
    ['$.text.length()', null],
    ['$.none.length()', undefined],
    ['$.numbers.sum()', 10],
    ['$.numbers.avg()', 2.5],
    ['$.numbers.min()', 1],
    ['$..price.max()', 1],
    ['$.store.keys()', ['book', 'odd name', 'odd-name']],
    ['$.numbers.first()', 1],
    ['$.numbers.last()', 4],
  ])('%s', (path, expected) => {
    expect(jsonPath(path, document)).toEqual(expected);
  });
});

test.each([
  '$.store[',
  '$..',
  '$.store.book[?(@.price >)]',
  '$.numbers.stddev()',
  '$.text.sum()',
  '$.a b',
  '$[?(globalThis.process.exit())]',
  "$[?(@.constructor.constructor('return 1')())]",
])('%s is refused, and no code is run', (path) => {
  expect(() => jsonPath(path, document)).toThrow();
});
