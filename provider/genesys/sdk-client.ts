import type { SdkClient } from 'genesys-cloud-cfn/sdk-client';

/** A call as an API class of the SDK states it. */
export interface SdkCall {
  readonly method: string;
  readonly template: string;
  readonly path: string;
  /** With its question mark, or empty. */
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly plainText: boolean;
}

/** The client of the SDK's API classes, which hands each call to one function. */
export function sdkClient(send: (call: SdkCall) => Promise<unknown>): SdkClient {
  return {
    callApi: async (
      template,
      method,
      pathParams,
      queryParams,
      headers,
      _form,
      body,
      _auth,
      _types,
      accepts,
      custom,
    ) =>
      send({
        method,
        template,
        path: fill(template, pathParams),
        query: queryOf(queryParams),
        headers: { ...texts(headers), ...custom },
        // The SDK's own client sends no body for a falsy value either.
        body: body || undefined,
        plainText: !accepts.includes('application/json') && accepts.length > 0,
      }),
    buildCollectionParam: (param) =>
      param === undefined || param === null ? undefined : [param].flat().map(textOf),
  };
}

function fill(template: string, params: Record<string, unknown>): string {
  return template.replace(/\{([\w-]+)\}/g, (_, name: string) => {
    const value = encodeURIComponent(textOf(params[name]).toWellFormed());
    // A URL drops these two as path segments, and the call would be another one.
    return value === '.' || value === '..' ? value.replaceAll('.', '%252E') : value;
  });
}

function queryOf(params: Record<string, unknown>): string {
  const pairs = Object.entries(texts(params)).map(
    ([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value.toWellFormed())}`,
  );
  return pairs.length > 0 ? `?${pairs.join('&')}` : '';
}

function texts(params: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(params)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, Array.isArray(value) ? value.map(textOf).join(',') : textOf(value)]),
  );
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  return value instanceof Date ? value.toJSON() : String(value);
}
