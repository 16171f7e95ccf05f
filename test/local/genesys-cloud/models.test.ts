import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { corrections } from '../../../local/genesys-cloud/corrections.ts';
import { checkBody } from '../../../local/genesys-cloud/validation.ts';

const root = resolve(import.meta.dirname, '../../..');

/** The script in a process of its own: it brings a TypeScript compiler along. */
function regenerated(): Promise<string> {
  return new Promise((done, fail) => {
    const program =
      "import { generateModels } from './local/genesys-cloud/generate-models.ts'; process.stdout.write(await generateModels());";
    const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
      cwd: root,
      env: { ...process.env, NODE_OPTIONS: '' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (chunk) => {
      text += chunk;
    });
    child.on('error', fail);
    child.on('close', () => done(text));
  });
}

test('the committed schemas are those of the installed SDK', async () => {
  const committed = await readFile(join(root, 'local/genesys-cloud/models.generated.json'), 'utf8');
  expect(await regenerated()).toBe(committed);
});

test('every correction changes the model that the SDK has', async () => {
  const { definitions } = JSON.parse(
    await readFile(join(root, 'local/genesys-cloud/models.generated.json'), 'utf8'),
  );
  const unchanged = corrections.filter(({ model, apply }) => {
    const corrected = structuredClone(definitions[model]);
    apply(corrected);
    return JSON.stringify(corrected) === JSON.stringify(definitions[model]);
  });
  expect(unchanged).toEqual([]);
});

const credential = { type: { name: 'amazonWebServicesARN' }, credentialFields: { ARN: 'x' } };
const configuration = { name: 'x', version: 1, properties: {}, advanced: {}, notes: '', credentials: {} };
const schema = (over: object) => ({
  name: 'x',
  category: 'x',
  integrationId: 'x',
  config: {},
  contract: { input: { inputSchema: { type: 'object', ...over } }, output: { successSchema: {} } },
});

test.each([
  ['an integration without a name', 'CreateIntegrationRequest', { integrationType: { id: 'x' } }],
  ['a credential', 'Credential', credential],
  ['a configuration', 'IntegrationConfiguration', configuration],
  ['a contract with additionalProperties: false', 'PostActionInput', schema({ additionalProperties: false })],
  ['a contract with several types', 'PostActionInput', schema({ type: ['object', 'null'], enum: [] })],
] as const)('%s is accepted', (_, model, body) => {
  expect(() => checkBody(model, body)).not.toThrow();
});

test.each([
  ['an integration without a type', 'CreateIntegrationRequest', { name: 'x' }, /integrationType/],
  ['an integration type without id', 'CreateIntegrationRequest', { integrationType: {} }, /id/],
  ['an unknown field', 'Credential', { ...credential, externalId: 'x' }, /externalId/],
  ['a credential of no type', 'Credential', { type: {} }, /name/],
  [
    'a credential field that is no text',
    'Credential',
    { ...credential, credentialFields: { ARN: 1 } },
    /ARN/,
  ],
  [
    'a configuration without notes',
    'IntegrationConfiguration',
    { ...configuration, notes: undefined },
    /notes/,
  ],
  ['a version given as text', 'IntegrationConfiguration', { ...configuration, version: '1' }, /version/],
  ['a credential without id', 'IntegrationConfiguration', { ...configuration, credentials: { k: {} } }, /id/],
  ['an unknown state', 'Integration', { intendedState: 'ON' }, /intendedState.*ENABLED/],
  [
    'a timeout of 61 s',
    'UpdateActionInput',
    { version: 1, config: { timeoutSeconds: 61 } },
    /timeoutSeconds/,
  ],
  [
    'an Invoke method',
    'UpdateActionInput',
    { version: 1, config: { request: { requestType: 'Invoke' } } },
    /POST/,
  ],
  ['a PATCH without version', 'UpdateActionInput', { name: 'x' }, /version/],
  ['a PATCH with a contract', 'UpdateActionInput', { version: 1, contract: {} }, /contract/],
  ['a PATCH with secure', 'UpdateActionInput', { version: 1, secure: true }, /secure/],
  ['a name of 257 characters', 'PostActionInput', { ...schema({}), name: 'x'.repeat(257) }, /name.*256/],
  ['additionalProperties as text', 'PostActionInput', schema({ additionalProperties: 'false' }), /boolean/],
  [
    'an unknown kind of key',
    'RecordingEncryptionConfiguration',
    { url: '', keyConfigurationType: 'Kms' },
    /Native/,
  ],
  ['a schedule of days', 'KeyRotationSchedule', { period: 'P1D' }, /DAILY/],
] as const)('%s is refused', (_, model, body, message) => {
  // As over HTTP: JSON knows no undefined.
  expect(() => checkBody(model, JSON.parse(JSON.stringify(body)))).toThrow(message);
});
