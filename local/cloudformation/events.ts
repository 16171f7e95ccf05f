/** A template's value after intrinsic functions are resolved and every scalar has become a string. */
export type PropertyValue = string | PropertyValue[] | { [name: string]: PropertyValue };

export interface ResourceProperties {
  ServiceToken: string;
  [name: string]: PropertyValue;
}

/**
 * What CloudFormation sends to a custom resource's provider, field for field. `PhysicalResourceId` is absent
 * from Create, `OldResourceProperties` from all but Update (crpg-ref-requests.html).
 */
export interface CustomResourceEvent {
  RequestType: 'Create' | 'Update' | 'Delete';
  ServiceToken: string;
  ResponseURL: string;
  StackId: string;
  /** Names the request, together with StackId; the same on every delivery of one event. */
  RequestId: string;
  LogicalResourceId: string;
  PhysicalResourceId?: string;
  ResourceType: string;
  ResourceProperties: ResourceProperties;
  OldResourceProperties?: ResourceProperties;
}

/** What an answer may hold; no other field is known to CloudFormation (crpg-ref-responses.html). */
export const answerFields = [
  'Status',
  'Reason',
  'PhysicalResourceId',
  'StackId',
  'RequestId',
  'LogicalResourceId',
  'NoEcho',
  'Data',
] as const;
