/**
 * Genesys Cloud's Public API: login, calls by the SDK's API classes, retries, and one error class a cause. A
 * session makes the calls of one piece of work. CloudFormation, and the purpose of a call, are not known
 * here.
 */
export { GenesysCloud, type GenesysCloudOptions } from './client.ts';
export { type OAuthSecret, parseOAuthSecret } from './credentials.ts';
export * from './errors.ts';
export { collect, entitiesOf, type Page } from './paging.ts';
export { permissionFor } from './permissions.ts';
export { maskSecrets, secretsInHeaders } from './redaction.ts';
export { type Region, regionOf, regions, resolveEnvironment } from './regions.ts';
export type { GenesysSession, Organization } from './session.ts';
export { type CallRecord, userAgent } from './transport.ts';
