/**
 * `make remove REGIONS=…`: removes the provider where nobody uses it any more; elsewhere it names who does and
 * removes nothing. With LIST=1 it only says who uses it. What holds data (ledger, logs) is retained.
 */
import { parseArgs } from 'node:util';
import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { callerAccount, cloudFormationClient, dynamoDBClient } from './rollout/clients.ts';
import { consumers, describeConsumer, importers, owners } from './rollout/consumers.ts';
import { parseRegions } from './rollout/regions.ts';
import { brief, messageOf, say, table, usage } from './rollout/report.ts';
import { deleteStack, describe, outputsOf } from './rollout/stack.ts';
import { rollOut } from './rollout/waves.ts';

const help = `node scripts/remove.ts --regions <region,…> [options]
  --stack-name <name>        default: genesys-cloud-provider
  --list                     only say who uses the provider
  --concurrency <number>     stacks at once, after the first one alone; default 4`;

const { values } = parseArgs({
  options: {
    regions: { type: 'string' },
    'stack-name': { type: 'string', default: 'genesys-cloud-provider' },
    list: { type: 'boolean', default: false },
    concurrency: { type: 'string', default: '4' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) usage(help);
const regions = parseRegions(values.regions || usage(help, 'REGIONS (--regions) is missing.'));
const stackName = values['stack-name'];
const account = await callerAccount(regions[0] ?? '');

/** Names of what the stack exports, the ServiceToken among them. */
async function exportsOf(client: CloudFormationClient): Promise<{ names: string[]; ledger?: string }> {
  const stack = await describe(client, stackName);
  const names = (stack?.Outputs ?? []).flatMap(({ ExportName }) => (ExportName ? [ExportName] : []));
  const ledger = outputsOf(stack)['LedgerTableName'];
  return { names, ...(ledger === undefined ? {} : { ledger }) };
}

async function remove(region: string): Promise<string> {
  const client = cloudFormationClient(region);
  const { names, ledger } = await exportsOf(client);
  if (names.length === 0) return 'not there';
  const importing = (await Promise.all(names.map((name) => importers(client, name)))).flat();
  const owning = ledger === undefined ? [] : await owners(dynamoDBClient(region), ledger);
  const using = consumers(importing, owning);
  for (const one of using) say(`${account} ${region}  ${describeConsumer(one)}`);
  if (values.list) return using.length === 0 ? 'nobody uses it' : `used by ${using.length}`;
  if (using.length > 0) {
    throw new Error(
      `still used by ${using.map((one) => one.stackName).join(', ')}; remove or move them first`,
    );
  }
  const ended = await deleteStack(client, stackName, {
    onEvent: (line) => say(`${account} ${region}  ${line}`),
  });
  return ledger === undefined ? ended : `${ended}; the ledger ${ledger} is retained`;
}

// Regions do not depend on each other: what is refused in one is no reason to stop in the next.
const outcomes = await rollOut(
  regions,
  { concurrency: Number(values.concurrency), failureTolerance: regions.length },
  remove,
);
console.log(
  `\n${table([
    ['account', 'Region', 'result'],
    ...outcomes.map((outcome) => [
      account,
      outcome.target,
      outcome.status === 'done'
        ? outcome.result
        : `REFUSED: ${brief(outcome.status === 'failed' ? messageOf(outcome.error) : '', 400)}`,
    ]),
  ])}`,
);
if (outcomes.some(({ status }) => status !== 'done')) process.exit(1);
