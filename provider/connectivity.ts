/**
 * Entry of the connectivity check. It tells whether the names resolve to private addresses, the way is open,
 * and TLS 1.2 or newer is negotiated with a public certificate. A person or a schedule invokes it, or a stack
 * as `Custom::GenesysConnectivityCheck`. It sends no request and needs no credentials.
 */
import { type Clock, systemClock } from '../common/clock.ts';
import type { Abortable } from '../common/deadline.ts';
import {
  type CheckPlan,
  check,
  connectivityResource,
  type Lookup,
  type Report,
  readCheckPlan,
  sentence,
} from './connectivity/index.ts';
import { type LambdaContext, serve } from './protocol/index.ts';
import { type Log, log as powertoolsLog } from './runtime/logger.ts';

/**
 * The parts of the handler. Each has the value of a real function, and a test replaces those that it drives.
 */
export interface ConnectivityParts {
  environment?: NodeJS.ProcessEnv;
  clock?: Clock;
  log?: Log;
  lookup?: Lookup;
  extraCa?: readonly string[];
}

/** Time for the log and the answer after the steps were ended. */
const RESERVE_MILLISECONDS = 2_000;

/**
 * @returns a handler that answers CloudFormation for a custom-resource request, and returns the report to any
 * other invocation. It throws SettingsError for wrong settings, and nothing for findings.
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
