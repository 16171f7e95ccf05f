import { LocalAws } from '../../../local/aws/in-process.ts';
import { awsServices } from '../../../provider/runtime/aws-services.ts';
import { seal, unseal } from '../../../provider/runtime/sealing.ts';

const text = JSON.stringify({ headers: { 'x-api-key': 'CANARY' }, template: '{"ä": "𝄞"}'.repeat(1000) });
const secret = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:/genesys/sealing/genesys-cloud/1-AbCdEf';
const kmsKey = 'arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555';
const of = { organization: 'org-1', object: 'data action#a1' };
const deadline = { signal: AbortSignal.timeout(60_000) };
const ways = { secret: { sealingSecretArn: secret }, 'KMS key': { sealingKmsKeyArn: kmsKey } } as const;
type Way = keyof typeof ways;

let local: LocalAws;
let aws: ReturnType<typeof awsServices>;

beforeAll(async () => {
  local = await LocalAws.start();
  local.secrets.set(secret, { text: 'CANARY-sealing-secret' });
  local.keys.set('alias', { arn: kmsKey });
  process.env['AWS_ACCESS_KEY_ID'] = 'test';
  process.env['AWS_SECRET_ACCESS_KEY'] = 'test';
  aws = awsServices({ endpoint: local.url });
});
afterAll(() => local.stop());

const sealBy = (way: Way, owner = of) => seal({ settings: ways[way], aws }, text, owner, deadline);
const open = (sealed: string, owner = of) => unseal({ aws }, sealed, owner, deadline);

describe.each(Object.keys(ways) as Way[])('what was sealed by the %s', (way) => {
  test('is opened for its object, and is as it was', async () => {
    expect(await open(await sealBy(way))).toBe(text);
  });

  test('shows nothing of the text or the key, is smaller, and is another one each time', async () => {
    const sealed = await sealBy(way);
    const all = [sealed, ...(Object.values(JSON.parse(sealed)) as string[])];
    const seen = all.map((part) => part + Buffer.from(part, 'base64').toString('latin1')).join('');
    expect(seen).not.toContain('CANARY');
    expect(sealed.length).toBeLessThan(text.length);
    expect(await sealBy(way)).not.toBe(sealed);
  });

  test('is opened whatever the settings have become: it names its key', async () => {
    const before = await sealBy(way);
    // The settings are no argument of opening; this seals by the other key meanwhile.
    await sealBy(way === 'secret' ? 'KMS key' : 'secret');
    expect(await open(before)).toBe(text);
  });

  test.each([
    ['another object', { ...of, object: 'data action#a2' }],
    ['another organization', { ...of, organization: 'org-2' }],
  ])('is not opened for %s', async (_what, owner) => {
    const sealed = await sealBy(way);
    const opened = await open(sealed, owner).catch((error: Error) => error.message);
    // KMS refuses another context itself.
    if (way === 'secret') expect(opened).toBeUndefined();
    else expect(opened).toContain('cannot be used');
  });

  test.each([
    ['changed', (part: string) => `${part[0] === 'A' ? 'B' : 'A'}${part.slice(1)}`],
    ['cut off', (part: string) => part.slice(0, 40)],
    ['empty', () => ''],
  ])('is not opened when its text is %s', async (_what, change) => {
    const sealed = JSON.parse(await sealBy(way)) as { text: string };
    expect(await open(JSON.stringify({ ...sealed, text: change(sealed.text) }))).toBeUndefined();
  });

  test('fails with the name of the key while the key cannot be used', async () => {
    const sealed = await sealBy(way);
    const service = way === 'secret' ? 'secretsmanager' : 'TrentService';
    local.unreachable.add(service);
    try {
      await expect(sealBy(way)).rejects.toThrow(way === 'secret' ? secret : kmsKey);
      await expect(open(sealed)).rejects.toThrow(way === 'secret' ? secret : kmsKey);
    } finally {
      local.unreachable.delete(service);
    }
  });
});

test('another value of the secret does not open it', async () => {
  const sealed = await sealBy('secret');
  local.secrets.set(secret, { text: 'another' });
  expect(await open(sealed)).toBeUndefined();
  local.secrets.set(secret, { text: 'CANARY-sealing-secret' });
});

test.each(['', 'no JSON', '[]', '{"text":"AAAA"}', 'null'])('%j is nothing sealed', async (sealed) => {
  expect(await open(sealed)).toBeUndefined();
});

test('a text that names a secret of another purpose reads no secret', async () => {
  const read = local.secretsRead.length;
  const oauth = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:/genesys/oauth/credentials-AbCdEf';
  expect(await open(JSON.stringify({ secret: oauth, text: 'AAAA' }))).toBeUndefined();
  expect(local.secretsRead.length).toBe(read);
});

test('without a key the settings are named', async () => {
  await expect(seal({ settings: {}, aws }, text, of, deadline)).rejects.toThrow('SEALING_SECRET_ARN');
});
