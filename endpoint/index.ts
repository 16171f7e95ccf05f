/**
 * The data-action endpoint: everything between Genesys Cloud's request and the customer's function. Here
 * belong the Lambda entries (index.ts, authorizer.ts, worker.ts), the way in and the event (way.ts,
 * request.ts), authentication (authenticate.ts, secrets.ts, signature.ts), once-only runs (key.ts,
 * idempotency.ts, store.ts), longer work (two-phase.ts) and answers (answer.ts, observe.ts); pipeline.ts has
 * the order of the steps, and aws/ the clients. CloudFormation's protocol and Genesys Cloud's API do not
 * belong here: they are in provider/.
 *
 * `handler` invokes a Lambda function (FUNCTION_ARN); `dataActionHandler` wraps a function in this process.
 */
import { type Clock, systemClock } from '../common/clock.ts';
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
 * The business logic of a data action. It returns `{data}` for success and `{status, code, message}` for a
 * refusal; `requiresRetry: true` says that nothing was done. An exception counts as an unknown outcome.
 * @param signal aborts when the caller stops waiting.
 */
export type BusinessFunction = (
  request: BusinessRequest,
  signal: AbortSignal,
) => Promise<BusinessAnswer> | BusinessAnswer;

export interface DataActionOptions {
  /** Settings by the names of the environment variables, which they override. */
  settings?: Record<string, string>;
  clock?: Clock;
  observer?: Observer;
}

type Handler = (event: unknown, context: InvocationContext) => Promise<unknown>;

/**
 * A Lambda handler that runs `business` once for each request id, for all ways in. A REST API must invoke an
 * alias `api` of the function, a load balancer an alias `alb`; every other invocation is a direct one.
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
