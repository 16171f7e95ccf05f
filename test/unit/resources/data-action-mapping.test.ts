/** Between the properties of a data action and Genesys Cloud's models. */
import type { Models } from 'purecloud-platform-client-v2';
import {
  attributesOf,
  bodyOf,
  changesOf,
  configOf,
  isOwnOfGenesysCloud,
  stateOf,
} from '../../../provider/resources/data-action/mapping.ts';
import type { DataActionProperties } from '../../../provider/resources/data-action/schema.ts';
import { differencesOf } from '../../../provider/resources/data-action/taking-over.ts';

const Input = { type: 'object', properties: { orderId: { type: 'string' } } };
const Output = { type: 'object', properties: {} };
const properties: DataActionProperties = {
  ServiceToken: 'arn:aws:lambda:eu-west-1:111122223333:function:provider',
  IntegrationId: 'i-1',
  Name: 'Order status',
  Category: 'Orders',
  Secure: false,
  Contract: { Input, Output },
  Request: { UrlTemplate: 'https://example.com/orders' },
};

test.each<[rule: string, written: Partial<DataActionProperties>, config: object]>([
  [
    'what is not written is written out with its default, since a PATCH that merges would keep the value of before',
    {},
    {
      timeoutSeconds: 60,
      request: {
        requestUrlTemplate: 'https://example.com/orders',
        requestType: 'POST',
        requestTemplate: '${input.rawRequest}',
        headers: {},
      },
      response: { translationMap: {}, translationMapDefaults: {}, successTemplate: '${rawResult}' },
    },
  ],
  [
    'what is written is taken as it is',
    {
      TimeoutSeconds: 5,
      Request: { UrlTemplate: 'u', Type: 'GET', Template: '', Headers: { A: 'b' } },
      Response: {
        TranslationMap: { total: '$.total' },
        TranslationMapDefaults: { total: '0' },
        SuccessTemplate: '{}',
      },
    },
    {
      timeoutSeconds: 5,
      request: { requestUrlTemplate: 'u', requestType: 'GET', requestTemplate: '', headers: { A: 'b' } },
      response: {
        translationMap: { total: '$.total' },
        translationMapDefaults: { total: '0' },
        successTemplate: '{}',
      },
    },
  ],
])('%s', (_rule, written, config) => {
  expect(configOf({ ...properties, ...written })).toEqual(config);
});

test('a POST carries the name that it is given, and everything that a PATCH cannot change', () => {
  expect(bodyOf('Order status [0123456789ab]', properties)).toEqual({
    name: 'Order status [0123456789ab]',
    category: 'Orders',
    integrationId: 'i-1',
    secure: false,
    contract: { input: { inputSchema: Input }, output: { successSchema: Output } },
    config: configOf(properties),
  });
});

test('a PATCH carries the name of the properties, the category and the configuration', () => {
  expect(changesOf(properties)).toEqual({
    name: 'Order status',
    category: 'Orders',
    config: configOf(properties),
  });
});

test('attributes are text', () => {
  expect(attributesOf('a-1', properties, 3)).toEqual({
    DataActionId: 'a-1',
    Name: 'Order status',
    Version: '3',
    IntegrationId: 'i-1',
  });
});

const action = (more: Partial<Models.Action> = {}) =>
  ({
    id: 'a-1',
    integrationId: 'i-1',
    secure: false,
    contract: { input: { inputSchema: Input }, output: { successSchema: Output } },
    ...more,
  }) as Models.Action;

test.each<[rule: string, found: Models.Action, differences: string[]]>([
  ['equal actions differ in nothing', action(), []],
  [
    'the order of members is no difference',
    action({
      contract: {
        input: { inputSchema: { properties: Input.properties, type: 'object' } },
        output: { successSchema: Output },
      } as unknown as Models.ActionContract,
    }),
    [],
  ],
  ['another integration is named', action({ integrationId: 'i-2' }), ['IntegrationId (there it is i-2)']],
  ['another secrecy is named', action({ secure: true }), ['Secure (there it is true)']],
  [
    'a difference inside of a contract is named by its path',
    action({
      contract: {
        input: { inputSchema: { type: 'object', properties: { orderId: { type: 'integer' } } } },
        output: { successSchema: Output },
      } as unknown as Models.ActionContract,
    }),
    ['Contract.Input.properties.orderId.type'],
  ],
])('%s', (_rule, found, differences) => {
  expect(differencesOf(found, properties)).toEqual(differences);
});

test('a state has the text of templates that the action names by their places', () => {
  const found = action({
    name: 'a',
    category: 'c',
    config: {
      request: { requestUrlTemplate: 'u', requestTemplateUri: '/r' },
      response: { successTemplateUri: '/s' },
    } as Models.ActionConfig,
  });
  expect(stateOf(found, { request: 'R', success: 'S' })).toEqual({
    name: 'a',
    category: 'c',
    config: {
      timeoutSeconds: 60,
      request: { requestUrlTemplate: 'u', requestTemplate: 'R' },
      response: { successTemplate: 'S' },
    },
  });
});

test.each([
  ['customAuth_-_1', true],
  ['static-1', true],
  ['custom_-_1', false],
])('%s is an action of Genesys Cloud itself: %s', (id, expected) => {
  expect(isOwnOfGenesysCloud(id)).toBe(expected);
});
