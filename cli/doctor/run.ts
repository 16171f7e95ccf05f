/** Runs `doctor`: every check by itself, whatever becomes of the others. */
import { redact } from '../../common/redaction.ts';
import { EXIT, type ExitCode, type Streams } from '../command.ts';
import { endingOf } from '../connection/endings.ts';
import { progressOn } from '../connection/progress.ts';
import { Aws } from './aws.ts';
import type { Check } from './check.ts';
import { checksFor } from './checks.ts';
import { Facts } from './facts.ts';
import type { DoctorOptions } from './options.ts';
import { NotLookedAtError, type Outcome } from './outcome.ts';
import { asJson, asText, type DoctorReport, type Finding } from './report.ts';

export async function runDoctor(options: DoctorOptions, { out, problems }: Streams): Promise<ExitCode> {
  const progress = progressOn(problems);
  const facts = new Facts(options, new Aws(options.region));
  const findings: Finding[] = [];
  for (const check of checksFor(facts)) {
    progress.show(check.title);
    for (const outcome of await outcomesOf(check, facts))
      findings.push({ id: check.id, title: check.title, ...outcome });
  }
  progress.clear();
  const report: DoctorReport = { subject: await subjectOf(facts), findings };
  out.write(`${redact(options.format === 'json' ? asJson(report) : asText(report))}\n`);
  if (findings.some(({ state }) => state === 'fault')) return EXIT.found;
  return findings.some(({ state }) => state === 'not-looked-at') ? EXIT.wrong : EXIT.fine;
}

/** One check fails by itself: an answer that nobody expected is no fault of the account, and not fine. */
async function outcomesOf(check: Check, facts: Facts): Promise<Outcome[]> {
  try {
    return [await check.look(facts)].flat();
  } catch (error) {
    const [because, detail] =
      error instanceof NotLookedAtError
        ? [error.because, error.message]
        : ['failed' as const, endingOf(error).line];
    return [{ state: 'not-looked-at', because, detail }];
  }
}

async function subjectOf(facts: Facts): Promise<Record<string, string>> {
  const known = async (read: () => Promise<string>) => read().catch(() => undefined);
  const entries = {
    'AWS account': await known(async () => (await facts.identity()).account),
    Region: await known(facts.region),
    Stack: await known(async () => (await facts.stack()).StackName ?? ''),
    Organization: await known(async () => {
      const { id, name = '' } = await facts.organization();
      return `${name} (${id})`.trim();
    }),
  };
  return Object.fromEntries(
    Object.entries(entries).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
