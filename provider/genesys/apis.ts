import type { SdkClient } from 'genesys-cloud-cfn/sdk-client';
import type platformClient from 'purecloud-platform-client-v2';
import IntegrationsApi from 'purecloud-platform-client-v2/src/purecloud-platform-client-v2/api/IntegrationsApi.js';
import OrganizationApi from 'purecloud-platform-client-v2/src/purecloud-platform-client-v2/api/OrganizationApi.js';
import RecordingApi from 'purecloud-platform-client-v2/src/purecloud-platform-client-v2/api/RecordingApi.js';

type Api<T> = new (client: SdkClient) => T;
type Loading<T> = Promise<{ default: Api<T> }>;

/** API classes that are loaded at the start, because nearly every request calls one. */
export const loadedApis: {
  integrations: Api<platformClient.IntegrationsApi>;
  organizations: Api<platformClient.OrganizationApi>;
  recording: Api<platformClient.RecordingApi>;
} = {
  integrations: IntegrationsApi,
  organizations: OrganizationApi,
  recording: RecordingApi,
};

/** API classes that are loaded by the first request that calls one. A type with another API adds a line here. */
export const lazyApis = {
  architect: (): Loading<platformClient.ArchitectApi> =>
    import('purecloud-platform-client-v2/src/purecloud-platform-client-v2/api/ArchitectApi.js'),
};

export type LazyApiName = keyof typeof lazyApis;
export type LazyApi<Name extends LazyApiName> = InstanceType<
  Awaited<ReturnType<(typeof lazyApis)[Name]>>['default']
>;
