import { macros } from '../../../local/genesys-cloud/macros.ts';
import { render } from '../../../local/genesys-cloud/templates.ts';

const odd = 'a b&c="d"/é\'';
const context = {
  a: 'x',
  list: '[1,2]',
  odd,
  input: { orderId: 'A+1 (x)', none: undefined, dollars: '$5' },
};

/** Each macro with an example. */
const examples: [string, string][] = [
  ['${esc.dollar}5 $esc.d', '$5 $'],
  ['${esc.hash}set ${esc.h}', '#set #'],
  ['${esc.backslash}${esc.b}', '\\\\'],
  ['${esc.quote}${esc.q}', '""'],
  ['${esc.singleQuote}${esc.s}', "''"],
  ['${esc.exclamation}${esc.e}', '!!'],
  ['${esc.newline}${esc.n}', '\n\n'],
  ['$esc.java($odd)', String.raw`a b&c=\"d\"/é'`],
  ['$esc.javascript($odd)', String.raw`a b&c=\"d\"\/é\'`],
  ['$esc.json($odd)', String.raw`a b&c=\"d\"/é'`],
  ['$esc.jsonEncode($odd)', String.raw`a b&c=\"d\"/é'`],
  ['$esc.jsonString($odd)', String.raw`a b&c=\"d\"/é'`],
  ['$esc.jsonDecode("x\\ny")', 'x\ny'],
  ['$esc.html($odd)', "a b&amp;c=&quot;d&quot;/é'"],
  ['$esc.xml($odd)', 'a b&amp;c=&quot;d&quot;/é&apos;'],
  ['$esc.sql("O\'Hara")', "O''Hara"],
  ['$esc.url($odd)', 'a+b%26c%3D%22d%22%2F%C3%A9%27'],
  ['$esc.urlFormEncode($odd)', 'a+b%26c%3D%22d%22%2F%C3%A9%27'],
  ['$esc.uriEncode("${input.orderId}")', 'A%2B1%20%28x%29'],
  ['$esc.unurl("a+b%26")', 'a b&'],
  ['$encoding.base64("${a}:b")', 'eDpi'],
  ['$math.abs(-2)', '2'],
  ['$math.add(1, 2, 3)', '6'],
  ['$math.sub(5, 2)', '3'],
  ['$math.mul(2, 3)', '6'],
  ['$math.div(7, 2)', '3.5'],
  ['$math.idiv(7, 2)', '3'],
  ['$math.mod(7, 2)', '1'],
  ['$math.pow(2, 3)', '8'],
  ['$math.max(1, 3, 2)', '3'],
  ['$math.min(3, 1, 2)', '1'],
  ['$math.round(2.5)', '3'],
  ['$math.floor(2.5)', '2'],
  ['$math.ceil(2.1)', '3'],
  ['$math.roundTo(1, 2.25)', '2.3'],
  ['$math.toInteger("2.9")', '2'],
  ['$math.toDouble("2.5")', '2.5'],
  ['$math.toNumber("7")', '7'],
  ['${successTemplateUtils.firstFromArray("${list}")}', '1'],
  ['${successTemplateUtils.firstFromArray("[]", "9")}', '9'],
  [
    '$successTemplateUtils.moveKeysIntoArrayOfObjects(\'{"a": {"x": 1}, "b": {}}\', "id")',
    '[{"x":1,"id":"a"},{"id":"b"}]',
  ],
  ['?$urlTool.optionalQueryParam("q", $odd)', '?q=a%20b%26c%3D%22d%22%2F%C3%A9%27'],
  ['?$urlTool.optionalQueryParam("q", "$!{input.none}")', '?'],
  ['$salesforce.escReserved("${input.orderId}?")', String.raw`A\+1 \(x\)\?`],
];

test.each(examples)('the macro %s', (template, expected) => {
  expect(render(template, context)).toBe(expected);
});

test('every macro has an example', () => {
  const all = Object.entries(macros).flatMap(([prefix, library]) =>
    Object.keys(library).map((name) => `${prefix}.${name}`),
  );
  const shown = examples.map(([template]) => template).join('\n');
  expect(all.filter((name) => !new RegExp(`${name.replace('.', '\\.')}\\b`).test(shown))).toEqual([]);
});

test.each([
  ['#if($a == "x")yes#else no#end', 'yes'],
  ['#set($b = "$a!")$b', 'x!'],
  ['#foreach($one in [1, 2])$one;#end', '1;2;'],
  ['a ## comment', 'a '],
  ['${unknown.thing} $!{unknown}', '${unknown.thing} '],
  ['$a.toUpperCase()', 'X'],
  ['{"price": "${input.dollars}", "sum": $math.add(1, 1)}', '{"price": "$5", "sum": 2}'],
  ['{"a": "b", "äöü": "日本"}\r\n', '{"a": "b", "äöü": "日本"}\r\n'],
])('the template %j', (template, expected) => {
  expect(render(template, context)).toBe(expected);
});

/** Values have Java's methods in Velocity. */
test.each([
  ['#if($a.equals("x"))yes#{else}no#end', 'yes'],
  ['#if($a.equals("y"))yes#{else}no#end', 'no'],
  ['#if($n.equals(3))yes#end', 'yes'],
  ['#if($a.isEmpty())yes#{else}no#end', 'no'],
  ['#if($empty.isEmpty())yes#end', 'yes'],
  ['#if($a.equalsIgnoreCase("X"))yes#end', 'yes'],
  ['#if($long.contains("b.c"))yes#end', 'yes'],
  ['#if($long.matches("b"))yes#{else}no#end', 'no'],
  ['#if($long.matches("a.+d"))yes#end', 'yes'],
  ['$long.length()', '7'],
  ['$long.replace(".", "-")', 'a-b-c-d'],
  ['$long.replaceAll("[ab]", "-")', '-.-.c.d'],
  ['$long.replaceFirst("[abc]", "-")', '-.b.c.d'],
  ['$long.split("[.]").size()', '4'],
  ['$tail.split(",").size()', '2'],
  ['$long.toUpperCase().substring(2)', 'B.C.D'],
  ['#if($items.contains("p") && !$items.isEmpty())yes#end', 'yes'],
])('a method of Java in the template %j', (template, expected) => {
  const values = { a: 'x', n: 3, empty: '', long: 'a.b.c.d', tail: 'a,b,,', items: ['p', 'q'] };
  expect(render(template, values)).toBe(expected);
});
