/** The event of a failed request, as Lambda puts it into the failure queue; or a text of somebody else. */
import { messageOf } from '../../common/errors.ts';
import { isPlainObject } from '../../common/objects.ts';
import { brief } from '../../common/text.ts';
import {
  type AnswerAddress,
  type CustomResourceRequest,
  isResponseUrlAllowed,
  readAnswerAddress,
  readRequest,
  waitsUntil,
} from '../../provider/protocol/index.ts';
import type { QueueMessage } from './queue.ts';

/** A custom-resource request that can be answered. */
export interface FailedRequest {
  message: QueueMessage;
  /** The event itself, with its ResponseURL: only for the provider. */
  event: unknown;
  address: AnswerAddress;
  request: CustomResourceRequest;
  /** The end of the ResponseURL, in milliseconds since the epoch; undefined where it has no date. */
  urlEndsAt: number | undefined;
  /** The end of CloudFormation's wait; Infinity where the ResponseURL has no date. */
  waitsUntil: number;
}

/** A message that is no request of this provider. */
export interface ForeignMessage {
  message: QueueMessage;
  problem: string;
}

/** The validity of a ResponseURL whose query names none (custom-resource documentation: two hours). */
const VALIDITY_SECONDS = 7200;

/** Reads a message. `functionArn` is that of the provider. */
export function readMessage(
  message: QueueMessage,
  functionArn: string,
  allowLoopback: boolean,
): FailedRequest | ForeignMessage {
  const foreign = (problem: string): ForeignMessage => ({ message, problem });
  const envelope = parse(message.body);
  if (envelope === undefined) return foreign('it is no JSON of Lambda');
  const { requestContext, requestPayload: event } = envelope;
  const { functionArn: sender } = isPlainObject(requestContext) ? requestContext : {};
  if (typeof sender === 'string' && unqualified(sender) !== unqualified(functionArn))
    return foreign('another function has sent it');
  try {
    const address = readAnswerAddress(event);
    if (!isResponseUrlAllowed(address.responseUrl, address.stackId, allowLoopback))
      return foreign('its ResponseURL is none of CloudFormation');
    const request = readRequest(event, address);
    const end = waitsUntil(request);
    return { message, event, address, request, urlEndsAt: endOfUrl(request), waitsUntil: end };
  } catch (error) {
    return foreign(shown(messageOf(error)));
  }
}

export const isForeign = (one: FailedRequest | ForeignMessage): one is ForeignMessage => 'problem' in one;

/** A text that somebody else has written: one short line without control characters. */
export const shown = (text: string): string => brief(text.replace(/[\p{Cc}\p{Cf}]+/gu, ' '), 120);

const unqualified = (arn: string) => arn.split(':').slice(0, 7).join(':');

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isPlainObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function endOfUrl({ responseUrl, signedAt }: CustomResourceRequest): number | undefined {
  if (signedAt === undefined) return undefined;
  const seconds = Number(responseUrl.searchParams.get('X-Amz-Expires') ?? VALIDITY_SECONDS);
  return signedAt + (Number.isInteger(seconds) && seconds > 0 ? seconds : VALIDITY_SECONDS) * 1000;
}
