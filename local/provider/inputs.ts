/**
 * Inputs of every resource type: a folder `inputs/<type without Custom::>` with files
 * `inputs_<n>_<what>.json`. The tests of the contract, faults, crashes and properties run for each type that
 * has them.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { resourceTypes } from '../../provider/resources/index.ts';
import type { Seed } from '../genesys-cloud/index.ts';
import { CREDENTIALS_SECRET, KEY_ALIAS, OAUTH_SECRET, OTHER_KEY_ALIAS, type World } from './world.ts';

/** One file: properties as a template has them, and the object that they have to make. */
export interface Input {
  properties: Record<string, unknown>;
  /** Fields that the object in Genesys Cloud has to have afterwards. */
  remote?: Record<string, unknown>;
  /** A second object with the same properties is refused. */
  unique?: boolean;
  /** Genesys Cloud has no DELETE for the object. */
  hasNoDelete?: boolean;
  /** For an invalid input: the pattern of the reason. */
  reason?: string;
}

/** The files of one number. `replace` is missing where a type replaces nothing. */
export interface Inputs {
  number: string;
  create: Input;
  update: Input;
  replace?: Input;
  /** Objects of the organization before its first stack, for a type that takes over. */
  before?: Seed;
}

const folder = join(import.meta.dirname, 'inputs');

const folderOf = (typeName: string) => typeName.replace('Custom::', '');

/** Every resource type with its inputs. A type without them is reported by `missingInputs`. */
export const types = resourceTypes
  .map(({ typeName }) => typeName)
  .filter((typeName) => missingOf(typeName).length === 0)
  .sort()
  .map((type) => ({
    type,
    inputs: inputsIn(join(folder, folderOf(type))),
    invalid: invalidOf(folderOf(type)),
  }));

/** Files that a type needs, as far as they are not there. */
function missingOf(typeName: string): string[] {
  const name = folderOf(typeName);
  const files = existsSync(join(folder, name)) ? readdirSync(join(folder, name)) : [];
  const numbers = new Set([
    '1',
    ...files.flatMap((file) => /^inputs_(\d+)_(?!invalid)/.exec(file)?.[1] ?? []),
  ]);
  const wanted = [...numbers].flatMap((number) => [
    `inputs_${number}_create.json`,
    `inputs_${number}_update.json`,
  ]);
  return [...wanted, 'inputs_1_invalid.json']
    .filter((file) => !files.includes(file))
    .map((file) => `${name}/${file}`);
}

/** Files that are missing below local/provider/inputs, and folders there of no resource type. */
export function missingInputs(typeNames = resourceTypes.map(({ typeName }) => typeName)): string[] {
  const known = typeNames.map(folderOf);
  const strays = readdirSync(folder).filter((name) => !known.includes(name));
  return [
    ...typeNames.flatMap(missingOf).map((file) => `local/provider/inputs/${file} is missing`),
    ...strays.map((name) => `local/provider/inputs/${name} is of no resource type`),
  ];
}

/** A type's first inputs. */
export function firstInputs(type: string): Inputs {
  const inputs = types.find((known) => known.type === type)?.inputs[0];
  if (inputs === undefined) throw new Error(`no inputs of ${type}`);
  return inputs;
}

function read<T = Input>(path: string, file: string): T {
  return JSON.parse(readFileSync(join(path, file), 'utf8')) as T;
}

/** The inputs in the folder of one type. */
export function inputsIn(path: string): Inputs[] {
  const files = readdirSync(path);
  const numbers = files.flatMap((file) => /^inputs_(\d+)_create\.json$/.exec(file)?.[1] ?? []);
  return numbers.sort().map((number) => ({
    number,
    create: read(path, `inputs_${number}_create.json`),
    update: read(path, `inputs_${number}_update.json`),
    ...(files.includes(`inputs_${number}_replace.json`)
      ? { replace: read(path, `inputs_${number}_replace.json`) }
      : {}),
    ...(files.includes(`inputs_${number}_before.json`)
      ? { before: read<Seed>(path, `inputs_${number}_before.json`) }
      : {}),
  }));
}

function invalidOf(name: string): (Input & { file: string })[] {
  return readdirSync(join(folder, name))
    .filter((file) => /^inputs_\d+_invalid\.json$/.test(file))
    .map((file) => ({ ...read(join(folder, name), file), file }));
}

/** The values of a world that inputs name. */
export type Surroundings = Pick<World, 'integrationId' | 'webServicesId'> & { service: { url: string } };

/** Fills each `{{name}}` in with the value of that name in this world. */
export function inWorldOf<T>(value: T, world: Surroundings): T {
  const known: Record<string, string> = {
    integrationId: world.integrationId,
    webServicesId: world.webServicesId,
    serviceUrl: world.service.url,
    oauthSecretArn: OAUTH_SECRET,
    credentialsSecretArn: CREDENTIALS_SECRET,
    keyAliasArn: KEY_ALIAS,
    otherKeyAliasArn: OTHER_KEY_ALIAS,
  };
  return JSON.parse(
    JSON.stringify(value).replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => {
      const found = known[name];
      if (found === undefined) throw new Error(`no ${name} in this world`);
      return found;
    }),
  ) as T;
}
