/** `genesys-cloud-cfn`: the package's command. It reads files, and calls nothing and nobody. */
import { parseArgs } from 'node:util';
import { version } from '../common/version.ts';
import { filesOf, type Input, InputProblem, isOurs, read, readFound } from './templates/inputs.ts';
import type { Report } from './validate/findings.ts';
import { type Format, formats, inOneLine } from './validate/formats.ts';
import { validateTemplate } from './validate/validate.ts';
import { watchFiles } from './watch.ts';

const usage = `Usage: genesys-cloud-cfn validate [options] <template|folder|glob|->...

Checks the resources Custom::Genesys* in CloudFormation templates (YAML or JSON): properties, values,
contracts, Velocity placeholders, references, roles and order. It calls neither AWS nor Genesys Cloud.
A folder stands for the templates in it that have custom resources, - for the standard input.

  --format <${Object.keys(formats).join('|')}>  default: pretty
  --strict   warnings count as faults
  --skip-others  leave out files without custom resources, as in a folder
  --watch    check again whenever one of the files changes, until Ctrl-C
  --help, --version

Exit codes: 0 no fault found, 1 faults found (with --strict: or warnings), 2 the command was wrong, or a file
could not be read or judged.
`;

/** Where the command reads and writes; the process's own streams by default. */
export interface Streams {
  input?: NodeJS.ReadableStream;
  out?: { write(text: string): unknown };
  problems?: { write(text: string): unknown };
}

/** Runs the command; resolves to its exit code. */
export async function run(
  args: string[],
  { input = process.stdin, out = process.stdout, problems = process.stderr }: Streams = {},
  judge = validateTemplate,
): Promise<number> {
  const wrong = (message: string) => {
    problems.write(`genesys-cloud-cfn: ${message}\n\n${usage}`);
    return 2;
  };
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(args);
  } catch (error) {
    return wrong((error as Error).message);
  }
  const { values, positionals } = parsed;
  if (values.help) {
    out.write(usage);
    return 0;
  }
  if (values.version) {
    out.write(`${version}\n`);
    return 0;
  }
  const [command, ...named] = positionals;
  if (command !== 'validate') return wrong(command === undefined ? 'no command' : `no command ${command}`);
  if (named.length === 0) return wrong('no template');
  const { format, strict, 'skip-others': skipOthers } = values;
  if (!Object.hasOwn(formats, format)) return wrong(`no format ${format}`);

  const once = async () => {
    const { report, unread } = await check(named, skipOthers, { input, problems, judge });
    // A run that could judge nothing has no verdict.
    if (report.templates > 0 || !unread) out.write(`${formats[format as Format](report)}\n`);
    if (unread) return 2;
    return report.findings.some(({ severity }) => strict || severity === 'error') ? 1 : 0;
  };
  if (!values.watch) return once();
  if (named.includes('-')) return wrong('the standard input cannot be watched');
  return watchFiles(named, once, (text) => out.write(text));
}

/**
 * Judges everything that the arguments name. A file that cannot be read or judged hides no other.
 * @param skipOthers whether a file without custom resources is left out though it was named
 */
async function check(
  named: string[],
  skipOthers: boolean,
  { input, problems, judge }: Required<Omit<Streams, 'out'>> & { judge: typeof validateTemplate },
): Promise<{ report: Report; unread: boolean }> {
  const report: Report = { templates: 0, resources: 0, findings: [] };
  let unread = false;
  const fail = (error: unknown) => {
    const { argument, message } = error as InputProblem;
    if (!(error instanceof InputProblem)) throw error;
    problems.write(`genesys-cloud-cfn: ${inOneLine(`${argument || "''"} ${message}`)}\n`);
    unread = true;
  };
  const one = ({ file, text }: Input) => {
    try {
      const { resources, findings } = judge(file, text);
      report.templates += 1;
      report.resources += resources;
      report.findings.push(...findings);
    } catch (error) {
      const what = `cannot be judged, which is a fault of this command: ${(error as Error).message}`;
      fail(new InputProblem(file, what));
    }
  };
  for (const argument of named) {
    const files = await filesOf(argument).catch(fail);
    for (const { file, isFound } of files ?? []) {
      const found = await (isFound ? readFound(file) : read(file, input)).catch(fail);
      if (found !== undefined && (!skipOthers || isOurs(found.text))) one(found);
    }
  }
  return { report, unread };
}

const parse = (args: string[]) =>
  parseArgs({
    args,
    allowPositionals: true,
    options: {
      format: { type: 'string', default: 'pretty' },
      strict: { type: 'boolean', default: false },
      'skip-others': { type: 'boolean', default: false },
      watch: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
      version: { type: 'boolean', default: false },
    },
  });
