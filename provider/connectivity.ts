/**
 * Entry that looks at the network with the callers' eyes: do the names resolve, to private addresses, is the way
 * open, is TLS 1.2 or newer negotiated with a public certificate, and which of these failed. A person or a schedule
 * invokes it, or a stack as `Custom::GenesysConnectivityCheck`. It sends no request and needs no credentials.
 */
import { check, type Report } from './connectivity/check.ts';
import { connectivityResource } from './connectivity/custom-resource.ts';
import { sentence } from './connectivity/findings.ts';
import type { Lookup } from './connectivity/names.ts';
import { type CheckPlan, readCheckPlan } from './connectivity/plan.ts';
import { type LambdaContext, serve } from './protocol/index.ts';
import { type Clock, systemClock } from './runtime/clock.ts';
import type { Abortable } from './runtime/deadline.ts';
import { type Log, log as powertoolsLog } from './runtime/logger.ts';

/** What the handler is made of; everything has the value of a real function, tests replace what they drive. */
export interface ConnectivityParts {
  environment?: NodeJS.ProcessEnv;
  clock?: Clock;
  log?: Log;
  lookup?: Lookup;
  extraCa?: readonly string[];
}

/** Time left for log and answer when the steps are ended. */
const RESERVE_MILLISECONDS = 2_000;

/**
 * @returns a handler that answers a custom-resource request where CloudFormation waits for it, and returns the
 * report to any other invocation, whatever was found. It throws SettingsError for settings that are no good.
 */
export function createConnectivityCheck(parts: ConnectivityParts = {}) {
  const { environment = process.env, clock = systemClock, log = powertoolsLog, lookup, extraCa } = parts;

  async function run(plan: CheckPlan, { signal }: Abortable): Promise<Report> {
    const report = await check(plan, {
      clock,
      signal,
      ...(lookup === undefined ? {} : { lookup }),
      ...(extraCa === undefined ? {} : { extraCa }),
    });
    for (const finding of report.findings) {
      const facts = { code: finding.code, severity: finding.severity, host: finding.host };
      log[finding.severity === 'failure' ? 'error' : 'warn'](sentence(finding), facts);
    }
    // The metric of the template's alarm is read from this line.
    log.info('connectivity checked', { ...report });
    return report;
  }

  const answerStack = serve({
    application: () => connectivityResource({ environment, run }),
    clock,
    log,
    allowLoopbackResponseUrl: environment['ALLOW_LOOPBACK_RESPONSE_URL'] === 'true',
  });

  return async (event: unknown, context: LambdaContext): Promise<Report | undefined> => {
    if (isCustomResourceRequest(event)) {
      await answerStack(event, context);
      return undefined;
    }
    const left = Math.max(1, context.getRemainingTimeInMillis() - RESERVE_MILLISECONDS);
    return run(readCheckPlan(environment), { signal: AbortSignal.timeout(left) });
  };
}

const isCustomResourceRequest = (event: unknown) =>
  typeof event === 'object' && event !== null && ('ResponseURL' in event || 'RequestType' in event);

export const handler = createConnectivityCheck();
