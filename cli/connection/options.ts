/** The options by which every subcommand finds a provider. */
import { type Values, WrongUse } from '../command.ts';
import type { ConnectionOptions } from './connect.ts';
import type { Search } from './provider-stack.ts';

export const connectionOptions = {
  region: { type: 'string' },
  'stack-name': { type: 'string' },
  'export-prefix': { type: 'string' },
} as const;

/** The beginning of the provider's exports, as in the default of its parameter ExportPrefix. */
const defaultPrefix = 'genesys-cloud';

export const connectionUsage = `  --region <region>  of the provider; default: that of the AWS profile
  --export-prefix <prefix>  ExportPrefix of the provider; default: ${defaultPrefix}
  --stack-name <name>  name of the provider's stack, instead of its prefix
`;

/** @throws WrongUse */
export function searchOf(values: Values): ConnectionOptions & { search: Search } {
  const { region, 'stack-name': stackName, 'export-prefix': exportPrefix } = values;
  if (stackName !== undefined && exportPrefix !== undefined)
    throw new WrongUse('--stack-name and --export-prefix name the same provider: give one of them');
  const search =
    typeof stackName === 'string' ? { stackName } : { exportPrefix: String(exportPrefix ?? defaultPrefix) };
  return { search, ...(typeof region === 'string' ? { region } : {}) };
}
