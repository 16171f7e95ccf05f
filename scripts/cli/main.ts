/** `genesys-cloud-cfn`: the package's command. It reads files, and calls nothing and nobody. */
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { version } from '../../provider/runtime/version.ts';
import { pretty, type Report } from './findings.ts';
import { validateTemplate } from './validate.ts';

const usage = `Usage: genesys-cloud-cfn validate [--format pretty|json] <template>...

Checks the resources Custom::Genesys* in CloudFormation templates (YAML or JSON): properties, values,
contracts, Velocity placeholders, attributes and order. It calls neither AWS nor Genesys Cloud.

Exit codes: 0 nothing found, 1 faults found, 2 the command was wrong, or a file could not be read or judged.
`;

/** Runs the command; resolves to its exit code. */
export async function run(
  args: string[],
  out: { write(text: string): unknown } = process.stdout,
  problems: { write(text: string): unknown } = process.stderr,
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
  const [command, ...files] = positionals;
  if (command !== 'validate') return wrong(command === undefined ? 'no command' : `no command ${command}`);
  if (files.length === 0) return wrong('no template');
  if (values.format !== 'pretty' && values.format !== 'json') return wrong(`no format ${values.format}`);

  const report: Report = { templates: files.length, resources: 0, findings: [] };
  let unread = false;
  for (const file of files) {
    try {
      const { resources, findings } = judge(file, await readFile(file, 'utf8'));
      report.resources += resources;
      report.findings.push(...findings);
    } catch (error) {
      const { message, code } = error as NodeJS.ErrnoException;
      const what =
        code === undefined ? 'cannot be judged, which is a fault of this command' : 'cannot be read';
      problems.write(`genesys-cloud-cfn: ${file} ${what}: ${message}\n`);
      unread = true;
    }
  }
  out.write(`${values.format === 'json' ? JSON.stringify(report, null, 2) : pretty(report)}\n`);
  if (unread) return 2;
  return report.findings.length > 0 ? 1 : 0;
}

const parse = (args: string[]) =>
  parseArgs({
    args,
    allowPositionals: true,
    options: {
      format: { type: 'string', default: 'pretty' },
      help: { type: 'boolean', short: 'h', default: false },
      version: { type: 'boolean', default: false },
    },
  });
