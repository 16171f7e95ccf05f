/** Asks the Parameter Store for the values that parameters of a template take from there. */
import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { SignatureV4 } from '@smithy/signature-v4';

/** GetParameters takes ten names at most (AWS Systems Manager API reference). */
const NAMES_IN_A_CALL = 10;
const ATTEMPTS = 6;
const FIRST_WAIT_MILLISECONDS = 200;

interface Answer {
  Parameters?: { Name?: string; Value?: string; ARN?: string }[];
}

/**
 * The values by the names that were asked for. A name that is missing, or that this caller may not read, has
 * none.
 * @param client its credentials and its Region are used; the package has no client of SSM
 */
export async function ssmValues(
  client: CloudFormationClient,
  names: readonly string[],
): Promise<Map<string, string>> {
  const wanted = [...new Set(names)];
  const values = new Map<string, string>();
  for (let from = 0; from < wanted.length; from += NAMES_IN_A_CALL) {
    const Names = wanted.slice(from, from + NAMES_IN_A_CALL);
    const { Parameters = [] } = await getParameters(client, Names);
    for (const { Name, ARN, Value } of Parameters) {
      // A version or label that was asked for stands behind the name.
      const name = Names.find((one) => one === ARN || one === Name || one.startsWith(`${Name}:`));
      if (name !== undefined && Value !== undefined) values.set(name, Value);
    }
  }
  return values;
}

async function getParameters(client: CloudFormationClient, Names: string[]): Promise<Answer> {
  const { config } = client;
  const region = await config.region();
  const url = endpointOf(region);
  const body = JSON.stringify({ Names });
  const signer = new SignatureV4({
    service: 'ssm',
    region,
    credentials: config.credentials,
    sha256: config.sha256,
  });
  for (let attempt = 1; ; attempt += 1) {
    const signed = await signer.sign({
      method: 'POST',
      protocol: url.protocol,
      hostname: url.hostname,
      ...(url.port === '' ? {} : { port: Number(url.port) }),
      path: '/',
      headers: {
        host: url.host,
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': 'AmazonSSM.GetParameters',
      },
      body,
    });
    const answer = await fetch(url, { method: 'POST', headers: signed.headers, body });
    if (answer.ok) return (await answer.json()) as Answer;
    const text = await answer.text();
    const isBusy = answer.status >= 500 || /Throttling/.test(text);
    // A caller without the right learns nothing, and the values stay unknown.
    if (!isBusy) return {};
    if (attempt === ATTEMPTS) throw new Error(`The Parameter Store does not answer (${answer.status}).`);
    await new Promise((resolve) => setTimeout(resolve, FIRST_WAIT_MILLISECONDS * 2 ** attempt));
  }
}

function endpointOf(region: string): URL {
  const { AWS_ENDPOINT_URL_SSM, AWS_ENDPOINT_URL } = process.env;
  const own = AWS_ENDPOINT_URL_SSM ?? AWS_ENDPOINT_URL;
  const suffix = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  return new URL(own ?? `https://ssm.${region}.${suffix}`);
}
