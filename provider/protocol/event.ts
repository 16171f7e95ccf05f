import { createHash } from 'node:crypto';
import { fingerprintBy } from '../../common/canonical-json.ts';
import { RequestError } from '../../common/errors.ts';
import { isPlainObject } from '../../common/objects.ts';

export type RequestType = 'Create' | 'Update' | 'Delete';

/**
 * A custom-resource request whose shape was checked. CloudFormation sends every scalar in its properties as a
 * string.
 */
export interface CustomResourceRequest {
  type: RequestType;
  resourceType: string;
  stackId: string;
  requestId: string;
  /**
   * `<RequestId>/<16 hex digits of the ResponseURL's digest>`. Lambda's repeat of an event has the same one.
   * A deployment that is tried again has another one, because CloudFormation signs a new ResponseURL but uses
   * the RequestId again (aws/aws-cdk issue 35957).
   */
  attemptId: string;
  logicalId: string;
  /** Missing on Create. */
  physicalId?: string;
  properties: Record<string, unknown>;
  /** The properties that were applied before; of an Update only. */
  oldProperties?: Record<string, unknown>;
  responseUrl: URL;
  /** The signing date of the ResponseURL, in milliseconds since the epoch; missing where the URL has none. */
  signedAt?: number;
  /** Fingerprint of everything that the event asks for: types, physical id, properties and old properties. */
  content: string;
  /** Fingerprint of the properties. */
  wanted: string;
  /** Fingerprint of the old properties; of an Update only. */
  wantedBefore?: string;
}

/**
 * The fields that an answer needs. They are read first, so that a request with any other fault is answered.
 */
export type AnswerAddress = Pick<
  CustomResourceRequest,
  'stackId' | 'requestId' | 'attemptId' | 'logicalId' | 'responseUrl'
> & {
  physicalId?: string;
};

/** CloudFormation's own bounds of the fields that an answer repeats, so that it fits into 4,096 bytes. */
const STACK_ID =
  /^arn:[a-z-]{1,20}:cloudformation:[a-z0-9-]{1,32}:\d{12}:stack\/[A-Za-z0-9-]{1,128}\/[A-Za-z0-9-]{1,64}$/;
const REQUEST_ID = /^[\x21-\x7e]{1,128}$/;
const LOGICAL_ID = /^[A-Za-z0-9]{1,255}$/;
const PHYSICAL_ID_BYTES = 1024;

/** The address to answer to. @throws RequestError for an event without one, for whose answer nobody waits */
export function readAnswerAddress(event: unknown): AnswerAddress {
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
  const address = {
    stackId: StackId,
    requestId: RequestId,
    attemptId: `${RequestId}/${digestOf(responseUrl)}`,
    logicalId: LogicalResourceId,
    responseUrl,
  };
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

/** The request behind an address. @throws RequestError for a kind that is unknown */
export function readRequest(event: unknown, address: AnswerAddress): CustomResourceRequest {
  const { RequestType, ResourceType, ResourceProperties, OldResourceProperties } = isPlainObject(event)
    ? event
    : {};
  if (RequestType !== 'Create' && RequestType !== 'Update' && RequestType !== 'Delete') {
    throw new RequestError('The request has no RequestType of Create, Update or Delete.');
  }
  if (typeof ResourceType !== 'string' || ResourceType === '')
    throw new RequestError('The request has no ResourceType.');
  const signedAt = signingDate(address.responseUrl);
  const properties = isPlainObject(ResourceProperties) ? ResourceProperties : {};
  const oldProperties = isPlainObject(OldResourceProperties) ? OldResourceProperties : undefined;
  const wanted = fingerprint(properties);
  const wantedBefore = oldProperties && fingerprint(oldProperties);
  return {
    ...address,
    type: RequestType,
    resourceType: ResourceType,
    properties,
    ...(oldProperties ? { oldProperties } : {}),
    ...(signedAt === undefined ? {} : { signedAt }),
    content: fingerprint([
      RequestType,
      ResourceType,
      address.physicalId ?? null,
      wanted,
      wantedBefore ?? null,
    ]),
    wanted,
    ...(wantedBefore === undefined ? {} : { wantedBefore }),
  };
}

/** Version of the rule by which the content of an event becomes a fingerprint. */
const CONTENT_VERSION = 1;
const fingerprint = (value: unknown) => fingerprintBy(CONTENT_VERSION, value);

/** A digest of the whole URL. It tells URLs apart without their signatures, which are secret. */
const digestOf = ({ href }: URL): string => createHash('sha256').update(href).digest('hex').slice(0, 16);

/**
 * Seconds that a ResponseURL of the older form (`Expires`) is valid (custom-resource documentation: two
 * hours).
 */
const VALIDITY_SECONDS = 7200;

/**
 * The signing date of a URL, in milliseconds since the epoch: `X-Amz-Date`, or `Expires` less its validity.
 */
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
