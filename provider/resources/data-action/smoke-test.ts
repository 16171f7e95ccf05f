import type { Models } from 'purecloud-platform-client-v2';
import { ProviderError, RefusedError } from '../../../common/errors.ts';
import { isPlainObject } from '../../../common/objects.ts';
import { cut } from '../../../common/text.ts';
import {
  GenesysError,
  MissingPermissionError,
  maskSecrets,
  NotFoundError,
  OutcomeUnknownError,
} from '../../genesys/index.ts';
import type { Operation } from '../../lifecycle/operation.ts';
import { patiently } from '../../lifecycle/waiting.ts';
import { type FreeForm, typedBy } from '../../properties/index.ts';
import { runFailure } from './run-failure.ts';

/** A data action's properties, as far as its smoke test needs them. */
export interface Tested {
  SmokeTest: { Input: FreeForm; ExpectOutput?: FreeForm | undefined };
  Contract: { Input: Record<string, unknown>; Output: Record<string, unknown> };
  Request: { UrlTemplate: string; Headers?: Record<string, string> | undefined };
  Secure: boolean;
}

const LONGEST_REASON = 400;
const MAX_SHOWN = 5;

/** The action was run, or was to be run, and did not do what it should. */
class SmokeTestError extends ProviderError {
  /** It did not come to the function, by a right that Genesys Cloud may not see yet. */
  readonly denied: boolean;

  constructor(message: string, denied = false) {
    super(message);
    this.denied = denied;
  }
}

/**
 * Runs a published data action once with the input of its smoke test, and compares what comes out. A refusal
 * for want of a right is repeated while `isYoung`: the function has not been run then.
 * @throws SmokeTestError, RefusedError; their messages hold no value of input, headers or output.
 */
export async function runSmokeTest(
  id: string,
  { SmokeTest, Contract, Request, Secure }: Tested,
  isYoung: boolean,
  operation: Operation,
): Promise<void> {
  const input = typedBy(SmokeTest.Input, Contract.Input);
  const values = [...textsIn(input), ...Object.values(Request.Headers ?? {})];
  const hide = (text: string) => maskSecrets(text, values.flatMap(spellings).sort(longestFirst));
  const run: Run = {
    id,
    hide,
    show: Secure ? () => 'what Genesys Cloud says is left out, as the action is secure' : hide,
    callsWebService: CALLS_WEB_SERVICE.test(Request.UrlTemplate),
  };
  const test = async () => {
    const result = await operation.session.integrations
      .postIntegrationsActionTest(id, input, {})
      .catch((error: unknown) => {
        throw failureOf(error, run);
      });
    checkSteps(result, run);
    return result;
  };
  const { finalResult } = await patiently(
    test,
    (error) =>
      // The action was just written, so a 404 passes.
      error instanceof NotFoundError || (isYoung && error instanceof SmokeTestError && error.denied),
    operation,
  );
  if (SmokeTest.ExpectOutput === undefined) return;
  const found = differences(typedBy(SmokeTest.ExpectOutput, Contract.Output), finalResult);
  if (found.length === 0) return;
  const shown = cut(found.slice(0, MAX_SHOWN).join(', '), LONGEST_REASON);
  const more = found.length > MAX_SHOWN ? ` and ${found.length - MAX_SHOWN} more` : '';
  throw new SmokeTestError(
    `The smoke test of data action ${id} ran, but its output is not as SmokeTest.ExpectOutput says: ${shown}${more}. Run the action in Genesys Cloud (Admin > Integrations > Actions) to see its output.`,
  );
}

/** The action of a run, and how the messages may quote the run. */
interface Run {
  id: string;
  /** Masks the values of input and headers. */
  hide: (text: string) => string;
  /** Leaves of Genesys Cloud's words only the part that a message may hold. */
  show: (text: string) => string;
  callsWebService: boolean;
}

/** The failure of a call that did not end in a result. */
function failureOf(error: unknown, run: Run): unknown {
  const { id, hide } = run;
  if (error instanceof GenesysError && error.details.some(({ code }) => code?.startsWith(KIND))) {
    return failedStep('not named', asErrorBody(error), run);
  }
  if (error instanceof MissingPermissionError) {
    return new RefusedError(
      `The smoke test of data action ${id} cannot be run: ${error.message}. Grant it, or leave SmokeTest out.`,
    );
  }
  if (error instanceof OutcomeUnknownError) {
    return new SmokeTestError(
      `Whether data action ${id} passes its smoke test is not known, and it is not run again, since it may have done its work: ${hide(error.message)}. Deploy again.`,
    );
  }
  if (error instanceof GenesysError && !(error instanceof NotFoundError)) {
    return new SmokeTestError(`The smoke test of data action ${id} cannot be run: ${hide(error.message)}.`);
  }
  return error;
}

/** Kinds of failed runs begin so, in `details`; no other refusal of the API has them. */
const KIND = 'ACTION.';

/** The ErrorBody that an error was made of. */
const asErrorBody = ({ status, remark, details }: GenesysError) => ({
  status,
  message: remark,
  details: details.filter(({ message }) => message === undefined).map(({ code }) => ({ errorCode: code })),
  errors: details.filter(({ message }) => message !== undefined),
});

/** @throws SmokeTestError that names the step that failed. */
function checkSteps(result: Models.TestExecutionResult, run: Run): void {
  const failed = result.operations?.find(({ success }) => success === false);
  if (result.success === true && failed === undefined) return;
  const bodies = [failed?.error, result.error].filter((body) => body !== undefined);
  const depths = bodies.map((body) => runFailure(body).depth);
  throw failedStep(
    failed?.name ?? String(failed?.step ?? 'not named'),
    bodies[depths.indexOf(Math.max(...depths))],
    run,
  );
}

function failedStep(name: string, body: unknown, { id, show, callsWebService }: Run): SmokeTestError {
  const { reason = 'no reason given', texts, isForbidden } = runFailure(body);
  const shown = cut(show(reason.replace(/\.$/, '')), LONGEST_REASON);
  return new SmokeTestError(
    `The smoke test of data action ${id} failed in the step "${cut(name, 100)}": ${shown}. Mend the action or what it calls, or change SmokeTest, and deploy again.`,
    !callsWebService && isDenial(texts.join(' '), isForbidden),
  );
}

/** A function is called by its ARN, so these URLs lead to web services, which may deny access themselves. */
const CALLS_WEB_SERVICE = /^\s*(https?:|\/)/i;
const DENIAL = /access ?denied|not authorized|assum\w* (the )?role/i;
/** The function was run, and was denied what it wanted itself: another run would do its work again. */
const DENIAL_OF_OTHERS =
  /not authorized to perform:? (?!sts:AssumeRole\b|lambda:InvokeFunction\b)\w|response from (function|web service)/i;

/**
 * Whether the way to the function was barred, in AWS's words or by a 403 (Genesys Cloud help, "Data action
 * returns a 403 error").
 */
const isDenial = (text: string, isForbidden: boolean) =>
  (isForbidden || DENIAL.test(text)) && !DENIAL_OF_OTHERS.test(text);

/** Where the output is not as expected, in words without values: they may be secret. */
function differences(expected: unknown, actual: unknown, path = ''): string[] {
  const here = path === '' ? 'it' : path;
  if (isPlainObject(expected)) {
    if (!isPlainObject(actual)) return [`${here} is no object`];
    return Object.entries(expected).flatMap(([name, value]) => {
      const inner = path === '' ? name : `${path}.${name}`;
      return Object.hasOwn(actual, name) ? differences(value, actual[name], inner) : [`${inner} is missing`];
    });
  }
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual)) return [`${here} is no list`];
    if (actual.length !== expected.length)
      return [`${here} has ${actual.length} entries, not ${expected.length}`];
    return expected.flatMap((value, at) => differences(value, actual[at], `${path}[${at}]`));
  }
  if (expected === actual) return [];
  return [kindOf(expected) === kindOf(actual) ? `${here} differs` : `${here} is no ${kindOf(expected)}`];
}

const kindOf = (value: unknown) => (value === null ? 'null' : typeof value);

/** Every text and number in a value. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string' || typeof value === 'number') return [String(value)];
  return value !== null && typeof value === 'object' ? Object.values(value).flatMap(textsIn) : [];
}

/** A value as it may stand in a message: as it is, in JSON, in a URL. */
const spellings = (value: string) => [
  value,
  JSON.stringify(value).slice(1, -1),
  encodeURIComponent(value.toWellFormed()),
];

const longestFirst = (one: string, other: string) => other.length - one.length;
