/** CloudFormation's custom-resource protocol; knows nothing of Genesys Cloud. */
export type { Outcome } from './answer.ts';
export type { CustomResourceRequest } from './event.ts';
export { failedCreate, nothingCreated, readPhysicalId } from './physical-id.ts';
export { type Application, type Invocation, type LambdaContext, serve, type Verdict } from './serve.ts';
