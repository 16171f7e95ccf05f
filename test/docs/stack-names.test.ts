/** The examples of docs/reuse.md, one for AllowedStacks and one for a secret's tag, admit the same stacks. */
import { LocalAws } from '../../local/aws/in-process.ts';
import { refuseUntagged } from '../../provider/resources/secret-tag.ts';
import { awsServices } from '../../provider/runtime/aws-services.ts';
import { stackAllowed } from '../../provider/runtime/settings.ts';
import { readPage, section } from './markdown.ts';

const page = section(await readPage('docs/reuse.md'), '## Names of stacks in AllowedStacks and in tags');
const row = (name: string) =>
  new RegExp(`^\\| ${name} \\| \`(.+)\` \\| \`(.+)\` \\|$`, 'm').exec(page)?.slice(1, 3) ?? [];

const idOf = (name: string, account = '444455556666') =>
  `arn:aws:cloudformation:eu-west-1:${account}:stack/${name}/5f3c2b10-0000-4000-8000-000000000000`;
const admitted = [idOf('orders'), idOf('orders-eu')];
const refused = [idOf('sales'), idOf('my-orders'), idOf('sales-orders')];

const SECRET = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:/genesys/credentials/orders-AbCdEf';

let aws: LocalAws;
beforeAll(async () => {
  aws = await LocalAws.start();
});
afterAll(() => aws.stop());

/** A stack asks the provider of the account that the examples are about. */
const asking = (stackId: string) => ({ stackId, ownAccount: '444455556666' });

/** Whether a stack may use a secret with this tag. */
async function taggedFor(tag: string | undefined, stackId: string): Promise<boolean> {
  aws.secrets.set(SECRET, {
    text: '{}',
    ...(tag === undefined ? {} : { tags: { 'genesys-cloud-cfn:stacks': tag } }),
  });
  const client = { endpoint: aws.url, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
  const services = awsServices(client);
  const deadline = { signal: AbortSignal.timeout(10_000) };
  return refuseUntagged(SECRET, asking(stackId), { aws: services, deadline }).then(
    () => true,
    () => false,
  );
}

const listed = (text: string) => ({ allowedStacks: text === '' ? [] : text.split(',') });

test.each(['by name', 'by account and name', 'by id'])('%s', async (name) => {
  const [parameter = '', tag = ''] = row(name);
  for (const [stacks, expected] of [
    [admitted, true],
    [refused, false],
  ] as const) {
    for (const stackId of stacks) {
      expect({ stackId, allowed: stackAllowed(listed(parameter), asking(stackId)) }).toEqual({
        stackId,
        allowed: expected,
      });
      expect({ stackId, tagged: await taggedFor(tag, stackId) }).toEqual({ stackId, tagged: expected });
    }
  }
});

test.each(['by name', 'by account and name', 'by id'])(
  '%s: a stack of another account that has the name is not admitted',
  async (name) => {
    const [parameter = '', tag = ''] = row(name);
    const other = idOf('orders', '111122223333');
    expect(stackAllowed(listed(parameter), asking(other))).toBe(false);
    expect(await taggedFor(tag, other)).toBe(false);
  },
);

test('empty: every stack by the parameter, none by the tag', async () => {
  expect(page).toMatch(/^\| empty or missing \| every stack is admitted \| no stack is admitted \|$/m);
  expect(stackAllowed(listed(''), asking(idOf('orders')))).toBe(true);
  expect(await taggedFor('', idOf('orders'))).toBe(false);
  expect(await taggedFor(undefined, idOf('orders'))).toBe(false);
});
