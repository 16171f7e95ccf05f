/**
 * Definitions of our own, one for each kind of exported data action that people publish: escapes, draft 4,
 * filters, macros, nulls, Unicode, line ends and a byte order mark. Each has an input, the request that the
 * web service gets, its answer, and the output.
 */

interface Kind {
  input: Record<string, unknown>;
  inputSchema?: object;
  outputSchema?: object;
  request?: { path?: string; type?: string; headers?: Record<string, string>; template?: string };
  response?: { map?: Record<string, string>; defaults?: Record<string, string>; template?: string };
  /** The request that the service gets. */
  received?: { path?: string; body?: unknown; headers?: Record<string, string> };
  answer: unknown;
  output: unknown;
  /** Members of the file beside the usual ones. */
  file?: Record<string, unknown>;
  /** Makes the bytes of the file from its JSON. */
  bytes?: (json: string) => string;
}

const text = { type: 'string' };
const object = (properties: object, more: object = {}) => ({ type: 'object', properties, ...more });
const odd = 'He said "hi"\\n & 50% <b>?/ü\n日本';
const participants = [
  { purpose: 'customer', id: 'c-1', attributes: { 'language code': 'de' } },
  { purpose: 'agent', id: 'a-1', attributes: {} },
  { purpose: 'agent', id: 'a-2', attributes: {} },
];

export const kinds: Record<string, Kind> = {
  'the raw request and the raw result': {
    input: { text: 'x' },
    inputSchema: object({ text }),
    request: { template: '${input.rawRequest}' },
    response: { template: '${rawResult}' },
    received: { body: { text: 'x' } },
    answer: { ok: true, nested: { list: [1, { a: null }] } },
    output: { ok: true, nested: { list: [1, { a: null }] } },
  },
  'templates that are empty': {
    input: { text: 'x' },
    inputSchema: object({ text }),
    request: { template: '' },
    response: { template: '' },
    answer: { a: 1 },
    output: { a: 1 },
  },
  'escapes in URL, body and headers': {
    input: { text: odd },
    inputSchema: object({ text }),
    request: {
      path: '/search/$esc.uriEncode("${input.text}")?q=$esc.url("${input.text}")',
      template: '{"q": "$esc.jsonString($input.text)", "quoted": "\\"${esc.dollar}{x}\\\\"}',
      headers: { 'x-text': '$encoding.base64("${input.text}")' },
    },
    received: {
      path: `/search/${encodeURIComponent(odd)}?q=${encodeURIComponent(odd).replaceAll('%20', '+')}`,
      body: { q: odd, quoted: '"${x}\\' },
      headers: { 'x-text': Buffer.from(odd).toString('base64') },
    },
    answer: { name: odd },
    response: { map: { name: '$.name' }, template: '{"name": ${name}}' },
    output: { name: odd },
  },
  'draft 4: nested ids, exclusive limits as flags': {
    input: { count: 5 },
    inputSchema: {
      $schema: 'http://json-schema.org/draft-04/schema#',
      id: 'http://example.com/input.json',
      title: 'Input',
      ...object(
        {
          count: {
            id: '/properties/count',
            type: 'integer',
            minimum: 0,
            exclusiveMinimum: true,
            maximum: 9,
            exclusiveMaximum: false,
          },
        },
        { required: ['count'], additionalProperties: true },
      ),
    },
    outputSchema: {
      $schema: 'http://json-schema.org/draft-04/schema#',
      id: 'http://example.com/output.json',
      ...object({
        id: { id: '/properties/id', ...text },
        items: { type: 'array', items: object({ id: { id: '/items/id', ...text } }) },
      }),
    },
    request: { template: '{"count": ${input.count}}' },
    received: { body: { count: 5 } },
    answer: { id: 'a', items: [{ id: 'b' }] },
    output: { id: 'a', items: [{ id: 'b' }] },
  },
  'an input property without a type, and other odd schemas': {
    input: { any: 'x', maybe: null, number: 1.5 },
    inputSchema: object({
      any: { description: 'anything', default: null },
      maybe: { type: ['string', 'null'] },
      number: { type: 'number', multipleOf: 0.5, enum: [0.5, 1.5, 1e3] },
    }),
    request: { template: '{"number": ${input.number}}' },
    received: { body: { number: 1.5 } },
    answer: {},
    output: {},
  },
  'filters, slices, functions and paths without $': {
    input: {},
    response: {
      map: {
        customer: "$.participants[?(@.purpose=='customer')].id",
        first: "['participants'][0].id",
        agents: "$.participants[?(@.purpose == 'agent' && @.id != 'a-1')].id",
        count: '$.participants.length()',
        last: '$.messages[-2:].id',
        language: "$.participants[0].attributes.['language code']",
        every: '$..id',
        none: '$.nothing.here',
      },
      defaults: { none: '"nobody"' },
      template:
        '{"customer": ${successTemplateUtils.firstFromArray("${customer}", "$esc.quote$esc.quote")}, "first": ${first}, "agents": ${agents}, "count": ${count}, "last": ${last}, "language": ${language}, "every": ${every}, "none": ${none}}',
    },
    answer: { participants, messages: [{ id: 1 }, { id: 2 }, { id: 3 }] },
    output: {
      customer: 'c-1',
      first: 'c-1',
      agents: ['a-2'],
      count: 3,
      last: [2, 3],
      language: 'de',
      every: ['c-1', 'a-1', 'a-2', 1, 2, 3],
      none: 'nobody',
    },
  },
  'macros in the URL of a GET': {
    input: { phone: '+49 (30) 1', size: 3 },
    inputSchema: object({ phone: text, size: { type: 'integer' } }),
    request: {
      type: 'GET',
      path: '/query?${esc.dollar}top=$math.add(${input.size}, 1)&q=$esc.url("FIND {$salesforce.escReserved(${input.phone})}")',
    },
    received: { path: `/query?$top=4&q=FIND+%7B%5C%2B49+%5C%2830%5C%29+1%7D` },
    answer: [{ a: 1 }],
    outputSchema: { type: 'array', items: object({ a: { type: 'integer' } }) },
    output: [{ a: 1 }],
  },
  'directives of Velocity': {
    input: { ids: 'a,b' },
    inputSchema: object({ ids: text }),
    request: {
      template:
        '#set($all = $input.ids.split(","))## a comment\n{"ids": [#foreach($one in $all)"$one"#if($foreach.hasNext),#end#end]#if("$!input.none" != ""), "none": "x"#end}',
    },
    received: { body: { ids: ['a', 'b'] } },
    answer: {},
    output: {},
  },
  'nulls in file, input and answer': {
    input: { text: null },
    inputSchema: object({ text: { type: ['string', 'null'], default: null } }),
    outputSchema: object({ status: { type: ['string', 'null'], enum: ['open', null] } }),
    request: { template: '{"text": "$!{input.text}"}' },
    response: {
      map: { status: '$.status' },
      defaults: { status: 'null' },
      template: '{"status": ${status}}',
    },
    answer: { status: null },
    output: { status: null },
    file: { secure: null, id: null, category: null },
  },
  'Unicode in names, texts and templates': {
    input: { text: '👩‍💻 ﷽ ' },
    inputSchema: object({
      text: { ...text, title: 'Größe 尺寸', description: 'zero width\u200B joiner\u200D, \u2028 line' },
    }),
    request: {
      template: '{"grüße": "$esc.jsonString($input.text)", "日本": "🎉"}',
      headers: { 'x-plain': 'ok' },
    },
    received: { body: { grüße: '👩‍💻 ﷽ ', 日本: '🎉' } },
    response: { map: { wort: "$.['schön']" }, template: '{"schön": ${wort}}' },
    answer: { schön: '✓' },
    output: { schön: '✓' },
    file: { name: 'Kunde suchen – 検索 🎉 - Exported 2026-11-20 @ 9:05' },
  },
  'lines that end in CR LF': {
    input: { text: 'x' },
    inputSchema: object({ text }),
    request: { template: '{\r\n  "text": "${input.text}"\r\n}' },
    received: { body: { text: 'x' } },
    response: { template: '\r\n{"a":\r\n1}\r\n' },
    answer: {},
    output: { a: 1 },
    bytes: (json) => json.replaceAll('\n', '\r\n'),
  },
  'a byte order mark, and every letter as an escape of JSON': {
    input: { text: 'x' },
    inputSchema: object({ text: { ...text, description: 'ä"\\/\b' } }),
    request: { template: '{"a": "ä"}' },
    received: { body: { a: 'ä' } },
    answer: {},
    output: {},
    bytes: (json) =>
      `\uFEFF${json.replace(/[^ -~\n]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`)}`,
  },
  'names that every object inherits': {
    input: { constructor: 'x' },
    inputSchema: object({ constructor: text, toString: text }),
    outputSchema: object({ hasOwnProperty: text }),
    request: { template: '{"constructor": "${input.constructor}"}' },
    received: { body: { constructor: 'x' } },
    response: { map: { valueOf: '$.toString' }, template: '{"hasOwnProperty": ${valueOf}}' },
    answer: { toString: 'y' },
    output: { hasOwnProperty: 'y' },
  },
};

/** The file of a kind, as Genesys Cloud's UI would export it. */
export function exportOf(name: string, { request, response, file, ...kind }: Kind, url: string) {
  return {
    name: `${name} - Exported 2026-11-20 @ 9:05`,
    integrationType: 'custom-rest-actions',
    actionType: 'custom',
    config: {
      request: {
        requestUrlTemplate: `${url}${request?.path ?? '/orders'}`,
        requestType: request?.type ?? 'POST',
        headers: request?.headers ?? {},
        requestTemplate: request?.template ?? '{}',
      },
      response: {
        translationMap: response?.map ?? {},
        translationMapDefaults: response?.defaults ?? {},
        successTemplate: response?.template ?? '${rawResult}',
      },
    },
    contract: {
      input: { inputSchema: kind.inputSchema ?? object({}) },
      output: { successSchema: kind.outputSchema ?? object({}) },
    },
    secure: false,
    ...file,
  };
}
