/** `genesys-cloud-cfn validate`: judges templates, and calls nothing and nobody. */
import { type Command, EXIT, type Streams, WrongUse } from '../command.ts';
import { filesOf, type Input, InputProblem, isOurs, read, readFound } from '../templates/inputs.ts';
import type { Report } from './findings.ts';
import { type Format, formats, inOneLine } from './formats.ts';
import { validateTemplate } from './validate.ts';
import { watchFiles } from './watch.ts';

const usage = `Usage: genesys-cloud-cfn validate [options] <template|folder|glob|->...

Checks the resources Custom::Genesys* in CloudFormation templates (YAML or JSON): properties, values,
contracts, Velocity placeholders, references, roles and order. It calls neither AWS nor Genesys Cloud.
A folder stands for the templates in it that have custom resources, - for the standard input.

  --format <${Object.keys(formats).join('|')}>  default: pretty
  --strict   warnings count as faults
  --skip-others  leave out files without custom resources, as in a folder
  --watch    check again whenever one of the files changes, until Ctrl-C
  --help

Exit codes: 0 no fault found, 1 faults found (with --strict: or warnings), 2 the command was wrong, or a file
could not be read or judged.
`;

/** @param judge judges one template; another one in a test */
export const validate = (judge = validateTemplate): Command => ({
  name: 'validate',
  summary: 'check templates before they are deployed',
  usage,
  options: {
    format: { type: 'string', default: 'pretty' },
    strict: { type: 'boolean', default: false },
    'skip-others': { type: 'boolean', default: false },
    watch: { type: 'boolean', default: false },
  },
  async run(values, named, { input, out, problems }) {
    const { format, strict, 'skip-others': skipOthers, watch } = values;
    if (named.length === 0) throw new WrongUse('no template');
    if (!Object.hasOwn(formats, String(format))) throw new WrongUse(`no format ${format}`);
    const once = async () => {
      const { report, unread } = await check(named, skipOthers === true, { input, problems, judge });
      // A run that could judge nothing has no verdict.
      if (report.templates > 0 || !unread) out.write(`${formats[format as Format](report)}\n`);
      if (unread) return EXIT.wrong;
      const isFault = report.findings.some(({ severity }) => strict || severity === 'error');
      return isFault ? EXIT.found : EXIT.fine;
    };
    if (!watch) return once();
    if (named.includes('-')) throw new WrongUse('the standard input cannot be watched');
    await watchFiles(named, once, (text) => out.write(text));
    return EXIT.fine;
  },
});

/**
 * Judges everything that the arguments name. A file that cannot be read or judged hides no other.
 * @param skipOthers whether a file without custom resources is left out though it was named
 */
async function check(
  named: string[],
  skipOthers: boolean,
  { input, problems, judge }: Omit<Streams, 'out'> & { judge: typeof validateTemplate },
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
