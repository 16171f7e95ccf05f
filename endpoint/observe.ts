/** One log line and one set of metrics for each request. Neither holds a payload, a secret or a header. */
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Answer } from './answer.ts';

/** Facts of a request for its log line. A request that was refused early has few. */
export interface RequestFacts {
  way?: string;
  action?: string;
  caller?: string;
  requestId?: string;
  interactionId?: string | null;
  attempt?: number;
}

export interface Timing {
  executionTimeMs: number;
  /** Share of the time for an answer that was used; LatencyAlarm of templates/endpoint.yaml watches it. */
  timeUsedPercent?: number | undefined;
}

export interface Observer {
  answered(facts: RequestFacts, answer: Answer, more: Timing & { replayed: boolean }): void;
  /** Logs a failure with its cause, which the answer leaves out. */
  failed(what: string, facts: RequestFacts, error: unknown): void;
}

/** Metrics that alarms and dashboards use, by the code of the answer. */
const codeMetrics: Record<string, string> = {
  InProgress: 'InProgressConflicts',
  OutcomeUnknown: 'OutcomesUnknown',
  PayloadMismatch: 'PayloadMismatches',
  IdempotencyUnavailable: 'IdempotencyUnavailable',
  CredentialWrong: 'AuthenticationFailures',
  CredentialMissing: 'AuthenticationFailures',
  SignatureInvalid: 'AuthenticationFailures',
  SignatureExpired: 'AuthenticationFailures',
  SignatureMissing: 'AuthenticationFailures',
  WrongAlias: 'AuthenticationFailures',
  FunctionTimedOut: 'FunctionTimeouts',
  FunctionThrottled: 'FunctionThrottles',
};

export function createObserver(): Observer {
  const logger = new Logger();
  const metrics = new Metrics({
    namespace: process.env['POWERTOOLS_METRICS_NAMESPACE'] || 'GenesysDataActions',
  });
  let coldStart = process.env['AWS_LAMBDA_INITIALIZATION_TYPE'] !== 'provisioned-concurrency';
  return {
    answered(facts, answer, { executionTimeMs, timeUsedPercent, replayed }) {
      const line = {
        ...facts,
        interactionId: facts.interactionId ?? null,
        requestId: facts.requestId ?? null,
        statusCode: answer.status,
        ...(answer.code === undefined ? {} : { code: answer.code }),
        executionTime: Math.round(executionTimeMs * 100) / 100,
        replayed,
        coldStart,
      };
      if (answer.status >= 500) logger.error('data action answered', line);
      else logger.info('data action answered', line);

      metrics.addMetric('Requests', MetricUnit.Count, 1);
      metrics.addMetric('ExecutionTime', MetricUnit.Milliseconds, executionTimeMs);
      if (timeUsedPercent !== undefined) {
        metrics.addMetric('TimeUsed', MetricUnit.Percent, timeUsedPercent);
      }
      metrics.addMetric('Replays', MetricUnit.Count, replayed ? 1 : 0);
      metrics.addMetric('ColdStarts', MetricUnit.Count, coldStart ? 1 : 0);
      metrics.addMetric('Answers5xx', MetricUnit.Count, answer.status >= 500 ? 1 : 0);
      const named = codeMetrics[answer.code ?? ''];
      if (named !== undefined) metrics.addMetric(named, MetricUnit.Count, 1);
      metrics.publishStoredMetrics();
      coldStart = false;
    },
    failed(what, facts, error) {
      const { requestId = null, interactionId = null } = facts;
      logger.error(what, { requestId, interactionId, error: described(error) });
    },
  };
}

/**
 * Name and message of an error and its causes. Stacks and attached objects are left out: they may hold
 * payloads.
 */
function described(error: unknown, depth = 3): unknown {
  if (!(error instanceof Error)) return { name: 'not an Error' };
  const cause = depth > 0 && error.cause !== undefined ? { cause: described(error.cause, depth - 1) } : {};
  return { name: error.name, message: error.message, ...cause };
}
