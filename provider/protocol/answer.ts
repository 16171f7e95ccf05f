import { bytesInJson, cutToBytes } from '../../common/text.ts';
import type { AnswerAddress } from './event.ts';

/** The end of a request, as CloudFormation hears of it. */
export type Outcome =
  | {
      status: 'SUCCESS';
      physicalId: string;
      data?: Record<string, string>;
      /** News of the object for a person. */
      remark?: string;
    }
  | { status: 'FAILED'; physicalId: string; reason: string };

/** CloudFormation refuses longer bodies: "Response object is too long". */
export const MAX_ANSWER_BYTES = 4096;

/** Longer reasons drown in the stack's events; the log has the rest. */
const MAX_REASON_BYTES = 1500;

/**
 * The answer's body in UTF-8, at most 4,096 bytes. A longer reason is cut at a character boundary; `ids`
 * follow it in brackets and are never cut.
 */
export function encodeAnswer(
  address: Pick<AnswerAddress, 'stackId' | 'requestId' | 'logicalId'>,
  outcome: Outcome,
  ids = '',
): Buffer {
  const fields = {
    Status: outcome.status,
    PhysicalResourceId: outcome.physicalId,
    StackId: address.stackId,
    RequestId: address.requestId,
    LogicalResourceId: address.logicalId,
  };
  if (outcome.status === 'SUCCESS') {
    const answered = { ...fields, ...(outcome.data ? { Data: outcome.data } : {}) };
    return outcome.remark === undefined
      ? Buffer.from(JSON.stringify(answered))
      : withReason(answered, outcome.remark, ids);
  }
  return withReason(fields, outcome.reason, ids);
}

function withReason(fields: Record<string, unknown>, given: string, ids: string): Buffer {
  const room = MAX_ANSWER_BYTES - Buffer.byteLength(JSON.stringify({ ...fields, Reason: '' }));
  const suffix = ids === '' ? '' : ` (${ids})`;
  const text = plain(given) || 'The request failed without a message.';
  const reason = cutToBytes(text, Math.min(room, MAX_REASON_BYTES) - bytesInJson(suffix)) + suffix;
  return Buffer.from(JSON.stringify({ ...fields, Reason: reason }));
}

/** The text in one line without control characters, because a table cell shows it. */
function plain(text: string): string {
  return text.replace(/[\p{Cc}\s]+/gu, ' ').trim();
}
