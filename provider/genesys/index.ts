/** Genesys Cloud's Public API. Knows nothing of CloudFormation. */
export { GenesysCloud, type GenesysCloudOptions } from './client.ts';
export { type OAuthSecret, parseOAuthSecret } from './credentials.ts';
export * from './errors.ts';
export { permissionFor } from './permissions.ts';
export { maskSecrets } from './redaction.ts';
export { type Region, regionOf, regions, resolveEnvironment } from './regions.ts';
export type { GenesysSession, Organization } from './session.ts';
export { type CallRecord, userAgent } from './transport.ts';
