/**
 * The ledger that the providers of a roll-out share: its stack, and the states that a roll-out does not
 * build.
 */
import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { CallerError } from '../../cli/connection/endings.ts';
import { describe } from '../../cli/connection/provider-stack.ts';
import { regionOf } from '../../provider/genesys/regions.ts';
import { registrationKey } from '../../provider/ledger/registration.ts';
import { partitionOf } from './clients.ts';
import type { Instance, LedgerPlan, Plan } from './plan.ts';
import { deployStack } from './stack.ts';
import { inParallel } from './waves.ts';

/** The parts of a table's ARN. */
export interface Table {
  arn: string;
  partition: string;
  region: string;
  account: string;
  name: string;
}

/** @throws CallerError for a text that is no ARN of a table */
export function tableOf(arn: string): Table {
  const match = /^arn:([a-z-]+):dynamodb:([a-z0-9-]+):(\d{12}):table\/([A-Za-z0-9_.-]{3,255})$/.exec(arn);
  if (match === null) throw new CallerError(`${arn} is not the ARN of a DynamoDB table.`);
  const [, partition = '', region = '', account = '', name = ''] = match;
  return { arn, partition, region, account, name };
}

/** The ARN of the function of an instance's provider. */
export const providerArnOf = ({ account, region }: Instance, exportPrefix = 'genesys-cloud') =>
  `arn:${partitionOf(region)}:lambda:${region}:${account}:function:${exportPrefix}-provider`;

/** A provider that a roll-out is about to bring, with all its parameters. */
export interface Wanted {
  /** The account is empty where an organizational unit stands for its accounts. */
  instance: Instance;
  parameters: Readonly<Record<string, string>>;
}

/**
 * Refuses several ledgers on one Genesys Cloud organization, unless the plan asks for them. Organizations of
 * one region of Genesys Cloud cannot be told apart before a login, so they count as one.
 * @throws CallerError that names the providers and the way out
 */
export function refuseSeparateLedgers(
  wanted: readonly Wanted[],
  { ownLedgers }: Pick<Plan, 'ownLedgers'>,
): void {
  if (ownLedgers) return;
  const regions = Map.groupBy(wanted, ({ parameters }) => {
    const environment = parameters['GenesysEnvironment'] ?? '';
    return regionOf(environment) ?? environment;
  });
  for (const [environment, providers] of regions) {
    const ledgers = providers.flatMap(({ instance, parameters }) => {
      const arn = parameters['LedgerTableArn'] ?? '';
      const own = `a ledger of its own in ${instance.account || 'each account'} ${instance.region}`;
      // A unit has any number of accounts, each of which would get a ledger.
      return arn === '' ? [own, ...(instance.account === '' ? [`${own} again`] : [])] : [arn];
    });
    if (new Set(ledgers).size < 2) continue;
    throw new CallerError(
      `The providers of the Genesys Cloud organization in ${environment} would have several ledgers: ${[...new Set(ledgers)].join(', ')}. An object that one of them knows is free for the others. Name one ledger in the plan (docs/scaling.md); or set ownLedgers: true where they are different organizations, or where you accept that.`,
    );
  }
}

/**
 * Refuses several providers that serve recording keys without saying which one sets the key of the
 * organization.
 * @throws CallerError that names the parameter
 */
export function refuseSeveralRecordingKeyProviders(wanted: readonly Wanted[]): void {
  const serving = wanted.filter(({ parameters }) =>
    (parameters['ResourceTypes'] ?? '').split(',').includes('Custom::GenesysRecordingKey'),
  );
  const many = serving.length > 1 || serving.some(({ instance }) => instance.account === '');
  const undesignated = serving.filter(
    ({ parameters }) => (parameters['RecordingKeyProviderArn'] ?? '') === '',
  );
  if (!many || undesignated.length === 0) return;
  throw new CallerError(
    'Several providers serve Custom::GenesysRecordingKey. Set RecordingKeyProviderArn to the ARN of the one that sets the key of the organization.',
  );
}

/** Parameters that follow from the plan: the shared ledger, or the news that there are several. */
export function ledgerParameters(
  { ownLedgers }: Pick<Plan, 'ownLedgers'>,
  arn: string | undefined,
): Record<string, string> {
  return {
    ...(arn === undefined ? {} : { LedgerTableArn: arn }),
    ...(ownLedgers ? { OtherLedgers: 'true' } : {}),
  };
}

interface LedgerDeployment {
  plan: LedgerPlan;
  /** The account of the ledger's stack. */
  account: string;
  /** Accounts of the roll-out. */
  accounts: readonly string[];
  /** Text of templates/ledger.yaml. */
  template: string;
  tags: Record<string, string>;
  onEvent: (line: string) => void;
}

/**
 * Creates or updates the stack of the shared ledger, so that it admits the accounts of the roll-out. Accounts
 * that it admits already stay admitted.
 * @returns the ARN of the table
 */
async function bringLedger(
  client: CloudFormationClient,
  { plan, account, accounts, template, tags, onEvent }: LedgerDeployment,
): Promise<string> {
  const existing = await describe(client, plan.stackName);
  const admitted =
    existing?.Parameters?.find(({ ParameterKey }) => ParameterKey === 'MemberAccountIds')?.ParameterValue ??
    '';
  const members = new Set([...admitted.split(','), ...accounts, ...plan.members]);
  for (const one of ['', account]) members.delete(one);
  const { outputs } = await deployStack(client, {
    stackName: plan.stackName,
    template,
    parameters: { ...plan.parameters, MemberAccountIds: [...members].sort().join(',') },
    tags,
    mustStay: ['Ledger'],
    onEvent,
  });
  const arn = outputs['LedgerTableArn'];
  if (arn === undefined) throw new Error(`The stack ${plan.stackName} has no output LedgerTableArn.`);
  return arn;
}

/** The parts of a roll-out that its shared ledger needs. */
export interface SharedLedgerParts extends Pick<LedgerDeployment, 'accounts' | 'tags'> {
  /** The account and Region of the ledger where the plan names none. */
  home: Instance;
  clientIn(home: Instance): Promise<CloudFormationClient>;
  template(): Promise<string>;
  say(line: string): void;
}

/** Creates or updates the stack of the shared ledger, if the plan has one. @returns the ARN of its table */
export async function bringSharedLedger(
  plan: LedgerPlan | undefined,
  { home, accounts, tags, clientIn, template, say }: SharedLedgerParts,
): Promise<string | undefined> {
  if (plan === undefined || plan.tableArn !== undefined) return plan?.tableArn;
  const { account = home.account, region = home.region } = plan;
  const client = await clientIn({ account, region });
  const text = await template();
  const onEvent = (line: string) => say(`${account} ${region}  ${line}`);
  onEvent(`${plan.stackName} begins`);
  return bringLedger(client, { plan, account, accounts, template: text, tags, onEvent });
}

/** Those of the providers that are not registered in a ledger, by the ARNs of their functions. */
export async function unregistered(
  client: DynamoDBClient,
  table: string,
  providers: readonly string[],
): Promise<string[]> {
  const looks = await inParallel(providers, 8, async (provider) => {
    const { Item } = await client.send(
      new GetItemCommand({
        TableName: table,
        Key: { pk: { S: registrationKey(provider) } },
        ConsistentRead: true,
      }),
    );
    return Item !== undefined;
  });
  return providers.filter((_, index) => {
    const look = looks[index];
    if (look?.status === 'failed') throw look.error;
    return look?.status === 'done' && !look.result;
  });
}
