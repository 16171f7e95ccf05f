/** A provider uses no table that does not know it; over MiniStack's DynamoDB, with tables of every kind. */
import { CreateTableCommand, DynamoDBClient, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { type MiniStack, startMiniStack } from '../../local/aws/ministack.ts';
import { RegisteredStore, Registration, Store } from '../../provider/ledger/index.ts';
import { registrationKey } from '../../provider/ledger/registration.ts';
import { FakeClock } from '../support/fake-clock.ts';

const PROVIDER = 'arn:aws:lambda:us-east-1:000000000000:function:genesys-cloud-provider';
const clock = new FakeClock();
let ministack: MiniStack;
let dynamo: DynamoDBClient;

beforeAll(async () => {
  ministack = await startMiniStack();
  dynamo = new DynamoDBClient({
    endpoint: ministack.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
});
afterAll(async () => {
  dynamo.destroy();
  await ministack.stop();
});

type KeyType = 'S' | 'N';
/** Makes a table of these keys, the partition key first. */
async function table(name: string, keys: Record<string, KeyType> = { pk: 'S' }): Promise<string> {
  const names = Object.entries(keys);
  await dynamo.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: names.map(([AttributeName, AttributeType]) => ({ AttributeName, AttributeType })),
      KeySchema: names.map(([AttributeName], index) => ({
        AttributeName,
        KeyType: index === 0 ? 'HASH' : 'RANGE',
      })),
    }),
  );
  return name;
}
const registrationIn = (name: string) =>
  new Registration(new Store(dynamo, name, clock), name, PROVIDER, clock);
const storeIn = (name: string) => new RegisteredStore(dynamo, name, clock, registrationIn(name));
const items = async (name: string) => (await dynamo.send(new ScanCommand({ TableName: name }))).Items ?? [];
const change = [{ key: 'ATTEMPT#1', body: {}, read: undefined }] as [
  { key: string; body: object; read: undefined },
];

test('a table that does not know the provider is neither read nor written', async () => {
  const name = await table('unknown');
  const store = storeIn(name);
  await expect(store.read('ATTEMPT#1')).rejects.toThrow(/not registered in the ledger unknown/);
  await expect(store.commit(change)).rejects.toThrow('make move-ledger');
  expect(await items(name)).toEqual([]);
});

test('the registration of another provider does not help', async () => {
  const name = await table('anothers');
  const store = new Store(dynamo, name, clock);
  await new Registration(store, name, `${PROVIDER}-2`, clock).register();
  await expect(storeIn(name).read('ATTEMPT#1')).rejects.toThrow('not registered');
});

test('a registered provider uses the table, and looks once', async () => {
  const name = await table('known');
  await registrationIn(name).register();
  const store = storeIn(name);
  await store.commit(change);
  expect(await store.read('ATTEMPT#1')).toMatchObject({ revision: 1 });
  // A move that writes while this container lives does not stop it. The move replaces its configuration.
  await dynamo.send(
    new PutItemCommand({
      TableName: name,
      Item: { pk: { S: registrationKey(PROVIDER) }, body: { S: '{}' } },
    }),
  );
  expect(await store.read('ATTEMPT#1')).toBeDefined();
});

test('a failed look is repeated by the next request', async () => {
  const name = await table('later');
  const store = storeIn(name);
  await expect(store.read('ATTEMPT#1')).rejects.toThrow('not registered');
  await registrationIn(name).register();
  expect(await store.read('ATTEMPT#1')).toBeUndefined();
});

test('twins register once, and a repeat changes nothing', async () => {
  const name = await table('twins');
  await Promise.all([registrationIn(name).register(), registrationIn(name).register()]);
  const before = await items(name);
  expect(before).toHaveLength(1);
  await registrationIn(name).register();
  expect(await items(name)).toEqual(before);
});

test('a table that the records moved away from is out of use, and says where they are', async () => {
  const name = await table('former');
  const movedTo = 'arn:aws:dynamodb:eu-west-1:111122223333:table/home';
  const body = { provider: PROVIDER, at: 0, by: 'installation', movedTo };
  await new Store(dynamo, name, clock).commit([{ key: registrationKey(PROVIDER), body, read: undefined }]);
  await expect(storeIn(name).read('ATTEMPT#1')).rejects.toThrow(movedTo);
  await expect(registrationIn(name).register()).rejects.toThrow(movedTo);
});

test.each<[string, Record<string, KeyType> | undefined, RegExp]>([
  ['no table', undefined, /ResourceNotFoundException/],
  ['a table with another key', { id: 'S' }, /ValidationException/],
  ['a table with a sort key', { pk: 'S', sk: 'S' }, /ValidationException/],
  ['a table with numbers for keys', { pk: 'N' }, /ValidationException/],
])('%s is refused with the words of DynamoDB', async (what, keys, reason) => {
  const name = what.replaceAll(' ', '-');
  if (keys !== undefined) await table(name, keys);
  for (const begin of [() => storeIn(name).commit(change), () => registrationIn(name).register()]) {
    const use = begin();
    await expect(use).rejects.toThrow(reason);
    await expect(use).rejects.toThrow(`The provider's ledger, DynamoDB table ${name}, cannot be used`);
  }
  if (keys !== undefined) expect(await items(name)).toEqual([]);
});
