/** The rules of a hook's answer (Hooks User Guide, and the API reference of GetHookResult for the limits). */

export interface HookAnnotation {
  annotationName: string;
  status: string;
  statusMessage?: string;
  remediationMessage?: string;
  remediationLink?: string;
  severityLevel?: string;
}

export interface HookAnswer {
  hookStatus: 'SUCCESS' | 'FAILED' | 'IN_PROGRESS';
  errorCode?: string;
  message?: string;
  callbackContext?: unknown;
  callbackDelaySeconds?: number;
  annotations?: HookAnnotation[];
}

const FIELDS = [
  'hookStatus',
  'errorCode',
  'message',
  'clientRequestToken',
  'callbackContext',
  'callbackDelaySeconds',
  'annotations',
];
/** HookStatusReason of the API; the guide says 4096 for what CloudFormation keeps. */
const MOST_OF_MESSAGE = 1024;
const ANNOTATION_LIMITS: Record<string, number> = {
  annotationName: 1024,
  statusMessage: 16_384,
  remediationMessage: 16_384,
  remediationLink: 5120,
};
const SEVERITIES = ['INFORMATIONAL', 'LOW', 'MEDIUM', 'HIGH', 'CRITICAL'];

/** The answer in a text; undefined where it is none that CloudFormation understands. */
export function readAnswer(text: string): HookAnswer | undefined {
  let answer: Partial<HookAnswer> | null;
  try {
    answer = JSON.parse(text);
  } catch {
    return undefined;
  }
  const isKnown = ['SUCCESS', 'FAILED', 'IN_PROGRESS'].includes(String(answer?.hookStatus));
  return isKnown ? (answer as HookAnswer) : undefined;
}

/** Every rule that an answer breaks. @param token the token of the request */
export function violationsOf(text: string, token: string | undefined): string[] {
  const answer = readAnswer(text);
  if (answer === undefined) return ['the answer has no hookStatus'];
  const found: string[] = [];
  const { hookStatus, errorCode, message, annotations = [] } = answer;
  for (const name of Object.keys(answer)) if (!FIELDS.includes(name)) found.push(`unknown field ${name}`);
  const codes = ['NonCompliant', 'InternalFailure'];
  if (hookStatus === 'FAILED' && !codes.includes(String(errorCode)))
    found.push('FAILED without a known errorCode');
  if (hookStatus !== 'FAILED' && errorCode !== undefined) found.push('an errorCode without FAILED');
  if (hookStatus === 'FAILED' && !message) found.push('FAILED without a message');
  if ((message?.length ?? 0) > MOST_OF_MESSAGE) found.push('the message is too long');
  if ((answer as { clientRequestToken?: string }).clientRequestToken !== token)
    found.push('the token is not that of the request');
  if (!Array.isArray(annotations)) return [...found, 'annotations is no list'];
  return [...found, ...annotations.flatMap(violationsOfAnnotation)];
}

function violationsOfAnnotation(annotation: HookAnnotation, index: number): string[] {
  const found: string[] = [];
  for (const [name, value] of Object.entries(annotation)) {
    const most = ANNOTATION_LIMITS[name];
    if (most === undefined && name !== 'status' && name !== 'severityLevel')
      found.push(`unknown field ${name}`);
    else if (most !== undefined && (typeof value !== 'string' || value.length < 1 || value.length > most))
      found.push(`${name} has no length between 1 and ${most}`);
  }
  if (annotation.annotationName === undefined) found.push('no annotationName');
  if (!['PASSED', 'FAILED', 'SKIPPED'].includes(annotation.status)) found.push('an unknown status');
  if (annotation.severityLevel !== undefined && !SEVERITIES.includes(annotation.severityLevel))
    found.push('an unknown severityLevel');
  return found.map((problem) => `annotation ${index}: ${problem}`);
}
