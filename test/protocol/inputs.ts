import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Seed } from '../../local/genesys-cloud/index.ts';
import { CREDENTIALS_SECRET, KEY_ALIAS, OAUTH_SECRET, OTHER_KEY_ALIAS, type World } from './world.ts';

/** One file of test/protocol/inputs/<type>/: properties as a template has them, and what has to come of them. */
export interface Input {
  properties: Record<string, unknown>;
  /** What the object in Genesys Cloud has to hold afterwards, among other things. */
  remote?: Record<string, unknown>;
  /** A second one beside the first is refused. */
  unique?: boolean;
  /** An invalid input: the pattern of the reason. */
  reason?: string;
}

/** What belongs together under one number; `replace` is missing where a type replaces nothing. */
export interface Inputs {
  number: string;
  create: Input;
  update: Input;
  replace?: Input;
  /** What an organization may have that was there before the first stack; of a type that takes over. */
  before?: Seed;
}

const folder = join(import.meta.dirname, 'inputs');

/** Resource types that have inputs, by their folders. */
export const types = readdirSync(folder)
  .sort()
  .map((name) => ({ type: `Custom::${name}`, inputs: inputsOf(name), invalid: invalidOf(name) }));

/** A type's first inputs. */
export function firstInputs(type: string): Inputs {
  const inputs = types.find((known) => known.type === type)?.inputs[0];
  if (inputs === undefined) throw new Error(`no inputs of ${type}`);
  return inputs;
}

function read<T = Input>(name: string, file: string): T {
  return JSON.parse(readFileSync(join(folder, name, file), 'utf8')) as T;
}

function inputsOf(name: string): Inputs[] {
  const files = readdirSync(join(folder, name));
  const numbers = files.flatMap((file) => /^inputs_(\d+)_create\.json$/.exec(file)?.[1] ?? []);
  return numbers.sort().map((number) => ({
    number,
    create: read(name, `inputs_${number}_create.json`),
    update: read(name, `inputs_${number}_update.json`),
    ...(files.includes(`inputs_${number}_replace.json`)
      ? { replace: read(name, `inputs_${number}_replace.json`) }
      : {}),
    ...(files.includes(`inputs_${number}_before.json`)
      ? { before: read<Seed>(name, `inputs_${number}_before.json`) }
      : {}),
  }));
}

function invalidOf(name: string): (Input & { file: string })[] {
  return readdirSync(join(folder, name))
    .filter((file) => /^inputs_\d+_invalid\.json$/.test(file))
    .map((file) => ({ ...read(name, file), file }));
}

/** Fills `{{…}}` in with what this world has. */
export function inWorldOf<T>(value: T, world: World): T {
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
