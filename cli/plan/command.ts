/** `genesys-cloud-cfn plan`: says what a deployment will do in Genesys Cloud. */
import { type Command, type ExitCode, type Streams, type Values, WrongUse } from '../command.ts';
import { connectionOptions, connectionUsage, searchOf } from '../connection/options.ts';
import { formats, type PlanOptions } from './options.ts';

const usage = `Usage: genesys-cloud-cfn plan <template> --stack <name> [options]
       genesys-cloud-cfn plan --change-set <name or ARN> [--stack <name>] [options]

Says what a deployment will do with each resource in Genesys Cloud: create, adopt, change in place, replace,
delete or nothing, and by what it would fail. It reads AWS and Genesys Cloud, and writes nothing.

  --stack <name>  the stack that is to be deployed; it need not exist yet
  --change-set <name or ARN>  plans this change set, instead of a template
  --parameters <Key=Value ...|file.json>  values of parameters; default: those of the stack, else of the template
  --format <${formats.join('|')}>  default: pretty; markdown is a comment for a pull request
${connectionUsage}  --help

Exit codes: 0 every object keeps its id, 1 the deployment would fail, 2 the command was wrong, or something
could not be read, 3 an object is replaced or deleted, or may be.
`;

/** @param load loads the part that reaches AWS and Genesys Cloud; another one in a test */
export const plan = (load = () => import('../remote.ts')): Command => ({
  name: 'plan',
  summary: 'say what a deployment will do in Genesys Cloud',
  usage,
  options: {
    stack: { type: 'string' },
    'change-set': { type: 'string' },
    parameters: { type: 'string', multiple: true },
    format: { type: 'string', default: 'pretty' },
    ...connectionOptions,
  },
  async run(values, positionals, streams: Streams): Promise<ExitCode> {
    const options = optionsOf(values, positionals);
    const { runPlan } = await load();
    return runPlan(options, streams);
  },
});

/** A parameter behind another one: `--parameters A=1 B=2`. */
const FURTHER_PARAMETER = /^\w+=/;

/** @throws WrongUse */
function optionsOf(values: Values, positionals: readonly string[]): PlanOptions {
  const { stack, 'change-set': changeSet, parameters = [] } = values;
  const further = positionals.filter((one) => FURTHER_PARAMETER.test(one));
  const [template, ...others] = positionals.filter((one) => !FURTHER_PARAMETER.test(one));
  const format = formats.find((one) => one === values['format']);
  if (format === undefined) throw new WrongUse(`no format ${values['format']}`);
  const [other] = others;
  if (other !== undefined) throw new WrongUse(`plan takes one template, and not ${other} too`);
  const given = [...(parameters as string[]), ...further];
  if (typeof changeSet === 'string') {
    if (template !== undefined || given.length > 0)
      throw new WrongUse('a change set has its own template and parameters');
    if (typeof stack !== 'string' && !changeSet.startsWith('arn:'))
      throw new WrongUse('name the stack of the change set by --stack, or give the ARN of the change set');
  } else {
    if (template === undefined) throw new WrongUse('no template');
    if (typeof stack !== 'string') throw new WrongUse('name the stack that is to be deployed by --stack');
  }
  return {
    ...searchOf(values),
    format,
    parameters: given,
    ...(template === undefined ? {} : { template }),
    ...(typeof stack === 'string' ? { stack } : {}),
    ...(typeof changeSet === 'string' ? { changeSet } : {}),
  };
}
