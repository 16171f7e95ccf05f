import { isPlainObject } from '../../common/objects.ts';
import { answerFields, type CustomResourceEvent } from './events.ts';

/** Limit for the whole answer, Data and Reason included (crpg-ref-responses). 4,096 itself is allowed. */
export const maxAnswerBytes = 4096;
export const maxPhysicalResourceIdBytes = 1024;

/** An upload as it was on the wire: a PUT if the provider is right. */
export interface Upload {
  method: string;
  /** As sent: a header that was sent twice has two values. */
  headers: ReadonlyMap<string, readonly string[]>;
  /** As many bytes as arrived, at most what content-length announced. */
  body: Buffer;
}

/** The result of a request for CloudFormation. */
export type Outcome =
  | { status: 'SUCCESS'; physicalResourceId: string; data: Readonly<Record<string, string>> }
  | { status: 'FAILED'; physicalResourceId?: string; reason: string };

type Fields = Record<string, unknown>;

/**
 * Every rule of the protocol that an upload breaks, as sentences. It is stricter than CloudFormation, which
 * accepts some of these uploads and fails the resource for others.
 */
export function violations(upload: Upload, event: CustomResourceEvent): string[] {
  return [...uploadViolations(upload), ...answerViolations(upload.body, event)];
}

function uploadViolations({ method, headers, body }: Upload): string[] {
  const found: string[] = [];
  if (method !== 'PUT') found.push(`method is ${method}, the URL is signed for PUT`);
  const contentType = headers.get('content-type');
  // S3 accepts an absent content-type. But many HTTP clients then send a default of their own, which S3
  // refuses.
  if (contentType === undefined) found.push('content-type is absent, it has to be sent empty');
  else if (contentType.some((value) => value !== ''))
    found.push(`content-type is '${contentType.join(', ')}', the URL is signed for an empty one`);
  const length = headers.get('content-length');
  if (length === undefined) found.push('content-length is absent, S3 takes no chunked body');
  else if (length.length !== 1 || length[0] !== String(body.length))
    found.push(`content-length is ${length.join(', ')}, ${body.length} bytes arrived`);
  return found;
}

function answerViolations(body: Buffer, event: CustomResourceEvent): string[] {
  const found: string[] = [];
  if (body.length > maxAnswerBytes)
    found.push(`the answer has ${body.length} bytes, ${maxAnswerBytes} are allowed`);
  const answer = parse(body);
  if (answer === undefined) return [...found, 'the answer is no JSON object in UTF-8'];

  for (const name of Object.keys(answer))
    if (!(answerFields as readonly string[]).includes(name)) found.push(`${name} is no field of an answer`);
  for (const name of ['StackId', 'RequestId', 'LogicalResourceId'] as const)
    if (answer[name] !== event[name]) found.push(`${name} is not the request's`);

  if (answer['Status'] !== 'SUCCESS' && answer['Status'] !== 'FAILED')
    found.push('Status is neither SUCCESS nor FAILED');
  if ('Reason' in answer && typeof answer['Reason'] !== 'string') found.push('Reason is no string');
  if (answer['Status'] === 'FAILED' && !answer['Reason'])
    found.push('Reason is required when Status is FAILED');
  if ('NoEcho' in answer && typeof answer['NoEcho'] !== 'boolean') found.push('NoEcho is no boolean');

  const id = answer['PhysicalResourceId'];
  if (typeof id !== 'string' || id === '') found.push('PhysicalResourceId is missing or empty');
  else if (Buffer.byteLength(id) > maxPhysicalResourceIdBytes)
    found.push(
      `PhysicalResourceId has ${Buffer.byteLength(id)} bytes, ${maxPhysicalResourceIdBytes} are allowed`,
    );
  else if (event.RequestType === 'Delete' && id !== event.PhysicalResourceId)
    found.push('a Delete was answered with another PhysicalResourceId');

  if ('Data' in answer) {
    const data = answer['Data'];
    if (!isPlainObject(data)) found.push('Data is no object');
    else
      for (const [name, value] of Object.entries(data))
        if (typeof value !== 'string') found.push(`Data.${name} is no string`);
  }
  return found;
}

/** The outcome that CloudFormation reads from an answer in its bucket. */
export function interpret(body: Buffer, event: CustomResourceEvent): Outcome {
  if (body.length > maxAnswerBytes) return { status: 'FAILED', reason: 'Response object is too long.' };
  const answer = parse(body);
  if (answer === undefined) return { status: 'FAILED', reason: 'Response object is not a JSON object.' };
  for (const name of ['StackId', 'RequestId', 'LogicalResourceId'] as const)
    if (answer[name] !== event[name])
      return { status: 'FAILED', reason: `Invalid response: ${name} does not match.` };

  const id = usableId(answer['PhysicalResourceId']);
  if (answer['Status'] === 'FAILED') {
    const reason = `Received response status [FAILED] from custom resource. Message returned: ${answer['Reason'] ?? ''} (RequestId: ${event.RequestId})`;
    return { status: 'FAILED', reason, ...(id === undefined ? {} : { physicalResourceId: id }) };
  }
  if (answer['Status'] !== 'SUCCESS') return { status: 'FAILED', reason: 'Invalid response: Status.' };
  if (id === undefined) return { status: 'FAILED', reason: 'Invalid PhysicalResourceId' };
  return { status: 'SUCCESS', physicalResourceId: id, data: attributes(answer['Data']) };
}

function usableId(id: unknown): string | undefined {
  if (typeof id !== 'string' || id === '' || Buffer.byteLength(id) > maxPhysicalResourceIdBytes)
    return undefined;
  return id;
}

/** The attributes for Fn::GetAtt: scalars, as strings. */
function attributes(data: unknown): Record<string, string> {
  if (!isPlainObject(data)) return {};
  const entries = Object.entries(data).filter(([, value]) =>
    ['string', 'number', 'boolean'].includes(typeof value),
  );
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]));
}

/** The fields of an answer; undefined if it is not a JSON object in UTF-8. */
export function parse(body: Buffer): Fields | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
    return isPlainObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
