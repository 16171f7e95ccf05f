/** `genesys-cloud-cfn export`: a template that takes over what somebody made in Genesys Cloud. */
import { type Command, type ExitCode, type Streams, type Values, WrongUse } from '../command.ts';
import { connectionOptions, connectionUsage, searchOf } from '../connection/options.ts';
import { formats, type Selection } from './options.ts';

const usage = `Usage: genesys-cloud-cfn export <selection> --output <folder> [options]

Writes a CloudFormation template that takes integrations and data actions over as they are, and the
definitions of the actions. Deploying it changes nothing in Genesys Cloud. The command reads AWS and Genesys
Cloud, and writes nothing but the files. It never writes a credential.

One selection:
  --integration <name|id>  an integration and its data actions
  --action <name|id>  one data action
  --category <name>  the data actions of a category
  --all  everything that no stack manages
  --stack <name>  the objects of the stacks of this name

  --output <folder>  gets template.yaml and definitions/; made if it is not there
  --force  overwrite files of the folder that differ
  --inline  write the definitions into the template, so that no bucket is needed
  --format <${formats.join('|')}>  default: pretty
${connectionUsage}  --help

Exit codes: 0 the files are written, 1 nothing of the selection can be exported, 2 the command was wrong, or
something could not be read or written, 3 the files are written, and something needs your hand or is left out
of a named selection.
`;

const selections = ['integration', 'action', 'category', 'stack'] as const;

/** @param load loads the part that reaches AWS and Genesys Cloud; another one in a test */
export const exporting = (load = () => import('../remote.ts')): Command => ({
  name: 'export',
  summary: 'write a template that takes over what is in Genesys Cloud',
  usage,
  options: {
    integration: { type: 'string' },
    action: { type: 'string' },
    category: { type: 'string' },
    stack: { type: 'string' },
    all: { type: 'boolean', default: false },
    output: { type: 'string' },
    force: { type: 'boolean', default: false },
    inline: { type: 'boolean', default: false },
    format: { type: 'string', default: 'pretty' },
    ...connectionOptions,
  },
  async run(values, positionals, streams: Streams): Promise<ExitCode> {
    const [unknown] = positionals;
    if (unknown !== undefined) throw new WrongUse(`export takes options only, and not ${unknown}`);
    const format = formats.find((one) => one === values['format']);
    if (format === undefined) throw new WrongUse(`no format ${values['format']}`);
    const selection = selectionOf(values);
    const { output, force, inline } = values;
    if (typeof output !== 'string' || output === '')
      throw new WrongUse('--output <folder> is missing: it gets the files');
    const { runExport } = await load();
    return runExport(
      {
        ...searchOf(values),
        selection,
        output,
        force: force === true,
        inline: inline === true,
        format,
      },
      streams,
    );
  },
});

/** @throws WrongUse */
function selectionOf(values: Values): Selection {
  const given: Selection[] = [
    ...selections.flatMap((by) => {
      const value = values[by];
      return typeof value === 'string' ? [{ by, value }] : [];
    }),
    ...(values['all'] === true ? [{ by: 'all' as const }] : []),
  ];
  const [selection, other] = given;
  if (selection === undefined)
    throw new WrongUse('nothing is selected: give --integration, --action, --category, --stack or --all');
  if (other !== undefined)
    throw new WrongUse(`--${selection.by} and --${other.by} are two selections: give one of them`);
  return selection;
}
