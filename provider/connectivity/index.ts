/**
 * The connectivity check: names, addresses, connections, TLS and certificates, as the callers of Genesys
 * Cloud or of an endpoint meet them. plan.ts says what to check, check.ts checks it, findings.ts judges it,
 * and custom-resource.ts is the same for a stack. It sends no request, and knows neither the ledger nor
 * Genesys Cloud's API.
 */
export { check, type Report } from './check.ts';
export { connectivityResource } from './custom-resource.ts';
export { sentence } from './findings.ts';
export type { Lookup } from './names.ts';
export { type CheckPlan, readCheckPlan } from './plan.ts';
