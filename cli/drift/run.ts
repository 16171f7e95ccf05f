/** Runs `drift`: connects, looks, reports. */
import { redact } from '../../common/redaction.ts';
import { resourceTypes } from '../../provider/resources/index.ts';
import { EXIT, type ExitCode, type Streams } from '../command.ts';
import { connect } from '../connection/connect.ts';
import { endingOf } from '../connection/endings.ts';
import { progressOn } from '../connection/progress.ts';
import { lookForDrift } from './look.ts';
import type { DriftOptions } from './options.ts';
import { asJson, asText } from './report.ts';

export async function runDrift(options: DriftOptions, { out, problems }: Streams): Promise<ExitCode> {
  const progress = progressOn(problems);
  try {
    progress.show('connecting');
    const connection = await connect(options);
    const report = await lookForDrift({
      connection,
      types: resourceTypes,
      stack: options.stack,
      onProgress: progress.show,
    });
    progress.clear();
    out.write(`${redact(options.format === 'json' ? asJson(report) : asText(report))}\n`);
    return report.findings.length > 0 ? EXIT.differs : EXIT.fine;
  } catch (error) {
    progress.clear();
    problems.write(`genesys-cloud-cfn: ${redact(endingOf(error).line)}\n`);
    return EXIT.wrong;
  }
}
