/** Worlds in which the ledger has a fault. */
import {
  CreateTableCommand,
  DeleteItemCommand,
  DeleteTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateContinuousBackupsCommand,
  UpdateTableCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import { CreateKeyCommand, DisableKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import type { Broken } from './broken.ts';
import { LEDGER, withItem, withVariables } from './by-hand.ts';
import type { DoctorWorld } from './world.ts';

const TableName = LEDGER;
const PROVIDER_ARN = 'arn:aws:lambda:us-east-1:000000000000:function:genesys-cloud-provider';
const dynamoOf = (world: DoctorWorld) => new DynamoDBClient(world.administrator);

const STACK = 'arn:aws:cloudformation:us-east-1:000000000000:stack/orders/1';

const attempt = (changes: object) => ({
  stackId: STACK,
  logicalId: 'Action',
  attemptId: 'r1/0123456789abcdef',
  requestId: 'r1',
  requestType: 'Create',
  resourceType: 'Custom::GenesysDataAction',
  content: 'c',
  lease: { holder: 'nobody', until: Date.now() - 60_000 },
  steps: [],
  ...changes,
});

export const brokenLedger: Broken[] = [
  {
    name: 'a table that is not there',
    id: 'ledger-table',
    says: /no table no-such-ledger/,
    fix: /Restore it from a backup/,
    break: (world) => withVariables(world, { LEDGER_TABLE_NAME: 'no-such-ledger' }),
  },
  {
    name: 'a table of somebody else',
    id: 'ledger-keys',
    says: /has the key id \(HASH\): it is no ledger/,
    fix: /LedgerTableArn/,
    async break(world) {
      await dynamoOf(world).send(
        new CreateTableCommand({
          TableName: 'somebody-elses',
          BillingMode: 'PAY_PER_REQUEST',
          AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
          KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        }),
      );
      const back = await withVariables(world, { LEDGER_TABLE_NAME: 'somebody-elses' });
      return async () => {
        await back();
        await dynamoOf(world).send(new DeleteTableCommand({ TableName: 'somebody-elses' }));
      };
    },
  },
  {
    name: 'a ledger that does not know the provider',
    id: 'ledger-registration',
    says: /not registered in the ledger/,
    fix: /LedgerTableArn/,
    async break(world) {
      const Key = { pk: { S: `PROVIDER#${PROVIDER_ARN}` } };
      const { Item } = await dynamoOf(world).send(new GetItemCommand({ TableName, Key }));
      await dynamoOf(world).send(new DeleteItemCommand({ TableName, Key }));
      return () => dynamoOf(world).send(new PutItemCommand({ TableName, Item }));
    },
  },
  {
    name: 'items that never expire',
    id: 'ledger-expiry',
    says: /never expire/,
    fix: /update-time-to-live .*AttributeName=expiresAt --region us-east-1/,
    async break(world) {
      const set = (Enabled: boolean) =>
        dynamoOf(world).send(
          new UpdateTimeToLiveCommand({
            TableName,
            TimeToLiveSpecification: { Enabled, AttributeName: 'expiresAt' },
          }),
        );
      await set(false);
      return () => set(true);
    },
  },
  {
    name: 'an expiry by another attribute',
    id: 'ledger-expiry',
    says: /by the attribute ttl, which none of them has/,
    fix: /AttributeName=expiresAt/,
    async break(world) {
      const set = (AttributeName: string) =>
        dynamoOf(world).send(
          new UpdateTimeToLiveCommand({
            TableName,
            TimeToLiveSpecification: { Enabled: true, AttributeName },
          }),
        );
      await set('ttl');
      return () => set('expiresAt');
    },
  },
  {
    name: 'no point-in-time recovery',
    id: 'ledger-recovery',
    says: /cannot be taken back/,
    fix: /PointInTimeRecoveryEnabled=true --region us-east-1/,
    async break(world) {
      const set = (PointInTimeRecoveryEnabled: boolean) =>
        dynamoOf(world).send(
          new UpdateContinuousBackupsCommand({
            TableName,
            PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled },
          }),
        );
      await set(false);
      return () => set(true);
    },
  },
  {
    name: 'no protection from deletion',
    id: 'ledger-protection',
    says: /can delete the ledger/,
    fix: /--deletion-protection-enabled --region us-east-1/,
    async break(world) {
      const set = (DeletionProtectionEnabled: boolean) =>
        dynamoOf(world).send(new UpdateTableCommand({ TableName, DeletionProtectionEnabled }));
      await set(false);
      return () => set(true);
    },
  },
  {
    name: 'a key of the table that is disabled',
    id: 'ledger-key',
    says: /The key arn:aws:kms:.* is Disabled/,
    fix: /enable-key --key-id arn:.* --region us-east-1/,
    async break(world) {
      const kms = new KMSClient(world.administrator);
      const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
      const KMSMasterKeyId = KeyMetadata?.Arn ?? '';
      const set = (SSESpecification: object) =>
        dynamoOf(world).send(new UpdateTableCommand({ TableName, SSESpecification }));
      await set({ Enabled: true, SSEType: 'KMS', KMSMasterKeyId });
      await kms.send(new DisableKeyCommand({ KeyId: KMSMasterKeyId }));
      return () => set({ Enabled: true, SSEType: 'KMS' });
    },
  },
  {
    name: 'a provider of another account that the table does not admit',
    id: 'ledger-policy',
    says: /arn:aws:lambda:us-east-1:444455556666:function:genesys-cloud-provider is registered/,
    fix: /Add 444455556666 to MemberAccountIds/,
    break(world) {
      const provider = PROVIDER_ARN.replace('000000000000', '444455556666');
      return withItem(world, LEDGER, `PROVIDER#${provider}`, { provider, at: 0, by: 'installation' });
    },
  },
  {
    name: 'a second provider with a ledger of its own',
    id: 'other-ledgers',
    says: /function:second-provider .* has the ledger second-ledger/,
    fix: /move-ledger, or set OtherLedgers=true/,
    async break(world) {
      await world.deployProvider({ ExportPrefix: 'second' }, 'second');
      return () => world.remove('second');
    },
  },
  {
    name: 'a request whose undo failed',
    id: 'unfinished-requests',
    says: /The Create r1 of Action in orders did not succeed.*action custom_-_1.*It failed because: a reason/,
    fix: /Deploy the stack again, or delete it/,
    break: (world) =>
      withItem(
        world,
        LEDGER,
        `ATTEMPT#${STACK}#r1/0123456789abcdef`,
        attempt({
          state: 'failed',
          reason: 'a reason',
          steps: [{ kind: 'action', id: 'custom_-_1', state: 'made', marker: {} }],
        }),
      ),
  },
  {
    name: 'a request whose invocation has died',
    id: 'abandoned-requests',
    says: /its lease ended at 20.* without an end/,
    fix: /genesys-cloud-cfn unstick/,
    break: (world) =>
      withItem(world, LEDGER, `ATTEMPT#${STACK}#r1/0123456789abcdef`, attempt({ state: 'running' })),
  },
];
