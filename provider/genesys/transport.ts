import type { Clock } from '../../common/clock.ts';
import { type Deadline, timeLimit } from '../../common/deadline.ts';
import { DeadlineError } from '../../common/errors.ts';
import { version } from '../../common/version.ts';
import { connectionFailure } from './connection.ts';
import { OutcomeUnknownError, UnreachableError } from './errors.ts';

/** One request, ready to be sent as often as its kind allows. */
export interface HttpCall {
  readonly method: string;
  /** Path as the API documents it, e.g. `/api/v2/integrations/{integrationId}`. */
  readonly template: string;
  /** Path with its parameters filled in, without query. */
  readonly path: string;
  /** Absolute address with query. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  /** The answer is plain text, such as a data action's template, and is not parsed. */
  readonly plainText: boolean;
  /** Sending it twice has the same effect as sending it once. */
  readonly repeatable: boolean;
  /** Texts that an error must not quote. */
  readonly secrets: readonly string[];
}

/** An answer with its complete body. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** One attempt for the log, without bodies and headers. */
export interface CallRecord {
  readonly method: string;
  /** The path's template, without ids. */
  readonly path: string;
  readonly host: string;
  /** Missing where no answer came. */
  readonly status?: number | undefined;
  /** From 1. */
  readonly attempt: number;
  readonly milliseconds: number;
  readonly correlationId?: string | undefined;
}

export interface Wire {
  readonly clock: Clock;
  readonly fetch: typeof globalThis.fetch;
  readonly onCall?: ((call: CallRecord) => void) | undefined;
}

export const userAgent = `genesys-cloud-cfn/${version}`;

/** POSTs that change nothing, so they may be sent again. */
const harmlessPosts: readonly string[] = ['/api/v2/recording/keyconfigurations/validate', '/oauth/token'];

/** A repeated PUT, PATCH or DELETE leads to the same state. A repeated POST makes a second object. */
export function isRepeatable(method: string, template: string): boolean {
  return method !== 'POST' || harmlessPosts.includes(template);
}

/** Whether a call is a write. */
export const changesSomething = (method: string, template: string): boolean =>
  method !== 'GET' && !harmlessPosts.includes(template);

/** The way on where the host cannot be reached, and its address may be right. */
const TRY_AGAIN =
  'Deploy again; where that fails, too, deploy templates/network/connectivity-check.yaml: it names the part of the way that fails';

/** A lease of 20 s that is renewed every 5 s has room for a call of this length. */
const ordinaryLimitMs = 12_000;

/**
 * The time limit of one attempt. An action may run for 60 s by the API, and the way there and back takes
 * time.
 */
export function timeLimitMs(template: string): number {
  return /\/(test|execute)$/.test(template) ? 65_000 : ordinaryLimitMs;
}

/**
 * Sends a request once and reads the whole answer, both within one time limit.
 * @throws UnreachableError where no complete answer came; OutcomeUnknownError where that leaves a POST in
 * doubt; or the reason of the deadline's signal
 */
export async function exchange(
  wire: Wire,
  call: HttpCall,
  attempt: number,
  deadline: Deadline,
): Promise<HttpAnswer> {
  deadline.signal.throwIfAborted();
  // A run of an action may outlast the lease. It makes nothing in Genesys Cloud, and ends when the lease is
  // lost.
  await deadline.readyFor?.(ordinaryLimitMs, timeLimitMs(call.template));
  const { host } = new URL(call.url);
  const started = wire.clock.now();
  const leftMs = deadline.at - started;
  const limitMs = Math.min(timeLimitMs(call.template), leftMs);
  const noTimeIsLeft = () => new DeadlineError(`No time is left for ${call.method} ${call.path}.`);
  if (leftMs <= 0) throw noTimeIsLeft();

  const limit = timeLimit(wire.clock, limitMs, () => new Error('time limit'), deadline.signal);
  let status: number | undefined;
  let correlationId: string | undefined;
  try {
    const response = await wire.fetch(call.url, {
      method: call.method,
      headers: { 'user-agent': userAgent, ...call.headers },
      body: call.body ?? null,
      // Following a redirect would turn a POST into a GET, and hide a wrong address.
      redirect: 'manual',
      signal: limit.signal,
    });
    status = response.status;
    correlationId = response.headers.get('inin-correlation-id') ?? undefined;
    return { status, headers: response.headers, text: await response.text() };
  } catch (thrown) {
    const failed = { method: call.method, path: call.path, host, status, correlationId };
    if (deadline.signal.aborted) {
      if (call.repeatable) throw deadline.signal.reason;
      const what = "it was under way when the invocation's time was nearly over";
      throw new OutcomeUnknownError(what, failed, { cause: deadline.signal.reason });
    }
    // The timer of the deadline itself may fire a moment later.
    if (limit.signal.aborted && limitMs === leftMs && call.repeatable) throw noTimeIsLeft();
    const failure = limit.signal.aborted
      ? {
          kind: 'timeout' as const,
          what: `${host} did not answer completely within ${Math.round(limitMs / 1000)} s`,
          maybeExecuted: true,
          passing: true,
        }
      : connectionFailure(thrown, host);
    if (failure.maybeExecuted && !call.repeatable) throw new OutcomeUnknownError(failure.what, failed);
    // The others say already where to look.
    const what = failure.maybeExecuted ? `${failure.what}. ${TRY_AGAIN}` : failure.what;
    throw new UnreachableError(failure.kind, what, { ...failed, retryable: failure.passing });
  } finally {
    limit.dispose();
    report(wire, {
      method: call.method,
      path: call.template,
      host,
      status,
      attempt,
      milliseconds: wire.clock.now() - started,
      correlationId,
    });
  }
}

// An error of the listener must not make the call fail, which was made already.
function report(wire: Wire, record: CallRecord): void {
  try {
    wire.onCall?.(record);
  } catch {
    // The listener's error is the listener's own.
  }
}
