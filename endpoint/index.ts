/**
 * The data-action endpoint. `handler` stands in front of a function of its own (FUNCTION_ARN);
 * `dataActionHandler` puts the same around a function in this process, for those who want no second Lambda.
 */
import { type Clock, systemClock } from '../provider/runtime/clock.ts';
import { assembleParts } from './assemble.ts';
import { lambda } from './aws/lambda.ts';
import { once as lazy } from './aws/limits.ts';
import { type BusinessAnswer, type BusinessRequest, localBusiness, remoteBusiness } from './business.ts';
import { createObserver, type Observer } from './observe.ts';
import { createHandler, type InvocationContext } from './pipeline.ts';
import { readSettings, required } from './settings.ts';

export type { BusinessAnswer, BusinessRequest } from './business.ts';
export { EndpointError } from './errors.ts';
export type { InvocationContext } from './pipeline.ts';

/**
 * The business logic of a data action. It returns `{data}`, or `{status, code, message}` for a refusal;
 * with `requiresRetry: true` it says that nothing was done. What it throws is an unknown outcome.
 * @param signal aborted when nobody waits for the answer any more.
 */
export type BusinessFunction = (
  request: BusinessRequest,
  signal: AbortSignal,
) => Promise<BusinessAnswer> | BusinessAnswer;

export interface DataActionOptions {
  /** Settings by the names of the environment variables; they win over the environment. */
  settings?: Record<string, string>;
  clock?: Clock;
  observer?: Observer;
}

type Handler = (event: unknown, context: InvocationContext) => Promise<unknown>;

/**
 * A Lambda handler that runs `business` once for each request id, whichever way the request came in.
 * @example
 * export const handler = dataActionHandler(async ({ payload, idempotencyKey }) => ({
 *   data: await payments.capture(payload.amount, idempotencyKey),
 * }));
 */
export function dataActionHandler(business: BusinessFunction, options: DataActionOptions = {}): Handler {
  const clock = options.clock ?? systemClock;
  const observer = lazy(() => options.observer ?? createObserver());
  return createHandler(
    () => {
      const settings = readSettings({ ...process.env, ...options.settings });
      const local = localBusiness(business, {
        clock,
        onError: (error) => observer().failed('FunctionFailed', {}, error),
      });
      return assembleParts(settings, local, clock);
    },
    observer,
    clock,
  );
}

/** The Lambda function of templates/endpoint.yaml. */
export const handler: Handler = createHandler(
  () => {
    const settings = readSettings(process.env);
    const remote = remoteBusiness(lambda, required(settings, 'FUNCTION_ARN'), { clock: systemClock });
    return assembleParts(settings, remote, systemClock);
  },
  lazy(createObserver),
  systemClock,
);
