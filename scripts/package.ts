/**
 * Builds what Lambda runs: dist/provider.zip and, where endpoint/ exists, dist/endpoint.zip.
 * The same source gives the same bytes: sorted names, one fixed date, one mode, no compression level of the day.
 */
import { createHash } from 'node:crypto';
import { createWriteStream, existsSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { build, type Metafile, type Plugin } from 'esbuild';
import { ZipFile } from 'yazl';

const root = resolve(import.meta.dirname, '..');
const dist = join(root, 'dist');

export interface Package {
  name: string;
  /** Entry file by the name it has in the zip, without extension. */
  entries: Record<string, string>;
}

export const packages: Package[] = [
  {
    name: 'provider',
    entries: {
      index: 'provider/index.ts',
      'recording-key-check': 'provider/recording-key-check.ts',
      connectivity: 'provider/connectivity.ts',
    },
  },
  {
    name: 'endpoint',
    entries: {
      index: 'endpoint/index.ts',
      authorizer: 'endpoint/authorizer.ts',
      worker: 'endpoint/worker.ts',
    },
  },
];

/**
 * The SDK's API classes import its ApiClient only as a default for a constructor argument that we always give.
 * Leaving it out keeps axios, winston and a watched file in the home directory out of the bundle
 * (docs/decisions/0002-transport.md).
 */
export const withoutSdkClient: Plugin = {
  name: 'without-sdk-client',
  setup(pluginBuild) {
    pluginBuild.onResolve({ filter: /^\.\.\/ApiClient\.js$/ }, (args) =>
      args.importer.includes('purecloud-platform-client-v2')
        ? { path: 'sdk-api-client', namespace: 'empty' }
        : undefined,
    );
    pluginBuild.onLoad({ filter: /.*/, namespace: 'empty' }, () => ({
      contents: 'export default { instance: undefined };',
    }));
  },
};

/**
 * Each AWS client describes every operation of its service in one file. S3's holds computed keys, which a bundler
 * must take for side effects, so all of it is kept for one GetObject. Marked as pure, only what is used is packed.
 */
export const pureSchemas: Plugin = {
  name: 'pure-schemas',
  setup(pluginBuild) {
    pluginBuild.onLoad(
      { filter: /client-s3[\\/]dist-es[\\/]schemas[\\/]schemas_0\.js$/ },
      async ({ path }) => ({
        contents: (await readFile(path, 'utf8')).replace(
          /^((?:export )?var [\w$]+ = )(\[[\s\S]*?\]);$/gm,
          '$1/* @__PURE__ */ (() => ($2))();',
        ),
      }),
    );
  },
};

/** The AWS SDK's parser of browsers' names, 37 KB that nothing loads in Node. */
export const withoutBrowserNames: Plugin = {
  name: 'without-browser-names',
  setup(pluginBuild) {
    pluginBuild.onResolve({ filter: /^bowser$/ }, () => ({ path: 'bowser', namespace: 'empty-bowser' }));
    pluginBuild.onLoad({ filter: /.*/, namespace: 'empty-bowser' }, () => ({
      contents: 'export default {};',
    }));
  },
};

/**
 * Credentials of a person's machine: profiles, single sign-on, login, processes. A function has its role's in the
 * environment; here these sources answer, as they would there, that they have none.
 */
export const withoutPersonalCredentials: Plugin = {
  name: 'without-personal-credentials',
  setup(pluginBuild) {
    pluginBuild.onResolve(
      { filter: /^@aws-sdk\/credential-provider-(sso|ini|process|web-identity)$/ },
      () => ({ path: 'personal-credentials', namespace: 'empty-credentials' }),
    );
    pluginBuild.onLoad({ filter: /.*/, namespace: 'empty-credentials' }, () => ({
      contents: `const none = () => async () => { throw Object.assign(new Error('none in Lambda'), { tryNextLink: true }); };
        export { none as fromSSO, none as fromIni, none as fromProcess, none as fromTokenFile };`,
    }));
  },
};

/**
 * The SDK's API classes have a method for each of the API's calls, some hundreds; a bundler cannot know which are
 * called. Those whose names stand nowhere in our sources as a call are left out: types and tests are run on the whole
 * classes, and what is called is in the bundle because it is called.
 */
export const onlyCalledSdkMethods: Plugin = {
  name: 'only-called-sdk-methods',
  setup(pluginBuild) {
    let called: Promise<Set<string>> | undefined;
    pluginBuild.onLoad({ filter: /purecloud-platform-client-v2[\\/].*Api\.js$/ }, async ({ path }) => {
      called ??= namesOfCalls(join(root, 'provider'));
      const names = await called;
      // Generated: each method is `\tname(…) {` up to `\t}` in its own line.
      const contents = (await readFile(path, 'utf8')).replace(
        /^\t(\w+)\([^)]*\) \{[^\n]*\n[\s\S]*?\n\t\}$/gm,
        (method, name: string) => (name === 'constructor' || names.has(name) ? method : ''),
      );
      return { contents };
    });
  },
};

async function namesOfCalls(folder: string): Promise<Set<string>> {
  const files = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.ts'));
  const texts = await Promise.all(files.map((name) => readFile(join(folder, name), 'utf8')));
  return new Set(texts.flatMap((text) => [...text.matchAll(/\.(\w+)\(/g)].map(([, name = '']) => name)));
}

/**
 * Names of our error classes are in logs, so they survive minification. esbuild's keepNames would do that for every
 * function of every dependency, some thousand calls at each cold start.
 */
export const namedErrors: Plugin = {
  name: 'named-errors',
  setup(pluginBuild) {
    pluginBuild.onLoad({ filter: /\.ts$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).replace(
        /^((?:export )?(?:abstract )?class (\w+) extends \w*Error\b[^{]*\{)/gm,
        "$1 static { Object.defineProperty(this, 'name', { value: '$2' }); }",
      ),
      loader: 'ts',
    }));
  },
};

/**
 * A start reads few files. Where code is split, a bundler makes a file of each group of modules that the same entries
 * and the same late imports share: a dozen, each read and linked by itself. Here what is imported late imports the
 * entry first, which is there by then, so that all that the entry needs is one group.
 */
const oneStart = (entry: string): Plugin => ({
  name: 'one-start',
  setup(pluginBuild) {
    const namespace = 'late';
    pluginBuild.onResolve({ filter: /./ }, async ({ kind, path, importer, resolveDir, pluginData }) => {
      if (kind !== 'dynamic-import' || pluginData === namespace) return undefined;
      const resolved = await pluginBuild.resolve(path, { kind, importer, resolveDir, pluginData: namespace });
      return resolved.external || resolved.namespace !== 'file'
        ? resolved
        : { path: relative(root, resolved.path), namespace };
    });
    pluginBuild.onLoad({ filter: /./, namespace }, async ({ path }) => {
      const from = JSON.stringify(join(root, path));
      const hasDefault = /^export default\b|\bas default\b/m.test(await readFile(join(root, path), 'utf8'));
      return {
        contents: [
          `import ${JSON.stringify(resolve(root, entry))};`,
          `export * from ${from};`,
          ...(hasDefault ? [`export { default } from ${from};`] : []),
        ].join('\n'),
        resolveDir: root,
      };
    });
  },
});

/** Packages in CommonJS ask for Node's own modules by `require`, which an ES module does not have. */
const requireForCommonJs =
  "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);";

/** Bundles one package into dist/<name>/ and returns esbuild's account of what went in. */
export async function bundle(pack: Package, outdir = join(dist, pack.name)): Promise<Metafile> {
  await rm(outdir, { recursive: true, force: true });
  const result = await build({
    absWorkingDir: root,
    entryPoints: Object.entries(pack.entries).map(([out, file]) => ({ in: file, out })),
    outdir,
    outExtension: { '.js': '.mjs' },
    chunkNames: 'chunks/[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    mainFields: ['module', 'main'],
    conditions: ['module'],
    minify: true,
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
    plugins: [
      oneStart(Object.values(pack.entries)[0] ?? ''),
      namedErrors,
      withoutSdkClient,
      onlyCalledSdkMethods,
      pureSchemas,
      withoutBrowserNames,
      withoutPersonalCredentials,
    ],
    banner: { js: requireForCommonJs },
  });
  return result.metafile;
}

/** Zips a folder; returns the zip's SHA-256 in hex. */
export async function zip(folder: string, file: string): Promise<string> {
  const archive = new ZipFile();
  const names = (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
  for (const name of names) {
    // The zip format holds local time without a zone: the first moment it can express, in whatever zone.
    archive.addFile(join(folder, name), name, {
      mtime: new Date(1980, 0, 1),
      mode: 0o100644,
      forceDosTimestamp: true,
    });
  }
  archive.end();
  await pipeline(archive.outputStream, createWriteStream(file));
  return createHash('sha256')
    .update(await readFile(file))
    .digest('hex');
}

/** The command needs the types' schemas and rules, and no way to AWS or Genesys Cloud. */
const withoutRemote: Plugin = {
  name: 'without-remote',
  setup(pluginBuild) {
    pluginBuild.onResolve(
      { filter: /^(@aws-sdk\/|@aws-lambda-powertools\/|purecloud-platform-client-v2)/ },
      () => ({
        path: 'remote',
        namespace: 'empty-remote',
      }),
    );
    pluginBuild.onLoad({ filter: /.*/, namespace: 'empty-remote' }, () => ({
      contents: 'module.exports = {};',
    }));
  },
};

/** Builds the package's command, which runs from the npm package without any dependency: dist/cli.mjs. */
export async function bundleCli(outfile = join(dist, 'cli.mjs')): Promise<void> {
  await build({
    absWorkingDir: root,
    entryPoints: ['scripts/cli/index.ts'],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    mainFields: ['module', 'main'],
    minify: true,
    keepNames: true,
    legalComments: 'none',
    logLevel: 'warning',
    plugins: [withoutRemote],
    banner: { js: `#!/usr/bin/env node\n${requireForCommonJs}` },
  });
  await chmod(outfile, 0o755);
}

/** Builds every package whose source exists. */
export async function packageAll(): Promise<void> {
  await mkdir(dist, { recursive: true });
  await bundleCli();
  for (const pack of packages) {
    if (!Object.values(pack.entries).every((file) => existsSync(join(root, file)))) continue;
    const metafile = await bundle(pack);
    await writeFile(join(dist, `${pack.name}.meta.json`), JSON.stringify(metafile));
    const file = join(dist, `${pack.name}.zip`);
    const sha256 = await zip(join(dist, pack.name), file);
    console.log(`dist/${pack.name}.zip  ${(await readFile(file)).length} bytes  sha256 ${sha256}`);
  }
}

if (import.meta.main) await packageAll();
