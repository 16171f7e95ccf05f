/**
 * `make remove REGIONS=…` removes a provider that nobody uses. If a stack still uses it, the command names
 * the stack and removes nothing.
 * With LIST=1 it only lists the users. The ledger and the logs are retained, because they hold data.
 */
import { parseArgs } from 'node:util';
import type { Stack } from '@aws-sdk/client-cloudformation';
import {
  exportsOf,
  findProvider,
  isFailedCreation,
  outputsOf,
  type Search,
  stackSetOf,
} from '../../../cli/connection/provider-stack.ts';
import { messageOf } from '../../../common/errors.ts';
import { brief } from '../../../common/text.ts';
import type { OwnerRecord } from '../../../provider/ledger/records.ts';
import { refuse, showHelp, wholeNumber } from '../arguments.ts';
import {
  type Credentials,
  callerAccount,
  cloudFormationClient,
  dynamoDBClient,
  partitionOf,
  roleCredentials,
} from '../clients.ts';
import { consumers, describeConsumer, importers, mayServe, owners } from '../consumers.ts';
import { endWithOneLine } from '../endings.ts';
import { tableOf } from '../ledger.ts';
import type { Instance } from '../plan.ts';
import { withProgress } from '../progress.ts';
import { parseAccounts, parseRegions } from '../regions.ts';
import { say, table } from '../report.ts';
import { deleteStack } from '../stack.ts';
import { rollOut } from '../waves.ts';

const help = `node scripts/rollout/commands/remove.ts --regions <region,…> [options]
  --export-prefix <prefix>   the provider that exports <prefix>-ServiceToken, whatever its stack is called;
                             default: genesys-cloud
  --stack-name <name>        the stack of this name instead
  --accounts <id,…>          look there, by a role; default: the caller's account alone
  --role-name <name>         with --accounts: the role to assume in each
  --ledger-role-name <name>  the role to assume in the account of a shared ledger
  --list                     only list the stacks that use the provider; no provider is an error then
  --concurrency <number>     stacks at once, after the first one alone; default 4`;

/** Removes the provider where nobody uses it. @throws CallerError where an argument cannot be meant so */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      regions: { type: 'string' },
      'export-prefix': { type: 'string' },
      'stack-name': { type: 'string' },
      accounts: { type: 'string' },
      'role-name': { type: 'string' },
      'ledger-role-name': { type: 'string' },
      list: { type: 'boolean', default: false },
      concurrency: { type: 'string', default: '4' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) showHelp(help);
  const regions = parseRegions(values.regions || refuse('REGIONS (--regions) is missing.'));
  const roleName = values['role-name'];
  if (values.accounts && !roleName) refuse('--accounts needs --role-name.');
  const concurrency = wholeNumber('--concurrency', values.concurrency, 1);
  if (values['stack-name'] && values['export-prefix'])
    refuse('Either --stack-name or --export-prefix finds the provider.');
  const search: Search = values['stack-name']
    ? { stackName: values['stack-name'] }
    : { exportPrefix: values['export-prefix'] || 'genesys-cloud' };
  const own = await callerAccount(regions[0] ?? '');
  const accounts = values.accounts ? parseAccounts(values.accounts) : [own];

  const notThere = 'not there';

  /** Owners in the ledger whose stacks the provider may serve. */
  async function ownersOf(
    { Parameters = [] }: Stack,
    ledger: string,
    { account, region }: Instance,
    credentials: Credentials | undefined,
  ): Promise<OwnerRecord[]> {
    const table = tableOf(ledger);
    const role = values['ledger-role-name'];
    if (table.account !== account && table.account !== own && role === undefined)
      throw new Error(`its ledger is in account ${table.account}: --ledger-role-name is missing`);
    const ofLedger =
      table.account === account || role === undefined
        ? credentials
        : await roleCredentials(table.region, {
            account: table.account,
            roleName: role,
            partition: table.partition,
          });
    const parameter = (name: string) =>
      Parameters.find(({ ParameterKey }) => ParameterKey === name)?.ParameterValue ?? '';
    const provider = {
      account,
      region,
      consumers: ['A', 'B', 'C'].map((letter) => parameter(`ConsumerAccountId${letter}`)),
      admitsOrganization: parameter('ConsumerOrganizationId') !== '',
    };
    const all = await owners(dynamoDBClient(table.region, ofLedger), ledger);
    return all.filter((owner) => mayServe(provider, owner));
  }

  async function remove({ account, region }: Instance): Promise<string> {
    const credentials =
      account === own || roleName === undefined
        ? undefined
        : await roleCredentials(region, { account, roleName, partition: partitionOf(region) });
    const client = cloudFormationClient(region, credentials);
    const stack = await findProvider(client, search);
    if (stack === undefined) {
      if (values.list) throw new Error(`${notThere}: nobody can say who uses it`);
      return notThere;
    }
    const stackName = stack.StackName ?? '';
    const names = exportsOf(stack);
    const ledger = outputsOf(stack)['LedgerTableArn'];
    if (!isFailedCreation(stack) && !names.some((name) => name.endsWith('-ServiceToken'))) {
      throw new Error(
        `the stack ${stackName} is ${stack.StackStatus} and exports no ServiceToken: no provider`,
      );
    }
    const importing = (await Promise.all(names.map((name) => importers(client, name)))).flat();
    const owning =
      ledger === undefined ? [] : await ownersOf(stack, ledger, { account, region }, credentials);
    const using = consumers(importing, owning);
    for (const one of using) say(`${account} ${region}  ${describeConsumer(one)}`);
    if (values.list) return using.length === 0 ? 'nobody uses it' : `used by ${using.length}`;
    if (using.length > 0) {
      throw new Error(
        `still used by ${using.map((one) => one.stackName).join(', ')}; remove or move them first`,
      );
    }
    const stackSet = stackSetOf(stack);
    if (stackSet !== undefined) {
      throw new Error(
        `nobody uses it, but ${stackName} is an instance of the stack set ${stackSet}: remove it there, by aws cloudformation delete-stack-instances --no-retain-stacks`,
      );
    }
    const ended = await deleteStack(client, stack.StackId ?? stackName, {
      onEvent: (line) => say(`${account} ${region}  ${line}`),
    });
    return ledger === undefined ? ended : `${ended}; the ledger ${tableOf(ledger).name} is retained`;
  }

  // Instances do not depend on each other, so a refusal in one does not stop the others.
  const instances = accounts.flatMap((account) => regions.map((region) => ({ account, region })));
  const outcomes = await withProgress({ what: 'instances', total: instances.length }, (instanceDone) =>
    rollOut(instances, { concurrency, failureTolerance: instances.length }, (instance) =>
      remove(instance).finally(instanceDone),
    ),
  );
  console.log(
    `\n${table([
      ['account', 'Region', 'result'],
      ...outcomes.map((outcome) => [
        outcome.target.account,
        outcome.target.region,
        outcome.status === 'done'
          ? outcome.result
          : `REFUSED: ${brief(outcome.status === 'failed' ? messageOf(outcome.error) : '', 400)}`,
      ]),
    ])}`,
  );
  if (outcomes.some(({ status }) => status !== 'done')) process.exit(1);
}

if (import.meta.main) {
  endWithOneLine();
  await run(process.argv.slice(2));
}
