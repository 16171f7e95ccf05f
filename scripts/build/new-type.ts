/**
 * Lays the files of a new resource type: `node scripts/build/new-type.ts GenesysOAuthClient`. The type is a
 * collection with a name; its calls and models come from Genesys' SDK.
 * `--path /api/v2/oauth/clients` names the collection where the type's name does not, `--noun "wrap-up code"`
 * says what people call one of its objects. `--replace` adds the inputs of a replacement.
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
const USAGE = 'Usage: node scripts/build/new-type.ts GenesysName [--path /api/v2/…] [--noun "…"] [--replace]';
/** The programs behind `make generate`. */
const GENERATORS = ['schemas', 'type-lists', 'template-docs'];

/** Writes the files; resolves to the exit code. */
export async function run(args: string[]): Promise<number> {
  try {
    const { name, path, noun, replace } = read(args);
    const names = newNames(name, noun);
    refuseChangedCheckout();
    const plan = planOf(names, path, replace);
    await lay(plan);
    for (const generator of GENERATORS) node(`scripts/build/${generator}.ts`);
    const points = openPoints();
    console.log(
      [
        ...changedFiles().map((file) => `wrote ${file}`),
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
function read(args: string[]): {
  name: string;
  path: string | undefined;
  noun: string | undefined;
  replace: boolean;
} {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        path: { type: 'string' },
        noun: { type: 'string' },
        replace: { type: 'boolean', default: false },
      },
    });
    const [name, ...others] = positionals;
    if (name === undefined || others.length > 0) throw new Refused(USAGE);
    return { name, path: values.path, noun: values.noun, replace: values.replace };
  } catch (error) {
    throw error instanceof Refused ? error : new Refused(`${(error as Error).message}\n${USAGE}`);
  }
}

/** @throws Refused for a name or noun in another form, or of a type that is there */
function newNames(name: string, noun: string | undefined): Names {
  if (noun !== undefined && !/^[A-Za-z][A-Za-z0-9 -]*$/.test(noun))
    throw new Refused(
      `--noun "${noun}" is no noun. Write letters, digits, spaces and hyphens, such as "wrap-up code".`,
    );
  const names = namesOf(name, noun);
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
  const changes = statusOfGit();
  if (changes === '') return;
  throw new Refused(
    `The checkout has changes, and git could not tell them from the new files. Commit them first:\n${changes.trimEnd()}`,
  );
}

const statusOfGit = () =>
  execFileSync('git', ['status', '--porcelain', '--untracked-files=all'], { cwd: root, encoding: 'utf8' });

/** Every file that this program and its generators wrote: the checkout was clean before. */
const changedFiles = () =>
  statusOfGit()
    .split('\n')
    .flatMap((line) => (line === '' ? [] : [line.slice(3)]))
    .sort();

/** Writes the new files and the lines in lists. */
async function lay(plan: Plan): Promise<void> {
  const folder = `provider/resources/${plan.names.kebab}`;
  const files: Record<string, string> = { ...pagesOf(plan) };
  for (const [name, text] of Object.entries(sourcesOf(plan))) files[`${folder}/${name}`] = text;
  for (const [file, change] of Object.entries(entriesOf(plan)))
    files[file] = change(await readFile(join(root, file), 'utf8'));
  for (const [file, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, file)), { recursive: true });
    await writeFile(join(root, file), text);
  }
  node(
    'node_modules/@biomejs/biome/bin/biome',
    'check',
    '--write',
    ...Object.keys(files).filter((file) => !file.endsWith('.md')),
  );
}

function node(...command: string[]): void {
  execFileSync(process.execPath, command, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
}

// The SDK's classes leave a handle open.
if (import.meta.main) process.exit(await run(process.argv.slice(2)));
