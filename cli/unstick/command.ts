/** `genesys-cloud-cfn unstick`: answers a request whose event lies in the failure queue. */
import { type Command, type ExitCode, type Streams, type Values, WrongUse } from '../command.ts';
import { connectionOptions, connectionUsage, searchOf } from '../connection/options.ts';
import { formats, settlements, type UnstickOptions } from './options.ts';

const usage = `Usage: genesys-cloud-cfn unstick [<number or RequestId>] [options]

Without a number: lists the events in the provider's failure queue, and whether CloudFormation still waits for
their answers. With one: asks the provider again to serve that request, which is the right way.

  --settle <${settlements.join('|')}>  answer by hand, for a provider that cannot; success only where the ledger
                    shows that it is true
  --reason <text>   of a failure
  --remove          take the event out of the queue, where nobody waits for its answer
  --yes             do not ask for the name of the stack
  --format <${formats.join('|')}>  of the list; default: pretty
${connectionUsage}  --help

Exit codes: 0 nobody waits for an answer, or the answer was taken; 1 somebody waits; 2 the command was wrong, was
refused, or something could not be read.
`;

/** @param load loads the part that reaches AWS; another one in a test */
export const unstick = (load = () => import('../remote.ts')): Command => ({
  name: 'unstick',
  summary: 'answer a request that the provider could not answer',
  usage,
  options: {
    settle: { type: 'string' },
    reason: { type: 'string' },
    remove: { type: 'boolean', default: false },
    yes: { type: 'boolean', default: false },
    format: { type: 'string', default: 'pretty' },
    ...connectionOptions,
  },
  async run(values, positionals, streams: Streams): Promise<ExitCode> {
    const options = optionsOf(values, positionals);
    const { runUnstick } = await load();
    return runUnstick(options, streams);
  },
});

/** @throws WrongUse */
function optionsOf(values: Values, [which, ...more]: string[]): UnstickOptions {
  if (more.length > 0) throw new WrongUse(`unstick takes one number or RequestId, and not ${more[0]} too`);
  const { settle, reason, remove = false, yes = false } = values;
  const settlement = settlements.find((one) => one === settle);
  if (settle !== undefined && settlement === undefined)
    throw new WrongUse(`--settle takes success or failure, and not ${settle}`);
  if (which === undefined && (settlement !== undefined || remove === true))
    throw new WrongUse('--settle and --remove need the number or RequestId of one event');
  if (settlement !== undefined && remove === true)
    throw new WrongUse(
      '--settle takes the event out of the queue itself; --remove is for an event without an answer',
    );
  if (reason !== undefined && settlement !== 'failure')
    throw new WrongUse('--reason belongs to --settle failure');
  const format = formats.find((one) => one === values['format']);
  if (format === undefined) throw new WrongUse(`no format ${values['format']}`);
  return {
    ...searchOf(values),
    ...(which === undefined ? {} : { which }),
    ...(settlement === undefined ? {} : { settle: settlement }),
    ...(typeof reason === 'string' ? { reason } : {}),
    remove: remove === true,
    yes: yes === true,
    format,
  };
}
