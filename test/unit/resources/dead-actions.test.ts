/** Actions of which no call can succeed are refused; everything that may work passes. */
import { deadEnds } from '../../../provider/resources/data-action/dead-actions.ts';
import { imbalance } from '../../../provider/resources/data-action/json-balance.ts';

const arn = 'arn:aws:lambda:us-east-1:123456789012:function:orders';
type Action = Parameters<typeof deadEnds>[0];

const faultsOf = (
  { UrlTemplate = arn, ...request }: Partial<Action['Request']>,
  Response: Action['Response'] = {},
  callsLambda: boolean | undefined = undefined,
) =>
  deadEnds({ Request: { UrlTemplate, ...request }, Response }, callsLambda).map(
    ({ path, problem }) => `${path} ${problem}`,
  );

describe('the target', () => {
  test.each([
    arn,
    `${arn}:live`,
    `${arn}:7`,
    `${arn}:$LATEST`,
    'arn:aws-us-gov:lambda:us-gov-west-1:123456789012:function:a_b-C9',
    'arn:aws-cn:lambda:cn-north-1:123456789012:function:x',
    `${arn}:\${input.alias}`,
    'arn:aws:lambda:us-east-1:123456789012:function:${input.name}',
    '${input.functionArn}',
    '$input.functionArn',
  ])('%s is taken, whether the integration is known to call functions or not', (UrlTemplate) => {
    expect([true, undefined].flatMap((known) => faultsOf({ UrlTemplate }, {}, known))).toEqual([]);
  });

  test.each([
    ['orders', 'and orders looks like its name: write !GetAtt'],
    ['stack-OrdersFunction-1A2B3C', 'and stack-OrdersFunction-1A2B3C looks like its name'],
    ['arn:aws:sqs:us-east-1:123456789012:orders', 'must be the ARN of a Lambda function, with'],
    ['arn:aws:lambda:us-east-1:123456789012:layer:orders:1', 'must be the ARN of a Lambda function, with'],
    ['arn:aws:lambda:us-east-1:1234:function:orders', 'must be the ARN of a Lambda function, with'],
  ])('%s is refused for a function, and for an integration of unknown type', (UrlTemplate, fault) => {
    for (const known of [true, undefined])
      expect(faultsOf({ UrlTemplate }, {}, known)).toEqual([expect.stringContaining(fault)]);
  });

  test.each([
    'https://example.com/orders',
    'https://example.com/${input.id}',
    '/api/v2/users',
    'example.com/x',
  ])('%s is refused only where the integration is known to call functions', (UrlTemplate) => {
    expect(faultsOf({ UrlTemplate }, {}, true)).toHaveLength(1);
    expect(faultsOf({ UrlTemplate }, {}, undefined)).toEqual([]);
    expect(faultsOf({ UrlTemplate }, {}, false)).toEqual([]);
  });

  test('the ARN of a function is refused where the integration is known to call web services', () => {
    expect(faultsOf({ UrlTemplate: arn }, {}, false)).toEqual([
      expect.stringContaining('must be an address such as https://example.com/orders'),
    ]);
    expect(faultsOf({ UrlTemplate: '${input.url}' }, {}, false)).toEqual([]);
  });

  test('a function takes POST, also where the method is left out; a web service takes any', () => {
    expect(faultsOf({ Type: 'POST' })).toEqual([]);
    expect(faultsOf({})).toEqual([]);
    expect(faultsOf({ Type: 'GET' })).toEqual([
      'Request.Type must be POST for a Lambda function, not GET; or leave it out',
    ]);
    expect(faultsOf({ UrlTemplate: 'https://example.com', Type: 'GET' })).toEqual([]);
    expect(faultsOf({ UrlTemplate: '${input.functionArn}', Type: 'GET' }, {}, true)).toHaveLength(1);
    expect(faultsOf({ UrlTemplate: '${input.url}', Type: 'GET' })).toEqual([]);
  });
});

describe('a template', () => {
  test.each([
    ['{"a": "${input.a}"', '} is missing at the end'],
    ['{"a": ["x"}', '} closes nothing that is open'],
    ['{"a": "x}', 'a text in quotes is not closed'],
    ['[1, 2', '] is missing at the end'],
  ])('%s is refused in request and response', (template, fault) => {
    const said = `is no JSON once Genesys Cloud has filled it in: ${fault}`;
    expect(faultsOf({ Template: template })).toEqual([`Request.Template ${said}`]);
    expect(faultsOf({}, { SuccessTemplate: template })).toEqual([`Response.SuccessTemplate ${said}`]);
  });

  test.each([
    '',
    '${input.rawRequest}',
    'a=${input.a}&b={',
    '{"a": "$esc.jsonString($input.a)", "b": ${input.b}}',
    '{"a": $esc.quote${input.a}"}',
    '{"a": ${esc.q}x"}',
    '{"a": ${input.a|"}"}',
    '#if($input.a){"a": 1#else{"b": 1#end}',
    '{"a": 1 ## open',
    '{"a": "#1 {"}',
    '{"a": "\\"{"}',
    '{"a": "$math.add(${input.a}, $math.sub(1, $esc.x("}")))"}',
  ])('%s is not judged, or right', (template) => {
    expect(imbalance(template)).toBeUndefined();
    expect(faultsOf({ Template: template })).toEqual([]);
  });

  test.each(['$a[', '$a.b(', '$a.b("', '${a', '$a.b($a.b(', '[{', '#', '\\', '"${a}"'])(
    'of a quarter of a megabyte of %s takes no long time',
    (part) => {
      const begun = process.cpuUsage();
      imbalance(`{${part.repeat(262_144 / part.length)}`);
      // Time of the processor, so other work on the machine does not count. A quadratic walk takes minutes.
      expect(process.cpuUsage(begun).user / 1e6).toBeLessThan(5);
    },
  );

  test('a body that is declared to be no JSON is not judged', () => {
    const Template = '{"a"';
    expect(faultsOf({ Template, Headers: { 'content-Type': 'text/plain' } })).toEqual([]);
    expect(faultsOf({ Template, Headers: { 'Content-Type': 'application/json' } })).toHaveLength(1);
  });
});

describe('a path of the translation map', () => {
  test.each([
    ['$status', 'is no JSONPath: after $ comes a point or a bracket, as in $.status'],
    ['${status}', 'is no JSONPath: after $ comes a point or a bracket, as in $.status'],
    ['$!{status}', 'is no JSONPath: after $ comes a point or a bracket, as in $.status'],
    ['$input.get("a")', 'is no JSONPath: after $ comes a point or a bracket, as in $.input.get'],
    ['$ .a', 'is no JSONPath: after $ comes a point or a bracket, as in $.a'],
    ['$.order.', 'is no JSONPath: it ends with a point'],
    ['$..', 'is no JSONPath: it ends with a point'],
    ['$.orders[0', 'is no JSONPath: a bracket is not closed'],
    ["$.orders['a].id", undefined],
  ])('%s', (path, fault) => {
    expect(faultsOf({}, { TranslationMap: { a: path } })).toEqual(
      fault === undefined ? [] : [`Response.TranslationMap.a ${fault}`],
    );
  });

  test.each([
    '$',
    '$.a',
    '$..id',
    '@.a',
    'a.b',
    "['participants'][0].id",
    "$.['schön']",
    "$.a['b]'].c",
    '$.a[?(@.b =~ /[a-z/)]',
    "$.participants[?(@.purpose == 'agent' && @.id != 'a-1')].id",
    '$.messages[-2:].id',
    '$.a.length()',
    ' $.a ',
  ])('%s is taken', (path) => {
    expect(faultsOf({}, { TranslationMap: { a: path } })).toEqual([]);
  });
});
