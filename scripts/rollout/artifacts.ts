/** The files of a release in S3: packages and templates, each under a key that holds its SHA-256. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { CallerError } from '../../cli/connection/endings.ts';

export const root = resolve(import.meta.dirname, '../..');

/** Beginning of every key of ours in a bucket. */
export const keyRoot = 'genesys-cloud-cfn';

/** One file of a release. The same bytes have the same key, so a key never changes its meaning. */
export interface Artifact {
  /** `provider.zip`, or a path such as `templates/provider.yaml` and `definitions/find-customer.json`. */
  name: string;
  key: string;
  /** SHA-256 in hexadecimal. */
  sha256: string;
  body: Buffer;
}

/** An artifact's entry in a manifest. */
export interface ArtifactRecord {
  name: string;
  key: string;
  /** SHA-256 in hexadecimal. */
  sha256: string;
  /** Size in bytes. */
  size: number;
}

/** The files of a version. The same version from the same source has the same manifest, byte for byte. */
export interface Manifest {
  version: string;
  artifacts: ArtifactRecord[];
}

export const sha256 = (body: Uint8Array | string) => createHash('sha256').update(body).digest('hex');

/** @param file the end of the key; default is the last part of the name */
export function artifact(name: string, body: Buffer, file = basename(name)): Artifact {
  const digest = sha256(body);
  return { name, key: `${keyRoot}/objects/${digest}/${file}`, sha256: digest, body };
}

export const manifestKey = (version: string) => `${keyRoot}/manifests/${version}.json`;

export function manifestOf(version: string, artifacts: readonly Artifact[]): Manifest {
  return {
    version,
    artifacts: artifacts.map(({ name, key, sha256: digest, body }) => ({
      name,
      key,
      sha256: digest,
      size: body.length,
    })),
  };
}

export const manifestText = (manifest: Manifest) => `${JSON.stringify(manifest, null, 2)}\n`;

/** @throws Error when the manifest has no artifact of that name */
export function artifactOf(manifest: Manifest, name: string): ArtifactRecord {
  const found = manifest.artifacts.find((one) => one.name === name);
  if (found === undefined) throw new Error(`Version ${manifest.version} has no ${name}.`);
  return found;
}

export function parseManifest(text: string, origin: string): Manifest {
  const manifest = JSON.parse(text) as Partial<Manifest>;
  if (typeof manifest.version !== 'string' || !Array.isArray(manifest.artifacts)) {
    throw new Error(`${origin} is no manifest of genesys-cloud-cfn.`);
  }
  return manifest as Manifest;
}

export async function packageVersion(folder = root): Promise<string> {
  const { version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  return version;
}

/**
 * The packages in dist/ and every template.
 * @throws Error when a package was not built or a template has another version
 */
export async function collectArtifacts(folder = root): Promise<Artifact[]> {
  const dist = join(folder, 'dist');
  const zips = existsSync(dist) ? (await readdir(dist)).filter((name) => name.endsWith('.zip')).sort() : [];
  if (!zips.includes('provider.zip'))
    throw new CallerError(
      `${join(dist, 'provider.zip')} is missing; run \`make package\`, or name an unpacked release by --from.`,
    );
  const version = await packageVersion(folder);
  const templates = (await readdir(join(folder, 'templates'), { recursive: true }))
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .map((name) => `templates/${name}`);
  const artifacts = [
    ...(await Promise.all(zips.map(async (name) => artifact(name, await readFile(join(dist, name)))))),
    ...(await Promise.all(templates.map(async (name) => artifact(name, await readFile(join(folder, name)))))),
  ];
  for (const { name, body } of artifacts) {
    const said = name.endsWith('.yaml') ? templateVersion(body.toString('utf8')) : version;
    if (said !== version) {
      throw new CallerError(`${name} says TemplateVersion ${said ?? '(none)'}, the package is ${version}.`);
    }
  }
  return artifacts;
}

/** The value of a template's output `TemplateVersion`. */
export function templateVersion(text: string): string | undefined {
  return /^ {2}TemplateVersion:\n(?: {4}.*\n)*? {4}Value: ['"]?([^'"\n]+?)['"]?$/m.exec(text)?.[1];
}
