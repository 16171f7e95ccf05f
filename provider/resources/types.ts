/** The declaration of each resource type. A new type adds one line here. */
export { awsIntegration } from './aws-integration/index.ts';
export { dataAction } from './data-action/index.ts';
export { recordingKey } from './recording-key/index.ts';
