/**
 * One request's attempt in the ledger, from its first look to its last word:
 *
 *   begin ── run ── succeeded (by the plan's own last write)
 *     │       ├──── failed: the reason is noted, and whatever has to be removed later
 *     │       └──── cancelled: CloudFormation gave up, everything that was made is undone
 *     └── answered before, sent again since, superseded, failed before: nothing runs
 */
import type { Deadline } from '../../common/deadline.ts';
import { messageOf, RequestError } from '../../common/errors.ts';
import {
  type Beginning,
  CancelledError,
  type Known,
  type OpenAttempt,
  type OwnerRecord,
  type Step,
  TakenOverError,
} from '../ledger/index.ts';
import { type PhysicalId, readPhysicalId, type Verdict } from '../protocol/index.ts';
import { type Job, sessionOf } from './job.ts';
import { underLease } from './lease.ts';
import { NotRemovedError, noteFailure } from './noting.ts';

/** The work of a request; its job ends early when CloudFormation gives the request up. */
export type Run = (job: Job, attempt: OpenAttempt, owner: OwnerRecord) => Promise<Verdict>;

/**
 * Takes the request up, runs it, and leaves the ledger in order however it ends.
 * @param onBegun is told the attempt, so that the answer can close it
 */
export async function runAttempt(
  job: Job,
  run: Run,
  onBegun: (attempt: OpenAttempt) => void,
): Promise<Verdict> {
  const over = new AbortController();
  void readSecretAhead(job, over.signal);
  try {
    return await beginAndRun(job, run, onBegun);
  } finally {
    over.abort();
  }
}

/**
 * Reads the OAuth secret beside the ledger: nearly every request of a new container needs it, and neither
 * depends on the other. A fault of the secret is reported where it is needed.
 */
async function readSecretAhead(job: Job, signal: AbortSignal): Promise<void> {
  const within: Deadline = { signal: AbortSignal.any([job.deadline.signal, signal]), at: job.deadline.at };
  try {
    await sessionOf(job, job.request.type === 'Delete', within).region();
  } catch {
    // Nobody has asked for it yet.
  }
}

async function beginAndRun(job: Job, run: Run, onBegun: (attempt: OpenAttempt) => void): Promise<Verdict> {
  const { parts, request, deadline, progress } = job;
  const { physicalId, stackId, logicalId } = request;
  const { kind } = readPhysicalId(physicalId, stackId, logicalId);
  const asked = { ...request, ...NAMED_BY[kind] };
  let begun = await parts.ledger.begin(asked, deadline);
  if (begun.verdict === 'twin at work') {
    // If the deadline comes first, the answer must lead to what the other delivery makes.
    progress.mayHaveWritten();
    begun = await parts.ledger.beginAfterTwin(asked, deadline);
  }
  switch (begun.verdict) {
    case 'superseded':
      throw new RequestError(
        'A newer request for this resource has begun: this one is superseded, and nothing was done.',
      );
    case 'failed':
      // CloudFormation may have taken that answer and cleaned up, so a repeat makes nothing.
      countAsOwn(job, begun.steps);
      throw new RequestError(begun.reason);
    case 'go':
      onBegun(begun.attempt);
      countAsOwn(job, begun.attempt.record.steps);
      return workOn(job, run, begun.attempt, begun.owner);
    default:
      return verdictOf(begun);
  }
}

/** The thing that each kind of physical id names, as far as the ledger has to know it. */
const NAMED_BY: Record<PhysicalId['kind'], Pick<Beginning, 'names'>> = {
  object: { names: 'an object' },
  invented: { names: 'an unanswered Create' },
  none: { names: 'an unanswered Create' },
  'nothing-created': {},
  'failed-create': {},
};

/** The answer that is owed to a request that came to an end before. */
export function verdictOf(known: Known): Verdict {
  switch (known.verdict) {
    case 'replay':
      return { status: 'SUCCESS', physicalId: known.answer.physicalId, data: known.answer.data };
    case 'closed':
      return { status: 'NO_ANSWER', why: 'CloudFormation has taken the answer to this request' };
    case 'sent again':
      return SENT_AGAIN;
  }
}

const SENT_AGAIN: Verdict = {
  status: 'NO_ANSWER',
  why: 'CloudFormation has sent this request again and waits for the answer to that delivery',
};
const TAKEN_OVER: Verdict = { status: 'NO_ANSWER', why: 'another delivery of this request works on it' };

/** The steps of earlier deliveries count as this one's own, should it end here. */
function countAsOwn({ type, progress }: Job, steps: readonly Step[]): void {
  if (steps.length > 0) progress.mayHaveWritten();
  const made = steps.find(({ kind, state }) => kind === type.kind && state !== 'undone');
  if (made?.id !== undefined) progress.hasObject(made.id);
}

async function workOn(job: Job, run: Run, attempt: OpenAttempt, owner: OwnerRecord): Promise<Verdict> {
  try {
    return await underLease(attempt, job, (leased) => run(leased, attempt, owner));
  } catch (thrown) {
    // The job's own deadline holds for this note, since the lease may be lost. An invocation that took the
    // attempt over writes the note itself.
    if (!attempt.lost.aborted) await leaveInOrder(job, attempt, thrown);
    const lost: unknown = attempt.lost.reason;
    if (lost instanceof TakenOverError && lost.isAnsweredElsewhere) return TAKEN_OVER;
    const reason = lost ?? reasonOf(thrown);
    if (reason instanceof CancelledError && reason.isSentAgain) return SENT_AGAIN;
    throw reason;
  }
}

async function leaveInOrder(job: Job, attempt: OpenAttempt, error: unknown): Promise<void> {
  const leftOver = error instanceof NotRemovedError ? error.leftOver : undefined;
  const reason = reasonOf(error);
  if (reason instanceof CancelledError) {
    // Most requests need no undoing, so a cold start parses less.
    const { undoOwnSteps } = await import('./undo.ts');
    await underLease(attempt, job, (leased) => undoOwnSteps(leased, attempt)).catch((problem: unknown) => {
      job.parts.log.warn('what a cancelled request made is still there', { problem: messageOf(problem) });
      return noteFailure(job, attempt, messageOf(problem), leftOver);
    });
  } else if (attempt.record.state === 'running') {
    job.progress.failed(reason);
    await noteFailure(job, attempt, messageOf(reason), leftOver);
  }
}

const reasonOf = (error: unknown): unknown => (error instanceof NotRemovedError ? error.cause : error);
