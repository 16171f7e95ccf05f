/**
 * The resource types, and nothing else: a folder each, with schema, mapping, calls and flow. The common part
 * of all types (ownership, replacement, rollback, redelivery, undo) is in lifecycle/. A new type is a folder
 * and one line here.
 */
import type { AnyResourceType } from '../lifecycle/resource-type.ts';
import { awsIntegration } from './aws-integration/index.ts';
import { dataAction } from './data-action/index.ts';
import { recordingKey } from './recording-key/index.ts';

export const resourceTypes = [
  awsIntegration,
  dataAction,
  recordingKey,
] as unknown as readonly AnyResourceType[];
