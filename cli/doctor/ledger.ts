/** The ledger: its table, the provider's registration in it, and requests without an end. */
import {
  DescribeContinuousBackupsCommand,
  DescribeTimeToLiveCommand,
  GetResourcePolicyCommand,
  paginateScan,
} from '@aws-sdk/client-dynamodb';
import { DescribeKeyCommand } from '@aws-sdk/client-kms';
import { GetFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { systemClock } from '../../common/clock.ts';
import { LedgerError } from '../../common/errors.ts';
import { type Attempt, Registration, Store } from '../../provider/ledger/index.ts';
import { type Aws, isDenied, nameOf } from './aws.ts';
import type { Check } from './check.ts';
import type { Facts } from './facts.ts';
import {
  fault,
  faultsOr,
  fine,
  inRegionOf,
  NotLookedAtError,
  needs,
  nothing,
  type Outcome,
} from './outcome.ts';
import { mayDo, statementsOf } from './policies.ts';

/** As in templates/ledger.yaml and templates/provider.yaml; a test holds that they agree. */
export const KEY = 'pk';
export const EXPIRY = 'expiresAt';
/** The calls of a provider to its ledger. */
const CALLS = ['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'ConditionCheckItem'].map(
  (call) => `dynamodb:${call}`,
);

export const ledgerChecks: Check[] = [
  {
    id: 'ledger-table',
    title: "The ledger's table exists and is active",
    reads: ['dynamodb:DescribeTable'],
    async look(facts) {
      const { table } = await facts.ledgerPlace();
      try {
        const { TableStatus } = await facts.table.orError();
        if (TableStatus === 'ACTIVE' || TableStatus === 'UPDATING') return fine(table);
        return fault(
          `The table ${table} is ${TableStatus}.`,
          'Enable its KMS key again, or restore the table from a backup under its name.',
        );
      } catch (error) {
        if (nameOf(error) !== 'ResourceNotFoundException') throw error;
        return fault(
          `There is no table ${table}. Every request fails before it writes anything.`,
          'Restore it from a backup under its name (docs/operations.md), or put the right ARN into LedgerTableArn. Never give the provider an empty table.',
        );
      }
    },
  },
  {
    id: 'ledger-keys',
    title: `The table has the key ${KEY} and no other`,
    reads: ['dynamodb:DescribeTable'],
    async look(facts) {
      const { KeySchema = [] } = await facts.table();
      const keys = KeySchema.map(({ AttributeName, KeyType }) => `${AttributeName} (${KeyType})`);
      if (keys.join() === `${KEY} (HASH)`) return fine();
      return fault(
        `The table has the key ${keys.join(', ')}: it is no ledger.`,
        'Put the ARN of the ledger into LedgerTableArn of the provider.',
      );
    },
  },
  {
    id: 'ledger-registration',
    title: 'The provider is registered in the ledger',
    reads: ['dynamodb:GetItem'],
    look: lookAtRegistration,
  },
  {
    id: 'ledger-organization',
    title: 'The ledger belongs to the organization of the OAuth client',
    reads: ['dynamodb:Scan', 'GET /api/v2/organizations/me'],
    look: lookAtOrganization,
  },
  {
    id: 'ledger-expiry',
    title: `DynamoDB drops items by the attribute ${EXPIRY}`,
    reads: ['dynamodb:DescribeTimeToLive'],
    look: lookAtExpiry,
  },
  {
    id: 'ledger-recovery',
    title: 'The table can be restored to a point in time',
    reads: ['dynamodb:DescribeContinuousBackups'],
    look: lookAtRecovery,
  },
  {
    id: 'ledger-protection',
    title: 'The table is protected from deletion',
    reads: ['dynamodb:DescribeTable'],
    async look(facts) {
      await assertLedger(facts);
      const { DeletionProtectionEnabled, TableName } = await facts.table();
      if (DeletionProtectionEnabled === true) return fine();
      return fault(
        'Anybody who may delete tables can delete the ledger.',
        `aws dynamodb update-table --table-name ${TableName} --deletion-protection-enabled ${inRegionOf(await arnOfTable(facts))}`,
      );
    },
  },
  {
    id: 'ledger-key',
    title: 'The key that encrypts the table is enabled',
    reads: ['dynamodb:DescribeTable', 'kms:DescribeKey'],
    look: lookAtKey,
  },
  {
    id: 'ledger-policy',
    title: 'The table admits every provider of another account that is registered in it',
    reads: ['dynamodb:Scan', 'dynamodb:GetResourcePolicy'],
    look: lookAtPolicy,
  },
  {
    id: 'other-ledgers',
    title: 'No other provider of this account and Region has another ledger for the organization',
    reads: ['cloudformation:ListExports', 'lambda:GetFunctionConfiguration', 'kms:Decrypt'],
    look: lookAtOthers,
  },
  {
    id: 'unfinished-requests',
    title: 'Every request that failed has taken its steps back',
    reads: ['dynamodb:Scan'],
    async look(facts) {
      const { unfinished } = await facts.ledger();
      return faultsOr(
        unfinished.map((attempt) =>
          fault(
            `The ${nameOfRequest(attempt)} did not succeed, and these of its steps are not undone: ${attempt.steps
              .filter(({ state }) => state !== 'undone')
              .map(({ kind, id = '' }) => `${kind} ${id}`.trim())
              .join(
                ', ',
              )}. The record never expires.${attempt.reason ? ` It failed because: ${attempt.reason}` : ''}`,
            'Deploy the stack again, or delete it. npx genesys-cloud-cfn drift shows what is left.',
          ),
        ),
      );
    },
  },
  {
    id: 'abandoned-requests',
    title: 'Every request that was begun is at work or at its end',
    reads: ['dynamodb:Scan'],
    async look(facts) {
      const { abandoned } = await facts.ledger();
      return faultsOr(
        abandoned.map((attempt) =>
          fault(
            `The ${nameOfRequest(attempt)} was begun, and its lease ended at ${new Date(attempt.lease.until).toISOString()} without an end. Its stack may wait for an answer.`,
            'Lambda repeats it within minutes. If the stack still waits, answer it by npx genesys-cloud-cfn unstick.',
          ),
        ),
      );
    },
  },
];

const nameOfRequest = ({ requestType, requestId, stackId, logicalId }: Attempt) =>
  `${requestType} ${requestId} of ${logicalId} in ${stackId.split('/')[1] ?? stackId}`;

/** @throws NotLookedAtError where the table is no ledger; a caller who may not describe it goes on */
async function assertLedger(facts: Facts): Promise<void> {
  const table = await facts.table().catch((error: unknown) => {
    if (error instanceof NotLookedAtError && error.because === 'permission') return undefined;
    throw error;
  });
  const isLedger = table?.KeySchema?.length === 1 && table.KeySchema[0]?.AttributeName === KEY;
  if (table !== undefined && !isLedger) throw new NotLookedAtError('other-fault', 'see ledger-keys');
}

/** The ARN of the table, also where it is named alone. */
async function arnOfTable(facts: Facts): Promise<string> {
  const { table, providerArn } = await facts.ledgerPlace();
  return tableArn(table, providerArn);
}

/** The ARN of a provider's table, which may be named alone. */
export function tableArn(table: string, providerArn: string): string {
  const [, partition, , region, account] = providerArn.split(':');
  return table.startsWith('arn:') ? table : `arn:${partition}:dynamodb:${region}:${account}:table/${table}`;
}

async function lookAtRegistration(facts: Facts) {
  await assertLedger(facts);
  const { table, providerArn, client } = await facts.ledgerPlace();
  const registration = new Registration(
    new Store(client, table, systemClock),
    table,
    providerArn,
    systemClock,
  );
  try {
    await registration.check();
    return fine();
  } catch (error) {
    if (isDenied(error)) throw needs('dynamodb:GetItem');
    if (!(error instanceof LedgerError) || error.cause !== undefined) throw error;
    return fault(
      error.message,
      'Put the ARN of the ledger that the provider had into LedgerTableArn, and deploy its stack.',
    );
  }
}

async function lookAtOrganization(facts: Facts) {
  await assertLedger(facts);
  const { objects } = await facts.ledger();
  const { id } = await facts.organization();
  if (objects.length === 0) return nothing('the ledger has no object yet');
  const others = [...new Set(objects.map(({ organization }) => organization))].filter((one) => one !== id);
  if (objects.some(({ organization }) => organization === id)) {
    return fine(
      others.length === 0 ? undefined : `it has objects of ${others.length} other organizations, too`,
    );
  }
  return fault(
    `The OAuth client belongs to the organization ${id}, and all ${objects.length} objects of the ledger are in ${others.join(', ')}.`,
    'Put a client of that organization into the OAuth secret. Another organization needs a provider with a ledger of its own.',
  );
}

async function lookAtExpiry(facts: Facts) {
  await assertLedger(facts);
  const { table, client } = await facts.ledgerPlace();
  const { TimeToLiveDescription: expiry } = await facts.aws.ask('dynamodb:DescribeTimeToLive', () =>
    client.send(new DescribeTimeToLiveCommand({ TableName: table })),
  );
  const isOn = /^ENABL(ED|ING)$/.test(expiry?.TimeToLiveStatus ?? '');
  if (isOn && expiry?.AttributeName === EXPIRY) return fine();
  return fault(
    isOn
      ? `Items expire by the attribute ${expiry?.AttributeName}, which none of them has.`
      : 'Items never expire, so the table grows without end.',
    `aws dynamodb update-time-to-live --table-name ${table} --time-to-live-specification Enabled=true,AttributeName=${EXPIRY} ${inRegionOf(await arnOfTable(facts))}`,
  );
}

async function lookAtRecovery(facts: Facts) {
  await assertLedger(facts);
  const { table, client } = await facts.ledgerPlace();
  const { ContinuousBackupsDescription: backups } = await facts.aws.ask(
    'dynamodb:DescribeContinuousBackups',
    () => client.send(new DescribeContinuousBackupsCommand({ TableName: table })),
  );
  if (backups?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus === 'ENABLED') return fine();
  return fault(
    'What happens to the ledger cannot be taken back.',
    `aws dynamodb update-continuous-backups --table-name ${table} --point-in-time-recovery-specification PointInTimeRecoveryEnabled=true ${inRegionOf(await arnOfTable(facts))}`,
  );
}

async function lookAtKey(facts: Facts) {
  await assertLedger(facts);
  const { SSEDescription: encryption } = await facts.table();
  const arn = encryption?.KMSMasterKeyArn;
  if (arn === undefined || !arn.includes(':key/')) return fine("AWS's own key");
  const { KeyMetadata: key } = await facts.aws.ask('kms:DescribeKey', () =>
    facts.aws.kms(arn).send(new DescribeKeyCommand({ KeyId: arn })),
  );
  if (key?.Enabled === true) return fine(arn);
  return fault(
    `The key ${arn} is ${key?.KeyState}. Within a week DynamoDB archives the table without it.`,
    `aws kms enable-key --key-id ${arn} ${inRegionOf(arn)} (after aws kms cancel-key-deletion where it is to be deleted)`,
  );
}

// ---- others

/** ARNs of the providers that are registered and have not moved. */
async function registered(facts: Facts): Promise<string[]> {
  const { table, client } = await facts.ledgerPlace();
  return facts.aws.ask('dynamodb:Scan', async () => {
    const found: string[] = [];
    const pages = paginateScan(
      { client },
      {
        TableName: table,
        FilterExpression: 'begins_with(pk, :provider)',
        ExpressionAttributeValues: { ':provider': { S: 'PROVIDER#' } },
      },
    );
    for await (const { Items = [] } of pages)
      for (const { body } of Items) {
        const { provider, movedTo } = JSON.parse(body?.S ?? '{}') as { provider?: string; movedTo?: string };
        if (provider !== undefined && movedTo === undefined) found.push(provider);
      }
    return found;
  });
}

async function lookAtPolicy(facts: Facts) {
  await assertLedger(facts);
  const TableArn = await arnOfTable(facts);
  const { client } = await facts.ledgerPlace();
  const owner = TableArn.split(':')[4];
  const others = (await registered(facts)).filter((arn) => arn.split(':')[4] !== owner);
  if (others.length === 0) return nothing('every registered provider is in the account of the table');
  const document = await facts.aws
    .ask('dynamodb:GetResourcePolicy', () =>
      client.send(new GetResourcePolicyCommand({ ResourceArn: TableArn })),
    )
    .then(
      ({ Policy = '{}' }) => Policy,
      (error: unknown) => {
        if (nameOf(error) === 'PolicyNotFoundException') return '{}';
        throw error;
      },
    );
  const statements = statementsOf(document);
  const refused = others.filter((arn) => {
    const account = arn.split(':')[4] ?? '';
    const ofAccount = statements
      .filter(({ accounts }) => accounts.some((one) => one === '*' || one.includes(account)))
      .map((statement) => ({ ...statement, condition: {} }));
    return CALLS.some((call) => mayDo(ofAccount, call, TableArn) === 'no');
  });
  return faultsOr(
    refused.map((arn) =>
      fault(
        `The provider ${arn} is registered, and the table's resource policy does not admit its account.`,
        `Add ${arn.split(':')[4]} to MemberAccountIds of the ledger's stack (templates/ledger.yaml).`,
      ),
    ),
    `${others.length} of other accounts`,
  );
}

async function lookAtOthers(facts: Facts) {
  const { settings, ledger } = await facts.settings();
  const tokens = [...(await facts.exports())]
    .filter(([name, value]) => name.endsWith('-ServiceToken') && value !== ledger.providerArn)
    .map(([, value]) => value);
  const secret = settings.oauthSecretArn;
  const own = await arnOfTable(facts);
  const faults: Outcome[] = [];
  for (const arn of tokens) {
    const { LEDGER_TABLE_NAME: table, GENESYS_OAUTH_SECRET_ARN: theirs } = await environmentOf(
      arn,
      facts.aws,
    );
    if (table === undefined || theirs !== secret || tableArn(table, arn) === own) continue;
    if (settings.otherLedgers) continue;
    faults.push(
      fault(
        `The provider ${arn} logs in with the same OAuth secret and has the ledger ${table}. Each may take over what a stack of the other owns.`,
        'Give both one ledger by make move-ledger, or set OtherLedgers=true on both.',
      ),
    );
  }
  return faultsOr(faults);
}

/**
 * The environment of another provider's function; nothing where the function is gone.
 * @throws NotLookedAtError where the caller may not read it
 */
export async function environmentOf(arn: string, aws: Aws): Promise<Record<string, string>> {
  try {
    const { Environment } = await aws.ask('lambda:GetFunctionConfiguration', () =>
      aws.lambda(arn).send(new GetFunctionConfigurationCommand({ FunctionName: arn })),
    );
    // Lambda names the error in place of the variables (EnvironmentResponse of its API).
    if (Environment?.Error !== undefined) throw needs(`kms:Decrypt for the environment of ${arn}`);
    return Environment?.Variables ?? {};
  } catch (error) {
    if (nameOf(error) === 'ResourceNotFoundException') return {};
    throw error;
  }
}
