import type { GenesysCloudServer } from '../../../local/genesys-cloud/index.ts';

/** The answer over HTTP. `body` is parsed JSON, or the text where it is none. */
export interface Answer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of many shapes
  body: any;
}

export type Caller = (method: string, path: string, body?: unknown) => Promise<Answer>;

/** One request, as it is given. */
export async function request(url: string, init?: RequestInit): Promise<Answer> {
  const response = await fetch(url, init);
  const text = await response.text();
  const json = response.headers.get('content-type')?.startsWith('application/json') && text !== '';
  return { status: response.status, headers: response.headers, body: json ? JSON.parse(text) : text };
}

/** As much of a server as a client needs. */
type Reachable = Pick<GenesysCloudServer, 'url' | 'clientId' | 'clientSecret'>;

/** The answer of the token endpoint. */
export function login(
  server: Reachable,
  { id, secret } = { id: server.clientId, secret: server.clientSecret },
): Promise<Answer> {
  return request(`${server.url}/oauth/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  });
}

/** Logs in once; calls `/api/v2` by the path behind it. */
export async function callerOf(server: Reachable, client?: { id: string; secret: string }): Promise<Caller> {
  const { body: token } = await login(server, client);
  return (method, path, body) =>
    request(`${server.url}/api/v2${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token.access_token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
}

/** A contract with one input and any output. */
export const contract = {
  input: { inputSchema: { type: 'object', properties: { number: { type: 'string' } } } },
  output: { successSchema: { type: 'object', properties: { name: { type: 'string' } } } },
};

/** The body of a POST of a Lambda data action. */
export const actionBody = (integrationId: string, over: Record<string, unknown> = {}) => ({
  name: 'Look up customer',
  category: 'Customers',
  integrationId,
  secure: false,
  contract,
  config: {
    timeoutSeconds: 5,
    request: {
      requestUrlTemplate: 'arn:aws:lambda:us-east-1:000000000000:function:lookup',
      requestType: 'POST',
      requestTemplate: '${input.rawRequest}',
      headers: {},
    },
    response: { translationMap: {}, translationMapDefaults: {}, successTemplate: '${rawResult}' },
  },
  ...over,
});

/** Makes an integration and answers its id. */
export async function integrationBy(call: Caller, typeId = 'aws-lambda-data-actions'): Promise<string> {
  const { body } = await call('POST', '/integrations', { name: 'Lambda', integrationType: { id: typeId } });
  return body.id;
}

/** Why a run of an action failed. It stands one level deep in the error. */
export const reasonOf = ({ errors }: { errors: { message: string }[] }): string => errors[0]?.message ?? '';
