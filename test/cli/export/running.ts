/** Runs `export` against a local world, and deploys what it wrote as CloudFormation would. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, type ScalarTag } from 'yaml';
import { run } from '../../../cli/main.ts';
import type { StackView } from '../../../local/cloudformation/stack.ts';
import type { Template } from '../../../local/cloudformation/template.ts';
import { inWorld, type World, type WorldOptions } from '../../../local/provider/world.ts';
import { type Ended, personOf } from '../drift/running.ts';

export const BUCKET = 'definitions';
const environment = { DEFINITION_OBJECT_ARNS: `arn:aws:s3:::${BUCKET}/genesys-cloud/definitions/*` };

/** A world whose provider may read the bucket, and a folder of its own. */
export async function inWorldWithFolder(
  work: (world: World, folder: string) => Promise<void>,
  options: WorldOptions = {},
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'export-'));
  try {
    await inWorld({ ...options, environment }, (world) => work(world, folder));
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Runs the command with the person's environment. */
export async function exported(world: Pick<World, 'aws'>, ...args: string[]): Promise<Ended> {
  Object.assign(process.env, personOf(world));
  const texts = { out: '', problems: '' };
  const into = (name: keyof typeof texts) => ({
    write: (text: string) => {
      texts[name] += text;
    },
  });
  const code = await run(['export', ...args], { out: into('out'), problems: into('problems') });
  return { code, ...texts };
}

/** Every file of a folder with its text. */
export async function filesOf(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  const texts = await Promise.all(
    files.sort().map(async (file) => [file.slice(folder.length + 1), await readFile(file, 'utf8')]),
  );
  return Object.fromEntries(texts);
}

const shortForm = (name: string): ScalarTag => ({
  tag: `!${name}`,
  resolve: (text: string) => ({ [name === 'Ref' ? 'Ref' : `Fn::${name}`]: text }),
});

type Parameters = Record<string, { Type: string; Default?: string; NoEcho?: boolean }>;

export interface ReadTemplate extends Template {
  Parameters: Parameters;
}

/** A template as CloudFormation reads it: YAML 1.1, no aliases. */
export const readTemplate = (text: string): ReadTemplate =>
  parse(text, {
    schema: 'yaml-1.1',
    merge: false,
    maxAliasCount: 0,
    customTags: [shortForm('Ref'), shortForm('Sub')],
  }) as ReadTemplate;

/** The template with its parameters filled in. @throws Error for a parameter without a value */
export function filledIn(template: ReadTemplate, values: Record<string, string> = {}): Template {
  const given = (name: string): string | undefined =>
    Object.hasOwn(template.Parameters, name)
      ? (values[name] ?? template.Parameters[name]?.Default)
      : undefined;
  const needed = (name: string) => {
    const value = given(name);
    if (value === undefined) throw new Error(`the parameter ${name} has no value`);
    return value;
  };
  const fill = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(fill);
    if (typeof value !== 'object' || value === null) return value;
    const [[name, argument] = ['', undefined], ...others] = Object.entries(value);
    if (others.length === 0 && name === 'Ref' && Object.hasOwn(template.Parameters, String(argument))) {
      const filled = needed(String(argument));
      return template.Parameters[String(argument)]?.Type === 'CommaDelimitedList'
        ? filled.split(',')
        : filled;
    }
    if (others.length === 0 && name === 'Fn::Sub')
      return String(argument).replaceAll(/\$\{([A-Za-z0-9]+)\}/g, (_, of: string) => needed(of));
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, fill(part)]));
  };
  const resources = fill(template.Resources) as Template['Resources'];
  for (const { Properties = {} } of Object.values(resources)) {
    expect(Properties['ServiceToken']).toEqual({ 'Fn::ImportValue': 'genesys-cloud-ServiceToken' });
    delete Properties['ServiceToken'];
  }
  return { Resources: resources };
}

/** Uploads the definitions of a folder, and creates the stack of its template. */
export async function deploy(
  world: World,
  folder: string,
  { values = {}, stack = 'stack', file = 'template.yaml' } = {},
): Promise<StackView> {
  const files = await filesOf(folder);
  for (const [path, text] of Object.entries(files)) {
    if (path.startsWith('definitions/')) world.aws.putObject(`${BUCKET}/genesys-cloud/${path}`, text);
  }
  const template = filledIn(readTemplate(files[file] ?? ''), { DefinitionsBucket: BUCKET, ...values });
  return world.cloudFormation.createStack(stack, template);
}
