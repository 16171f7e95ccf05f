import { RequestError } from '../runtime/errors.ts';
import { isPlainObject } from '../runtime/objects.ts';

export type RequestType = 'Create' | 'Update' | 'Delete';

/**
 * A custom-resource request whose shape was checked. Properties are as CloudFormation sends them: every
 * scalar a string.
 */
export interface CustomResourceRequest {
  type: RequestType;
  resourceType: string;
  stackId: string;
  requestId: string;
  logicalId: string;
  /** Missing on Create. */
  physicalId?: string;
  properties: Record<string, unknown>;
  /** Update only: what was applied before. */
  oldProperties?: Record<string, unknown>;
  responseUrl: URL;
  /** When CloudFormation signed the ResponseURL, milliseconds since the epoch; undefined when the URL does not say. */
  signedAt?: number;
}

/** What is needed to answer, even when the rest of the request is no good. */
export type Address = Pick<CustomResourceRequest, 'stackId' | 'requestId' | 'logicalId' | 'responseUrl'> & {
  physicalId?: string;
};

/** CloudFormation's own bounds, so that whatever we echo fits into an answer of 4,096 bytes. */
const STACK_ID =
  /^arn:[a-z-]{1,20}:cloudformation:[a-z0-9-]{1,32}:\d{12}:stack\/[A-Za-z0-9-]{1,128}\/[A-Za-z0-9-]{1,64}$/;
const REQUEST_ID = /^[\x21-\x7e]{1,128}$/;
const LOGICAL_ID = /^[A-Za-z0-9]{1,255}$/;
const PHYSICAL_ID_BYTES = 1024;

/**
 * The address to answer to.
 * @throws RequestError when there is none: such an event is logged, and nobody is waiting for an answer.
 */
export function readAddress(event: unknown): Address {
  if (!isPlainObject(event))
    throw new RequestError('The event is no custom-resource request: it is no object.');
  const { ResponseURL, StackId, RequestId, LogicalResourceId, PhysicalResourceId } = event;
  const responseUrl = typeof ResponseURL === 'string' ? URL.parse(ResponseURL) : null;
  if (responseUrl === null)
    throw new RequestError('The event has no ResponseURL: there is nothing to answer.');
  const matches = (value: unknown, pattern: RegExp): value is string =>
    typeof value === 'string' && pattern.test(value);
  if (
    !matches(StackId, STACK_ID) ||
    !matches(RequestId, REQUEST_ID) ||
    !matches(LogicalResourceId, LOGICAL_ID)
  ) {
    throw new RequestError(
      'The event has no valid StackId, RequestId and LogicalResourceId: it cannot be answered.',
    );
  }
  const address = { stackId: StackId, requestId: RequestId, logicalId: LogicalResourceId, responseUrl };
  if (PhysicalResourceId === undefined || PhysicalResourceId === null || PhysicalResourceId === '')
    return address;
  if (
    typeof PhysicalResourceId !== 'string' ||
    Buffer.byteLength(JSON.stringify(PhysicalResourceId)) > PHYSICAL_ID_BYTES + 2
  ) {
    throw new RequestError(
      'The event has a PhysicalResourceId that is no text of at most 1 KB: it cannot be answered.',
    );
  }
  return { ...address, physicalId: PhysicalResourceId };
}

/** @throws RequestError when the request is of no known kind; it can be answered, since its address was read. */
export function readRequest(event: unknown, address: Address): CustomResourceRequest {
  const { RequestType, ResourceType, ResourceProperties, OldResourceProperties } = isPlainObject(event)
    ? event
    : {};
  if (RequestType !== 'Create' && RequestType !== 'Update' && RequestType !== 'Delete') {
    throw new RequestError('The request has no RequestType of Create, Update or Delete.');
  }
  if (typeof ResourceType !== 'string' || ResourceType === '')
    throw new RequestError('The request has no ResourceType.');
  const signedAt = signingDate(address.responseUrl);
  return {
    ...address,
    type: RequestType,
    resourceType: ResourceType,
    properties: isPlainObject(ResourceProperties) ? ResourceProperties : {},
    ...(isPlainObject(OldResourceProperties) ? { oldProperties: OldResourceProperties } : {}),
    ...(signedAt === undefined ? {} : { signedAt }),
  };
}

/** Seconds that a ResponseURL of the older form (`Expires`) is valid (custom-resource documentation: two hours). */
const VALIDITY_SECONDS = 7200;

/** When a presigned URL was signed, in milliseconds since the epoch: `X-Amz-Date`, or `Expires` less its validity. */
export function signingDate(url: URL): number | undefined {
  const date = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/.exec(
    url.searchParams.get('X-Amz-Date') ?? '',
  );
  if (date) {
    const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = date.slice(1).map(Number);
    return Date.UTC(year, month - 1, day, hour, minute, second);
  }
  const expires = url.searchParams.get('Expires') ?? '';
  return /^\d{9,11}$/.test(expires) ? (Number(expires) - VALIDITY_SECONDS) * 1000 : undefined;
}

/** The most, and the default (custom-resource documentation). */
const DEFAULT_SERVICE_TIMEOUT_SECONDS = 3600;

/** How long CloudFormation waits for an answer, seconds: what it was told, if that is a number that it takes. */
export function serviceTimeoutOf({ properties }: CustomResourceRequest): number {
  const seconds = Number(properties['ServiceTimeout']);
  return Number.isInteger(seconds) && seconds >= 1 && seconds <= DEFAULT_SERVICE_TIMEOUT_SECONDS
    ? seconds
    : DEFAULT_SERVICE_TIMEOUT_SECONDS;
}

/** Until when CloudFormation waits for the answer, milliseconds since the epoch; Infinity where nothing says it. */
export function waitsUntil(request: CustomResourceRequest): number {
  const { signedAt = Number.POSITIVE_INFINITY } = request;
  return signedAt + serviceTimeoutOf(request) * 1000;
}

/** Whether CloudFormation has stopped waiting for this request's answer. */
export const isStale = (request: CustomResourceRequest, now: number) => now > waitsUntil(request);
