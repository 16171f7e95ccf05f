/** The packaged connectivity check, in a process of its own under the driver that plays CloudFormation. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loopbackCertificate } from '../../local/cloudformation/certificate.ts';
import { LambdaInvoker } from '../../local/cloudformation/lambda-invoker.ts';
import { ResponseServer } from '../../local/cloudformation/response-server.ts';
import { CloudFormation } from '../../local/cloudformation/stack.ts';
import { bundle, packages } from '../../scripts/build/package.ts';
import { tls } from '../unit/connectivity/listeners.ts';

const certificate = loopbackCertificate(Date.now(), 90);
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'connectivity-'));
  const [provider] = packages;
  if (provider === undefined) throw new Error('no package');
  await bundle(provider, join(folder, 'code'));
  writeFileSync(join(folder, 'ca.pem'), certificate.cert);
});
afterAll(() => rmSync(folder, { recursive: true }));

const stack = (properties: Record<string, string> = {}) => ({
  Resources: {
    Check: { Type: 'Custom::GenesysConnectivityCheck', Properties: { ServiceTimeout: '60', ...properties } },
  },
  Outputs: { Summary: { Value: { 'Fn::GetAtt': ['Check', 'Summary'] } } },
});

test('the handler `connectivity.handler` answers CloudFormation with the result of the check', async () => {
  const good = await tls({ ...certificate });
  const responses = await ResponseServer.start();
  const invoker = await LambdaInvoker.start({
    code: join(folder, 'code'),
    handler: 'connectivity.handler',
    timeoutMs: 20_000,
    environment: {
      ALLOW_LOOPBACK_RESPONSE_URL: 'true',
      CONNECTIVITY_HOSTS: `127.0.0.1:${good.port}`,
      CONNECTIVITY_STEP_SECONDS: '1.5',
      NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem'),
    },
  });
  const cloudFormation = new CloudFormation({ invoker, responses, retryDelaysMs: [0, 0] });
  try {
    const created = await cloudFormation.createStack('s', stack());
    expect(created.outputs['Summary']).toMatch(/^Reached .* with TLSv1\.3\.$/);
    const failed = await cloudFormation.createStack('t', stack({ Hosts: `203.0.113.10:${good.port}` }));
    expect(failed.status).toBe('ROLLBACK_COMPLETE');
    expect(JSON.stringify(failed.events)).toContain('which is public: private DNS is overridden or off');
    expect((await cloudFormation.deleteStack('s')).status).toBe('DELETE_COMPLETE');
    expect(cloudFormation.violations()).toEqual([]);
  } finally {
    await cloudFormation.stop();
    await invoker.stop();
    await good.close();
    await responses.stop();
  }
});
