/**
 * `make deploy BUCKET_PREFIX=… REGIONS=…` deploys the provider as one stack for each account and Region, in
 * waves.
 * It is for accounts without stack sets; docs/operations.md says which to choose.
 * Any published version can be deployed, so an older version is a downgrade.
 */
import { parseArgs } from 'node:util';
import { describe } from '../../../cli/connection/provider-stack.ts';
import { messageOf } from '../../../common/errors.ts';
import { brief } from '../../../common/text.ts';
import { refuse, showHelp, wholeNumber } from '../arguments.ts';
import { packageVersion } from '../artifacts.ts';
import {
  callerAccount,
  cloudFormationClient,
  partitionOf,
  roleCredentials,
  s3Client,
  urlSuffixOf,
} from '../clients.ts';
import { endWithFailures, endWithOneLine } from '../endings.ts';
import {
  bringSharedLedger,
  ledgerParameters,
  refuseSeparateLedgers,
  refuseSeveralRecordingKeyProviders,
} from '../ledger.ts';
import { type Instance, parametersOf, planOf } from '../plan.ts';
import { withProgress } from '../progress.ts';
import { parseAccounts, parseRegions } from '../regions.ts';
import { openRelease } from '../release.ts';
import { say, table } from '../report.ts';
import { deployStack } from '../stack.ts';
import { inParallel, rollOut } from '../waves.ts';

const help = `node scripts/rollout/commands/deploy.ts --bucket-prefix <prefix> --regions <region,…> [options]
  --plan <file>              parameters by account and Region (docs/operations.md)
  --parameter <Name=value>   or <region>:<Name=value>; as often as needed, wins over the plan
  --stack-name <name>        default: the plan's, else genesys-cloud-provider
  --accounts <id,…>          deploy there too, by a role; default: the caller's account alone
  --role-name <name>         with --accounts: the role to assume in each
  --version <x.y.z>          a published version; default: this checkout's
  --bucket-account <id>      the account that owns the buckets; default: the caller's
  --own-ledgers              each provider has a ledger of its own; as ownLedgers in the plan
  --concurrency <number>     stacks at once, after the first one alone; default 4
  --failure-tolerance <n>    failed stacks with which the roll-out goes on; default 0`;

/** Deploys to every account and Region. @throws CallerError where an argument cannot be meant so */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      'bucket-prefix': { type: 'string' },
      regions: { type: 'string' },
      plan: { type: 'string' },
      parameter: { type: 'string', multiple: true, default: [] },
      'stack-name': { type: 'string' },
      accounts: { type: 'string' },
      'role-name': { type: 'string' },
      version: { type: 'string' },
      'bucket-account': { type: 'string' },
      'own-ledgers': { type: 'boolean', default: false },
      concurrency: { type: 'string', default: '4' },
      'failure-tolerance': { type: 'string', default: '0' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) showHelp(help);
  const prefix = values['bucket-prefix'] || refuse('BUCKET_PREFIX (--bucket-prefix) is missing.');
  const regions = parseRegions(values.regions || refuse('REGIONS (--regions) is missing.'));
  const roleName = values['role-name'];
  if (values.accounts && !roleName) refuse('--accounts needs --role-name.');
  const concurrency = wholeNumber('--concurrency', values.concurrency, 1);
  const failureTolerance = wholeNumber('--failure-tolerance', values['failure-tolerance'], 0);

  const own = await callerAccount(regions[0] ?? '');
  const accounts = values.accounts ? parseAccounts(values.accounts) : [own];
  const version = values.version || (await packageVersion());
  const plan = await planOf(values);
  const stackName = values['stack-name'] || plan.stackName;
  const tags = { 'genesys-cloud-cfn:version': version };

  /**
   * An update must not replace these: the ServiceToken is the function's ARN, and the ledger knows the owner
   * of every object.
   */
  const mustStay = ['ProviderFunction', 'Ledger'];

  /** Credentials in an account; undefined for the caller's own. */
  const credentialsFor = async ({ account, region }: Instance, role = roleName) =>
    account === own || role === undefined
      ? undefined
      : roleCredentials(region, { account, roleName: role, partition: partitionOf(region) });

  /** The parameters that a provider's stack has now; undefined where there is no such stack. */
  async function currentParameters(instance: Instance): Promise<Record<string, string> | undefined> {
    const client = cloudFormationClient(instance.region, await credentialsFor(instance));
    const stack = await describe(client, stackName);
    // A creation that failed has never used a ledger.
    if (stack === undefined || /^(ROLLBACK_|CREATE_FAILED|REVIEW_IN_PROGRESS)/.test(stack.StackStatus ?? ''))
      return undefined;
    return Object.fromEntries(
      (stack.Parameters ?? []).map(({ ParameterKey = '', ParameterValue = '' }) => [
        ParameterKey,
        ParameterValue,
      ]),
    );
  }

  /** Creates or updates the stack of the shared ledger, if the plan has one. */
  async function sharedLedger(): Promise<string | undefined> {
    const [home = ''] = regions;
    return bringSharedLedger(plan.ledger, {
      home: { account: own, region: home },
      accounts,
      tags,
      clientIn: async (at) =>
        cloudFormationClient(at.region, await credentialsFor(at, plan.ledger?.roleName ?? roleName)),
      async template() {
        const account = values['bucket-account'] ?? own;
        const release = await openRelease(s3Client(home), { bucket: `${prefix}-${home}`, account, version });
        return release.template('templates/ledger.yaml');
      },
      say,
    });
  }

  async function deploy(instance: Instance) {
    const { account, region } = instance;
    const credentials = await credentialsFor(instance);
    const now = current.get(instance);
    const parameters = { ...parametersOf(plan, instance), ...ledgerParameters(plan, ledgerArn) };
    const ledger = parameters['LedgerTableArn'];
    if (now !== undefined && ledger !== undefined && ledger !== (now['LedgerTableArn'] ?? '')) {
      throw new Error(
        `${stackName} has another ledger (${now['LedgerTableArn'] || 'one of its own'}): first run make move-ledger REGION=${region} LEDGER=${ledger}`,
      );
    }
    const bucket = `${prefix}-${region}`;
    const release = await openRelease(s3Client(region, credentials), {
      bucket,
      account: values['bucket-account'] ?? own,
      version,
    });
    const name = 'templates/provider.yaml';
    const key = release.manifest.artifacts.find((one) => one.name === name)?.key;
    say(`${account} ${region}  ${stackName} begins`);
    const result = await deployStack(cloudFormationClient(region, credentials), {
      stackName,
      template: await release.template(name),
      templateUrl: `https://${bucket}.s3.${region}.${urlSuffixOf(region)}/${key}`,
      parameters: { ...parameters, ...release.codeParameters },
      tags,
      mustStay,
      onEvent: (line) => say(`${account} ${region}  ${line}`),
    });
    say(`${account} ${region}  ${stackName} ${result.change}`);
    return result;
  }

  const instances = accounts.flatMap((account) => regions.map((region) => ({ account, region })));
  say(`version ${version}: ${stackName} in ${accounts.length} accounts × ${regions.length} Regions`);
  const looks = await inParallel(instances, 8, currentParameters);
  const current = new Map(
    looks.map((look) => {
      if (look.status === 'failed') throw look.error;
      return [look.target, look.status === 'done' ? look.result : undefined];
    }),
  );
  const shared = plan.ledger && (plan.ledger.tableArn ?? 'the shared ledger');
  const wanted = instances.map((instance) => ({
    instance,
    parameters: {
      ...current.get(instance),
      ...parametersOf(plan, instance),
      ...ledgerParameters(plan, shared),
    },
  }));
  refuseSeparateLedgers(wanted, plan);
  refuseSeveralRecordingKeyProviders(wanted);
  const ledgerArn = await sharedLedger();
  const outcomes = await withProgress({ what: 'stacks', total: instances.length }, (stackDone) =>
    rollOut(instances, { concurrency, failureTolerance }, async (instance) => {
      try {
        return await deploy(instance);
      } catch (error) {
        say(`${instance.account} ${instance.region}  FAILED: ${messageOf(error)}`);
        throw error;
      } finally {
        stackDone();
      }
    }),
  );

  console.log(
    `\n${table([
      ['account', 'Region', 'result', 'version', 'ServiceToken'],
      ...outcomes.map((outcome) => {
        const { account, region } = outcome.target;
        if (outcome.status === 'done') {
          const { change, outputs } = outcome.result;
          return [account, region, change, version, outputs['ServiceToken'] ?? ''];
        }
        const why =
          outcome.status === 'failed' ? `FAILED: ${brief(messageOf(outcome.error))}` : 'not started';
        return [account, region, why];
      }),
    ])}`,
  );
  const undone = outcomes.filter(({ status }) => status !== 'done').length;
  if (undone > 0) {
    const failures = outcomes.flatMap((one) =>
      one.status === 'failed'
        ? [{ target: `${one.target.account} ${one.target.region}`, error: one.error }]
        : [],
    );
    endWithFailures(failures, `${undone} of ${outcomes.length} stacks are not at ${version}`);
  }
}

if (import.meta.main) {
  endWithOneLine();
  await run(process.argv.slice(2));
}
