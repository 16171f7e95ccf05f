/** Runs `drift`: connects, looks, reports. */
import { redact } from '../../common/redaction.ts';
import { resourceTypes } from '../../provider/resources/index.ts';
import { EXIT, type ExitCode, type Streams } from '../command.ts';
import { connect } from '../connection/connect.ts';
import { endingOf } from '../connection/endings.ts';
import { progressOn } from '../connection/progress.ts';
import { type DriftReport, placeText } from './findings.ts';
import { BrokenOffError, lookForDrift } from './look.ts';
import type { DriftOptions } from './options.ts';
import { asJson, asText } from './report.ts';

export async function runDrift(options: DriftOptions, { out, problems }: Streams): Promise<ExitCode> {
  const progress = progressOn(problems);
  const interruption = new AbortController();
  const interrupt = () => interruption.abort();
  const say = (line: string) => problems.write(`genesys-cloud-cfn: ${redact(line)}\n`);
  const show = (report: DriftReport) => {
    progress.clear();
    out.write(`${redact(options.format === 'json' ? asJson(report) : asText(report))}\n`);
  };
  // The first Ctrl-C ends the look where it is, the second one the process.
  process.once('SIGINT', interrupt);
  try {
    progress.show('connecting');
    const report = await lookForDrift({
      connection: await connect(options),
      types: resourceTypes,
      stack: options.stack,
      after: options.after,
      stop: interruption.signal,
      onProgress: progress.show,
    });
    show(report);
    if (report.next === undefined) return report.findings.length > 0 ? EXIT.differs : EXIT.fine;
    say(`The look was interrupted. ${goOn(report)}`);
    return EXIT.wrong;
  } catch (error) {
    progress.clear();
    const cause = error instanceof BrokenOffError ? error.cause : error;
    if (error instanceof BrokenOffError && error.report.objects > 0) {
      show(error.report);
      say(`${endingOf(cause).line} ${goOn(error.report)}`);
    } else {
      say(endingOf(cause).line);
    }
    return EXIT.wrong;
  } finally {
    process.off('SIGINT', interrupt);
  }
}

const goOn = ({ next }: DriftReport) =>
  next === undefined ? '' : `What is above is complete. Go on by --after '${placeText(next)}'.`;
