/**
 * `make deploy-stackset BUCKET_PREFIX=… REGIONS=… PLAN=…` brings the provider into many accounts and Regions
 * by one stack set.
 * It runs in the administrator's account or a delegated one. docs/operations.md says how, docs/scaling.md how
 * long it takes.
 */
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { parse } from 'yaml';
import { packageVersion } from './rollout/artifacts.ts';
import { callerAccount, cloudFormationClient, s3Client } from './rollout/clients.ts';
import { parsePlan, withParameter } from './rollout/plan.ts';
import { parseAccounts, parseRegions } from './rollout/regions.ts';
import { openRelease } from './rollout/release.ts';
import { brief, say, table, usage } from './rollout/report.ts';
import { deployStackSet } from './rollout/stack-set.ts';
import { planStackSet } from './rollout/stack-set-plan.ts';

const help = `node scripts/deploy-stackset.ts --bucket-prefix <prefix> --regions <region,…> --plan <file> [options]
  --accounts <id,…>          of a self-managed set; a service-managed one takes units from the plan
  --parameter <Name=value>   or <region>:<Name=value>; as often as needed, wins over the plan
  --stack-set-name <name>    default: the plan's stackName, else genesys-cloud-provider
  --admin-region <region>    Region of the stack set; default: the first of --regions
  --version <x.y.z>          a published version; default: this checkout's
  --bucket-account <id>      the account that owns the buckets; default: the caller's
  --poll-seconds <number>    between two looks; default 5
  --dry-run                  say which operations there would be`;

const { values } = parseArgs({
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
    'poll-seconds': { type: 'string', default: '5' },
    'dry-run': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) usage(help);
const prefix = values['bucket-prefix'] || usage(help, 'BUCKET_PREFIX (--bucket-prefix) is missing.');
const regions = parseRegions(values.regions || usage(help, 'REGIONS (--regions) is missing.'));
const [firstRegion = ''] = regions;
const pollMs = Number(values['poll-seconds']) * 1000;
if (!(pollMs > 0)) usage(help, `--poll-seconds is a number above 0, not ${values['poll-seconds']}.`);
const adminRegion = values['admin-region'] || firstRegion;
const version = values.version || (await packageVersion());
let plan = parsePlan(values.plan ? await readFile(values.plan, 'utf8') : '');
for (const text of values.parameter) plan = withParameter(plan, text);
const stackSetName = values['stack-set-name'] || plan.stackName;

const release = await openRelease(s3Client(firstRegion), {
  bucket: `${prefix}-${firstRegion}`,
  account: values['bucket-account'] ?? (await callerAccount(adminRegion)),
  version,
});
const template = await release.template('templates/provider.yaml');
const { Parameters = {}, Description = '' } = parse(template, { logLevel: 'silent' }) as {
  Parameters?: Record<string, { Default?: unknown }>;
  Description?: string;
};
const stackSetPlan = planStackSet(
  {
    ...plan,
    // Each Region has its own bucket, and the key is the same in all of them.
    parameters: {
      ...plan.parameters,
      CodeS3BucketPrefix: prefix,
      CodeS3Key: release.codeParameters.CodeS3Key,
    },
  },
  {
    names: Object.keys(Parameters),
    required: Object.keys(Parameters).filter((name) => Parameters[name]?.Default === undefined),
  },
  regions,
  parseAccounts(values.accounts),
);

say(`version ${version}: stack set ${stackSetName} (${plan.stackSet.permissionModel}) in ${adminRegion}`);
for (const group of stackSetPlan.groups) {
  const who = group.accounts?.join(', ') ?? JSON.stringify(group.deploymentTargets);
  say(`${group.regions.join(', ')} × ${who}: ${Object.keys(group.overrides).join(', ') || 'no overrides'}`);
}
if (values['dry-run']) process.exit(0);

const { instances, failure } = await deployStackSet(cloudFormationClient(adminRegion), {
  stackSetName,
  description: Description,
  template,
  regions,
  plan: stackSetPlan,
  options: plan.stackSet,
  tags: { 'genesys-cloud-cfn:version': version },
  onEvent: say,
  pollMs,
});

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
