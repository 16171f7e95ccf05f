import type { ResourceType } from '../lifecycle/type.ts';
import { awsIntegration } from './aws-integration.ts';
import { dataAction } from './data-action.ts';
import { recordingKey } from './recording-key.ts';

/** Every resource type of this provider; a new one is one file and one line here. */
export const resourceTypes = [
  awsIntegration,
  dataAction,
  recordingKey,
] as unknown as readonly ResourceType<never>[];
