/**
 * Builds the packages for Lambda, dist/provider.zip, dist/endpoint.zip and dist/operations.zip, and the parts
 * of the npm package: the command, the library, its declarations and the licences of everything that the
 * bundles contain.
 * The same source gives the same bytes: sorted names, one fixed date, one mode.
 */
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { chmod, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild';
import { ZipFile } from 'yazl';
import { licences, shippedIn } from '../release/licences.ts';

const root = resolve(import.meta.dirname, '../..');
const dist = join(root, 'dist');

export interface Package {
  name: string;
  /** Entry files by their names in the zip, without extension. */
  entries: Record<string, string>;
  /**
   * Further entries that share no code with those above, and the files that they run in threads. A chunk that
   * all share would bring everything that any of them needs.
   */
  apart?: { entries: Record<string, string>; threads: Record<string, string> };
  /**
   * Functions that run beside the provider. They are independent, so none loads the code of another one, and
   * they use what the commands use.
   */
  ofOperations?: true;
}

export const packages: Package[] = [
  {
    name: 'provider',
    entries: {
      index: 'provider/index.ts',
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
  {
    name: 'operations',
    entries: {
      drift: 'operations/drift.ts',
      'recording-key-check': 'operations/recording-key-check.ts',
      'oauth-rotation': 'operations/oauth-rotation.ts',
    },
    apart: {
      entries: { 'validate-hook': 'operations/validate-hook.ts' },
      threads: { 'validate-hook-judge': 'operations/validate-hook-judge.ts' },
    },
    ofOperations: true,
  },
];

/**
 * Leaves the SDK's ApiClient out. The API classes import it only as the default of a constructor argument
 * that the provider always passes.
 * Without it the bundle holds no axios, no winston, and no watched file in the home directory
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
 * Makes esbuild drop unused operations of the S3 client. Its schema file has computed keys, which a bundler
 * must treat as side effects, so the whole file would be kept for one GetObject.
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

/** Leaves out the AWS SDK's parser of browser names: 37 KB that are never loaded in Node. */
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
 * Descriptions, drift rules and previews of the resource types are for people and commands; the function
 * needs none of them.
 */
export const withoutDescriptions: Plugin = {
  name: 'without-descriptions',
  setup(pluginBuild) {
    pluginBuild.onLoad({ filter: /provider[\\/]resources[\\/][\w-]+[\\/]description\.ts$/ }, () => ({
      contents: 'export const about = undefined;',
    }));
    pluginBuild.onLoad({ filter: /provider[\\/]resources[\\/][\w-]+[\\/]drift\.ts$/ }, () => ({
      contents: 'export const drift = undefined;',
    }));
    pluginBuild.onLoad({ filter: /provider[\\/]lifecycle[\\/]collection-preview\.ts$/ }, () => ({
      contents: 'export const collectionPreview = () => undefined;',
    }));
    pluginBuild.onLoad({ filter: /provider[\\/]resources[\\/][\w-]+[\\/]preview\.ts$/ }, () => ({
      contents: 'export const preview = undefined;',
    }));
  },
};

/**
 * Leaves out credential sources of a personal machine: profiles, single sign-on, login, processes.
 * A function has its role's credentials in the environment. The stubs answer that they have none, as the real
 * sources would in Lambda.
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
 * Leaves out the SDK's methods that nobody calls. Each API class has hundreds, and a bundler
 * cannot tell which are used.
 * A method stays when its name occurs as a call in the folders. Type checks and tests use the complete
 * classes.
 */
export const onlyCalledSdkMethods = (folders: readonly string[]): Plugin => ({
  name: 'only-called-sdk-methods',
  setup(pluginBuild) {
    let called: Promise<Set<string>> | undefined;
    pluginBuild.onLoad({ filter: /purecloud-platform-client-v2[\\/].*Api\.js$/ }, async ({ path }) => {
      called ??= namesOfCalls(folders);
      const names = await called;
      // Generated code: a method reaches from `\tname(…) {` to a line that is `\t}`.
      const contents = (await readFile(path, 'utf8')).replace(
        /^\t(\w+)\([^)]*\) \{[^\n]*\n[\s\S]*?\n\t\}$/gm,
        (method, name: string) => (name === 'constructor' || names.has(name) ? method : ''),
      );
      return { contents };
    });
  },
});

/** The folders that a command uses, and those that a function beside the provider uses. */
const ofCommands = ['provider', 'cli'] as const;
const ofFunctions = [...ofCommands, 'operations'] as const;

async function namesOfCalls(folders: readonly string[]): Promise<Set<string>> {
  const files = await Promise.all(
    folders.map(async (folder) =>
      (await readdir(join(root, folder), { recursive: true }))
        .filter((name) => name.endsWith('.ts'))
        .map((name) => join(root, folder, name)),
    ),
  );
  const texts = await Promise.all(files.flat().map((file) => readFile(file, 'utf8')));
  return new Set(texts.flatMap((text) => [...text.matchAll(/\.(\w+)\(/g)].map(([, name = '']) => name)));
}

/**
 * Keeps the names of error classes through minification, because logs show them.
 * esbuild's keepNames would add a call for every function of every dependency, some thousand at each cold
 * start.
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
 * Puts all code that the entry needs into one file, because a cold start is faster with few files.
 * esbuild would make a dozen, one for each group of modules that the same entries and late imports share. A
 * module that is imported late therefore imports the entry, so its shared code stays with the entry.
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

/** CommonJS packages load Node's modules by `require`, which an ES module does not have. */
const requireForCommonJs =
  "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);";

/** Bundles one package into dist/<name>/ and returns esbuild's account of its content. */
export async function bundle(pack: Package, outdir = join(dist, pack.name)): Promise<Metafile> {
  await rm(outdir, { recursive: true, force: true });
  const { entries, apart } = pack;
  const groups = [entries, ...(apart === undefined ? [] : [{ ...apart.entries, ...apart.threads }])];
  const metafiles: Metafile[] = [];
  for (const group of groups) metafiles.push(await bundleTogether(group, pack, outdir));
  return {
    inputs: Object.assign({}, ...metafiles.map(({ inputs }) => inputs)),
    outputs: Object.assign({}, ...metafiles.map(({ outputs }) => outputs)),
  };
}

/** Every function of a package by its name in the zip. */
export const functionsOf = ({ entries, apart }: Package): Record<string, string> => ({
  ...entries,
  ...apart?.entries,
});

async function bundleTogether(
  entries: Record<string, string>,
  pack: Package,
  outdir: string,
): Promise<Metafile> {
  const result = await build({
    absWorkingDir: root,
    entryPoints: Object.entries(entries).map(([out, file]) => ({ in: file, out })),
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
      // First: the next ones read every source file.
      ...(pack.ofOperations ? [] : [withoutDescriptions, oneStart(Object.values(pack.entries)[0] ?? '')]),
      namedErrors,
      withoutSdkClient,
      onlyCalledSdkMethods(pack.ofOperations ? ofFunctions : ['provider']),
      pureSchemas,
      withoutBrowserNames,
      withoutPersonalCredentials,
    ],
    banner: { js: requireForCommonJs },
  });
  return result.metafile;
}

/** Zips a folder; returns the zip's SHA-256 in hexadecimal. */
export async function zip(folder: string, file: string): Promise<string> {
  const archive = new ZipFile();
  const names = (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
  for (const name of names) {
    // The zip format stores local time without a zone, so this is the same in every zone.
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

/** Leaves AWS and Genesys Cloud out of the command, which needs only schemas and rules. */
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

/** The settings that the command and the library share. Neither needs a dependency at run time. */
const forUsers: BuildOptions & { metafile: true } = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node22',
  mainFields: ['module', 'main'],
  minify: true,
  keepNames: true,
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
  plugins: [withoutRemote],
};

/**
 * Leaves the part of the command that reaches AWS and Genesys Cloud to a file of its own, loaded on demand.
 */
const remoteApart: Plugin = {
  name: 'remote-apart',
  setup(pluginBuild) {
    pluginBuild.onResolve({ filter: /^\.\.\/remote\.ts$/ }, () => ({ path: './remote.mjs', external: true }));
  },
};

/**
 * Builds dist/remote.mjs, which dist/cli.mjs loads for subcommands that reach AWS and Genesys Cloud. It
 * finds credentials on a personal machine, unlike the functions.
 */
export async function bundleRemote(outfile = join(dist, 'remote.mjs')): Promise<Metafile> {
  const { metafile } = await build({
    ...forUsers,
    entryPoints: ['cli/remote.ts'],
    outfile,
    format: 'esm',
    conditions: ['module'],
    banner: { js: requireForCommonJs },
    plugins: [withoutSdkClient, onlyCalledSdkMethods(ofCommands), pureSchemas, withoutBrowserNames],
  });
  return metafile;
}

/** Builds dist/cli.mjs, the package's command, and returns esbuild's account of its content. */
export async function bundleCli(outfile = join(dist, 'cli.mjs')): Promise<Metafile> {
  const { metafile } = await build({
    ...forUsers,
    entryPoints: ['cli/index.ts'],
    outfile,
    format: 'esm',
    plugins: [remoteApart, withoutRemote],
    banner: { js: `#!/usr/bin/env node\n${requireForCommonJs}` },
  });
  await chmod(outfile, 0o755);
  return metafile;
}

/**
 * Builds dist/index.cjs, the package's function, and returns esbuild's account of its content. A CommonJS
 * file can be loaded by `import` and by `require`.
 */
export async function bundleLibrary(outfile = join(dist, 'index.cjs')): Promise<Metafile> {
  const { metafile } = await build({
    ...forUsers,
    entryPoints: ['cli/library.ts'],
    outfile,
    format: 'cjs',
  });
  return metafile;
}

/** Builds the zips and everything else that the npm package has from dist/. */
export async function packageAll(): Promise<void> {
  await mkdir(dist, { recursive: true });
  const metafiles = [await bundleCli(), await bundleRemote(), await bundleLibrary()];
  for (const pack of packages) {
    const metafile = await bundle(pack);
    metafiles.push(metafile);
    await writeFile(join(dist, `${pack.name}.meta.json`), JSON.stringify(metafile));
    const file = join(dist, `${pack.name}.zip`);
    const sha256 = await zip(join(dist, pack.name), file);
    console.log(`dist/${pack.name}.zip  ${(await readFile(file)).length} bytes  sha256 ${sha256}`);
  }
  // It loads all resource types, which the other builds do not need.
  const { declarations } = await import('./types.ts');
  for (const name of ['index.d.mts', 'index.d.cts']) await writeFile(join(dist, name), declarations());
  await writeFile(join(dist, 'THIRD-PARTY-LICENSES.txt'), licences(shippedIn(metafiles)));
}

/** `--command` builds only the command, which takes a second. */
export async function run(args: string[]): Promise<void> {
  if (!args.includes('--command')) return packageAll();
  await mkdir(dist, { recursive: true });
  await Promise.all([bundleCli(), bundleRemote()]);
}

if (import.meta.main) await run(process.argv.slice(2));
