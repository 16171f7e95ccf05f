/**
 * `make move-ledger REGION=… LEDGER=…` moves a provider's records from its ledger into a shared one, and
 * switches the provider. Without GO=1 it only says what there is to do. An interrupted run is continued by
 * the same command; UNDO=1 takes back a run that has not started the provider.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { CallerError } from '../../../cli/connection/endings.ts';
import { findProvider, type Search } from '../../../cli/connection/provider-stack.ts';
import { messageOf } from '../../../common/errors.ts';
import { type RegistrationRecord, registrationKey } from '../../../provider/ledger/registration.ts';
import { refuse, showHelp } from '../arguments.ts';
import {
  callerAccount,
  cloudFormationClient,
  dynamoDBClient,
  lambdaClient,
  partitionOf,
  roleCredentials,
} from '../clients.ts';
import { endWithOneLine } from '../endings.ts';
import { tableOf } from '../ledger.ts';
import { LedgerMove, NotHereError } from '../ledger-move.ts';
import { bodyOf, dynamoTable } from '../ledger-table.ts';
import { providerOfStack } from '../moving-provider.ts';
import { withProgress } from '../progress.ts';
import { parseRegions } from '../regions.ts';
import { say } from '../report.ts';

const help = `node scripts/rollout/commands/move-ledger.ts --region <region> --ledger <ARN> [options]
  --region <region>          the Region of the provider
  --ledger <ARN>             the table that the provider is to share (templates/ledger.yaml)
  --export-prefix <prefix>   the provider that exports <prefix>-ServiceToken; default: genesys-cloud
  --stack-name <name>        the stack of this name instead
  --account <id>             the provider's account; default: the caller's
  --role-name <name>         with --account: the role to assume there
  --ledger-role-name <name>  the role to assume in the ledger's account; it reads and writes the table
  --keep <key>=source|target which owner keeps an object that both ledgers know; as often as needed
  --go                       make the move; without it, only say what there is to do
  --undo                     take back a move that has not started the provider`;

/**
 * Moves the records of one provider, or says what there is to do.
 * @throws CallerError where an argument cannot be meant so
 */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      region: { type: 'string' },
      ledger: { type: 'string' },
      'export-prefix': { type: 'string' },
      'stack-name': { type: 'string' },
      account: { type: 'string' },
      'role-name': { type: 'string' },
      'ledger-role-name': { type: 'string' },
      keep: { type: 'string', multiple: true, default: [] },
      go: { type: 'boolean', default: false },
      undo: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) showHelp(help);
  const [region = '', ...others] = parseRegions(values.region || refuse('REGION (--region) is missing.'));
  if (others.length > 0) refuse('One provider moves at a time: name one Region.');
  const ledger = tableOf(values.ledger || refuse('LEDGER (--ledger) is missing.'));
  if (values.go && values.undo) refuse('Either --go or --undo.');
  const decisions = new Map(
    values.keep.map((text): [string, 'source' | 'target'] => {
      const [, key, choice] =
        /^(.+)=(source|target)$/.exec(text) ?? refuse(`Not <key>=source or <key>=target: ${text}`);
      return [key ?? '', choice as 'source' | 'target'];
    }),
  );

  const own = await callerAccount(region);
  const account = values.account ?? own;
  const credentialsIn = async (of: string, where: string, roleName: string | undefined, option: string) => {
    if (of === own) return undefined;
    if (roleName === undefined) return refuse(`Account ${of} is not the caller's: ${option} is missing.`);
    return roleCredentials(where, { account: of, roleName, partition: partitionOf(where) });
  };
  const ofProvider = await credentialsIn(account, region, values['role-name'], '--role-name');
  const tableIn = async (arn: string) => {
    const table = tableOf(arn);
    const credentials =
      table.account === account
        ? ofProvider
        : await credentialsIn(table.account, table.region, values['ledger-role-name'], '--ledger-role-name');
    return dynamoTable(dynamoDBClient(table.region, credentials), arn);
  };

  if (values['stack-name'] && values['export-prefix'])
    refuse('Either --stack-name or --export-prefix finds the provider.');
  const search: Search = values['stack-name']
    ? { stackName: values['stack-name'] }
    : { exportPrefix: values['export-prefix'] || 'genesys-cloud' };
  const cloudFormation = cloudFormationClient(region, ofProvider);
  const stack = await findProvider(cloudFormation, search);
  if (stack === undefined) {
    throw new CallerError(
      `There is no provider in ${account} ${region}. Name it by EXPORT_PREFIX (--export-prefix) or STACK_NAME (--stack-name).`,
    );
  }
  const provider = await providerOfStack({
    cloudFormation,
    lambda: lambdaClient(region, ofProvider),
    stack,
    onEvent: say,
  });

  const target = await tableIn(ledger.arn);
  const current = await provider.ledger();
  // A run that was interrupted after the switch: the registration says where the records came from.
  const registration = bodyOf(await target.get(registrationKey(provider.arn))) as
    | RegistrationRecord
    | undefined;
  const former = current === ledger.arn ? registration?.movedFrom : current;
  if (former === undefined) {
    say(`the provider has the ledger ${ledger.arn} already`);
    process.exit(0);
  }
  const move = new LedgerMove({
    source: await tableIn(former),
    target,
    provider,
    decisions,
    clock: { now: Date.now, sleep: (milliseconds) => delay(milliseconds).then(() => undefined) },
    say,
  });

  try {
    if (values.undo) await withProgress({ what: 'taking the move back' }, () => move.undo());
    else if (values.go) await withProgress({ what: 'moving the records' }, () => move.go());
    else await dryRun();
  } catch (error) {
    console.error(messageOf(error));
    process.exit(error instanceof NotHereError ? 3 : 1);
  }

  async function dryRun(): Promise<void> {
    const { counts, running, undecided, changes } = await move.report();
    say(`${provider.arn}`);
    say(`from ${former}`);
    say(`to   ${ledger.arn}`);
    for (const [kind, count] of Object.entries(counts)) say(`${kind}: ${count} items`);
    say(`${changes} writes in the shared ledger`);
    for (const { logicalId, stackId } of running) say(`at work: ${logicalId} of ${stackId.split('/')[1]}`);
    for (const { key, source, target } of undecided)
      say(`in both: ${key}\n  source: ${source}\n  target: ${target}`);
    if (undecided.length > 0) {
      throw new Error(
        `${undecided.length} items are in both ledgers. Decide for each by --keep <key>=source or =target.`,
      );
    }
    say(
      `With GO=1 the provider stands still for some ${Math.ceil(provider.timeoutMs / 60_000) + 2} minutes. Lambda keeps its events meanwhile, for an hour at most.`,
    );
  }
}

if (import.meta.main) {
  endWithOneLine();
  await run(process.argv.slice(2));
}
