/**
 * Data actions as files, as the Genesys Cloud UI exports them. They are published beside the packages, for
 * the property `Definition`.
 */
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join, resolve, sep } from 'node:path';
import { CallerError } from '../../cli/connection/endings.ts';
import { messageOf } from '../../common/errors.ts';
import {
  definitionIn,
  MAX_BYTES,
  missing,
  type Partly,
} from '../../provider/resources/data-action/definition.ts';
import { type Artifact, artifact, keyRoot } from './artifacts.ts';
import { partitionOf } from './clients.ts';
import type { Published } from './publish.ts';

/** A definition that the provider can read. */
export interface DefinitionArtifact extends Artifact {
  /** Properties that the file lacks and the resource has to set, such as `Category`. */
  lacking: string[];
}

/**
 * A folder below each digest, so that the provider's right can cover the definitions and nothing else of the
 * bucket.
 */
const keyFolder = 'definitions';

/**
 * Reads every *.json in a folder and its subfolders, as the provider will read it.
 * @throws Error that names every file that the provider would refuse, and the reason, but none of its content
 */
export async function collectDefinitions(folder: string): Promise<DefinitionArtifact[]> {
  const files = (await readdir(resolve(folder), { recursive: true }))
    .filter((name) => name.endsWith('.json'))
    .sort();
  if (files.length === 0) throw new CallerError(`There is no *.json in ${folder}.`);
  const found: DefinitionArtifact[] = [];
  const refused: string[] = [];
  for (const file of files) {
    try {
      found.push(await readOne(join(folder, file), file));
    } catch (error) {
      refused.push(messageOf(error));
    }
  }
  if (refused.length > 0) throw new CallerError(`No definitions of data actions:\n  ${refused.join('\n  ')}`);
  return found;
}

async function readOne(path: string, file: string): Promise<DefinitionArtifact> {
  const { size } = await stat(path);
  if (size > MAX_BYTES) throw new Error(`${path} has ${size} bytes, more than the ${MAX_BYTES} allowed.`);
  const body = await readFile(path);
  const described = definitionIn(textOf(body, path), path);
  const lacking = missing(emptyOf(described)).map((parts) => parts.join('.'));
  // Any JSON object parses as an empty definition. A file that lacks more than Name or Category is something
  // else.
  const essential = lacking.filter((name) => name !== 'Name' && name !== 'Category');
  if (essential.length > 0) {
    throw new Error(`${path} is no exported data action: it does not hold ${essential.join(', ')}.`);
  }
  const name = ['definitions', ...file.split(sep)].join('/');
  return { ...artifact(name, body, `${keyFolder}/${basename(file)}`), lacking };
}

/** Adds an empty Contract and Request, so that `missing` names the fields in them. */
const emptyOf = (described: Partly): Partly => ({
  ...described,
  Contract: described.Contract ?? {},
  Request: described.Request ?? {},
});

function textOf(body: Buffer, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    throw new Error(`${path} is not in UTF-8.`);
  }
}

/**
 * Lines for a person: the property to write into templates, and the ARNs to grant to the provider, by Region.
 */
export function definitionLines(
  prefix: string,
  published: readonly Published[],
  definitions: readonly DefinitionArtifact[],
): string[] {
  if (published.length === 0) return [];
  const arns = published.map(
    ({ region, bucket }) =>
      `  ${region}  arn:${partitionOf(region)}:s3:::${bucket}/${keyRoot}/objects/*/${keyFolder}/*`,
  );
  return [
    ...definitions.flatMap((one) => [
      `${one.name}${one.lacking.length === 0 ? '' : ` (has no ${one.lacking.join(' and no ')}: the resource has to say it)`}`,
      ...published.map((target) => `  ${target.region}  Definition: ${inOneRegion(target, one)}`),
      ...(published.length === 1
        ? []
        : [`  each  Definition: {S3: {Bucket: !Sub '${prefix}-\${AWS::Region}', ${fixed(one)}}}`]),
    ]),
    "DefinitionObjectArns of the provider's stack:",
    ...arns,
  ];
}

const fixed = ({ key, sha256 }: Artifact) => `Key: '${key.replaceAll("'", "''")}', Sha256: '${sha256}'`;

function inOneRegion({ bucket, versionIds }: Published, one: Artifact): string {
  const versionId = versionIds[one.name];
  // An object of an unversioned bucket has no version id, and one of a suspended bucket has the text "null".
  const which =
    versionId === undefined || versionId === 'null'
      ? fixed(one)
      : `Key: '${one.key.replaceAll("'", "''")}', VersionId: '${versionId}'`;
  return `{S3: {Bucket: ${bucket}, ${which}}}`;
}
