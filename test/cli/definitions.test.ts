/** Inline definitions as published ones are: what Genesys Cloud takes is no finding. */
import { validateTemplate } from '../../cli/validate/validate.ts';

interface Parts {
  input?: object;
  output?: object;
  translationMap?: Record<string, string>;
  headers?: Record<string, string>;
  url?: string;
  actionType?: string;
  name?: string;
}

function definition({ input, output, translationMap = {}, headers = {}, url, actionType, name }: Parts) {
  return {
    name: name ?? 'Get order',
    integrationType: 'custom-rest-actions',
    actionType: actionType ?? 'custom',
    config: {
      request: {
        requestUrlTemplate: url ?? 'https://example.com/orders',
        requestType: 'GET',
        headers,
        requestTemplate: '',
      },
      response: { translationMap, translationMapDefaults: {}, successTemplate: '${rawResult}' },
    },
    contract: {
      input: { inputSchema: { type: 'object', properties: {}, ...input } },
      output: { successSchema: { type: 'object', ...output } },
    },
    secure: false,
  };
}

/** The findings of a template that holds a definition as an object or as text: rule and path of each. */
function found(parts: Parts, form: 'an object' | 'text'): string[] {
  const file = definition(parts);
  const Properties = {
    ServiceToken: 'arn:aws:lambda:us-east-1:111122223333:function:provider',
    ServiceTimeout: 300,
    IntegrationId: '11111111-2222-3333-4444-555555555555',
    Category: 'Orders',
    Definition: form === 'text' ? JSON.stringify(file) : file,
  };
  const template = { Resources: { Action: { Type: 'Custom::GenesysDataAction', Properties } } };
  return validateTemplate('x.json', JSON.stringify(template)).findings.map(
    ({ rule, path }) => `${rule}: ${path}`,
  );
}

const orderId = { properties: { orderId: { type: 'string' } } };

describe.each(['an object', 'text'] as const)('a definition as %s', (form) => {
  test.each<[string, Parts]>([
    ['a name that the export has dated', { name: 'Get order - Exported 2026-11-20 @ 9:05' }],
    [
      'a flag beside a limit, as the draft 04 of JSON Schema has it',
      { input: { properties: { n: { type: 'integer', minimum: 0, exclusiveMinimum: true } } } },
    ],
    [
      'an id in a schema, as the same draft has it',
      {
        output: {
          $schema: 'http://json-schema.org/draft-04/schema#',
          id: 'http://example.com/example.json',
          properties: { id: { id: '/properties/id', type: 'string' } },
        },
      },
    ],
    [
      'macros of texts and signs in an address',
      {
        input: orderId,
        url: 'https://example.com/?${esc.dollar}q=$salesforce.escReserved(${input.orderId})',
      },
    ],
    [
      'filters, slices and functions in a JSONPath',
      {
        translationMap: {
          regex: "$.a[?(@.b =~ /[(]'.*/i)].c",
          filter: "$.participants[?(@.purpose=='customer')].id",
          length: '$.items.length()',
          slice: '$.messages[-10:].id',
          name: "$.['x'].y",
          quoted: "$['it''s (odd'].y",
          deep: '$..id',
        },
      },
    ],
    [
      'a default of another type than the schema’s',
      { input: { properties: { page: { type: 'integer', default: '1' } } } },
    ],
    ['a token in a header', { headers: { Authorization: 'Bearer pat-0000' } }],
  ])('may have %s', (_what, parts) => {
    expect(found(parts, form)).toEqual([]);
  });

  test('may leave $ out of a JSONPath, which is a warning', () => {
    expect(found({ translationMap: { id: "['participants'][0].id" } }, form)).toEqual([
      'json-path-form: Action.Definition.config.response.translationMap.id',
    ]);
  });

  test('may not be of an action that logs in', () => {
    const [finding, ...others] = found({ actionType: 'customAuth' }, form);
    expect(finding).toMatch(/^(value|definition): Action\.Definition\.actionType$/);
    expect(others).toEqual([]);
  });
});
