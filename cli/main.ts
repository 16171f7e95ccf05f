/** `genesys-cloud-cfn`: finds the subcommand, reads its options, and turns its faults into lines. */
import { parseArgs } from 'node:util';
import { version } from '../common/version.ts';
import { type Command, EXIT, type ExitCode, type Streams, WrongUse } from './command.ts';
import { doctor } from './doctor/command.ts';
import { drift } from './drift/command.ts';
import { exporting } from './export/command.ts';
import { plan } from './plan/command.ts';
import { unstick } from './unstick/command.ts';
import { validate } from './validate/command.ts';

const commands: readonly Command[] = [validate(), plan(), drift(), doctor(), exporting(), unstick()];

/** Runs the command; resolves to its exit code. */
export async function run(
  [name = '', ...args]: string[],
  streams: Partial<Streams> = {},
  known = commands,
): Promise<ExitCode> {
  const all = { input: process.stdin, out: process.stdout, problems: process.stderr, ...streams };
  const usage = usageOf(known);
  if (['--help', '-h', 'help'].includes(name)) {
    all.out.write(usage);
    return EXIT.fine;
  }
  if (name === '--version') {
    all.out.write(`${version}\n`);
    return EXIT.fine;
  }
  const command = known.find((one) => one.name === name);
  const wrong = (message: string) => {
    all.problems.write(`genesys-cloud-cfn: ${message}\n\n${command?.usage ?? usage}`);
    return EXIT.wrong;
  };
  if (name.startsWith('-')) return wrong(`the command comes first, and then ${name}`);
  if (command === undefined) return wrong(name === '' ? 'no command' : `no command ${name}`);
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { ...command.options, help: { type: 'boolean', short: 'h', default: false } },
    });
    if (values['help']) {
      all.out.write(command.usage);
      return EXIT.fine;
    }
    return await command.run(values, positionals, all);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (error instanceof WrongUse || code.startsWith('ERR_PARSE_ARGS'))
      return wrong((error as Error).message);
    throw error;
  }
}

function usageOf(known: readonly Command[]): string {
  const width = Math.max(...known.map(({ name }) => name.length));
  const lines = known.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
  return `Usage: genesys-cloud-cfn <command> [options]

${lines.join('\n')}

genesys-cloud-cfn <command> --help lists the options of a command. --version prints the version.
`;
}
