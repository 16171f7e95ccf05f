/** A value of a template after its functions are resolved. Every scalar is a string. */
export type PropertyValue = string | PropertyValue[] | { [name: string]: PropertyValue };

export interface ResourceProperties {
  ServiceToken: string;
  [name: string]: PropertyValue;
}

/**
 * The event that CloudFormation sends to the provider of a custom resource (crpg-ref-requests.html).
 * `PhysicalResourceId` is absent from Create; `OldResourceProperties` is only in Update.
 */
export interface CustomResourceEvent {
  RequestType: 'Create' | 'Update' | 'Delete';
  ServiceToken: string;
  ResponseURL: string;
  StackId: string;
  /** Names the request, together with StackId. Every delivery of one event has the same. */
  RequestId: string;
  LogicalResourceId: string;
  PhysicalResourceId?: string;
  ResourceType: string;
  ResourceProperties: ResourceProperties;
  OldResourceProperties?: ResourceProperties;
}

/** The fields of an answer. CloudFormation knows no others (crpg-ref-responses.html). */
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
