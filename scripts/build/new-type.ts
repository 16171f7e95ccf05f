/**
 * Lays the files of a new resource type: `node scripts/build/new-type.ts GenesysOAuthClient`. The type is a
 * collection with a name; its calls and models come from Genesys' SDK.
 * `--path /api/v2/oauth/clients` names the collection where the type's name does not. `--replace` adds the
 * inputs of a replacement.
 * The decisions of a person are open points in the files. A test fails until the last one is filled in.
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { resourceTypes } from '../../provider/resources/index.ts';
import { entriesOf } from './new-type/entries.ts';
import { type Names, namesOf } from './new-type/names.ts';
import { openPoints } from './new-type/open-points.ts';
import { pagesOf } from './new-type/pages.ts';
import { type Plan, planOf } from './new-type/plan.ts';
import { Refused } from './new-type/refused.ts';
import { sourcesOf } from './new-type/sources.ts';

const root = resolve(import.meta.dirname, '../..');
const USAGE = 'Usage: node scripts/build/new-type.ts GenesysName [--path /api/v2/…] [--replace]';
/** The programs behind `make generate`. */
const GENERATORS = ['schemas', 'type-lists', 'template-docs'];

/** Writes the files; resolves to the exit code. */
export async function run(args: string[]): Promise<number> {
  try {
    const { name, path, replace } = read(args);
    const names = newNames(name);
    refuseChangedCheckout();
    const plan = planOf(names, path, replace);
    const written = await lay(plan);
    for (const generator of GENERATORS) node(`scripts/build/${generator}.ts`);
    const points = openPoints();
    console.log(
      [
        ...written.map((file) => `wrote ${file}`),
        '',
        `${points.length} points are open:`,
        ...points,
        '',
        'Fill them in and delete the marks until `make test-fast` passes. Then run `make generate` and `make test`.',
        '`git restore . && git clean -d --force` takes everything back.',
      ].join('\n'),
    );
    return 0;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    console.error(error.message);
    return 1;
  }
}

/** @throws Refused for arguments that are none */
function read(args: string[]): { name: string; path: string | undefined; replace: boolean } {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { path: { type: 'string' }, replace: { type: 'boolean', default: false } },
    });
    const [name, ...others] = positionals;
    if (name === undefined || others.length > 0) throw new Refused(USAGE);
    return { name, path: values.path, replace: values.replace };
  } catch (error) {
    throw error instanceof Refused ? error : new Refused(`${(error as Error).message}\n${USAGE}`);
  }
}

/** @throws Refused for a name in another form, or of a type that is there */
function newNames(name: string): Names {
  const names = namesOf(name);
  if (names === undefined)
    throw new Refused(
      `${name} is no name for a type. Write it in PascalCase and begin with Genesys, such as GenesysOAuthClient.`,
    );
  const isKnown = resourceTypes.some(({ typeName }) => typeName === names.typeName);
  if (isKnown || existsSync(join(root, 'provider/resources', names.kebab)))
    throw new Refused(
      `${names.typeName} is there already, in provider/resources/${names.kebab}/. Change its files, or choose another name.`,
    );
  return names;
}

/** Only in a clean checkout can git take back what this program writes. @throws Refused */
function refuseChangedCheckout(): void {
  const changes = execFileSync('git', ['status', '--porcelain'], { cwd: root, encoding: 'utf8' });
  if (changes === '') return;
  throw new Refused(
    `The checkout has changes, and git could not tell them from the new files. Commit them first:\n${changes.trimEnd()}`,
  );
}

/** Writes the new files and the lines in lists; answers their paths. */
async function lay(plan: Plan): Promise<string[]> {
  const folder = `provider/resources/${plan.names.kebab}`;
  const files: Record<string, string> = { ...pagesOf(plan) };
  for (const [name, text] of Object.entries(sourcesOf(plan))) files[`${folder}/${name}`] = text;
  for (const [file, change] of Object.entries(entriesOf(plan)))
    files[file] = change(await readFile(join(root, file), 'utf8'));
  for (const [file, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, file)), { recursive: true });
    await writeFile(join(root, file), text);
  }
  const paths = Object.keys(files).sort();
  node(
    'node_modules/@biomejs/biome/bin/biome',
    'check',
    '--write',
    ...paths.filter((file) => !file.endsWith('.md')),
  );
  return paths;
}

function node(...command: string[]): void {
  execFileSync(process.execPath, command, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
}

// The SDK's classes leave a handle open.
if (import.meta.main) process.exit(await run(process.argv.slice(2)));
