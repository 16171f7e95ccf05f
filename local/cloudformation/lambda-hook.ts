/** CloudFormation's side of a Lambda Hook: it asks a function about an operation and judges the answers. */
import { type Clock, systemClock } from '../../common/clock.ts';
import { within } from '../../common/deadline.ts';
import { messageOf } from '../../common/errors.ts';
import { type HookAnnotation, type HookAnswer, readAnswer, violationsOf } from './hook-answers.ts';
import type { HookPayloads } from './hook-payloads.ts';
import {
  type HookEvent,
  type HookedOperation,
  type HookTarget,
  payloadOf,
  requestOf,
  type Spelling,
} from './hook-requests.ts';

export interface HookOptions {
  /**
   * Invokes the function once and resolves to the text that it returned. It rejects where the function
   * crashed.
   */
  invoke(event: HookEvent, signal: AbortSignal): Promise<string>;
  payloads: HookPayloads;
  failureMode: 'FAIL' | 'WARN';
  typeName?: string;
  functionArn?: string;
  /** Default: STACK and CHANGE_SET. */
  targets?: HookTarget[];
  excludedStacks?: string[];
  spelling?: Spelling;
  clock?: Clock;
}

/** The result of a hook, as GetHookResult tells it. */
export interface HookResult {
  typeName: string;
  target: HookTarget;
  /** `HOOK_FAILED`: the hook itself failed, so the template was not judged. */
  status: 'HOOK_COMPLETE_SUCCEEDED' | 'HOOK_COMPLETE_FAILED' | 'HOOK_FAILED';
  reason: string;
  annotations: HookAnnotation[];
  failureMode: 'FAIL' | 'WARN';
  /** Invocations of the function, with repeats. */
  invocations: number;
}

/** A time-out counts as a failure of the attempt (Hooks User Guide, "Concepts"). */
const ATTEMPT_MILLISECONDS = 30_000;
const ATTEMPTS = 3;
/** IN_PROGRESS may be answered so often that the function is invoked three times. */
const IN_PROGRESS_ANSWERS = 3;

export class LambdaHook {
  readonly results: HookResult[] = [];
  readonly #options: Required<HookOptions>;
  #violations: string[] = [];

  constructor(options: HookOptions) {
    this.#options = {
      typeName: 'GenesysCloud::Templates::Validate',
      functionArn: 'arn:aws:lambda:us-east-1:123456789012:function:validate-hook',
      targets: ['STACK', 'CHANGE_SET'],
      excludedStacks: [],
      spelling: 'examples',
      clock: systemClock,
      ...options,
    };
  }

  /** Every rule that an answer broke so far. */
  violations(): string[] {
    return this.#violations;
  }

  /**
   * Asks about an operation, if the filters let it through.
   * @returns the sentence of CloudFormation where the operation must stop
   */
  async ask(target: HookTarget, operation: HookedOperation): Promise<string | undefined> {
    const { targets, excludedStacks, failureMode, typeName } = this.#options;
    const isAsked =
      targets.includes(target) &&
      operation.action !== 'DELETE' &&
      !excludedStacks.includes(operation.stackName);
    if (!isAsked) return undefined;
    const result = await this.#judge(target, operation);
    this.results.push(result);
    const stops = failureMode === 'FAIL' && result.status !== 'HOOK_COMPLETE_SUCCEEDED';
    return stops ? `The following hook(s) failed: [${typeName}]` : undefined;
  }

  async #judge(target: HookTarget, operation: HookedOperation): Promise<HookResult> {
    const { typeName, functionArn, spelling, payloads, failureMode, clock } = this.#options;
    const payloadUrl = payloads.add(payloadOf(target, operation));
    const event = requestOf(target, operation, { payloadUrl, typeName, functionArn, spelling });
    const facts = { typeName, target, failureMode };
    let invocations = 0;
    for (let answers = 1; answers <= IN_PROGRESS_ANSWERS; answers += 1) {
      const { answer, problem, attempts } = await this.#attempt(event);
      invocations += attempts;
      if (answer === undefined)
        return { ...facts, status: 'HOOK_FAILED', reason: problem, annotations: [], invocations };
      if (answer.hookStatus !== 'IN_PROGRESS')
        return {
          ...facts,
          status: statusOf(answer),
          reason: answer.message ?? '',
          annotations: answer.annotations ?? [],
          invocations,
        };
      event.requestContext = {
        invocation: event.requestContext.invocation + 1,
        callbackContext: answer.callbackContext ?? null,
      };
      await clock.sleep((answer.callbackDelaySeconds ?? 0) * 1000);
    }
    const reason = `the hook answered IN_PROGRESS ${IN_PROGRESS_ANSWERS} times`;
    return { ...facts, status: 'HOOK_FAILED', reason, annotations: [], invocations };
  }

  /** Up to three attempts, until one brings an answer. */
  async #attempt(event: HookEvent): Promise<{ answer?: HookAnswer; problem: string; attempts: number }> {
    const { clock, invoke } = this.#options;
    let problem = '';
    for (let attempts = 1; attempts <= ATTEMPTS; attempts += 1) {
      try {
        const timedOut = () => new Error('the hook timed out after 30 seconds');
        const text = await within(clock, ATTEMPT_MILLISECONDS, timedOut, ({ signal }) =>
          invoke(structuredClone(event), signal),
        );
        this.#violations.push(...violationsOf(text, event.clientRequestToken ?? event.clientRequesttoken));
        const answer = readAnswer(text);
        return answer === undefined
          ? { problem: 'the answer is none of a hook', attempts }
          : { answer, problem, attempts };
      } catch (error) {
        problem = messageOf(error);
      }
    }
    return { problem, attempts: ATTEMPTS };
  }
}

const statusOf = ({ hookStatus, errorCode }: HookAnswer): HookResult['status'] => {
  if (hookStatus === 'SUCCESS') return 'HOOK_COMPLETE_SUCCEEDED';
  return errorCode === 'NonCompliant' ? 'HOOK_COMPLETE_FAILED' : 'HOOK_FAILED';
};
