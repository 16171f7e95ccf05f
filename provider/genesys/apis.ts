import type { SdkClient } from 'genesys-cloud-cfn/sdk-client';
import type platformClient from 'purecloud-platform-client-v2';
import IntegrationsApi from 'purecloud-platform-client-v2/src/purecloud-platform-client-v2/api/IntegrationsApi.js';
import OrganizationApi from 'purecloud-platform-client-v2/src/purecloud-platform-client-v2/api/OrganizationApi.js';
import RecordingApi from 'purecloud-platform-client-v2/src/purecloud-platform-client-v2/api/RecordingApi.js';

type Api<T> = new (client: SdkClient) => T;
type Loading<T> = Promise<{ default: Api<T> }>;

/** API classes that are loaded at the start, because nearly every request calls one. */
export const Integrations: Api<platformClient.IntegrationsApi> = IntegrationsApi;
export const Organizations: Api<platformClient.OrganizationApi> = OrganizationApi;
export const Recording: Api<platformClient.RecordingApi> = RecordingApi;

/**
 * API classes that are loaded by the first request that calls one. A type with another API adds a line here.
 */
export const lazyApis = {
  architect: (): Loading<platformClient.ArchitectApi> =>
    import('purecloud-platform-client-v2/src/purecloud-platform-client-v2/api/ArchitectApi.js'),
};

export type LazyApiName = keyof typeof lazyApis;
export type LazyApi<Name extends LazyApiName> = InstanceType<
  Awaited<ReturnType<(typeof lazyApis)[Name]>>['default']
>;
