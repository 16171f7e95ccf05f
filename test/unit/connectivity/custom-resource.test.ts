/** The check as a resource of a stack, under the driver that plays CloudFormation, in this process. */
import { loopbackCertificate } from '../../../local/cloudformation/certificate.ts';
import { InProcessInvoker } from '../../../local/cloudformation/in-process-invoker.ts';
import type { Invoker } from '../../../local/cloudformation/invoker.ts';
import { ResponseServer } from '../../../local/cloudformation/response-server.ts';
import {
  CloudFormation,
  type ReplacementRollback,
  type StackEvent,
} from '../../../local/cloudformation/stack.ts';
import { attributes } from '../../../provider/connectivity/custom-resource.ts';
import { type ConnectivityParts, createConnectivityCheck } from '../../../provider/connectivity.ts';
import { type Listener, nobody, tls } from './listeners.ts';

const certificate = loopbackCertificate(Date.now(), 90);
const quiet = { debug() {}, info() {}, warn() {}, error() {} };

let responses: ResponseServer;
let good: Listener;
let bad: number;
const cleanUps: (() => unknown)[] = [];
beforeEach(async () => {
  responses = await ResponseServer.start();
  good = await tls({ ...certificate });
  bad = await nobody();
});
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  await good.close();
  await responses.stop();
});

function driver(invoker: Invoker, replacementRollback?: ReplacementRollback): CloudFormation {
  const cloudFormation = new CloudFormation({
    invoker,
    responses,
    retryDelaysMs: [0, 0],
    ...(replacementRollback === undefined ? {} : { replacementRollback }),
  });
  cleanUps.push(() => invoker.stop());
  cleanUps.push(() => cloudFormation.stop());
  return cloudFormation;
}

const environment = () => ({
  ALLOW_LOOPBACK_RESPONSE_URL: 'true',
  CONNECTIVITY_HOSTS: `127.0.0.1:${good.port}`,
  CONNECTIVITY_STEP_SECONDS: '1.5',
});

const inProcess = (parts: ConnectivityParts = {}) =>
  new InProcessInvoker(
    createConnectivityCheck({
      environment: environment(),
      log: quiet,
      extraCa: [certificate.cert],
      ...parts,
    }),
    { timeoutMs: 20_000 },
  );

const stack = (Properties: Record<string, string | string[]> = {}, others: Record<string, object> = {}) => ({
  Resources: {
    Check: { Type: 'Custom::GenesysConnectivityCheck', Properties: { ServiceTimeout: '60', ...Properties } },
    ...others,
  },
  Outputs: {
    Ok: { Value: { 'Fn::GetAtt': ['Check', 'Ok'] } },
    Summary: { Value: { 'Fn::GetAtt': ['Check', 'Summary'] } },
  },
});

const reasonIn = (events: readonly StackEvent[]) =>
  events.find(({ ResourceStatus }) => ResourceStatus === 'CREATE_FAILED')?.ResourceStatusReason;

test('a way that works is a resource with attributes, checked again on each change, and goes without a trace', async () => {
  const cloudFormation = driver(inProcess());
  const created = await cloudFormation.createStack('s', stack());
  expect(created.status).toBe('CREATE_COMPLETE');
  expect(created.outputs).toEqual({
    Ok: 'true',
    Summary: `Reached 127.0.0.1:${good.port} by 127.0.0.1 with TLSv1.3.`,
  });
  expect(created.resources['Check']?.attributes).toEqual({
    ...created.outputs,
    Failures: '0',
    Warnings: '0',
    Findings: '',
    Milliseconds: expect.stringMatching(/^\d+$/),
  });
  expect((await cloudFormation.updateStack('s', stack({ RunId: '2' }))).status).toBe('UPDATE_COMPLETE');
  expect(good.connections()).toBe(2);
  expect((await cloudFormation.deleteStack('s')).status).toBe('DELETE_COMPLETE');
  expect(good.connections()).toBe(2);
  expect(cloudFormation.violations()).toEqual([]);
});

test('a way that does not work fails the stack with the first finding and what to do', async () => {
  const cloudFormation = driver(inProcess());
  const Hosts = [`127.0.0.1:${bad}`, `127.0.0.1:${good.port}`];
  const { status, events } = await cloudFormation.createStack('s', stack({ Hosts }));
  expect(status).toBe('ROLLBACK_COMPLETE');
  expect(reasonIn(events)).toContain(
    `Connectivity check failed: 127.0.0.1:${bad} (127.0.0.1): the connection was refused. The way is open, but nothing listens there`,
  );
  expect(cloudFormation.violations()).toEqual([]);
});

test('a way that does not work is only reported where it need not fail the stack', async () => {
  const cloudFormation = driver(inProcess());
  const { status, outputs } = await cloudFormation.createStack(
    's',
    stack({ Hosts: `127.0.0.1:${bad}`, FailStack: 'false' }),
  );
  expect(status).toBe('CREATE_COMPLETE');
  expect(outputs['Ok']).toBe('false');
  expect(outputs['Summary']).toMatch(/^127\.0\.0\.1:\d+ .*the connection was refused/);
  expect(cloudFormation.violations()).toEqual([]);
});

test.each([
  ['Hosts', { Hosts: 'api mypurecloud' }, /Hosts holds "api mypurecloud", which is no host name/],
  ['a name', { Host: 'api.mypurecloud.ie' }, /Host is unknown: did you mean Hosts\?/],
  ['a flag', { FailStack: 'yes' }, /FailStack must be true or false/],
] as const)('%s that is no good is refused with what is wrong', async (_what, properties, reason) => {
  const cloudFormation = driver(inProcess());
  const { events } = await cloudFormation.createStack('s', stack(properties));
  expect(reasonIn(events)).toMatch(reason);
  expect(cloudFormation.violations()).toEqual([]);
});

describe('a rollback is never held up by the network that broke', () => {
  const rollbacks: ReplacementRollback[] = [
    'update-back-then-delete-new',
    'update-old-then-delete-new',
    'delete-new-only',
    'update-back',
  ];

  test('after a check that failed itself', async () => {
    const cloudFormation = driver(inProcess());
    await cloudFormation.createStack('s', stack());
    await cloudFormation.updateStack('s', stack({ RunId: '2' }));
    await good.close();
    good = await tls({ ...certificate });
    const { status } = await cloudFormation.updateStack('s', stack({ RunId: '3' }));
    expect(status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(cloudFormation.violations()).toEqual([]);
  });

  test.each(rollbacks)('after a later resource failed (%s)', async (replacementRollback) => {
    const check = createConnectivityCheck({
      environment: environment(),
      log: quiet,
      extraCa: [certificate.cert],
    });
    // The network breaks between the Update of the check and that of the other resource, which depends on it.
    const handler: typeof check = async (event, context) => {
      if ((event as { LogicalResourceId?: string }).LogicalResourceId === 'Other') await good.close();
      return check(event, context);
    };
    const cloudFormation = driver(new InProcessInvoker(handler, { timeoutMs: 20_000 }), replacementRollback);
    await cloudFormation.createStack('s', stack());
    const other = { Type: 'Custom::Other', DependsOn: 'Check', Properties: { Hosts: `127.0.0.1:${bad}` } };
    const { status } = await cloudFormation.updateStack('s', stack({ RunId: '2' }, { Other: other }));
    expect(status).toBe('UPDATE_ROLLBACK_COMPLETE');
    good = await tls({ ...certificate });
    // The next request is checked strictly again.
    const next = await cloudFormation.updateStack('s', stack({ RunId: '3' }));
    expect(next.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect((await cloudFormation.deleteStack('s')).status).toBe('DELETE_COMPLETE');
    expect(cloudFormation.violations()).toEqual([]);
  });
});

test('attributes fit into an answer of 4,096 bytes, however much was found', () => {
  const finding = {
    code: 'tcp-timeout',
    severity: 'failure',
    host: `${'ä'.repeat(60)}.example.com:443`,
    addresses: ['10.0.0.1'],
    problem: 'no "connection" in 5 s',
    advice: 'Look.',
  } as const;
  const data = attributes({
    ok: false,
    summary: 'ö"\n'.repeat(900),
    failures: 20,
    warnings: 0,
    findings: new Array(60).fill(finding),
    hosts: [],
    ms: 5_000,
  });
  // The other fields of an answer may take 1 KB.
  expect(Buffer.byteLength(JSON.stringify(data))).toBeLessThan(3_072);
  expect(data['Summary']).toMatch(/…$/);
});

describe('a plain invocation', () => {
  const context = { awsRequestId: 'r', getRemainingTimeInMillis: () => 10_000 };

  test('returns the report, whatever was found', async () => {
    const handler = createConnectivityCheck({
      environment: { ...environment(), CONNECTIVITY_HOSTS: `127.0.0.1:${bad}` },
      log: quiet,
    });
    await expect(handler({}, context)).resolves.toMatchObject({
      ok: false,
      failures: 1,
      findings: [{ code: 'tcp-refused' }],
    });
  });

  test.each([
    ['CONNECTIVITY_HOSTS', ''],
    ['CONNECTIVITY_HOSTS', 'https://api.mypurecloud.ie'],
    ['CONNECTIVITY_HOSTS', 'api.mypurecloud.ie:99999'],
    ['CONNECTIVITY_EXPECT_PRIVATE', 'yes'],
    ['CONNECTIVITY_PRIVATE_RANGES', '10.0.0.0/33'],
    ['CONNECTIVITY_VPC_RESOLVERS', 'resolver'],
    ['CONNECTIVITY_STEP_SECONDS', '60'],
  ])('with %s = "%s" is refused and names the variable', async (name, value) => {
    const handler = createConnectivityCheck({ environment: { ...environment(), [name]: value }, log: quiet });
    await expect(handler({}, context)).rejects.toMatchObject({
      name: 'SettingsError',
      message: expect.stringContaining(name),
    });
  });

  test('ends in time for its report when the function is about to be killed', async () => {
    const handler = createConnectivityCheck({
      environment: { ...environment(), CONNECTIVITY_STEP_SECONDS: '10', CONNECTIVITY_HOSTS: 'api.test' },
      log: quiet,
      lookup: () => new Promise(() => {}),
    });
    const report = await handler({}, { ...context, getRemainingTimeInMillis: () => 2_200 });
    expect(report?.findings).toMatchObject([{ code: 'name-not-resolved' }]);
  });

  test('logs one line that the metric is made of, and one for each finding', async () => {
    const lines: [string, string, Record<string, unknown> | undefined][] = [];
    const keep = (level: string) => (message: string, facts?: Record<string, unknown>) => {
      lines.push([level, message, facts]);
    };
    const log = { debug: keep('debug'), info: keep('info'), warn: keep('warn'), error: keep('error') };
    await createConnectivityCheck({
      environment: { ...environment(), CONNECTIVITY_HOSTS: `127.0.0.1:${bad}` },
      log,
    })({}, context);
    expect(lines).toMatchObject([
      ['error', expect.stringContaining('the connection was refused'), { code: 'tcp-refused' }],
      ['info', 'connectivity checked', { ok: false, failures: 1, warnings: 0 }],
    ]);
  });
});
