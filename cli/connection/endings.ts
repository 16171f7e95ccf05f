/** The end of a command that fails: one line for a person, and an exit code for a pipeline. */
import { brief } from '../../common/text.ts';

/** Far more than any message of AWS has. */
const MOST_CHARACTERS = 2_000;

interface Ending {
  line: string;
  /** 2: the caller has to change something. 1: the work itself failed. */
  code: 1 | 2;
}

/** A fault of the caller's: an argument or a plan that cannot be meant so. */
export class CallerError extends Error {}

/** Names of faults in the program itself. Their stack is what its authors need. */
const OWN_FAULTS = ['TypeError', 'ReferenceError', 'RangeError', 'AssertionError'];
/** STS answers so in a Region that an account has to enable, too. */
const REFUSED_CREDENTIALS =
  /^(InvalidClientTokenId|UnrecognizedClientException|InvalidAccessKeyId|SignatureDoesNotMatch)$/;
const NOT_REACHED =
  /^(ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|CERT_|SELF_SIGNED|UNABLE_TO_)/;

/** The line and the exit code for an error. */
export function endingOf(error: unknown): Ending {
  if (!(error instanceof Error)) return { line: String(error), code: 1 };
  const { name, code = '', path } = error as NodeJS.ErrnoException;
  const text = brief(error.message, MOST_CHARACTERS);
  if (code.startsWith('ERR_PARSE_ARGS')) return { line: `${text}. --help lists the options.`, code: 2 };
  if (path !== undefined && /^E[A-Z]+$/.test(code))
    return { line: `${path} cannot be read or written (${code}).`, code: 2 };
  if (name === 'YAMLParseError') return { line: `The plan is no YAML: ${text}`, code: 2 };
  if (name === 'CredentialsProviderError' || name === 'TokenProviderError') {
    const line =
      'The AWS SDK finds no credentials. Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or sign in by `aws sso login`.';
    return { line: `${line} It says: ${text}`, code: 2 };
  }
  if (/^ExpiredToken/.test(name))
    return { line: `These credentials have expired (${name}). Sign in again.`, code: 2 };
  if (REFUSED_CREDENTIALS.test(name)) {
    const line = `AWS does not accept these credentials (${name}). Sign in again, or enable the Region in this account.`;
    return { line, code: 2 };
  }
  if (NOT_REACHED.test(code)) {
    const line = `AWS cannot be reached (${code}). Look at the name of the Region, the network, the proxy and AWS_ENDPOINT_URL.`;
    return { line: `${line} ${text}`.trim(), code: 1 };
  }
  // An error of the AWS SDK: its message is AWS's own.
  if ('$metadata' in error) return { line: `AWS refuses: ${name}: ${text}`, code: 1 };
  if (OWN_FAULTS.includes(name)) return { line: `This is a fault of the command. ${error.stack}`, code: 1 };
  return { line: text, code: error instanceof CallerError ? 2 : 1 };
}
