/**
 * Writes the JSON Schemas of the request bodies that the local Genesys Cloud accepts
 * (local/genesys-cloud/models.generated.json) from the types of the SDK, so that "strict" means what the SDK's
 * own models say. A test regenerates them and compares.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createGenerator } from 'ts-json-schema-generator';

const root = resolve(import.meta.dirname, '..');

/** Where the schemas stand. */
export const generatedSchemas = join(root, 'local/genesys-cloud/models.generated.json');

/** The models that are sent as request bodies; what they refer to comes along. */
export const requestModels = [
  'CreateIntegrationRequest',
  'Credential',
  'Integration',
  'IntegrationConfiguration',
  'KeyRotationSchedule',
  'PostActionInput',
  'PublishDraftInput',
  'RecordingEncryptionConfiguration',
  'UpdateActionInput',
  'UpdateDraftInput',
] as const;

/** The schemas as text, the same for the same SDK. Takes about two seconds. */
export async function generateSchemas(): Promise<string> {
  // The generator reads types from a file that must be able to resolve the SDK, so it lies in the checkout.
  const output = join(root, 'dist');
  await mkdir(output, { recursive: true });
  const folder = await mkdtemp(join(output, 'schemas-'));
  try {
    const source = join(folder, 'models.ts');
    await writeFile(
      source,
      [
        "import type { Models } from 'purecloud-platform-client-v2';",
        ...requestModels.map((name) => `export type Body${name} = Models.${name};`),
      ].join('\n'),
    );
    const { definitions } = createGenerator({
      path: source,
      type: '*',
      skipTypeCheck: true,
      topRef: true,
      additionalProperties: false,
    }).createSchema('*');
    // The SDK's own names: without the namespace, and without the aliases that made them roots.
    const models = Object.entries(definitions ?? {})
      .filter(([name]) => name.startsWith('Models.'))
      .map(([name, schema]) => [name.slice('Models.'.length), schema] as const)
      .sort(([one], [other]) => (one < other ? -1 : 1));
    return `${JSON.stringify({ definitions: Object.fromEntries(models) }, null, 2)}\n`.replaceAll(
      '#/definitions/Models.',
      '#/definitions/',
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] === import.meta.filename) {
  await writeFile(generatedSchemas, await generateSchemas());
  console.log(`wrote ${generatedSchemas}`);
}
