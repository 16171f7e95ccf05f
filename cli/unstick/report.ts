/** The words of the list. A ResponseURL is in none of them. */
import type { LedgerView } from './answers.ts';
import { shown } from './event.ts';
import type { Entry } from './stuck.ts';

/** An event as a person and a program read it. */
export interface ShownEntry {
  number: number;
  messageId: string;
  stack?: string;
  logicalId?: string;
  requestType?: string;
  resourceType?: string;
  requestId?: string;
  ageMinutes?: number;
  /** Missing where that cannot be seen. */
  isWaiting?: boolean;
  cloudFormation?: string;
  ledger?: string;
  /** Whether S3 still takes an answer. */
  canBeAnswered: boolean;
  problem?: string;
}

const MINUTE = 60_000;

export function shownEntry(entry: Entry, now: number): ShownEntry {
  const { number, message } = entry;
  const messageId = shown(message.messageId);
  if (entry.request === undefined)
    return { number, messageId, isWaiting: false, canBeAnswered: false, problem: shown(entry.problem) };
  const { request, cloudFormation, ledger, urlEndsAt } = entry;
  const { stack, resource, isWaiting, why } = cloudFormation;
  return {
    number,
    messageId,
    stack: request.stackId.split('/')[1] ?? request.stackId,
    logicalId: request.logicalId,
    requestType: request.type,
    resourceType: shown(request.resourceType),
    requestId: request.requestId,
    ...(request.signedAt === undefined
      ? {}
      : { ageMinutes: Math.max(0, Math.round((now - request.signedAt) / MINUTE)) }),
    ...(isWaiting === undefined ? {} : { isWaiting }),
    cloudFormation:
      stack === undefined
        ? shown(why ?? '')
        : `stack ${stack}, resource ${resource ?? 'not there'}${why === undefined ? '' : ` (${shown(why)})`}`,
    ledger: ledgerText(ledger),
    canBeAnswered: urlEndsAt === undefined || now < urlEndsAt,
  };
}

export const asJson = (entries: ShownEntry[], notes: string[]) =>
  JSON.stringify({ events: entries, notes }, null, 2);

/** `isComplete`: no other reader holds events. */
export function asText(entries: ShownEntry[], notes: string[], isComplete: boolean): string {
  const waiting = entries.filter(({ isWaiting }) => isWaiting).length;
  const unknown = entries.filter(({ isWaiting }) => isWaiting === undefined).length;
  const lines = entries.flatMap((entry) => linesOf(entry));
  const sum =
    entries.length === 0
      ? isComplete
        ? 'The failure queue is empty.'
        : 'The failure queue shows no event.'
      : `${entries.length} ${entries.length === 1 ? 'event' : 'events'}: CloudFormation waits for ${waiting === 0 ? 'none of them' : `the answer to ${waiting}`}${unknown === 0 ? '' : `, and of ${unknown} nobody can see it`}.`;
  const next =
    waiting + unknown === 0
      ? entries.length === 0
        ? []
        : ['unstick <number> --remove takes an event out of the queue.']
      : ['unstick <number> asks the provider again. docs/unstick.md says what to do where it cannot answer.'];
  return [...lines, ...notes, sum, ...next].join('\n');
}

function linesOf(entry: ShownEntry): string[] {
  const { number, problem, messageId, isWaiting, canBeAnswered, ageMinutes } = entry;
  if (problem !== undefined)
    return [`${number}. no request of this provider: ${problem}`, `   message: ${messageId}`];
  return [
    `${number}. ${entry.stack}/${entry.logicalId}: ${entry.requestType} of ${entry.resourceType}${ageMinutes === undefined ? '' : `, ${ageMinutes} min old`}`,
    `   ${isWaiting === undefined ? 'unknown whether CloudFormation waits' : isWaiting ? 'CloudFormation waits' : 'nobody waits'}: ${entry.cloudFormation}`,
    `   ledger: ${entry.ledger}`,
    `   ${canBeAnswered ? 'its answer can still be delivered' : 'its ResponseURL has expired, so no answer can be delivered'}`,
    `   RequestId: ${entry.requestId}`,
  ];
}

function ledgerText(ledger: LedgerView | undefined): string {
  if (ledger === undefined) return 'cannot be read';
  const { attempt } = ledger;
  if (attempt === undefined) return 'nothing of this request';
  const steps = attempt.steps.map(
    ({ kind, state, id }) => `${kind} ${state}${id === undefined ? '' : ` (${id})`}`,
  );
  const answered = attempt.answer === undefined ? '' : `, answer ${attempt.answer.physicalId}`;
  const reason = attempt.reason === undefined ? '' : `, because: ${attempt.reason}`;
  return shown(`${attempt.state}${steps.length > 0 ? `, ${steps.join(', ')}` : ''}${answered}${reason}`);
}
