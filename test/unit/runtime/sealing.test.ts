import { LocalAws } from '../../../local/aws/in-process.ts';
import { awsServices } from '../../../provider/runtime/aws-services.ts';
import { seal, unseal } from '../../../provider/runtime/sealing.ts';

const text = JSON.stringify({ headers: { 'x-api-key': 'CANARY' }, template: '{"ä": "𝄞"}'.repeat(1000) });
const secretOf = (stack: string) =>
  `arn:aws:secretsmanager:eu-west-1:123456789012:secret:/genesys/sealing/genesys-cloud/${stack}-AbCdEf`;
const secret = secretOf('1');
const of = { organization: 'org-1', object: 'data action#a1' };
const deadline = { signal: AbortSignal.timeout(60_000) };

let local: LocalAws;
let aws: ReturnType<typeof awsServices>;

beforeAll(async () => {
  local = await LocalAws.start();
  local.secrets.set(secret, { text: 'CANARY-sealing-secret' });
  local.secrets.set(secretOf('2'), { text: 'CANARY-of-a-later-stack' });
  process.env['AWS_ACCESS_KEY_ID'] = 'test';
  process.env['AWS_SECRET_ACCESS_KEY'] = 'test';
  aws = awsServices({ endpoint: local.url });
});
afterAll(() => local.stop());

const sealed = (by = secret) => seal({ settings: { sealingSecretArn: by }, aws }, text, of, deadline);
const open = (it: string, owner = of) => unseal({ aws }, it, owner, deadline);

test('a sealed text is opened for its object, and is as it was', async () => {
  expect(await open(await sealed())).toBe(text);
});

test('a sealed text shows nothing of the text or the key, is smaller, and is another one each time', async () => {
  const once = await sealed();
  const all = [once, ...(Object.values(JSON.parse(once)) as string[])];
  const seen = all.map((part) => part + Buffer.from(part, 'base64').toString('latin1')).join('');
  expect(seen).not.toContain('CANARY');
  expect(once.length).toBeLessThan(text.length);
  expect(await sealed()).not.toBe(once);
});

test('a sealed text names its secret, so a later stack with another secret opens it', async () => {
  const before = await sealed();
  expect(await open(await sealed(secretOf('2')))).toBe(text);
  expect(await open(before)).toBe(text);
});

test.each([
  ['another object', { ...of, object: 'data action#a2' }],
  ['another organization', { ...of, organization: 'org-2' }],
])('a sealed text is not opened for %s', async (_what, owner) => {
  expect(await open(await sealed(), owner)).toBeUndefined();
});

test.each([
  ['changed', (part: string) => `${part[0] === 'A' ? 'B' : 'A'}${part.slice(1)}`],
  ['cut off', (part: string) => part.slice(0, 40)],
  ['empty', () => ''],
])('a sealed text is not opened when its text is %s', async (_what, change) => {
  const it = JSON.parse(await sealed()) as { text: string };
  expect(await open(JSON.stringify({ ...it, text: change(it.text) }))).toBeUndefined();
});

test('sealing and opening fail with the name of the secret while it cannot be read', async () => {
  const before = await sealed();
  local.unreachable.add('secretsmanager');
  try {
    await expect(sealed()).rejects.toThrow(secret);
    await expect(open(before)).rejects.toThrow(secret);
  } finally {
    local.unreachable.delete('secretsmanager');
  }
});

test('another value of the secret does not open a sealed text', async () => {
  const before = await sealed();
  local.secrets.set(secret, { text: 'another' });
  expect(await open(before)).toBeUndefined();
  local.secrets.set(secret, { text: 'CANARY-sealing-secret' });
});

test.each(['', 'no JSON', '[]', '{"text":"AAAA"}', 'null'])('%j is nothing sealed', async (it) => {
  expect(await open(it)).toBeUndefined();
});

test('a text that names a secret of another purpose reads no secret', async () => {
  const read = local.secretsRead.length;
  const oauth = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:/genesys/oauth/credentials-AbCdEf';
  expect(await open(JSON.stringify({ secret: oauth, text: 'AAAA' }))).toBeUndefined();
  expect(local.secretsRead.length).toBe(read);
});

test('without a secret the setting is named', async () => {
  await expect(seal({ settings: {}, aws }, text, of, deadline)).rejects.toThrow('SEALING_SECRET_ARN');
});
