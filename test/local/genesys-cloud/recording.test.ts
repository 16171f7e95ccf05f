import { type GenesysCloudServer, startGenesysCloud } from '../../../local/genesys-cloud/index.ts';
import { type Caller, callerOf } from './support.ts';

// Without AWS: only what is said about the configuration itself. recording-keys-on-aws.test.ts has the keys.
let server: GenesysCloudServer;
let call: Caller;
beforeEach(async () => {
  server = await startGenesysCloud({ awsRegion: 'eu-west-1' });
  call = await callerOf(server);
});
afterEach(() => server.close());

const base = '/recording/keyconfigurations';
const alias = 'arn:aws:kms:eu-west-1:000000000000:alias/recordings';
const kms = (url: string) => ({ url, keyConfigurationType: 'KmsSymmetric' });

test('a configuration is listed, read and changed, and never deleted', async () => {
  expect((await call('GET', base)).body).toMatchObject({ total: 0, entities: [] });
  const { body: made } = await call('POST', base, kms(alias));
  expect(made.lastError).toBeUndefined();
  expect((await call('GET', base)).body).toMatchObject({ total: 1, entities: [{ id: made.id, url: alias }] });
  const native = await call('PUT', `${base}/${made.id}`, { url: alias, keyConfigurationType: 'Native' });
  expect(native.body).toMatchObject({ id: made.id, keyConfigurationType: 'Native' });
  expect((await call('DELETE', `${base}/${made.id}`)).status).toBe(405);
  expect((await call('PUT', `${base}/none`, kms(alias))).status).toBe(404);
});

test.each([
  ['a key id', 'arn:aws:kms:eu-west-1:000000000000:key/1', /not the ARN of a KMS alias/],
  ['an alias without account', 'alias/recordings', /not the ARN of a KMS alias/],
  ['an alias of another region', alias.replace('eu-west-1', 'us-east-1'), /must be in eu-west-1/],
])('%s is refused by validate and saved with lastError', async (_, url, reason) => {
  const validated = await call('POST', `${base}/validate`, kms(url));
  expect(validated.status).toBe(400);
  expect(validated.body.message).toMatch(reason);
  expect((await call('GET', base)).body.total).toBe(0);
  const saved = await call('POST', base, kms(url));
  expect(saved.status).toBe(200);
  expect(saved.body.lastError.message).toMatch(reason);
});

test('a configuration for conversations is its own, and an alias of another region gets lastError', async () => {
  const url = alias.replace('eu-west-1', 'us-east-1');
  const saved = await call('POST', '/conversations/keyconfigurations', kms(url));
  expect(saved.status).toBe(200);
  expect(saved.body.lastError.message).toMatch(/must be in eu-west-1/);
  expect((await call('GET', base)).body.total).toBe(0);
  const local = { url: 'https://keys.example.com', keyConfigurationType: 'LocalKeyManager' };
  expect((await call('POST', '/conversations/keyconfigurations', local)).status).toBe(400);
});

test.each([
  ['add', 2],
  ['replace', 1],
] as const)('a second configuration: %s', async (secondKeyConfiguration, total) => {
  server.settings({ behaviour: { secondKeyConfiguration } });
  await call('POST', base, kms(alias));
  await call('POST', base, kms(`${alias}-2`));
  const { body } = await call('GET', base);
  expect(body.total).toBe(total);
  expect(body.entities.at(-1).url).toBe(`${alias}-2`);
});

test('a local key manager needs its id and key, and both are echoed', async () => {
  const manager = { url: 'https://keys.example.com', keyConfigurationType: 'LocalKeyManager' };
  expect((await call('POST', `${base}/validate`, manager)).body.message).toMatch(/apiId and apiKey/);
  const { body } = await call('POST', base, { ...manager, apiId: 'i', apiKey: 'k' });
  expect(body).toMatchObject({ apiId: 'i', apiKey: 'k' });
  expect(JSON.stringify(server.state())).not.toContain('"apiKey":"k"');
});

test('a recording key is made under the configuration in force, newest first in the list', async () => {
  const native = await call('POST', '/recording/recordingkeys');
  expect(native.body.keyConfigurationType).toBe('Native');
  await call('POST', base, kms(alias));
  expect((await call('GET', '/recording/recordingkeys')).body.total).toBe(1);
  const key = await call('POST', '/recording/recordingkeys');
  expect(key.body.keyConfigurationType).toBe('KmsSymmetric');
  const { entities } = (await call('GET', '/recording/recordingkeys')).body;
  expect(entities.map(({ id }: { id: string }) => id)).toEqual([key.body.id, native.body.id]);
});

test('saving makes a recording key where that is the behaviour', async () => {
  server.settings({ behaviour: { recordingKeyOnSave: true } });
  await call('POST', base, kms(alias));
  expect((await call('GET', '/recording/recordingkeys')).body.entities).toMatchObject([
    { keyConfigurationType: 'KmsSymmetric' },
  ]);
});

test('the rotation schedule is kept', async () => {
  const path = '/recording/recordingkeys/rotationschedule';
  expect((await call('GET', path)).body.period).toBe('DISABLED');
  expect((await call('PUT', path, { period: 'MONTHLY' })).body.period).toBe('MONTHLY');
  expect((await call('GET', path)).body.period).toBe('MONTHLY');
});
