import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { json, type LoopbackServer, loopbackServer, type Received } from '../support/loopback-server.ts';
import { world } from '../unit/genesys/support.ts';

type Call = [
  api: 'IntegrationsApi' | 'RecordingApi' | 'OrganizationApi' | 'ArchitectApi',
  method: string,
  args: unknown[],
];

const action = {
  name: 'Über "x" & y',
  category: 'c',
  integrationId: 'i1',
  secure: false,
  config: { timeoutSeconds: 5, request: { requestTemplate: '${input.rawRequest}', headers: {} } },
  contract: { input: { inputSchema: { additionalProperties: false } }, output: { successSchema: {} } },
};
const key = { url: 'arn:aws:kms:eu-west-1:111122223333:alias/x', keyConfigurationType: 'KmsSymmetric' };
const credential = { name: 'n', type: { name: 'userDefined' }, credentialFields: { password: 'p' } };
const config = { name: 'n', version: 1, properties: {}, advanced: {}, notes: '', credentials: {} };

/** Every call of the SDK that the provider makes. The arguments show how each is encoded. */
const calls: Call[] = [
  ['IntegrationsApi', 'getIntegrations', [{}]],
  [
    'IntegrationsApi',
    'getIntegrations',
    [
      {
        pageSize: 100,
        pageNumber: 1,
        expand: ['config.current', 'b c'],
        ids: ['a', 'b,c'],
        integrationType: 'x&y=z',
      },
    ],
  ],
  [
    'IntegrationsApi',
    'postIntegrations',
    [{ body: { name: 'n', integrationType: { id: 'aws-lambda-data-actions' } } }],
  ],
  ['IntegrationsApi', 'getIntegration', ['i 1/ä?', { expand: ['config.current'] }]],
  ['IntegrationsApi', 'patchIntegration', ['i1', { body: { intendedState: 'ENABLED' } }]],
  ['IntegrationsApi', 'deleteIntegration', ['i1']],
  ['IntegrationsApi', 'getIntegrationConfigCurrent', ['i1']],
  ['IntegrationsApi', 'putIntegrationConfigCurrent', ['i1', { body: config }]],
  ['IntegrationsApi', 'getIntegrationsType', ['aws-lambda-data-actions']],
  ['IntegrationsApi', 'getIntegrationsTypeConfigschema', ['aws-lambda-data-actions', 'properties']],
  ['IntegrationsApi', 'postIntegrationsCredentials', [{ body: credential }]],
  ['IntegrationsApi', 'getIntegrationsCredential', ['c1']],
  ['IntegrationsApi', 'putIntegrationsCredential', ['c1', { body: credential }]],
  ['IntegrationsApi', 'deleteIntegrationsCredential', ['c1']],
  ['IntegrationsApi', 'getIntegrationsCredentialsListing', [{ pageSize: 200, after: 'cursor==' }]],
  [
    'IntegrationsApi',
    'getIntegrationsActions',
    [
      {
        name: 'a+b c%:$[]',
        pageSize: 100,
        pageNumber: 2,
        includeConfig: true,
        secure: 'false',
        includeAuthActions: false,
      },
    ],
  ],
  [
    'IntegrationsApi',
    'getIntegrationsAction',
    ['custom_-_1', { expand: 'contract', includeConfig: true, flatten: false }],
  ],
  ['IntegrationsApi', 'getIntegrationsActionTemplate', ['a1', 'requesttemplate.vm']],
  ['IntegrationsApi', 'postIntegrationsActions', [action]],
  ['IntegrationsApi', 'patchIntegrationsAction', ['a1', { version: 2, name: 'x' }]],
  ['IntegrationsApi', 'deleteIntegrationsAction', ['a1']],
  ['IntegrationsApi', 'postIntegrationsActionTest', ['a1', { n: 1 }, { flatten: false }]],
  ['IntegrationsApi', 'postIntegrationsActionTest', ['a1', {}]],
  ['RecordingApi', 'getRecordingKeyconfigurations', []],
  ['RecordingApi', 'getRecordingKeyconfiguration', ['k1']],
  ['RecordingApi', 'postRecordingKeyconfigurations', [key]],
  ['RecordingApi', 'putRecordingKeyconfiguration', ['k1', key]],
  ['RecordingApi', 'postRecordingKeyconfigurationsValidate', [key]],
  ['RecordingApi', 'getRecordingRecordingkeys', [{ pageSize: 25, pageNumber: 1 }]],
  ['RecordingApi', 'postRecordingRecordingkeys', []],
  ['RecordingApi', 'getRecordingRecordingkeysRotationschedule', []],
  ['RecordingApi', 'putRecordingRecordingkeysRotationschedule', [{ period: 'MONTHLY' }]],
  ['OrganizationApi', 'getOrganizationsMe', []],
  [
    'ArchitectApi',
    'getArchitectDependencytrackingConsumingresources',
    ['a1', 'DATAACTION', { resourceType: ['INBOUNDCALLFLOW', 'BOTFLOW'], pageNumber: 1 }],
  ],
  [
    'ArchitectApi',
    'getArchitectDependencytrackingConsumingresources',
    ['a1', 'SECUREACTION', { flowFilter: 'published', pageSize: 100, pageNumber: 2 }],
  ],
  ['ArchitectApi', 'getArchitectDependencytrackingBuild', []],
];

let server: LoopbackServer;
let home: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'home-'));
  server = await loopbackServer((received, response) =>
    json(
      response,
      200,
      received.url.endsWith('/oauth/token') ? { access_token: 't', expires_in: 86_400 } : { id: 'x' },
    ),
  );
});
afterEach(async () => {
  await server.close();
  await rm(home, { recursive: true, force: true });
});

test('our client sends what the published SDK sends, for every call that we make', async () => {
  await callWithSdk();
  const theirs = server.received.splice(0).map(essence);
  await callWithOurs();
  const ours = server.received.map(essence);

  expect(theirs).toHaveLength(calls.length + 1);
  expect(ours).toEqual(theirs);
});

/** The parts of a request that Genesys Cloud reads. Order and spelling of query parameters do not matter. */
function essence({ method, url, headers, body }: Received) {
  const { pathname, searchParams } = new URL(url, 'http://host');
  return {
    // The SDK sends the login through a gateway to a path of its own.
    path: pathname.replace(/^\/login/, ''),
    method,
    query: [...searchParams].sort(),
    contentType: headers['content-type']?.replace(/; ?charset=utf-8/i, ''),
    // For the login the SDK leaves this header to axios, which accepts any type.
    accept: pathname.endsWith('/oauth/token') ? undefined : headers.accept,
    authorization: headers.authorization,
    body: headers['content-type']?.includes('json') && body ? JSON.parse(body) : body,
  };
}

async function callWithSdk(): Promise<void> {
  const child = spawn(
    process.execPath,
    ['--no-warnings', resolve(import.meta.dirname, 'stock-sdk.ts'), String(server.port)],
    { env: { HOME: home, PATH: process.env['PATH'] }, stdio: ['pipe', 'inherit', 'pipe'] },
  );
  child.stdin.end(JSON.stringify(calls));
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const code = await new Promise((done) => child.on('exit', done));
  if (code !== 0) throw new Error(`the SDK failed: ${stderr}`);
}

async function callWithOurs(): Promise<void> {
  const { session } = world({
    apiBaseUrl: server.url,
    loginBaseUrl: server.url,
    readSecret: async () => ({ clientId: 'client-1', clientSecret: 'secret-1' }),
  });
  const apis = {
    IntegrationsApi: session.integrations,
    RecordingApi: session.recording,
    OrganizationApi: session.organizations,
    ArchitectApi: await session.api('architect'),
  };
  for (const [api, method, args] of calls) {
    const instance = apis[api] as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>;
    await instance[method]?.(...args);
  }
}
