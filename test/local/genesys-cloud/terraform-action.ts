import { any, base, exactly, type Step } from './client-calls.ts';
import { contract } from './support.ts';

/** A data action as Genesys' Terraform provider writes and reads it. */
export const request = {
  requestUrlTemplate: 'https://example.com/customers',
  requestType: 'GET',
  requestTemplate: '${input.rawRequest}',
  headers: { 'Cache-Control': 'no-cache' },
};
export const response = { translationMap: {}, translationMapDefaults: {}, successTemplate: '${rawResult}' };
export const action = {
  name: 'Look up customer',
  category: 'Customers',
  integrationId: '{integration}',
  secure: false,
  contract,
  config: { request, response },
};
/** The POST of the action. A new integration may take none yet. */
export const newAction: Step = {
  request: `POST ${base}/actions`,
  body: action,
  status: 200,
  has: { id: any.text },
  keep: { action: 'id' },
  repeatedAfter: [400],
};
/** The request of a custom auth action, of which the tool reads these members. */
export const read = {
  requestUrlTemplate: any.text,
  requestTemplateUri: any.text,
  headers: expect.any(Object),
};

/** The reads of a plan. Every part of the action is as it was sent, so the plan is empty. */
export const planOfAction = (
  path: string,
  changed: { name?: string; timeoutSeconds?: number } = {},
): Step[] => {
  const { requestTemplate, ...sent } = request;
  const { successTemplate, ...sentResponse } = response;
  const { name = action.name, ...more } = changed;
  return [
    {
      request: `GET ${base}/actions/${path}?expand=contract&includeConfig=true`,
      status: 200,
      has: {
        name,
        category: action.category,
        integrationId: '{integration}',
        secure: false,
        contract: {
          input: { inputSchema: exactly(contract.input.inputSchema) },
          output: { successSchema: exactly(contract.output.successSchema) },
        },
        config: {
          ...more,
          request: { ...sent, headers: exactly(sent.headers) },
          response: {
            translationMap: exactly(sentResponse.translationMap),
            translationMapDefaults: exactly(sentResponse.translationMapDefaults),
          },
        },
      },
      repeatedAfter: [404],
    },
    {
      request: `GET ${base}/actions/${path}/templates/requesttemplate.vm`,
      status: 200,
      has: requestTemplate,
    },
    {
      request: `GET ${base}/actions/${path}/templates/successtemplate.vm`,
      status: 200,
      has: successTemplate,
    },
  ];
};
