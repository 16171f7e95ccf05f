/** `genesys-cloud-cfn drift`: compares what is in Genesys Cloud with what was deployed. */
import { resourceTypes } from '../../provider/resources/index.ts';
import { type Command, type ExitCode, type Streams, type Values, WrongUse } from '../command.ts';
import { connectionOptions, connectionUsage, searchOf } from '../connection/options.ts';
import { type Place, parsePlace } from './findings.ts';
import { formats } from './options.ts';

const usage = `Usage: genesys-cloud-cfn drift [options]

Compares every object that a provider manages with the form that was deployed last: changed by hand, deleted,
in error, left over. It reads AWS and Genesys Cloud, and writes nothing.

  --stack <name|id>  only the objects of the stacks of this name, or of this one
  --after <place>  go on where a look ended before it was through; the place is in its last line
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
    after: { type: 'string' },
    format: { type: 'string', default: 'pretty' },
    ...connectionOptions,
  },
  async run(values, positionals, streams: Streams): Promise<ExitCode> {
    const [unknown] = positionals;
    if (unknown !== undefined) throw new WrongUse(`drift takes options only, and not ${unknown}`);
    const { stack } = values;
    const after = placeOf(values['after']);
    const format = formats.find((one) => one === values['format']);
    if (format === undefined) throw new WrongUse(`no format ${values['format']}`);
    const { runDrift } = await load();
    return runDrift(
      {
        ...searchOf(values),
        format,
        ...(typeof stack === 'string' ? { stack } : {}),
        ...(after === undefined ? {} : { after }),
      },
      streams,
    );
  },
});

/** The schemas know the types that a look goes through. @throws WrongUse */
function placeOf(text: Values[string]): Place | undefined {
  if (typeof text !== 'string') return undefined;
  const place = parsePlace(text);
  const types = resourceTypes.map(({ typeName }) => typeName);
  if (place !== undefined && types.includes(place.type)) return place;
  throw new WrongUse(
    `--after takes the place that an earlier look named, such as '${types[0]} <id>', and not ${text}`,
  );
}
