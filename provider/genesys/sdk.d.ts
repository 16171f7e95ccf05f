/**
 * The SDK publishes its API classes as files without types; apis.ts gives each its class of the SDK's
 * index.d.ts. They are constructed with the two functions that they call of their client.
 */
declare module 'purecloud-platform-client-v2/src/purecloud-platform-client-v2/api/*' {
  import type { SdkClient } from 'genesys-cloud-cfn/sdk-client';

  const Api: new (client: SdkClient) => never;
  export default Api;
}

declare module 'genesys-cloud-cfn/sdk-client' {
  /** The part of its client that an API class of the SDK calls (read in SDK 262, ApiClient.js). */
  export interface SdkClient {
    callApi(
      path: string,
      httpMethod: string,
      pathParams: Record<string, unknown>,
      queryParams: Record<string, unknown>,
      headerParams: Record<string, unknown>,
      formParams: Record<string, unknown>,
      bodyParam: unknown,
      authNames: string[],
      contentTypes: string[],
      accepts: string[],
      customHeaders?: Record<string, string>,
    ): Promise<unknown>;
    buildCollectionParam(param: unknown, collectionFormat: string): unknown;
  }
}
