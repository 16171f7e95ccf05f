import type { AnswerAddress } from './event.ts';

/** The end of a request, as CloudFormation hears of it. */
export type Outcome =
  | { status: 'SUCCESS'; physicalId: string; data?: Record<string, string> }
  | { status: 'FAILED'; physicalId: string; reason: string };

/** CloudFormation refuses longer bodies: "Response object is too long". */
export const MAX_ANSWER_BYTES = 4096;

/** Longer reasons drown in the stack's events; the log has the rest. */
const MAX_REASON_BYTES = 1500;

/**
 * The answer's body in UTF-8, at most 4,096 bytes. A longer reason is cut at a character boundary; `ids` follow it in
 * brackets and are never cut.
 */
export function encodeAnswer(address: AnswerAddress, outcome: Outcome, ids = ''): Buffer {
  const fields = {
    Status: outcome.status,
    PhysicalResourceId: outcome.physicalId,
    StackId: address.stackId,
    RequestId: address.requestId,
    LogicalResourceId: address.logicalId,
  };
  if (outcome.status === 'SUCCESS') {
    return Buffer.from(JSON.stringify({ ...fields, ...(outcome.data ? { Data: outcome.data } : {}) }));
  }
  const room = MAX_ANSWER_BYTES - jsonBytes({ ...fields, Reason: '' });
  const suffix = ids === '' ? '' : ` (${ids})`;
  const text = plain(outcome.reason) || 'The request failed without a message.';
  const reason = cutTo(text, Math.min(room, MAX_REASON_BYTES) - jsonTextBytes(suffix)) + suffix;
  return Buffer.from(JSON.stringify({ ...fields, Reason: reason }));
}

const jsonBytes = (value: unknown) => Buffer.byteLength(JSON.stringify(value));

/** Bytes that a text takes inside JSON, without its quotes: escapes count. */
const jsonTextBytes = (text: string) => jsonBytes(text) - 2;

/** The text in one line without control characters, because a table cell shows it. */
function plain(text: string): string {
  return text.replace(/[\p{Cc}\s]+/gu, ' ').trim();
}

/** The longest beginning of whole characters that takes at most `bytes` inside JSON, with `…` for a missing rest. */
function cutTo(text: string, bytes: number): string {
  if (jsonTextBytes(text) <= bytes) return text;
  const ellipsis = '…';
  let room = bytes - jsonTextBytes(ellipsis);
  let result = '';
  for (const character of text) {
    room -= jsonTextBytes(character);
    if (room < 0) break;
    result += character;
  }
  return result + ellipsis;
}
