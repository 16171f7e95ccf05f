/** The answer of a CloudFormation Lambda Hook, and its limits. */
import { cut } from '../../common/text.ts';

export interface Annotation {
  annotationName: string;
  status: 'PASSED' | 'FAILED' | 'SKIPPED';
  statusMessage: string;
  remediationMessage?: string;
  severityLevel: 'INFORMATIONAL' | 'LOW' | 'MEDIUM' | 'HIGH' | 'CRITICAL';
}

/** The hook's decision, before the request's token is added. */
export interface Verdict {
  hookStatus: 'SUCCESS' | 'FAILED';
  /** Where the status is FAILED: the template was judged to be wrong, or it could not be judged. */
  errorCode?: 'NonCompliant' | 'InternalFailure';
  message: string;
  annotations?: Annotation[];
}

export interface Answer extends Verdict {
  clientRequestToken?: string;
}

/** The template could not be judged. The message says why, and what to do. */
export class HookProblem extends Error {}

/** The first message that a user sees is cut here (API reference, HookStatusReason). */
const MOST_OF_MESSAGE = 1024;
/** Far below the 16,384 of the API reference (Annotation), so that all annotations stay small together. */
const MOST_OF_TEXT = 2000;
/** The API reference names no limit. More faults help nobody, and an answer has to stay small. */
const MOST_ANNOTATIONS = 100;

export const passed = (message: string, annotations: Annotation[] = []): Verdict => ({
  hookStatus: 'SUCCESS',
  message,
  ...(annotations.length === 0 ? {} : { annotations }),
});

export const refused = (message: string, annotations: Annotation[]): Verdict => ({
  hookStatus: 'FAILED',
  errorCode: 'NonCompliant',
  message,
  annotations,
});

export const notJudged = (problem: string): Verdict => ({
  hookStatus: 'FAILED',
  errorCode: 'InternalFailure',
  message: `The template was not judged, which says nothing about it: ${problem}`,
});

/** The verdict as CloudFormation takes it: every text within its limit, and the token of the request. */
export function answerOf({ annotations, message, ...rest }: Verdict, token: string | undefined): Answer {
  return {
    ...rest,
    message: cut(message, MOST_OF_MESSAGE),
    ...(annotations === undefined ? {} : { annotations: withinLimits(annotations) }),
    ...(token === undefined ? {} : { clientRequestToken: token }),
  };
}

function withinLimits(annotations: Annotation[]): Annotation[] {
  const shown =
    annotations.length > MOST_ANNOTATIONS ? annotations.slice(0, MOST_ANNOTATIONS - 1) : annotations;
  const left = annotations.length - shown.length;
  const rest: Annotation = {
    annotationName: 'more',
    status: 'SKIPPED',
    statusMessage: `${left} more are not listed. Run genesys-cloud-cfn validate on the template.`,
    severityLevel: 'INFORMATIONAL',
  };
  return [...shown, ...(left > 0 ? [rest] : [])].map((one) => ({
    ...one,
    statusMessage: cut(one.statusMessage, MOST_OF_TEXT),
    ...(one.remediationMessage === undefined
      ? {}
      : { remediationMessage: cut(one.remediationMessage, MOST_OF_TEXT) }),
  }));
}
