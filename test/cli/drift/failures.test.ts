/** A look that cannot be taken ends with one line that says what to do, and with 2. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ACTION, action } from '../../../local/provider/stacks.ts';
import { inWorld, LEDGER, OAUTH_SECRET, only, type World } from '../../../local/provider/world.ts';
import { drift, findings, personOf } from './running.ts';

interface Failure {
  name: string;
  args?: string[];
  break(world: World): void;
  says: RegExp;
}

const failures: Failure[] = [
  {
    name: 'a provider that is not there, by its prefix',
    args: ['--export-prefix', 'nobody'],
    break: () => {},
    says: /^genesys-cloud-cfn: There is no export nobody-ServiceToken .*--region/,
  },
  {
    name: 'a provider that is not there, by the name of its stack',
    args: ['--stack-name', 'nobody'],
    break: () => {},
    says: /^genesys-cloud-cfn: There is no stack nobody .*--stack-name/,
  },
  {
    name: 'a stack that is no provider',
    args: ['--stack-name', 'stack'],
    break: () => {},
    says: /has no output ServiceToken/,
  },
  {
    name: 'CloudFormation may not be asked',
    break: ({ aws }) => aws.unreachable.add('cloudformation'),
    says: /^genesys-cloud-cfn: AWS refuses: AccessDenied/,
  },
  {
    name: "the function's environment may not be read",
    break: ({ aws }) => aws.unreachable.add('lambda'),
    says: /^genesys-cloud-cfn: AWS refuses: AccessDeniedException/,
  },
  {
    name: 'the ledger may not be read',
    break: ({ aws }) => aws.unreachable.add('DynamoDB'),
    says: new RegExp(`ledger, DynamoDB table ${LEDGER}.*AccessDeniedException`),
  },
  {
    name: 'the ledger does not know the provider',
    break: ({ aws }) => aws.empty(LEDGER),
    says: /not registered in the ledger/,
  },
  {
    name: 'the OAuth secret may not be read',
    break: ({ aws }) => {
      const secret = aws.secrets.get(OAUTH_SECRET);
      if (secret) aws.secrets.set(OAUTH_SECRET, { ...secret, refusal: 'AccessDeniedException' });
    },
    says: /The secret .* cannot be read: AccessDeniedException/,
  },
  {
    name: 'the OAuth secret is wrong',
    break: ({ aws, genesys }) => {
      const text = JSON.stringify({ client_id: genesys.clientId, client_secret: 'CANARY-wrong-secret' });
      aws.secrets.set(OAUTH_SECRET, { text });
    },
    says: /OAuth client/,
  },
  {
    name: 'a permission is missing',
    break: ({ genesys }) => {
      genesys.seed({
        clients: [{ id: genesys.clientId, secret: genesys.clientSecret, permissions: [] }],
      });
    },
    says: /integrations:action:view/,
  },
];

test.each(failures)('$name', async ({ args = [], break: fail, says }) => {
  await inWorld({}, async (world) => {
    await world.cloudFormation.createStack('stack', only(ACTION, action(world)));
    fail(world);
    const { code, out, problems } = await drift(world, ...args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(problems).toMatch(says);
    expect(problems.trimEnd()).not.toContain('\n');
    expect(problems).not.toContain('CANARY');
  });
});

test('an AWS that is not there', async () => {
  const env = {
    PATH: process.env['PATH'],
    ...personOf({ aws: { url: 'http://127.0.0.1:9' } as World['aws'] }),
  };
  const index = join(import.meta.dirname, '../../../cli/index.ts');
  // In the realm of a test the SDK does not know the errors of Node.
  const { code, stderr } = await promisify(execFile)(process.execPath, [index, 'drift'], { env }).then(
    ({ stderr }) => ({ code: 0, stderr }),
    ({ code, stderr }: { code: number; stderr: string }) => ({ code, stderr }),
  );
  expect(code).toBe(2);
  expect(stderr).toMatch(/^genesys-cloud-cfn: AWS cannot be reached .*\n$/);
});

test.each([
  [['--format', 'xml'], 'no format xml'],
  [['stack'], 'drift takes options only, and not stack'],
  [['--stack-name', 'a', '--export-prefix', 'b'], '--stack-name and --export-prefix'],
])('wrong arguments %j end with the usage', async (args, says) => {
  const { code, problems } = await drift({ aws: { url: 'http://127.0.0.1:9' } as World['aws'] }, ...args);
  expect(code).toBe(2);
  expect(problems).toContain(says);
  expect(problems).toContain('Usage: genesys-cloud-cfn drift');
});

test('Genesys Cloud that asks for slower calls is obeyed', () =>
  inWorld({}, async (world) => {
    await world.cloudFormation.createStack('stack', only(ACTION, action(world)));
    world.genesys.faults({
      match: { method: 'GET', path: '/api/v2/integrations/actions' },
      action: { status: 429, headers: { 'retry-after': '1' } },
    });
    expect(await findings(world)).toEqual([]);
    const statuses = world.genesys
      .calls()
      .filter(({ method, path }) => method === 'GET' && path === '/api/v2/integrations/actions')
      .map(({ status }) => status);
    expect(statuses.slice(-2)).toEqual([429, 200]);
  }));
