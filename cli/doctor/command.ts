/** `genesys-cloud-cfn doctor`: looks at an account before the first deployment and after a failure. */
import { type Command, type ExitCode, type Streams, type Values, WrongUse } from '../command.ts';
import { connectionOptions, connectionUsage, searchOf } from '../connection/options.ts';
import { type DoctorOptions, formats, type Plan } from './options.ts';

const usage = `Usage: genesys-cloud-cfn doctor [options]

Looks at everything that a provider needs in AWS and in Genesys Cloud, and says for each fault what to do. It
reads, and writes nothing. Without --secret it looks at a provider, and at the roles, functions and keys that
it manages. With --secret it looks at an account before the first deployment.

  --secret <arn>  secret with the OAuth client, before the first deployment
  --genesys-region <region>  with --secret: domain or AWS Region of the organization
  --api-base-url <url>, --login-base-url <url>  with --secret: a private gateway
  --bucket <name>  bucket of the packages; default: that of the provider's stack
  --format <${formats.join('|')}>  default: pretty
${connectionUsage}  --help

Exit codes: 0 no fault, 1 faults, 2 the command was wrong, or there is no fault and not everything could be
looked at.
`;

const ofPlan = ['genesys-region', 'api-base-url', 'login-base-url'] as const;

/** @param load loads the part that reaches AWS and Genesys Cloud; another one in a test */
export const doctor = (load = () => import('../remote.ts')): Command => ({
  name: 'doctor',
  summary: 'look at an account before a deployment and after a failure',
  usage,
  options: {
    secret: { type: 'string' },
    'genesys-region': { type: 'string' },
    'api-base-url': { type: 'string' },
    'login-base-url': { type: 'string' },
    bucket: { type: 'string' },
    format: { type: 'string', default: 'pretty' },
    ...connectionOptions,
  },
  async run(values, positionals, streams: Streams): Promise<ExitCode> {
    const [unknown] = positionals;
    if (unknown !== undefined) throw new WrongUse(`doctor takes options only, and not ${unknown}`);
    const options = optionsOf(values);
    const { runDoctor } = await load();
    return runDoctor(options, streams);
  },
});

/** @throws WrongUse */
function optionsOf(values: Values): DoctorOptions {
  const format = formats.find((one) => one === values['format']);
  if (format === undefined) throw new WrongUse(`no format ${values['format']}`);
  const { search, region } = searchOf(values);
  const { bucket } = values;
  const plan = planOf(values);
  if (plan !== undefined && (values['stack-name'] ?? values['export-prefix']) !== undefined)
    throw new WrongUse('--secret is for an account without a provider: leave out the name of the provider');
  return {
    format,
    ...(plan === undefined ? { search } : { plan }),
    ...(region === undefined ? {} : { region }),
    ...(typeof bucket === 'string' ? { bucket } : {}),
  };
}

/** @throws WrongUse */
function planOf(values: Values): Plan | undefined {
  const { secret } = values;
  const text = (name: string) => (typeof values[name] === 'string' ? { value: values[name] } : undefined);
  if (typeof secret !== 'string') {
    const stray = ofPlan.find((name) => values[name] !== undefined);
    if (stray !== undefined) throw new WrongUse(`--${stray} belongs to --secret`);
    return undefined;
  }
  if (!/^arn:[a-z-]+:secretsmanager:[a-z0-9-]+:\d{12}:secret:.+/.test(secret))
    throw new WrongUse('--secret must be the ARN of a secret');
  const [genesysRegion, apiBaseUrl, loginBaseUrl] = ofPlan.map(text);
  return {
    oauthSecretArn: secret,
    ...(genesysRegion ? { genesysRegion: genesysRegion.value } : {}),
    ...(apiBaseUrl ? { apiBaseUrl: apiBaseUrl.value } : {}),
    ...(loginBaseUrl ? { loginBaseUrl: loginBaseUrl.value } : {}),
  };
}
