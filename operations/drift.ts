/**
 * Entry for a schedule: looks for drift as the command does, and writes nothing to the ledger and to Genesys
 * Cloud. Each finding becomes an event of EventBridge, and the counts become metrics. A look that needs more
 * than one invocation invokes the function again, with the place where it ended.
 */
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { type ConnectionOptions, connect } from '../cli/connection/connect.ts';
import { type DriftReport, parsePlace, placeText } from '../cli/drift/findings.ts';
import { BrokenOffError, lookForDrift, type Stop } from '../cli/drift/look.ts';
import { messageOf, ProviderError } from '../common/errors.ts';
import type { LambdaContext } from '../provider/protocol/index.ts';
import { resourceTypes } from '../provider/resources/index.ts';
import { awsClientDefaults } from '../provider/runtime/aws.ts';
import { type Log, log as powertoolsLog } from '../provider/runtime/logger.ts';
import { metrics } from '../provider/runtime/metrics.ts';
import { type Counts, completed, type DriftEvent, eventsOf, publishTo } from './drift/events.ts';

/** The event of the next part. An event of a schedule has none of its fields. */
export interface Part {
  /** As `placeText` writes it. */
  after: string;
  /** Number of this part; the first one has 1. */
  part: number;
  /** Of the parts before. */
  counts: Counts;
}

export interface DriftParts {
  environment?: NodeJS.ProcessEnv;
  log?: Log;
  connect?: typeof connect;
  publish?(events: readonly DriftEvent[]): Promise<void>;
  goOn?(part: Part): Promise<void>;
}

/** Milliseconds that are kept for the events and the next invocation. */
const RESERVE_MILLISECONDS = 60_000;
/** Lambda ends a function's invocations of itself after some 16 (developer guide, recursive loops). */
const MOST_PARTS = 12;

/** The look cannot be taken or finished. The invocation fails, which raises the function's error metric. */
export class DriftCheckError extends ProviderError {}

/** @throws DriftCheckError */
export function createDriftCheck(parts: DriftParts = {}) {
  const { environment = process.env, log = powertoolsLog } = parts;
  const setting = (name: string) => {
    const value = environment[name];
    if (!value) throw new DriftCheckError(`The setting ${name} is missing.`);
    return value;
  };
  const publish = parts.publish ?? ((events) => publishTo(new EventBridgeClient(awsClientDefaults), events));
  const goOn = parts.goOn ?? ((part: Part) => invokeAgain(setting('AWS_LAMBDA_FUNCTION_NAME'), part));

  return async (
    event: Partial<Part>,
    context: Pick<LambdaContext, 'getRemainingTimeInMillis'>,
  ): Promise<Counts> => {
    const { part = 1, counts: before = { objects: 0, findings: 0, notCompared: 0 } } = event;
    const left = () => context.getRemainingTimeInMillis() - RESERVE_MILLISECONDS;
    const stop = {
      get aborted() {
        return left() <= 0;
      },
    };
    const options: ConnectionOptions = {
      search: { functionArn: setting('PROVIDER_FUNCTION_ARN') },
      // A call that outlasts the time is given up in the reserve.
      milliseconds: left() + RESERVE_MILLISECONDS / 2,
    };
    const { report, fault } = await look(options, event.after, stop, parts.connect ?? connect);
    const counts = {
      objects: before.objects + report.objects,
      findings: before.findings + report.findings.length,
      notCompared: before.notCompared + report.notCompared.length,
    };
    await publish(eventsOf(report));
    if (fault !== undefined && !stop.aborted) {
      throw new DriftCheckError(`The look broke off after ${counts.objects} objects: ${messageOf(fault)}`);
    }
    if (report.next !== undefined) {
      const after = placeText(report.next);
      if (report.objects === 0 || part >= MOST_PARTS) {
        throw new DriftCheckError(
          `Part ${part} of the look ended after ${counts.objects} objects at ${after}, and another part would not end it. Look by the command 'genesys-cloud-cfn drift', which has an hour.`,
        );
      }
      log.info('drift check goes on', { ...counts, part, after });
      await goOn({ after, part: part + 1, counts });
      return counts;
    }
    await publish([completed(report, counts)]);
    log.info('drift check completed', {
      ...counts,
      part,
      ...metrics(
        {
          DriftObjects: counts.objects,
          DriftFindings: counts.findings,
          DriftNotCompared: counts.notCompared,
        },
        Date.now(),
      ),
    });
    return counts;
  };
}

/** The findings up to the end, and the fault that ended the look before it was through. */
async function look(
  options: ConnectionOptions,
  after: string | undefined,
  stop: Stop,
  connectTo: typeof connect,
): Promise<{ report: DriftReport; fault?: unknown }> {
  try {
    const connection = await connectTo(options);
    const place = after === undefined ? undefined : parsePlace(after);
    return {
      report: await lookForDrift({
        connection,
        types: resourceTypes,
        after: place,
        stop,
        onProgress: () => {},
      }),
    };
  } catch (error) {
    if (error instanceof BrokenOffError) return { report: error.report, fault: error.cause };
    throw new DriftCheckError(`The look cannot be taken: ${messageOf(error)}`);
  }
}

async function invokeAgain(functionName: string, part: Part): Promise<void> {
  const client = new LambdaClient(awsClientDefaults);
  await client.send(
    new InvokeCommand({
      FunctionName: functionName,
      InvocationType: 'Event',
      Payload: JSON.stringify(part),
    }),
  );
}

export const handler = createDriftCheck();
