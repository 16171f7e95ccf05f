/**
 * Writes the JSON Schemas of the request bodies that the local Genesys Cloud accepts
 * (local/genesys-cloud/models.generated.json).
 * Their source is the SDK's types, so the local server is as strict as the SDK's own models.
 * A test generates the schemas again and compares.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createGenerator } from 'ts-json-schema-generator';

const root = resolve(import.meta.dirname, '..');

/** Path of the generated file. */
export const generatedSchemas = join(root, 'local/genesys-cloud/models.generated.json');

/** Models that are sent as request bodies; the models inside them are included. */
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

/** The schemas as text, always the same for one version of the SDK. Takes about two seconds. */
export async function generateSchemas(): Promise<string> {
  // The generator reads a file that has to resolve the SDK, so the file lies in the checkout.
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
    // Names without the namespace, and without the aliases that made the models roots.
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
