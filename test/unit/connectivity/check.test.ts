import type { Socket } from 'node:net';
import { systemClock } from '../../../common/clock.ts';
import { loopbackCertificate } from '../../../local/cloudformation/certificate.ts';
import { type CheckOptions, check, type Report } from '../../../provider/connectivity/check.ts';
import { readCheckPlan } from '../../../provider/connectivity/plan.ts';
import { type Listener, nobody, silence, tcp, tls } from './listeners.ts';
import { type NameServer, nameServer, type Records } from './name-server.ts';

const certificate = loopbackCertificate(Date.now(), 90);
const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()));
});

async function started<T extends Listener | NameServer>(starting: Promise<T>): Promise<T> {
  const listener = await starting;
  open.push(listener);
  return listener;
}

/** Runs the check as the function does. Without another setting the VPC's resolver stays silent. */
async function run(
  hosts: string,
  { environment = {}, ...options }: Partial<CheckOptions> & { environment?: Record<string, string> } = {},
): Promise<Report> {
  const plan = readCheckPlan({
    CONNECTIVITY_HOSTS: hosts,
    CONNECTIVITY_STEP_SECONDS: '1.5',
    CONNECTIVITY_VPC_RESOLVERS: `127.0.0.1:${await nobody()}`,
    ...environment,
  });
  return check(plan, {
    clock: systemClock,
    signal: new AbortController().signal,
    extraCa: [certificate.cert],
    ...options,
  });
}

/** A short time limit for targets that stay silent, where nothing has to succeed in time. */
const shortSteps = { CONNECTIVITY_STEP_SECONDS: '0.3' };

const codes = (report: Report) => report.findings.map(({ code, severity }) => `${severity} ${code}`);
const only = (report: Report) => {
  expect(report.findings).toHaveLength(1);
  expect(report.ok).toBe(false);
  const [finding] = report.findings;
  if (finding === undefined) throw new Error('unreachable');
  return finding;
};

describe('a way that works', () => {
  test('is reported with addresses, TLS version, certificate and the time of each step', async () => {
    const server = await started(tls({ ...certificate }));
    const report = await run(`localhost:${server.port}`);
    expect(codes(report)).toEqual([]);
    expect(report).toMatchObject({ ok: true, failures: 0, warnings: 0, ms: expect.any(Number) });
    expect(report.summary).toMatch(`Reached localhost:${server.port} by 127.0.0.1 with TLSv1.3.`);
    const [host] = report.hosts;
    expect(host?.resolution).toMatchObject({ ms: expect.any(Number) });
    expect(host?.resolution.addresses).toContainEqual({ address: '127.0.0.1', scope: 'private' });
    expect(host?.connections.find(({ address }) => address === '127.0.0.1')).toEqual({
      address: '127.0.0.1',
      tcp: { ms: expect.any(Number) },
      tls: { ms: expect.any(Number), version: 'TLSv1.3', cipher: expect.stringMatching(/^TLS_/) },
      certificate: {
        subject: 'CN=test of custom resources',
        issuer: 'CN=test of custom resources',
        names: 'DNS:localhost, IP Address:127.0.0.1',
        validTo: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
        daysLeft: 89,
        validForName: true,
      },
    });
  });

  test('with TLS 1.2 alone is right too', async () => {
    const server = await started(tls({ ...certificate, maxVersion: 'TLSv1.2' }));
    const report = await run(`127.0.0.1:${server.port}`);
    expect(codes(report)).toEqual([]);
    expect(report.hosts[0]?.connections[0]?.tls?.version).toBe('TLSv1.2');
  });

  test('is closed after the handshake: no request is sent', async () => {
    const { promise: received, resolve } = Promise.withResolvers<number>();
    const server = await started(
      tls({ ...certificate }, (socket) => {
        let bytes = 0;
        socket.on('data', (data) => {
          bytes += data.length;
        });
        socket.on('close', () => resolve(bytes));
      }),
    );
    expect((await run(`127.0.0.1:${server.port}`)).ok).toBe(true);
    expect(await received).toBe(0);
    expect(server.connections()).toBe(1);
  });

  test('is looked for at every address of a name', async () => {
    const server = await started(tls({ ...certificate }));
    const names = await started(nameServer({ 'api.test': ['127.0.0.1', '127.0.0.2'] }));
    const report = await run(`api.test:${server.port}`, {
      lookup: names.lookup,
      environment: { CONNECTIVITY_VPC_RESOLVERS: names.address },
    });
    // Nobody listens at the second address, as where one of two zones is down.
    expect(report.findings.map(({ code, addresses }) => [code, addresses])).toContainEqual([
      'tcp-refused',
      ['127.0.0.2'],
    ]);
    expect(report.hosts[0]?.connections[0]?.tls?.version).toBe('TLSv1.3');
  });
});

describe('connections', () => {
  test('no answer at all is a matter of security groups and routes', async () => {
    const listener = await started(silence());
    const finding = only(await run(`127.0.0.1:${listener.port}`, { environment: shortSteps }));
    expect(finding).toMatchObject({ code: 'tcp-timeout', problem: 'no connection in 0.3 s' });
    expect(finding.advice).toMatch(/security group.*route table/);
  });

  test('a refusal is a matter of the target', async () => {
    const port = await nobody();
    const report = await run(`127.0.0.1:${port}`);
    expect(only(report)).toMatchObject({
      code: 'tcp-refused',
      host: `127.0.0.1:${port}`,
      addresses: ['127.0.0.1'],
    });
    expect(report.summary).toBe(
      `127.0.0.1:${port} (127.0.0.1): the connection was refused. The way is open, but nothing listens there: look at the target, its port and its health.`,
    );
  });

  test('a check that is ended reports what it had not done as timed out, at once', async () => {
    const listener = await started(tcp());
    const began = Date.now();
    const report = await run(`127.0.0.1:${listener.port}`, {
      environment: { CONNECTIVITY_STEP_SECONDS: '10' },
      signal: AbortSignal.timeout(100),
    });
    expect(codes(report)).toEqual(['failure tls-timeout']);
    expect(Date.now() - began).toBeLessThan(5_000);
  });
});

describe('TLS', () => {
  test('TLS 1.1 alone is a failure that names the version', async () => {
    const server = await started(
      tls({
        ...certificate,
        minVersion: 'TLSv1.1',
        maxVersion: 'TLSv1.1',
        ciphers: 'DEFAULT@SECLEVEL=0',
      }),
    );
    const report = await run(`127.0.0.1:${server.port}`);
    expect(only(report)).toMatchObject({
      code: 'tls-version',
      problem: 'TLSv1.1 is the newest that is negotiated',
    });
    expect(report.hosts[0]?.connections[0]?.tls?.version).toBe('TLSv1.1');
  });

  test('no answer to the handshake is a matter of what stands behind', async () => {
    const listener = await started(tcp());
    const finding = only(await run(`127.0.0.1:${listener.port}`, { environment: shortSteps }));
    expect(finding).toMatchObject({ code: 'tls-timeout' });
  });

  test.each([
    ['reset', (socket: Socket) => socket.resetAndDestroy()],
    ['ended', (socket: Socket) => socket.end()],
  ])('a connection %s in the handshake points to firewalls and unhealthy targets', async (_how, hangUp) => {
    const listener = await started(tcp((socket) => socket.once('data', () => hangUp(socket))));
    expect(only(await run(`127.0.0.1:${listener.port}`))).toMatchObject({ code: 'tls-closed' });
  });

  test('a port that speaks something else is told from a TLS server', async () => {
    const listener = await started(tcp((socket) => socket.end('SSH-2.0-OpenSSH_9.6\r\n')));
    const finding = only(await run(`127.0.0.1:${listener.port}`));
    expect(finding).toMatchObject({
      code: 'tls-failed',
      advice: expect.stringContaining('does not speak TLS'),
    });
  });

  test('no cipher in common is told with the word of OpenSSL', async () => {
    const server = await started(tls({ ...certificate, maxVersion: 'TLSv1.2', ciphers: 'AES128-SHA' }));
    const finding = only(await run(`127.0.0.1:${server.port}`));
    expect(finding).toMatchObject({
      code: 'tls-failed',
      problem: expect.stringMatching(/ERR_SSL_.*HANDSHAKE_FAILURE/),
    });
  });
});

describe('certificates', () => {
  test('one for another name is a failure that says for which', async () => {
    const server = await started(tls({ ...certificate }));
    const names = await started(nameServer({ 'api.test': ['127.0.0.1'] }));
    const finding = only(await run(`api.test:${server.port}`, { lookup: names.lookup }));
    expect(finding).toMatchObject({
      code: 'certificate-name',
      problem: 'the certificate is for DNS:localhost, IP Address:127.0.0.1',
    });
  });

  test('one that no public authority signed is a failure that names its issuer', async () => {
    const server = await started(tls({ ...certificate }));
    const finding = only(await run(`localhost:${server.port}`, { extraCa: [] }));
    expect(finding).toMatchObject({ code: 'certificate-untrusted' });
    expect(finding.problem).toMatch(/CN=test of custom resources .*\(DEPTH_ZERO_SELF_SIGNED_CERT\)/);
  });

  test('one that has ended is a failure with its date', async () => {
    const old = loopbackCertificate(Date.now() - 10 * 86_400_000);
    const server = await started(tls({ ...old }));
    const finding = only(await run(`127.0.0.1:${server.port}`, { extraCa: [old.cert] }));
    const end = new Date(Date.now() - 9 * 86_400_000).toISOString().slice(0, 10);
    expect(finding).toMatchObject({
      code: 'certificate-expired',
      problem: `the certificate ended on ${end}`,
    });
  });

  test('one that ends soon is a warning, and the way still works', async () => {
    const short = loopbackCertificate(Date.now(), 5);
    const server = await started(tls({ ...short }));
    const report = await run(`127.0.0.1:${server.port}`, { extraCa: [short.cert] });
    expect(codes(report)).toEqual(['warning certificate-expires-soon']);
    expect(report.ok).toBe(true);
    expect(report.summary).toMatch(/^Reached .* Warning: .* in 4 days\. Renew/);
  });
});

describe('names', () => {
  const both = async (callers: Records, vpc: Records) => {
    const [own, resolver] = [await started(nameServer(callers)), await started(nameServer(vpc))];
    return { lookup: own.lookup, environment: { CONNECTIVITY_VPC_RESOLVERS: resolver.address }, resolver };
  };

  test('a public address is a failure, and is not connected to', async () => {
    const answers = await both({ 'api.test': ['203.0.113.10'] }, { 'api.test': ['203.0.113.10'] });
    const report = await run('api.test', answers);
    expect(only(report)).toMatchObject({
      code: 'public-address',
      addresses: ['203.0.113.10'],
      problem: 'api.test resolves to 203.0.113.10, which is public: private DNS is overridden or off',
      advice: expect.stringMatching(/private DNS of the endpoint.*Resolver rule that forwards the domain/),
    });
    expect(report.hosts[0]?.connections).toEqual([]);
    expect(answers.resolver.asked).toContain('api.test');
  });

  test('a public address beside private ones is a failure too, in IPv6 as in IPv4', async () => {
    const server = await started(tls({ ...certificate }));
    const mixed = { localhost: ['127.0.0.1', '2001:db8:ffff::10'] };
    const report = await run(`localhost:${server.port}`, await both(mixed, mixed));
    expect(only(report)).toMatchObject({ code: 'public-address', addresses: ['2001:db8:ffff::10'] });
    expect(report.hosts[0]?.connections.map(({ address }) => address)).toEqual(['127.0.0.1']);
  });

  test("an answer of the VPC's resolver that the callers do not get is hybrid DNS, and its address is tried", async () => {
    const server = await started(tls({ ...certificate }));
    const answers = await both({ localhost: ['203.0.113.10'] }, { localhost: ['127.0.0.1'] });
    const report = await run(`localhost:${server.port}`, answers);
    const finding = only(report);
    expect(finding).toMatchObject({ code: 'public-address' });
    expect(finding.advice).toBe(
      `The VPC's resolver (${answers.resolver.address}) answers 127.0.0.1, so the name servers in the DHCP options of the VPC do not ask it: let them forward localhost to it, or use AmazonProvidedDNS.`,
    );
    expect(report.hosts[0]?.connections).toMatchObject([
      { address: '127.0.0.1', tls: { version: 'TLSv1.3' } },
    ]);
    expect(report.hosts[0]?.vpcResolver).toMatchObject({
      server: answers.resolver.address,
      addresses: [{ address: '127.0.0.1', scope: 'private' }],
    });
  });

  test('private answers that have nothing in common are a warning', async () => {
    const server = await started(tls({ ...certificate }));
    const answers = await both({ localhost: ['127.0.0.1'] }, { localhost: ['10.9.8.7'] });
    const report = await run(`localhost:${server.port}`, answers);
    expect(codes(report)).toEqual(['warning resolvers-differ']);
    expect(report.ok).toBe(true);
  });

  test('the same name with one address of several is no difference', async () => {
    const server = await started(tls({ ...certificate }));
    const answers = await both({ localhost: ['127.0.0.1'] }, { localhost: ['10.9.8.7', '127.0.0.1'] });
    expect(codes(await run(`localhost:${server.port}`, answers))).toEqual([]);
  });

  test('a name without address is a failure; one that only the VPC knows says whom to ask', async () => {
    expect(only(await run('api.test', await both({}, {})))).toMatchObject({
      code: 'name-not-found',
      advice: expect.stringMatching(/misspelt name/),
    });
    const finding = only(
      await run(`localhost:${await nobody()}`, await both({}, { localhost: ['10.9.8.7'] })).then(
        (report) => ({ ...report, findings: report.findings.filter(({ code }) => /^name/.test(code)) }),
      ),
    );
    expect(finding.advice).toMatch(/knows it as 10\.9\.8\.7.*DHCP options/);
  });

  test.each([
    ['silent', 'TIMEOUT'],
    ['broken', 'ESERVFAIL'],
  ] as const)('name servers that are %s are told from a name that does not exist', async (how, code) => {
    const answers = await both({ 'api.test': how }, { 'api.test': how });
    const environment = { ...answers.environment, ...shortSteps };
    const finding = only(await run('api.test', { ...answers, environment }));
    expect(finding).toMatchObject({
      code: 'name-not-resolved',
      problem: expect.stringContaining(`${code})`),
      advice: expect.stringMatching(/DHCP options.*Resolver rule/),
    });
  });

  test("a silent VPC resolver is no finding, and the next one's answer counts", async () => {
    const server = await started(tls({ ...certificate }));
    const [first, second] = [
      await started(nameServer({ localhost: 'silent' })),
      await started(nameServer({ localhost: ['127.0.0.1'] })),
    ];
    const report = await run(`localhost:${server.port}`, {
      environment: { CONNECTIVITY_VPC_RESOLVERS: `${first.address},${second.address}` },
      lookup: async () => ['127.0.0.1'],
    });
    expect(codes(report)).toEqual([]);
    expect(report.hosts[0]?.vpcResolver?.server).toBe(second.address);
    expect(first.asked).toContain('localhost');
  });

  test('where public addresses are expected they are tried', async () => {
    const server = await started(tls({ ...certificate }));
    const report = await run(`127.0.0.1:${server.port}`, {
      environment: { CONNECTIVITY_EXPECT_PRIVATE: 'false' },
    });
    expect(report.ok).toBe(true);
  });

  test('a range of its own makes public addresses of a VPC private ones', async () => {
    const report = await run('api.test', {
      lookup: async () => ['127.0.0.1', '203.0.113.10'],
      environment: { CONNECTIVITY_PRIVATE_RANGES: '203.0.113.0/24' },
      // No packet may leave this machine.
      signal: AbortSignal.abort(),
    });
    expect(report.hosts[0]?.resolution.addresses.map(({ scope }) => scope)).not.toContain('public');
  });
});

test('several hosts are checked at once; failures come first, and the summary names the first of them', async () => {
  const short = loopbackCertificate(Date.now(), 5);
  const good = await started(tls({ ...short }));
  const [silent, refused] = [await started(tcp()), await nobody()];
  const report = await run(`127.0.0.1:${good.port},127.0.0.1:${silent.port},127.0.0.1:${refused}`, {
    extraCa: [short.cert],
  });
  expect(codes(report)).toEqual([
    'failure tls-timeout',
    'failure tcp-refused',
    'warning certificate-expires-soon',
  ]);
  expect(report.summary).toMatch(
    /^127\.0\.0\.1:\d+ \(127\.0\.0\.1\): no answer to the TLS handshake.* \(and 1 more\)$/,
  );
});
