/**
 * Calls of AWS services whose clients the package leaves out: IAM, SQS, CloudWatch Logs, Systems Manager and
 * CloudTrail. Each is a POST, signed by Signature Version 4.
 */
import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';

type Credentials = ConstructorParameters<typeof SignatureV4>[0]['credentials'];

export interface SignedCall {
  /** Name in the signature, such as `iam`. */
  service: string;
  region: string;
  url: string;
  headers: Record<string, string>;
  body: string;
  credentials: Credentials;
}

/** An error answer of such a service, with the name that AWS gives it. */
export class AwsCallError extends Error {
  readonly $metadata: { httpStatusCode: number };

  constructor(name: string, message: string, status: number) {
    super(message);
    this.name = name;
    this.$metadata = { httpStatusCode: status };
  }
}

const SECONDS = 20;
const TRIES = 5;
const isThrottled = (status: number, name: string) => status >= 500 || /Throttl|RequestLimit/.test(name);

/** The text of a good answer. A throttled call is made again. @throws AwsCallError */
export async function signedCall(call: SignedCall): Promise<string> {
  for (let tries = 1; ; tries += 1) {
    const { status, text } = await send(call);
    if (status === 200) return text;
    const error = errorIn(text, status);
    if (tries === TRIES || !isThrottled(status, error.name)) throw error;
    await new Promise((done) => setTimeout(done, 200 * 2 ** tries));
  }
}

async function send({ service, region, url, headers, body, credentials }: SignedCall) {
  const { protocol, hostname, port, host, pathname } = new URL(url);
  const signer = new SignatureV4({ service, region, credentials, sha256: Sha256 });
  const signed = await signer.sign({
    method: 'POST',
    protocol,
    hostname,
    ...(port === '' ? {} : { port: Number(port) }),
    path: pathname,
    headers: { host, ...headers },
    body,
  });
  const { host: _, ...sent } = signed.headers;
  const signal = AbortSignal.timeout(SECONDS * 1000);
  const answer = await fetch(url, { method: 'POST', headers: sent, body, signal });
  return { status: answer.status, text: await answer.text() };
}

/** JSON services put a name before the hash, and the Query protocol puts it into `Code`. */
function errorIn(text: string, status: number): AwsCallError {
  const json = /"(?:__type|code)"\s*:\s*"(?:[^"#]*#)?([^"]+)"/.exec(text)?.[1];
  const name = json ?? /<Code>([^<]+)<\/Code>/.exec(text)?.[1] ?? `Status${status}`;
  const message = /"[Mm]essage"\s*:\s*"([^"]*)"|<Message>([^<]*)<\/Message>/.exec(text);
  return new AwsCallError(name, message?.[1] ?? message?.[2] ?? name, status);
}

/** The hash that the signer asks for, by Node's own. */
class Sha256 {
  #hash: Hash | Hmac;
  readonly #begin: () => Hash | Hmac;

  constructor(secret?: unknown) {
    this.#begin = () =>
      secret === undefined ? createHash('sha256') : createHmac('sha256', secret as string | Uint8Array);
    this.#hash = this.#begin();
  }

  update(data: unknown): void {
    this.#hash.update(data as Uint8Array);
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }

  reset(): void {
    this.#hash = this.#begin();
  }
}
