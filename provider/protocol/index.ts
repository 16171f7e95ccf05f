/**
 * CloudFormation's custom-resource protocol: the event's shape, the time that a request has, the one answer
 * and its delivery. The meaning of a request belongs to the application (application.ts). Genesys Cloud is
 * not known here.
 */
export { encodeAnswer, type Outcome } from './answer.ts';
export type { Application, Invocation, Verdict } from './application.ts';
export { deliver } from './deliver.ts';
export { type AnswerAddress, type CustomResourceRequest, readAnswerAddress, readRequest } from './event.ts';
export { failedOutcome } from './failure.ts';
export { nothingCreated, type PhysicalId, readPhysicalId } from './physical-id.ts';
export { Progress } from './progress.ts';
export { isResponseUrlAllowed } from './response-url.ts';
export { type LambdaContext, serve } from './serve.ts';
export { waitsUntil } from './time.ts';
