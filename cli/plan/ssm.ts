/** Asks the Parameter Store for the values that parameters of a template take from there. */
import { GetParametersCommand, SSMClient, type SSMClientConfig } from '@aws-sdk/client-ssm';

/** GetParameters takes ten names at most (AWS Systems Manager API reference). */
const NAMES_IN_A_CALL = 10;

/**
 * The values by the names that were asked for. A name that is missing, or that this caller may not read, has
 * none.
 * @param config of the client, with the Region of the stack
 */
export async function ssmValues(
  config: SSMClientConfig,
  names: readonly string[],
): Promise<Map<string, string>> {
  const client = new SSMClient({ maxAttempts: 6, retryMode: 'adaptive', ...config });
  const wanted = [...new Set(names)];
  const values = new Map<string, string>();
  for (let from = 0; from < wanted.length; from += NAMES_IN_A_CALL) {
    const Names = wanted.slice(from, from + NAMES_IN_A_CALL);
    for (const { Name, ARN, Selector = '', Value } of await parametersOf(client, Names)) {
      const name = Names.find((one) => one === ARN || one === `${Name}${Selector}`);
      if (name !== undefined && Value !== undefined) values.set(name, Value);
    }
  }
  return values;
}

async function parametersOf(client: SSMClient, Names: string[]) {
  try {
    const { Parameters = [] } = await client.send(new GetParametersCommand({ Names }));
    return Parameters;
  } catch (error) {
    // A caller without the right learns nothing, and the values stay unknown.
    if ((error as Error).name === 'AccessDeniedException') return [];
    throw error;
  }
}
