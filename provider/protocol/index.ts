/**
 * CloudFormation's custom-resource protocol: the event's shape, the time that a request has, the one answer
 * and its delivery. The meaning of a request belongs to the application (application.ts). Genesys Cloud is
 * not known here.
 */
export type { Outcome } from './answer.ts';
export type { Application, Invocation, Verdict } from './application.ts';
export { type CustomResourceRequest, readAnswerAddress, readRequest } from './event.ts';
export { nothingCreated, type PhysicalId, readPhysicalId } from './physical-id.ts';
export { Progress } from './progress.ts';
export { type LambdaContext, serve } from './serve.ts';
