/**
 * Entry of the check at deployment, a CloudFormation Lambda Hook (templates/validate-hook.yaml).
 * CloudFormation asks it before it creates or updates a stack or a change set. It judges the template by the
 * rules of `genesys-cloud-cfn validate`. It always answers, and a template without resources of Genesys Cloud
 * passes before anything is judged.
 */
import { type Clock, systemClock } from '../common/clock.ts';
import { type Deadline, timeLimit } from '../common/deadline.ts';
import { messageOf } from '../common/errors.ts';
import { redact } from '../common/redaction.ts';
import { cut } from '../common/text.ts';
import {
  type Answer,
  answerOf,
  HookProblem,
  notJudged,
  passed,
  type Verdict,
} from './validate-hook/answer.ts';
import { fetchPayload } from './validate-hook/payload.ts';
import { type HookRequest, readRequest } from './validate-hook/request.ts';
import { judgeApart } from './validate-hook/thread.ts';

/** The part of Lambda's context that the hook needs. */
interface HookContext {
  getRemainingTimeInMillis(): number;
}

export interface HookParts {
  environment?: NodeJS.ProcessEnv;
  clock?: Clock;
  /** Takes one line for the log. */
  log?: (line: string) => void;
}

/** Time for the answer after the work was ended. */
const RESERVE_MILLISECONDS = 1_500;
/** The judge's file lies beside this one, as source and in the package. */
const JUDGE = new URL(
  import.meta.url.replace(/^.*\//, './').replace('validate-hook', 'validate-hook-judge'),
  import.meta.url,
);

/** @returns a handler that answers every request, and never throws */
export function createValidateHook({
  environment = process.env,
  clock = systemClock,
  log = console.log,
}: HookParts = {}) {
  const allowLoopback = environment['ALLOW_LOOPBACK_PAYLOAD_URL'] === 'true';

  async function verdictOn(request: HookRequest, deadline: Deadline): Promise<Verdict> {
    if (request.isDelete) return passed('A deletion has no template to judge.');
    if (request.target !== 'STACK' && request.target !== 'CHANGE_SET')
      return passed('The hook judges templates: set it up for STACK and CHANGE_SET.');
    if (request.payloadUrl === undefined)
      throw new HookProblem('the request names no payload. Report this as a fault.');
    const payload = (await fetchPayload(request.payloadUrl, { clock, deadline, allowLoopback })).toString();
    if (!declaresOurs(payload)) return passed('The template has no resource of Genesys Cloud.');
    return judgeApart(JUDGE, payload, deadline);
  }

  return async (event: unknown, context: HookContext): Promise<Answer> => {
    const request = readRequest(event);
    const left = Math.max(1, context.getRemainingTimeInMillis() - RESERVE_MILLISECONDS);
    const timeOver = () =>
      new HookProblem('the time was over. Try again; a smaller template takes less time.');
    const deadline = timeLimit(clock, left, timeOver);
    const begun = clock.now();
    const verdict = await verdictOn(request, deadline).catch((error) =>
      notJudged(
        error instanceof HookProblem ? error.message : `the hook failed (${redact(messageOf(error))}).`,
      ),
    );
    deadline.dispose();
    const answer = answerOf(verdict, request.token);
    log(lineOf(request, answer, clock.now() - begun));
    return answer;
  };
}

/**
 * Whether a line of a template, as it is or inside JSON, declares a type of the provider. So neither a fault
 * of the rules nor a parser that is stricter than CloudFormation's can keep another template from passing.
 */
export const declaresOurs = (text: string): boolean =>
  /\bType\\?["']?(?:\s|\\[nrt])*:(?:\s|\\[nrt])*(?:&\S+\s+)?\\?["']?Custom::Genesys/i.test(text);

/** No line of the log holds the URL of the payload, or a word of the template. */
const lineOf = ({ target, targetId, stackId }: HookRequest, answer: Answer, milliseconds: number) =>
  JSON.stringify({
    level: answer.errorCode === 'InternalFailure' ? 'ERROR' : 'INFO',
    message: 'template judged',
    target: cut(target, 100),
    targetId: cut(targetId, 300),
    stackId: cut(stackId ?? '', 300),
    hookStatus: answer.hookStatus,
    ...(answer.errorCode === undefined ? {} : { errorCode: answer.errorCode }),
    ...(answer.errorCode === 'InternalFailure' ? { problem: answer.message } : {}),
    rules: (answer.annotations ?? []).map(({ annotationName }) => annotationName),
    milliseconds,
  });

export const handler = createValidateHook();
