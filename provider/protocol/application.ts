import type { Abortable, Deadline } from '../../common/deadline.ts';
import type { Outcome } from './answer.ts';
import type { CustomResourceRequest } from './event.ts';
import type { Progress } from './progress.ts';

/** The application's last word on a request: an outcome to answer, or why this delivery must not answer. */
export type Verdict = Outcome | { status: 'NO_ANSWER'; why: string };

/** The means of one request. */
export interface Invocation {
  deadline: Deadline;
  progress: Progress;
}

/** The other side of the protocol: the behaviour of the custom resources. */
export interface Application {
  /** Carries a request out. A thrown error is answered with FAILED and its message. */
  handle(request: CustomResourceRequest, invocation: Invocation): Promise<Verdict>;
  /**
   * The verdict on an earlier delivery of a request, asked for when CloudFormation has stopped waiting;
   * undefined when the earlier delivery did not succeed.
   */
  recall(request: CustomResourceRequest, invocation: Invocation): Promise<Verdict | undefined>;
  /**
   * Whether a Create that answered `nothing-created` has left something to undo all the same. Writes nothing.
   * @throws RefusedError where a newer version of the provider has worked on it since
   */
  leftSomething(
    createAttemptId: string,
    request: CustomResourceRequest,
    deadline: Abortable,
  ): Promise<boolean>;
  /** CloudFormation took the answer to a request, so a repeat of it needs none. */
  answered(request: CustomResourceRequest, deadline: Abortable): Promise<void>;
}
