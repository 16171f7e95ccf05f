/** `genesys-cloud-cfn drift`: compares what is in Genesys Cloud with what was deployed. */
import { type Command, type ExitCode, type Streams, WrongUse } from '../command.ts';
import { connectionOptions, connectionUsage, searchOf } from '../connection/options.ts';
import { formats } from './options.ts';

const usage = `Usage: genesys-cloud-cfn drift [options]

Compares every object that a provider manages with the form that was deployed last: changed by hand, deleted,
in error, left over. It reads AWS and Genesys Cloud, and writes nothing.

  --stack <name>  only the objects of the stacks of this name
  --format <${formats.join('|')}>  default: pretty
${connectionUsage}  --help

Exit codes: 0 nothing differs, 2 the command was wrong, or something could not be read, 3 something differs.
`;

/** @param load loads the part that reaches AWS and Genesys Cloud; another one in a test */
export const drift = (load = () => import('../remote.ts')): Command => ({
  name: 'drift',
  summary: 'compare Genesys Cloud with what was deployed',
  usage,
  options: {
    stack: { type: 'string' },
    format: { type: 'string', default: 'pretty' },
    ...connectionOptions,
  },
  async run(values, positionals, streams: Streams): Promise<ExitCode> {
    const [unknown] = positionals;
    if (unknown !== undefined) throw new WrongUse(`drift takes options only, and not ${unknown}`);
    const { stack } = values;
    const format = formats.find((one) => one === values['format']);
    if (format === undefined) throw new WrongUse(`no format ${values['format']}`);
    const { runDrift } = await load();
    return runDrift(
      { ...searchOf(values), format, ...(typeof stack === 'string' ? { stack } : {}) },
      streams,
    );
  },
});
