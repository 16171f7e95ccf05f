/**
 * Writes models.generated.json: JSON Schemas of the request bodies, from the types of Genesys' SDK. So the
 * server refuses exactly what the SDK's own models exclude. Run it with `node generate-models.ts`; a test
 * compares.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createGenerator } from 'ts-json-schema-generator';

/** The models of request bodies. The models that they refer to are written too. */
export const requestModels = [
  'ConversationEncryptionConfiguration',
  'CreateIntegrationRequest',
  'Credential',
  'Function',
  'FunctionUploadRequest',
  'Integration',
  'IntegrationConfiguration',
  'KeyRotationSchedule',
  'OAuthClientRequest',
  'PostActionInput',
  'PublishDraftInput',
  'RecordingEncryptionConfiguration',
  'UpdateActionInput',
  'UpdateDraftInput',
] as const;

/** The schemas as text, the same for the same SDK. Takes about two seconds. */
export async function generateModels(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'models-'));
  try {
    const sdk = dirname(createRequire(import.meta.url).resolve('purecloud-platform-client-v2/package.json'));
    const source = join(folder, 'models.ts');
    await writeFile(
      source,
      [
        // An absolute path, because the temporary folder has no node_modules.
        `import type { Models } from '${sdk}';`,
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
    // The names of the SDK: without the namespace, and without the aliases above.
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
  const file = join(import.meta.dirname, 'models.generated.json');
  await writeFile(file, await generateModels());
  console.log(`wrote ${file}`);
}
