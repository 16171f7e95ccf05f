/**
 * `make deploy-stackset BUCKET_PREFIX=… REGIONS=… PLAN=…` brings the provider into many accounts and Regions
 * by one stack set.
 * It runs in the administrator's account or a delegated one. docs/operations.md says how, docs/scaling.md how
 * long it takes.
 */
import { parseArgs } from 'node:util';
import { parse } from 'yaml';
import { CallerError } from '../../../cli/connection/endings.ts';
import { brief } from '../../../common/text.ts';
import { refuse, showHelp } from '../arguments.ts';
import { packageVersion } from '../artifacts.ts';
import {
  callerAccount,
  cloudFormationClient,
  dynamoDBClient,
  partitionOf,
  roleCredentials,
  s3Client,
} from '../clients.ts';
import { endWithOneLine } from '../endings.ts';
import {
  bringSharedLedger,
  ledgerParameters,
  providerArnOf,
  refuseSeparateLedgers,
  refuseSeveralRecordingKeyProviders,
  tableOf,
  unregistered,
} from '../ledger.ts';
import { type Instance, parametersOf, planOf } from '../plan.ts';
import { withProgress } from '../progress.ts';
import { parseAccounts, parseRegions } from '../regions.ts';
import { openRelease } from '../release.ts';
import { say, table } from '../report.ts';
import { deployStackSet, listInstances } from '../stack-set.ts';
import { planStackSet } from '../stack-set-plan.ts';

const help = `node scripts/rollout/commands/deploy-stackset.ts --bucket-prefix <prefix> --regions <region,…> --plan <file> [options]
  --accounts <id,…>          of a self-managed set; a service-managed one takes units from the plan
  --parameter <Name=value>   or <region>:<Name=value>; as often as needed, wins over the plan
  --stack-set-name <name>    default: the plan's stackName, else genesys-cloud-provider
  --admin-region <region>    Region of the stack set; default: the first of --regions
  --version <x.y.z>          a published version; default: this checkout's
  --bucket-account <id>      the account that owns the buckets; default: the caller's
  --own-ledgers              each provider has a ledger of its own; as ownLedgers in the plan
  --poll-seconds <number>    between two looks; default 5
  --dry-run                  say which operations there would be`;

/** Deploys by one stack set. @throws CallerError where an argument cannot be meant so */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      'bucket-prefix': { type: 'string' },
      regions: { type: 'string' },
      accounts: { type: 'string', default: '' },
      plan: { type: 'string' },
      parameter: { type: 'string', multiple: true, default: [] },
      'stack-set-name': { type: 'string' },
      'admin-region': { type: 'string' },
      version: { type: 'string' },
      'bucket-account': { type: 'string' },
      'own-ledgers': { type: 'boolean', default: false },
      'poll-seconds': { type: 'string', default: '5' },
      'dry-run': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) showHelp(help);
  const prefix = values['bucket-prefix'] || refuse('BUCKET_PREFIX (--bucket-prefix) is missing.');
  const regions = parseRegions(values.regions || refuse('REGIONS (--regions) is missing.'));
  const [firstRegion = ''] = regions;
  const pollMs = Number(values['poll-seconds']) * 1000;
  if (!(pollMs > 0)) refuse(`--poll-seconds is a number above 0, not ${values['poll-seconds']}.`);
  const adminRegion = values['admin-region'] || firstRegion;
  const version = values.version || (await packageVersion());
  const plan = await planOf(values);
  const stackSetName = values['stack-set-name'] || plan.stackName;
  const accounts = parseAccounts(values.accounts);
  const own = await callerAccount(adminRegion);
  const tags = { 'genesys-cloud-cfn:version': version };

  const release = await openRelease(s3Client(firstRegion), {
    bucket: `${prefix}-${firstRegion}`,
    account: values['bucket-account'] ?? own,
    version,
  });
  const template = await release.template('templates/provider.yaml');
  const { Parameters = {}, Description = '' } = parse(template, { logLevel: 'silent' }) as {
    Parameters?: Record<string, { Default?: unknown }>;
    Description?: string;
  };
  const templateParameters = {
    names: Object.keys(Parameters),
    required: Object.keys(Parameters).filter((name) => Parameters[name]?.Default === undefined),
  };

  /** The plan of the set, with this ledger for every instance. */
  function stackSetPlanWith(ledgerArn: string | undefined) {
    const more = {
      ...ledgerParameters(plan, ledgerArn),
      // Each Region has its own bucket, and the key is the same in all of them.
      CodeS3BucketPrefix: prefix,
      CodeS3Key: release.codeParameters.CodeS3Key,
    };
    const whole = { ...plan, parameters: { ...plan.parameters, ...more } };
    return planStackSet(whole, templateParameters, regions, accounts);
  }

  const preview = stackSetPlanWith(plan.ledger && (plan.ledger.tableArn ?? 'the shared ledger'));

  // An organizational unit stands for its accounts.
  const wanted = regions.flatMap((region) =>
    (accounts.length === 0 ? [''] : accounts).map((account) => {
      const instance = { account, region };
      const ledger = ledgerParameters(plan, plan.ledger && 'the shared ledger');
      return { instance, parameters: { ...parametersOf(plan, instance), ...ledger } };
    }),
  );
  refuseSeparateLedgers(wanted, plan);
  refuseSeveralRecordingKeyProviders(wanted);

  const credentialsIn = async ({ account, region }: Instance) => {
    const roleName = plan.ledger?.roleName;
    if (account === own) return undefined;
    if (roleName === undefined) {
      throw new CallerError(
        `The ledger is in account ${account}: set ledger.roleName in the plan to a role there.`,
      );
    }
    return roleCredentials(region, { account, roleName, partition: partitionOf(region) });
  };

  /**
   * Refuses instances that have another ledger: their providers would serve nothing until their records
   * moved.
   */
  async function refuseUnmoved(ledgerArn: string): Promise<void> {
    const there = await listInstances(cloudFormationClient(adminRegion), stackSetName, plan.stackSet);
    const providers = there
      .filter(({ Status, Region = '' }) => Status === 'CURRENT' && regions.includes(Region))
      .map(({ Account: account = '', Region: region = '' }) => {
        const { ExportPrefix } = parametersOf(plan, { account, region });
        return providerArnOf({ account, region }, ExportPrefix);
      });
    if (providers.length === 0) return;
    const { account, region } = tableOf(ledgerArn);
    const client = dynamoDBClient(region, await credentialsIn({ account, region }));
    const strangers = await unregistered(client, ledgerArn, providers);
    if (strangers.length === 0) return;
    throw new Error(
      `${strangers.length} of ${there.length} instances have another ledger than ${ledgerArn}: ${strangers.join(', ')}. First run make move-ledger for each (docs/scaling.md).`,
    );
  }

  say(`version ${version}: stack set ${stackSetName} (${plan.stackSet.permissionModel}) in ${adminRegion}`);
  for (const group of preview.groups) {
    const who = group.accounts?.join(', ') ?? JSON.stringify(group.deploymentTargets);
    say(`${group.regions.join(', ')} × ${who}: ${Object.keys(group.overrides).join(', ') || 'no overrides'}`);
  }
  if (values['dry-run']) process.exit(0);

  const ledgerArn = await bringSharedLedger(plan.ledger, {
    home: { account: own, region: firstRegion },
    accounts,
    tags,
    clientIn: async (home) => cloudFormationClient(home.region, await credentialsIn(home)),
    template: () => release.template('templates/ledger.yaml'),
    say,
  });
  if (ledgerArn !== undefined) await refuseUnmoved(ledgerArn);

  const { instances, failure } = await withProgress({ what: 'in the operations of the stack set' }, () =>
    deployStackSet(cloudFormationClient(adminRegion), {
      stackSetName,
      description: Description,
      template,
      regions,
      plan: stackSetPlanWith(ledgerArn),
      options: plan.stackSet,
      tags,
      onEvent: say,
      pollMs,
    }),
  );

  console.log(
    `\n${table([
      ['account', 'Region', 'status', 'last operation', 'stack', 'reason'],
      ...instances.map((one) => [
        one.Account ?? '',
        one.Region ?? '',
        one.Status ?? '',
        one.StackInstanceStatus?.DetailedStatus ?? '',
        one.StackId?.split('/')[1] ?? '',
        brief(one.StatusReason ?? ''),
      ]),
    ])}`,
  );
  const behind = instances.filter(({ Status }) => Status !== 'CURRENT').length;
  if (failure !== undefined) console.error(`\n${failure}`);
  if (behind > 0 || failure !== undefined) {
    console.error(
      `\n${behind} of ${instances.length} instances are not at ${version}; mend the cause and run the same command again.`,
    );
    process.exit(1);
  }
}

if (import.meta.main) {
  endWithOneLine();
  await run(process.argv.slice(2));
}
