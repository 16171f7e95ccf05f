/**
 * The SDK publishes its API classes as files without types; its own index.d.ts describes them as members of
 * the package. Each is constructed with the two functions that it calls of its client.
 */
declare module 'purecloud-platform-client-v2/src/purecloud-platform-client-v2/api/IntegrationsApi.js' {
  import type { SdkClient } from 'genesys-cloud-cfn/sdk-client';
  import type platformClient from 'purecloud-platform-client-v2';

  const IntegrationsApi: new (client: SdkClient) => platformClient.IntegrationsApi;
  export default IntegrationsApi;
}

declare module 'purecloud-platform-client-v2/src/purecloud-platform-client-v2/api/RecordingApi.js' {
  import type { SdkClient } from 'genesys-cloud-cfn/sdk-client';
  import type platformClient from 'purecloud-platform-client-v2';

  const RecordingApi: new (client: SdkClient) => platformClient.RecordingApi;
  export default RecordingApi;
}

declare module 'purecloud-platform-client-v2/src/purecloud-platform-client-v2/api/ArchitectApi.js' {
  import type { SdkClient } from 'genesys-cloud-cfn/sdk-client';
  import type platformClient from 'purecloud-platform-client-v2';

  const ArchitectApi: new (client: SdkClient) => platformClient.ArchitectApi;
  export default ArchitectApi;
}

declare module 'purecloud-platform-client-v2/src/purecloud-platform-client-v2/api/OrganizationApi.js' {
  import type { SdkClient } from 'genesys-cloud-cfn/sdk-client';
  import type platformClient from 'purecloud-platform-client-v2';

  const OrganizationApi: new (client: SdkClient) => platformClient.OrganizationApi;
  export default OrganizationApi;
}

declare module 'genesys-cloud-cfn/sdk-client' {
  /** All that an API class of the SDK asks of its client (read in SDK 262, ApiClient.js). */
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
